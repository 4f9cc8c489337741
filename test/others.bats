#!/usr/bin/env bats
# others: tasks that wait for runs of other DAGs, and for the runs before.

load helper

# etl: a DAG of a run a day, whose load fails on the day in "bad"
etl() {
	cat >dags/etl.dag <<-'END'
	[dag]
	schedule = @daily
	timezone = UTC
	start    = 2026-01-01
	catchup  = all
	[task load]
	run = [ "$DAG_DATE" != "$(cat bad 2>/dev/null)" ]
	END
}

# weekly KEYS: a DAG of a run a week, behind those of etl
weekly() {
	cat >dags/weekly.dag <<-END
	[dag]
	schedule = 0 3 * * 1
	timezone = UTC
	start    = 2026-01-01
	catchup  = all
	[task sum]
	after = etl/load
	$1
	run   = echo
	END
}

# states DAG: its tasks and their states, a line each
states() {
	dagstat "$1/*/*" | sed '/^#/d' | awk '{ print $1, $2 }'
}

@test "after: a task waits for each slot of the other DAG in its interval" {
	etl
	weekly
	export DAG_NOW=2026-01-12T03:00:00Z
	dagsched weekly | dagq
	dagexec --drain
	equal "$(states weekly)" "weekly/2026-01-05T0300Z/sum waiting
weekly/2026-01-12T0300Z/sum waiting"
	equal "$(dagstat --why weekly/2026-01-05 | sed '/^#/d')" \
"weekly/2026-01-05T0300Z/sum  waiting  it comes after etl/load, which this\
 spool does not know: dagsched | dagq tells it"
	DAG_NOW=2026-01-07T03:00:00Z dagsched etl | dagq
	dagexec --drain
	equal "$(states weekly)" "weekly/2026-01-05T0300Z/sum success
weekly/2026-01-12T0300Z/sum waiting"
	equal "$(dagstat --why weekly/2026-01-12 | sed '/^#/d' | head -n 1)" \
"weekly/2026-01-12T0300Z/sum  waiting  it comes after etl/load, whose slot of\
 2026-01-08T00:00:00Z has no run yet: dagsched --why etl"
	dagsched etl | dagq
	dagexec --drain
	equal "$(states weekly)" "weekly/2026-01-05T0300Z/sum success
weekly/2026-01-12T0300Z/sum success"
	equal "$(ls spool/gates)" ""
	dagq --check
}

@test "after: the run of another DAG may be archived, or have failed" {
	etl
	weekly
	echo 2026-01-03 >dags/bad
	export DAG_NOW=2026-01-12T03:00:00Z
	dagsched etl | dagq
	dagexec --drain || [ $? = 1 ]
	dagq --archive --yes 'etl/*'
	equal "$(ls spool/runs/etl)" ""
	dagsched weekly | dagq
	dagexec --drain || [ $? = 1 ]
	equal "$(states weekly)" "weekly/2026-01-05T0300Z/sum upstream-failed
weekly/2026-01-12T0300Z/sum success"
}

@test "after: a missed slot counts as skipped" {
	etl
	sed -i 's/catchup .*/catchup = last/' dags/etl.dag
	weekly
	export DAG_NOW=2026-01-05T03:00:00Z
	dagsched | dagq
	dagexec --drain
	equal "$(states weekly)" "weekly/2026-01-05T0300Z/sum skipped"
	weekly 'when = none-failed'
	export DAG_NOW=2026-01-12T03:00:00Z
	dagsched | dagq
	dagexec --drain
	equal "$(states weekly)" "weekly/2026-01-05T0300Z/sum skipped
weekly/2026-01-12T0300Z/sum success"
}

@test "after: without a slot in the interval the latest before counts" {
	etl
	cat >dags/hourly.dag <<-'END'
	[dag]
	schedule = 30 * * * *
	timezone = UTC
	start    = 2026-01-03T01:00
	catchup  = all
	[task look]
	after = etl/
	run   = echo
	END
	export DAG_NOW=2026-01-03T02:30:00Z
	dagsched hourly | dagq
	DAG_NOW=2026-01-02T02:30:00Z dagsched etl | dagq
	dagexec --drain
	equal "$(states hourly)" "hourly/2026-01-03T0130Z/look waiting
hourly/2026-01-03T0230Z/look waiting"
	dagsched etl | dagq
	dagexec --drain
	equal "$(states hourly)" "hourly/2026-01-03T0130Z/look success
hourly/2026-01-03T0230Z/look success"
}

@test "after: a month waits for its days, 03:00 for 02:00, a day for its hours" {
	etl
	sed -i 's/@daily/0 2 * * */; s/2026-01-01/2026-01-20/' dags/etl.dag
	weekly
	sed 's/0 3 \* \* 1/0 3 1 * */' dags/weekly.dag >dags/monthly.dag
	sed 's/0 3 \* \* 1/0 3 * * */; s/2026-01-01/2026-01-31/' dags/weekly.dag \
	    >dags/daily.dag
	sed 's/0 2 \* \* \*/30 * * * */; s/2026-01-20/2026-02-01T00:00/' \
	    dags/etl.dag >dags/hours.dag
	sed 's/0 3 \* \* 1/0 3 * * */; s|etl/load|hours/|; s/2026-01-01/2026-02-01/' \
	    dags/weekly.dag >dags/ofhours.dag
	rm dags/weekly.dag
	export DAG_NOW=2026-02-01T03:00:00Z
	# all but the last of them
	DAG_NOW=2026-02-01T01:59:00Z dagsched etl hours | dagq
	dagsched monthly daily ofhours | dagq
	dagexec --drain -q
	for dag in monthly daily ofhours; do states "$dag"; done >got
	equal "$(sed 's/T.*sum//' got)" "monthly/2026-01-01 skipped
monthly/2026-02-01 waiting
daily/2026-01-31 success
daily/2026-02-01 waiting
ofhours/2026-02-01 waiting"
	dagsched etl hours | dagq
	dagexec --drain -q
	for dag in monthly daily ofhours; do states "$dag"; done >got
	equal "$(grep -c success got)" 4
	[ "$(ls spool/runs/hours | wc -l)" = 3 ]
}

@test "after: a dagexec at work hears when the other run has ended" {
	etl
	weekly
	export DAG_NOW=2026-01-05T03:00:00Z
	dagsched | dagq
	dagq --hold etl/2026-01-04/load
	dagexec -q 3>&- &
	pid=$!
	dagstat --wait etl/2026-01-05
	equal "$(states weekly)" "weekly/2026-01-05T0300Z/sum waiting"
	dagq --release etl/2026-01-04/load
	dagstat --wait weekly/2026-01-05
	kill "$pid"
	wait "$pid" || true
	equal "$(states weekly)" "weekly/2026-01-05T0300Z/sum success"
}

@test "after: what is wrong with it is said where it stands" {
	weekly
	sed -i 's|^after.*|after = etl//load weekly/sum etl/load etl/load|' \
	    dags/weekly.dag
	sed -i '2i pipeline = 4' dags/weekly.dag
	run dagparse --check dags/weekly.dag
	[ "$status" = 1 ]
	equal "$output" "dagparse: dags/weekly.dag:2:12: pipeline: \"4\" is not\
 a number from 1 to 3
dagparse: dags/weekly.dag:8:9: after: \"etl//load\" is neither DAG/TASK nor,\
 for a whole run, DAG/
dagparse: dags/weekly.dag:8:19: after: \"weekly/sum\" is of this DAG: name\
 the task alone
dagparse: dags/weekly.dag:8:39: after: \"etl/load\" is there twice"
}

@test "foreground: a task that waits for another run is said to wait" {
	weekly
	run dagexec dags/weekly.dag
	[ "$status" = 1 ]
	[[ $output = *"something in it is held, or waits; dagstat --why says"* ]]
}

@test "depends-on-past: a task runs when it has succeeded in the run before" {
	etl
	sed -i '/^run/i depends-on-past = yes' dags/etl.dag
	echo 2026-01-02 >dags/bad
	export DAG_NOW=2026-01-03T00:00:00Z
	dagsched | dagq
	dagexec --drain || [ $? = 1 ]
	equal "$(states etl)" "etl/2026-01-01T0000Z/load success
etl/2026-01-02T0000Z/load failed
etl/2026-01-03T0000Z/load waiting"
	equal "$(dagstat --why etl/2026-01-03 | sed '/^#/d')" \
"etl/2026-01-03T0000Z/load  waiting  it waits for the run before it:\
 etl/2026-01-02T0000Z/load has not succeeded"
	rm dags/bad
	dagq --rerun etl/2026-01-02/load
	dagexec --drain
	equal "$(states etl)" "etl/2026-01-01T0000Z/load success
etl/2026-01-02T0000Z/load success
etl/2026-01-03T0000Z/load success"
}

# line LEVEL: two days of two tasks, the second of which is held on the first
line() {
	cat >dags/line.dag <<-END
	[dag]
	schedule = @daily
	timezone = UTC
	start    = 2026-01-01
	catchup  = all
	pipeline = $1
	[task a]
	run = echo
	[task b]
	after = a
	run = echo
	[task c]
	run = echo
	END
	DAG_NOW=2026-01-02T00:00:00Z dagsched | dagq
	dagq -q --hold line/2026-01-01/b >/dev/null
	dagexec --drain
	states line | grep 01-02 | cut -d / -f 3
}

@test "pipeline = 1: a task waits for itself in the run before" {
	equal "$(line 1)" "a success
b waiting
c success"
}

@test "pipeline = 2: it waits for those that come after it there" {
	equal "$(line 2)" "a waiting
b waiting
c success"
}

@test "pipeline = 3: it waits for the whole run before" {
	equal "$(line 3)" "a waiting
b waiting
c waiting"
	dagq --release line/2026-01-01/b >/dev/null
	dagexec --drain
	equal "$(states line | awk '{ print $2 }' | sort | uniq -c |
	    awk '{ print $1, $2 }')" "6 success"
}
