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
	# not with run: that would wait in a shell whose child it is not
	wait $worker && status=0 || status=$?
	[ "$status" = 1 ]
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
	# not with run: that would wait in a shell whose child it is not
	wait $worker && status=0 || status=$?
	[ "$status" = 1 ]
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

# gone_soon PID: waits for a process to be gone
gone_soon() {
	for _ in $(seq 1000); do
		gone "$1" && return 0
		read -r -t 0.02 _ <> <(:) || :
	done
	return 1
}

@test "give-up: all attempts together, the one that runs and the next" {
	cat >dags/a.dag <<-'END'
	[task runs]
	give-up = 1s
	retries = 5
	run     = sleep 1000
	[task skips]
	give-up    = 1s skip
	kill-after = 0s
	retries    = 5
	run        = trap '' TERM; sleep 1000
	[task waits]
	give-up     = 1m
	retries     = 5
	retry-delay = 1h
	run         = exit 3
	END
	start
	run -1 dagexec -q -j 3 --drain
	cd "$DAG_SPOOL"/runs/a/*
	equal "$(ls -- *.failed *.skipped)" 'runs.failed
skips.skipped
waits.failed'
	grep -q '	state=failed	signal=TERM	.*	reason=give-up$' runs.failed
	grep -q '	state=skipped	.*	reason=give-up$' skips.skipped
	grep -q '	state=failed	exit=3	.*	reason=give-up$' waits.failed
	equal "$(ls log)" 'runs.1
skips.1
waits.1'
}

@test "give-up: of a sensor it counts from when it is ready, looked at or not" {
	cat >dags/a.dag <<-END
	[task see]
	poke    = 10m
	give-up = 1h skip
	run     = echo look >>$T/looks; exit 75
	[task no-sensor]
	give-up = 1h
	run     = true
	END
	export DAG_NOW=2026-01-01T00:00:00Z
	id=$(start)
	grep -q '	ready$' "$DAG_SPOOL/queue/$(tr / @ <<<"$id").see"
	# it has its last look even so
	DAG_NOW=2026-01-01T01:00:00Z timeout 60 dagexec -q --drain
	equal "$(cat looks)" look
	grep -q '	state=skipped.*	reason=give-up$' \
	    "$DAG_SPOOL/runs/$id/see.skipped"
	[ -e "$DAG_SPOOL/runs/$id/no-sensor.success" ]
	# and begins anew with a rerun
	DAG_NOW=2026-01-01T02:00:00Z dagq -q --rerun "$id/see"
	export DAG_NOW=2026-01-01T02:30:00Z
	dagexec -q & worker=$!
	until grep -q '	poke	' "$DAG_SPOOL"/queue/* 2>/dev/null; do
		[ -d /proc/$worker ] || break
	done
	kill $worker
	wait $worker || :
	equal "$(grep -c '	ready$' "$DAG_SPOOL"/queue/*)" 2
}

@test "give-up: what is over before an attempt begins is not begun" {
	cat >dags/a.dag <<-END
	[task t]
	give-up     = 1m
	retries     = 1
	retry-delay = 50s
	run         = echo ran >>$T/ran; false
	END
	export DAG_NOW=2026-01-01T00:00:00Z
	start
	dagexec -q & worker=$!
	until grep -q '	retry	' "$DAG_SPOOL"/queue/* 2>/dev/null; do :; done
	kill $worker
	wait $worker || :
	DAG_NOW=2026-01-01T00:02:00Z run -1 dagexec -q --drain
	equal "$(cat ran)" ran
	grep -q '	end	attempt=2	state=failed	reason=give-up$' \
	    "$DAG_SPOOL"/runs/a/*/t.failed
}

# traceless FIFO: a daemon that has left all by which it could be known
traceless() {
	daemon "$1" | sed 's/setsid/env -i setsid/'
}

@test "cgroup: a daemon without a trace dies with what has a time limit" {
	cgroup=$(stat -f -c '%T %n' /sys/fs/cgroup /sys/fs/cgroup/unified \
	    2>/dev/null | sed -n 's/^cgroup2fs //p' | head -n 1)
	own=$cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
	[ -n "$cgroup" ] && mkdir "$own/probe" 2>/dev/null ||
		skip "no cgroup v2 of our own"
	moved=$(sh -c "echo \$\$ >'$own/probe/cgroup.procs' && echo yes" || :)
	rmdir "$own/probe"
	[ "$moved" = yes ] || skip "no cgroup v2 that takes processes"
	mkfifo fifo lost
	cat >dags/a.dag <<-END
	[task t]
	timeout = 1s
	run     = $(traceless fifo); exec sleep 1000
	[task u]
	timeout = 1h
	once    = yes
	run     = $(traceless lost); exec sleep 1000
	END
	start
	exec 5<>fifo 6<>lost
	dagexec -q -j 2 & worker=$!
	read -r pid <&5
	read -r other <&6
	gone_soon "$pid"
	# and with an attempt that was lost, by who recovers it
	until grep -q cgroup= "$DAG_SPOOL"/runs/a/*/u.running.1; do :; done
	for sup in $(grep -l supervisor "$DAG_SPOOL"/workers/*); do
		kill -KILL "${sup##*/}"
	done
	gone_soon "$other"
	until [ -e "$(echo "$DAG_SPOOL"/runs/a/*/@failed)" ]; do :; done
	kill $worker
	wait $worker || :
	group=$(sed -n 's/.*cgroup=\([^	]*\).*/\1/p' \
	    "$DAG_SPOOL"/runs/a/*/[tu].failed)
	equal "$(wc -w <<<"$group")" 2
	for group in $group; do
		[ ! -e "$cgroup$group" ]
	done
}

@test "cgroup: where none can be had the other ways do, quietly" {
	[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null ||
		skip "not root, or no namespaces"
	mkfifo fifo
	cat >dags/a.dag <<-END
	[task t]
	timeout = 1s
	run     = $(daemon fifo); exec sleep 1000
	END
	start
	exec 5<>fifo
	run -1 --separate-stderr unshare -m sh -c \
	    'mount -t tmpfs none /sys/fs/cgroup && exec dagexec -q --drain'
	equal "$stderr" ""
	read -r pid <&5
	gone "$pid"
	run -1 grep -q cgroup= "$DAG_SPOOL"/runs/a/*/t.failed
}

@test "lost: a daemon that left the session and its lock dies with it" {
	mkfifo fifo
	cat >dags/a.dag <<-END
	[task t]
	once = yes
	run  =
	    exec 3>&-
	    $(daemon fifo)
	    exec sleep 1000
	END
	start
	exec 5<>fifo
	dagexec -q -j 1 --drain & worker=$!
	read -r pid <&5
	until grep -q pid= "$DAG_SPOOL"/runs/a/*/t.running.1; do :; done
	leader=$(sed -n 's/.*	pid=\([0-9]*\).*/\1/p' \
	    "$DAG_SPOOL"/runs/a/*/t.running.1)
	sup=$(grep -l supervisor "$DAG_SPOOL"/workers/*)
	kill -KILL "${sup##*/}" "$leader"
	gone_soon "$pid"
	wait $worker && status=0 || status=$?
	equal "$status" 1
	grep -q 'reason=lost' "$DAG_SPOOL"/runs/a/*/t.failed
}

@test "limits: a time limit holds where no descriptor for the task is to be had" {
	command -v strace >/dev/null || skip "skipped: no strace"
	printf '[task a]\ntimeout = 1s\nrun = exec sleep 60\n' >dags/d.dag
	{
		dagparse d
		printf 'run\td/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\tcause=schedule\n'
	} | dagq
	run -1 strace -qq -f -o trace -e trace=pidfd_open \
	    -e inject=pidfd_open:error=EMFILE \
	    timeout 30 dagexec -q -j1 --drain
	grep -q 'pidfd_open.*EMFILE.*INJECTED' trace
	equal "$(sed -n 's/.*	end	.*reason=\([a-z]*\).*/\1/p' \
	    spool/runs/d/*/a.failed)" timeout
}
