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
	unset DAG_NOW DAG_CALENDARS XDG_STATE_HOME
	T=$BATS_TEST_TMPDIR/t
	mkdir -m 700 "$T" "$T/dags"
	export DAG_SPOOL=$T/spool DAG_PATH=$T/dags XDG_CACHE_HOME=$T/cache
	cd "$T" || return 1
}

# equal GOT WANTED: the same to the byte, or a diff and failure
equal() {
	[ "$1" = "$2" ] && return 0
	diff <(printf '%s\n' "$2") <(printf '%s\n' "$1") >&2
	return 1
}

# gone PID: no such process, or only its entry is left for a parent to read
gone() {
	local state
	state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) || return 0
	[ "$state" = Z ] || [ -z "$state" ]
}
