#!/usr/bin/env bats
# submits: who gives tasks to an engine dies, or fails, at any of its calls.
#
# The engine is test/launch/here: processes of this machine.

load engines

setup() {
	helper_setup
	ENGINE=here
	: >ledger
	[ -e "$(dirname "$BIN")/fault/preload.so" ] || skip "skipped: no preload"
}

# faulty AT: two tasks are given, run, and settled; what AT says befalls it, as
# test/fault/preload.c has it
faulty() {
	export DAG_LAUNCH_PATH=$T/launchers
	mkdir launchers
	cat >launchers/here <<-END
	#!/bin/sh
	unset LD_PRELOAD FAULT_AT FAULT_SPOOL FAULT_LOG
	exec "$ROOT/test/launch/here" "\$@"
	END
	chmod +x launchers/here
	dag d <<-'END'
	[task a]
	run = echo "a $DAG_ATTEMPT" >>ledger
	[task b]
	run = echo "b $DAG_ATTEMPT" >>ledger
	END
	LD_PRELOAD=$(dirname "$BIN")/fault/preload.so FAULT_LOG=$T/log \
	    ASAN_OPTIONS=verify_asan_link_order=0 FAULT_SPOOL=$DAG_SPOOL \
	    FAULT_AT=$1 drain 2>/dev/null
	equal "$1: $(ledger)" "$1: a 1
b 1"
	equal "$1: $(ls spool/launch)" "$1: here"
	dagq --check
}

@test "submits: who submits is killed before a call on the spool, at each in turn" {
	local few=()
	aside log faulty none:0:0
	awk '$1 ~ /^supervisor/ && $2 > n[$1] { n[$1] = $2 }
	    END { for (i in n) for (k = 1; k <= n[i]; k++)
	        print i ":" k ":kill" }' log/log | sort -V >points
	[ "$(wc -l <points)" -gt 150 ]
	# a sixth, another each time; all with FAULT_SCALE
	[ -n "${FAULT_SCALE-}" ] || sed -i -n "$((RANDOM % 6 + 1))~6p" points
	while mapfile -t -n 6 few && [ ${#few[@]} -gt 0 ]; do
		beside faulty "${few[@]}"
	done <points
}

@test "submits: whether a DAG is paused cannot be read, once: it is asked again" {
	aside log faulty none:0:0
	# ENOMEM
	at=$(awk '$1 != "dagexec" && $NF == "dags/d" { print $1 ":" $2 ":12" }' \
	    log/log | tail -n 1)
	aside once faulty "$at"
}
