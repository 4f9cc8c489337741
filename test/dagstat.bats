#!/usr/bin/env bats
# dagstat: what is shown of runs and tasks, and how it is waited for.

load helper
load byhand

# dag NAME LINE...: a DAG file
dag() {
	printf '%s\n' "${@:2}" >"dags/$1.dag"
}

# blocked: a dagexec at work: p/@/a runs, and b waits for its slot of a pool
blocked() {
	dag p '[default]' 'pool = one' '[task a]' \
	    'run = echo > ../up; read line < ../fifo' 'priority = 5' \
	    '[task b]' 'run = true'
	mkfifo fifo up
	dagq --pool one=1
	dagsched --run p | dagq
	dagexec -j 1 --drain >exec.out 2>&1 3>&- &
	read -r _ <up
	id=$(dagstat -q p | awk '{ print $1 }')
}

# unblock: lets it end
unblock() {
	echo >fifo
	wait
}

# squeezed COMMAND...: its output, runs of blanks made one
squeezed() {
	"$@" | tr -s ' '
}

@test "dagstat: without a spool there is a header and exit 0" {
	run --separate-stderr dagstat
	equal "$output" "# spool $T/spool, which is not there yet
# ID  STATE  DONE  START  TIME  CAUSE  TASKS"
	equal "$stderr" ""
	[ "$status" = 0 ]
	run --separate-stderr dagstat --failed
	equal "$output" "# spool $T/spool, which is not there yet
# ID  STATE  ATTEMPT  EXIT  START  TIME  CPU  MEM  NOTE"
	[ "$status" = 0 ]
	equal "$(dagstat --json)" "[]"
	equal "$(dagstat -q)" ""
	[ ! -e spool ]
	run --separate-stderr dagstat w
	equal "$stderr" "dagstat: $T/spool: there is no spool"
	[ "$status" = 1 ]
}

@test "dagstat: an empty spool is a header" {
	mkdir -m 700 spool
	run --separate-stderr dagstat
	equal "$output" "# spool $T/spool
# ID  STATE  DONE  START  TIME  CAUSE  TASKS"
	[ "$status" = 0 ]
}

@test "dagstat: a spool that others can write in is refused" {
	mkdir -m 777 spool
	run --separate-stderr dagstat
	equal "$output" ""
	equal "$stderr" "dagstat: spool $DAG_SPOOL: it is not ours, or others can write in it"
	[ "$status" = 1 ]
}

@test "dagstat: a line a run, aligned, newest last" {
	by_hand
	touch -d @0 spool/runs/w/2012-01-31T0000Z/@active
	run --separate-stderr dagstat
	equal "$stderr" ""
	[ "$status" = 0 ]
	equal "${lines[0]}" "# spool $T/spool"
	equal "${lines[1]}" "# ID                STATE   DONE  START\
                 TIME  CAUSE     TASKS"
	equal "${lines[2]}" "w/2012-01-30T0000Z  failed   4/4  -\
                        -  backfill  1 failed, 2 upstream-failed"
	[[ ${lines[3]} == "w/2012-01-31T0000Z  active   1/4  "*\
"  backfill  1 held, 1 running, 1 waiting" ]]
	equal "${#lines[@]}" 4
}

@test "dagstat: a line a task, in the order of the plan" {
	by_hand
	run --separate-stderr dagstat w/2012-01-30
	equal "$output" "# spool $T/spool
# ID                      STATE            ATTEMPT  EXIT  START\
                   TIME     CPU  MEM  NOTE
w/2012-01-30T0000Z/get    success                1     0  2012-02-01T00:00:01Z\
  2.250s  0.750s  10M  -
w/2012-01-30T0000Z/check  failed                 2     3  2012-02-01T00:00:01Z\
  2.250s  0.750s  10M  -
w/2012-01-30T0000Z/put    upstream-failed        -     -  -\
                          -       -    -  -
w/2012-01-30T0000Z/tell   upstream-failed        -     -  -\
                          -       -    -  -"
	equal "$(squeezed dagstat -q w/@)" \
"w/2012-01-31T0000Z/get success 1 0 2012-02-01T00:00:01Z 2.250s 0.750s 10M -
w/2012-01-31T0000Z/check running 1 - 2012-02-01T00:00:05Z 5.000s - - -
w/2012-01-31T0000Z/put waiting - - - - - - -
w/2012-01-31T0000Z/tell held - - - - - - not yet"
}

@test "dagstat: a filter is a line a task, of all runs, several are a union" {
	by_hand
	# states OPTION...: ID and state of what is shown
	states() {
		dagstat -q "$@" | awk '{ print $1, $2 }'
	}
	equal "$(states --failed)" "w/2012-01-30T0000Z/check failed"
	equal "$(states --success)" "w/2012-01-30T0000Z/get success
w/2012-01-31T0000Z/get success"
	equal "$(states --running --held)" "w/2012-01-31T0000Z/check running
w/2012-01-31T0000Z/tell held"
	equal "$(states --waiting)" "w/2012-01-31T0000Z/put waiting"
	equal "$(states --upstream-failed)" \
	    "w/2012-01-30T0000Z/put upstream-failed
w/2012-01-30T0000Z/tell upstream-failed"
	equal "$(states --skipped --ready)" ""
	equal "$(states --success w/@)" "w/2012-01-31T0000Z/get success"
	equal "$(states --success w/@/put)" ""
	equal "$(states --success w)" "w/2012-01-30T0000Z/get success
w/2012-01-31T0000Z/get success"
	mv spool/runs/w/2012-01-31T0000Z/put.waiting \
	    spool/queue/w@2012-01-31T0000Z.put
	equal "$(states --ready)" "w/2012-01-31T0000Z/put ready"
}

@test "dagstat: --failed prints what dagq --rerun reads" {
	dag f '[task a]' 'run = false' '[task b]' 'after = a' 'run = true'
	dagsched --run f | dagq
	run dagexec --drain
	id=$(dagstat -q --failed | awk '{ print $1 }')
	equal "$(dagstat --failed | dagq --rerun)" "$id	rerun	from=failed"
	equal "$(dagstat -q --failed)" ""
}

@test "dagstat: does not open the markers of what it does not show" {
	by_hand
	rm spool/runs/w/*/get.success
	for run in 2012-01-30T0000Z 2012-01-31T0000Z; do
		mkfifo spool/runs/w/$run/get.success
	done
	equal "$(dagstat -q --failed | awk '{ print $1 }')" \
	    "w/2012-01-30T0000Z/check"
	equal "$(dagstat -q | wc -l)" 2
}

@test "dagstat: warns when tasks are ready and no dagexec serves" {
	by_hand
	mv spool/runs/w/2012-01-31T0000Z/put.waiting \
	    spool/queue/w@2012-01-31T0000Z.put
	run dagstat --failed
	equal "${lines[1]}" \
	    "# 1 task is ready, and no dagexec serves this spool"
	# one that is dead does not serve
	echo 'dagexec h 2012' >spool/workers/4711
	run dagstat --failed
	equal "${lines[1]}" \
	    "# 1 task is ready, and no dagexec serves this spool"
}

@test "dagstat: does not warn while a dagexec serves" {
	blocked
	equal "$(dagstat --ready | sed -n 2p | cut -c 1-4)" "# ID"
	equal "$(dagstat -q --ready | awk '{ print $1 }')" "$id/b"
	unblock
}

@test "dagstat: names paused DAGs and what is wrong with DAG files" {
	dag good '[task a]' 'run = true'
	dag bad '[task a]' 'run = true' 'retrys = 2'
	dagsched --run good 2>/dev/null | dagq
	dagq -q --pause good
	run --separate-stderr dagstat
	equal "${lines[2]}" "# good is paused"
	equal "${lines[3]}" "# $T/dags/bad.dag:3:1: unknown key \"retrys\",\
 did you mean \"retries\"?"
	equal "$stderr" ""
	[ "$status" = 0 ]
}

@test "dagstat: a DAG file that is a program is not run for it" {
	dag prog '#!/bin/sh' "touch $T/was-run"
	chmod 700 dags/prog.dag
	dagstat >out
	[ ! -e was-run ]
}

@test "dagstat: a damaged run is named, and does not hide the others" {
	by_hand
	echo 'nothing' >spool/runs/w/2012-01-31T0000Z/plan
	echo 'not a directory' >spool/runs/stray
	run --separate-stderr dagstat -q
	equal "$(printf '%s\n' "$output" | awk '{ print $1, $2, $3 }')" \
	    "w/2012-01-30T0000Z failed 4/4
w/2012-01-31T0000Z active -"
	[ "${#stderr_lines[@]}" = 2 ]
	equal "${stderr_lines[0]}" "dagstat: stray: Not a directory"
	[[ ${stderr_lines[1]} == "dagstat: w/2012-01-31T0000Z: "* ]]
	[ "$status" = 1 ]
}

@test "dagstat: control characters do not reach the terminal" {
	by_hand
	printf '2012-02-01T00:00:09.000Z\thold\tnote=a\033[31m\302\233b\377\342\200\256c\n' \
	    >spool/runs/w/2012-01-31T0000Z/tell.held
	equal "$(dagstat -q --held | sed 's/.*  //')" 'a\x1b[31m\xc2\x9bb\xff\xe2\x80\xaec'
	equal "$(dagstat --json --held | jq -r '.[].note' | od -An -c |
	    tr -s ' ')" "$(printf 'a\033[31m\302\233b\357\277\275\342\200\256c\n' |
	    od -An -c | tr -s ' ')"
}

@test "dagstat: --json is one document, of runs and of tasks" {
	by_hand
	equal "$(dagstat --json | jq -c '.[] |
	    [.kind, .id, .state, .tasks, .states.failed, .cause]')" \
'["run","w/2012-01-30T0000Z","failed",4,1,"backfill"]
["run","w/2012-01-31T0000Z","active",4,null,"backfill"]'
	equal "$(dagstat --json w/2012-01-30/check)" '[
{"kind":"task","id":"w/2012-01-30T0000Z/check","dag":"w",'\
'"run":"2012-01-30T0000Z","task":"check","state":"failed","archived":false,'\
'"attempt":2,"exit":3,"start":"2012-02-01T00:00:01.250Z",'\
'"end":"2012-02-01T00:00:03.500Z","wall":2.250,"user":0.500,"sys":0.250,'\
'"rss":10240,"host":"h","pid":9}
]'
	equal "$(dagstat --json --skipped)" "[]"
	dagstat --json --why w/@ | jq -e 'length > 1' >out
}

@test "dagstat: --missed shows the slots that were passed over" {
	by_hand
	printf '%s\n' 'missed	w/2012-01-28T0000Z	time=2012-01-28T00:00:00Z	reason=catchup = last' \
	    'missed	w/2012-01-01T0000Z	time=2012-01-01T00:00:00Z	to=2012-01-27T00:00:00Z	count=27	reason=old' \
	    >spool/history/w.tsv
	equal "$(squeezed dagstat -q --missed)" \
"w/2012-01-28T0000Z missed 2012-01-28T00:00:00Z 1 catchup = last
w/2012-01-01T0000Z missed 2012-01-01T00:00:00Z..2012-01-27T00:00:00Z 27 old"
	equal "$(dagstat --missed --json w | jq -c 'map(.count)')" "[null,27]"
}

@test "dagstat: --log shows the last attempt, or the one that is named" {
	by_hand
	equal "$(dagstat --log w/2012-01-30/check)" "third"
	equal "$(dagstat --log --attempt 1 w/2012-01-30/check)" "first
second"
	equal "$(dagstat --log --attempt 1 -n 1 w/2012-01-30/check)" "second"
	equal "$(dagstat --log -n 0 w/2012-01-30/check)" ""
	run --separate-stderr dagstat --log w/2012-01-30/put
	equal "$stderr" "dagstat: w/2012-01-30T0000Z/put: it has no log"
	[ "$status" = 1 ]
	run --separate-stderr dagstat --log --attempt 9 w/2012-01-30/check
	equal "$stderr" \
	    "dagstat: w/2012-01-30T0000Z/check: attempt 9 has no log"
	[ "$status" = 1 ]
}

@test "dagstat: --log of several puts a line before each" {
	by_hand
	equal "$(dagstat --log w/@ w/2012-01-30)" \
"==> w/2012-01-31T0000Z/check attempt 1 <==
begun
==> w/2012-01-30T0000Z/check attempt 2 <==
third"
}

@test "dagstat: --log is the bytes of the log, unless on a terminal" {
	by_hand
	printf 'a\033[1m\0b\tc\342\201\246' >spool/runs/w/2012-01-30T0000Z/log/check.2
	equal "$(dagstat --log w/2012-01-30/check | od -c)" \
	    "$(od -c spool/runs/w/2012-01-30T0000Z/log/check.2)"
	script -qec "dagstat --log w/2012-01-30/check" out >/dev/null </dev/null
	grep -qF 'a\x1b[1m\x00b	c\xe2\x81\xa6' out
}

@test "dagstat: --log -f follows until the task has ended, over attempts" {
	dag l '[task a]' 'run =' '    echo attempt $DAG_ATTEMPT' \
	    '    read line < ../fifo$DAG_ATTEMPT' \
	    '    echo $line' '    exit 1' 'retries = 1' 'retry-delay = 0s'
	mkfifo fifo1 fifo2
	dagsched --run l | dagq
	dagstat --log -f l/@/a >out 3>&- &
	follower=$!
	dagexec --drain >exec.out 2>&1 3>&- &
	until grep -q 'attempt 1' out; do read -rt 0.01 <> <(:) || :; done
	echo one >fifo1
	echo two >fifo2
	wait $follower
	equal "$(cat out)" "attempt 1
one
attempt 2
two"
	wait
}

@test "dagstat: --wait ends when all have, and says what failed" {
	dag l '[task a]' 'run = read line < ../fifo' \
	    '[task b]' 'after = a' 'run = false' \
	    '[task c]' 'after = b' 'run = true'
	mkfifo fifo
	dagsched --run l | dagq
	id=$(dagstat -q | awk '{ print $1 }')
	dagstat --wait l/@/a 3>&- &
	good=$!
	dagstat --wait l/@ l/@/c 2>bad.err 3>&- &
	bad=$!
	until [ -s bad.err ]; do kill -0 $bad; done
	dagexec --drain >exec.out 2>&1 3>&- &
	echo >fifo
	wait $good
	wait $bad && return 1
	equal "$(sort bad.err)" "dagstat: $id/c: failed
dagstat: $id: failed
dagstat: waiting, though no dagexec serves $DAG_SPOOL"
	dagstat --wait l/@/a
	run --separate-stderr dagstat -q --wait l
	[ "$status" = 1 ]
	equal "$stderr" ""
}

@test "dagstat: of a DAG whose runs are all archived none is waited for" {
	dag l '[task a]' 'run = true'
	dagsched --run l | dagq
	dagexec --drain
	dagq -q --archive l/@
	run --separate-stderr dagstat --wait l
	[ "$status" = 0 ]
	equal "$stderr" ""
	equal "$(dagstat -q --why l 2>&1)" ""
}

@test "dagstat: --why names each condition, and what would satisfy it" {
	by_hand
	# why ID: the reasons
	why() {
		squeezed dagstat -q --why "$@"
	}
	mkdir spool/pools/one && touch spool/pools/one/1
	w=w/2012-01-31T0000Z
	equal "$(why $w/put)" "$w/put waiting it comes after check, which is\
 running (attempt 1, since 2012-02-01T00:00:05Z)"
	equal "$(why $w/tell)" "$w/tell held it is held since\
 2012-02-01T00:00:09Z by me (not yet): dagq --release $w/tell
$w/tell held it comes after put, which is waiting"
	equal "$(why $w/check)" "$w/check running it is lost, nobody holds its\
 lock: the next dagexec tries it again, or fails it"
	mv spool/runs/$w/check.running.1 spool/queue/w@2012-01-31T0000Z.check
	touch -d 2012-02-01T00:00:40Z spool/queue/w@2012-01-31T0000Z.check
	printf 'dag\tw\tpaused=yes\n' >spool/dags/w
	equal "$(why $w/check)" "$w/check ready it is tried again at\
 2012-02-01T00:00:40Z, in 30s; attempt 1 failed
$w/check ready the DAG is paused: dagq --resume w
$w/check ready no dagexec serves this spool: dagexec --drain"
	rm -r spool/pools/one spool/dags/w
	touch -d @0 spool/queue/w@2012-01-31T0000Z.check
	equal "$(why $w/check)" "$w/check ready there is no pool one:\
 dagq --pool one=N
$w/check ready no dagexec serves this spool: dagexec --drain"
	mv spool/runs/$w/@active spool/runs/$w/@waiting
	equal "$(why $w)" "$w waiting the run is waiting though 0 of 16 may be\
 active: the next dagexec admits it
$w/tell held it is held since 2012-02-01T00:00:09Z by me (not yet): dagq\
 --release $w/tell
$w/tell held it comes after put, which is waiting"
	w=w/2012-01-30T0000Z
	equal "$(why $w)" "$w/check failed it has ended badly, exit 3 at\
 2012-02-01T00:00:03Z: dagq --rerun $w/check
$w/put upstream-failed it comes after check, which failed, exit 3 at\
 2012-02-01T00:00:03Z: dagq --rerun $w/check
$w/tell upstream-failed it comes after put, which is upstream-failed"
}

@test "dagstat: --why says of what its supervisor left what becomes of it" {
	dag l '[task a]' 'run = echo >../fifo; exec sleep 1000'
	mkfifo fifo
	dagsched --run l | dagq
	dagexec -j1 3>&- & pid=$!
	read -r _ <fifo
	for worker in spool/workers/*; do kill -9 "${worker##*/}"; done
	wait $pid || :
	equal "$(dagstat -q --why l/@/a | sed 's/^[^ ]*  *//')" \
	    "running  its supervisor is gone, what it started is not: the next dagexec ends that, and tries it again, or fails it"
	run -1 dagexec --drain
	equal "$(dagstat --json l/@/a | jq -r '.[].reason')" lost
}

@test "dagstat: --why says whom a full pool is held by" {
	blocked
	equal "$(dagstat -q --why p/@/b | tr -s ' ')" "$id/b ready the pool one\
 is full: 1 of 1 slot is held, by $id/a"
	[[ $(dagstat -q --why p/@/a) == *"it is running, attempt 1, since "* ]]
	unblock
}

@test "dagstat: a run that waits for its turn says so" {
	dag m '[dag]' 'schedule = @daily' 'timezone = UTC' \
	    'max-active-runs = 1' '[task a]' 'run = true'
	dagsched --backfill 2012-01-01..2012-01-02 m | dagq
	equal "$(dagstat -q --why m/@/a | tr -s ' ')" "m/2012-01-02T0000Z/a\
 waiting the run is waiting until one of the active runs ends,\
 max-active-runs is 1: m/2012-01-01T0000Z"
}

@test "dagstat: options that do not go together are refused" {
	for args in "-f" "-n 3" "--attempt 1" "--log --wait" "--why --failed" \
	    "--json --log" "--log -n x" "--log --attempt 0" "--log -n -1"; do
		# shellcheck disable=SC2086
		run --separate-stderr dagstat $args
		[ "$status" = 2 ]
		equal "$output" ""
		[ -n "$stderr" ]
	done
}

@test "dagstat: a full disk is not a success" {
	by_hand
	run --separate-stderr bash -c 'dagstat >/dev/full'
	equal "$stderr" "dagstat: stdout: No space left on device"
	[ "$status" = 111 ]
	run --separate-stderr bash -c 'dagstat --log w/2012-01-30/check >/dev/full'
	[ "$status" = 111 ]
}

@test "dagstat: changes nothing in the spool" {
	by_hand
	echo 'dagexec h 2012' >spool/workers/4711
	find spool -printf '%p %T@ %C@ %s\n' | sort >before
	dagstat >out && dagstat --failed >out && dagstat --why w/@ >out
	dagstat --json w/@ >out && dagstat --log w/@ >out
	find spool -printf '%p %T@ %C@ %s\n' | sort >after
	equal "$(cat after)" "$(cat before)"
}
