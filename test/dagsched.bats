#!/usr/bin/env bats
# dagsched: what is due, backfills, manual runs, the next slots.

load helper

# dag NAME LINE...: a DAG file with these lines in [dag] and one task
dag() {
	local name=$1
	shift
	{
		printf '[dag]\n'
		printf '%s\n' "$@"
		printf '[task a]\nrun = true\n'
	} >"dags/$name.dag"
}

# ids: of the records on stdin, but for the definition: kind, ID, cause
ids() {
	awk -F '\t' '$1 != "dag" && $1 != "task" && $1 != "backfill" {
		cause = ""
		for (i = 3; i <= NF; i++)
			if ($i ~ /^cause=/)
				cause = " " substr($i, 7)
		print $1, $2 cause
	}'
}

# pass NOW: what dagsched says then, handed to dagq; its IDs on stdout
pass() {
	DAG_NOW=$1 dagsched -q >pass.rec || return
	DAG_NOW=$1 dagq <pass.rec >pass.out || return
	ids <pass.rec
}

# fails STATUS MESSAGE ARG...: dagsched prints the message and nothing else
fails() {
	local code=$1 message=$2
	shift 2
	run --separate-stderr dagsched "$@"
	[ "$status" = "$code" ]
	equal "$output" ''
	equal "$stderr" "dagsched: $message"
}

@test "due: a run has its time, cause, interval, behind its definition" {
	dag w 'schedule = 55 23 * * *' 'timezone = America/Los_Angeles' \
	    'start = 2012-01-01'
	export DAG_NOW=2012-01-02T07:56:00Z
	run --separate-stderr dagsched
	[ "$status" = 0 ]
	equal "$stderr" ''
	equal "${lines[2]}" "$(printf 'run\tw/2012-01-01T2355-0800\ttime=2012-01-01T23:55:00-08:00\tcause=schedule\tprev=2011-12-31T23:55:00-08:00\tnext=2012-01-02T23:55:00-08:00')"
	[ "${#lines[@]}" = 3 ]
	equal "${lines[*]:0:2}" "$(dagparse w | paste -sd ' ')"
}

@test "due: a new schedule is printed, and counts from when it was seen" {
	dag w 'schedule = 0 * * * *'
	equal "$(DAG_NOW=2025-01-01T10:30:00Z dagsched)" "$(dagparse w)"
	equal "$(pass 2025-01-01T10:30:00Z)" ''
	equal "$(DAG_NOW=2025-01-01T10:31:00Z dagsched)" ''
	equal "$(pass 2025-01-01T11:01:00Z)" 'run w/2025-01-01T1100Z schedule'
	equal "$(DAG_NOW=2025-01-01T11:02:00Z dagsched)" ''
}

@test "due: a slot that is exactly now is due" {
	dag w 'schedule = 0 * * * *' 'start = 2025-01-01T11:00Z'
	equal "$(DAG_NOW=2025-01-01T10:59:59Z dagsched | ids)" ''
	equal "$(DAG_NOW=2025-01-01T11:00:00Z dagsched | ids)" \
	    'run w/2025-01-01T1100Z schedule'
}

@test "due: without a schedule nothing ever is" {
	dag w
	run --separate-stderr dagsched
	[ "$status" = 0 ]
	equal "$output$stderr" ''
}

@test "catchup last: the latest slot runs, those before it are missed" {
	dag w 'schedule = 0 * * * *' 'start = 2025-01-01'
	equal "$(pass 2025-01-01T03:30:00Z)" "$(printf '%s\n' \
	    'missed w/2025-01-01T0000Z' 'missed w/2025-01-01T0100Z' \
	    'missed w/2025-01-01T0200Z' 'run w/2025-01-01T0300Z catchup')"
	grep -c '^missed' spool/history/w.tsv
	equal "$(pass 2025-01-01T03:40:00Z)" ''
	equal "$(pass 2025-01-01T05:01:00Z)" "$(printf '%s\n' \
	    'missed w/2025-01-01T0400Z' 'run w/2025-01-01T0500Z schedule')"
}

@test "catchup last: no old slot runs once the latest is decided" {
	dag w 'schedule = 0 * * * *' 'start = 2025-01-01'
	export DAG_NOW=2025-01-01T02:30:00Z
	dagsched --backfill 2025-01-01T02:00 w | dagq
	equal "$(dagsched | ids)" "$(printf '%s\n' \
	    'missed w/2025-01-01T0000Z' 'missed w/2025-01-01T0100Z')"
}

@test "catchup all: each slot runs, oldest first" {
	dag w 'schedule = 0 * * * *' 'start = 2025-01-01' 'catchup = all'
	equal "$(pass 2025-01-01T02:05:00Z)" "$(printf '%s\n' \
	    'run w/2025-01-01T0000Z catchup' 'run w/2025-01-01T0100Z catchup' \
	    'run w/2025-01-01T0200Z schedule')"
	equal "$(pass 2025-01-01T02:05:01Z)" ''
}

@test "catchup none: what is older than its grace is missed" {
	dag w 'schedule = 0 * * * *' 'start = 2025-01-01' 'catchup = none' \
	    'grace = 10m'
	equal "$(DAG_NOW=2025-01-01T01:10:00Z dagsched | ids)" \
	    "$(printf '%s\n' 'missed w/2025-01-01T0000Z' \
	    'run w/2025-01-01T0100Z schedule')"
	equal "$(DAG_NOW=2025-01-01T01:10:01Z dagsched | ids)" \
	    "$(printf '%s\n' 'missed w/2025-01-01T0000Z' \
	    'missed w/2025-01-01T0100Z')"
}

@test "missed: of more than 1000 in a row the oldest are one record" {
	dag w 'schedule = * * * * *' 'start = 2025-01-01'
	DAG_NOW=2025-01-02T00:00:00Z dagsched >all
	grep -c '^missed' all
	[ "$(grep -c '^missed' all)" = 1001 ]
	equal "$(grep -m 1 '^missed' all)" "$(printf 'missed\tw/2025-01-01T0000Z\ttime=2025-01-01T00:00:00Z\treason=a later slot was due (catchup = last)\tto=2025-01-01T07:19:00Z\tcount=440')"
	equal "$(grep '^missed' all | sed -n 2p)" "$(printf 'missed\tw/2025-01-01T0720Z\ttime=2025-01-01T07:20:00Z\treason=a later slot was due (catchup = last)')"
	DAG_NOW=2025-01-02T00:00:00Z dagq <all
	equal "$(DAG_NOW=2025-01-02T00:00:30Z dagsched)" ''
	# a gap in what is decided parts them
	rm -r spool/history
	equal "$(DAG_NOW=2025-01-02T00:00:30Z dagsched | grep -c '^missed')" 1001
}

@test "change: after another schedule or zone only later slots count" {
	dag w 'schedule = 0 * * * *' 'start = 2025-01-01'
	pass 2025-01-01T02:30:00Z >first
	dag w 'schedule = 15 * * * *' 'start = 2025-01-01'
	equal "$(DAG_NOW=2025-01-01T05:30:00Z dagsched)" "$(dagparse w)"
	equal "$(pass 2025-01-01T05:30:00Z)" ''
	equal "$(pass 2025-01-01T06:16:00Z)" 'run w/2025-01-01T0615Z schedule'
	dag w 'schedule = 15 * * * *' 'start = 2025-01-01' 'timezone = Asia/Kolkata'
	equal "$(pass 2025-01-01T08:50:00Z)" ''
	equal "$(pass 2025-01-01T09:46:00Z)" \
	    'run w/2025-01-01T1515+0530 schedule'
}

@test "end: no slot after it is due" {
	dag w 'schedule = 0 0 * * *' 'start = 2025-01-01' 'end = 2025-01-02' \
	    'catchup = all'
	equal "$(DAG_NOW=2025-06-01T00:00:00Z dagsched | ids)" \
	    "$(printf '%s\n' 'run w/2025-01-01T0000Z catchup' \
	    'run w/2025-01-02T0000Z catchup')"
	dag w 'schedule = 0 0 * * *' 'start = 2025-02-01' 'end = 2025-01-02'
	run --separate-stderr dagsched
	[ "$status" = 1 ]
	[ -n "$stderr" ]
}

@test "schedules: several are one set of slots" {
	dag w 'schedule = 0 0 * * *' 'schedule = 0 */12 * * *' \
	    'start = 2025-01-01' 'catchup = all'
	equal "$(DAG_NOW=2025-01-02T00:00:00Z dagsched | ids)" \
	    "$(printf '%s\n' 'run w/2025-01-01T0000Z catchup' \
	    'run w/2025-01-01T1200Z catchup' 'run w/2025-01-02T0000Z schedule')"
}

@test "paused: nothing is decided; at the resume its catchup decides" {
	dag w 'schedule = 0 * * * *' 'start = 2025-01-01'
	pass 2025-01-01T00:01:00Z >first
	dagq --pause w
	equal "$(pass 2025-01-01T03:01:00Z)" ''
	dagq --resume w
	equal "$(pass 2025-01-01T03:02:00Z)" "$(printf '%s\n' \
	    'missed w/2025-01-01T0100Z' 'missed w/2025-01-01T0200Z' \
	    'run w/2025-01-01T0300Z schedule')"
}

@test "decided: by the instant, whatever offset the name is written in" {
	dag w 'schedule = 0 0 * * *' 'timezone = Europe/Berlin' \
	    'start = 2025-07-01' 'catchup = all'
	mkdir -p -m 700 spool/runs/w/2025-06-30T2200Z spool/archive/w \
	    spool/runs/w/2025-07-02T0000+0200-manual spool/history
	: >spool/archive/w/2025-07-03T0000+0200.tar.gz
	printf 'purged\tw/2025-07-04T0000+0200\ttime=2025-07-04T00:00:00+02:00\nmissed\tw/2025-07-05T0000+0200\ttime=2025-07-05T00:00:00+02:00\treason=x\tto=2025-07-06T00:00:00+02:00\tcount=2\nmissed\tw/2025-07-07T00' \
	    >spool/history/w.tsv
	chmod -R go-rwx spool
	equal "$(DAG_NOW=2025-07-06T22:00:00Z dagsched | ids)" \
	    "$(printf '%s\n' 'run w/2025-07-02T0000+0200 catchup' \
	    'run w/2025-07-07T0000+0200 schedule')"
	# a backfill asks for what has no run
	equal "$(DAG_NOW=2025-07-06T22:00:00Z dagsched --backfill 2025-07 -q w |
	    ids | cut -d ' ' -f 2 | paste -sd ' ')" \
	    'w/2025-07-02T0000+0200 w/2025-07-04T0000+0200 w/2025-07-05T0000+0200 w/2025-07-06T0000+0200 w/2025-07-07T0000+0200'
}

@test "backfill: from the first instant of FROM to the last of TO, clipped" {
	dag w 'schedule = 0 */12 * * *' 'timezone = America/New_York' \
	    'start = 2025-03-08' 'end = 2025-03-10'
	export DAG_NOW=2026-01-01T00:00:00Z
	run --separate-stderr dagsched --backfill 2025-03-09..2025-03-09 w
	equal "$(printf '%s\n' "$output" | ids)" "$(printf '%s\n' \
	    'run w/2025-03-09T0000-0500 backfill' \
	    'run w/2025-03-09T1200-0400 backfill')"
	equal "$stderr" ''
	equal "$(dagsched --backfill 2025-03-09 w)" "$output"
	equal "$(dagsched --backfill 2025-03-09T00:00..2025-03-09T16:00:00Z w)" \
	    "$output"
	run --separate-stderr dagsched --backfill 2025 w
	[ "$(printf '%s\n' "$output" | grep -c ^run)" = 6 ]
	equal "$stderr" "$(printf '%s\n' \
	    'dagsched: w: the backfill is clipped to start, 2025-03-08T00:00:00-05:00' \
	    'dagsched: w: the backfill is clipped to end, 2025-03-10T23:59:59-04:00')"
	run --separate-stderr dagsched -q --backfill 2025 w
	equal "$stderr" ''
	DAG_NOW=2025-03-09T12:00:00Z run --separate-stderr dagsched \
	    --backfill 2025-03-09..2025-03-10 w
	equal "$(printf '%s\n' "$output" | ids)" \
	    'run w/2025-03-09T0000-0500 backfill'
	equal "$stderr" 'dagsched: w: the backfill is clipped to now, 2025-03-09T08:00:00-04:00'
}

@test "backfill: done once, there is nothing left to do" {
	dag w 'schedule = 0 0 * * *' 'start = 2025-01-01'
	export DAG_NOW=2025-02-01T00:00:00Z
	dagsched --backfill 2025-01 --param K=v w | dagq
	[ "$(find spool/runs/w -mindepth 1 -maxdepth 1 | wc -l)" = 31 ]
	grep -q 'param.K=v' spool/runs/w/2025-01-31T0000Z/run
	fails 0 'w: nothing to do: all slots in 2025-01 (31) have their runs' \
	    --backfill 2025-01 w
	fails 0 'w: nothing to do: no slot is in 2025-01-05T01:00..2025-01-05T02:00' \
	    --backfill 2025-01-05T01:00..2025-01-05T02:00 w
}

@test "backfill: what cannot be is refused" {
	dag w 'schedule = * * * * *'
	dag m
	fails 2 '--backfill: FROM is after TO in "2025..2024"' \
	    --backfill 2025..2024 w
	for bad in '' .. 2025.. 25 2025-13 2025-02-30 2025-02-01T24:00 x \
	    2025-1-1; do
		run --separate-stderr dagsched --backfill "$bad" w
		[ "$status" = 2 ]
		equal "$output" ''
		[[ $stderr == *' is not a year, month, day or instant: 2025, '* ]]
	done
	fails 1 'm: it has no schedule, so no slots to backfill' \
	    --backfill 2025 m
	export DAG_NOW=2026-01-01T00:00:00Z
	fails 1 'w: more than 1000000 slots in 2022..2025 have no run: ask for less at once' \
	    --backfill 2022..2025 w
	fails 2 'the names of DAGs are missing' --backfill 2025
}

@test "run: a manual run now, with parameters" {
	dag w 'schedule = 0 0 * * *' 'timezone = Asia/Seoul'
	dag m
	export DAG_NOW=2025-01-01T10:20:30.5Z
	run --separate-stderr dagsched --run --param A=1 --param 'b-c=x	y=z' w m
	[ "$status" = 0 ]
	equal "$stderr" ''
	equal "${lines[2]}" "$(printf 'run\tw/2025-01-01T192030+0900-manual\ttime=2025-01-01T19:20:30+09:00\tcause=manual\tprev=2025-01-01T00:00:00+09:00\tnext=2025-01-02T00:00:00+09:00\tparam.A=1\tparam.b-c=x\\ty=z')"
	[[ ${lines[5]} == run$'\t'm/*-manual$'\t'time=*$'\t'cause=manual$'\t'param.A=1* ]]
	[ ! -e spool ]
	fails 2 '--param: "A" is not K=V' --run --param A w
	fails 2 '--param: "a/b" is not a name: only letters, digits, "_" and "-" may be in it' \
	    --run --param a/b=1 w
	fails 2 '--param: "A" is given twice' --run --param A=1 --param A=2 w
	fails 2 '--param goes with --run or --backfill' --param A=1 w
	fails 2 'the names of DAGs are missing' --run
}

@test "next: the slots of a DAG, within start and end" {
	dag w 'schedule = 0 0 * * *' 'timezone = Asia/Seoul' \
	    'start = 2025-01-03' 'end = 2025-01-04'
	dag m
	export DAG_NOW=2025-01-01T00:00:00Z
	equal "$(dagsched --next 9 w)" "$(printf '%s\n' \
	    2025-01-03T00:00:00+09:00 2025-01-04T00:00:00+09:00)"
	fails 1 'm: it has no schedule' --next 1 m
	DAG_NOW=2026-01-01T00:00:00Z fails 1 'w: it is never due again' \
	    --next 1 w
	for bad in 0 -1 x 1000001 ''; do
		fails 2 "--next: \"$bad\" is not a number from 1 to 1000000" \
		    --next "$bad" w
	done
	fails 2 '--cron goes with --next, without DAGs' --cron @daily
	fails 2 '--timezone and --dialect go with --cron' --timezone UTC
	fails 2 '--dialect: "x" is not crontab, quartz, oozie or cron4j' \
	    --dialect x
	fails 2 '--next and --run do not go together' --next 1 --run w
}

@test "broken: an error record and a message, and the others go on" {
	dag a 'schedule = 0 * * * *' 'start = 2025-01-01T10:00Z'
	dag b 'schedule = 61 * * * *'
	dag c 'schedule = 0 * * * *' 'start = 2025-01-01T10:00Z'
	DAG_NOW=2025-01-01T10:00:00Z run --separate-stderr dagsched
	[ "$status" = 1 ]
	equal "$(printf '%s\n' "$output" | ids)" "$(printf '%s\n' \
	    'run a/2025-01-01T1000Z schedule' 'error b' \
	    'run c/2025-01-01T1000Z schedule')"
	[[ $stderr == 'dagsched: '*b.dag:2:*'value 61 is not from 0 to 59'* ]]
	run --separate-stderr dagsched nosuch
	[ "$status" = 1 ]
	equal "$output" ''
	[[ $stderr == 'dagsched: nosuch: '* ]]
}

@test "records: definitions are taken from stdin, if all of them came" {
	dag w 'schedule = 0 0 * * *' 'start = 2025-01-01'
	printf '[task b]\nafter = a\nrun = true\n' >>dags/w.dag
	export DAG_NOW=2025-01-01T00:01:00Z
	equal "$(dagparse | dagsched -)" "$(dagsched)"
	dagparse | sed '$d' >cut
	fails 1 'w: 1 of its 2 tasks came' - <cut
	dagparse | head -c -1 >cut
	run --separate-stderr dagsched - <cut
	[ "$status" = 1 ]
	equal "$output" ''
	equal "$stderr" "$(printf '%s\n' 'dagsched: w: 1 of its 2 tasks came' \
	    'dagsched: stdin:3: cut short: no newline at its end')"
	printf 'task\tw/a\trun=true\n' >orphan
	fails 1 'stdin:1: a task record, where a dag record is expected' - <orphan
	printf 'x\n' >junk
	fails 1 'stdin:1: no kind and identity, separated by a tab' - <junk
	printf 'error\tw\tfile=w.dag\ttext=bad\n' >error
	run --separate-stderr dagsched - <error
	[ "$status" = 1 ]
	equal "$output" "$(cat error)"
	printf 'dag\tw\ttasks=0\tschedule=61 * * * *\n' >bad
	run --separate-stderr dagsched - <bad
	[ "$status" = 1 ]
	equal "$output" ''
	[ -n "$stderr" ]
}

@test "spool: nothing is written, and what is none is refused" {
	dag w 'schedule = 0 0 * * *' 'start = 2025-01-01'
	dagsched >out
	dagsched --backfill 2025-01-01 w >out
	[ ! -e spool ]
	: >file
	run --separate-stderr dagsched --spool "$T/file"
	[ "$status" = 1 ]
	equal "$output" ''
	[[ $stderr == "dagsched: spool $T/file: "* ]]
	run --separate-stderr dagsched w >/dev/null
	[ -e /dev/full ] || skip
	run --separate-stderr sh -c 'dagsched w >/dev/full'
	[ "$status" = 111 ]
	equal "$stderr" 'dagsched: stdout: No space left on device'
}

# next N KEYS...: the next N slots of a DAG with these keys
next() {
	local n=$1
	shift
	dag n "$@"
	dagsched --next "$n" n | paste -sd ' '
}

@test "every: from its start it takes no notice of the clock" {
	export DAG_NOW=2026-03-08T04:00:00Z
	equal "$(next 4 'schedule = every 90m' 'start = 2026-03-08T00:10' \
	    'timezone = America/New_York')" '2026-03-08T00:10:00-05:00 2026-03-08T01:40:00-05:00 2026-03-08T04:10:00-04:00 2026-03-08T05:40:00-04:00'
	equal "$(next 3 'schedule = every 7s' 'start = 2026-03-08T04:00:00Z' \
	    'timezone = UTC')" '2026-03-08T04:00:07Z 2026-03-08T04:00:14Z 2026-03-08T04:00:21Z'
}

@test "every: whole days are days of the calendar" {
	export DAG_NOW=2026-03-06T12:00:00Z
	equal "$(next 3 'schedule = every 2d' 'start = 2026-03-02T02:30' \
	    'timezone = America/New_York')" '2026-03-08T03:00:00-04:00 2026-03-10T02:30:00-04:00 2026-03-12T02:30:00-04:00'
	equal "$(next 2 'schedule = every 2d' 'start = 2026-03-02T02:30' \
	    'dst-gap = skip' 'timezone = America/New_York')" \
	    '2026-03-10T02:30:00-04:00 2026-03-12T02:30:00-04:00'
	equal "$(next 2 'schedule = every 1d' 'timezone = UTC')" \
	    '2026-03-07T00:00:00Z 2026-03-08T00:00:00Z'
}

@test "every: without a start each day begins at midnight" {
	export DAG_NOW=2026-06-01T19:30:00Z
	equal "$(next 4 'schedule = every 7h' 'timezone = UTC')" '2026-06-01T21:00:00Z 2026-06-02T00:00:00Z 2026-06-02T07:00:00Z 2026-06-02T14:00:00Z'
}

@test "at: instants, in their order, whatever the order they are written in" {
	export DAG_NOW=2026-01-01T00:00:00Z
	equal "$(next 9 'timezone = Asia/Seoul' \
	    'schedule = at 2026-12-31 2026-12-24T18:00:30 2026-12-24T05:00:00Z' \
	    'schedule = 0 0 1 1 *' 'end = 2027-06-01')" '2026-12-24T14:00:00+09:00 2026-12-24T18:00:30+09:00 2026-12-31T00:00:00+09:00 2027-01-01T00:00:00+09:00'
}

@test "once: at its start, or when it was first seen" {
	export DAG_NOW=2026-01-01T10:00:00Z
	dag w 'schedule = @once' 'timezone = UTC'
	fails 1 'w: it is due once, when dagq first sees it' --next 1 w
	equal "$(pass "$DAG_NOW")" ''
	pass 2026-01-01T10:01:00Z >second
	grep -qx 'run w/2026-01-01T1000[0-9]*Z schedule' second
	[ "$(find spool/runs/w -mindepth 1 -maxdepth 1 | wc -l)" = 1 ]
	equal "$(pass 2026-01-01T10:02:00Z)" ''
	equal "$(pass 2027-01-01T10:02:00Z)" ''
	dag x 'schedule = @once' 'timezone = UTC' 'start = 2026-02-03T04:05'
	equal "$(next 2 'schedule = @once' 'timezone = UTC' 'start = 2026-02-03T04:05')" \
	    2026-02-03T04:05:00Z
	rm dags/n.dag
	equal "$(pass 2026-02-03T04:06:00Z)" 'run x/2026-02-03T0405Z schedule'
	equal "$(pass 2026-02-03T04:07:00Z)" ''
}

@test "delay: the slot is midnight, the run is made at seven, by the clock" {
	dag w 'schedule = 0 0 * * *' 'delay = 7h' 'start = 2026-03-07' \
	    'catchup = all' 'timezone = America/New_York'
	equal "$(DAG_NOW=2026-03-07T11:59:59Z dagsched | ids)" ''
	equal "$(DAG_NOW=2026-03-07T12:00:00Z dagsched | ids)" \
	    'run w/2026-03-07T0000-0500 schedule'
	equal "$(DAG_NOW=2026-03-08T10:59:59Z dagsched | ids)" \
	    'run w/2026-03-07T0000-0500 catchup'
	# the night of the 8th has an hour less
	equal "$(DAG_NOW=2026-03-08T11:05:00Z dagsched | ids)" "$(printf '%s\n' \
	    'run w/2026-03-07T0000-0500 catchup' \
	    'run w/2026-03-08T0000-0500 schedule')"
	equal "$(DAG_NOW=2026-03-08T11:05:01Z dagsched | ids | tail -n 1)" \
	    'run w/2026-03-08T0000-0500 catchup'
	equal "$(DAG_NOW=2026-11-01T12:00:00Z dagsched | ids | tail -n 1)" \
	    'run w/2026-11-01T0000-0400 schedule'
	equal "$(DAG_NOW=2026-11-01T11:59:59Z dagsched | ids | tail -n 1)" \
	    'run w/2026-10-31T0000-0400 catchup'
	# a delay of more than the interval: several are not due yet
	dag w 'schedule = 0 * * * *' 'delay = 3d' 'start = 2026-01-01' \
	    'catchup = all' 'timezone = UTC'
	equal "$(DAG_NOW=2026-01-04T01:30:00Z dagsched | ids)" \
	    "$(printf '%s\n' 'run w/2026-01-01T0000Z catchup' \
	    'run w/2026-01-01T0100Z catchup')"
}

@test "timezone: a schedule can have its own" {
	export DAG_NOW=2026-06-01T12:00:00Z
	equal "$(next 3 'timezone = Europe/Berlin' \
	    'schedule = TZ=Asia/Seoul 0 9 * * *' 'schedule = 0 9 * * *')" \
	    '2026-06-02T02:00:00+02:00 2026-06-02T09:00:00+02:00 2026-06-03T02:00:00+02:00'
}

@test "clock: dst-gap and dst-overlap decide" {
	export DAG_NOW=2026-03-08T00:00:00Z
	zone='timezone = America/New_York'
	equal "$(next 1 "$zone" 'schedule = 30 2 * * *')" \
	    2026-03-08T03:00:00-04:00
	equal "$(next 1 "$zone" 'schedule = 30 2 * * *' 'dst-gap = skip')" \
	    2026-03-09T02:30:00-04:00
	equal "$(next 1 "$zone" 'schedule = */20 2 * * *')" \
	    2026-03-09T02:00:00-04:00
	equal "$(next 1 "$zone" 'schedule = */20 2 * * *' 'dst-gap = run')" \
	    2026-03-08T03:00:00-04:00
	export DAG_NOW=2026-11-01T00:00:00Z
	equal "$(next 2 "$zone" 'schedule = 30 1 * * *' 'dst-overlap = first')" \
	    '2026-11-01T01:30:00-04:00 2026-11-02T01:30:00-05:00'
	equal "$(next 2 "$zone" 'schedule = 30 1 * * *' 'dst-overlap = second')" \
	    '2026-11-01T01:30:00-05:00 2026-11-02T01:30:00-05:00'
	equal "$(next 2 "$zone" 'schedule = 30 1 * * *' 'dst-overlap = both')" \
	    '2026-11-01T01:30:00-04:00 2026-11-01T01:30:00-05:00'
}

# wrong KEY VALUE MESSAGE: in [dag] it is an error at 2:COLUMN
wrong() {
	dag bad "$1 = $2"
	run --separate-stderr dagparse bad
	[ "$status" = 1 ]
	[[ $stderr == *"bad.dag:2:"*": $3" ]] || equal "$stderr" "$3"
}

@test "schedules: what cannot be is refused" {
	wrong schedule 'every' 'schedule: a duration, and only that, should follow "every", such as 90m, 6h or 2d'
	wrong schedule 'every 90' 'schedule: a duration, and only that, should follow "every", such as 90m, 6h or 2d'
	wrong schedule 'every 0m' 'schedule: every 0s is never: at least 1s is needed'
	wrong schedule 'every 90s' 'schedule "every 90s": without a start to count from it must be whole minutes'
	wrong schedule 'every 2d' 'schedule "every 2d": more than a day needs a start to count from'
	wrong schedule 'at' 'schedule: instants should follow "at", such as 2025-03-01T02:00'
	wrong schedule 'at noon' 'schedule: "noon" is not a day or an instant: 2025-03-01, 2025-03-01T02:00'
	wrong schedule 'at 2026-02-30T12:00' 'schedule: "2026-02-30T12:00" is not a year, month, day or instant: 2025, 2025-03, 2025-03-01, 2025-03-01T02:00'
	wrong schedule '@once more' 'schedule: "@once" is none of @hourly @daily @midnight @weekly @monthly @yearly @annually @once'
	wrong schedule 'TZ=Mars/Base 0 0 * * *' 'schedule: "Mars/Base" is not a known time zone'
	wrong dst-gap maybe 'dst-gap: "maybe" is none of run, skip'
	wrong delay '7' 'delay: "7" is not a duration such as 30s, 5m, 1h30m or 2d'
}

@test "change: of a start that an interval is counted from" {
	dag w 'schedule = every 90m' 'start = 2025-01-01' 'catchup = all'
	pass 2025-01-01T02:30:00Z >first
	dag w 'schedule = every 90m' 'start = 2025-01-01T00:20' 'catchup = all'
	equal "$(pass 2025-01-01T02:31:00Z)" ''
	equal "$(pass 2025-01-01T03:25:00Z)" 'run w/2025-01-01T0320Z schedule'
}

@test "catchup merge: one run, whose interval covers all that was missed" {
	dag w 'schedule = 0 * * * *' 'start = 2025-01-01' 'catchup = merge'
	export DAG_NOW=2025-01-01T03:30:00Z
	dagsched >rec
	equal "$(grep '^run' rec)" "$(printf 'run\tw/2025-01-01T0300Z\ttime=2025-01-01T03:00:00Z\tcause=catchup\tprev=2024-12-31T23:00:00Z\tnext=2025-01-01T04:00:00Z')"
	equal "$(grep '^missed' rec | cut -f 2,4)" "$(printf '%s\n' \
	    'w/2025-01-01T0000Z	reason=the run of a later slot covers it (catchup = merge)' \
	    'w/2025-01-01T0100Z	reason=the run of a later slot covers it (catchup = merge)' \
	    'w/2025-01-01T0200Z	reason=the run of a later slot covers it (catchup = merge)')"
	dagq <rec
	equal "$(pass 2025-01-01T03:31:00Z)" ''
	# nothing missed: an interval like any other
	equal "$(DAG_NOW=2025-01-01T04:00:00Z dagsched | grep -o 'prev=.*')" \
	    "$(printf 'prev=2025-01-01T03:00:00Z\tnext=2025-01-01T05:00:00Z')"
	# a later slot has a run already: the one before it covers the rest
	DAG_NOW=2025-01-01T06:30:00Z dagsched -q --backfill 2025-01-01T06:00 w |
	    dagq
	DAG_NOW=2025-01-01T06:30:00Z dagsched >rec
	equal "$(ids <rec)" "$(printf '%s\n' 'missed w/2025-01-01T0400Z' \
	    'run w/2025-01-01T0500Z catchup')"
	grep -q 'prev=2025-01-01T03:00:00Z' rec
}

@test "catchup-window: what is older is missed, with that reason" {
	for catchup in all last merge; do
		dag w 'schedule = 0 * * * *' 'start = 2025-01-01' \
		    "catchup = $catchup" 'catchup-window = 90m'
		DAG_NOW=2025-01-01T05:30:00Z dagsched >"$catchup"
	done
	equal "$(ids <all)" "$(printf '%s\n' 'missed w/2025-01-01T0000Z' \
	    'missed w/2025-01-01T0100Z' 'missed w/2025-01-01T0200Z' \
	    'missed w/2025-01-01T0300Z' 'run w/2025-01-01T0400Z catchup' \
	    'run w/2025-01-01T0500Z catchup')"
	equal "$(grep '^missed' all | cut -f 4 | sort -u)" \
	    'reason=older than its catchup-window'
	equal "$(grep '^missed' last | cut -f 2,4 | tail -n 2)" \
	    "$(printf '%s\n' 'w/2025-01-01T0300Z	reason=older than its catchup-window' 'w/2025-01-01T0400Z	reason=a later slot was due (catchup = last)')"
	equal "$(grep '^run' merge | grep -o 'prev=[^	]*')" \
	    prev=2025-01-01T03:00:00Z
	# not even the latest
	equal "$(DAG_NOW=2025-01-01T00:45:00Z dagsched | ids)" \
	    'run w/2025-01-01T0000Z catchup'
	dag w 'schedule = @daily' 'start = 2025-01-01' 'catchup-window = 90m'
	equal "$(DAG_NOW=2025-01-01T01:30:01Z dagsched | ids)" \
	    'missed w/2025-01-01T0000Z'
}

@test "overlap skip: while earlier runs have not ended a slot is missed" {
	dag w 'schedule = 0 * * * *' 'start = 2025-01-01' 'catchup = all' \
	    'overlap = skip' 'max-active-runs = 2'
	equal "$(pass 2025-01-01T02:00:00Z)" "$(printf '%s\n' \
	    'run w/2025-01-01T0000Z catchup' 'run w/2025-01-01T0100Z catchup' \
	    'missed w/2025-01-01T0200Z')"
	equal "$(pass 2025-01-01T03:00:00Z)" 'missed w/2025-01-01T0300Z'
	equal "$(dagstat -q --missed w | awk 'NR == 1 { print $1 }')" \
	    w/2025-01-01T0200Z
	grep -q 'reason=earlier runs had not ended (overlap = skip)' \
	    spool/history/w.tsv
	dagq -q --mark success w/2025-01-01T0000Z
	equal "$(pass 2025-01-01T04:00:00Z)" 'run w/2025-01-01T0400Z schedule'
	# manual runs take no room, and give none
	dagsched --run w | dagq
	dagq -q --mark success 'w/2025-01-01T0[14]*'
	equal "$(pass 2025-01-01T05:00:00Z)" 'run w/2025-01-01T0500Z schedule'
}

@test "overlap latest: the latest slot, as soon as there is room" {
	dag w 'schedule = 0 * * * *' 'start = 2025-01-01' 'catchup = all' \
	    'overlap = latest' 'max-active-runs = 1'
	equal "$(pass 2025-01-01T00:00:00Z)" 'run w/2025-01-01T0000Z schedule'
	equal "$(pass 2025-01-01T01:00:00Z)" ''
	equal "$(pass 2025-01-01T02:01:00Z)" 'missed w/2025-01-01T0100Z'
	equal "$(pass 2025-01-01T02:02:00Z)" ''
	dagq -q --mark success w/2025-01-01T0000Z
	equal "$(pass 2025-01-01T02:03:00Z)" 'run w/2025-01-01T0200Z schedule'
	grep -q 'reason=a later slot was due (overlap = latest)' \
	    spool/history/w.tsv
	# merged, what waits is told when its run is made
	dag w 'schedule = 0 * * * *' 'start = 2025-01-01' 'catchup = merge' \
	    'overlap = latest' 'max-active-runs = 1'
	equal "$(pass 2025-01-01T04:03:00Z)" ''
	dagq -q --mark success w/2025-01-01T0200Z
	equal "$(pass 2025-01-01T04:04:00Z)" "$(printf '%s\n' \
	    'missed w/2025-01-01T0300Z' 'run w/2025-01-01T0400Z schedule')"
	grep -q 'prev=2025-01-01T02:00:00Z' spool/runs/w/2025-01-01T0400Z/run
}

@test "overlap cancel: the new run ends the old one, whole" {
	mkfifo began
	printf '%s\n' '[dag]' 'schedule = 0 * * * *' 'start = 2025-01-01' \
	    'overlap = cancel' 'max-active-runs = 1' '[task a]' \
	    "run = echo >$T/began; exec sleep 1000" '[task b]' 'hold = yes' \
	    'run = true' '[task c]' 'after = a b' 'run = true' >dags/w.dag
	equal "$(pass 2025-01-01T00:00:00Z)" 'run w/2025-01-01T0000Z schedule'
	dagexec --drain -q 3>&- &
	pid=$!
	read -r line <began
	DAG_NOW=2025-01-01T01:00:00Z dagsched >rec
	equal "$(grep '^run' rec | grep -o 'cancels=[^	]*')" \
	    cancels=2025-01-01T0000Z
	cp rec again
	run --separate-stderr dagq <rec
	[ "$status" = 0 ]
	equal "$stderr" 'dagq: w/2025-01-01T0000Z: cancelled'
	[ -e spool/runs/w/2025-01-01T0000Z/@failed ]
	equal "$(ls spool/runs/w/2025-01-01T0000Z | grep '[@.]')" \
	    "$(printf '%s\n' @failed a.failed b.failed c.failed)"
	grep -q 'note=cancelled by 2025-01-01T0100Z (overlap = cancel)' \
	    spool/runs/w/2025-01-01T0000Z/a.failed
	# the new one goes on in its place; asked for twice nothing is ended
	read -r line <began
	run --separate-stderr dagq <again
	equal "$stderr" ''
	[ -e spool/runs/w/2025-01-01T0100Z/@active ]
	dagq -q --kill w/2025-01-01T0100Z/a
	dagq -q --mark failed w/2025-01-01T0100Z/b
	wait "$pid" || [ $? = 1 ]
}

@test "policies: what they cannot be is refused" {
	wrong catchup always 'catchup: "always" is none of none, last, all, merge'
	wrong overlap wait 'overlap: "wait" is none of queue, skip, latest, cancel'
	wrong catchup-window x 'catchup-window: "x" is not a duration such as 30s, 5m, 1h30m or 2d'
}

# year SEED: calls of dagsched and dagq over a year, at random; seed 0: one
year() {
	rm -rf spool
	awk -v seed="$1" 'BEGIN {
		srand(seed)
		for (t = 0; t < 365 * 24 && seed; t += int(rand() * 900))
			for (i = int(rand() * 3); i >= 0; i--)
				print t
		print 365 * 24
	}' | while read -r hour; do
		DAG_NOW=$(date -u -d "2026-01-01 $hour hours" +%FT%TZ)
		export DAG_NOW
		dagsched -q | dagq --sync none || return
	done
	ls spool/runs/*
}

@test "a year of calls at random, or of one at its end: the same runs" {
	dag w 'schedule = 0 3 * * 1-5' 'timezone = America/New_York' \
	    'start = 2026-01-01' 'catchup = all'
	dag x 'schedule = every 50h' 'start = 2026-01-01' 'catchup = all'
	dag y 'schedule = 30 2 * * *' 'timezone = Europe/Berlin' \
	    'catchup = all' 'start = 2026-01-10' 'end = 2026-11-30' 'delay = 9h'
	year 0 >once
	[ "$(grep -c Z once)" -gt 170 ]
	for seed in $(seq $((SAMPLE > 1 ? 1 : 2))); do
		year "$seed" >many
		equal "$(cat many)" "$(cat once)"
	done
}

@test "clock: one that jumps a year, and back, queues nothing by accident" {
	cat >dags/m.dag <<-'END'
	[dag]
	schedule = * * * * *
	timezone = UTC
	[task a]
	run = true
	END
	DAG_NOW=2026-01-01T00:00:00Z dagsched | DAG_NOW=2026-01-01T00:00:00Z dagq
	DAG_NOW=2027-01-01T00:00:00Z dagsched >jump
	# the last slot runs; what was passed over has 1000 records and one more
	equal "$(cut -f 1 jump | sort | uniq -c | tr -s ' \n' ' ')" \
	    " 1 dag 1001 missed 1 run 1 task "
	grep -q '^run	m/2027-01-01T0000Z	' jump
	grep -q '^missed	m/2026-01-01T0001Z	.*	count=524599$' jump
	dagq <jump
	# the clock is set right again
	equal "$(DAG_NOW=2026-01-01T00:05:00Z dagsched)" ""
	DAG_NOW=2026-01-01T00:05:00Z dagsched --why m/2026-01-01T00:03 |
		grep -q 'no	it became a run: it was missed, .*	dagsched --backfill'
	equal "$(ls spool/runs/m)" 2027-01-01T0000Z
	equal "$(DAG_NOW=2027-01-01T00:01:00Z dagsched | cut -f 1,2 | tail -n 1)" \
	    "run	m/2027-01-01T0001Z"
}
