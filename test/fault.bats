#!/usr/bin/env bats
# fault: nothing is lost: every kind of fault that can be made here, made.
#
# Each test prints its figures. FAULT_SCALE=full is what make torture runs, ci
# what it runs with TORTURE=ci: each call of each work. Else calls that a program
# makes from one place are one (test/fault/sweep.c).

load helper

# figures TEXT: shown whatever becomes of the test
figures() { printf '# %s\n' "$@" >&3; }

# scaled CI FULL: the one that is wanted
scaled() { [ "${FAULT_SCALE:-}" = full ] && echo "$2" || echo "$1"; }

# points KIND: of each place; in make torture of each call, and what looks alike.
# Most of the time they wait: so many at once
points() {
	local some=()
	case ${FAULT_SCALE:-} in
	full) some=(-a) ;;
	ci) some=(-e) ;;
	esac
	fault sweep -j 20 "${some[@]}" "$1"
}

# fault NAME ARGUMENT...: runs a program of test/fault; its last line is the
# figures
fault() {
	local program=$1
	shift
	# where memory fails the C library dies looking up who we are
	LOGNAME=fault FAULT_BIN=$(dirname "$BIN")/fault DAG_BIN=$BIN \
	    "$(dirname "$BIN")/fault/$program" "$@" >faulty 2>&1 || {
		local status=$?
		tail -n 40 faulty
		return $status
	}
	figures "$BATS_TEST_DESCRIPTION: $(tail -n 1 faulty)"
}

# skipped: of a fault that cannot be made here, exit 77: its reason
skipped() {
	[ "$status" = 77 ] && skip "skipped: $(tail -n 1 faulty)"
	return 1
}

@test "fault: a kill before every change of the spool, of every program" {
	points kill
}

@test "fault: a kill before every change that the recovery from a kill makes" {
	points recover
}

@test "fault: every errno at every place that calls, once and for ever; short transfers" {
	points errno
}

@test "fault: every allocation of memory fails, once and for ever" {
	points memory
}

@test "fault: kill -9 at random under load" {
	fault random "$(scaled 500 10000)"
}

@test "fault: all that people do, at random, all at once, and killed" {
	fault walk "$(scaled 240 20000)"
}

@test "fault: power cuts under load, ext4" {
	run fault power "$(scaled 100 1000)" ext4
	[ "$status" = 0 ] || { echo "$output"; skipped; }
}

@test "fault: power cuts under load, xfs" {
	[ "${FAULT_SCALE:-}" = full ] || skip "skipped: in make torture only"
	run fault power 1000 xfs
	[ "$status" = 0 ] || { echo "$output"; skipped; }
}

@test "fault: unsynced writes, any legal part of them" {
	fault replay "$(scaled 500 5000)"
}

@test "fault: 2, 4 and 8 dagexecs want the same tasks: each is had by one" {
	fault claims "$(scaled 100000 1000000)"
}

@test "fault: 10,000 claims of the dead are recovered within two seconds" {
	# the best of three: others may be at work on this machine
	fault lost 10000 2 || fault lost 10000 2 || fault lost 10000 2
}

# chain [KEY...]: two tasks in a row, queued
chain() {
	{
		printf '[default]\n'
		printf '%s\n' "$@"
		printf '[task a]\nrun = true\n[task b]\nafter = a\nrun = true\n'
	} >dags/c.dag
	dagq -q --pool p=2
	{
		dagparse c
		printf 'run\tc/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\tcause=schedule\n'
	} | dagq
}

# looks DIRECTORY: all that is in it, and its bytes
looks() {
	find "$1" -printf '%P %y %s %m %T@ %l\n' | sort
	find "$1" -type f -exec cat {} + | cksum
}

# swaps TIMES: links take the place of directories while people do so many
# times what they do; is what these lead to as it was? How many links: swaps
swaps() {
	rm -rf "$DAG_SPOOL" "$DAG_SPOOL.links" elsewhere go
	chain 'retries = 9'
	dagexec -q --drain
	for d in 02 03 04; do
		{ dagparse c
		printf 'run\tc/2026-01-%sT0000Z\ttime=2026-01-%sT00:00:00Z\tcause=schedule\n' $d $d; } | dagq
	done
	dagq -q --rerun c/2026-01-01T0000Z/b
	cp -a "$DAG_SPOOL" elsewhere
	before=$(looks elsewhere)
	mkfifo go
	"$(dirname "$BIN")/fault/swap" "$DAG_SPOOL" "$T/elsewhere" <go >swaps 3>&- &
	swap=$!
	exec 4>go
	for n in $(seq "$1"); do
		timeout 10 dagexec -q -j2 --drain
		dagq -q --rerun --downstream 'c/*/a'
		dagq -q --hold 'c/*/b'
		dagq -q --release 'c/*/b'
		dagq -q --mark success c/2026-01-02T0000Z/b
		dagq --pool p=$((n % 3 + 1))
		dagq --pause c
		dagq --resume c
		{ dagparse c
		printf 'run\tc/2026-01-%02dT0000Z\ttime=2026-01-%02dT00:00:00Z\tcause=schedule\n' $((n % 20 + 5)) $((n % 20 + 5)); } | dagq
		dagstat
		dagq --check
	done 4>&- >out 2>&1 || :
	exec 4>&-
	wait $swap
	equal "$(looks elsewhere)" "$before"
}

# striking PROGRAM ARGUMENT...: that program of test/fault, on what is in $tree,
# in $dir; or the test swaps
striking() {
	if [ "$1" = swaps ]; then
		PATH=$tree/build/bin:$PATH "$@"
	else
		LOGNAME=fault FAULT_BIN=$(dirname "$BIN")/fault \
		    FAULT_DIR=$dir DAG_BIN=$tree/build/bin \
		    "$(dirname "$BIN")/fault/$1" "${@:2}"
	fi
}

# planted FILE EDIT PROGRAM ARGUMENT...: the library with lines that sed(1) has
# broken: does that program find it? 77: it cannot be tried here
planted() {
	local file=$1 edit=$2 tree=$T/planted dir=$T try
	shift 2
	[ ! -w /dev/shm ] || dir=/dev/shm
	dir=$(mktemp -d "$dir/planted.XXXXXX")
	if [ ! -e "$tree" ]; then
		mkdir -p "$tree/build"
		(cd "$ROOT" && cp -a --parents Makefile lib cmd share/html "$tree")
		(cd "$(dirname "$BIN")" &&
			cp -a bin cmd lib libdag.a libraries site* "$tree/build")
	fi
	cp -p "$tree/$file" whole
	sed -i "$edit" "$tree/$file"
	run cmp -s whole "$tree/$file"
	[ "$status" = 1 ] || { echo "$file: nothing to edit: $edit"; return 1; }
	make -s -C "$tree" O="$tree/build" "$tree/build/bin/dagexec" \
	    "$tree/build/bin/dagq" 2>made || { cat made; return 1; }
	# what takes two at once may be missed where others are at work
	for try in 1 2 3 4 5; do
		run striking "$@"
		[ "$status" = 0 ] || break
	done
	rm -rf "$dir"
	cp whole "$tree/$file"	# newer than what was made of it
	[ "$status" != 77 ] || return 77
	[ "$status" = 1 ] || { echo "$output"; echo "$* has not found: $edit"
		return 1; }
}

@test "fault: what is broken on purpose is found, whichever rule it is" {
	local all=0 n=0 file edit how x
	while IFS='|' read -r file edit how; do
		all=$((all + 1)) x=0
		# shellcheck disable=SC2086 # a program and its arguments
		planted "$file" "$edit" $how || x=$?
		[ "$x" = 0 ] || [ "$x" = 77 ]
		n=$((n + (x == 0)))
	done <<-'EOF'
	lib/spool.c|/assert(from/,/^}/s/return .*/return linkat(olddir, old, newdir, new, 0) < 0 ? -1 : unlinkat(olddir, old, 0);/|sweep -w one kill
	lib/executor.c|0,/if (eval_all(x->spool) < 0)/s//if (0)/|sweep -w one kill
	lib/executor.c|0,/if (eval_all(x->spool) < 0)/s//if (0)/|sweep -w one recover
	lib/attempt.c|/^drop_values/,/^}/s/	snprintf(file/	return 0;\n&/|sweep -w join kill
	lib/lost.c|s/return kill_orphan(.*) == 0;/return 1;/|sweep -w kill kill
	lib/buf.c|/^write_all/,/^}/s/return -1;/return 0;/|sweep -w queue -n 2 errno
	lib/buf.c|s/	if (!p) {/	if (0) {/|sweep -w one memory
	lib/io.c|s/int r = lock(fd, F_OFD_SETLK, .*/int r = 0;/|random 400
	lib/io.c|s/&& sync(fd) < 0/\&\& 0/|replay 200
	lib/maker.c|s/if (spool_sync_all(m->spool) < 0)/if (0)/|replay 200
	lib/eval.c|s/	x = spool_sync(r->spool, r->fd);/	x = 0;/|replay 200
	lib/spool.c|/assert(from/,/^}/s/return .*/return linkat(olddir, old, newdir, new, 0);/|claims 5000
	lib/io.c|s/int r = lock(fd, F_OFD_SETLK, .*/int r = 0;/|walk 240
	lib/check.c|/case FAULT_MISSING/,/return/s/return .*/return 0;/|walk 60
	lib/maker.c|s/if (spool_sync_all(m->spool) < 0)/if (0)/|power 8 ext4
	lib/io.c|s/RESOLVE_BENEATH . RESOLVE_NO_SYMLINKS . *$/0 \&/|swaps 2
	EOF
	figures "$BATS_TEST_DESCRIPTION: $n of $all"
}

# struck PROCESS KEY...: of that chain, run with that process's first sync
# failing
struck() {
	local preload at who=$1 try
	preload=$(dirname "$BIN")/fault/preload.so
	shift
	rm -rf "$DAG_SPOOL"
	chain "$@"
	env LD_PRELOAD="$preload" FAULT_SPOOL="$DAG_SPOOL" FAULT_LOG="$T/log" \
	    ASAN_OPTIONS=verify_asan_link_order=0 dagexec -j1 --drain
	at=$(sed -n "s/^$who \([0-9]*\) fsync .*/\1/p" log | head -n 1)
	[ -n "$at" ]
	# how many calls come before it depends on what events meet: until it
	# is the sync that was struck
	for ((try = 0; try < 20; try++)); do
		rm -rf "$DAG_SPOOL" log
		chain "$@"
		run env LD_PRELOAD="$preload" FAULT_SPOOL="$DAG_SPOOL" \
		    FAULT_LOG="$T/log" FAULT_AT="$who:$at:28" \
		    ASAN_OPTIONS=verify_asan_link_order=0 dagexec -v -j1 --drain
		! grep -q "^$who $at fsync " log || break
	done
	grep "^$who $at fsync " log
	[ "$status" = 111 ]
	equal "$(cd "$DAG_SPOOL" && ls queue runs/c/*/*.*)" \
"runs/c/2026-01-01T0000Z/a.success
runs/c/2026-01-01T0000Z/b.waiting

queue:"
	dagexec -q --drain
	[ -e "$DAG_SPOOL/runs/c/2026-01-01T0000Z/@success" ]
}

@test "fault: a sync that fails is final: nothing follows from it, exit 111" {
	# of what its supervisor was offered, that releases it
	struck supervisor1
	equal "$output" "dagexec: c@2026-01-01T0000Z.a: No space left on device
dagexec: $DAG_SPOOL: No space left on device"
	# and of what it was not, dagexec
	struck dagexec 'pool = p'
	equal "$output" "dagexec: what follows: No space left on device
dagexec: $DAG_SPOOL: No space left on device"
}

# failing COMMAND...: with the fault in $at, its calls in the file log
failing() {
	rm -f log
	run env LD_PRELOAD="$(dirname "$BIN")/fault/preload.so" \
	    FAULT_SPOOL="$DAG_SPOOL" FAULT_LOG="$T/log" FAULT_AT="$at" \
	    ASAN_OPTIONS=verify_asan_link_order=0 "$@"
}

# each_sync COMMAND...: in the spool as it is now, with each sync of each of its
# processes failing; what it was at, and none after it
each_sync() {
	local at=none:0:0 all who k left=0
	cp -a "$DAG_SPOOL" before
	failing "$@" <"${input:-/dev/null}"
	[ "$status" = 0 ]
	all=$(awk '$3 == "fsync" || $3 == "syncfs" { print $1 ":" $2 }' log)
	for at in $all; do
		IFS=: read -r who k <<<"$at"
		at=$at:28
		rm -rf "$DAG_SPOOL"
		cp -a before "$DAG_SPOOL"
		failing "$@" <"${input:-/dev/null}"
		# which call it is depends on what events meet
		grep -qE "^$who $k (fsync|syncfs) " log || continue
		left=$((left + 1))
		[ "$status" = 111 ] || { echo "$at: exit $status: $output"
			return 1; }
		awk -v who="$who" -v k="$k" '$1 == who && $2 > k &&
		    ($3 == "fsync" || $3 == "syncfs") { print; bad = 1 }
		    END { exit bad }' log
		equal "$(dagq --check)" ""
	done
	rm -rf before
	syncs=$((${syncs:-0} + left))
}

@test "fault: whichever sync fails, its process syncs nothing any more, exit 111" {
	equal "$(cd "$ROOT" && grep -lE '\b(fsync|syncfs|fdatasync)\b' lib/*.c cmd/*.c)" \
	    lib/io.c
	cat >dags/c.dag <<-'EOF'
	[task a]
	once = yes
	produces = x
	run = echo k=v >>$DAG_OUT
	[task m]
	after = a
	each = a.k
	run = true
	[task s]
	after = m
	dag = d
	EOF
	printf '[task a]\nrun = true\n' >dags/d.dag
	dagparse c >in
	printf 'run\tc/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\tcause=schedule\n' >>in
	dagq </dev/null
	input=in
	each_sync dagq -q
	dagq -q <in
	unset input
	each_sync dagexec -q -j1 --drain
	dagexec -q --drain
	[ -e "$DAG_SPOOL/runs/c/2026-01-01T0000Z/@success" ]
	[ "$syncs" -gt 20 ]
	figures "$BATS_TEST_DESCRIPTION: $syncs syncs"
}

@test "fault: links that take the place of directories while it is at work lead nowhere" {
	swaps $((60 / SAMPLE))
	[ "$(cat swaps)" -gt 1000 ]
	figures "$BATS_TEST_DESCRIPTION: $(cat swaps) times"
}

@test "fault: a network file system is refused, unless told" {
	preload=$(dirname "$BIN")/fault/preload.so
	dagq </dev/null
	for type in 0x6969 0xff534d42 0xfe534d42 0x01021997; do
		run env LD_PRELOAD="$preload" FAULT_FS=$type \
		    ASAN_OPTIONS=verify_asan_link_order=0 dagq --check
		[ "$status" = 1 ]
		equal "$output" "dagq: spool $DAG_SPOOL: it is on a network file system; locks and renames are not to be trusted there"
	done
	run env LD_PRELOAD="$preload" FAULT_FS=0x6969 DAG_REMOTE=yes \
	    ASAN_OPTIONS=verify_asan_link_order=0 dagq --check
	[ "$status" = 0 ]
}

@test "fuzz: the seeds, cut at each byte, and with each bit flipped" {
	for target in parse records times archive scan; do
		"$(dirname "$BIN")/seeds/$target" \
		    "$ROOT/test/fuzz/seeds/$target"/* >out 2>&1 || {
			tail -n 40 out
			return 1
		}
		figures "$target: $(cat out)"
	done
}
