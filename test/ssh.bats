#!/usr/bin/env bats
# ssh: tasks on machines that share the spool: a real sshd, on the loopback.

load engines

setup_file() {
	export MACHINE=$BATS_FILE_TMPDIR/m
	PATH=$PATH:/usr/sbin:/sbin command -v sshd >/dev/null || return 0
	PATH=${DAG_BIN:-$BATS_TEST_DIRNAME/../build/bin}:$PATH
	DAG_SSH=$("$BATS_TEST_DIRNAME/ssh/machine" start)
	export DAG_SSH
}

teardown_file() {
	[ ! -d "$MACHINE" ] || "$BATS_TEST_DIRNAME/ssh/machine" stop
}

setup() {
	helper_setup
	[ -n "${DAG_SSH-}" ] || skip "skipped: no sshd"
	engine ssh
	ENGINE+=$'\nlaunch-options = poll=1s'
	export DAG_SSH_HOSTS=$T/hosts
	# two names of one machine
	printf '# two of them\n127.0.0.1 2\nlocalhost\n' >hosts
}

@test "ssh: tasks run there, each once, and no more than there are slots" {
	{
		for i in 1 2 3 4 5 6 7 8; do
			printf '[task t%d]\nrun = %s\n' $i 'echo b >>ledger
	    sleep 0.3; echo e >>ledger; test -n "$SSH_CONNECTION"'
		done
	} | dag d
	drain
	equal "$(awk '{ n += $1 == "b" ? 1 : -1; if (n > most) most = n }
	    END { print NR, most <= 3 }' ledger)" "16 1"
	equal "$(ls spool/launch)" ssh
}

@test "ssh: a host that is down is passed over" {
	printf 'nowhere.invalid 2\nlocalhost 2\n' >hosts
	noted a b | dag d
	drain
	equal "$(sort ledger)" "a 1
b 1"
}

@test "ssh: with no host up it is away, and waited for" {
	echo nowhere.invalid >hosts
	noted a | dag d
	drain &
	until_text spool/launch/ssh nowhere.invalid
	run -0 dagstat --why d/@/a
	[[ $output == *"ssh is away since "* ]]
	echo localhost >hosts
	rm -f spool/launch/ssh.*/hosts
	wait $!
	equal "$(cat ledger)" "a 1"
}

@test "ssh: the connection is cut: what was begun goes on, and counts once" {
	mkfifo begun go
	dag d <<-'END'
	[task a]
	retries = 1
	run = echo "$DAG_ATTEMPT" >>ledger; echo x >begun; read -r x <go
	END
	drain &
	read -r _ <begun
	"$ROOT/test/ssh/machine" stop
	# it is asked, and does not answer: that means nothing
	until_text 'spool/launch/ssh.*/said' unknown
	echo x >go
	wait $!
	equal "$(cat ledger)" 1
	"$ROOT/test/ssh/machine" start
}

@test "ssh: the power of a machine is lost: tried again" {
	hangs
	drain &
	read -r _ <begun
	# all that was started there for this spool
	kill -KILL $(grep -lsF "DAG_SPOOL=$T/spool" /proc/[0-9]*/environ |
	    tr -dc '0-9\n' | while read -r pid; do
		grep -qsF sleep "/proc/$pid/cmdline" && echo "$pid"
	    done) $(pgrep -f -- "--spool $T/spool --element")
	wait $!
	equal "$(cat ledger)" "1
2"
}

# wrapped LINE...: ssh by way of a script, which has these lines before it, and
# HOST as $host
wrapped() {
	{
		# shellcheck disable=SC2016 # the script expands it
		printf '%s\n' '#!/bin/sh' 'host=$1' "$@"
		echo "exec $DAG_SSH \"\$@\""
	} >wrapped
	chmod +x wrapped
	export DAG_SSH=$T/wrapped
}

@test "ssh: the answer is lost after a task began: another begins it, it runs once" {
	wrapped "[ \$host != localhost ] || {" "	$DAG_SSH \"\$@\"" \
	    '	exit 255' '}'
	printf 'localhost 2\n127.0.0.1 1\n' >hosts
	dag d <<-'END'
	[task a]
	run = echo "a $DAG_ATTEMPT" >>ledger
	[task b]
	run = echo "b $DAG_ATTEMPT" >>ledger; sleep 3
	END
	drain
	equal "$(sort ledger)" "a 1
b 1"
	equal "$(ls spool/launch | grep -v '^down')" ssh
	dagq --check
}

@test "ssh: a host that hangs has some seconds, and holds up no other" {
	wrapped "[ \$host != localhost ] || exec sleep 300"
	printf 'localhost 2\n127.0.0.1 1\n' >hosts
	export DAG_SSH_PATIENCE=1
	dag d <<-'END'
	[task a]
	run = echo "$DAG_ATTEMPT" >>ledger
	END
	SECONDS=0
	drain
	equal "$(cat ledger)" 1
	# of two calls and more the second is what takes long
	[ $SECONDS -lt 20 ]
	# alone it is away, and why is said
	echo localhost >hosts
	dag e <<-'END'
	[task a]
	run = echo "$DAG_ATTEMPT" >>ledger
	END
	drain &
	until_text spool/launch/ssh 'localhost: no answer in 1 seconds'
	run -0 dagstat --why e/@/a
	[[ $output == *"ssh is away since "*": localhost: no answer in 1 seconds" ]]
	kill $!
}

@test "ssh: a host whose key has changed is passed over, and that is said" {
	sed 's/^[^ ]*/127.0.0.1/' "$MACHINE/known" >known
	sed 's/^[^ ]*/localhost/; s/AAAA[^ ]*/'"$(ssh-keygen -q -t ed25519 \
	    -N '' -f other && cut -d' ' -f 2 other.pub | sed 's|/|\\/|g')"'/' \
	    "$MACHINE/known" >>known
	# the port is a part of the name
	port=${DAG_SSH##* }
	sed -i "s/^\([^ ]*\)/[\1]:$port/" known
	export DAG_SSH=${DAG_SSH/$MACHINE\/known/$T/known}
	echo localhost >hosts
	dag d <<-'END'
	[task a]
	run = echo "$DAG_ATTEMPT" >>ledger
	END
	drain &
	until_text spool/launch/ssh 'localhost: Host key verification failed'
	run -0 dagstat --why d/@/a
	[[ $output == *"localhost: Host key verification failed"* ]]
	printf 'localhost 2\n127.0.0.1\n' >hosts
	wait $!
	equal "$(cat ledger)" 1
}

@test "ssh: a host that is full has none, and the others have what they can" {
	wrapped "[ \$host != localhost ] || {" \
	    '	echo "sh: Cannot fork" >&2; exit 75' '}'
	printf 'localhost 4\n127.0.0.1 1\n' >hosts
	{
		for i in 1 2 3; do
			printf '[task t%d]\nrun = %s\n' $i 'echo b >>ledger
	    sleep 0.2; echo e >>ledger'
		done
	} | dag d
	drain
	equal "$(awk '{ n += $1 == "b" ? 1 : -1; if (n > most) most = n }
	    END { print NR, most }' ledger)" "6 1"
}
