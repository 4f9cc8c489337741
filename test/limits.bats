#!/usr/bin/env bats
# limits: what an attempt may not do: take too long, leave daemons behind.

load helper

# start: makes a run of dags/a.dag; its ID
start() {
	dagsched --run a | dagq -v 2>&1
}

# daemon NAME: a command that leaves the group, the session and every
# descriptor, ignores TERM, and says in a fifo who it is
daemon() {
	cat >"$T/daemon" <<-'END'
	#!/bin/bash
	trap '' TERM
	for fd in /proc/self/fd/*; do
		fd=${fd##*/}
		[ "$fd" -lt 3 ] || eval "exec $fd>&-"
	done 2>/dev/null
	echo $$ >"$1"
	exec sleep 1000 </dev/null >/dev/null 2>&1
	END
	chmod +x "$T/daemon"
	echo "setsid -f $T/daemon $T/$1"
}

@test "timeout: a daemon dies with the attempt whose time is up" {
	mkfifo fifo
	cat >dags/a.dag <<-END
	[task t]
	timeout    = 1s
	kill-after = 1s
	run        =
	    $(daemon fifo)
	    exec sleep 1000
	END
	start
	exec 5<>fifo
	run -1 dagexec -q --drain
	read -r pid <&5
	gone "$pid"
	grep -q 'reason=timeout' "$DAG_SPOOL"/runs/a/*/t.failed
}

@test "timeout: a daemon of an attempt that ends in time is its own master" {
	mkfifo fifo
	cat >dags/a.dag <<-END
	[task t]
	timeout = 1m
	run     =
	    $(daemon fifo)
	    read -r pid <$T/fifo; echo \$pid >$T/pid
	END
	start
	dagexec -q --drain
	pid=$(cat pid)
	kill -0 "$pid"
	kill -KILL "$pid"
}

@test "kill: a daemon dies with the attempt that a person ends" {
	mkfifo fifo
	cat >dags/a.dag <<-END
	[task t]
	kill-after = 1s
	run        =
	    $(daemon fifo)
	    exec sleep 1000
	END
	id=$(start)
	exec 5<>fifo
	dagexec -q --drain & worker=$!
	read -r pid <&5
	dagq --kill "$id/t"
	gone "$pid"
	run -1 wait $worker
	grep -q 'reason=killed' "$DAG_SPOOL"/runs/a/*/t.failed
}

@test "stop-signal: by a limit and by a person, the one that was asked for" {
	mkfifo fifo
	cat >dags/a.dag <<-END
	[default]
	stop-signal = USR1
	[task late]
	timeout = 1s
	run     = trap 'echo caught; exit 3' USR1; sleep 1000 & wait
	[task killed]
	after   = late
	when    = all-done
	run     =
	    trap 'echo caught; exit 3' USR1
	    sleep 1000 5>&- & echo >$T/fifo; wait
	END
	id=$(start)
	exec 5<>fifo
	dagexec -q --drain & worker=$!
	read -r _ <&5
	dagq --kill "$id/killed"
	run -1 wait $worker
	equal "$(cat "$DAG_SPOOL"/runs/a/*/log/*)" 'caught
caught'
	grep -q 'exit=3.*reason=timeout' "$DAG_SPOOL"/runs/a/*/late.failed
	for wrong in SIGTERM term 15 0; do
		printf '[task t]\nstop-signal = %s\nrun = true\n' "$wrong" >a.dag
		run --separate-stderr dagparse --check a.dag
		equal "$stderr" "dagparse: a.dag:2:15: stop-signal: \"$wrong\" is\
 not a signal such as TERM or INT"
	done
}
