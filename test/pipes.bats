#!/usr/bin/env bats
# pipes: what each program does when a pipe ends early, is full, or is closed.

load helper

programs='dagparse dagsched dagq dagexec dagstat'

dag() {
	cat >"$T/dags/a.dag" <<-'END'
	[dag]
	schedule = 0 0 * * *
	timezone = UTC
	start = 2026-01-01
	[task one]
	run = true
	[task two]
	after = one
	run = true
	END
}

# a spool with runs of a DAG a, not yet executed
spool() {
	dag
	dagsched -q --backfill 2026-01 a | dagq
}

# many N: a DAG of N tasks, to fill a pipe
many() {
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
	    printf "[task t%d]\nrun = true\n", i }' >"$T/dags/many.dag"
}

# statuses COMMAND: runs it with bash, prints PIPESTATUS
statuses() {
	bash -c "$1"' >/dev/null; echo "${PIPESTATUS[*]}"'
}

@test "SIGPIPE: dagparse ends quietly when nobody reads on" {
	many 20000
	run --separate-stderr statuses 'dagparse many | head -n 1'
	equal "$stderr" ""
	equal "$output" "141 0"
}

@test "SIGPIPE: dagsched ends quietly when nobody reads on" {
	run --separate-stderr statuses \
	    'dagsched --next 100000 --cron "* * * * *" --timezone UTC | head -n 1'
	equal "$stderr" ""
	equal "$output" "141 0"
}

@test "SIGPIPE: dagstat ends quietly when nobody reads on" {
	many 3000
	dagsched --run many | dagq
	run --separate-stderr statuses 'dagstat "many/@/*" | head -n 1'
	equal "$stderr" ""
	equal "$output" "141 0"
}

@test "full: --help and --version tell that they could not be written" {
	for name in $programs; do
		for option in --help --version; do
			status=0
			"$name" $option >/dev/full 2>err || status=$?
			[ $status = 111 ] || { echo "$name $status"; return 1; }
			equal "$(cat err)" \
			    "$name: stdout: No space left on device"
		done
	done
}

@test "full: dagparse" {
	dag
	for option in '' --dot; do
		run -111 sh -c "dagparse $option a >/dev/full"
		equal "$output" "dagparse: stdout: No space left on device"
	done
}

@test "full: dagsched" {
	dag
	run -111 sh -c 'dagsched --backfill 2026-01 a >/dev/full'
	[[ $output == *"dagsched: stdout: No space left on device" ]]
	run -111 sh -c \
	    'dagsched --next 3 --cron "0 0 * * *" --timezone UTC >/dev/full'
	equal "$output" "dagsched: stdout: No space left on device"
}

@test "full: dagq makes the runs, and says that it could not say so" {
	dag
	run -111 sh -c 'dagsched -q --backfill 2026-01-01..2026-01-03 a |
	    dagq -v >/dev/full'
	equal "$output" "dagq: stdout: No space left on device"
	[ "$(ls spool/runs/a | wc -l)" = 3 ]
	# nor does a pause of who writes end it, after the first of the runs
	dagsched -q --backfill 2026-02-01..2026-02-03 a >records
	run -111 timeout 30 sh -c '(sed "/^run/q" records
	    until [ -e spool/runs/a/2026-02-01T0000Z ]; do sleep 0.02; done
	    sed "1,/^run/d" records) | dagq -v >/dev/full'
	equal "$output" "dagq: stdout: No space left on device"
	[ "$(ls spool/runs/a | wc -l)" = 6 ]
}

@test "full: dagstat" {
	spool
	for options in '' a --json --waiting '--log a/2026-01-01/one' \
	    '--why a/2026-01-01/two'; do
		status=0
		# shellcheck disable=SC2086
		dagstat $options >/dev/full 2>err || status=$?
		case $options in --log*) continue ;; esac
		[ $status = 111 ] || { echo "$options: $status"; return 1; }
		equal "$(cat err)" "dagstat: stdout: No space left on device"
	done
}

@test "full: dagexec FILE.dag runs, and says that its output was lost" {
	printf '[task a]\nrun = echo x\n' >f.dag
	run -111 sh -c 'dagexec ./f.dag >/dev/full'
	[[ $output == *"No space left on device"* ]]
	ls spool/runs/f/*/a.success
}

@test "cut: a plan that was cut short makes no run" {
	dag
	dagsched -q --backfill 2026-01-01 a >whole
	size=$(wc -c <whole)
	[ "$size" -gt 100 ]
	for cut in 1 10 60 100 $((size - 1)); do
		status=0
		head -c "$cut" whole | dagq >out 2>err || status=$?
		[ $status = 1 ] || { echo "$cut: $status"; cat err; return 1; }
		[ -s err ]
		[ ! -s out ]
		[ ! -e spool/runs/a ] || [ -z "$(ls spool/runs/a)" ]
	done
	dagq <whole
	[ "$(ls spool/runs/a | wc -l)" = 1 ]
}

@test "cut: what is missing in the middle is noticed by its number" {
	dag
	dagsched -q --backfill 2026-01-01 a | grep -v '^task	a/one' >cut
	run -1 dagq <cut
	[ -n "$output" ]
	[ ! -e spool/runs/a ] || [ -z "$(ls spool/runs/a)" ]
}

@test "closed: without stdin, no program hangs or takes a file for it" {
	dag
	for name in dagparse dagstat dagq; do
		status=0
		timeout 10 "$name" <&- >out 2>err || status=$?
		[ $status -lt 3 ] || { echo "$name $status"; return 1; }
	done
	status=0
	timeout 10 dagsched - <&- >out 2>err || status=$?
	[ $status -lt 3 ]
	timeout 10 dagexec --drain <&-
}

@test "closed: without stdout, nothing is written into the spool's files" {
	spool
	dagexec --drain >&- 2>&-
	dagq --check
	for name in dagparse dagsched dagstat; do
		status=0
		timeout 10 "$name" a >&- 2>err || status=$?
		[ $status -lt 3 ] || [ $status = 111 ] ||
			{ echo "$name $status"; return 1; }
	done
	dagq --check
}

@test "pipe: whatever dagstat prints, dagq reads" {
	spool
	dagexec --drain
	dagstat --success >listed
	[ "$(grep -vc '^#' listed)" -gt 0 ]
	head -n 5 listed | dagq --rerun
	run dagstat --success
	[ "$output" != "$(cat listed)" ]
}
