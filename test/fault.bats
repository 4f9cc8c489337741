#!/usr/bin/env bats
# fault: nothing is lost: every kind of fault that can be made here, made.
#
# Each test prints its figures. FAULT_SCALE=full is what make torture runs.

load helper

# figures TEXT: shown whatever becomes of the test
figures() { printf '# %s\n' "$@" >&3; }

# scaled CI FULL: the one that is wanted
scaled() { [ "${FAULT_SCALE:-}" = full ] && echo "$2" || echo "$1"; }

# fault NAME ARGUMENT...: runs a program of test/fault; its last line is the
# figures
fault() {
	local program=$1
	shift
	FAULT_BIN=$(dirname "$BIN")/fault DAG_BIN=$BIN \
	    "$(dirname "$BIN")/fault/$program" "$@" >faulty 2>&1 || {
		tail -n 40 faulty
		return 1
	}
	figures "$BATS_TEST_DESCRIPTION: $(tail -n 1 faulty)"
}

@test "fault: a kill before every call on the spool, of every program" {
	fault sweep -j 4 kill
}

@test "fault: a kill at every call of the recovery from a kill" {
	fault sweep -j 4 -n "$(scaled 32 1)" recover
}

@test "fault: every errno at every call, once and for ever; short transfers" {
	fault sweep -j 4 -n "$(scaled 9 1)" errno
}

@test "fault: kill -9 at random under load" {
	fault random "$(scaled 500 10000)"
}
