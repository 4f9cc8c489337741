#!/usr/bin/env bats
# follow: dagsched --follow, and dagq at the other end of its pipe.

load helper

dag() {
	local name=$1
	shift
	{
		printf '[dag]\ntimezone = UTC\n'
		printf '%s\n' "$@"
		printf '[task a]\nrun = true\n'
	} >"$T/new"
	mv "$T/new" "dags/$name.dag"
}

# start ARG...: dagsched --follow, its pid in $pid, its records on fd 5, its
# messages on fd 6
start() {
	mkfifo out err
	exec 5<>out 6<>err
	dagsched --follow "$@" >out 2>err 3>&- 5>&- 6>&- &
	pid=$!
}

# next FD WORDS: the next line there begins so, within a minute
next() {
	local line
	read -r -t 60 -u "$1" line
	case $line in
	"$2"*) ;;
	*) equal "$line" "$2" ;;
	esac
}

# stop: told to, it leaves with 0
stop() {
	kill "$pid"
	wait "$pid"
	pid=
}

@test "follow: a slot is printed when it falls due, not before" {
	dag w 'schedule = * * * * *' 'start = 2026-01-01'
	dagq </dev/null
	DAG_NOW=2026-01-01T00:00:59Z start
	next 5 $'dag\tw\t'
	next 5 $'task\tw/a\t'
	next 5 $'run\tw/2026-01-01T0000Z\t'
	# nobody has made that run: it is due once more
	next 5 $'dag\tw\t'
	next 5 $'task\tw/a\t'
	next 5 $'missed\tw/2026-01-01T0000Z\t'
	next 5 $'run\tw/2026-01-01T0001Z\ttime=2026-01-01T00:01:00Z\tcause=schedule\t'
	stop
}

@test "follow: it sleeps until the next slot, on a timer, in little memory" {
	dag w 'schedule = 0 0 1 1 *'
	DAG_NOW=2026-06-01T00:00:00Z start
	next 5 $'dag\tw\t'
	until [ "$(sed 's/.*) //; s/ .*//' "/proc/$pid/stat")" = S ]; do :; done
	# armed for an instant of the clock (1), told of it being set (2)
	grep -l 'settime flags: 03' /proc/"$pid"/fdinfo/* >timer
	until left=$(sed -n 's/^it_value: (\([0-9]*\),.*/\1/p' "$(cat timer)") &&
	    [ "$left" -gt 0 ]; do :; done
	[ "$left" -gt $((213 * 86400)) ]
	[ "$left" -le $((214 * 86400)) ]
	ldd "$BIN/dagsched" | grep -q asan ||
		[ "$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' \
		    "/proc/$pid/status")" -lt 3072 ]
	stop
}

@test "follow: a file that comes, changes, breaks, goes" {
	start
	dag w 'schedule = 0 0 1 1 *'
	next 5 $'dag\tw\ttasks=1\tfile='
	next 5 $'task\tw/a\t'
	dag w 'schedule = 0 0 2 1 *'
	read -r -t 60 -u 5 line
	[[ $line == $'dag\tw\t'*'schedule=0 0 2 1 *'* ]]
	next 5 $'task\tw/a\t'
	dag w 'schedule = 61 0 2 1 *'
	next 5 $'error\tw\t'
	next 6 "dagsched: $T/dags/w.dag:3:12: schedule: minute \"61\": the value 61 is not from 0 to 59"
	next 6 'dagsched: w: its last good version stays in force'
	rm dags/w.dag
	dag x 'schedule = 0 0 1 1 *'
	next 5 $'dag\tx\t'
	stop
}

@test "follow: written in place it is read when it is closed; a link counts" {
	dag first 'schedule = @yearly'
	start
	next 5 $'dag\tfirst\t'
	next 5 $'task\tfirst/a\t'
	{
		printf '[dag]\nschedule = @yearly\n'
		printf '[task a]\nrun = true\n'
	} >dags/w.dag
	next 5 $'dag\tw\ttasks=1\t'
	next 5 $'task\tw/a\t'
	mkdir other
	printf '[task a]\nrun = true\n[dag]\nschedule = @yearly\n' >other/y.dag
	ln -s ../other/y.dag dags/y.dag
	next 5 $'dag\ty\ttasks=1\t'
	next 5 $'task\ty/a\t'
	# where the link leads to is watched
	printf '[task b]\nrun = true\n[dag]\nschedule = @monthly\n' >other/y.dag
	next 5 $'dag\ty\ttasks=1\t'
	next 5 $'task\ty/b\t'
	stop
}

@test "follow: the broken version has no part in what is due" {
	dag w 'schedule = * * * * *' 'start = 2026-01-01' 'catchup = all'
	DAG_NOW=2026-01-01T00:00:59Z start
	next 5 $'dag\tw\t'
	next 5 $'task\tw/a\t'
	next 5 $'run\tw/2026-01-01T0000Z\t'
	printf '[dag]\nretries = 1\n[task a]\nrun = true\n' >new
	mv new dags/w.dag
	next 5 $'error\tw\t'
	next 5 $'dag\tw\t'
	next 5 $'task\tw/a\trun=true'
	next 5 $'run\tw/2026-01-01T0000Z\t'
	next 5 $'run\tw/2026-01-01T0001Z\t'
	stop
}

@test "follow: a directory of DAGs that is replaced by another" {
	mkdir -p releases/1 releases/2
	ln -s releases/1 current
	dag one 'schedule = @yearly'
	mv dags/one.dag releases/1
	dag two 'schedule = @yearly'
	mv dags/two.dag releases/2
	DAG_PATH=$T/current start
	next 5 $'dag\tone\t'
	next 5 $'task\tone/a\t'
	ln -s releases/2 next
	mv -T next current
	next 5 $'dag\ttwo\t'
	stop
}

@test "follow: dagq --resume lets what was held back be decided at once" {
	dag w 'schedule = 0 * * * *' 'start = 2026-01-01'
	export DAG_NOW=2026-01-01T00:30:00Z
	dagsched -q | dagq
	dagq --pause w
	DAG_NOW=2026-01-01T02:30:00Z start -v
	next 6 'dagsched: w: 0 run records, 0 missed records'
	dagq --resume w
	next 5 $'dag\tw\t'
	next 5 $'task\tw/a\t'
	next 5 $'missed\tw/2026-01-01T0100Z\t'
	next 5 $'run\tw/2026-01-01T0200Z\t'
	stop
}

@test "follow: into dagq it is a service: a run is made while the pipe is open" {
	dag w 'schedule = * * * * *' 'start = 2026-01-01'
	export DAG_NOW=2026-01-01T00:00:59Z
	mkfifo made pipe
	exec 7<>made 8<>pipe
	dagq -v <pipe >made 7>&- 8>&- 3>&- &
	queue=$!
	dagsched --follow >pipe 7>&- 8>&- 3>&- &
	pid=$!
	exec 8>&-
	next 7 w/2026-01-01T0000Z
	next 7 w/2026-01-01T0001Z
	[ -e spool/runs/w/2026-01-01T0001Z/@active ]
	# and nobody is kept from the runs meanwhile
	flock -n spool/runs/w true
	stop
	wait "$queue"
}

@test "follow: when nobody reads any more it leaves, with 111" {
	dag w 'schedule = 0 0 1 1 *'
	mkfifo out err
	exec 6<>err
	dagsched --follow w >out 2>err 3>&- 6>&- &
	pid=$!
	read -r line <out
	next 6 'dagsched: stdout: nobody reads it any more'
	wait "$pid" || status=$?
	pid=
	[ "$status" = 111 ]
}

@test "follow: what cannot be followed is refused" {
	run --separate-stderr dagsched --follow nosuch
	[ "$status" = 1 ]
	equal "$output" ''
	[[ $stderr == *'dagsched: not all DAGs are there: nothing is followed' ]]
	run --separate-stderr dagsched --follow --backfill 2025 w
	[ "$status" = 2 ]
	equal "$stderr" 'dagsched: --follow and --backfill do not go together'
	run --separate-stderr dagsched --follow -
	[ "$status" = 2 ]
	equal "$stderr" 'dagsched: --follow reads files, not records: "-" does not go with it'
}

@test "dagq: a pause in the records, and what has come is acted upon" {
	dag w 'schedule = @daily' 'start = 2026-01-01'
	DAG_NOW=2026-01-04T00:00:00Z dagsched --backfill 2026-01 -q w >rec
	mkfifo in made
	exec 7<>made 8<>in
	dagq -v <in >made 7>&- 8>&- 3>&- &
	pid=$!
	exec 9>in 8>&-
	head -n 5 rec >&9
	next 7 w/2026-01-01T0000Z
	next 7 w/2026-01-02T0000Z
	printf '# a comment\n' >&9
	# the definition is still in force; half a record waits for its rest
	sed -n 6p rec | head -c -9 >&9
	flock spool/runs/w true
	[ ! -e spool/runs/w/2026-01-03T0000Z ]
	sed -n 6p rec | tail -c 9 >&9
	next 7 w/2026-01-03T0000Z
	exec 9>&-
	wait "$pid"
	pid=
}

@test "follow: overlap latest: the end of a run makes room, at once" {
	printf '%s\n' '[dag]' 'schedule = 0 * * * *' 'start = 2025-01-01' \
	    'overlap = latest' 'max-active-runs = 1' 'timezone = UTC' \
	    '[task a]' 'run = true' >dags/w.dag
	DAG_NOW=2025-01-01T00:30:00Z dagsched -q | DAG_NOW=2025-01-01T00:30:00Z dagq
	DAG_NOW=2025-01-01T02:30:00Z start -v
	next 5 $'dag\tw\t'
	next 5 $'task\tw/a\t'
	next 5 $'missed\tw/2025-01-01T0100Z\t'
	next 6 'dagsched: w: 0 run records, 1 missed records'
	dagq -q --mark success w/2025-01-01T0000Z
	while read -r -t 60 -u 5 line && [[ $line != run* ]]; do :; done
	[[ $line == $'run\tw/2025-01-01T0200Z\t'* ]]
	stop
}
