#!/usr/bin/env bats
# slurm: tasks that a real Slurm starts, on the loopback: test/slurm/cluster.
#
# The long form, SLURM=long (make slurm-test): time limits as well.

load engines

setup_file() {
	export CLUSTER=$BATS_FILE_TMPDIR/c TIMEOUT=5 CPUS=8
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
	helper_setup
	[ -n "${SLURM_CONF-}" ] || skip "skipped: no slurm"
	engine slurm
	PATIENCE=200
}

cluster() { "$ROOT/test/slurm/cluster" "$@"; }

# counted: a launcher that notes its calls, and after that of die.VERB kills
# who called it, once
counted() {
	launcher <<-END
	echo "\$1" >>"$T/calls"
	"$DAG_LAUNCH_PATH/slurm" "\$@" || exit
	[ -e "$T/die.\$1" ] || exit 0
	rm "$T/die.\$1"
	kill -KILL \$PPID
	END
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
	equal "$(about a)" "a success 1"
	run -0 dagstat --log d/@/a
	[[ $output == *"2 dag.slurm."* ]]
	for text in Partition=main TimeLimit=00:02:00 Comment=mine Nice=7 \
	    Requeue=0 MinMemoryNode=300M; do
		[[ $output == *"$text"* ]] || { echo "$text"; false; }
	done
}

@test "slurm: ten thousand tasks, by arrays: each once, at little cost" {
	local many=10000 PATIENCE=300
	counted
	{
		printf '[default]\nlaunch-options = pack=100\n'
		for ((i = 1; i <= many; i++)); do
			printf '[task t%d]\nrun = echo $DAG_TASK >>ledger\n' $i
		done
	} | dag d
	TIMEFORMAT='%3U %3S' SECONDS=0
	{ time drain; } 2>cpu
	equal "$(wc -l <ledger) $(sort -u ledger | wc -l)" "$many $many"
	# what the runner uses, with all that it starts here: launchers too
	awk -v n="$many" -v s="$SECONDS" -v calls="$(wc -l <calls)" '{
		ms = ($1 + $2) * 1000 / n
		printf "# %d tasks, %d s, %d calls of the launcher, %.3f ms of" \
		    " CPU a task\n", n, s, calls, ms
		exit ms > 1
	}' <(tail -n 1 cpu) >&3
	# one array; and one question at most in 30 seconds
	equal "$(grep -c submit calls)" 1
	[ "$(grep -c poll calls)" -le $((1 + SECONDS / 30)) ]
	dagq --check
}

# sbatched STEP: an sbatch under which who submits is killed, once, the launcher
# as well: sbatch.after, before it has said so; sbatch.late, and then it comes
sbatched() {
	mkdir commands
	cat >commands/sbatch <<-END
	#!/bin/sh
	if rm "$T/die.sbatch.late" 2>/dev/null; then
		kill -KILL \$(cat "$T/submitter")
		until grep -q find "$T/calls"; do sleep 0.1; done
	fi
	"$(command -v sbatch)" "\$@"
	status=\$?
	rm "$T/die.sbatch.after" 2>/dev/null && kill -KILL \$(cat "$T/submitter")
	exit \$status
	END
	chmod +x commands/sbatch
	export PATH=$T/commands:$PATH
}

# standing: jobs of the batches in this spool that wait in the queue
standing() {
	squeue -h -t pending -o %j | grep -xF "$(cat batches)"
}

# submits STEP: who submits is killed at that step; a task runs until it was
# asked for, another stands in the queue until it is held
submits() {
	stepped "$1"
	sbatched
	case $1 in
	find*) touch die.submit.after ;;
	esac
	dag d <<-'END'
	launch-options = poll=1s
	[task a]
	run = echo "a $DAG_ATTEMPT" >>ledger
	[task b]
	after = a
	run = echo "b $DAG_ATTEMPT" >>ledger
	[task w]
	run = echo "w $DAG_ATTEMPT" >>ledger; until test -e go; do sleep 0.1; done
	[task z]
	launch-options = poll=1s begin=now+1hour
	run = echo "z $DAG_ATTEMPT" >>ledger
	END
	lives 2>/dev/null &
	local pid=$!
	until_text 'spool/launch/slurm.*/said' 'queued PENDING BeginTime'
	dagstat --wait d/@/b
	grep -hs ^batch spool/launch/slurm.*/batch | cut -f 2 |
		sed 's/^/dag./' >batches
	dagq --hold d/@/z >/dev/null
	until_true eval '! standing'
	until_true eval "! compgen -G 'die.*'"
	: >go
	wait $pid
	equal "$1: $(sort ledger)" "$1: a 1
b 1
w 1"
	equal "$1: $(cat lives)" "$1: again$(case $1 in
	    find*) printf '\nagain' ;; esac)"
	equal "$1: $(ls spool/launch)" "$1: slurm"
	dagq --check
}

@test "slurm: who submits is killed at each step, and each task runs once" {
	beside submits caps caps.after submit sbatch.late sbatch.after \
	    submit.after find find.after poll poll.after cancel cancel.after
}

@test "slurm: what it refuses has failed, with its words" {
	dag d <<-'END'
	[task a]
	partition = nowhere
	run = true
	END
	run -1 drain
	equal "$(about a)" "a failed 1 lost-launch sbatch: error: invalid partition specified: nowhere sbatch: error: Batch job submission failed: Invalid partition name specified"
	run -0 dagstat d/@/a --json
	[[ $output == *"invalid partition specified: nowhere"* ]]
}

# way NAME LINE...: what becomes of a task with these lines, and what it wrote
way() {
	{
		printf 'launch-options = poll=1s\n[task a]\n'
		printf '%s\n' "${@:2}"
		printf 'run = echo "$DAG_ATTEMPT" >>ledger; %s\n' "$RUN"
	} | dag d
	drain 2>/dev/null &
	if [ -n "${THEN-}" ]; then
		until_true eval 'test -s spool/launch/slurm.*/said'
		"$THEN"
	fi
	wait $! || true
	echo "$1: $(about a | cut -d' ' -f -4), ran $(echo $(cat ledger)), lost" \
	    $(marker a | sed -n 's/.*	engine=\([^	]*\).*/\1/p')
}

# what is over its memory, in its first attempt
memory() {
	RUN='test "$DAG_ATTEMPT" = 2 || { head -c 300M /dev/zero; sleep 60; } | tail'
	local mem='launch-options = poll=1s mem=50M'
	case $1 in
	retry-on) way "$1" "$mem" 'retries = 1' 'retry-on = 7' ;;
	*) way "$1" "$mem" 'retries = 1' ;;
	esac
}

launch() {
	RUN=:
	way "$1" 'retries = 1' 'launch-options = poll=1s output=/nowhere/log'
}

outside() { scancel --name="$(basename spool/launch/slurm.* | sed 's/^/dag./')"; }

cancelled() {
	RUN=: THEN=outside
	way "$1" 'retries = 1' 'launch-options = poll=1s begin=now+1hour'
}

@test "slurm: memory, launch, cancelled: told apart, and retried by policy" {
	beside memory memory retry-on >>out &
	beside launch launch >>out &
	beside cancelled cancelled >>out &
	wait
	equal "$(sort out)" "cancelled: a failed 1 lost-cancelled, ran , lost lost-cancelled
launch: a failed 2 lost-launch, ran , lost lost-launch lost-launch
memory: a success 2, ran 1 2, lost lost-memory
retry-on: a failed 1 lost-memory, ran 1, lost lost-memory"
}

@test "slurm: a node's power is lost: the task is tried again elsewhere" {
	hangs '[task once]' 'once = yes' 'after = a' 'run = echo once >>ledger'
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

@test "slurm: a node is back before Slurm sees that its power was lost" {
	hangs 'launch-options = poll=1s'
	drain &
	local pid=$!
	read -r _ <begun
	node=$(cut -d' ' -f 2 ledger)
	cluster crash "$node"
	cluster up "$node"
	ends 0 $pid
	# Slurm may say for minutes that it is running
	equal "$(cut -d' ' -f 1 ledger)" "1
2"
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
	until_text 'spool/launch/slurm.*/closed' lost-node
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
	until_text spool/launch/slurm 'Unable to contact'
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

@test "slurm: who cancels one of an array that waits has failed its task" {
	dag d <<-END
	[default]
	retries = 3
	launch-options = poll=1s begin=now+1hour
	$(noted a b c)
	END
	drain 2>/dev/null &
	until_text 'spool/launch/slurm.*/said' '3 queued'
	# this we do ourselves
	dagq --hold d/@/c
	until_text 'spool/launch/slurm.*/closed' '3 over'
	cd spool/launch/slurm.*/
	until_true [ said -nt cancel ]
	cd "$T"
	scancel "$(cat spool/launch/slurm.*/id)_1"
	until_text 'spool/launch/slurm.*/closed' '1 lost-cancelled'
	dagq --hold d/@/b
	ends 1 $!
	equal "$(about a)" "a failed 1 lost-cancelled CANCELLED"
	equal "$(squeue -h -t pending -o %i)" ""
	equal "$(cat ledger)" ""
}

@test "slurm: what is held while it stands in the queue is cancelled there" {
	dag d <<-'END'
	[task a]
	launch-options = begin=now+1hour
	run = echo "$DAG_ATTEMPT" >>ledger
	END
	drain &
	until_true eval '[ -n "$(squeue -h -o %i)" ]'
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
	equal "$(about a)" "a success 2"
	grep -q '	engine=lost-timeout' spool/runs/d/*/a.success
}
