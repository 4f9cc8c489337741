#!/usr/bin/env bats
# variables: $NAME in env and workdir, replaced when the task starts.

load helper

# logs NAME TASK...: what its first attempts wrote
logs() {
	local name=$1 task
	shift
	for task; do
		cat "$DAG_SPOOL/runs/$name"/*/log/"$task".1
	done
}

@test "variables: env finds what is before it, what is ours, and what was inherited" {
	cat >dags/v.dag <<-'EOF'
	[default]
	env = A=1 B=$A$A PATH=/opt:$PATH
	[task a-b]
	env = C="<$B ${OUTER}>" ID=${DAG_ID}! P=$PWD
	run = echo "$A $B $C $P ${PATH%%:*} ${ID#*-manual}"
	EOF
	dagsched --run v | dagq
	OUTER='$A *' dagexec -q --drain
	equal "$(logs v a-b)" "1 11 <11 \$A *> $T/dags /opt /a-b!"
}

@test "variables: what is not set fails the attempt, and is named" {
	cat >dags/v.dag <<-'EOF'
	[task env]
	env = A=1 B=x$NOWHERE
	run = echo no
	[task dir]
	workdir = /tmp/${NOWHERE}
	run = echo no
	EOF
	dagsched --run v | dagq
	run -1 dagexec -q --drain
	equal "$(logs v env dir)" 'env: $NOWHERE is not set
workdir: $NOWHERE is not set'
}

@test "variables: a workdir with them is that of the attempt, one without is that of the run" {
	mkdir -p a/sub b/sub "$T/\$5"
	ln -s a current
	cat >dags/v.dag <<-EOF
	[dag]
	workdir = $T/\$DIR
	[default]
	run = pwd -P
	env = DIR=current
	[task top]
	[task sub]
	workdir = \${DAG_TASK}
	[task plain]
	workdir = sub
	[task fixed]
	workdir = $T/current
	[task cash]
	workdir = $T/\$5
	EOF
	dagsched --run v | dagq
	ln -sfn b current
	dagexec -q --drain
	equal "$(logs v top sub plain fixed cash)" "$T/b
$T/b/sub
$T/b/sub
$T/a
$T/\$5"
	equal "$(echo 'pwd -P' | SHELL=/bin/sh dagexec -q --shell v/@/sub)" "$T/b/sub"
}

@test "variables: of values that come to one name, those of whom after names first" {
	cat >dags/a.dag <<-'END'
	[task a]
	run = printf 'b_c=1\nb-c=2\n' >"$DAG_OUT"
	[task a_b]
	run = echo c=3 >"$DAG_OUT"
	[task one]
	after = a a_b
	run = env | grep -A1 DAG_FROM
	[task two]
	after = a_b a
	run = env | grep DAG_FROM
	END
	dagexec -q dags/a.dag
	equal "$(dagstat --log a/@/one)" 'DAG_FROM_a_b_c=1
2'
	equal "$(dagstat --log a/@/two)" 'DAG_FROM_a_b_c=3'
}
