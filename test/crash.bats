#!/usr/bin/env bats
# crash: what the fault suite found, a test each. test/fault.bats finds more.

load helper

dag() { cat >"$T/dags/$1.dag"; }

queue() {
	{
		dagparse d
		printf 'run\td/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\tcause=schedule\n'
	} | dagq
}

of() { echo "$DAG_SPOOL/runs/d/2026-01-01T0000Z"; }

# faulty WHAT COMMAND...: with a fault, as test/fault/preload.c has it; with
# WHAT "log", the calls are written down in the file of that name
faulty() {
	local what=$1
	shift
	[ "$what" = log ] && set -- FAULT_LOG="$T/log" "$@" ||
		set -- FAULT_AT="$what" "$@"
	env LD_PRELOAD="$(dirname "$BIN")/fault/preload.so" \
	    ASAN_OPTIONS=verify_asan_link_order=0 FAULT_SPOOL="$DAG_SPOOL" "$@"
}

# place CLASS CALL N: the number of its N-th such call in the log
place() { awk -v c="$1" -v n="$2" -v i="$3" '$1 == c && $3 == n && !--i {
	print $2 }' "$T/log"; }

# twice COMMAND...: in a spool that is then put back, to write the log
twice() {
	cp -a "$DAG_SPOOL" before
	faulty log "$@" >/dev/null 2>&1 || :
	rm -rf "$DAG_SPOOL"
	mv before "$DAG_SPOOL"
}

@test "values: of an attempt that died before its start was noted none are left" {
	dag d <<-'EOF'
	[default]
	retries = 1
	[task a]
	run = echo k=v >> $DAG_OUT; sleep 0.1
	[task b]
	after = a
	run = echo "<$DAG_FROM_a_k>"
	EOF
	queue
	twice dagexec -j1 --drain
	at=$(awk '$1 == "supervisor1" && $3 == "write" && ++n == 2 { print $2 }' log)
	faulty "supervisor1:$at:kill" dagexec -q -j1 --drain
	equal "$(cat "$(of)"/log/b.*)" "<v>"
	equal "$(dagq --check)" ""
}

@test "values: there is a place for them, whenever the first attempt died" {
	dag d <<-'EOF'
	[task a]
	retries = 1
	run = echo k=v >> $DAG_OUT
	EOF
	queue
	twice dagexec -j1 --drain
	for n in 1 2 3; do
		at=$(place supervisor1 mkdirat $n)
		[ -n "$at" ] || continue
		cp -a "$DAG_SPOOL" before
		faulty "supervisor1:$at:kill" dagexec -q -j1 --drain
		[ -e "$(of)/a.success" ]
		rm -rf "$DAG_SPOOL"
		mv before "$DAG_SPOOL"
	done
	[ -n "$(place supervisor1 mkdirat 2)" ]
}

# with_values: a run whose b prints what a has left
with_values() {
	dag d <<-'EOF'
	[task a]
	run = echo k=v >> $DAG_OUT
	[task b]
	after = a
	run = echo "<$DAG_FROM_a_k>"
	EOF
	queue
}

@test "values: those of an attempt that a power cut left nothing else of are dropped" {
	with_values
	mkdir "$(of)/log" "$(of)/out"
	echo k=old >"$(of)/out/a"
	dagexec -q --drain
	equal "$(cat "$(of)/log/b.1")" "<v>"
}

@test "values: where a power cut has left log/ only there is a place for them" {
	with_values
	mkdir "$(of)/log"
	dagexec -q --drain
	equal "$(cat "$(of)/log/b.1")" "<v>"
}

@test "values: their bytes are synced, then their name, before the success" {
	with_values
	FAULT_OPS=$T/ops faulty log dagexec -q -j1 --drain
	equal "$(sed -n 's|^\([SR]\) [0-9]* runs/d/2026-01-01T0000Z/\(out[^ ]*\) .*|\1 \2|p
	    s|^R .*/\(a.success\) .*|R \1|p' ops)" "S out/a
S out
R a.success"
}

@test "marker: a last line that was torn does not swallow the next" {
	dag d <<-'EOF'
	[task a]
	retries = 1
	run = true
	[task b]
	retries = 1
	run = true
	EOF
	queue
	mv "$DAG_SPOOL/queue/d@2026-01-01T0000Z.a" "$(of)/a.running.1"
	printf '2026-01-01T00:00:00.000Z\tsta' |
	    tee "$(of)/a.running.1" >"$DAG_SPOOL/queue/d@2026-01-01T0000Z.b"
	touch -d @0 "$DAG_SPOOL/queue/"*
	dagexec -q --drain
	equal "$(cut -f 2,3 "$(of)/a.success")" "lost	attempt=1
start	attempt=2
end	attempt=2"
	equal "$(cut -f 2,3 "$(of)/b.success")" "start	attempt=1
end	attempt=1"
}

@test "marker: a start that was written too late is not that of the last attempt" {
	dag d <<-'EOF'
	[task a]
	retries = 2
	run = test "$DAG_ATTEMPT" = 3
	EOF
	queue
	printf '2026-01-01T00:00:0%d.000Z\t%s\n' 1 $'lost\tattempt=1\treason=lost' \
	    2 $'start\tattempt=2\thost=here\tpid=22' \
	    3 $'start\tattempt=1\thost=there\tpid=11' \
	    >"$(of)/a.running.2"
	rm "$DAG_SPOOL/queue/d@2026-01-01T0000Z.a"
	dagstat --json d/@/a | jq -e '.[0] | .attempt == 2 and .pid == 22'
	dagexec -q --drain
	equal "$(cut -f 2,3 "$(of)/a.success" | tail -n 3)" "lost	attempt=2
start	attempt=3
end	attempt=3"
}

@test "history, assets: where there are bytes the name is on disk already" {
	dag d <<-'EOF'
	[task a]
	produces = x
	run = true
	EOF
	queue
	FAULT_OPS=$T/ops faulty log dagexec -q -j1 --drain
	for file in history/d.tsv assets/log; do
		equal "$(grep -m 2 -o "^[SW] [0-9]* ${file%/*}[^ ]*" ops |
		    sed 's/ [0-9]* / /')" "S ${file%/*}
W $file"
	done
}

@test "spool: a new one is on disk with the directories above it" {
	dag d <<<$'[task a]\nrun = true'
	DAG_SPOOL=$T/one/two/spool
	FAULT_OPS=$T/ops faulty log dagq </dev/null
	grep -q '^A [0-9]* \. ' ops
}

@test "directories: one that is there already is synced all the same" {
	mkdir -p -m 700 "$DAG_SPOOL"
	dagq </dev/null
	mkdir -m 700 "$DAG_SPOOL/pools/p"
	FAULT_OPS=$T/ops faulty log dagq --pool p=1
	grep -q '^S [0-9]* pools ' ops
}

@test "attempts: one that was lost before it could begin is spent as well" {
	dag d <<-'EOF'
	[task a]
	retries = 1
	run = true
	EOF
	queue
	dagq -q --pause d
	for n in 1 2; do
		mv "$DAG_SPOOL/queue/d@2026-01-01T0000Z.a" "$(of)/a.running.$n"
		dagexec -q --drain || [ $n = 2 ]
	done
	equal "$(cd "$(of)" && echo @* a.*)" "@failed a.failed"
	equal "$(cut -f 2,3 "$(of)/a.failed")" "lost	attempt=1
lost	attempt=2"
}

@test "mark: interrupted at any of its moves, the same command does the rest" {
	dag d <<-'EOF'
	[task a]
	run = false
	[task b]
	after = a
	run = true
	[task c]
	after = b
	run = true
	EOF
	queue
	dagexec -q --drain || :
	twice dagq -q --mark success d/@/a
	for n in 1 2 3 4; do
		at=$(place dagq renameat2 $n)
		cp -a "$DAG_SPOOL" before
		faulty "dagq:$at:kill" dagq -q --mark success d/@/a || :
		dagq -q --mark success d/@/a
		dagexec -q --drain
		equal "$(cd "$(of)" && echo @* ?.*)" \
		    "@success a.success b.success c.success"
		rm -rf "$DAG_SPOOL"
		mv before "$DAG_SPOOL"
	done
}

@test "repair: what cannot be looked at is not mended, and it says so" {
	dag d <<-'EOF'
	[task a]
	run = true
	[task b]
	run = true
	EOF
	queue
	said=0
	twice dagq --repair
	for call in faccessat fstatat; do
		for n in $(seq 20); do
			at=$(place dagq $call $n)
			[ -n "$at" ] || break
			run faulty "dagq:$at:5" dagq --repair
			# some calls do not matter
			[ "$status $output" = "0 " ] || {
				[ "$status" = 111 ]
				[[ $output = "dagq: "*": Input/output error" ]]
				said=$((said + 1))
			}
			equal "$(ls "$DAG_SPOOL/bad")" ""
			equal "$(dagq --check)" ""
		done
		[ "$n" -gt 2 ]
	done
	[ "$said" -gt 4 ]
}

# alone: a DAG of one task, queued
alone() {
	dag d <<-'EOF'
	[task a]
	run = true
	EOF
	queue
}

@test "pause: where it cannot be told whether a DAG is paused, nothing is run" {
	alone
	dagq -q --pause d
	twice dagexec -q -j1 --drain
	at=$(sed -n 's|^dagexec \([0-9]*\) openat2 .*# dags/d$|\1|p' log | head -n 1)
	faulty "dagexec:$at:13" dagexec -q -j1 --drain
	equal "$(ls "$DAG_SPOOL/queue")" "d@2026-01-01T0000Z.a"
}

@test "claim: where it cannot be told whether its run is there, that is said" {
	alone
	twice dagexec -q -j1 --drain
	at=$(sed -n 's|^supervisor1 \([0-9]*\) fstatat .*# d/2026[^/]*$|\1|p' log)
	run faulty "supervisor1:$at:12" dagexec -j1 --drain
	equal "$output" "dagexec: d@2026-01-01T0000Z.a: Cannot allocate memory"
	# and nothing was begun by then
	equal "$(cd "$(of)" && ls log *.*)" "a.success

log:
a.1"
}

@test "dagexec: where tasks cannot be claimed for good, it gives up: exit 111" {
	alone
	twice dagexec -q -j1 --drain
	at=$(place supervisor1 renameat2 1)
	run env FAULT_EPOCH="$(date +%s)" DAG_BIN="$BIN" bash -c \
	    "$(declare -f faulty); BIN=$BIN T=$T; faulty supervisor1:$at:12+ dagexec -j1 --drain"
	[ "$status" = 111 ]
	equal "$(sort -u <<<"$output")" \
"dagexec: $DAG_SPOOL: Cannot allocate memory
dagexec: d@2026-01-01T0000Z.a: Cannot allocate memory"
	dagexec -q --drain
	[ -e "$(of)/@success" ]
}

@test "dagexec: a supervisor that dies at its start keeps no task from running" {
	alone
	twice dagexec -q -j1 --drain
	# before it is among the workers; then before it reads its first order
	for at in 1 5 10 15; do
		cp -a "$DAG_SPOOL" before
		faulty "supervisor1:$at:kill" dagexec -q -j1 --drain
		[ -e "$(of)/@success" ]
		rm -rf "$DAG_SPOOL"
		mv before "$DAG_SPOOL"
	done
}

@test "workers: one who comes while tmp/ is cleaned is let in" {
	queue_nothing() { dagq </dev/null 2>>err || echo failed >>failures; }
	for _ in $(seq $((60 / SAMPLE))); do
		queue_nothing & queue_nothing & queue_nothing &
		wait
	done 3>&-
	[ ! -e failures ] || { cat err; return 1; }
	equal "$(ls "$DAG_SPOOL/workers" "$DAG_SPOOL/tmp")" \
"$DAG_SPOOL/tmp:

$DAG_SPOOL/workers:"
}

@test "workers: one that is dead is taken away, though its fork has the lock yet" {
	local dead holder
	mkfifo locked
	dagq </dev/null
	true &
	dead=$!
	wait $dead
	printf 'dagexec %s 2026-01-01T00:00:00.000Z\n' "$(hostname)" \
	    >"spool/workers/$dead"
	# byte 0, as of a process that was forked and has not closed it
	python3 - "spool/workers/$dead" >locked <<-'END' 3>&- &
	import fcntl, os, struct, sys
	fd = os.open(sys.argv[1], os.O_RDWR)
	fcntl.fcntl(fd, fcntl.F_OFD_SETLK,
	            struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 1, 0))
	print("locked", flush=True)
	import signal
	signal.pause()
	END
	holder=$!
	read -r <locked
	dagexec -q --drain
	kill $holder
	[ -z "$(ls spool/workers)" ]
}

@test "memory: where it is short a task has its whole command, an attempt its number" {
	dag d <<-'EOF'
	[task a]
	poke = 1s
	run = test -e again || { : >again; exit 75; }
	EOF
	queue
	# a look has been had, of which the marker tells
	dagexec -q -j1 --drain >/dev/null &
	pid=$!
	until grep -sq poke "$DAG_SPOOL/queue"/*; do
		read -rt 0.01 <> <(:) || :
	done
	kill $pid
	wait $pid || :
	cp -a "$DAG_SPOOL" before
	for at in $(seq 32 4 92); do
		rm -rf "$DAG_SPOOL"
		cp -a before "$DAG_SPOOL"
		faulty "supervisor1:$at:mem" dagexec -q -j1 --drain >out 2>&1 || :
		run grep died out
		equal "$output" ""
		equal "$(dagq --check)" ""
	done
	dagexec -q --drain
	[ -e "$(of)/@success" ]
}

@test "recovery: who has a file open whose file system is dead holds nothing up" {
	mkdir gone
	"$(dirname "$BIN")/fault/hung" gone >ready 2>&1 3>&- &
	hung=$!
	until [ -s ready ]; do read -rt 0.01 <> <(:) || :; done
	grep -q ready ready || skip "skipped: $(cat ready)"
	dag d <<-'EOF'
	[task a]
	retries = 1
	run = test $DAG_ATTEMPT = 2 || sleep 1000
	EOF
	queue
	dagexec -q -j1 --drain >/dev/null 3>&- &
	pid=$!
	until grep -sq start "$(of)"/a.running.1; do
		read -rt 0.01 <> <(:) || :
	done
	# its supervisor, too: the task is an orphan, and looked for
	kill -KILL "$(cat /proc/$pid/task/$pid/children)" $pid
	timeout 60 dagexec -q -j1 --drain
	[ -e "$(of)/@success" ]
	gone $hung && return 1
	true
}
