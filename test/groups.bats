#!/usr/bin/env bats
# groups: what tasks have in common, what waits for them, what starts again.

load helper

# start: makes a run of dags/a.dag; its ID
start() {
	dagsched --run a | dagq -v 2>&1
}

@test "groups: defaults, overridden in the group, and that in the task" {
	cat >dags/a.dag <<-'END'
	[group g]
	retries = 2
	env = A=group B=group
	[task one]
	group = g
	env = B=task
	run = true
	[task two]
	group = g
	retries =
	run = true
	[task three]
	run = true
	[default]
	retries = 1
	env = A=default C=default
	END
	equal "$(dagparse dags/a.dag | tail -n 3)" \
'task	a/one	group=g	run=true	retries=2	env=C=default A=group B=task
task	a/two	group=g	run=true	env=C=default A=group B=group
task	a/three	run=true	retries=1	env=A=default C=default'
}

@test "groups: after one is after its last tasks, and its first after what it says" {
	cat >dags/a.dag <<-'END'
	[task end]
	after = g
	run = true
	[group g]
	after = h
	[task a]
	group = g
	run = true
	[task b]
	group = g
	after = a
	run = true
	[task c]
	group = g
	after = a
	run = true
	[group h]
	[task x]
	group = h
	run = true
	END
	equal "$(dagparse dags/a.dag | tail -n +2 | cut -f 2,3)" \
'a/end	after=b c
a/a	after=x
a/b	after=a
a/c	after=a
a/x	group=h'
}

@test "groups: bad input is refused where it stands" {
	cat >dags/a.dag <<-'END'
	[group g]
	after = zzzz nowhere
	group-retries = many
	[group g]
	[group b]
	[task b]
	group = gg
	run = true
	[task c]
	group = g
	after = g
	run = true
	[task d]
	group = a b
	run = true
	END
	run --separate-stderr -1 dagparse --check dags/a.dag
	equal "$stderr" \
'dagparse: dags/a.dag:2:9: unknown upstream "zzzz"
dagparse: dags/a.dag:2:14: unknown upstream "nowhere"
dagparse: dags/a.dag:3:17: group-retries: "many" is not a number from 0 to 1000
dagparse: dags/a.dag:4:1: the group "g" is there twice, first in line 1
dagparse: dags/a.dag:5:1: the group "b" is called as the task in line 6 is
dagparse: dags/a.dag:7:9: unknown group "gg", did you mean "g"?
dagparse: dags/a.dag:11:9: the task is itself in the group that it comes after
dagparse: dags/a.dag:14:9: group: "a b" is not a name: only letters, digits, "_" and "-" may be in it'
	printf '%s\n' '[group g]' '[task a]' 'run = true' \
	    'group-retries = 1' '[group]' >dags/a.dag
	run --separate-stderr -1 dagparse --check dags/a.dag
	equal "$stderr" \
'dagparse: dags/a.dag:4:1: the key "group-retries" belongs in [group], not in [task]
dagparse: dags/a.dag:5:7: a group without a name, it is [group NAME]'
	printf '%s\n' '[group g]' '[task a]' 'run = true' >dags/a.dag
	run --separate-stderr -1 dagparse --check dags/a.dag
	equal "$stderr" \
'dagparse: dags/a.dag:1:1: no task is in the group "g": "group = g" in a task says that it is'
	printf '%s\n' '[group g]' 'group-retries = 1' 'after = b' '[task a]' \
	    'group = g' 'once = yes' 'run = true' '[task b]' 'after = a' \
	    'run = true' >dags/a.dag
	run --separate-stderr -1 dagparse --check dags/a.dag
	equal "$stderr" \
'dagparse: dags/a.dag:3:9: a cycle: 2 tasks wait for each other
dagparse: dags/a.dag:3:9: "a" comes after "b"
dagparse: dags/a.dag:9:9: "b" comes after "a"
dagparse: dags/a.dag:6:8: the task "a" is "once", but its group has "group-retries", and starts again with it'
}

# three tasks, of which the middle one fails until it was tried N times
again() {
	cat >dags/a.dag <<-END
	[group g]
	group-retries = 2
	[task first]
	group = g
	run   = echo first >>$T/ran
	[task flaky]
	group = g
	after = first
	run   = echo flaky >>$T/ran; [ \$(grep -c flaky $T/ran) -ge $1 ]
	[task other]
	group = g
	run   = echo other >>$T/ran
	[task alarm]
	after = g
	when  = one-failed
	run   = echo alarm >>$T/ran
	[task behind]
	after = other
	run   = echo behind >>$T/ran
	END
}

@test "groups: a group starts again, and what is outside sees its end only" {
	again 3
	start
	dagexec -q --drain || [ $? = 1 ]
	equal "$(sort ran | uniq -c | sed 's/^ *//')" \
'1 behind
3 first
3 flaky
3 other'
	equal "$(tail -n 1 ran)" behind
	equal "$(cut -f 2- "$DAG_SPOOL"/runs/a/*/@success)" \
'retry	group=g	group-retry=1
retry	group=g	group-retry=2'
	[ -e "$DAG_SPOOL"/runs/a/*/alarm.skipped ]
	equal "$(dagq --check 2>&1)" ""
}

@test "groups: its retries are spent, and it has failed; a rerun has them again" {
	again 6
	id=$(start)
	dagexec -q --drain || [ $? = 1 ]
	equal "$(sort ran | uniq -c | sed 's/^ *//')" \
'1 alarm
1 behind
3 first
3 flaky
3 other'
	dagq --rerun "$id/flaky"
	dagexec -q --drain || [ $? = 1 ]
	equal "$(grep -c flaky ran)" 6
	[ -e "$DAG_SPOOL/runs/$id/flaky.success" ]
}

@test "groups: dagstat --why says that all of it is waited for" {
	again 3
	id=$(start)
	dagq --hold "$id/first"
	dagq --mark success "$id/other"
	run dagstat --why "$id/behind"
	[[ $output == *'it comes after other, which is success, and waits for all of its group: first has not ended'* ]]
}
