#!/usr/bin/env bats
# teardown: it runs if its setup did, and does not decide.

load helper

# dag RUN-OF-SET-UP RUN-OF-WORK RUN-OF-TEARDOWN [DAG KEY]
dag() {
	cat >dags/a.dag <<-END
	[dag]
	${4:-}
	[task up]
	run = echo up >>$T/ran; $1
	[task work]
	after = up
	run   = echo work >>$T/ran; $2
	[task down]
	after    = work
	teardown = up
	run      = echo down >>$T/ran; $3
	END
	rm -f ran
	id=$(dagsched --run a | dagq -v 2>&1)
}

# ends: how tasks and the run have ended
ends() {
	dagstat --tsv --columns task,state "$id" | grep -v '^#' | cut -f 2 |
	    tr '\n' ' '
	(cd "$DAG_SPOOL/runs/$id" && echo @*)
}

@test "teardown: every combination of setup, work and teardown" {
	cases='true|true|true|success success success @success
true|false|true|success failed success @failed
true|true|false|success success failed @success
true|exit 99|true|success skipped success @success
false|true|true|failed upstream-failed upstream-failed @failed
exit 99|true|true|skipped skipped skipped @success'
	while IFS='|' read -r up work down want; do
		dag "$up" "$work" "$down"
		dagexec -q --drain </dev/null || [ $? = 1 ]
		equal "$(ends)" "$want"
	done <<<"$cases"
	equal "$(dagq --check 2>&1)" ""
}

@test "teardown: what is between is tried again with both" {
	dag true "[ -e $T/good ]" true
	dagexec -q --drain || [ $? = 1 ]
	touch good
	dagq -q --rerun "$id/work"
	dagexec -q --drain
	equal "$(tr '\n' ' ' <ran)" 'up work down up work down '
	rm good
	dag true "[ \$(grep -c work $T/ran) = 2 ]" true 'run-retries = 1'
	dagexec -q --drain || [ $? = 1 ]
	equal "$(tr '\n' ' ' <ran)" 'up work down up work down '
	equal "$(ends)" 'success success success @success'
}

@test "teardown: a run that is killed is torn down" {
	dag true 'exec tail -f /dev/null' true
	dagexec -q --drain &
	dagexec=$!
	while ! grep -qs work ran; do :; done
	while ! ls "$DAG_SPOOL/runs/$id"/work.running.* >ls 2>&1; do :; done
	until dagq -q --kill "$id"; do :; done
	wait $dagexec || [ $? = 1 ]
	equal "$(ends)" 'success failed success @failed'
}

@test "teardown: a run that is cancelled is torn down" {
	cat >dags/a.dag <<-END
	[dag]
	schedule = @daily
	start = 2026-01-01
	catchup = all
	overlap = cancel
	max-active-runs = 1
	[task up]
	run = echo up \$DAG_DATE >>$T/ran
	[task work]
	after = up
	hold  = yes
	run   = true
	[task down]
	after    = work
	teardown = up
	run      = echo down \$DAG_DATE >>$T/ran
	END
	DAG_NOW=2026-01-01T00:00:01Z dagsched a | dagq -q
	dagexec -q --drain
	DAG_NOW=2026-01-02T00:00:01Z dagsched a | dagq -q
	dagexec -q --drain || [ $? = 1 ]
	equal "$(sort ran)" \
'down 2026-01-01
up 2026-01-01
up 2026-01-02'
}

@test "teardown: what is between goes by its setup first, then by its rule" {
	cat >dags/a.dag <<-END
	[task up]
	run = false
	[task direct]
	after = up
	when  = all-done
	run   = true
	[task work]
	after = direct
	run   = echo work >>$T/ran
	[task always]
	after = direct
	when  = always
	run   = echo always >>$T/ran
	[task down]
	after    = work always
	teardown = up
	run      = echo down >>$T/ran
	END
	id=$(dagsched --run a | dagq -v 2>&1)
	run -1 dagexec -q --drain
	equal "$(cat ran)" always
	equal "$(ends)" 'failed success upstream-failed success upstream-failed @failed'
	equal "$(dagparse --simulate up=failed a | cut -f 2 | xargs)" \
	    'failed success upstream-failed success upstream-failed failed'
	# a setup that is not yet done is waited for
	cat >dags/a.dag <<-END
	[task other]
	run = true
	[task up]
	hold = yes
	run  = echo up >>$T/ran
	[task either]
	after = other up
	when  = one-success
	run   = true
	[task work]
	after = either
	run   = echo work >>$T/ran
	[task down]
	after    = work
	teardown = up
	run      = echo down >>$T/ran
	END
	rm ran
	id=$(dagsched --run a | dagq -v 2>&1)
	dagexec -q --drain
	[ -e "$DAG_SPOOL/runs/$id/either.success" ]
	[ ! -e ran ]
	equal "$(dagstat -q --why "$id/work" | sed 's/.*waiting  //')" \
	    "it comes after up, which is held: dagq --release $id/up; that is to set up what it is in"
	dagq -q --release "$id/up"
	dagexec -q -j 2 --drain
	equal "$(cat ran)" 'up
work
down'
	equal "$(dagq --check 2>&1)" ""
}

@test "teardown: a mapped task between goes by its setup, too" {
	for up in false true; do
		cat >dags/a.dag <<-END
		[task up]
		run = $up
		[task list]
		after = up
		when  = all-done
		run   = printf 'k=1\nk=2\n' >"\$DAG_OUT"
		[task work]
		after = list
		when  = all-done
		each  = list.k
		run   = echo \$DAG_ITEM >>$T/ran
		[task down]
		after    = work
		teardown = up
		run      = echo down >>$T/ran
		END
		rm -f ran
		id=$(dagsched --run a | dagq -v 2>&1)
		dagexec -q -j 1 --drain || [ $? = 1 ]
		case $up in
		false)
			[ ! -e ran ]
			equal "$(ends)" 'failed success upstream-failed upstream-failed @failed'
			;;
		true)
			equal "$(xargs <ran)" '1 2 down'
			equal "$(ends)" 'success success success success success success @success'
			;;
		esac
		equal "$(dagq --check 2>&1)" ""
	done
}

@test "teardown: a run that is marked is torn down" {
	for state in failed success; do
		cat >dags/a.dag <<-END
		[task up]
		run = echo up >>$T/ran
		[task work]
		after = up
		hold  = yes
		run   = echo work >>$T/ran
		[task down]
		after    = work
		teardown = up
		run      = echo down >>$T/ran
		END
		rm -f ran
		id=$(dagsched --run a | dagq -v 2>&1)
		dagexec -q --drain
		equal "$(dagq --mark $state "$id")" \
		    "$id/work	$state	from=held"
		dagexec -q --drain || [ $? = 1 ]
		equal "$(cat ran)" 'up
down'
		equal "$(ends)" "success $state success @$state"
	done
	# one that was not set up has nothing to be torn down
	dag true true true
	dagq -q --mark failed "$id"
	dagexec -q --drain || [ $? = 1 ]
	[ ! -e ran ]
	equal "$(ends)" 'failed failed upstream-failed @failed'
}

@test "teardown: in a group it is not waited for; bad input is refused" {
	cat >dags/a.dag <<-'END'
	[group g]
	[task up]
	group = g
	run = true
	[task work]
	group = g
	after = up
	run = true
	[task down]
	group = g
	after = work
	teardown = up
	run = true
	[task next]
	after = g
	run = true
	END
	equal "$(dagparse dags/a.dag | tail -n 2 | cut -f 2-4)" \
'a/down	after=work up	group=g
a/next	after=work	run=true'
	cat >dags/a.dag <<-'END'
	[group g]
	[task up]
	group = g
	after = down
	run = true
	[task down]
	teardown = up
	when = all-done
	run = true
	[task lost]
	teardown = upp g
	run = true
	END
	run --separate-stderr -1 dagparse --check dags/a.dag
	equal "$stderr" \
'dagparse: dags/a.dag:4:9: a cycle: 2 tasks wait for each other
dagparse: dags/a.dag:4:9: "up" comes after "down"
dagparse: dags/a.dag:7:12: "down" comes after "up"
dagparse: dags/a.dag:8:8: when: a teardown has a rule of its own: it runs if its setup did
dagparse: dags/a.dag:11:12: unknown upstream "upp", did you mean "up"?
dagparse: dags/a.dag:11:16: unknown upstream "g"'
}
