#!/usr/bin/env bats
# pause: dagq --pause, --resume: which DAGs are meant, by whom and why.

load helper

# two DAGs that the spool knows, one that has a file only
fixture() {
	for dag in load-a load-b other; do
		printf '[task a]\nrun = true\n' >dags/$dag.dag
	done
	dagsched --run load-a load-b | dagq
}

# paused: those that are
paused() {
	dagstat -q --paused | cut -d' ' -f1
}

# refused MESSAGE ARG...: exit 1, and nothing is paused
refused() {
	run -1 --separate-stderr dagq --pause "${@:2}"
	equal "$stderr" "dagq: $1"
	equal "$output" ""
	equal "$(paused)" ""
}

@test "pause: what is no DAG here is named, and nothing is paused" {
	fixture
	refused 'laod-a: there is no DAG laod-a here, and no file for it,'\
' did you mean "load-a"?' load-a laod-a
	refused 'nosuch: there is no DAG nosuch here, and no file for it' \
	    nosuch load-b
	refused 'x*: no DAG matches it' 'x*' load-b
	refused 'load-a/@: a DAG is paused whole; --hold keeps a run, or a task' \
	    load-a/@
	refused 'a.b: not a name for a DAG: only letters, digits, "_" and "-"'\
' may be in it' a.b
	[ ! -e spool/runs/nosuch ]
	[ ! -e spool/dags/nosuch ]
}

@test "pause: a glob is all DAGs that it matches, seen or not" {
	fixture
	equal "$(dagq --pause 'load-*')" "load-a	paused
load-b	paused"
	equal "$(dagq --pause '*')" "load-a	already paused
load-b	already paused
other	paused"
	equal "$(dagstat --paused | dagq --resume)" "load-a	resumed
load-b	resumed
other	resumed"
	equal "$(paused)" ""
}

@test "pause: a DAG that has but a file is paused before it is seen" {
	fixture
	dagq -q --pause other
	dagsched --run other | dagq
	[[ $(dagstat -q --paused) == *"; 1 of its tasks is ready: dagq\
 --resume other" ]]
}

@test "pause: who it was: the caller of sudo, else LOGNAME, else his number" {
	fixture
	local me
	me=root
	[ "$(id -u)" = 0 ] || me="uid $(id -u)"
	LOGNAME=root SUDO_USER=ann dagq -q --pause load-a
	grep -q 'user=ann$' spool/dags/load-a
	LOGNAME=bob dagq -q --resume load-a
	grep -q 'user=bob$' spool/dags/load-a
	env -u LOGNAME dagq -q --pause load-a
	grep -q "user=$me\$" spool/dags/load-a
	LOGNAME=root SUDO_USER=ann dagq -q --hold 'load-b/@/a'
	[[ $(dagstat -q --history load-b/@/a) == *" ann "* ]]
}

# blocked PID: waits until it waits for a lock
blocked() {
	until grep -q -- "-> FLOCK .* $1 " /proc/locks; do
		! gone "$1" || return 1
		read -rt 0.01 <> <(:) || :
	done
}

@test "pause: of two who want the opposite at once one is told" {
	fixture
	# it is active, and is to be; meanwhile somebody pauses it
	exec 7<spool/runs/load-a
	flock 7
	dagq --resume load-a >out 2>err 7<&- 3>&- &
	pid=$!
	blocked $pid
	printf 'dag\tload-a\tpaused=yes\n' >spool/dags/load-a
	exec 7<&-
	status=0
	wait $pid || status=$?
	equal "$status" 1
	equal "$(cat out err)" "dagq: load-a: somebody else was first: it was\
 active, now it is paused"
	equal "$(paused)" load-a
	# both want the same: nobody has to be told
	exec 7<spool/runs/load-a
	flock 7
	dagq --resume load-a >out 2>err 7<&- 3>&- &
	pid=$!
	blocked $pid
	printf 'dag\tload-a\tpaused=no\n' >spool/dags/load-a
	exec 7<&-
	wait $pid
	equal "$(cat out err)" "load-a	already active"
}

@test "pause: what a dagexec has in hand is not begun any more" {
	for shape in flat chain; do
		mkdir $shape && cd $shape
		mkfifo gate
		for i in 1 2 3 4 5 6; do
			printf '[task t%s]\nrun = [ -e free ] || cat gate\n' $i
			[ $shape = flat ] || [ $i = 1 ] ||
				printf 'after = t%s\n' $((i - 1))
		done >d.dag
		export DAG_SPOOL=$PWD/spool
		dagsched -q --run ./d.dag | dagq
		dagexec -q -j1 --drain 3>&- &
		pid=$!
		# opened by one, closed by it: the next has begun
		: >gate
		until [ -e spool/runs/d/*/t2.running.1 ]; do
			read -rt 0.01 <> <(:) || :
		done
		dagq -q --pause d
		# t2 goes on, and one more where this is faster than the news
		while ! gone $pid; do
			timeout 0.2 sh -c ': >gate' || :
		done
		set -- spool/runs/d/*/t*.success
		[ $# -le 3 ] || { echo "$shape: $*"; return 1; }
		dagq -q --resume d
		: >free
		dagexec -q --drain
		equal "$(cd spool/runs/d/* && echo *.success @*)" \
		    "t1.success t2.success t3.success t4.success t5.success\
 t6.success @success"
		cd ..
	done
}
