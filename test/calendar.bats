#!/usr/bin/env bats
# calendar: which days have slots: calendars, nth, on-holiday.

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

# cal NAME LINE...: a calendar of these lines
cal() {
	local name=$1
	shift
	mkdir -p cals
	printf '%s\n' "$@" >"cals/$name"
	export DAG_CALENDARS=$T/none:$T/cals
}

# next N KEYS...: the days, or instants, of the next slots of a DAG
next() {
	local n=$1
	shift
	dag n "$@"
	dagsched --next "$n" n | sed 's/T00:00:00Z$//' | paste -sd ' '
}

# wrong MESSAGE KEYS...: the DAG is refused so
wrong() {
	local message=$1
	shift
	dag bad "$@"
	run --separate-stderr dagparse bad
	[ "$status" = 1 ]
	equal "$stderr" "dagparse: $T/dags/bad.dag:3:12: $message"
}

@test "calendar: names unite, and - takes away" {
	cal a 2026-01-05 2026-01-06
	cal b '# a comment' '' '2026-01-06 # another' 2026-01-09
	cal c 2026-01-05
	export DAG_NOW=2026-01-01T00:00:01Z
	equal "$(next 9 'schedule = @daily' 'calendar = a')" \
	    '2026-01-05 2026-01-06'
	equal "$(next 9 'schedule = @daily' 'calendar = a b' 2>/dev/null)" \
	    '2026-01-05 2026-01-06'
	cal a 2026-01-05 2026-01-06 'until 2026-02-01'
	cal b 2026-01-06 2026-01-09 'until 2026-02-01'
	cal c 2026-01-05 'until 2026-02-01'
	equal "$(next 9 'schedule = @daily' 'calendar = a b' 2>/dev/null)" \
	    '2026-01-05 2026-01-06 2026-01-09'
	equal "$(next 9 'schedule = @daily' 'calendar = a b -c' 2>/dev/null)" \
	    '2026-01-06 2026-01-09'
	# taken away from all days
	equal "$(next 5 'schedule = @daily' 'calendar = -a')" \
	    '2026-01-02 2026-01-03 2026-01-04 2026-01-07 2026-01-08'
	# several times a day
	equal "$(next 3 'schedule = 0 */12 * * *' 'calendar = b')" \
	    '2026-01-06 2026-01-06T12:00:00Z 2026-01-09'
}

@test "calendar: include, exclude, weekly, until" {
	cal off 2026-01-06 'until 2026-01-20'
	cal mine 'weekly tue wed' 'exclude off' 2026-01-08
	export DAG_NOW=2026-01-01T00:00:00Z
	run --separate-stderr next 99 'schedule = @daily' 'calendar = mine'
	equal "$output" '2026-01-07 2026-01-08 2026-01-13 2026-01-14 2026-01-20'
	equal "$stderr" 'dagsched: n: more is beyond the last date of its calendar'
	equal "$(next 3 'schedule = @daily' 'calendar = workdays')" \
	    '2026-01-02 2026-01-05 2026-01-06'
}

@test "calendar: what is excluded is no slot; the next interval covers it" {
	export DAG_NOW=2026-02-19T00:00:00Z
	dag w 'schedule = @daily' 'calendar = workdays -kr-holidays' \
	    'start = 2026-02-12' 'catchup = all'
	# Seollal, from a Monday to a Wednesday, behind a weekend
	equal "$(dagsched | awk -F '\t' '$1 == "run" { print $2, $5 }')" \
	    "$(printf '%s\n' 'w/2026-02-12T0000Z prev=2026-02-11T00:00:00Z' \
	    'w/2026-02-13T0000Z prev=2026-02-12T00:00:00Z' \
	    'w/2026-02-19T0000Z prev=2026-02-13T00:00:00Z')"
	[ -z "$(dagsched | grep '^missed')" ]
}

@test "calendar: beyond its last date a slot is missed, with that reason" {
	cal a 2026-01-05 2026-01-07
	dag w 'schedule = @daily' 'calendar = a' 'start = 2026-01-04' \
	    'catchup = all'
	export DAG_NOW=2026-01-09T12:00:00Z
	dagsched >rec
	equal "$(cut -f 1,2,4 rec | tail -n +3)" "$(printf '%s\n' \
	    'run	w/2026-01-05T0000Z	cause=catchup' \
	    'run	w/2026-01-07T0000Z	cause=catchup' \
	    'missed	w/2026-01-08T0000Z	reason=beyond the last date of its calendar' \
	    'missed	w/2026-01-09T0000Z	reason=beyond the last date of its calendar')"
	run --separate-stderr dagsched --backfill 2026-01 w
	equal "$(printf '%s\n' "$output" | grep -c '^run')" 2
	equal "$stderr" "$(printf '%s\n' \
	    'dagsched: w: the backfill is clipped to start, 2026-01-04T00:00:00Z' \
	    'dagsched: w: the backfill is clipped to now, 2026-01-09T12:00:00Z' \
	    'dagsched: w: 2 slots are beyond the last date of its calendar')"
}

@test "nth: the first, the second, the last working days of each month" {
	export DAG_NOW=2024-01-01T00:00:00Z
	for country in kr us de; do
		grep '^20' "$ROOT/share/calendars/$country-workdays" >all
		awk '{ m = substr($1, 1, 7) } m != last && NR > 1 { print day }
		    { last = m; day = $1 } END { print day }' all >last
		awk '{ m = substr($1, 1, 7); n = m == last ? n + 1 : 1
		    last = m } n == 2' all >second
		for nth in last 2; do
			dag n 'schedule = @daily' "calendar = $country-workdays" \
			    "nth = $nth"
			dagsched --next 1000 n 2>/dev/null | cut -c 1-10 >got
			[ "$(wc -l <got)" = 84 ]
			[ $nth = 2 ] || cmp got last
			[ $nth = last ] || cmp got second
		done
	done
	cal part 2026-01-05 2026-01-08 2026-02-03 2026-02-05
	DAG_NOW=2026-01-01T00:00:00Z
	equal "$(next 9 'schedule = @daily' 'calendar = part' 'nth = 1')" \
	    '2026-01-05 2026-02-03'
	# whether the 5th of February is the last is not known
	equal "$(next 9 'schedule = @daily' 'calendar = part' 'nth = last' \
	    2>/dev/null)" 2026-01-08
	equal "$(next 2 'schedule = @daily' 'calendar = workdays' \
	    'nth = -2 1')" '2026-01-29 2026-02-02'
}

@test "on-holiday: a slot is moved to the day before, or after" {
	cal work 'weekly mon tue wed thu fri' 'exclude off' 'until 2026-12-31'
	cal off 2026-01-12 2026-01-16
	export DAG_NOW=2026-01-08T12:00:00Z
	# Sundays at six
	equal "$(next 3 'schedule = 0 6 * * sun' 'calendar = work' \
	    'on-holiday = after')" \
	    '2026-01-13T06:00:00Z 2026-01-19T06:00:00Z 2026-01-26T06:00:00Z'
	equal "$(next 3 'schedule = 0 6 * * sun' 'calendar = work' \
	    'on-holiday = before')" \
	    '2026-01-09T06:00:00Z 2026-01-15T06:00:00Z 2026-01-23T06:00:00Z'
	equal "$(next 2 'schedule = 0 6 * * sun' 'calendar = -off' \
	    'on-holiday = after' 2>/dev/null)" 2026-01-11T06:00:00Z
	# several that are moved to one day are one slot there
	equal "$(next 3 'schedule = 0 6 * * *' 'calendar = work' \
	    'on-holiday = after')" \
	    '2026-01-09T06:00:00Z 2026-01-13T06:00:00Z 2026-01-14T06:00:00Z'
	# and the intervals are seamless
	dag n 'schedule = 0 6,18 * * *' 'calendar = work' 'on-holiday = before' \
	    'start = 2026-01-08' 'catchup = all'
	DAG_NOW=2026-01-20T00:00:00Z dagsched |
	    awk -F '\t' '$1 == "run" {
		sub("time=", "", $3); sub("prev=", "", $5)
		if (last && last != $5) print "gap", last, $5
		last = $3; n++
	    } END { print n }' >seams
	equal "$(cat seams)" 12
}

@test "on-holiday: every minute of a month that comes to one day" {
	printf '[dag]\nschedule = * * * * *\ntimezone = UTC\ncalendar = workdays\nnth = 1\non-holiday = after\n[task t]\nrun = true\n' \
	    >dags/m.dag
	DAG_NOW=2026-01-20T00:00:00Z dagsched --next 1500 m >slots
	equal "$(sed -n '1p; 1000p; 1440p; 1441p' slots | paste -sd ' ')" \
	    '2026-02-02T00:00:00Z 2026-02-02T16:39:00Z 2026-02-02T23:59:00Z 2026-03-02T00:00:00Z'
}

@test "shipped: substitute and lunar holidays of Korea, and weekends" {
	cd "$ROOT/share/calendars"
	for day in 2025-01-28 2025-01-29 2025-01-30 2025-03-03 2025-10-08 \
	    2026-02-17 2026-05-25 2026-09-25 2027-02-09; do
		grep -q "^$day" kr-holidays
		run ! grep -q "^$day" kr-workdays
	done
	for day in 2026-06-19 2026-07-03 2027-07-05 2026-11-26; do
		grep -q "^$day" us-holidays
		run ! grep -q "^$day" us-workdays
	done
	for day in 2026-04-03 2026-04-06 2026-10-03 2030-12-26; do
		grep -q "^$day" de-holidays
		run ! grep -q "^$day" de-workdays
	done
	# working days and holidays from Monday to Friday are all of these
	for country in kr us de; do
		{
			grep -h '^20' $country-workdays
			grep -h '^20' $country-holidays | cut -c 1-10 |
			    date -f - +%F-%u | sed -n '/-[1-5]$/s/-.$//p'
		} | sort >"$T/union"
		seq 0 2556 | sed 's/.*/2024-01-01 + & days/' |
		    date -f - +%F-%u | sed -n '/-[1-5]$/s/-.$//p' |
		    cmp - "$T/union"
		grep -q '^until 2030-12-31$' $country-workdays
		grep -q 'holidays [0-9.]*$' $country-workdays
	done
}

@test "refused: what no calendar can be" {
	wrong 'calendar "nosuch": there is none of this name in DAG_CALENDARS, nor in share/calendars' \
	    'schedule = @daily' 'calendar = nosuch'
	wrong 'calendar "../x": not a name: only letters, digits, "_" and "-" may be in it' \
	    'schedule = @daily' 'calendar = ../x'
	cal empty '# nothing' 'until 2026-01-01'
	wrong 'calendar "empty": there is no date in it' 'schedule = @daily' \
	    'calendar = empty'
	cal day '2026-02-28' '2026-02-30'
	wrong 'calendar day:2: "2026-02-30" is not a day of the calendar' \
	    'schedule = @daily' 'calendar = day'
	cal junk 'next tuesday'
	wrong 'calendar junk:1: "next tuesday" is not a date such as 2026-12-25, nor include, exclude, weekly or until' \
	    'schedule = @daily' 'calendar = junk'
	cal old 1969-12-31
	wrong 'calendar old:1: "1969-12-31" is not from 1970 to 2199' \
	    'schedule = @daily' 'calendar = old'
	cal week 'weekly mon tuesday'
	wrong 'calendar week:1: "tuesday" is none of sun mon tue wed thu fri sat' \
	    'schedule = @daily' 'calendar = week'
	cal self 'include self'
	wrong 'calendar self:1: "self" includes itself' 'schedule = @daily' \
	    'calendar = self'
	cal x 2026-01-01 'include y'
	cal y 'include x'
	wrong 'calendar y:1: "x" includes itself' 'schedule = @daily' \
	    'calendar = x'
	cal a 2026-01-01
	wrong 'calendar "a -a": no day is left' 'schedule = @daily' \
	    'calendar = a -a'
	wrong 'nth: "0" is not a list of 1, 2 ... or last, -2 ...' \
	    'schedule = @daily' 'calendar = a' 'nth = 0'
	wrong 'nth: there is no calendar it could be of' 'schedule = @daily' \
	    'nth = 1'
	wrong 'on-holiday: there is no calendar it could be of' \
	    'schedule = @daily' 'on-holiday = before'
}

@test "follow: a calendar that changes" {
	cal a 2026-01-05 2026-01-07
	dag w 'schedule = * * * * *' 'calendar = a' 'start = 2026-01-06'
	dagq </dev/null
	mkfifo out
	exec 5<>out
	DAG_NOW=2026-01-06T00:00:01Z dagsched --follow >out 3>&- 5>&- &
	pid=$!
	read -r -t 60 -u 5 line
	read -r -t 60 -u 5 line
	printf '2026-01-06\n2026-12-31\n' >new
	mv new cals/a
	while read -r -t 60 -u 5 line && [[ $line != run* ]]; do :; done
	kill "$pid"
	wait "$pid"
	[[ $line == $'run\tw/2026-01-06T0000Z\t'* ]]
}
