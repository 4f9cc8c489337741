#!/usr/bin/env bats
# ids: what IDs stand for, as dagstat takes them.

load helper

# two DAGs: five days of one (one run of them manual), a day of the other
fixture() {
	cat >dags/day.dag <<-'END'
		[dag]
		schedule = @daily
		timezone = UTC
		start = 2012-01-01
		max-active-runs = 2

		[task get]
		run = true

		[task check-it]
		after = get
		run = test $DAG_DATE != 2012-01-30

		[task put]
		after = check-it
		run = true
	END
	cat >dags/other.dag <<-'END'
		[dag]
		schedule = @daily
		timezone = UTC

		[task get]
		run = true
	END
	dagsched --backfill 2012-01-29..2012-02-01 day | dagq
	dagsched --backfill 2012-01-31 other | dagq
}

# what ID...: the IDs that dagstat shows for these
what() {
	dagstat -q "$@" | awk '{ print $1 }'
}

# refused ID MESSAGE
refused() {
	run --separate-stderr dagstat "$1"
	equal "$stderr" "dagstat: $1: $2"
	equal "$output" ""
	[ "$status" = 1 ]
}

@test "a DAG: stands for its runs, by instant" {
	fixture
	equal "$(what day)" "day/2012-01-29T0000Z
day/2012-01-30T0000Z
day/2012-01-31T0000Z
day/2012-02-01T0000Z"
}

@test "a run: stands for its tasks, in the order of the plan" {
	fixture
	equal "$(what day/2012-01-30T0000Z)" "day/2012-01-30T0000Z/get
day/2012-01-30T0000Z/check-it
day/2012-01-30T0000Z/put"
}

@test "a run: any unique beginning will do" {
	fixture
	equal "$(what day/2012-02/put)" "day/2012-02-01T0000Z/put"
	equal "$(what day/2012-01-29)" "$(what day/2012-01-29T0000Z)"
}

@test "a run: an ambiguous beginning lists the first matches" {
	fixture
	refused day/2012-01 "3 runs begin so: 2012-01-29T0000Z,\
 2012-01-30T0000Z, 2012-01-31T0000Z"
	refused day/2 "4 runs begin so: 2012-01-29T0000Z, 2012-01-30T0000Z,\
 2012-01-31T0000Z, ..."
}

@test "a run: a whole name is never ambiguous" {
	fixture
	cp -r spool/runs/day/2012-01-29T0000Z \
	    spool/runs/day/2012-01-29T0000Z-manual
	equal "$(what day/2012-01-29T0000Z/put)" "day/2012-01-29T0000Z/put"
	refused day/2012-01-29 "2 runs begin so: 2012-01-29T0000Z,\
 2012-01-29T0000Z-manual"
}

@test "@: is the latest run by its instant, not by its text" {
	fixture
	equal "$(what day/@/put)" "day/2012-02-01T0000Z/put"
	cp -r spool/runs/day/2012-02-01T0000Z \
	    spool/runs/day/2012-02-01T0100+0900
	equal "$(what day/@/put)" "day/2012-02-01T0000Z/put"
	cp -r spool/runs/day/2012-02-01T0000Z \
	    spool/runs/day/2012-01-31T2300-0800-manual
	equal "$(what day/@/put)" "day/2012-01-31T2300-0800-manual/put"
}

@test "globs: match each part for itself" {
	fixture
	equal "$(what 'day/2012-01-3*/put')" "day/2012-01-30T0000Z/put
day/2012-01-31T0000Z/put"
	equal "$(what '*/2012-01-31*/get')" "day/2012-01-31T0000Z/get
other/2012-01-31T0000Z/get"
	equal "$(what 'day/@/[gp]*t')" "day/2012-02-01T0000Z/get
day/2012-02-01T0000Z/put"
	equal "$(what '*/@/put')" "day/2012-02-01T0000Z/put"
	refused 'x*' "no DAG matches x*"
	refused 'day/1999*' "no run of day matches 1999*"
	refused 'day/@/x*' "2012-02-01T0000Z has no task x*"
}

@test "paths: markers, ready ones too, logs, values, runs are IDs" {
	fixture
	equal "$(ls spool/runs/*/2012-01-31T0000Z/*.waiting | what -)" \
	    "day/2012-01-31T0000Z/check-it
day/2012-01-31T0000Z/get
day/2012-01-31T0000Z/put"
	equal "$(ls "$PWD"/spool/queue/* | what -)" "day/2012-01-29T0000Z/get
day/2012-01-30T0000Z/get
other/2012-01-31T0000Z/get"
	(cd spool/queue && ls) >ready
	equal "$(what - <ready)" "day/2012-01-29T0000Z/get
day/2012-01-30T0000Z/get
other/2012-01-31T0000Z/get"
	(cd spool && ls -d runs/other/*) >paths
	equal "$(what - <paths)" "other/2012-01-31T0000Z/get"
	equal "$(what spool/runs/day/2012-01-30T0000Z/)" \
	    "$(what day/2012-01-30T0000Z)"
	equal "$(what spool//runs/day/2012-01-30T0000Z/@active)" \
	    "$(what day/2012-01-30T0000Z)"
	equal "$(what spool/runs/day/2012-01-30T0000Z/log/put.12)" \
	    "day/2012-01-30T0000Z/put"
	equal "$(what day/2012-01-30T0000Z/put.waiting)" \
	    "day/2012-01-30T0000Z/put"
	equal "$(what gone/runs/day/2012-01-30T0000Z/put.running.3)" \
	    "day/2012-01-30T0000Z/put"
}

@test "paths: one that leads into another spool is refused" {
	fixture
	cp -r spool spool2
	refused spool2/runs/day/2012-01-30T0000Z/put.waiting \
	    "it is in another spool than $PWD/spool"
}

@test "stdin: the first field of each line, comments and blank lines not" {
	fixture
	printf '# a comment\n\nday/@/put and more\nother/@\tx\n' >list
	equal "$(what - <list)" "day/2012-02-01T0000Z/put
other/2012-01-31T0000Z/get"
}

@test "names: what is not there is named, and what may be meant" {
	fixture
	refused dya 'there is no DAG dya here, did you mean "day"?'
	refused nothing-like-it 'there is no DAG nothing-like-it here'
	refused day/1999 'day has no run 1999, they go from 2012-01-29T0000Z'\
' to 2012-02-01T0000Z'
	refused other/1999 'other has no run 1999, its only one is'\
' 2012-01-31T0000Z'
	refused day/@/chekc-it '2012-02-01T0000Z has no task chekc-it, did'\
' you mean "check-it"?'
}

@test "names: what is no ID is refused, whatever it is" {
	fixture
	for id in '' / .. ../x day/../x day/2012-01-30T0000Z/../put \
	    day/@/put/x /etc/passwd -- $'da\ty' $'d\001y' 'day/x y' day@ \
	    "$(printf 'a%.0s' {1..65})" "day/$(printf '2%.0s' {1..41})" \
	    'day/@/a+' 'day/@/+b' "$(printf 'x%.0s' {1..5000})" .day -day; do
		[ "$id" != -- ] || continue
		run --separate-stderr dagstat -- "$id"
		[ "$status" = 1 ]
		equal "$output" ""
		[ "${#stderr_lines[@]}" = 1 ]
		[[ ${stderr_lines[0]} == "dagstat: "* ]]
		[[ ! ${stderr_lines[0]} =~ [[:cntrl:]] ]]
	done
}

@test "names: a bad ID does not keep the others from being shown" {
	fixture
	run --separate-stderr dagstat -q nil other
	[ "$status" = 1 ]
	[[ $output == other/2012-01-31T0000Z* ]]
	equal "$stderr" "dagstat: nil: there is no DAG nil here"
}

@test "a DAG called runs: is one, and its runs too" {
	cat >dags/runs.dag <<-'END'
		[dag]
		schedule = @daily
		timezone = UTC

		[task put]
		run = true
	END
	dagsched --backfill 2012-01-29 runs | dagq
	equal "$(what runs)" "runs/2012-01-29T0000Z"
	equal "$(what runs/2012/put)" "runs/2012-01-29T0000Z/put"
	equal "$(what runs/@)" "runs/2012-01-29T0000Z/put"
	equal "$(what spool/runs/runs/2012-01-29T0000Z)" \
	    "runs/2012-01-29T0000Z/put"
}
