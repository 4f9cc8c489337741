#!/usr/bin/env bats
# deadlines: start-by and end-by, of tasks and runs; the timeout of a run.

load helper

# make: makes a run of dags/a.dag; its ID
make_run() {
	dagsched --run a | dagq -v 2>&1
}

# until_there PATTERN: waits for a file of that name
until_there() {
	for _ in $(seq 3000); do
		compgen -G "$1" >/dev/null && return 0
		read -r -t 0.02 _ <> <(:) || :
	done
	return 1
}

# told: what the history says of deadlines, without when
told() {
	sed -n 's/^deadline	a.[^/	]*//p' "$DAG_SPOOL/history/a.tsv" |
		sed 's/	end=.*//'
}

@test "deadline: judged by who looks next, whether or not it ever began" {
	cat >dags/a.dag <<-'END'
	[default]
	hold = yes
	run  = true
	[task warned]
	start-by = 2h
	[task skipped]
	start-by = 2h skip
	[task failed]
	end-by = 02:30 fail
	[task not-yet]
	start-by = 4h fail
	end-by   = 02:00 warn
	[task after-it]
	after = skipped
	hold  = no
	END
	id=$(DAG_NOW=2026-01-01T00:10:00Z make_run)
	DAG_NOW=2026-01-01T02:00:00Z dagexec -q --drain
	equal "$(told)" '/not-yet	reason=end-by	at=2026-01-01T02:00:00Z	then=warn'
	for _ in 1 2; do
		DAG_NOW=2026-01-01T03:00:00Z dagexec -q --drain
	done
	equal "$(told)" \
'/not-yet	reason=end-by	at=2026-01-01T02:00:00Z	then=warn
/warned	reason=start-by	at=2026-01-01T02:10:00Z	then=warn
/skipped	reason=start-by	at=2026-01-01T02:10:00Z	then=skip
/failed	reason=end-by	at=2026-01-01T02:30:00Z	then=fail'
	cd "$DAG_SPOOL/runs/$id"
	equal "$(ls -- *.*)" \
'after-it.skipped
failed.failed
not-yet.held
skipped.skipped
warned.held'
	equal "$(dagstat --why "$id/failed" | sed -n 's/.*failed  *//p')" \
'it has ended badly at 2026-01-01T03:00:00Z, reason: end-by: dagq --rerun '"$id/failed"
	dagq --mark success "$id/warned" "$id/not-yet"
	equal "$(grep '	reason=' "$DAG_SPOOL/history/a.tsv" |
	    grep ^instance | cut -f 2- | sed 's,a/[^/]*/,,')" \
'warned	state=success	attempt=0	reason=marked
skipped	state=skipped	attempt=0	reason=start-by
failed	state=failed	attempt=0	reason=end-by
not-yet	state=success	attempt=0	reason=marked'
	equal "$(dagq --check 2>&1)" ""
}

@test "deadline: a rerun lifts those that have passed" {
	cat >dags/a.dag <<-'END'
	[dag]
	end-by = 3h fail
	[task t]
	start-by = 1h fail
	run      = true
	END
	id=$(DAG_NOW=2026-01-01T00:00:00Z make_run)
	DAG_NOW=2026-01-01T02:00:00Z dagexec -q --drain
	[ -e "$DAG_SPOOL/runs/$id/t.failed" ]
	DAG_NOW=2026-01-01T04:00:00Z dagq --rerun "$id/t"
	DAG_NOW=2026-01-01T04:00:01Z dagexec -q --drain
	[ -e "$DAG_SPOOL/runs/$id/@success" ]
}

@test "deadline: a time is of the DAG's zone, and after the slot" {
	cat >dags/a.dag <<-'END'
	[dag]
	schedule = 0 2 * * *
	timezone = America/New_York
	start    = 2026-01-02
	catchup  = all
	[task t]
	hold   = yes
	end-by = 06:00
	run    = true
	END
	DAG_NOW=2026-01-02T10:00:00Z dagsched a >due
	DAG_NOW=2026-01-02T10:00:00Z dagq <due
	DAG_NOW=2026-01-02T10:59:59Z dagexec -q --drain
	[ ! -e "$DAG_SPOOL/history/a.tsv" ]
	DAG_NOW=2026-01-02T11:00:00Z dagexec -q --drain
	equal "$(told)" '/t	reason=end-by	at=2026-01-02T11:00:00Z	then=warn'
}

@test "deadline: a run that waits for its place can be late as well" {
	cat >dags/a.dag <<-'END'
	[dag]
	max-active-runs = 1
	schedule = @daily
	timezone = UTC
	start    = 2026-01-01
	catchup  = all
	[task t]
	hold     = yes
	start-by = 1h skip
	run      = true
	END
	DAG_NOW=2026-01-02T00:00:00Z dagsched a >due
	DAG_NOW=2026-01-02T00:00:00Z dagq <due
	DAG_NOW=2026-01-02T00:30:00Z dagexec -q --drain
	[ -e "$DAG_SPOOL/runs/a/2026-01-01T0000Z/@success" ]
	[ -e "$DAG_SPOOL/runs/a/2026-01-02T0000Z/t.held" ]
	DAG_NOW=2026-01-02T02:00:00Z dagexec -q --drain
	[ -e "$DAG_SPOOL/runs/a/2026-01-02T0000Z/@success" ]
}

@test "deadline: who runs is warned of, or ended, at the time" {
	cat >dags/a.dag <<-'END'
	[default]
	end-by = 2s
	[task warned]
	run =
	    until grep -q then=warn "$DAG_RUNDIR"/warned.running.1; do :; done
	[task ended]
	end-by     = 2s fail
	retries    = 9
	kill-after = 1s
	run        = sleep 1000
	[task left]
	end-by     = 2s skip
	run        = sleep 1000
	END
	id=$(make_run)
	run -1 dagexec -q -j 3 --drain
	cd "$DAG_SPOOL/runs/$id"
	grep -q 'state=failed	signal=TERM	.*reason=end-by$' ended.failed
	grep -q 'state=skipped	signal=TERM	.*reason=end-by$' left.skipped
	[ -e warned.success ]
	equal "$(told | cut -f 1,2,4 | sort)" \
'/ended	reason=end-by	then=fail
/left	reason=end-by	then=skip
/warned	reason=end-by	then=warn'
}

@test "timeout: of a run, all of it, but not what it was rerun for" {
	cat >dags/a.dag <<-'END'
	[dag]
	timeout     = 1s
	run-retries = 5
	[default]
	retries    = 5
	kill-after = 1s
	[task runs]
	run = sleep 1000
	[task waits]
	after = runs
	run   = true
	[task held]
	hold = yes
	run  = true
	END
	id=$(make_run)
	dagexec -q & worker=$!
	until_there "$DAG_SPOOL/runs/$id/@failed"
	kill $worker
	wait $worker || :
	cd "$DAG_SPOOL/runs/$id"
	grep -q 'signal=TERM	.*reason=run-timeout$' runs.failed
	grep -q '	deadline	reason=run-timeout' held.failed
	equal "$(ls -- waits.*)" "$(ls -- waits.failed waits.upstream-failed \
	    2>/dev/null)"
	equal "$(told | cut -f 1,2,4)" '	reason=run-timeout	then=fail'
	equal "$(dagq --check 2>&1)" ""
}

@test "start-by, end-by: what is not understood is refused, and where" {
	for bad in 2 25:00 6:00 '2h later' 'warn' '06:00 warn fail'; do
		printf '[task t]\nend-by = %s\nrun = true\n' "$bad" >a.dag
		run -1 --separate-stderr dagparse --check a.dag
		equal "$stderr" "dagparse: a.dag:2:10: end-by: \"$bad\" is not a\
 duration such as 2h, nor a time such as 06:00, which \"warn\", \"skip\" or\
 \"fail\" may follow"
	done
	printf '[dag]\nstart-by = 2h\n[task t]\nrun = true\n' >a.dag
	run -1 --separate-stderr dagparse --check a.dag
	equal "$stderr" 'dagparse: a.dag:2:1: the key "start-by" belongs in [default] or [task] or [group], not in [dag]'
}

# past TASK SECONDS: three runs in which it took so long
past() {
	mkdir -p "$DAG_SPOOL/history"
	for run in 1 2 3; do
		printf 'instance\ta/2025-12-0%sT0000Z/%s\tstate=success\tattempt=1\twall=%s\n' \
		    $run "$1" "$2"
	done >>"$DAG_SPOOL/history/a.tsv"
}

@test "late: it is said before, from what its tasks usually take" {
	cat >dags/a.dag <<-'END'
	[dag]
	end-by = 3h
	[default]
	run = true
	[task one]
	hold = yes
	[task two]
	after = one
	[task other]
	end-by = 2h
	[task three]
	after    = two other
	start-by = 02:30
	end-by   = 3h fail
	END
	id=$(DAG_NOW=2026-01-01T00:00:00Z make_run)
	past one 3600
	past two 3600.5
	past other 60
	past three 600
	DAG_NOW=2026-01-01T00:10:00Z run dagstat -q --late
	equal "$output" ""
	DAG_NOW=2026-01-01T01:00:00Z run dagstat -q --late
	equal "$(printf '%s\n' "$output" | sed "s,$id,ID,; s/   */ | /g")" \
"ID/three | waiting | it will be late: its start-by is at 2026-01-01T02:30:00Z, and if all takes as long as usual it begins at 2026-01-01T03:00:00Z; it waits for two, one
ID/three | waiting | it will be late: its end-by is at 2026-01-01T03:00:00Z, and if all takes as long as usual it ends at 2026-01-01T03:10:00Z; it waits for two, one
ID | active | it will be late: its run-end-by is at 2026-01-01T03:00:00Z, and if all takes as long as usual it ends at 2026-01-01T03:10:00Z; it waits for three, two, one"
	DAG_NOW=2026-01-01T02:30:00Z run dagstat -q --why "$id/other"
	[[ $output == *'it is late: its end-by was at 2026-01-01T02:00:00Z' ]]
}
