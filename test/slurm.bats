#!/usr/bin/env bats
# slurm: tasks that a real Slurm starts, on the loopback: test/slurm/cluster.
#
# The long form, SLURM=long (make slurm-test): 10,000 tasks, and time limits.

load helper

setup_file() {
	export CLUSTER=$BATS_FILE_TMPDIR/c TIMEOUT=5
	PATH=$PATH:/usr/sbin:/sbin
	for tool in munged slurmctld slurmd sbatch; do
		command -v $tool >/dev/null || return 0
	done
	SLURM_CONF=$("$BATS_TEST_DIRNAME/slurm/cluster" start)
	export SLURM_CONF=${SLURM_CONF#*=}
}

teardown_file() {
	[ ! -d "$CLUSTER" ] || "$BATS_TEST_DIRNAME/slurm/cluster" stop
}

setup() {
	eval "$(sed -n '/^setup()/,/^}/p' "$BATS_TEST_DIRNAME/helper.bash" |
		sed 's/^setup/helper_setup/')"
	helper_setup
	[ -n "${SLURM_CONF-}" ] || skip "skipped: no slurm"
	export DAG_LAUNCH_PATH=$ROOT/share/launch
	: >ledger
}

cluster() { "$ROOT/test/slurm/cluster" "$@"; }

# dag NAME: the definition on stdin, as a DAG for Slurm, and a run of it
dag() {
	{ printf '[dag]\nlaunch = slurm\nworkdir = %s\n' "$T"; cat; } \
	    >"dags/$1.dag"
	dagsched --run "$1" | dagq
}

drain() { timeout 200 dagexec --drain -q -j 2 "$@"; }

# about TASK...: its state, attempt, reason
about() {
	dagstat "${@/#/d/@/}" --json | jq -r \
	    '.[] | "\(.task) \(.state) \(.attempt) \(.reason)"'
}

# ends STATUS PID: waits for its end, which is that
ends() {
	local status=0
	wait "$2" || status=$?
	equal "exit $status" "exit $1"
}

# counted: a launcher that notes its calls, and after that of die.VERB kills
# who called it, once
counted() {
	mkdir launchers
	cat >launchers/slurm <<-END
	#!/bin/sh
	echo "\$1" >>"$T/calls"
	"$DAG_LAUNCH_PATH/slurm" "\$@" || exit
	[ -e "$T/die.\$1" ] || exit 0
	rm "$T/die.\$1"
	kill -KILL \$PPID
	END
	chmod +x launchers/slurm
	export DAG_LAUNCH_PATH=$T/launchers
}

@test "slurm: a task has its job, with what it asks for" {
	dag d <<-'END'
	[task a]
	partition = main
	cpus      = 2
	memory    = 300M
	time      = 90s
	launch-options = comment=mine nice=7
	run = echo "$SLURM_CPUS_PER_TASK $SLURM_JOB_NAME"; scontrol show job \
	    "$SLURM_JOB_ID"; test -z "$SBATCH_TIMELIMIT"
	END
	SBATCH_TIMELIMIT=7 drain
	equal "$(about a)" "a success 1 null"
	run -0 dagstat --log d/@/a
	[[ $output == *"2 dag.slurm."* ]]
	for text in Partition=main TimeLimit=00:02:00 Comment=mine Nice=7 \
	    Requeue=0 MinMemoryNode=300M; do
		[[ $output == *"$text"* ]] || { echo "$text"; false; }
	done
}

@test "slurm: thousands of tasks, by arrays: each once, at little cost" {
	counted
	many=2000
	[ "${SLURM-}" != long ] || many=10000
	{
		printf '[default]\nlaunch-options = pack=100\n'
		for ((i = 1; i <= many; i++)); do
			printf '[task t%d]\nrun = echo $DAG_TASK >>ledger\n' $i
		done
	} | dag d
	TIMEFORMAT='%3U %3S'
	{ time drain; } 2>cpu
	equal "$(wc -l <ledger) $(sort -u ledger | wc -l)" "$many $many"
	# what the runner uses, with all that it starts here: launchers too
	awk -v n="$many" '{ exit ($1 + $2) * 1000 / n > 1 }' cpu
	# one array; and one question at most in 30 seconds
	equal "$(grep -c submit calls)" 1
	[ "$(grep -c poll calls)" -le $((1 + SECONDS / 30)) ]
	dagq --check
}

@test "slurm: who submits is killed after that: the job is found, by its name" {
	counted
	touch die.submit
	dag d <<-'END'
	[task a]
	run = echo "a $DAG_ATTEMPT" >>ledger
	[task b]
	run = echo "b $DAG_ATTEMPT" >>ledger
	END
	drain 2>/dev/null
	equal "$(sort ledger)" "a 1
b 1"
	equal "$(grep -c submit calls) $(grep -c find calls)" "1 1"
}

@test "slurm: what it refuses has failed, with its words" {
	dag d <<-'END'
	[task a]
	partition = nowhere
	run = true
	END
	run -1 drain
	equal "$(about a)" "a failed 1 lost-launch"
	run -0 dagstat d/@/a --json
	[[ $output == *"invalid partition specified: nowhere"* ]]
}

@test "slurm: a node's power is lost: the task is tried again elsewhere" {
	mkfifo begun
	dag d <<-'END'
	[task a]
	retries = 1
	run = echo "$DAG_ATTEMPT $SLURMD_NODENAME" >>ledger
	    test "$DAG_ATTEMPT" = 2 || { echo x >begun; sleep 300; }
	[task once]
	once = yes
	after = a
	run = echo "once" >>ledger
	END
	drain &
	read -r _ <begun
	node=$(cut -d' ' -f 2 ledger)
	cluster crash "$node"
	ends 0 $!
	cluster up "$node"
	other=n$((3 - ${node#n}))
	equal "$(cat ledger)" "1 $node
2 $other
once"
	grep -q '	lost	attempt=1	reason=lost	engine=lost-node' \
	    spool/runs/d/*/a.success
}

@test "slurm: a node is cut off in mid-task: it goes on, and counts once" {
	mkfifo begun go
	dag d <<-'END'
	[task a]
	retries = 3
	launch-options = poll=2s
	run = echo "$DAG_ATTEMPT $SLURMD_NODENAME" >>ledger
	    echo x >begun; read -r x <go
	END
	drain &
	read -r _ <begun
	node=$(cut -d' ' -f 2 ledger)
	cluster cut "$node"
	# until Slurm has given it up, and that was heard
	timeout 100 sh -c 'tail -n +1 -F "$1" 2>/dev/null |
	    grep -qm 1 lost-node' - "$(echo spool/launch/slurm.*)/closed"
	run -0 dagstat --why d/@/a
	[[ $output == *"it is running, attempt 1"* ]]
	echo x >go
	ends 0 $!
	equal "$(cat ledger)" "1 $node"
	cluster up "$node"
}

@test "slurm: the controller is away: that is said, and nothing is lost" {
	mkfifo begun go
	dag d <<-'END'
	[task a]
	launch-options = poll=1s
	run = echo "a $DAG_ATTEMPT" >>ledger; echo x >begun; read -r x <go
	[task b]
	after = a
	run = echo "b $DAG_ATTEMPT" >>ledger
	END
	drain &
	read -r _ <begun
	cluster controller stop
	echo x >go
	timeout 60 sh -c 'tail -n +1 -F "$1" 2>/dev/null |
	    grep -qm 1 "Unable to contact"' - spool/launch/slurm
	dagstat --wait d/@/a
	run -0 dagstat --why d/@/b
	[[ $output == *"slurm is away since "*"Unable to contact"* ]]
	cluster controller start
	ends 0 $!
	equal "$(cat ledger)" "a 1
b 1"
}

@test "slurm: who cancels a job there has failed its task" {
	mkfifo begun
	dag d <<-'END'
	[task a]
	retries = 3
	run = echo "$DAG_ATTEMPT" >>ledger; echo x >begun; exec sleep 300
	END
	drain &
	read -r _ <begun
	scancel --user="$(id -un)"
	ends 1 $!
	equal "$(about a)" "a failed 1 lost-cancelled"
	equal "$(cat ledger)" 1
}

@test "slurm: what is held while it stands in the queue is cancelled there" {
	dag d <<-'END'
	[task a]
	launch-options = begin=now+1hour
	run = echo "$DAG_ATTEMPT" >>ledger
	END
	drain &
	until [ -n "$(squeue -h -o %i)" ]; do
		timeout 1 tail -f /dev/null || :
	done
	dagq --hold d/@/a
	ends 0 $!
	equal "$(squeue -h -t pending -o %i)" ""
	equal "$(cat ledger)" ""
}

@test "slurm: a time limit is told from other ends, and is tried again" {
	[ "${SLURM-}" = long ] || skip "skipped: SLURM=long: takes 90 s"
	dag d <<-'END'
	[task a]
	retries = 1
	time    = 1m
	run = echo "$DAG_ATTEMPT" >>ledger
	    test "$DAG_ATTEMPT" = 2 || exec sleep 300
	END
	drain
	equal "$(about a)" "a success 2 null"
	grep -q '	engine=lost-timeout' spool/runs/d/*/a.success
}
