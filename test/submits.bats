#!/usr/bin/env bats
# submits: who gives tasks to an engine, and what that starts, die at any call.
#
# The engine is test/launch/here: processes of this machine.

load engines

setup() {
	helper_setup
	engine here
	[ -e "$(dirname "$BIN")/fault/preload.so" ] || skip "skipped: no preload"
}

# each N COMMAND: with each call of the log on stdin, of which there are more than
# N, as what is killed before it; a sixth of them, another each time, or with
# FAULT_SCALE all. SIXTH, 1 to 6, says which; or FAULT_POINTS, which calls
each() {
	local few=() sixth=${SIXTH:-$((RANDOM % 6 + 1))}
	awk '{ print $1 ":" $2 ":kill" }' | sort -uV >points
	[ "$(wc -l <points)" -gt "$1" ]
	[ -n "${FAULT_SCALE-}" ] || sed -i -n "$sixth~6p" points
	[ -z "${FAULT_POINTS-}" ] || tr ' ' '\n' <<<"$FAULT_POINTS" >points
	# said if it fails
	echo "SIXTH=$sixth FAULT_POINTS='$(paste -sd ' ' points)'"
	while mapfile -t -n 6 few && [ ${#few[@]} -gt 0 ]; do
		beside "$2" "${few[@]}"
	done <points
}

# element AT: that befalls what the engine starts, the first time
element() {
	launcher <<-END
	[ "\$1" != submit ] || [ -e "$T/used" ] || {
		: >"$T/used"
		export LD_PRELOAD="$(dirname "$BIN")/fault/preload.so" \\
		    ASAN_OPTIONS=verify_asan_link_order=0 \\
		    FAULT_SPOOL="$DAG_SPOOL" FAULT_AT=$1 FAULT_LOG="$T/log"
	}
	exec "$ROOT/test/launch/here" "\$@"
	END
	dag d <<-'END'
	[task a]
	retries = 2
	retry-delay = 1s
	run = echo "a $DAG_ATTEMPT" >>ledger
	[task b]
	after = a
	launch = local
	run = echo "b $DAG_ATTEMPT" >>ledger
	END
	drain 2>/dev/null
	# an attempt that was not recorded is made again, and none twice
	equal "$1: $(ledger | uniq -d)$(grep b ledger)" "$1: b 1"
	[ "$(grep -c a ledger)" -le 2 ]
	equal "$1: $(ls spool/launch)" "$1: here"
	dagq --check
}

# faulty AT: two tasks are given, run, and settled; what AT says befalls it, as
# test/fault/preload.c has it
faulty() {
	launcher <<-END
	unset LD_PRELOAD FAULT_AT FAULT_SPOOL FAULT_LOG
	exec "$ROOT/test/launch/here" "\$@"
	END
	noted a b | dag d
	LD_PRELOAD=$(dirname "$BIN")/fault/preload.so FAULT_LOG=$T/log \
	    ASAN_OPTIONS=verify_asan_link_order=0 FAULT_SPOOL=$DAG_SPOOL \
	    FAULT_AT=$1 drain 2>/dev/null
	equal "$1: $(ledger)" "$1: a 1
b 1"
	equal "$1: $(ls spool/launch)" "$1: here"
	dagq --check
}

@test "submits: who submits is killed before a call on the spool, at each in turn" {
	aside log faulty none:0:0
	grep '^supervisor' log/log | each 100 faulty
}

@test "submits: what an engine has started is killed before a call, at each" {
	aside log element none:0:0
	each 60 element <log/log
}

@test "submits: whether a DAG is paused cannot be read, once: it is asked again" {
	aside log faulty none:0:0
	# ENOMEM
	at=$(awk '$1 != "dagexec" && $NF == "dags/d" { print $1 ":" $2 ":12" }' \
	    log/log | tail -n 1)
	aside once faulty "$at"
}
