#!/usr/bin/env bats
# cron: expressions and clock changes, through dagsched --next --cron.

load helper

# due FROM ZONE N EXPR [OPTION...]: the next N instants after FROM, in UTC
due() {
	local from=$1 zone=$2 n=$3 expr=$4
	shift 4
	DAG_NOW=$from dagsched --next "$n" --cron "$expr" --timezone "$zone" \
	    "$@" >slots || return
	date -u -f slots +%Y-%m-%dT%H:%M:%SZ | paste -sd ' '
}

# is FROM ZONE EXPR "INSTANT...": the next instants are these
is() {
	# shellcheck disable=SC2086 # to count the words
	set -- "$1" "$2" "$3" "$4" $(set -- $4; echo $#)
	equal "$(due "$1" "$2" "$5" "$3")" "$4"
}

# wrong EXPR MESSAGE [OPTION...]: is refused with this message
wrong() {
	local expr=$1 message=$2
	shift 2
	run --separate-stderr dagsched --next 1 --cron "$expr" --timezone UTC \
	    "$@"
	[ "$status" = 1 ]
	equal "$output" ''
	equal "$stderr" "dagsched: schedule \"$expr\": $message"
}

@test "vectors: each line of the file is as expected" {
	local id dialect expr zone from want rest got bad=0
	while IFS=$'\t' read -r id dialect expr zone from want rest; do
		[ "$id" != id ] || continue
		[ "$expr" != '(empty)' ] || expr=
		# shellcheck disable=SC2086 # to count the words
		set -- $want
		if got=$(due "$from" "$zone" $# "$expr" --dialect "$dialect" \
		    2>err); then
			[ ! -s err ] || { cat err; bad=1; }
		else
			[ -z "$got" ] && [ ! -s slots ] && [ -s err ] &&
				[ "$(wc -l <err)" = 1 ] && got=ERR
			[ "$want" = NEVER ] && got=NEVER
		fi
		[ "$got" = "$want" ] || {
			echo "$id $expr: $got, not $want"; bad=1
		}
	done <"$ROOT/test/data/cron-vectors.tsv"
	[ $bad = 0 ]
}

@test "fields: what is wrong is named, with the field and what would be right" {
	wrong '60 * * * *' 'minute "60": the value 60 is not from 0 to 59'
	wrong '* 24 * * *' 'hour "24": the value 24 is not from 0 to 23'
	wrong '* * 0 * *' 'day of month "0": the value 0 is not from 1 to 31'
	wrong '* * * 13 *' 'month "13": the value 13 is not from 1 to 12'
	wrong '* * * * 8' 'day of week "8": the value 8 is not from 0 to 7'
	wrong '99999999999999999999 * * * *' 'minute "99999999999999999999": the value 99999999999999999999 is not from 0 to 59'
	wrong 'a * * * *' 'minute "a": "a" is not a whole number from 0 to 59'
	wrong '-5 * * * *' 'minute "-5": a value is missing before "-5"'
	wrong '* * * foo *' 'month "foo": "foo" is not a number from 1 to 12 or a name, jan to dec'
	wrong '* * * * monday' 'day of week "monday": "day" should not follow "mon"'
	wrong '* * * * L' 'day of week "L": "L" is not a number from 0 to 7 or a name, sun to sat'
	wrong '1, * * * *' 'minute "1,": a value is missing at its end'
	wrong ',1 * * * *' 'minute ",1": a value is missing before ",1"'
	wrong '1- * * * *' 'minute "1-": a value is missing at its end'
	wrong '1-2-3 * * * *' 'minute "1-2-3": "-3" should not follow "1-2"'
	wrong '1.5 * * * *' 'minute "1.5": ".5" should not follow "1"'
	wrong '*/2/3 * * * *' 'minute "*/2/3": "/3" should not follow "*/2"'
	wrong '** * * * *' 'minute "**": "*" should not follow "*"'
}

@test "fields: a step of 0, and one that is missing, are refused" {
	wrong '*/0 * * * *' 'minute "*/0": a step of 0 is not possible, only from 1 on'
	wrong '*/ * * * *' 'minute "*/": a step should follow "*/"'
	wrong '1-5/x * * * *' 'minute "1-5/x": a step should follow "1-5/"'
}

@test "fields: a range that runs backwards is refused, with what to write" {
	wrong '50-10 * * * *' 'minute "50-10": the range 50-10 runs backwards, 50-59,0-10 is possible'
	wrong '0 22-2 * * *' 'hour "22-2": the range 22-2 runs backwards, 22-23,0-2 is possible'
	wrong '0 0 * nov-feb *' 'month "nov-feb": the range 11-2 runs backwards, 11-12,1-2 is possible'
	wrong '0 0 * * sat-mon' 'day of week "sat-mon": the range 6-1 runs backwards, 6-7,0-1 is possible'
}

@test "fields: their number is checked" {
	wrong '' '0 fields where five (minute hour day-of-month month day-of-week) are needed'
	wrong '*' '1 field where five (minute hour day-of-month month day-of-week) are needed'
	wrong '* * * * * *' '6 fields where five (minute hour day-of-month month day-of-week) are needed'
	wrong '0 0 * * *' '5 fields where six or seven (second minute hour day-of-month month day-of-week year) are needed' --dialect quartz
}

@test "fields: special days are checked" {
	wrong '0 0 32W * *' 'day of month "32W": the value 32 is not from 1 to 31'
	wrong '0 0 L-31 * *' 'day of month "L-31": the number of days 31 is not from 1 to 30'
	wrong '0 0 * * 1#6' 'day of week "1#6": the week 6 is not from 1 to 5'
	wrong '0 0 * * 1#' 'day of week "1#": a week should follow "1#"'
	wrong '0 0 W * *' 'day of month "W": "W" is not a whole number from 1 to 31'
	wrong '? * * * *' 'minute "?": "?" is not a whole number from 0 to 59'
}

@test "fields: what can never match is refused" {
	for expr in '0 0 30 2 *' '0 0 31 2,4,6,9,11 *' '0 0 30W 2 *' \
	    '0 0 31 4 */7'; do
		wrong "$expr" 'it can never match: no such day is in its months'
	done
	wrong '0 0 0 29 2 ? 2025' 'it can never match: no such day is in its months' --dialect quartz
}

@test "names: @reboot and other words are refused, the seven are known" {
	wrong '@reboot' '"@reboot" is none of @hourly @daily @midnight @weekly @monthly @yearly @annually @once'
	wrong '@Daily' '"@Daily" is none of @hourly @daily @midnight @weekly @monthly @yearly @annually @once'
	is 2025-01-01T00:00:00Z UTC @hourly 2025-01-01T01:00:00Z
	is 2025-01-01T00:00:00Z UTC @daily 2025-01-02T00:00:00Z
	is 2025-01-01T00:00:00Z UTC @midnight 2025-01-02T00:00:00Z
	is 2025-01-01T00:00:00Z UTC @weekly 2025-01-05T00:00:00Z
	is 2025-01-01T00:00:00Z UTC @monthly 2025-02-01T00:00:00Z
	is 2025-01-01T00:00:00Z UTC @yearly 2026-01-01T00:00:00Z
	is 2025-01-01T00:00:00Z UTC @annually 2026-01-01T00:00:00Z
}

@test "names: of months and days, in any case, in lists and ranges" {
	is 2025-01-01T00:00:00Z UTC '0 0 1 JAN,apr-Jun/2 *' \
	    '2025-04-01T00:00:00Z 2025-06-01T00:00:00Z 2026-01-01T00:00:00Z'
	is 2025-01-01T00:00:00Z UTC '0 0 * * fri-sun' \
	    '2025-01-03T00:00:00Z 2025-01-04T00:00:00Z 2025-01-05T00:00:00Z 2025-01-10T00:00:00Z'
	is 2025-01-01T00:00:00Z UTC '0 0 * * Tue,THU' \
	    '2025-01-02T00:00:00Z 2025-01-07T00:00:00Z'
}

@test "steps: from a value to the end of the field; larger than it, once" {
	is 2025-01-01T00:00:00Z UTC '40/9 * * * *' \
	    '2025-01-01T00:40:00Z 2025-01-01T00:49:00Z 2025-01-01T00:58:00Z 2025-01-01T01:40:00Z'
	is 2025-01-01T00:00:00Z UTC '*/90 5-6/9 * * *' \
	    '2025-01-01T05:00:00Z 2025-01-02T05:00:00Z'
	is 2025-01-01T00:00:00Z UTC '0 0 * * */3' \
	    '2025-01-04T00:00:00Z 2025-01-05T00:00:00Z 2025-01-08T00:00:00Z'
}

@test "days: a field that begins with a star leaves it to the other one" {
	# both must match: an even day that is a Monday
	is 2025-01-01T00:00:00Z UTC '0 0 */2 * 1' \
	    '2025-01-13T00:00:00Z 2025-01-27T00:00:00Z'
	# either: the 2nd, or a Monday
	is 2025-01-01T00:00:00Z UTC '0 0 2 * 1' \
	    '2025-01-02T00:00:00Z 2025-01-06T00:00:00Z'
	# cron4j: both
	equal "$(due 2025-01-01T00:00:00Z UTC 2 '0 0 6 * 1' --dialect cron4j)" \
	    '2025-01-06T00:00:00Z 2025-10-06T00:00:00Z'
}

@test "days: L, L-n, LW, nW, dL and d#n" {
	is 2024-01-31T00:00:00Z UTC '0 0 L * *' \
	    '2024-02-29T00:00:00Z 2024-03-31T00:00:00Z'
	is 2025-01-01T00:00:00Z UTC '0 0 L-30 * *' \
	    '2025-03-01T00:00:00Z 2025-05-01T00:00:00Z'
	is 2025-01-01T00:00:00Z UTC '0 0 LW * *' \
	    '2025-01-31T00:00:00Z 2025-02-28T00:00:00Z 2025-03-31T00:00:00Z 2025-04-30T00:00:00Z 2025-05-30T00:00:00Z'
	is 2025-01-01T00:00:00Z UTC '0 0 15W * *' \
	    '2025-01-15T00:00:00Z 2025-02-14T00:00:00Z 2025-03-14T00:00:00Z 2025-04-15T00:00:00Z 2025-05-15T00:00:00Z 2025-06-16T00:00:00Z'
	is 2025-01-01T00:00:00Z UTC '0 0 31W * *' \
	    '2025-01-31T00:00:00Z 2025-03-31T00:00:00Z 2025-05-30T00:00:00Z'
	is 2025-01-01T00:00:00Z UTC '0 0 * * 5L' \
	    '2025-01-31T00:00:00Z 2025-02-28T00:00:00Z 2025-03-28T00:00:00Z'
	is 2025-01-01T00:00:00Z UTC '0 0 * * fri#5' \
	    '2025-01-31T00:00:00Z 2025-05-30T00:00:00Z'
	is 2025-01-01T00:00:00Z UTC '0 0 1,L * *' \
	    '2025-01-31T00:00:00Z 2025-02-01T00:00:00Z 2025-02-28T00:00:00Z'
	is 2025-01-01T00:00:00Z UTC '0 0 * * 7#1,mon#L' \
	    '2025-01-05T00:00:00Z 2025-01-27T00:00:00Z'
}

@test "dialects: quartz has seconds, one day field and a year" {
	equal "$(due 2025-01-01T00:00:00Z UTC 2 '0 0 12 ? * SUN 2026-2027' \
	    --dialect quartz)" '2026-01-04T12:00:00Z 2026-01-11T12:00:00Z'
	equal "$(due 2025-01-01T00:00:00Z UTC 2 '0 0 22-2 ? * 7-1' \
	    --dialect quartz)" '2025-01-04T00:00:00Z 2025-01-04T01:00:00Z'
	equal "$(due 2025-01-01T00:00:00Z UTC 2 '0 /30 0 ? * L' \
	    --dialect quartz)" '2025-01-04T00:00:00Z 2025-01-04T00:30:00Z'
	wrong '5 0 0 ? * *' 'second "5": only 0 is possible: runs are due at whole minutes' --dialect quartz
	wrong '0 0 0 * * *' 'one of day of month and day of week, not both, must be "?"' --dialect quartz
	# a schedule that is over
	run --separate-stderr env DAG_NOW=2025-06-01T00:00:00Z dagsched \
	    --next 1 --cron '0 0 0 1 1 ? 2025' --timezone UTC --dialect quartz
	[ "$status" = 1 ]
	equal "$output" ''
	equal "$stderr" 'dagsched: 0 0 0 1 1 ? 2025: it is never due again'
}

@test "dialects: oozie counts from Sunday, cron4j has alternatives" {
	equal "$(due 2025-01-01T00:00:00Z UTC 2 '0 0 ? * 2' --dialect oozie)" \
	    '2025-01-06T00:00:00Z 2025-01-13T00:00:00Z'
	equal "$(due 2025-01-01T00:00:00Z UTC 3 '0 5 * * *|8 10 * * *' \
	    --dialect cron4j)" \
	    '2025-01-01T05:00:00Z 2025-01-01T10:08:00Z 2025-01-02T05:00:00Z'
	equal "$(due 2025-01-01T00:00:00Z UTC 2 '0 22-2/4 * * *' \
	    --dialect cron4j)" '2025-01-01T02:00:00Z 2025-01-01T22:00:00Z'
}

@test "clock: what a gap skips runs once, at its end, but for what is wild" {
	is 2025-03-09T05:00:00Z America/New_York '0,15,30,45 2 * * *' \
	    '2025-03-09T07:00:00Z 2025-03-10T06:00:00Z'
	is 2025-03-09T05:00:00Z America/New_York '30 */2 * * *' \
	    '2025-03-09T05:30:00Z 2025-03-09T08:30:00Z'
}

@test "clock: an overlap repeats only what is wild" {
	is 2025-11-02T05:00:00Z America/New_York '30 1 * * *' \
	    '2025-11-02T05:30:00Z 2025-11-03T06:30:00Z'
	is 2025-11-02T05:00:00Z America/New_York '30 * * * *' \
	    '2025-11-02T05:30:00Z 2025-11-02T06:30:00Z 2025-11-02T07:30:00Z'
}

@test "clock: a change by three hours or more is taken as it comes" {
	# Casey went from +08 to +11 at 02:00 on 18 October 2009
	is 2009-10-17T12:00:00Z Antarctica/Casey '30 3 * * *' \
	    '2009-10-18T16:30:00Z'
	# Samoa had no 30 December 2011
	is 2011-12-29T11:00:00Z Pacific/Apia '0 12 * * *' \
	    '2011-12-29T22:00:00Z 2011-12-30T22:00:00Z'
}

@test "zones: names are checked, and TZ is not looked at" {
	for zone in ../../etc/passwd /etc/localtime a..b 'a b' zone.tab; do
		run --separate-stderr dagsched --next 1 --cron @daily \
		    --timezone "$zone"
		[ "$status" = 1 ]
		equal "$output" ''
		equal "$stderr" "dagsched: timezone \"$zone\": not a time zone"
	done
	run --separate-stderr dagsched --next 1 --cron @daily \
	    --timezone Mars/Base
	[ "$status" = 1 ]
	equal "$output" ''
	equal "$stderr" 'dagsched: timezone "Mars/Base": no such time zone, names are like Europe/Berlin'
	equal "$(TZ=Asia/Tokyo DAG_NOW=2025-01-01T00:00:00Z dagsched --next 1 \
	    --cron @daily)" "$(DAG_NOW=2025-01-01T00:00:00Z dagsched --next 1 \
	    --cron @daily)"
}

@test "speed: the rarest slots of a century are found at once" {
	is 2025-01-01T00:00:00Z UTC '0 0 29 2 */7' \
	    '2032-02-29T00:00:00Z 2060-02-29T00:00:00Z 2088-02-29T00:00:00Z'
	timeout 20 dagsched --next 100000 --cron '* * * * *' \
	    --timezone Europe/Berlin >slots
	[ "$(wc -l <slots)" = 100000 ]
}
