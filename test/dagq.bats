#!/usr/bin/env bats
# dagq: records become runs; verbs change them.

load helper

# dag NAME < body: a DAG file
dag() { cat > "$T/dags/$1.dag"; }

# abc: a chain of three, b fails as long as $T/broken exists
abc() {
	dag abc <<-EOF
	[task a]
	run = echo a >> $T/ledger
	[task b]
	after = a
	run = echo b >> $T/ledger; test ! -e $T/broken
	[task c]
	after = b
	run = echo c >> $T/ledger
	EOF
}

# queue NAME DATE...: runs at midnight UTC
queue() {
	local name=$1 d
	shift
	{
		dagparse "$name"
		for d; do
			printf 'run\t%s/%sT0000Z\ttime=%sT00:00:00Z\tcause=manual\n' \
			    "$name" "$d" "$d"
		done
	} | dagq -v
}

# states RUN: TASK.STATE of a run, on one line; ready ones too
states() {
	(
		cd "$DAG_SPOOL" || exit 1
		ls "runs/$1" | grep -E '\.|@'
		ls queue | sed -n "s,^${1%/*}@${1#*/}\.\(.*\),\1.ready,p"
	) | sort | tr '\n' ' ' | sed 's/ $//'
}

@test "dagq: makes a run whole, admits it and releases its roots" {
	abc
	equal "$(queue abc 2026-01-01)" abc/2026-01-01T0000Z
	equal "$(states abc/2026-01-01T0000Z)" \
	    "@active a.ready b.waiting c.waiting"
	equal "$(stat -c %a "$DAG_SPOOL" "$DAG_SPOOL/queue" | tr '\n' ' ')" \
	    "700 700 "
	equal "$(stat -c '%a %h' "$DAG_SPOOL"/plans/abc/*)" "400 2"
}

@test "dagq: the same records again change nothing" {
	abc
	queue abc 2026-01-01 2026-01-02
	find "$DAG_SPOOL" -newer dags | sort > before
	equal "$(queue abc 2026-01-01 2026-01-02)" ""
	find "$DAG_SPOOL" -newer dags | sort > after
	cmp before after
}

@test "dagq: one run an instant, however its name is spelt" {
	abc
	queue abc 2026-01-01
	equal "$({ dagparse abc
	    printf 'run\tabc/2026-01-01T0900+0900\ttime=2026-01-01T09:00:00+09:00\tcause=backfill\n'
	} | dagq -v)" ""
	equal "$({ dagparse abc
	    printf 'run\tabc/2026-02-01T0900+0900\ttime=2026-02-01T09:00:00+09:00\tcause=backfill\n'
	    printf 'run\tabc/2026-02-01T0000Z\ttime=2026-02-01T00:00:00Z\tcause=backfill\n'
	} | dagq -v)" abc/2026-02-01T0900+0900
}

@test "dagq: manual runs are always new" {
	abc
	rec='run\tabc/2026-01-01T0000Z-manual\ttime=2026-01-01T00:00:00Z\tcause=manual\n'
	got=$(for i in 1 2 3; do { dagparse abc; printf "$rec"; } | dagq -v; done)
	equal "$got" "abc/2026-01-01T0000Z-manual
abc/2026-01-01T0000Z-manual-2
abc/2026-01-01T0000Z-manual-3"
}

@test "dagq: max-active-runs admits the oldest first" {
	dag two <<-EOF
	[dag]
	max-active-runs = 2
	[task a]
	run = echo \$DAG_DATE >> $T/ledger
	EOF
	queue two 2026-01-03 2026-01-01 2026-01-02 2026-01-04
	equal "$(cd "$DAG_SPOOL/runs/two" && ls */@* | tr '\n' ' ')" \
"2026-01-01T0000Z/@active 2026-01-02T0000Z/@active \
2026-01-03T0000Z/@waiting 2026-01-04T0000Z/@waiting "
	dagexec -j1 --drain
	equal "$(tr '\n' ' ' < ledger)" "2026-01-01 2026-01-02 2026-01-03 2026-01-04 "
}

@test "dagq: a plan that is cut short is refused, with its runs" {
	abc
	run dagq < <(dagparse abc | head -n 3
	    printf 'run\tabc/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\tcause=manual\n')
	[ "$status" = 1 ]
	equal "$output" "dagq: stdin:4: a run record without the dag and task records before it
dagq: stdin:4: abc: 2 of its 3 task records came: nothing of it is done"
	[ -z "$(ls "$DAG_SPOOL/runs")" ]
}

@test "dagq: a last line without its newline is not acted upon" {
	abc
	run dagq -v < <(dagparse abc
	    printf 'run\tabc/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\tcause=manual\n'
	    printf 'run\tabc/2026-01-02T0000Z\ttime=2026-01-02T00:00:00Z\tcause=manual')
	[ "$status" = 1 ]
	equal "$output" "dagq: stdin:6: the last line is cut short: it is not acted upon
abc/2026-01-01T0000Z"
}

@test "dagq: records with something wrong are told, and have no effect" {
	abc
	dagparse abc > plan
	while IFS='|' read -r rec message; do
		run dagq < <(cat plan; printf "$rec\n")
		equal "$output" "dagq: stdin:5: $message"
		[ "$status" = 1 ]
	done <<-'EOF'
	run\tabc/2026-01-01T0000Z\tcause=manual|run abc/2026-01-01T0000Z: no time=
	run\tabc/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z|run abc/2026-01-01T0000Z: no cause=
	run\tabc/2026-01-01T0000Z\ttime=2026-01-01T01:00:00Z\tcause=x|run abc/2026-01-01T0000Z: time=2026-01-01T01:00:00Z is not the instant of its name
	run\tabc/tomorrow\ttime=2026-01-01T01:00:00Z\tcause=x|run abc/tomorrow: "tomorrow" is not the name of a run, such as 2026-11-22T0200Z
	run\tabc/../x\ttime=2026-01-01T01:00:00Z\tcause=x|run abc/../x: "../x" is not the name of a run, such as 2026-11-22T0200Z
	run\tother/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\tcause=x|run other/2026-01-01T0000Z: not of the DAG abc before it
	run\tabc/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\tcause=x\tparam.a/b=1|run abc/2026-01-01T0000Z: "a/b" is not a name for a parameter
	missed\tabc/x\treason=y|a missed record without the slot it speaks of, or without reason=
	task\tabc/d\trun=true|a task record that no dag record announced
	dag\t../x\ttasks=1|not a name for a DAG
	dag\tabc|the dag record has no tasks=N
	junk|no kind and identity, separated by a tab
	run\tabc/2026-01-01T0000Z\tnokey|a field is not key=value, or has a wrong escape
	EOF
	[ -z "$(ls "$DAG_SPOOL/runs/abc")" ]
}

@test "dagq: a plan with wrong values, a cycle or an unknown upstream is refused" {
	while IFS='|' read -r rec message; do
		run dagq < <(printf "$rec\n")
		[ "$status" = 1 ]
		equal "$output" "dagq: stdin:2: $message"
	done <<-'EOF'
	dag\tx\ttasks=1\ntask\tx/a\trun=true\tafter=b|x: an unknown upstream: "b"
	dag\tx\ttasks=1\ntask\tx/a\trun=true\tafter=a|x: a cycle: a -> a
	dag\tx\ttasks=1\ntask\tx/a\tafter=b|x: a task without run: "x/a"
	dag\tx\ttasks=1\ntask\tx/a b\trun=true|x: not a name for a task: "a b"
	EOF
	[ -z "$(ls "$DAG_SPOOL/runs")" ]
}

@test "dagq: missed slots go into the history" {
	abc
	{ dagparse abc
	  printf 'missed\tabc/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\treason=catchup=last\n'
	} | dagq
	equal "$(cat "$DAG_SPOOL/history/abc.tsv")" \
	    "$(printf 'missed\tabc/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\treason=catchup=last')"
}

@test "dagq: a run that asks for a pool that is not there is refused, with the remedy" {
	dag p <<-'EOF'
	[task a]
	pool = db
	run = true
	EOF
	run queue p 2026-01-01
	[ "$status" = 1 ]
	equal "$output" "dagq: stdin:3: $T/dags/p.dag:2:8: p/a: there is no pool \"db\": dagq --pool db=1 makes it"
	dagq --pool db=1
	equal "$(queue p 2026-01-01)" p/2026-01-01T0000Z
	# in what the task has it from; of a program there is no place
	dag q <<-'EOF'
	[task a]
	group = g
	run = true
	[group g]
	pool =
	    db
	    net:2
	[default]
	pool = cpu
	EOF
	run queue q 2026-01-01
	equal "$output" "dagq: stdin:3: $T/dags/q.dag:9:8: q/a: there is no pool \"cpu\": dagq --pool cpu=1 makes it"
	dagq --pool cpu=1
	run queue q 2026-01-01
	equal "$output" "dagq: stdin:3: $T/dags/q.dag:7:5: q/a: there is no pool \"net\": dagq --pool net=1 makes it"
	printf '#!/bin/sh\necho "[task a]"\necho "pool = net"\necho run = true\n' >dags/q.dag
	chmod 755 dags/q.dag
	run queue q 2026-01-01
	equal "$output" 'dagq: stdin:3: q/a: there is no pool "net": dagq --pool net=1 makes it'
}

@test "dagq: --rerun of what failed revives what is upstream-failed" {
	abc
	touch broken
	queue abc 2026-01-01
	run dagexec -j1 --drain
	[ "$status" = 1 ]
	equal "$(states abc/2026-01-01T0000Z)" "@failed a.success b.failed c.upstream-failed"
	rm broken
	run dagq --rerun abc/2026-01-01/b
	[ "$status" = 0 ]
	equal "$output" "$(printf 'abc/2026-01-01T0000Z/b\trerun\tfrom=failed')"
	equal "$(states abc/2026-01-01T0000Z)" "@active a.success b.ready c.waiting"
	dagexec -j1 --drain
	equal "$(states abc/2026-01-01T0000Z)" "@success a.success b.success c.success"
	equal "$(tr '\n' ' ' < ledger)" "a b b c "
	equal "$(ls "$DAG_SPOOL/runs/abc/2026-01-01T0000Z/log" | tr '\n' ' ')" "a.1 b.1 b.2 c.1 "
}

@test "dagq: --rerun alone leaves downstream successes; -D and -U take them along" {
	abc
	queue abc 2026-01-01
	dagexec -j1 --drain
	dagq -q --rerun abc/@/b
	equal "$(states abc/2026-01-01T0000Z)" "@active a.success b.ready c.success"
	dagexec -j1 --drain
	dagq -q --rerun -D abc/@/b
	equal "$(states abc/2026-01-01T0000Z)" "@active a.success b.ready c.waiting"
	dagexec -j1 --drain
	dagq -q --rerun -U abc/@/b
	equal "$(states abc/2026-01-01T0000Z)" "@active a.ready b.waiting c.success"
	dagexec -j1 --drain
	equal "$(tr '\n' ' ' < ledger)" "a b c b b c a b "
	equal "$(states abc/2026-01-01T0000Z)" "@success a.success b.success c.success"
}

@test "dagq: --rerun reads markers' paths and commented listings from stdin" {
	abc
	touch broken
	queue abc 2026-01-01 2026-01-02
	dagexec -j1 --drain || true
	ls "$DAG_SPOOL"/runs/*/*/*.failed | dagq -q --rerun
	equal "$(ls "$DAG_SPOOL/queue" | wc -l)" 2
	dagexec -j1 --drain || true
	printf '# a heading\nabc/2026-01-01T0000Z/b failed 1\n' | dagq -q --rerun
	equal "$(ls "$DAG_SPOOL/queue")" abc@2026-01-01T0000Z.b
}

@test "dagq: an interrupted rerun leaves held tasks, and the same command finishes it" {
	abc
	queue abc 2026-01-01
	dagexec -j1 --drain
	cd "$DAG_SPOOL/runs/abc/2026-01-01T0000Z"
	mv a.success a.held
	mv b.success b.held
	dagq -q --rerun abc/@/a abc/@/b
	equal "$(states abc/2026-01-01T0000Z)" "@active a.ready b.waiting c.success"
}

@test "dagq: --rerun says when the DAG file has changed, and keeps the run's own" {
	abc
	touch broken
	queue abc 2026-01-01 2026-01-02
	dagexec -j1 --drain || true
	dag abc <<-EOF
	[task b]
	run = echo new >> $T/ledger
	EOF
	run --separate-stderr dagq --rerun abc/2026-01-01/b abc/2026-01-02/b
	[ "$status" = 0 ]
	equal "$stderr" "dagq: abc: $T/dags/abc.dag has changed since 2026-01-01T0000Z was made: it runs as it was; --latest takes the file as it is"
	rm broken
	dagexec -j1 --drain
	equal "$(tr '\n' ' ' < ledger)" "a b a b b c b c "
	touch dags/abc.dag
	abc
	run --separate-stderr dagq --rerun abc/@
	equal "$stderr" ""
}

@test "dagq: --rerun --latest gives an ended run the definition of today" {
	dag abc <<-EOF
	[task a]
	run = echo a >> $T/ledger
	[task old]
	run = echo old >> $T/ledger
	[task b]
	after = a
	run = echo "b $DAG_PARAM_x" >> $T/ledger; false
	EOF
	{
		dagparse abc
		printf 'run\tabc/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\tcause=manual\tparam.x=7\n'
	} | dagq
	dagexec -j1 --drain || true
	dag abc <<-EOF
	[task a]
	run = echo again >> $T/ledger
	[task b]
	after = a
	run = echo "now \$DAG_PARAM_x" >> $T/ledger
	[task new]
	run = echo new >> $T/ledger
	[task last]
	after = b new
	run = echo last >> $T/ledger
	[task asked]
	hold = yes
	run = true
	EOF
	run --separate-stderr dagq --rerun --latest --sync none abc/@/b
	[ "$status" = 0 ]
	equal "$stderr" ""
	equal "$output" "abc/2026-01-01T0000Z/b	rerun	from=failed"
	equal "$(states abc/2026-01-01T0000Z)" "@active a.success asked.held b.ready last.waiting new.ready"
	cd "$DAG_SPOOL/runs/abc/2026-01-01T0000Z"
	equal "$(ls log | tr '\n' ' ')" "a.1 b.1 old.1 old.success "
	grep -q 'rerun	definition=latest' ../../../queue/abc@2026-01-01T0000Z.b
	grep -q 'param.x=7.*definition=latest' run
	equal "$(dagparse abc)" "$(cat plan)"
	cd "$T"
	: > ledger
	dagq -q --mark success abc/@/asked
	dagexec -j1 --drain
	equal "$(sort ledger | tr '\n' ' ')" "last new now 7 "
	equal "$(dagq --check)" ""
	dagq -q --archive abc/@
	dagq -q --rerun --latest abc/@/last
	dagexec -j1 --drain
	equal "$(tail -n 1 ledger)" last
}

@test "dagq: --latest is refused where it cannot be, and changes nothing" {
	abc
	touch broken
	queue abc 2026-01-01
	dagexec -j1 --drain || true
	states abc/2026-01-01T0000Z > before
	cp -p dags/abc.dag was
	refused() {
		run dagq --rerun --latest "$2"
		[ "$status" = 1 ] || return 1
		equal "$output" "dagq: $1" || return 1
		states abc/2026-01-01T0000Z | cmp - before
	}
	printf '[task b]\nrun = true\npool = none\n' > dags/abc.dag
	refused "abc/2026-01-01T0000Z: $T/dags/abc.dag:3:8: abc/b: there is no pool \"none\": dagq --pool none=1 makes it" abc/@/b
	refused "abc/2026-01-01T0000Z/c: $T/dags/abc.dag has no such task now" abc/@/c
	printf '[task b]\nrun = true\nretrys = 1\n' > dags/abc.dag
	refused "abc: $T/dags/abc.dag:3:1: unknown key \"retrys\", did you mean \"retries\"?" abc/@/b
	rm dags/abc.dag
	refused "abc: its DAG file is not there" abc/@/b
	cp -p was dags/abc.dag
	dagq -q --rerun abc/@/b
	dagq -q --hold abc/@/b
	states abc/2026-01-01T0000Z > before
	printf '[task b]\nrun = true\n' > dags/abc.dag
	refused "abc/2026-01-01T0000Z: it is active" abc/@/b
}

@test "dagq: --hold keeps a task, --release lets it go" {
	abc
	queue abc 2026-01-01
	dagq --hold abc/@/a
	equal "$(states abc/2026-01-01T0000Z)" "@active a.held b.waiting c.waiting"
	dagexec --drain
	[ ! -e ledger ]
	dagq --release --note "go on" abc/@/a
	grep -q 'release.*note=go on' "$DAG_SPOOL/queue/abc@2026-01-01T0000Z.a"
	dagexec --drain
	equal "$(tr '\n' ' ' < ledger)" "a b c "
}

@test "dagq: --mark decides what comes after" {
	abc
	queue abc 2026-01-01 2026-01-02
	dagq -q --mark success abc/2026-01-01/a
	equal "$(states abc/2026-01-01T0000Z)" "@active a.success b.ready c.waiting"
	dagq -q --mark skipped abc/2026-01-02/a
	equal "$(states abc/2026-01-02T0000Z)" "@success a.skipped b.skipped c.skipped"
	dagq -q --mark failed 'abc/2026-01-01/b'
	equal "$(states abc/2026-01-01T0000Z)" "@failed a.success b.failed c.upstream-failed"
	dagq -q --mark success 'abc/2026-01-01/b'
	equal "$(states abc/2026-01-01T0000Z)" "@active a.success b.success c.ready"
}

@test "dagq: --kill ends the whole tree, and it is not retried" {
	mkfifo up
	dag k <<-EOF
	[task a]
	retries = 3
	run = trap '' TERM; sleep 1000 & echo \$! > $T/child; echo > $T/up; wait
	kill-after = 1s
	EOF
	queue k 2026-01-01
	dagexec -j1 --drain & pid=$!
	read -r _ < up
	run dagq --kill k/@/a
	[ "$status" = 0 ]
	equal "$output" "$(printf 'k/2026-01-01T0000Z/a\tkilled')"
	gone "$(cat child)"
	equal "$(states k/2026-01-01T0000Z)" "@failed a.failed"
	grep -q 'reason=killed' "$DAG_SPOOL/runs/k/2026-01-01T0000Z/a.failed"
	wait $pid || true
}

@test "dagq: --kill tells all of a run before it waits for the first" {
	mkfifo up word
	dag k <<-EOF
	[default]
	kill-after = 1h

	[task a]
	run = trap 'read -r _ < $T/word; exit 1' TERM; echo > $T/up; sleep 1000 & wait

	[task b]
	run = trap 'echo > $T/word; exit 1' TERM; echo > $T/up; sleep 1000 & wait
	EOF
	queue k 2026-01-01
	dagexec -j2 --drain & pid=$!
	{ read -r _ <&3; read -r _ <&3; } 3<> up
	run dagq --kill 'k/@'
	[ "$status" = 0 ]
	equal "$output" "k/2026-01-01T0000Z/a	killed
k/2026-01-01T0000Z/b	killed"
	equal "$(states k/2026-01-01T0000Z)" "@failed a.failed b.failed"
	wait $pid || true
}

@test "dagq: --kill says when nothing of that is running" {
	abc
	queue abc 2026-01-01
	run dagq --kill abc/@/a
	[ "$status" = 1 ]
	equal "$output" "dagq: abc/2026-01-01T0000Z/a: it is ready
dagq: nothing of that is running; --hold keeps it from running, --mark failed ends it"
}

@test "dagq: --kill leaves alone who only looks at a marker" {
	mkfifo up go
	dag k <<-EOF
	[task a]
	run = echo > $T/up; exec cat $T/go
	EOF
	queue k 2026-01-01
	dagexec --drain & pid=$!
	read -r _ < up
	tail -f "$DAG_SPOOL"/runs/k/*/a.running.1 >/dev/null & looker=$!
	dagq -q --kill k/@/a
	wait $pid || true
	kill -0 $looker
	kill $looker
}

@test "dagq: --rerun refuses what is running, unless --kill" {
	mkfifo up
	dag k <<-EOF
	[task a]
	run = echo > $T/up; sleep 1000
	EOF
	queue k 2026-01-01
	dagexec -j1 & pid=$!
	read -r _ < up
	run dagq --rerun k/@/a
	[ "$status" = 1 ]
	equal "$output" "dagq: k/2026-01-01T0000Z/a: it is running: --kill ends it first"
	dagq -q --rerun --kill k/@/a
	read -r _ < up
	equal "$(states k/2026-01-01T0000Z)" "@active a.running.2"
	dagq -q --kill k/@/a
	kill $pid
	wait $pid
}

@test "dagq: a paused DAG's tasks are not claimed until it is resumed" {
	abc
	queue abc 2026-01-01
	equal "$(dagq --pause abc)" "$(printf 'abc\tpaused')"
	equal "$(dagq --pause abc)" "$(printf 'abc\talready paused')"
	dagexec --drain
	[ ! -e ledger ]
	equal "$(dagq --resume abc)" "$(printf 'abc\tresumed')"
	dagexec --drain
	equal "$(wc -l < ledger)" 3
}

@test "dagq: a pool is made, grown and shrunk; slots in use stay" {
	mkfifo up go
	dagq --pool db=3
	equal "$(ls "$DAG_SPOOL/pools/db" | tr '\n' ' ')" "1 2 3 "
	dag p <<-EOF
	[task a]
	pool = db
	run = echo > $T/up; cat $T/go
	EOF
	queue p 2026-01-01
	dagexec -j1 --drain & pid=$!
	read -r _ < up
	run dagq --pool db=0
	[ "$status" = 1 ]
	equal "$output" "dagq: pool db: 1 of the slots to be taken away are in use; the others are gone"
	equal "$(ls "$DAG_SPOOL/pools/db" | tr '\n' ' ')" "1 "
	echo > go
	wait $pid
	dagq --pool db=0
	equal "$(ls "$DAG_SPOOL/pools/db")" ""
}

@test "dagq: --check finds what is wrong, --repair puts it right or aside, twice does nothing" {
	abc
	queue abc 2026-01-01 2026-01-02
	dagexec -j1 --drain
	cd "$DAG_SPOOL/runs/abc/2026-01-01T0000Z"
	rm b.success
	: > c.failed
	: > nosuch.success
	: > 'strange file'
	: > "$DAG_SPOOL/queue/abc@2026-01-01T0000Z.ghost"
	: > "$DAG_SPOOL/queue/abc@2027-01-01T0000Z.a"
	: > "$DAG_SPOOL/queue/junk"
	run --separate-stderr dagq --check
	[ "$status" = 1 ]
	equal "$stderr" "dagq: 7 wrong; --repair puts it right or sets it aside"
	equal "$output" "queue/abc@2027-01-01T0000Z.a	a marker without a run
queue/junk	not a name of ours: DAG@RUN.TASK is
runs/abc/2026-01-01T0000Z/c.success	a second marker of its task, of an earlier state
runs/abc/2026-01-01T0000Z/nosuch.success	a marker for a task that is not in the plan
runs/abc/2026-01-01T0000Z/strange file	not a name of ours: TASK.STATE is
queue/abc@2026-01-01T0000Z.ghost	a marker for a task that is not in the plan
abc/2026-01-01T0000Z/b	no marker"
	dagq -q --repair
	run dagq --check
	equal "$output" ""
	[ "$status" = 0 ]
	equal "$(ls "$DAG_SPOOL/bad" | grep -vc why)" 6
	equal "$(states abc/2026-01-01T0000Z)" "@success a.success b.held c.failed"
	equal "$(dagq --repair)" ""
}

@test "dagq: a task put back by hand in an ended run is told, and goes on by --repair" {
	abc
	queue abc 2026-01-01
	dagexec -j1 --drain
	mv "$DAG_SPOOL"/runs/abc/*/c.success "$DAG_SPOOL/runs/abc/2026-01-01T0000Z/c.waiting"
	run --separate-stderr dagq --check
	[ "$status" = 1 ]
	equal "$output" "abc/2026-01-01T0000Z/c	it has not ended, but its run has"
	dagq -q --repair
	equal "$(states abc/2026-01-01T0000Z)" "@active a.success b.success c.ready"
	dagexec -j1 --drain
	equal "$(tr '\n' ' ' < ledger)" "a b c c "
	equal "$(dagq --repair)" ""
}

@test "dagq: --repair sets a run aside whose plan is cut short, and its slot stays decided" {
	dag d <<-'EOF'
	[dag]
	schedule = @daily
	timezone = UTC
	start = 2026-01-01
	end = 2026-01-02
	catchup = all
	max-active-runs = 1
	[task a]
	run = true
	EOF
	export DAG_NOW=2026-01-03T00:00:00Z
	dagsched d | dagq
	run=$DAG_SPOOL/runs/d/2026-01-01T0000Z
	head -c 20 "$run/plan" > cut
	mv -f cut "$run/plan"
	run --separate-stderr dagq --check
	[ "$status" = 1 ]
	equal "$output" "d/2026-01-01T0000Z	its plan is missing or damaged"
	dagq -q --repair
	equal "$(dagq --check)" ""
	equal "$(ls "$DAG_SPOOL/bad")" "d@2026-01-01T0000Z
d@2026-01-01T0000Z.a
d@2026-01-01T0000Z.a.why
d@2026-01-01T0000Z.why"
	equal "$(ls "$DAG_SPOOL/bad/d@2026-01-01T0000Z")" "@active
plan
run"
	equal "$(dagsched d)" ""
	dagexec --drain
	equal "$(ls "$DAG_SPOOL/runs/d"/*/*.success)" \
	    "$DAG_SPOOL/runs/d/2026-01-02T0000Z/a.success"
}

@test "dagq: a bare DAG and more than 100 IDs are refused" {
	abc
	queue abc 2026-01-01
	dagexec -j1 --drain
	run dagq --rerun abc
	[ "$status" = 1 ]
	equal "$output" "dagq: abc: that is all runs of a DAG; say 'abc/*' if you mean it"
	for i in $(seq 101); do echo abc/@/a; done > many
	run dagq --rerun < many
	[ "$status" = 1 ]
	equal "$output" "dagq: 101 IDs: more than 100 need --yes"
	equal "$(dagq --rerun 'abc/*' | cut -f1 | tr '\n' ' ')" \
"abc/2026-01-01T0000Z/a abc/2026-01-01T0000Z/b abc/2026-01-01T0000Z/c "
}

@test "dagq: a spool that is not ours, is writable by others, or no directory, is refused" {
	mkdir -m 777 open
	run dagq --spool open --check
	[ "$status" = 1 ]
	equal "$output" "dagq: spool open: it is not ours, or others can write in it"
	: > file
	run dagq --spool file --check
	[ "$status" = 1 ]
	[[ $output == "dagq: spool file: "* ]]
	if [ "$(id -u)" = 0 ]; then
		mkdir theirs
		chown nobody theirs
		run dagq --spool theirs --check
		[ "$status" = 1 ]
	fi
}

@test "dagq: wrong usage says what would be right" {
	while IFS='|' read -r args message; do
		run dagq $args < /dev/null
		[ "$status" = 2 ]
		equal "$output" "dagq: $message"
	done <<-'EOF'
	--mark done x|--mark done: success, failed or skipped
	--pool db|--pool db: it is NAME=N, N from 0 to 10000
	--pool a/b=1|--pool a/b=1: it is NAME=N, N from 0 to 10000
	--rerun --hold x|one verb at a time: see dagq --help
	--archive --older soon|--older soon: not a duration such as 30d or 12h
	--sync half|--sync half: full or none
	-D --hold x|--upstream, --downstream, --latest, --failed, --force, --past, --future and --param go with --rerun
	--latest --hold x|--upstream, --downstream, --latest, --failed, --force, --past, --future and --param go with --rerun
	abc|abc: no argument is wanted here; see dagq --help
	EOF
}

@test "dagq: records on a full disk leave the spool as it was" {
	[ "$(id -u)" = 0 ] || skip "not root: no file system of our own"
	mkdir small
	mount -t tmpfs -o size=200k,mode=700 none small || skip "no tmpfs here"
	abc
	dagq --spool small/spool </dev/null
	seq 300 | sed 's/.*/2026-01-01 +& days/' | date -u -f - \
	    +'run%tabc/%FT0000Z%ttime=%FT00:00:00Z%tcause=manual' >runs
	dd if=/dev/zero of=small/fill bs=1k count=150 status=none || true
	run dagq --spool small/spool < <(dagparse abc; cat runs)
	full=$status
	rm small/fill
	dagq --spool small/spool </dev/null
	check=$(dagq --spool small/spool --check)
	left=$(ls small/spool/tmp)
	runs=$(ls small/spool/runs/abc | wc -l)
	umount small
	[ "$full" = 111 ]
	equal "$check" ""
	equal "$left" ""
	[ "$runs" -lt 300 ]
}

@test "dagq: a task with hold = yes waits for a person, who releases it" {
	dag h <<-EOF
	[task a]
	run = echo a >> $T/ledger
	[task b]
	hold = yes
	after = a
	run = echo b >> $T/ledger
	EOF
	queue h 2026-01-01
	equal "$(states h/2026-01-01T0000Z)" "@active a.ready b.held"
	dagexec --drain
	equal "$(states h/2026-01-01T0000Z)" "@active a.success b.held"
	equal "$(dagq --check)" ""
	dagq -q --release h/@/b
	dagexec --drain
	equal "$(tr '\n' ' ' < ledger)" "a b "
}

@test "dagq: what a task was marked last is what the history says" {
	abc
	touch broken
	queue abc 2026-01-01
	dagexec -j1 --drain || true
	dagq -q --mark success abc/@/b
	dagexec -j1 --drain
	equal "$(grep '^instance.*/b' "$DAG_SPOOL/history/abc.tsv" | tail -n 1)" \
"$(printf 'instance\tabc/2026-01-01T0000Z/b\tstate=success\tattempt=1\treason=marked')"
	grep -q '^run.*state=success' "$DAG_SPOOL/history/abc.tsv"
}
