#!/usr/bin/env bats
# guard: what a task costs in system calls and instructions is written down.

load helper

guard() {
	O=$(dirname "$BIN") "$ROOT/test/bench/guard" "$@"
}

# plain: the programs are as they are built for use, and these tools there
plain() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip "there is no $tool"
	done
	! nm -D "$BIN/dagexec" | grep -q __asan ||
		skip "sanitizers make calls of their own"
}

@test "guard: a task makes no more system calls than are written down" {
	plain strace
	run guard calls
	[ "$status" = 0 ] || { echo "$output"; return 1; }
	[ "${lines[-1]}" = "guard: 4 figures compared, 0 worse" ]
}

@test "guard: a task takes no more instructions than are written down" {
	plain valgrind readelf
	run guard instructions
	[ "$status" = 0 ] || { echo "$output"; return 1; }
	case $output in
	*skipped*) skip "${lines[0]#guard: }" ;;
	esac
	[ "${lines[-1]}" = "guard: 4 figures compared, 0 worse" ]
}

@test "guard: what has become dearer is named, with what it was and is" {
	plain strace
	awk -v OFS='\t' -F'\t' '$1 == "W3" && $2 == "dagq" { $4 *= 0.9 } 1' \
	    "$ROOT/test/bench/guard.tsv" >figures
	FIGURES=$T/figures TRIES=1 run guard calls
	[ "$status" = 1 ]
	grep -qxE 'guard: W3 dagq, calls a task: was [0-9.]+, is [0-9.]+, 1[0-9.]+ % more' \
	    <<<"$output"
	[[ ${lines[-1]} =~ ^guard:\ 4\ figures\ compared,\ [1-9]\ worse$ ]]
}
