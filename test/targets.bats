#!/usr/bin/env bats
# targets: what a task makes, and reads: output, inputs, $DAG_STAGE.

load helper

# queue NAME: a manual run of it
queue() { dagsched --run "$1" | dagq; }

# of NAME: the directory of its one run
of() { echo "$DAG_SPOOL/runs/$1"/*; }

# again ARG...: reruns the tasks of t, and what each came to
again() {
	dagq -q --rerun "$@"
	dagexec -q -j1 --drain
	dagstat -q -o task,attempt,note t/@/* | sed 's/ *$//; s/  */ /g'
}

# nothing is left of a stage
clean() { equal "$(find "$T" -name '.t@*')" ""; }

@test "output: all there is success without running, and else it is to be there afterwards" {
	touch dags/here.txt
	cat >dags/t.dag <<-EOF
	[default]
	run = echo ran >> $T/ledger; touch made.txt
	[task a]
	output = here.txt
	[task b]
	output = here.txt $T/dags/made.txt
	[task c]
	output = here.txt none.txt 'and none'
	EOF
	queue t
	run -1 dagexec -q -j1 --drain
	equal "$(cat ledger)" "ran
ran"
	equal "$(dagstat -q -o task,state,exit,note t/@/* | sed 's/ *$//; s/  */ /g')" "a success - up to date
b success 0 -
c failed 0 output"
	equal "$(cd "$(of t)/log"; tail -n 1 a.1 b.1 c.1 | sed '/^$/d')" "==> a.1 <==
up to date
==> b.1 <==
==> c.1 <==
output: $T/dags/none.txt: it is not there"
	clean
}

@test "output: one that is missing is a failure that is retried" {
	cat >dags/t.dag <<-'EOF'
	[task a]
	retries = 1
	output = $PWD/x
	run = [ "$DAG_ATTEMPT" = 1 ] || echo 2 > x
	EOF
	queue t
	dagexec -q -j1 --drain
	equal "$(cat dags/x)" 2
	equal "$(dagstat -q -o state,attempt t/@/a | sed 's/  */ /g')" "success 2"
}

@test "stage: published over the outputs on success, and none of it else" {
	echo old | tee dags/x dags/y >dags/z
	cat >dags/t.dag <<-'EOF'
	[task a]
	output = x y deep/er/w
	run = for f in x y w; do echo new > "$DAG_STAGE/$f"; done; cat go
	EOF
	queue t
	run -1 dagexec -q -j1 --drain
	equal "$(cd dags; cat x y; ls deep/er)" "old
old"
	clean
	touch dags/go
	dagq -q --rerun t/@
	dagexec -q -j1 --drain
	equal "$(cd dags; cat x y deep/er/w)" "new
new
new"
	clean
}

@test "stage: what is none of the outputs, or might be two, is refused, and none published" {
	cat >dags/t.dag <<-'EOF'
	[default]
	run = for f in $F; do echo new > "$DAG_STAGE/$f"; done
	[task a]
	env = F="x.txt typo.txt"
	output = x.txt
	[task b]
	env = F=x.txt
	output = x.txt sub/x.txt
	[task c]
	env = F="y.txt"
	output = y.txt gone.txt
	[task d]
	env = F=dir
	output = dir
	EOF
	mkdir dags/dir
	rmdir dags/dir
	queue t
	mkdir -p dags/dir/in
	run -1 dagexec -q -j1 --drain
	equal "$(cd "$(of t)/log"; cat a.1 b.1 c.1 d.1)" "output: none is called typo.txt, which is in \$DAG_STAGE
output: two are called x.txt: which of them is that in \$DAG_STAGE?
output: $T/dags/gone.txt: it is not there
up to date"
	dagq -q --rerun --force t/@/d
	run -1 dagexec -q -j1 --drain
	equal "$(cat "$(of t)/log/d.2")" "output: $T/dags/dir: there is a directory in its place"
	equal "$(cd dags; ls)" "dir
sub
t.dag"
	clean
}

@test "stage: a directory takes the place of one, whole" {
	mkdir dags/d
	touch dags/d/old
	cat >dags/t.dag <<-'EOF'
	[task a]
	inputs = in
	output = d
	run = mkdir "$DAG_STAGE/d"; mkdir "$DAG_STAGE/d/e"; touch "$DAG_STAGE/d/e/new"
	EOF
	touch dags/in
	queue t
	dagexec -q -j1 --drain
	equal "$(cd dags; find d | sort)" "d
d/e
d/e/new"
	clean
}

@test "stage: an output on another file system is copied beside its place first" {
	far=$(mktemp -d /dev/shm/dag.XXXXXX)
	[ "$(stat -c %d "$far")" != "$(stat -c %d "$T")" ]
	echo old >"$far/x"
	cat >dags/t.dag <<-EOF
	[task a]
	output = near $far/x
	run = echo near > \$DAG_STAGE/near; echo new > \$DAG_STAGE/x; chmod 640 \$DAG_STAGE/x; cat go
	[task b]
	output = nigh $far/d
	run = touch \$DAG_STAGE/nigh; mkdir \$DAG_STAGE/d
	EOF
	queue t
	run -1 dagexec -q -j1 --drain
	equal "$(cat "$far/x")" old
	touch dags/go
	dagq -q --rerun t/@/a
	dagexec -q -j1 --drain
	equal "$(cat "$far/x" dags/near; stat -c %a "$far/x")" "new
near
640"
	equal "$(ls -A "$far")" x
	equal "$(cat "$(of t)/log/b.1")" "output: $far/d: it is on another file system than the first one: only a plain file can be published there"
	rm -r "$far"
	clean
}

# killed N: a run of t whose supervisor is killed at its Nth rename
killed() {
	echo old | tee dags/x dags/y >dags/z
	cat >dags/t.dag <<-EOF
	[task a]
	inputs = in
	output = x y z
	run = echo ran >> $T/ledger; for f in x y z; do echo new > "\$DAG_STAGE/\$f"; done
	[task b]
	after = a
	run = cat x y z > all
	EOF
	touch dags/in
	queue t
	# who recovers is struck as well, and then there is another one
	strace -f -o trace -e trace=?rename,?renameat \
	    -e inject="?rename,?renameat:error=EIO:signal=KILL:when=$1" \
	    dagexec -q -j1 --drain || :
	dagexec -q -j1 --drain
}

@test "stage: killed between two renames, recovery publishes all of it, once" {
	for n in 1 2 3; do
		rm -rf "$DAG_SPOOL" ledger
		killed $n
		equal "$(cat ledger dags/all)" "ran
new
new
new"
		grep -q 'killed by SIGKILL' trace
		equal "$(dagstat -q -o state,attempt,exit t/@/a | sed 's/  */ /g')" "success 1 0"
		equal "$(dagq --check)" ""
		clean
	done
}

@test "stage: one that a dead supervisor has left is taken away" {
	cat >dags/t.dag <<-EOF
	[task a]
	output = x
	run = echo half > \$DAG_STAGE/x; kill -KILL \$PPID; sleep 20
	EOF
	queue t
	run -1 dagexec -q -j1 --drain
	equal "$(dagstat -q -o state,note t/@/a | sed 's/  */ /g')" "failed lost"
	[ ! -e dags/x ]
	clean
}

@test "inputs: a rerun has something to do if command, values, inputs or outputs are not as they were" {
	cat >dags/t.dag <<-'EOF'
	[param p]
	default = 1
	[task up]
	run = cat value > $DAG_OUT
	[task a]
	after = up
	inputs = in.* dir
	output = o-$DAG_PARAM_p
	run = cat in.* > $DAG_STAGE/o-$DAG_PARAM_p; echo v=1 > $DAG_OUT
	[task down]
	after = a
	run = echo $DAG_FROM_a_v
	EOF
	mkdir dags/dir
	echo n=1 >dags/value
	echo 1 >dags/in.1
	queue t
	dagexec -q -j1 --drain
	equal "$(again t/@)" "up 2 -
a 2 up to date
down 2 -"
	# what it left before is still there
	equal "$(cat "$(of t)/log/down.2")" 1
	echo 2 >dags/in.2
	equal "$(again t/@/a)" "up 2 -
a 3 -
down 2 -"
	equal "$(dagstat -q --why t/@/a | sed 's/.*, it/it/')" "it ran since its inputs have changed"
	# not its time: its content
	touch dags/in.1
	equal "$(again t/@/a | sed -n 2p)" "a 4 up to date"
	touch dags/dir/new
	equal "$(again t/@/a | sed -n 2p)" "a 5 -"
	echo n=2 >dags/value
	equal "$(again t/@ | sed -n 2p)" "a 6 -"
	equal "$(dagstat -q --why t/@/a | sed 's/.*, it/it/')" "it ran since its parameters or values have changed"
	equal "$(again --param p=2 t/@/a | sed -n 2p)" "a 7 -"
	equal "$(again t/@/a | sed -n 2p)" "a 8 up to date"
	equal "$(again --force t/@/a | sed -n 2p)" "a 9 -"
	equal "$(dagstat -q --why t/@/a | sed 's/.*, it/it/')" "it ran since it was forced"
	equal "$(again t/@/a | sed -n 2p)" "a 10 up to date"
	rm dags/o-2
	equal "$(again t/@/a | sed -n 2p)" "a 11 -"
	sed -i 's/echo v=1/echo v=3/' dags/t.dag
	equal "$(again --latest t/@/a | sed -n 2p)" "a 12 -"
	equal "$(dagstat -q --why t/@/a | sed 's/.*, it/it/')" "it ran since its command has changed"
}

@test "inputs: one that is not there, or is no file, fails the attempt" {
	mkfifo dags/pipe
	cat >dags/t.dag <<-'EOF'
	[default]
	run = echo no
	[task a]
	inputs = no/*.csv
	[task b]
	inputs = pipe
	[task c]
	inputs = $NONE
	EOF
	queue t
	run -1 dagexec -q -j1 --drain
	equal "$(cd "$(of t)/log"; cat a.1 b.1 c.1)" "inputs: $T/dags/no/*.csv: No such file or directory
inputs: $T/dags/pipe: neither a file nor a directory
inputs: \$NONE is not set"
}
