#!/usr/bin/env bats
# resources: what an attempt may have of the machine, and how it ends.

load helper

make_run() {
	dagsched --run a | dagq -v 2>&1
}

@test "resources: nice, memory, cpu-time, open-files are its own" {
	cat >dags/a.dag <<-'END'
	[task t]
	nice       = 3
	memory     = 256M
	cpu-time   = 1m
	open-files = 64
	run        = echo $(nice) $(ulimit -v) $(ulimit -t) $(ulimit -n)
	[task plain]
	run = echo $(nice) $(ulimit -v)
	END
	id=$(make_run)
	dagexec -q --drain
	equal "$(cat "$DAG_SPOOL/runs/$id/log/t.1")" "$(($(nice) + 3)) 262144 60 64"
	equal "$(cat "$DAG_SPOOL/runs/$id/log/plain.1")" "$(nice) $(ulimit -v)"
}

@test "resources: what has ended an attempt is told apart, as far as is known" {
	cat >dags/a.dag <<-'END'
	[task exits]
	run = exit 9
	[task signalled]
	run = kill -KILL $$
	[task computes]
	cpu-time = 1s
	run      = while :; do :; done
	[task computes-below]
	cpu-time = 1s
	run      = sh -c 'while :; do :; done'; exit $?
	[task wants]
	memory = 64M
	run    = tail /dev/zero
	END
	id=$(make_run)
	run -1 dagexec -q -j 5 --drain
	cd "$DAG_SPOOL/runs/$id"
	of() {
		sed -n 's/.*	end	attempt=1	//p' "$1.failed" | tr '\t' '\n' |
			grep -E '^(exit|signal|reason)=' | tr '\n' ' '
	}
	equal "$(of exits)" 'exit=9 '
	equal "$(of signalled)" 'signal=KILL '
	equal "$(of computes)" 'signal=XCPU reason=cpu-time '
	equal "$(of computes-below)" 'exit=152 reason=cpu-time '
	equal "$(of wants)" 'exit=1 '
}

@test "resources: what the kernel killed for want of memory has that reason" {
	own=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
	mkdir "$own/dag-test-$$" 2>/dev/null && : </dev/kmsg ||
		skip "no control group for memory here, or no kernel's log"
	group=$own/dag-test-$$
	echo 32M >"$group/memory.limit_in_bytes"
	printf '[task t]\nrun = tail /dev/zero\n' >dags/a.dag
	id=$(make_run)
	run sh -c 'echo $$ >"$1/cgroup.procs" && exec dagexec -q -j 1 --drain' \
	    sh "$group"
	rmdir "$group"
	[ "$status" = 1 ]
	grep -q '	signal=KILL	.*	reason=memory$' \
	    "$DAG_SPOOL/runs/$id/t.failed"
}

@test "resources: what cannot be had fails the attempt, and is said" {
	[ "$(id -u)" = 0 ] || skip "not root"
	printf '[task t]\nopen-files = 64\nnice = -5\nrun = true\n' >dags/a.dag
	id=$(make_run)
	run -1 setpriv --bounding-set=-sys_nice --inh-caps=-sys_nice \
	    dagexec -q --drain
	equal "$(cat "$DAG_SPOOL/runs/$id/log/t.1")" \
'nice, memory, cpu-time, open-files: Permission denied'
	grep -q 'exit=127' "$DAG_SPOOL/runs/$id/t.failed"
}

@test "resources: what is not understood is refused, and where" {
	cat >a.dag <<-'END'
	[task t]
	run        = true
	nice       = 20
	memory     = 5K
	cpu-time   = 0s
	open-files = many
	user       = no body
	END
	run -1 --separate-stderr dagparse --check a.dag
	equal "$stderr" \
'dagparse: a.dag:3:14: nice: "20" is not a number from -20 to 19
dagparse: a.dag:4:14: memory: "5K" is not a size such as 512M, of 1M on
dagparse: a.dag:5:14: cpu-time: "0s" is less than 1s
dagparse: a.dag:6:14: open-files: "many" is not a number from 8 to 1048576
dagparse: a.dag:7:14: user: "no body" cannot be: '"$([ "$(id -u)" = 0 ] &&
    echo there is no such user ||
    echo only root can run a task as another user)"
}
