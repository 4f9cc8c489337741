#!/usr/bin/env bats
# unit: the tables of the base library's pure functions, which print TAP.

load helper

# sample: each SAMPLEth line
sample() {
	awk -v n="$SAMPLE" 'NR % n == 0'
}

# table NAME [ARGUMENT...]: runs test/unit/NAME.c; all of its lines must be ok
table() {
	local program
	program=$(dirname "$BIN")/test/$1
	shift
	"$program" "$@" >tap || { grep -v '^ok' tap; return 1; }
	[ "$(grep -c '^ok ' tap)" = "$(sed -n 's/^1\.\.//p' tap)" ]
}

@test "text: numbers, durations, names, words, escapes" { table text; }
@test "instant: instants, days, names of runs" { table instant; }
@test "expand: variables and globs in paths" { table expand; }
@test "failures: of each allocation and call of the parser, and of records" {
	table failparse "$ROOT"/test/fuzz/seeds/parse/*
}
@test "failures: of each allocation and call of the spool" { table failspool; }
@test "failures: of each call that writes, locks and syncs" { table failio; }
@test "sharing: mounts that are refused; of those that end an attempt one does" {
	table sharing
}
@test "lease: an attempt that is silent too long is given up, and no other" {
	table lease
}
@test "bounds: of lines, errors, records, plans" { table toomuch; }
@test "graph: edges, cycles, orders, a chain of a million" { table graph; }
@test "layout: each in its place, edges around others; the critical path" {
	table layout
}
@test "ahead: orders given, withdrawn and taken at once" { table ahead; }
@test "trigger: every rule, with every combination of four upstream states" {
	table trigger
}
@test "tick: slots as the main loop of cronie has them, in 26 years and zones" {
	table tick "$SAMPLE"
}
# zones: the names of all zones of the tz database
zones() {
	(cd /usr/share/zoneinfo && find . \( -type f -o -type l \) -size -100k \
	    ! -path './right/*' ! -path './posix/*' | sed 's|^\./||' | sort |
	    while read -r zone; do
		IFS= read -r -N 4 head <"$zone" 2>/dev/null || continue
		[ "$head" = TZif ] && echo "$zone"
	    done) || true
}

@test "tz: offsets as the C library has them, in every zone, 1900 to 2200" {
	zones >zones
	[ "$(wc -l <zones)" -gt 300 ]
	sample <zones >some
	table tz <some
}
@test "dst: no slot is lost, none doubled, at any change of a clock, 2020-2030" {
	zones >zones
	[ "$(wc -l <zones)" -gt 300 ]
	# of zones that are alike to the byte, one
	(cd /usr/share/zoneinfo && xargs sha256sum) <zones |
	    sort -u -k 1,1 | sed 's/^[^ ]* *//' >kinds
	[ "$(wc -l <kinds)" -gt 200 ]
	sample <kinds >some
	table dst $((1000 / SAMPLE)) <some
}
