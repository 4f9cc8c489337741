#!/usr/bin/env bats
# rules: which tasks run, and when, by how those before them have ended.

load helper

rules='all-success all-failed all-done all-done-min-one-success all-skipped
one-failed one-success one-done none-failed none-failed-min-one-success
none-skipped always'

# start: makes a run of dags/a.dag; its ID
start() {
	dagsched --run a | dagq -v 2>&1
}

# states ID: "TASK STATE" of its tasks
states() {
	dagstat "$1/*" | sed '/^#/d; s/^[^ ]*\///' | awk '{ print $1, $2 }' |
	    sort
}

# joins CODE CODE CODE: a.dag: tasks that exit so, and after them, once they
# are released, one for each rule
joins() {
	local rule
	printf '[task %s]\nrun = exit %s\n' a "$1" b "$2" c "$3"
	for rule in $rules; do
		printf '[task %s]\nwhen = %s\nhold = yes\n' "$rule" "$rule"
		printf 'after = a b c\nrun = true\n'
	done
}

# word CODE: the state that a task with this exit code is in
word() {
	case $1 in
	0) echo success ;;
	99) echo skipped ;;
	*) echo failed ;;
	esac
}

@test "rules: each task becomes what --simulate says, all before it done" {
	for codes in '0 0 0' '1 1 1' '99 99 99' '0 1 99' '0 99 0' '1 0 1'; do
		read -r a b c <<<"$codes"
		joins "$a" "$b" "$c" >dags/a.dag
		id=$(start)
		run dagexec -q -j 2 --drain
		printf "$id/%s\n" $rules | dagq -q --release
		run dagexec -q -j 2 --drain
		dagparse --simulate a="$(word "$a")" --simulate \
		    b="$(word "$b")" --simulate c="$(word "$c")" a |
		    awk '{ sub("^a/", "") } $1 != "a" || seen++ == 0' |
		    tr '\t' ' ' | sort >want
		equal "$(states "$id")" "$(cat want)"
	done
}

# early RULE COMMAND: the task with that rule must run while another that is
# before it waits for what it does
early() {
	mkfifo fifo
	cat >dags/a.dag <<-END
	[task quick]
	run = $2
	[task slow]
	run = cat $T/fifo
	[task join]
	after = slow quick
	when  = $1
	run   = echo go >$T/fifo
	END
	id=$(start)
	timeout 60 dagexec -q -j 2 --drain || [ $? = 1 ]
	equal "$(states "$id")" "join success
quick $(word "${2#exit }")
slow success"
	# and the run is only then what it is when all have ended
	[ -e "$DAG_SPOOL/runs/$id/@success" ]
}

@test "rules: one-success does not wait for the others" {
	early one-success 'exit 0'
}
@test "rules: one-failed does not wait for the others" {
	early one-failed 'exit 1'
}
@test "rules: one-done does not wait for the others" {
	early one-done 'exit 0'
}

@test "rules: always waits for nobody" {
	mkfifo fifo
	cat >dags/a.dag <<-END
	[task first]
	run = cat $T/fifo
	[task second]
	after = first
	when  = always
	run   = echo go >$T/fifo
	END
	id=$(start)
	timeout 60 dagexec -q -j 2 --drain
	equal "$(states "$id")" 'first success
second success'
}

@test "rules: of a hundred that end at once, one releases what comes after" {
	{
		for i in $(seq 100); do
			printf '[task t%s]\nrun = exit %s\n' "$i" $((i % 3))
		done
		for rule in one-done one-failed one-success all-done; do
			printf '[task %s]\nafter = ' "$rule"
			printf 't%s ' $(seq 100)
			printf '\nwhen = %s\n' "$rule"
			printf 'run = echo . >>%s/ran\n' "$T"
		done
	} >dags/a.dag
	id=$(start)
	dagexec -q -j 4 --drain & one=$!
	run dagexec -q -j 4 --drain
	wait $one || true
	equal "$(wc -l <ran)" 4
	equal "$(states "$id" | awk '{ print $2 }' | sort | uniq -c |
	    awk '{ print $1, $2 }')" '67 failed
37 success'
	[ -e "$DAG_SPOOL/runs/$id/@success" ]
	equal "$(dagq --check 2>&1)" ""
}

@test "rules: --why says which rule it is" {
	cat >dags/a.dag <<-END
	[task a]
	hold = yes
	run  = false
	[task b]
	run  = true
	[task c]
	after = a b
	when  = one-failed
	run   = true
	[task d]
	after = b
	when  = all-failed
	run   = true
	END
	id=$(start)
	dagexec -q --drain
	equal "$(dagstat --why "$id/c" | sed 's/^#.*//; s/.*it comes/it comes/' |
	    grep .)" "it comes after a, which is held: dagq --release $id/a;\
 it runs when one-failed"
	equal "$(dagstat --why "$id/d" | sed 's/^#.*//; s/.*it comes/it comes/' |
	    grep .)" "it comes after b, which is success; it runs when\
 all-failed"
}

@test "rules: a word that is none, or has a default before it" {
	cat >a.dag <<-END
	[default]
	when = all-donne
	[task a]
	when = sometimes
	run  = true
	END
	names='all-success, all-failed, all-done, all-done-min-one-success,'
	names+=' all-skipped, one-failed, one-success, one-done, none-failed,'
	names+=' none-failed-min-one-success, none-skipped, always'
	run --separate-stderr dagparse --check a.dag
	equal "$stderr" "dagparse: a.dag:2:8: when: \"all-donne\" is none of\
 $names; did you mean \"all-done\"?
dagparse: a.dag:4:8: when: \"sometimes\" is none of $names"
	equal "$status" 1
	printf '[default]\nwhen = all-done\n[task a]\nwhen =\nrun = true\n' \
	    >a.dag
	equal "$(dagparse a.dag | tail -n 1)" "$(printf 'task\ta/a\trun=true')"
	printf 'dag\ta\ttasks=1\ntask\ta/a\twhen=no\trun=true\n' >records
	run --separate-stderr dagparse - <records
	equal "$status" 1
	equal "$stderr" 'dagparse: an unknown trigger rule: "a/a"'
}

@test "simulate: what it is asked must be there, and be an end" {
	printf '[task a]\nrun = true\n' >a.dag
	run --separate-stderr dagparse --simulate b=failed a.dag
	equal "$stderr" 'dagparse: --simulate b=failed: there is no such task'
	equal "$output" ""
	equal "$status" 1
	for wrong in a a= a=ready a=upstream-failed =failed; do
		run --separate-stderr dagparse --simulate "$wrong" a.dag
		equal "$stderr" "dagparse: --simulate $wrong: TASK=STATE is\
 wanted, with success, failed or skipped"
		equal "$status" 2
	done
}
