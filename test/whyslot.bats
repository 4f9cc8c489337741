#!/usr/bin/env bats
# whyslot: dagsched --why and --calendar: what a schedule comes to, and why.

load helper

dag() {
	local name=$1
	shift
	{
		printf '[dag]\ntimezone = UTC\n'
		printf '%s\n' "$@"
		printf '[task a]\nrun = true\n'
	} >"dags/$name.dag"
}

# why ID: its conditions that do not hold, and what would make them
why() {
	dagsched --why "$1" >why.out || return
	[ -z "$(grep -v -e $'\tyes\t.*\t-$' -e $'\tno\t.*\t[^-]' why.out)" ]
	awk -F '\t' '$2 == "no" { print $3 ": " $4 }' why.out
}

# yes ID TEXT: a condition that holds
yes() {
	dagsched --why "$1" | grep -qF "yes	$2"
}

@test "why: a DAG: seen, paused, without a schedule" {
	export DAG_NOW=2026-01-05T12:00:00Z
	dag m
	equal "$(why m)" 'it has a schedule: a schedule in its file; dagsched --run makes a run by hand'
	dag w 'schedule = @daily'
	equal "$(why w | head -n 1)" 'dagq has seen this schedule: dagsched w | dagq'
	dagsched w | dagq
	run ! grep -q seen <(why w)
	dagq -q --pause w
	equal "$(why w | head -n 1)" 'it is not paused: dagq --resume w'
	yes w 'the next is due at 2026-01-06T00:00:00Z'
}

@test "why: a slot that is none" {
	export DAG_NOW=2026-01-05T12:00:00Z
	dag w 'schedule = @daily' 'calendar = workdays' 'start = 2026-01-01' \
	    'end = 2026-01-31'
	dagsched w | dagq
	equal "$(why w/2026-01-04)" ''"$(why w/2026-01-04T00:00)"
	equal "$(why w/2026-01-03T0000Z)" 'its calendar has that day: another calendar, or on-holiday'
	equal "$(why w/2026-01-05T07:00)" 'its schedule has a slot then, between 2026-01-05T00:00:00Z and 2026-01-06T00:00:00Z: another schedule'
	equal "$(why w/2025-12-31)" 'it is not before its start, 2026-01-01T00:00:00Z: an earlier start'
	equal "$(why w/2026-02-02)" 'it is not behind its end, 2026-01-31T23:59:59Z: a later end'
	equal "$(why w/2026-01-07)" 'it is due: at 2026-01-07T00:00:00Z'
	dag w 'schedule = @daily' 'delay = 7h' 'start = 2026-01-01'
	dagsched w | dagq
	equal "$(why w/2026-01-06)" 'it is due: at 2026-01-06T07:00:00Z'
}

@test "why: a slot that has its run, was missed, or is still to be decided" {
	export DAG_NOW=2026-01-05T12:00:00Z
	dag w 'schedule = @daily' 'start = 2026-01-03'
	equal "$(why w/2026-01-05 | tail -n 1)" \
	    'it has its run, by catchup or schedule: dagsched | dagq makes it'
	equal "$(why w/2026-01-04 | tail -n 1)" \
	    'it becomes a run: no, a later slot was due (catchup = last): dagsched --backfill'
	dagsched | dagq
	yes w/2026-01-05 'it has its run, w/2026-01-05T0000Z, which is active'
	equal "$(why w/2026-01-04)" 'it became a run: it was missed, a later slot was due (catchup = last): dagsched --backfill'
	yes w 'it has its run, w/2026-01-05T0000Z, which is active'
	# before the schedule was seen
	dag x 'schedule = @daily'
	dagsched x | dagq
	[[ "$(why x/2026-01-05)" == 'it counts: it is later than 2026-01-05T12:00:0'* ]]
}

@test "why: room, and backfills" {
	export DAG_NOW=2026-01-05T12:00:00Z
	dag w 'schedule = @daily' 'start = 2026-01-05' 'overlap = latest' \
	    'max-active-runs = 1'
	dagsched | dagq
	export DAG_NOW=2026-01-06T12:00:00Z
	equal "$(why w/2026-01-06)" 'there is room for its run (overlap = latest): one of its runs has to end'
	sed -i '/^start/d' dags/w.dag
	dagsched -q --backfill 2026-01-01 --name b --between 01:00-02:00 w | dagq
	equal "$(why w | tail -n 1)" 'its backfill b may make runs: it is not the time of day for it (between)'
	dagq -q --backfill pause b
	equal "$(why w | tail -n 1)" 'its backfill b may make runs: it is paused'
}

@test "why: what is no slot at all is refused" {
	dag w 'schedule = @daily'
	run --separate-stderr dagsched --why w/2026-13
	[ "$status" = 1 ]
	equal "$output" ''
	[[ $stderr == 'dagsched: w: "2026-13" is not a year, month, day or instant: '* ]]
	run --separate-stderr dagsched --why w/2026-01-05T0000Z-manual
	[ "$status" = 1 ]
	equal "$stderr" 'dagsched: w: 2026-01-05T0000Z-manual: a run made by hand has no slot'
	run --separate-stderr dagsched --why
	[ "$status" = 2 ]
	equal "$stderr" 'dagsched: the names of DAGs are missing'
}

@test "calendar: a year at a glance" {
	dag w 'schedule = 0 */12 * * mon' 'schedule = * * 15 6 *' \
	    'end = 2028-06-30'
	dagsched --calendar 2028 w >got
	equal "$(head -n 2 got)" "$(printf '%s\n' \
	    '# w: 1492 slots on 27 days of 2028' \
	    '    M T W T F S S M T W T F S S M T W T F S S M T W T F S S M T W T F S S M T')"
	equal "$(sed -n '4p;8,9p' got)" "$(printf '%s\n' \
	    'Feb   . . . . . . 2 . . . . . . 2 . . . . . . 2 . . . . . . 2 .' \
	    'Jun       . . . . 2 . . . . . . 2 . . + . . . 2 . . . . . . 2 . . . .' \
	    'Jul           . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .')"
	equal "$(dagsched --calendar 2026 --cron @yearly --timezone UTC |
	    grep -c 1)" 2
	for bad in 1969 2200 x ''; do
		run --separate-stderr dagsched --calendar "$bad" w
		[ "$status" = 2 ]
		equal "$stderr" "dagsched: --calendar: \"$bad\" is not a year from 1970 to 2199"
	done
}
