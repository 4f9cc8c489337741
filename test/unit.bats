#!/usr/bin/env bats
# unit: the tables of the base library's pure functions, which print TAP.

load helper

# table NAME: runs test/unit/NAME.c; all of its lines must be ok
table() {
	local program
	program=$(dirname "$BIN")/test/$1
	"$program" >tap || { grep -v '^ok' tap; return 1; }
	[ "$(grep -c '^ok ' tap)" = "$(sed -n 's/^1\.\.//p' tap)" ]
}

@test "text: numbers, durations, names, words, escapes" { table text; }
@test "instant: instants, days, names of runs" { table instant; }
@test "graph: edges, cycles, orders, a chain of a million" { table graph; }
