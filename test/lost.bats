#!/usr/bin/env bats
# lost: what an engine gives up, ends, or does not know any more.
#
# The engine is test/launch/here: processes of this machine, and what is said
# of them can be made up.

load engines

setup() {
	helper_setup
	engine here
}

# gave WORD: what becomes of a task, with a retry, that its engine never
# started and says that of
gave() {
	echo "$1" >"$HERE/cut"
	dag d <<-'END'
	[task a]
	retries = 1
	run = echo "$DAG_ATTEMPT" >>ledger
	END
	drain 2>/dev/null &
	until_text "$HERE/calls" poll
	rm "$HERE/cut"
	wait $! || true
	echo "$1: $(about a | cut -d" " -f 2) $(ledger)"
}

@test "lost: what an engine says of what it has not started" {
	# its node was gone: that costs nothing; ended: it may have been tried
	equal "$(beside gave lost-node ended lost-launch lost-cancelled |
	    sort | sed 's/ $//')" "ended: success 2
lost-cancelled: failed
lost-launch: success 2
lost-node: success 1"
}

@test "lost: what its engine does not know is lost, and no success" {
	dag d <<-'END'
	[task a]
	run = echo "$DAG_ATTEMPT" >>ledger
	END
	launcher <<-END
	case \$1 in
	submit) echo "submitted	x	id=1" ;;
	caps) echo "caps	here	poll=1" ;;
	esac
	END
	# of what was submitted just now it may not know yet: ten seconds
	run -1 drain
	equal "$(about a)" "a failed 1 lost"
	equal "$(ledger)" ""
}

@test "lost: a question that fails is no answer: nothing is lost by it" {
	mkfifo begun go
	dag d <<-'END'
	[task a]
	run = echo "$DAG_ATTEMPT" >>ledger; echo x >begun; read -r x <go
	END
	launcher <<-END
	[ "\$1" != poll ] || {
		read -r batch
		printf 'element\t%s/*\tstate=\n' "\$(echo "\$batch" | cut -f 2)"
		echo asked >>"$T/asked"
		exit \$(cat "$T/code")
	}
	exec "$DAG_LAUNCH_PATH/here" "\$@"
	END
	echo 1 >code
	drain &
	worker=$!
	read -r _ <begun
	# of what was submitted just now it may not know yet: ten seconds
	until_true eval "compgen -G 'spool/launch/here.*/id'"
	touch -d '1 minute ago' spool/launch/here.*/id
	until_text asked asked
	echo 70 >code
	: >asked
	until_text asked asked
	until_text spool/launch/here 'exit 70'
	# nor is an answer that says nothing
	echo 0 >code
	for look in 1 2; do
		: >asked
		until_text asked asked
	done
	[ ! -e "$(echo spool/launch/here.*)/closed" ]
	echo x >go
	wait $worker
	equal "$(ledger)" 1
}

# kill_all: what runs the one element that there is
kill_all() {
	kill -KILL -- $(cat "$HERE"/here.*.1) \
	    $(grep -ls dagexec-slot /proc/[0-9]*/comm | tr -dc '0-9\n' |
	    while read -r pid; do
		grep -qsF -- --element "/proc/$pid/cmdline" &&
		    grep -qsF "$T/" "/proc/$pid/environ" && echo "$pid"
	    done)
}

@test "lost: an attempt whose processes die is lost, and tried again" {
	hangs
	drain &
	read -r _ <begun
	kill_all
	wait $!
	equal "$(ledger)" "1
2"
	marker a | grep -q '	lost	attempt=1	reason=lost	engine=lost$'
}

@test "lost: a cancel that fails keeps nobody from hearing what is lost" {
	# what has the option wait stands in a queue, and cannot be cancelled
	launcher <<-END
	batch=\$(cat)
	wait=\$(printf '%s\n' "\$batch" | grep '	options=wait')
	rest=\$(printf '%s\n' "\$batch" | grep -v '	options=wait')
	case \$1 in
	poll)
		[ -z "\$wait" ] || printf '%s\n' "\$wait" | cut -f 2 |
		    sed 's|.*|element	&/*	state=queued|'
		[ -z "\$rest" ] || printf '%s\n' "\$rest" |
		    "$DAG_LAUNCH_PATH/here" poll
		exit 0
		;;
	submit) [ -z "\$wait" ] || exec echo 'submitted	x	id=1' ;;
	cancel) exit 69 ;;
	esac
	printf '%s\n' "\$batch" | "$DAG_LAUNCH_PATH/here" "\$@"
	END
	hangs '[task z]' 'launch-options = wait' 'run = echo z >>ledger'
	drain &
	read -r _ <begun
	until_text 'spool/launch/here.*/said' queued
	dagq --hold d/@/z
	until_text spool/launch/here 'exit 69'
	kill_all
	wait $! || true
	equal "$(ledger)" "1
2"
}

@test "lost: what dies while no dagexec is there is found by the next" {
	hangs
	dagexec -q -j 1 &
	read -r _ <begun
	kill -KILL $!
	wait $! || true
	kill_all
	drain
	equal "$(ledger)" "1
2"
}

@test "lost: what an engine gives up, and goes on, is not lost" {
	mkfifo begun go
	dag d <<-'END'
	[task a]
	run = echo "$DAG_ATTEMPT" >>ledger; echo x >begun; read -r x <go
	END
	drain &
	read -r _ <begun
	# its node is cut off, says the engine; the kernel knows better
	file=$(ls "$HERE"/here.*.1)
	echo lost-node >"$file.said"
	until_text "$(echo spool/launch/here.*)/closed" 'lost-node'
	echo x >go
	wait $!
	equal "$(ledger)" 1
	dagq --check
}

# told WORD: those of this spool that have the word in their command line
told() {
	kill -TERM $(grep -lsF "DAG_SPOOL=$T/spool" /proc/[0-9]*/environ |
	    tr -dc '0-9\n' | while read -r pid; do
		! grep -qs -e "$1" "/proc/$pid/cmdline" || echo "$pid"
	    done) 2>/dev/null || true
}

@test "lost: an engine that ends a task says why: it is not tried again" {
	mkfifo begun
	dag d <<-'END'
	[task a]
	retries = 3
	run = echo "$DAG_ATTEMPT" >>ledger; echo x >begun; exec sleep 300
	END
	drain &
	local pid=$!
	read -r _ <begun
	file=$(ls "$HERE"/here.*.1)
	echo lost-cancelled >"$file.said"
	# as Slurm does: all of its processes are told, one after the other
	told sleep
	sleep 0.1
	kill -TERM -- -"$(cat "$file")" || true
	told --element
	ends 1 "$pid"
	equal "$(ledger)" 1
	equal "$(about a)" "a failed 1 lost-cancelled"
}
