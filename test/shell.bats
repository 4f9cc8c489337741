#!/usr/bin/env bats
# shell: dagexec --shell shows the world as a task sees it.

load helper

# a run whose second task fails, and writes down what it saw
fixture() {
	mkdir work
	cat >dags/s.dag <<-END
		[dag]
		workdir = $T/work
		[task a]
		run = echo n=7 >> "\$DAG_OUT"
		[task b]
		after = a
		env = COLOUR="dark red"
		run = env | grep -v '^_=' | sort > $T/seen; pwd -P >> $T/seen; exit 3
		[task c]
		after = b
		run = true
	END
	dagsched --run --param p=1 s | dagq
	run -1 env SHELL=/bin/sh dagexec --drain
	id=$(dagstat -q s/@ | sed -n 's,/a .*,,p')
}

# shell ID: what is typed there comes from stdin
shell() {
	SHELL=/bin/sh dagexec -q --shell "$1"
}

@test "shell: environment and directory are those that the task saw" {
	fixture
	echo "env | grep -v '^_=' | sort; pwd -P" | shell "$id/b" >got
	equal "$(cat got)" "$(cat seen)"
	grep -qx 'DAG_FROM_a_n=7' got
	grep -qx 'COLOUR=dark red' got
	grep -qx 'DAG_PARAM_p=1' got
	equal "$(tail -n 1 got)" "$(cd work && pwd -P)"
}

@test "shell: a task that has not begun is at its first attempt; nothing changes" {
	fixture
	find spool -printf '%p %i %s %T@\n' | sort >before
	equal "$(echo 'echo $DAG_TASK $DAG_ATTEMPT' | shell s/@/c)" "c 1"
	find spool -printf '%p %i %s %T@\n' | sort | cmp before -
}

@test "shell: says where it is, and ends as its last command did" {
	fixture
	run --separate-stderr bash -c \
	    "echo 'exit 5' | SHELL=/bin/sh dagexec --shell $id/b"
	equal "$stderr" \
	    "dagexec: $id/b: as attempt 1 sees it, in $(cd work && pwd -P)"
	[ "$status" = 5 ]
}

@test "shell: what is no task, or has no place to be, is refused" {
	fixture
	while IFS='|' read -r arg message; do
		run --separate-stderr dagexec --shell "$arg" </dev/null
		equal "$stderr" "dagexec: $message"
		equal "$output" ""
		[ "$status" = 1 ]
	done <<-END
	$id|$id: one task is wanted, DAG/RUN/TASK
	s/@/*|s/@/*: one task is wanted, DAG/RUN/TASK
	s/@/zzzzzz|s/@/zzzzzz: ${id#s/} has no task zzzzzz
	END
	run --separate-stderr dagexec --shell
	equal "$stderr" \
	    "dagexec: --shell: the ID of one task is wanted, and nothing else"
	[ "$status" = 2 ]
	rm -r work
	run --separate-stderr dagexec --shell "$id/b" </dev/null
	[[ $stderr == "dagexec: $id/b: $T/work: No such file or directory" ]]
	[ "$status" = 111 ]
	mkdir work
	run --separate-stderr env SHELL=/no/shell dagexec -q --shell "$id/b"
	equal "$stderr" "dagexec: /no/shell: No such file or directory"
	dagq -q --archive "$id"
	run --separate-stderr dagexec --shell "$id/b" </dev/null
	equal "$stderr" "dagexec: $id/b: the run $id is archived: dagq --rerun\
 brings it back"
	[ "$status" = 1 ]
}
