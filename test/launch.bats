#!/usr/bin/env bats
# launch: tasks that an engine starts: batches, launchers, dagexec --task.
#
# The engine is test/launch/here: processes of this machine, and what is said
# of them can be made up.

load engines

setup() {
	helper_setup
	engine here
}

@test "launch: an engine's task has its world, leaves values, a log, a result" {
	dag d <<-'END'
	[task a]
	run = echo "n=7" >>"$DAG_OUT"; echo "from $DAG_ID"

	[task b]
	after = a
	run   = test "$DAG_FROM_a_n" = 7

	[task c]
	after  = b
	launch = local
	run    = true
	END
	drain
	equal "$(about a b c)" "a success 1
b success 1
c success 1"
	run -0 dagstat --log d/@/a
	[[ $output =~ from\ d/.*/a$ ]]
	marker a | grep -qE '	start	.*	batch=here\.[0-9a-f]{16}/1$'
	# what is local does not say that it was started by one
	run ! grep -q batch= spool/runs/d/*/c.success
	equal "$(ls spool/launch)" here
	equal "$(cat "$HERE/calls")" $'caps\nsubmit\ncaps\nsubmit'
}

@test "launch: dagexec --task runs what is ready, and nothing else" {
	dag d <<-'END'
	[task a]
	run = echo a >>ledger

	[task b]
	after = a
	run   = echo b >>ledger

	[task c]
	run  = echo c >>ledger
	hold = yes
	END
	run -0 dagexec --task d/@/b d/@/c
	equal "$(sed 's/@.*\././' <<<"$output")" "dagexec: d.b: it is not to be\
 had: somebody else has it, or it is not ready
dagexec: d.c: it is not to be had: somebody else has it, or it is not ready"
	equal "$(ledger)" ""
	# what comes after is released by who ran it, and is there at once
	printf 'd/@/a\nd/@/b\n' | dagexec --task
	equal "$(ledger)" "a
b"
	run -1 dagexec --task d/@
	equal "$output" "dagexec: d/@: one task is wanted, DAG/RUN/TASK"
	run -2 dagexec --element here.0123456789abcdef
	equal "$output" "dagexec: --element here.0123456789abcdef:\
 BATCH/NUMBER is wanted"
	run -0 dagexec --element here.0123456789abcdef/1
	equal "$output" "dagexec: here.0123456789abcdef/1: there is no such\
 batch any more"
}

@test "launch: many that start one task: it runs once" {
	dag d <<-'END'
	[task a]
	run = echo "$DAG_ATTEMPT" >>ledger
	END
	for i in 1 2 3 4 5 6 7 8; do
		dagexec --task d/@/a 2>/dev/null 3>&- &
		pids+=" $!"
	done
	# shellcheck disable=SC2086
	wait $pids
	equal "$(ledger)" 1
	dagq --check
}

# submits STEP: who submits is killed at that step
submits() {
	touch "$HERE/die.$1"
	noted a b | dag d
	drain 2>/dev/null
	[ ! -e "$HERE/die.$1" ]
	equal "$1: $(ledger)" "$1: a 1
b 1"
	# the intent was written down before, and is looked for
	case $1 in
	caps*) equal "$(grep -c find "$HERE/calls")" 0 ;;
	*) grep -q find "$HERE/calls" ;;
	esac
	dagq --check
}

@test "launch: who submits is killed at each step, and each task runs once" {
	beside submits caps caps.after submit submit.after
}

@test "launch: one that was submitted and cannot be found runs once as well" {
	noted a | dag d
	# the engine has it, and does not know any more
	launcher <<-END
	rm -f "$HERE"/*.batch
	exec "$DAG_LAUNCH_PATH/here" "\$@"
	END
	touch "$HERE/die.submit.after"
	drain 2>/dev/null
	equal "$(ledger)" "a 1"
	equal "$(grep -c submit "$HERE/calls")" 2
}

@test "launch: an engine that is away is waited for, and that is said" {
	touch "$HERE/away"
	dag d <<-'END'
	[task a]
	run = echo a >>ledger
	END
	drain &
	until_text "$HERE/calls" caps
	until_text spool/launch/here 'the engine sleeps'
	run -0 dagstat --why d/@/a
	[[ $output == *"here is away since "*": the engine sleeps"* ]]
	rm "$HERE/away"
	wait $!
	equal "$(ledger)" a
}

@test "launch: what an engine refuses has failed, with what it said" {
	dag d <<-'END'
	[task a]
	launch-options = refuse
	retries = 3
	run = echo a >>ledger
	END
	run -1 drain
	equal "$(about a)" "a failed 1 lost-launch no such partition"
	equal "$(ledger)" ""
	equal "$(ls spool/launch)" here
}

@test "launch: a launcher that is not there is named, and waited for" {
	dag d <<-'END'
	[task a]
	launch = nowhere
	run = true
	END
	drain &
	until_text spool/launch/nowhere dag-launch
	run -0 dagstat --why d/@/a
	[[ $output == *'there is no launcher "nowhere": dag-launch(5)'* ]]
	kill $!
	wait $! || true
}

@test "launch: what is held before it starts is cancelled, and never runs" {
	# it is in the queue of the engine for ever
	launcher <<-END
	echo "\$1" >>"$HERE/calls"
	case \$1 in
	submit) echo "submitted	x	id=1" ;;
	caps) echo "caps	here	poll=1" ;;
	poll) cut -f 2 | sed 's|.*|element	&/*	state=queued	detail=Priority|' ;;
	cancel) cat >"$HERE/cancelled" ;;
	esac
	END
	dag d <<-'END'
	[task a]
	run = echo a >>ledger
	END
	drain &
	until_text "$HERE/calls" poll
	until_text "$(echo spool/launch/here.*)/said" queued
	run -0 dagstat --why d/@/a
	[[ $output == *"here has it: queued Priority"* ]]
	dagq --hold d/@/a
	wait $!
	equal "$(sed 1d "$HERE/cancelled")" 1
	equal "$(ls spool/launch)" here
	# a late start finds nothing
	dagexec --task d/@/a 2>/dev/null
	equal "$(ledger)" ""
}

@test "launch: of what is held, one after the other, all is cancelled" {
	launcher <<-END
	case \$1 in
	submit) echo "submitted	x	id=1" ;;
	poll) cut -f 2 | sed 's|.*|element	&/*	state=queued|' ;;
	cancel) sed 1d >>"$HERE/cancelled" ;;
	esac
	END
	noted a b c | dag d
	drain &
	until_text 'spool/launch/here.*/id' 1
	# without being asked what it has: that is not due yet
	dagq --hold d/@/c
	until_text "$HERE/cancelled" 3
	dagq --hold d/@/a d/@/b
	wait $!
	equal "$(cat "$HERE/cancelled")" "3
1
2"
	equal "$(ls spool/launch)" here
}

@test "launch: what an engine calls a batch may be long" {
	mkfifo begun go
	launcher <<-END
	"$DAG_LAUNCH_PATH/here" "\$@" | sed "s/	id=/&\$(seq -s - 999)/"
	END
	dag d <<-'END'
	[task a]
	run = echo x >begun; read -r x <go
	END
	drain &
	read -r _ <begun
	# it is known, and asked for by it
	until_text "$HERE/calls" poll
	equal "$(sort "$HERE/calls" | uniq -c | awk '$2 != "poll" { print $2, $1 }')" \
	    "caps 1
submit 1"
	echo x >go
	wait $!
	equal "$(ls spool/launch)" here
}

@test "launch: an engine is asked as often as any of its batches wants" {
	printf '100\tpoll=100' >"$HERE/caps"
	mkfifo begun go
	dag d <<-'END'
	[task a]
	launch-options = poll=1s
	run = echo x >begun; read -r x <go
	END
	drain &
	read -r _ <begun
	noted b | dag e
	dagstat --wait -q e/@
	: >"$HERE/calls"
	SECONDS=0
	until_text "$HERE/calls" poll
	[ $SECONDS -lt 20 ]
	echo x >go
	wait $!
}

@test "launch: what runs is killed like any other" {
	mkfifo begun
	dag d <<-'END'
	[task a]
	retries = 1
	run = echo x >begun; exec sleep 300
	END
	drain &
	read -r _ <begun
	dagq --kill d/@/a
	ends 1 $!
	equal "$(about a)" "a failed 1 killed"
}

@test "launch: pack: tasks that share an element run one after the other" {
	{
		echo '[default]'
		echo 'launch-options = pack=4'
		for i in 1 2 3 4 5 6 7 8 9; do
			printf '[task t%d]\nrun = %s\n' $i 'echo begin >>ledger;
	    echo end >>ledger'
		done
	} | dag d
	drain
	equal "$(grep -c . ledger)" 18
	# 9 tasks, 4 of them each: 3 elements
	equal "$(ls "$HERE" | grep -c '\.[0-9]$')" 3
	equal "$(cat "$HERE/calls")" $'caps\nsubmit'
}

@test "launch: no more is given to an engine than it will have" {
	printf '2\tmax-queued=3\tpoll=1' >"$HERE/caps"
	{
		for i in 1 2 3 4 5 6 7; do
			printf '[task t%d]\nrun = %s\n' $i 'echo b >>ledger
	    echo e >>ledger'
		done
	} | dag d
	drain
	equal "$(grep -c b ledger)" 7
	equal "$(sed -n 's/.*	elements=\([0-9]*\).*/\1/p' "$HERE"/*.batch |
	    sort -n | tail -n 1)" 2
}

@test "launch: no more of a pool is given to an engine than it has free" {
	dagq --pool p=2
	{
		for i in 1 2 3 4 5; do
			printf '[task t%d]\npool = %s\nrun = %s\n' $i \
			    "$((i == 5 ? 2 : 1))" 'echo b >>ledger
	    sleep 0.2; echo e >>ledger'
		done | sed 's/^pool = 1/pool = p/; s/^pool = 2/pool = p:2/'
	} | dag d
	drain
	equal "$(awk '{ n += $1 == "b" ? 1 : -1; if (n > most) most = n }
	    END { print NR, most }' ledger)" "10 2"
	# none stood with the engine and waited
	equal "$(grep -lE 'elements=[3-9]' "$HERE"/*.batch)" ""
	equal "$(cat "$HERE/log")" ""
	equal "$(ls spool/launch)" here
}

@test "launch: what finds its pool full leaves, and is given again for nothing" {
	mkfifo begun end
	dagq --pool p=1
	launcher <<-END
	[ \$1 != submit ] || until test -e "$T/go"; do
		: >"$T/given"
		sleep 0.1
	done
	exec "$DAG_LAUNCH_PATH/here" "\$@"
	END
	dag d <<-'END'
	[task a]
	pool = p
	run = echo "$DAG_ATTEMPT" >>ledger
	END
	drain &
	until_true test -e given
	# while it is on its way, another has the last slot
	dag e <<-'END'
	[task b]
	launch = local
	pool   = p
	run    = echo x >begun; read -r x <end
	END
	read -r _ <begun
	: >go
	# its batch is closed, and gone
	until_true eval '! compgen -G "spool/launch/here.*"'
	grep -q ': the pool p is full$' "$HERE/log"
	run -0 dagstat --why d/@/a
	[[ $output == *"the pool p is full: 1 of 1"* ]]
	equal "$(grep -c submit "$HERE/calls")" 1
	echo x >end
	wait $!
	equal "$(ledger)" 1
	equal "$(grep -c submit "$HERE/calls")" 2
	dagq --check
}

@test "launch: an engine is not asked while nothing changes" {
	printf '100' >"$HERE/caps"
	mkfifo begun go
	dag d <<-'END'
	[task a]
	run = echo x >begun; read -r x <go
	[task b]
	launch = local
	run = sleep 3
	END
	drain &
	read -r _ <begun
	dagstat --wait d/@/b
	equal "$(cat "$HERE/calls")" $'caps\nsubmit'
	echo x >go
	wait $!
	equal "$(cat "$HERE/calls")" $'caps\nsubmit'
}

@test "launch: what fails there fails the drain, and the run" {
	dag d <<-'END'
	[task a]
	run = exit 3
	[task b]
	after = a
	run = true
	END
	run -1 drain
	equal "$(about a b | cut -d' ' -f 1,2)" "a failed
b upstream-failed"
	equal "$(ls spool/launch)" here
}

@test "launch: resources are passed on, and [dag] says them for all" {
	dag d <<-'END'
	partition = long
	cpus = 4
	time = 1h30m
	launch-options = qos=high

	[task a]
	memory = 512M
	gpus   = 1
	run = true
	END
	drain
	equal "$(tr '\t' '\n' <"$HERE"/here.*.batch | sed -n '3,$p' |
	    grep -v poll)" "tasks=1
pack=1
elements=1
partition=long
cpus=4
gpus=1
memory=512M
time=1h30m
options=qos=high"
}

@test "launch: a dagexec that dies leaves what engines have to the next" {
	mkfifo begun go
	dag d <<-'END'
	[task a]
	run = echo "$DAG_ATTEMPT" >>ledger; echo x >begun; read -r x <go
	[task b]
	after = a
	run = echo "b $DAG_ATTEMPT" >>ledger
	END
	dagexec -q -j 1 &
	read -r _ <begun
	kill -KILL $!
	wait $! || true
	echo x >go
	drain
	equal "$(ledger)" "1
b 1"
	equal "$(ls spool/launch)" here
}

@test "launch: what is held while an engine is away is cancelled later" {
	launcher <<-END
	echo "\$1" >>"$HERE/calls"
	case \$1 in
	submit) echo "submitted	x	id=1" ;;
	caps) echo "caps	here	poll=1" ;;
	esac
	[ \$1 != poll ] || cut -f 2 |
	    sed 's|.*|element	&/*	state=queued	detail=Priority|'
	[ \$1 != cancel ] || { [ ! -e "$HERE/away" ] && cat >"$HERE/cancelled"; }
	END
	dag d <<-'END'
	[task a]
	run = echo a >>ledger
	END
	drain &
	until_text 'spool/launch/here.*/said' queued
	: >"$HERE/away"
	dagq --hold d/@/a
	wait $!
	grep -q cancel "$HERE/calls"
	[ ! -e "$HERE/cancelled" ]
	rm "$HERE/away"
	# the next one has nothing to give, and does that, once it is time
	until_true eval 'drain && test -e "$HERE/cancelled"'
	equal "$(sed 1d "$HERE/cancelled")" 1
	equal "$(ls spool/launch)" here
}

@test "launch: a batch that is damaged holds up no other" {
	dag d <<-'END'
	[task a]
	run = echo a >>ledger
	END
	mkdir -p spool/launch/here.0123456789abcdef
	echo rubbish >spool/launch/here.0123456789abcdef/batch
	drain
	equal "$(ledger)" a
	equal "$(ls spool/launch)" "here
here.0123456789abcdef"
}

# unlocked: a library under which locks are taken, and mean nothing: as those
# of another machine may
unlocked() {
	cat >unlocked.c <<-'END'
	#define _GNU_SOURCE
	#include <dlfcn.h>
	#include <fcntl.h>
	#include <stdarg.h>

	int
	fcntl64(int fd, int op, ...)
	{
		int (*real)(int, int, ...) = dlsym(RTLD_NEXT, "fcntl64");
		va_list ap;
		void *arg;

		va_start(ap, op);
		arg = va_arg(ap, void *);
		va_end(ap);
		return op == F_OFD_SETLK ? 0 : real(fd, op, arg);
	}

	int
	fcntl(int fd, int op, ...)
	{
		va_list ap;
		void *arg;

		va_start(ap, op);
		arg = va_arg(ap, void *);
		va_end(ap);
		return fcntl64(fd, op, arg);
	}
	END
	${CC:-cc} -shared -fPIC -o unlocked.so unlocked.c
}

# bats test_tags=traced
@test "launch: a shared spool: a late end of what was lost touches nothing" {
	unshare -fp --mount-proc true 2>/dev/null ||
		skip "skipped: no namespaces of processes"
	unlocked
	export DAG_REMOTE=yes
	mkfifo begun go
	dag d <<-'END'
	[task a]
	retries = 1
	run = echo "$DAG_ATTEMPT" >>ledger
	    test "$DAG_ATTEMPT" = 2 || { echo x >begun; read -r x <go; }
	    echo "by=$DAG_ATTEMPT" >>"$DAG_OUT"
	[task b]
	after = a
	launch = local
	run = echo "b $DAG_FROM_a_by" >>ledger
	END
	# the engine starts it on a machine whose processes and locks are not seen
	echo running >"$HERE/cut"
	unshare -fp --mount-proc timeout 60 dagexec --drain -q -j 1 &
	drain=$!
	until_text "$HERE/calls" submit
	until_text spool/launch/here "asked="
	file=$(ls "$HERE"/here.*.1.said)
	batch=$(basename "${file%.1.said}")
	LD_PRELOAD=$T/unlocked.so dagexec --element "$batch/1" 2>late.err &
	late=$!
	read -r _ <begun
	rm "$HERE/cut"
	# cut off, says the engine
	echo lost-node >"$file"
	ends 0 "$drain"
	equal "$(cat ledger)" "1
2
b 2"
	cat spool/runs/d/*/a.success >before
	# it goes on, and ends well
	echo x >go
	ends 1 "$late"
	grep -q 'Stale file handle' late.err
	equal "$(cat spool/runs/d/*/a.success)" "$(cat before)"
	equal "$(cat spool/runs/d/*/out/a)" "by=2"
	dagq --check
}

@test "launch: a shared spool: tasks run there as ever" {
	export DAG_REMOTE=yes
	dag d <<-'END'
	[task a]
	run = #!/bin/sh
	    echo "n=7" >>"$DAG_OUT"

	[task b]
	after = a
	run   = test "$DAG_FROM_a_n" = 7
	END
	drain
	equal "$(about a b)" "a success 1
b success 1"
	equal "$(cat spool/runs/d/*/fate/a.1 | cut -d' ' -f 1)" ended
	equal "$(cat spool/runs/d/*/out/a)" "n=7"
	dagq --check
	dagq --archive d/@
	dagstat d/@/a
}
