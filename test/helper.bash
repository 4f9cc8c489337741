# helper: what every test file loads: its programs, its own empty directory.

bats_require_minimum_version 1.5.0

# Where all is tried without the sanitizers, an eighth will do with them: of
# tables that take long, and of repetitions, the SAMPLEth part.
: "${SAMPLE:=1}"

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	BIN=${DAG_BIN:-$ROOT/build/bin}
	PATH=$BIN:$PATH
	export LC_ALL=C TZ=UTC PATH
	unset DAG_NOW DAG_CALENDARS XDG_STATE_HOME SUDO_USER
	T=$BATS_TEST_TMPDIR/t
	mkdir -m 700 "$T" "$T/dags"
	export DAG_SPOOL=$T/spool DAG_PATH=$T/dags XDG_CACHE_HOME=$T/cache
	cd "$T" || return 1
}

# bats waits for whatever has its output: so nothing that a test began outlives
# it, whether that did well or not
teardown() { end_all; }

# end_all: kills all of this test: its jobs, and what knows its directory
end_all() {
	local try pid left
	for try in 1 2 3 4 5; do
		left=$(jobs -pr)
		for pid in $(grep -lsF "$T/" /proc/[0-9]*/environ |
		    tr -dc '0-9\n'); do
			# who looked is gone by now
			[ "$pid" = $$ ] || gone "$pid" || left+=" $pid"
		done
		[ -n "$left" ] || return 0
		# shellcheck disable=SC2086 # some numbers
		{ kill -KILL $left; wait $left; } 2>/dev/null || true
	done
}

# equal GOT WANTED: the same to the byte, or a diff and failure
equal() {
	[ "$1" = "$2" ] && return 0
	diff <(printf '%s\n' "$2") <(printf '%s\n' "$1") >&2
	return 1
}

# faults: what dagparse says of the text on stdin, which it is to refuse
faults() {
	local status=0
	cat >dags/bad.dag
	dagparse --check dags/bad.dag 2>&1 || status=$?
	[ $status = 1 ] || echo "exit $status"
}

# gone PID: no such process, or only its entry is left for a parent to read
gone() {
	local state
	state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) || return 0
	[ "$state" = Z ] || [ -z "$state" ]
}
