#!/usr/bin/env bats
# users: dagexec --users: root starts each user's tasks as that user.

load helper

# programs that all may execute; a spool of nobody's, and one of daemon's
setup_users() {
	[ "$(id -u)" = 0 ] || skip "skipped: only root can be another"
	open=$(mktemp -d "${TMPDIR:-/tmp}/dag.XXXXXX")
	chmod 755 "$open"
	cp "$BIN"/dag* "$open"
	PATH=$open:/usr/bin:/bin
	as nobody dagq --version >/dev/null ||
		skip "skipped: nobody may run nothing here"
	for user in nobody daemon; do
		mkdir -m 700 "$open/$user"
		chown "$user" "$open/$user"
	done
	printf '%s\n' '# who, and where' "nobody $open/nobody/spool" \
	    "daemon	$open/daemon/spool" >list
}

teardown() {
	end_all
	[ -z "${open:-}" ] || rm -rf "$open"
}

# as USER COMMAND...
as() {
	local user=$1
	shift
	setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups \
	    env -i PATH="$PATH" HOME="$open/$user" \
	    DAG_SPOOL="$open/$user/spool" DAG_PATH="$open" "$@"
}

# queue USER: the DAG d, made from stdin
queue() {
	cat >"$open/d.dag"
	as "$1" sh -c "cd /; { dagparse d; printf 'run\td/2026-01-01T0000Z\t\
time=2026-01-01T00:00:00Z\tcause=schedule\n'; } | dagq"
}

of() { echo "$open/$1/spool/runs/d/2026-01-01T0000Z"; }

# until_ COMMAND...: waits for it, 20 seconds at most
until_() {
	local end=$((SECONDS + 20))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -le $end ] || { echo "waited in vain: $*"; return 1; }
		read -r -t 0.05 <> <(:) || :
	done
}

@test "users: a task runs as its user, in an environment as at a login" {
	setup_users
	for user in nobody daemon; do
		queue $user <<-'EOF'
		[task a]
		run = id -un; id -gn; id -G; env | grep -v ^DAG_ | sort
		EOF
	done
	SECRET=1 TZ=UTC LANG=C run dagexec -v -j1 --drain --users list
	equal "$(sort <<<"$output")" \
"dagexec: daemon: d/2026-01-01T0000Z/a: success
dagexec: nobody: d/2026-01-01T0000Z/a: success"
	[ "$status" = 0 ]
	for user in nobody daemon; do
		equal "$(cat "$(of $user)/log/a.1")" "$user
$(id -gn $user)
$(id -G $user)
HOME=$(getent passwd $user | cut -d : -f 6)
LANG=C
LOGNAME=$user
PATH=/usr/local/bin:/usr/bin:/bin
PWD=$open
SHELL=$(getent passwd $user | cut -d : -f 7)
USER=$user"
		equal "$(stat -c %U "$(of $user)/log/a.1")" $user
		equal "$(find "$open/$user" ! -user $user)" ""
	done
}

# bats test_tags=traced
@test "users: root opens nothing beneath a spool, nor on the way to it" {
	setup_users
	command -v strace >/dev/null || skip "skipped: no strace"
	queue nobody <<<$'[task a]\nrun = true'
	queue daemon <<<$'[task a]\nrun = true'
	strace -f -o trace -e trace=%file,%creds,%process \
	    dagexec -q --drain --users list
	[ -e "$(of nobody)/@success" ]
	[ -e "$(of daemon)/@success" ]
	# a process is a user's behind its setresuid, and so are its children
	awk -v spools="$open/(nobody|daemon)" '
	    NR == FNR && /(clone3?|fork)[( ].* = [0-9]+$/ { from[$NF] = $1 }
	    NR == FNR && /setresuid\((1|65534), / { gone[$1] = 1 }
	    NR == FNR && /setresuid/ && / = 0$/ && gone[$1] && !user[$1] {
		user[$1] = FNR
	    }
	    NR == FNR || $0 !~ spools { next }
	    {
		for (pid = $1; pid && !(pid in user); pid = from[pid])
			;
		if (pid && (pid != $1 || FNR > user[pid]))
			theirs++
		else
			print
	    }
	    END { print (theirs > 10) }' trace trace >said
	equal "$(cat said)" 1
	# and there is no way back, for any of them
	equal "$(grep -c '\( setuid(0)\|\. setuid resumed>)\) *= -1 EPERM' \
	    trace)" 2
	equal "$(grep -c '\( setuid(0)\|\. setuid resumed>)\) *= 0' trace)" 0
}

@test "users: a link in place of a spool is followed with the user's rights" {
	setup_users
	mkdir -m 700 "$open/roots"
	queue daemon <<<$'[task a]\nrun = true'
	as nobody ln -s "$open/roots" "$open/nobody/spool"
	run dagexec -q --drain --users list
	[ "$status" = 1 ]
	equal "$output" "dagexec: nobody: spool $open/nobody/spool: Permission denied"
	equal "$(ls -A "$open/roots")" ""
	[ -e "$(of daemon)/@success" ]
	# nor is another user's spool taken
	chmod 755 "$open/daemon"
	chmod 755 "$open/daemon/spool"
	rm "$open/nobody/spool"
	as nobody ln -s "$open/daemon/spool" "$open/nobody/spool"
	run dagexec -q --drain --users list
	equal "$output" "dagexec: nobody: spool $open/nobody/spool: it is not ours, or others can write in it"
}

@test "users: a list that others can write is refused; bad lines are told" {
	setup_users
	chmod 666 list
	run dagexec --drain --users list
	[ "$status" = 1 ]
	equal "$output" "dagexec: list: it is no file that only root can write"
	chmod 600 list
	ln -s list link
	run dagexec --drain --users link
	[ "$status" = 111 ]
	chown nobody list
	run dagexec --drain --users list
	equal "$output" "dagexec: list: it is no file that only root can write"
	printf '%s\n' root 'nobody spool' 'nobody /a b' 'no-such-user' >other
	run dagexec --drain --users other
	[ "$status" = 1 ]
	equal "$output" \
"dagexec: other:1: root is served by a dagexec of its own
dagexec: other:2: the spool is no absolute path
dagexec: other:3: more than a user and a spool
dagexec: other:4: there is no such user
dagexec: other: there is no user in it"
	run as nobody dagexec --users /dev/null
	[ "$status" = 2 ]
	equal "$output" "dagexec: --users: only root can become others"
	run dagexec --users list --spool "$T/x"
	[ "$status" = 2 ]
}

# who NAME: the process of that kind in nobody's spool
who() {
	local name
	for name in "$open"/nobody/spool/workers/*; do
		grep -q "^$1" "$name" 2>/dev/null && basename "$name" && return 0
	done
	return 1
}
another() { now=$(who dagexec) && [ "$now" != "$1" ]; }
nobody_works() { [ -z "$(ls "$open/nobody/spool/workers")" ]; }

@test "users: what ends is started again; when root's is killed, all stop" {
	setup_users
	sed -i /daemon/d list
	queue nobody <<<$'[task a]\nrun = true'
	dagexec --users list 2>said 3>&- &
	parent=$!
	until_ test -e "$(of nobody)/@success"
	until_ who dagexec
	first=$(who dagexec)
	kill -KILL "$first"
	until_ another "$first"
	# a task that runs goes on without any of them
	rm -rf "$(of nobody)"
	mkfifo "$open/go"
	chown nobody "$open/go"
	queue nobody <<<"[task a]
run = read x <$open/go; echo \$x"
	until_ test -e "$(of nobody)/a.running.1"
	until_ test -s "$(of nobody)/a.running.1"
	kill -KILL $parent
	wait $parent || :
	until_ gone "$now"
	echo on >"$open/go"
	until_ test -e "$(of nobody)/a.success"
	until_ nobody_works
	equal "$(cat "$(of nobody)/log/a.1")" on
	equal "$(cat said)" \
	    "dagexec: nobody: its dagexec was killed by signal 9"
}

# a DAG that all may read, from stdin
report() {
	cat >"$open/r.dag"
	chmod 755 "$open"
}

@test "user: a task runs as another, with his groups and home, and leaves values" {
	setup_users
	report <<-'END'
	[task a]
	user = daemon
	run =
	    #!/bin/sh -e
	    echo "$(id -un) $(id -G) $HOME $USER ${ROOTS-unset}" >>/dev/stderr
	    ! ls "$DAG_SPOOL" 2>/dev/null
	    echo k=v >>"$DAG_OUT"
	    echo whole >"$DAG_OUTDIR/file"
	    ln -s /etc/hosts "$DAG_OUTDIR/link"
	[task b]
	after = a
	run = echo "$(id -un) $DAG_FROM_a_k $(ls "$DAG_RUNDIR"/files/a) $(cat "$DAG_RUNDIR"/files/a/file)"
	END
	ROOTS=secret dagexec -q "$open/r.dag" >out
	equal "$(sed 's/ *$//' out)" "a | daemon $(id -G daemon) $(getent passwd daemon | cut -d : -f 6) daemon unset
b | root v file whole"
	dir=$(sed -n 's/.*lend	dir=//p' "$DAG_SPOOL"/runs/r/*/a.success)
	[ -n "$dir" ]
	[ ! -e "$dir" ]
	equal "$(stat -c %U:%a "$DAG_SPOOL"/runs/r/*/out/a)" root:600
}

@test "user: what a killed supervisor leaves is taken away by recovery" {
	setup_users
	report <<-'END'
	[task a]
	user = nobody
	retries = 1
	run = [ "$DAG_ATTEMPT" = 2 ] || exec sleep 1000
	END
	export DAG_PATH=$open
	dagsched --run r | dagq
	dagexec -q &
	pid=$!
	until_ sh -c 'grep -q start "$DAG_SPOOL"/runs/r/*/a.running.1'
	dir=$(sed -n 's/.*lend	dir=//p' "$DAG_SPOOL"/runs/r/*/a.running.1)
	[ "$(stat -c %U:%a "$dir")" = nobody:700 ]
	# idle ones leave with it
	kill -KILL $pid $(pgrep -P $pid) || :
	dagexec -q --drain
	[ ! -e "$dir" ]
	[ -e "$DAG_SPOOL"/runs/r/*/a.success ]
}

@test "user: one that is not there, root, and root's own work are refused" {
	setup_users
	report <<-'END'
	[task a]
	user = nosuchuser
	run = true
	[task b]
	user = root
	run = true
	[task c]
	user = nobody
	output = a
	run = true
	END
	run dagparse --check "$open/r.dag"
	[ "$status" = 1 ]
	equal "$output" "dagparse: $open/r.dag:2:8: user: \"nosuchuser\" cannot be: there is no such user
dagparse: $open/r.dag:5:8: user: \"root\" cannot be: it is root, as who tasks run anyway: leave it out
dagparse: $open/r.dag:8:8: the task \"c\" has \"user\", and \"output\" or \"inputs\", which root would publish, or read, for him"
	printf '[task a]\nuser = daemon\nrun = true\n' >"$open/r.dag"
	run as nobody dagparse --check "$open/r.dag"
	[ "$status" = 1 ]
	equal "$output" "dagparse: $open/r.dag:2:8: user: \"daemon\" cannot be: only root can run a task as another user"
	# the user has gone since the run was made
	dagparse "$open/r.dag" | sed 's/user=daemon/user=nosuchuser/' >plan
	printf 'run\tr/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\tcause=manual\n' >>plan
	run dagq <plan
	[ "$status" = 1 ]
}
