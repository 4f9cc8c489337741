#!/usr/bin/env bats
# backfill: which runs, how many at a time, when; paused, resumed, cancelled.

load helper

setup_file() {
	export DAG_NOW=2026-01-20T12:00:00Z
}

# dag NAME KEYS...: daily, with these keys too, a task a that is told to fail
dag() {
	local name=$1
	shift
	{
		printf '[dag]\nschedule = @daily\ntimezone = UTC\n'
		printf '%s\n' 'start = 2026-01-20T18:00' "$@"
		printf '[task a]\nrun = [ ! -e %s/fail ]\n[task b]\n' "$T"
		printf 'after = a\nrun = true\n'
	} | sed '/^start/s/2026-01-20T18:00/2025-01-01/' >"dags/$name.dag"
	DAG_NOW=2026-01-20T12:00:00Z
	export DAG_NOW
	dagsched -q | dagq
	dagexec --drain -q
}

# runs: the slots of the run records on stdin, their days
runs() {
	awk -F '\t' '$1 == "run" { print substr($2, index($2, "/") + 1, 10) }' |
	    paste -sd ' '
}

# fill ARG...: a backfill of w, handed to dagq; the days of its runs
fill() {
	dagsched -q --backfill "$@" w >rec || return
	dagq <rec || return
	runs <rec
}

# pass [NOW]: what dagsched has due, handed to dagq; the days
pass() {
	[ $# = 0 ] || local -x DAG_NOW=$1
	dagsched -q >rec && dagq <rec && runs <rec
}

refused() {
	local message=$1
	shift
	run --separate-stderr dagsched "$@"
	[ "$status" = 2 ]
	equal "$output" ''
	equal "$stderr" "dagsched: $message"
}

@test "limit: the oldest, or in reverse the newest" {
	dag w
	equal "$(fill 2026-01-01..2026-01-05 --limit 2)" '2026-01-01 2026-01-02'
	equal "$(fill 2026-01-01..2026-01-05 --limit 2)" '2026-01-03 2026-01-04'
	equal "$(fill 2025-12 --limit 2 --reverse --name r)" \
	    '2025-12-31 2025-12-30'
	grep -q 'from=2025-12-30T00:00:00Z' spool/backfills/r
}

@test "again: also what failed, or all" {
	dag w
	: >fail
	fill 2026-01-01..2026-01-03
	run -1 dagexec --drain -q
	rm fail
	dagq -q --rerun w/2026-01-02T0000Z
	dagexec --drain -q
	equal "$(fill 2026-01-01..2026-01-04)" 2026-01-04
	dagexec --drain -q
	equal "$(fill 2026-01-01..2026-01-04 --again failed)" \
	    '2026-01-01 2026-01-03'
	[ -e spool/runs/w/2026-01-01T0000Z/@active ]
	dagexec --drain -q
	equal "$(fill 2026-01-01..2026-01-04 --again failed)" ''
	equal "$(fill 2026-01-02..2026-01-05 --again all)" \
	    '2026-01-02 2026-01-03 2026-01-04 2026-01-05'
	[ -e spool/queue/w@2026-01-02T0000Z.a ]
	dagexec --drain -q
	# archived ones come back
	: >fail
	fill 2026-01-06
	run -1 dagexec --drain -q
	dagq --archive w/2026-01-06T0000Z
	[ ! -e spool/runs/w/2026-01-06T0000Z ]
	rm fail
	equal "$(fill 2026-01 --again failed --limit 1)" 2026-01-06
	[ -e spool/runs/w/2026-01-06T0000Z/@active ]
}

@test "plan: how many runs and tasks, and how long they would take" {
	dag w 'max-active-runs = 3'
	ls -R spool >before
	run --separate-stderr dagsched --backfill 2026-01-01..2026-01-10 --plan w
	[ "$status" = 0 ]
	[[ $output == $'w\t10 runs\t20 tasks\tabout '*', 3 at a time, as its last 1 took' ]]
	equal "$(dagsched --backfill 2026-01-01..2026-01-10 --plan --max-active 1 w |
	    grep -o ', . at a time')" ', 1 at a time'
	ls -R spool | diff before -
	rm -r spool
	equal "$(dagsched --backfill 2026-01-01 --plan w)" \
	    "$(printf 'w\t1 runs\t2 tasks\tnobody knows how long: none has succeeded yet')"
}

@test "max-active: as many at a time, and it goes on when they have ended" {
	dag w 'max-active-runs = 3'
	equal "$(fill 2026-01-01..2026-01-04 --name b --max-active 2 \
	    --param K=v)" '2026-01-01 2026-01-02'
	equal "$(dagsched --backfills)" "$(printf 'b\tw\tactive\t2026-01-01T00:00:00Z\t2026-01-04T00:00:00Z\t2 of 4')"
	grep -q 'backfill=b	.*max-active=2.*param.K=v' \
	    spool/runs/w/2026-01-02T0000Z/run
	equal "$(pass)" ''
	dagq -q --mark success w/2026-01-01T0000Z
	equal "$(pass)" 2026-01-03
	grep -q 'param.K=v' spool/runs/w/2026-01-03T0000Z/run
	dagexec --drain -q
	equal "$(pass)" 2026-01-04
	dagexec --drain -q
	equal "$(pass)" ''
}

@test "yields: one place is the schedule's, and its runs come first" {
	dag w 'max-active-runs = 3'
	equal "$(fill 2026-01-01..2026-01-09 --name b --max-active 9)" \
	    '2026-01-01 2026-01-02'
	equal "$(pass 2026-01-21T00:00:00Z)" 2026-01-21
	[ -e spool/runs/w/2026-01-21T0000Z/@active ]
	dagexec --drain -q
	# all at once: those behind wait until the schedule's own is admitted
	equal "$(fill 2025-12-01..2025-12-05 | wc -w)" 5
	equal "$(pass 2026-01-22T00:00:00Z | cut -d ' ' -f 1)" 2026-01-22
	[ -e spool/runs/w/2026-01-22T0000Z/@waiting ]
	[ -e spool/runs/w/2025-12-04T0000Z/@waiting ]
	dagq -q --mark success w/2025-12-01T0000Z
	[ -e spool/runs/w/2026-01-22T0000Z/@active ]
	[ -e spool/runs/w/2025-12-04T0000Z/@waiting ]
}

@test "turns: where both wait, the schedule and a backfill have every other place" {
	dag w 'max-active-runs = 1'
	sed -i "s|^run = .*|run = echo \$DAG_DATE >>$T/ledger|" dags/w.dag
	equal "$(fill 2025-12-01..2025-12-04 | wc -w)" 4
	sed -i 's/^catchup.*//; s/^\[dag\]/&\ncatchup = all/' dags/w.dag
	DAG_NOW=2026-01-23T00:00:00Z dagsched w | dagq -q
	dagexec --drain -q -j 1
	equal "$(uniq ledger | xargs | sed 's/ 2026-01-2[4-9].*//')" \
	    '2025-12-01 2026-01-21 2025-12-02 2026-01-22 2025-12-03 2026-01-23 2025-12-04'
}

@test "reverse: the newest first" {
	dag w 'max-active-runs = 3'
	equal "$(fill 2026-01-01..2026-01-05 --reverse)" '2026-01-05 2026-01-04'
	dagexec --drain -q
	equal "$(pass)" '2026-01-03 2026-01-02'
}

@test "between: in the DAG's zone, also across midnight" {
	dag w
	sed -i 's/UTC/Asia\/Seoul/' dags/w.dag
	dagsched -q | dagq
	equal "$(fill 2026-01-01..2026-01-02 --name b --between 22:00-06:00)" ''
	equal "$(pass 2026-01-20T12:59:59Z)" ''
	equal "$(pass 2026-01-20T13:00:00Z)" '2026-01-01 2026-01-02'
	dagexec --drain -q
	equal "$(fill 2026-01-03 --name c --between 20:00-22:00)" 2026-01-03
	dagexec --drain -q
	equal "$(DAG_NOW=2026-01-20T20:59:59Z fill 2026-01-04 --name d \
	    --between 22:00-06:00)" 2026-01-04
	equal "$(DAG_NOW=2026-01-20T21:00:00Z fill 2026-01-05 --name e \
	    --between 22:00-06:00)" ''
}

@test "max-load, max-pressure: above them none is made" {
	dag w
	equal "$(fill 2026-01-01 --max-load 100000 --max-pressure 100)" \
	    2026-01-01
	[ -r /proc/loadavg ]
	if [ "$(cut -d ' ' -f 1 /proc/loadavg)" != 0.00 ]; then
		equal "$(fill 2026-01-02 --name x --max-load 0)" ''
	fi
	grep -q 'max-load=100000	max-pressure=100' spool/backfills/w-*
}

@test "stop-after: so many failures, and the rest is held" {
	dag w
	: >fail
	equal "$(fill 2026-01-01..2026-01-04 --name b --stop-after 2 \
	    --max-active 1)" 2026-01-01
	run -1 dagexec --drain -q
	equal "$(pass)" 2026-01-02
	run -1 dagexec --drain -q
	equal "$(pass)" ''
	rm fail
	equal "$(pass)" ''
	dagq -q --rerun w/2026-01-01T0000Z
	dagexec --drain -q
	equal "$(pass)" 2026-01-03
}

@test "names: paused, resumed, cancelled, and taken only once" {
	dag w
	dag x
	dagsched -q --backfill 2026-01-01..2026-01-03 --name b --max-active 1 w x |
	    dagq
	equal "$(dagsched --backfills | cut -f 1-3)" \
	    "$(printf 'b\tw\tactive\nb\tx\tactive')"
	dagexec --drain -q
	equal "$(dagq --backfill pause b)" "$(printf 'b\tpaused')"
	equal "$(dagq --backfill pause b)" "$(printf 'b\talready paused')"
	equal "$(pass)" ''
	dagq -q --backfill resume b
	equal "$(pass)" '2026-01-02 2026-01-02'
	run --separate-stderr dagsched --backfill 2026-01-01 --name b w
	[ "$status" = 1 ]
	equal "$stderr" 'dagsched: b: there is a backfill of this name: dagsched --backfills'
	equal "$(dagq --backfill cancel b)" "$(printf 'b\tcancelled')"
	dagexec --drain -q
	equal "$(pass)" ''
	equal "$(fill 2026-01-03 --name b --max-active 1)" 2026-01-03
	run --separate-stderr dagq --backfill pause nosuch
	[ "$status" = 1 ]
	equal "$stderr" 'dagq: nosuch: there is no such backfill'
	run --separate-stderr dagq --backfill stop b
	[ "$status" = 2 ]
	equal "$stderr" 'dagq: --backfill stop: pause, resume or cancel'
}

@test "names: each has a file, also one whose runs are all made at once" {
	dag w 'max-active-runs = 2'
	equal "$(fill 2026-01-01..2026-01-04 | wc -w)" 4
	equal "$(fill 2026-01-06..2026-01-07 --param K=v | wc -w)" 2
	equal "$(dagsched --backfills)" "$(printf '%s\n' \
	    'w-20260120T120000	w	active	2026-01-01T00:00:00Z	2026-01-04T00:00:00Z	4 of 4' \
	    'w-20260120T120000-2	w	active	2026-01-06T00:00:00Z	2026-01-07T00:00:00Z	2 of 2')"
	grep -q 'at-once=yes	param.K=v$' spool/backfills/w-20260120T120000-2
	grep -q 'backfill=w-20260120T120000-2	param.K=v' \
	    spool/runs/w/2026-01-07T0000Z/run
	equal "$(pass)" ''
	run --separate-stderr dagsched --backfill 2026-01-09 \
	    --name w-20260120T120000 w
	[ "$status" = 1 ]
	dagexec -q --drain
	equal "$(dagsched --backfills | cut -f 3)" $'done\ndone'
	dagq -q --archive 'w/*'
	equal "$(dagsched --backfills | cut -f 3,6)" $'done\t4 of 4\ndone\t2 of 2'
}

@test "names: of one that is paused no run is admitted, whoever looks" {
	dag w 'max-active-runs = 2'
	fill 2026-01-01..2026-01-04 --name b
	dagq -q --backfill pause b
	dagq -q --mark success w/2026-01-01T0000Z
	dagexec --drain -q
	equal "$(ls -d spool/runs/w/*/@waiting | wc -l)" 2
	[ -e spool/runs/w/2026-01-02T0000Z/@success ]
	dagstat --why w/2026-01-03T0000Z >why
	grep -q 'its backfill, b, is paused: dagq --backfill resume b' why
	# others do not stand behind it
	equal "$(fill 2026-01-05)" 2026-01-05
	[ -e spool/runs/w/2026-01-05T0000Z/@active ]
	dagq -q --backfill resume b
	[ -e spool/runs/w/2026-01-03T0000Z/@active ]
	dagexec --drain -q
	equal "$(ls -d spool/runs/w/2026-01-0[1-5]*/@success | wc -l)" 5
}

@test "names: what of one that is cancelled waits is missed, with that reason" {
	dag w 'max-active-runs = 2'
	fill 2026-01-01..2026-01-04 --name b
	dagq -q --backfill cancel b
	dagq -q --backfill cancel b
	equal "$(ls spool/runs/w | paste -sd ' ')" \
	    '2026-01-01T0000Z 2026-01-02T0000Z 2026-01-20T0000Z'
	equal "$(grep -c 'its backfill b was cancelled' spool/history/w.tsv)" 2
	dagstat --missed w >missed
	grep -q '^w/2026-01-04T0000Z .*its backfill b was cancelled' missed
	[ -z "$(ls spool/tmp)" ]
	dagq --check
	dagexec --drain -q
	equal "$(pass)" ''
	equal "$(fill 2026-01-01..2026-01-04)" '2026-01-03 2026-01-04'
}

@test "done: one that has come to its end is so, and dagsched quiet" {
	dag w
	fill 2026-01-01..2026-01-02 --name b --max-active 1
	dagexec --drain -q
	equal "$(pass)" 2026-01-02
	equal "$(pass)" ''
	dagexec --drain -q
	equal "$(dagsched | grep '^backfill' | grep -o 'state=.*')" state=done
	equal "$(pass)" ''
	equal "$(dagsched --backfills | cut -f 3,6)" "$(printf 'done\t2 of 2')"
	equal "$(dagsched)" ''
	equal "$(dagq --backfill pause b)" "$(printf 'b\talready paused')"
	equal "$(fill 2026-01-03 --name b --max-active 1)" 2026-01-03
}

@test "again: with limits, what failed or all runs again, bit by bit, once" {
	dag w
	: >fail
	fill 2026-01-01..2026-01-04
	run -1 dagexec --drain -q
	rm fail
	dagq -q --rerun w/2026-01-02T0000Z
	dagexec --drain -q
	: >fail
	equal "$(fill 2026-01-01..2026-01-05 --name b --again failed \
	    --max-active 2)" '2026-01-01 2026-01-03'
	equal "$(dagsched)" ''
	run -1 dagexec --drain -q
	equal "$(pass)" '2026-01-04 2026-01-05'
	rm fail
	dagexec --drain -q
	# those that failed once more were taken
	equal "$(pass)" ''
	equal "$(dagsched --backfills | grep '^b' | cut -f 3)" done
	[ -e spool/runs/w/2026-01-03T0000Z/@failed ]
	equal "$(fill 2026-01-01..2026-01-03 --name c --again all --reverse \
	    --max-active 1)" 2026-01-03
	dagexec --drain -q
	equal "$(pass)" 2026-01-02
	: >fail
	run -1 dagexec --drain -q
	equal "$(pass)" 2026-01-01
}

@test "again: stop-after counts what has failed once more" {
	dag w
	: >fail
	fill 2026-01-01..2026-01-04
	run -1 dagexec --drain -q
	equal "$(fill 2026-01-01..2026-01-04 --name b --again failed \
	    --stop-after 1 --max-active 1)" 2026-01-01
	run -1 dagexec --drain -q
	equal "$(pass)" ''
	equal "$(dagsched --backfills | grep '^b' | cut -f 3)" held
	rm fail
	dagq -q --rerun w/2026-01-01T0000Z
	dagexec --drain -q
	equal "$(pass)" 2026-01-02
}

@test "names: who paused it, when and why is kept until it goes on" {
	dag w
	dagsched -q --backfill 2026-01-01..2026-01-03 --name b w | dagq
	equal "$(dagsched --backfills | cut -f 7)" ""
	LOGNAME=ann DAG_NOW=2026-02-01T00:00:00Z dagq -q --backfill pause \
	    --note $'disk\tfull' b
	equal "$(dagsched --backfills | cut -f 3,7-)" \
	    "paused	since 2026-02-01T00:00:00Z by ann (disk\\tfull)"
	equal "$(LOGNAME=bob dagq --backfill pause --note x b)" \
	    "$(printf 'b\talready paused')"
	[[ $(dagsched --backfills) == *"by ann (disk"* ]]
	LOGNAME=bob DAG_NOW=2026-02-02T00:00:00Z dagq -q --backfill resume b
	equal "$(dagsched --backfills | cut -f 3,7-)" \
	    "active	since 2026-02-02T00:00:00Z by bob"
}

@test "records: a backfill record that cannot be is refused" {
	for bad in 'b' 'b/w' 'b/../w	from=2026-01-01T00:00:00Z	to=2026-01-02T00:00:00Z' \
	    'b/w	from=x	to=2026-01-02T00:00:00Z' \
	    'b/w	from=2026-01-01T00:00:00Z	to=2026-01-02T00:00:00Z	max-active=0' \
	    'b/w	from=2026-01-01T00:00:00Z	to=2026-01-02T00:00:00Z	between=25:00-01:00'; do
		printf 'backfill\t%s\n' "$bad" >rec
		run --separate-stderr dagq <rec
		[ "$status" = 1 ]
		[[ $stderr == 'dagq: stdin:1: backfill '*' is missing or wrong' ]]
		[ -z "$(ls spool/backfills)" ]
	done
}

@test "options: what cannot be, or does not go together, is refused" {
	dag w
	refused '--limit: "0" is not a number from 1 to 1000000' \
	    --backfill 2026 --limit 0 w
	refused '--max-active: "x" is not a number from 1 to 10000' \
	    --backfill 2026 --max-active x w
	refused '--between: "22-6" is not two times of day, such as 22:00-06:00' \
	    --backfill 2026 --between 22-6 w
	refused '--between: "24:00-06:00" is not two times of day, such as 22:00-06:00' \
	    --backfill 2026 --between 24:00-06:00 w
	refused '--max-load: "-1" is not a number such as 1.5' \
	    --backfill 2026 --max-load -1 w
	refused '--again: "some" is not none, failed or all' \
	    --backfill 2026 --again some w
	refused '--name: "a/b" is not only letters, digits, "_" and "-" may be in it' \
	    --backfill 2026 --name a/b w
	refused '--name, --reverse, --again, --limit, --max-active, --between, --max-load, --max-pressure, --stop-after and --plan go with --backfill' \
	    --limit 1 w
	refused '--backfills lists them all' --backfills w
}

@test "follow: a backfill goes on as its runs end" {
	dag w
	mkfifo pipe made
	exec 7<>made 8<>pipe
	dagq -v <pipe >made 7>&- 8>&- 3>&- &
	queue=$!
	dagsched -q --follow >pipe 7>&- 8>&- 3>&- &
	pid=$!
	exec 8>&-
	dagsched -q --backfill 2026-01-01..2026-01-03 --max-active 1 w | dagq
	dagq -q --mark success w/2026-01-01T0000Z
	read -r -t 60 -u 7 line
	equal "$line" w/2026-01-02T0000Z
	dagq -q --mark success w/2026-01-02T0000Z
	read -r -t 60 -u 7 line
	equal "$line" w/2026-01-03T0000Z
	kill "$pid"
	wait "$pid"
	wait "$queue"
}
