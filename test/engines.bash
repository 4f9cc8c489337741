# engines: what the tests of launchers share: a DAG for an engine, what ran.

load helper

eval "$(declare -f setup | sed '1s/setup/helper_setup/')"

# engine NAME: which it is, and where its launcher is; nothing has run there
engine() {
	ENGINE=$1
	export DAG_LAUNCH_PATH=$ROOT/share/launch
	: >ledger
	[ "$1" = here ] || return 0
	export DAG_LAUNCH_PATH=$ROOT/test/launch HERE=$T/here
	mkdir "$HERE"
}

# launcher: that of the engine is from now on a script, on stdin
launcher() {
	local name=${ENGINE%%$'\n'*}
	mkdir launchers
	{ echo '#!/bin/sh'; cat; } >"launchers/$name"
	chmod +x "launchers/$name"
	export DAG_LAUNCH_PATH=$T/launchers
}

# dag NAME: the definition on stdin, as a DAG of the engine ENGINE (with what
# else is to be in [dag]), and a run of it
dag() {
	{ printf '[dag]\nlaunch = %s\nworkdir = %s\n' "$ENGINE" "$T"; cat; } \
	    >"dags/$1.dag"
	dagsched --run "$1" | dagq
}

# noted TASK...: tasks that write into the ledger which they are, and which
# attempt
noted() {
	printf '[task %s]\nrun = echo "$DAG_TASK $DAG_ATTEMPT" >>ledger\n' "$@"
}

# hangs [LINE...]: a DAG d of a task a, with a retry, and these lines; the first
# attempt says by begun that it runs, and hangs. The ledger has the attempts,
# and their nodes if the engine names such
hangs() {
	mkfifo begun
	dag d <<-END
	[task a]
	retries = 1
	run = echo \$DAG_ATTEMPT \$SLURMD_NODENAME >>ledger
	    test "\$DAG_ATTEMPT" = 2 || { echo x >begun; sleep 300; }
	$(printf '%s\n' "$@")
	END
}

drain() { timeout "${PATIENCE:-60}" dagexec --drain -q -j 2 "$@"; }

# ends STATUS PID: waits for its end, which is that
ends() {
	local status=0
	wait "$2" || status=$?
	equal "exit $status" "exit $1"
}

# ledger: what ran, sorted: ID/ATTEMPT a line, as the tasks wrote it
ledger() { sort ledger; }

# about TASK...: its state, attempt, and reason and note, if there are any
about() {
	dagstat "${@/#/d/@/}" --json | jq -r '.[] | [.task, .state, .attempt,
	    (.reason, .note) // empty] | join(" ")'
}

# until_true COMMAND...: waits for it to be true
until_true() {
	local end=$((SECONDS + 100))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || { echo "never: $*"; return 1; }
		sleep 0.05
	done
}

# until_text FILE TEXT: waits until the file, which may be a pattern, has it
until_text() { until_true eval "grep -q -e '$2' $1"; }

# marker TASK: the marker of a task, wherever it is
marker() { cat spool/runs/*/*/"$1".* spool/queue/*."$1" 2>/dev/null; }

# aside NAME COMMAND...: in a directory, with a spool and an engine of its own
aside() (
	T=$T/${1//:/.}
	export HERE=$T/here DAG_SPOOL=$T/spool DAG_PATH=$T/dags
	mkdir -m 700 "$T" "$T/dags" "$HERE"
	cd "$T" || return
	: >ledger
	shift
	"$@"
)

# beside COMMAND WORD...: aside, with each of these words, all at once
beside() {
	local word pid pids=""
	for word in "${@:2}"; do
		aside "$word" "$1" "$word" &
		pids+=" $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
}

# stepped STEP: the launcher of share/launch, under which who submits, and who
# started that, is killed once, at that step: VERB, before it does that, or
# VERB.after. Notes its calls, and who has called it last
stepped() {
	local name=${ENGINE%%$'\n'*}
	touch "die.$1"
	launcher <<-END
	die() {
		rm "$T/die.\$1" 2>/dev/null || return 0
		kill -KILL "\$PPID" "\$(ps -o ppid= "\$PPID" | tr -d ' ')"
	}
	echo "\$1" >>"$T/calls"
	echo "\$\$ \$PPID \$(ps -o ppid= "\$PPID")" >"$T/submitter"
	die "\$1"
	"$ROOT/share/launch/$name" "\$@"
	status=\$?
	die "\$1.after"
	exit \$status
	END
}

# lives: dagexec, as often as it is killed
lives() {
	local status
	while :; do
		status=0
		drain || status=$?
		[ $status = 137 ] || return $status
		echo again >>lives
	done
}
