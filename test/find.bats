#!/usr/bin/env bats
# find: dagstat's filters, columns and orders; what is blocked, late, paused.

load helper
load byhand

# shown OPTION...: the IDs of what is shown
shown() {
	dagstat -q "$@" | awk '{ print $1 }'
}

R30=w/2012-01-30T0000Z R31=w/2012-01-31T0000Z

# refused MESSAGE OPTION...: a usage error
refused() {
	run --separate-stderr dagstat "${@:2}"
	equal "$stderr" "dagstat: $1"
	equal "$output" ""
	[ "$status" = 2 ]
}

@test "filter: attempts make it a line a task, of as many attempts at least" {
	by_hand
	equal "$(shown --attempts 2)" $R30/check
	equal "$(shown --attempts 1)" "$R30/get
$R30/check
$R31/get
$R31/check"
	equal "$(shown --attempts 2 --success)" ""
}

@test "filter: --since and --until take what went on meanwhile" {
	by_hand
	equal "$(shown --success --since 2012-02-01T00:00:04Z)" ""
	equal "$(shown --success --since 2012-02-01T00:00:03Z)" "$R30/get
$R31/get"
	# 10 s after midnight: it runs still
	equal "$(shown --running --since 1s)" $R31/check
	equal "$(shown --running --until 2012-02-01T00:00:04Z)" ""
	equal "$(shown --running --until 5s)" $R31/check
	equal "$(shown --running --until 6s)" ""
	# what has not begun: its run's logical time
	equal "$(shown --upstream-failed --since 2012-01-30 --until 2012-01-30)" \
	    "$R30/put
$R30/tell"
	equal "$(shown --upstream-failed --since 2012-01-31)" ""
	equal "$(shown --until 2012-01-30T00:00)" $R30
}

@test "filter: --longer-than counts up to now for what runs" {
	by_hand
	equal "$(shown --success --failed --longer-than 2s)" "$R30/get
$R30/check
$R31/get"
	equal "$(shown --success --failed --longer-than 3s)" ""
	equal "$(shown --success --running --longer-than 3s)" $R31/check
}

@test "filter: globs of DAGs, states, times and attempts combine" {
	by_hand
	cp -R spool/runs/w spool/runs/x
	sed -i 's/w/x/' spool/runs/x/*/plan spool/runs/x/*/run
	equal "$(shown --failed '[xy]*')" "x/2012-01-30T0000Z/check"
	equal "$(shown --failed --running 'w*/2012-01-3*')" "$R30/check
$R31/check"
	equal "$(shown --failed --success --attempts 2 --since 2012-02-01 \
	    --longer-than 1s '?')" "$R30/check
x/2012-01-30T0000Z/check"
	equal "$(dagstat --count --failed '?')" 2
}

@test "filter: --count is the number of lines, and nothing else" {
	by_hand
	equal "$(dagstat --count)" 2
	equal "$(dagstat --count --skipped)" 0
	equal "$(dagstat --count w/@)" 4
	equal "$(dagstat --count --blocked)" 1
	rm -r spool
	equal "$(dagstat --count)" 0
}

@test "columns: -o chooses them, for tables and for --tsv" {
	by_hand
	equal "$(dagstat -o id,state,exit,elapsed,rss $R30 | sed 1d)" \
"# ID                      STATE            EXIT    TIME  MEM
w/2012-01-30T0000Z/get    success             0  2.250s  10M
w/2012-01-30T0000Z/check  failed              3  2.250s  10M
w/2012-01-30T0000Z/put    upstream-failed     -       -    -
w/2012-01-30T0000Z/tell   upstream-failed     -       -    -"
	run dagstat --tsv -o id,state,exit,elapsed,rss,end,cpu $R30
	equal "$(printf '%s\n' "${lines[@]:1:3}")" \
"# id	state	exit	elapsed	rss	end	cpu
w/2012-01-30T0000Z/get	success	0	2.250	10240	2012-02-01T00:00:03.500Z	0.750
w/2012-01-30T0000Z/check	failed	3	2.250	10240	2012-02-01T00:00:03.500Z	0.750"
	equal "$(dagstat -q --tsv -o dag,run,done,tasks,cause $R30 w | tail -n 2)" \
"w	2012-01-30T0000Z	4/4	1 failed, 2 upstream-failed	backfill
w	2012-01-31T0000Z	1/4	1 held, 1 running, 1 waiting	backfill"
}

@test "columns: a tab in a cell of a TSV is escaped" {
	by_hand
	printf '2012-02-01T00:00:09.000Z\thold\tnote=a\\tb\n' \
	    >spool/runs/$R31/tell.held
	equal "$(dagstat -q --tsv --held -o note)" 'a\tb'
}

@test "columns: --sort is by value, as it is in the column, unknown last" {
	by_hand
	sed -i 's/rss=10240/rss=9000/' spool/runs/$R31/get.success
	sed -i 's/wall=2.250/wall=10.5/' spool/runs/$R30/check.failed
	equal "$(shown --sort rss $R30 $R31 | head -n 3)" "$R31/get
$R30/get
$R30/check"
	equal "$(shown --sort -elapsed --attempts 1)" "$R30/check
$R31/check
$R30/get
$R31/get"
	equal "$(shown --sort state $R30)" "$R30/check
$R30/get
$R30/put
$R30/tell"
	equal "$(dagstat --json --sort -elapsed --attempts 1 | jq -r '.[0].id')" \
	    $R30/check
	equal "$(dagstat -q --tsv --sort -elapsed -o id --attempts 1 |
	    head -n 1)" $R30/check
	equal "$(shown --sort -run)" "$R31
$R30"
}

@test "blocked: what failed, since when, and what waits because of it" {
	by_hand
	equal "$(dagstat --blocked | sed 1d)" \
"# ID                      STATE   WHY
w/2012-01-30T0000Z/check  failed  since 2012-02-01T00:00:03Z, 2 tasks wait\
 because of it: put, tell"
	equal "$(dagstat -q --blocked w/2012-01-31)" ""
	equal "$(dagstat --json --blocked $R30/check | jq -r '.[].why')" \
	    "since 2012-02-01T00:00:03Z, 2 tasks wait because of it: put, tell"
	mv spool/runs/$R30/put.upstream-failed spool/runs/$R30/put.skipped
	equal "$(dagstat -q --blocked | sed 's/.*Z, //')" \
	    "nothing waits because of it"
}

@test "late: what runs more than twice as long as it usually does" {
	by_hand
	for i in 1 2 3; do
		printf 'instance\tw/2012-01-0%dT0000Z/check\tstate=%s\twall=%d.0\n' \
		    $i success $i
	done >spool/history/w.tsv
	equal "$(dagstat -q --late | tr -s ' ')" "$R31/check running it has run\
 for 5.000s, usually it takes 2.000s (the median of 3)"
	# exactly twice is not late, and two are too few to know
	sed -i 's/wall=2.0/wall=2.5/' spool/history/w.tsv
	equal "$(dagstat -q --late)" ""
	sed -i -e 's/wall=2.5/wall=1.0/' -e 1d spool/history/w.tsv
	equal "$(dagstat -q --late w)" ""
}

@test "late: slots that are due and have no run, beyond grace; none of a paused DAG" {
	for dag in w v x; do
		printf '[dag]\nschedule = @hourly\ntimezone = UTC\n%s\n[task a]\nrun = true\n' \
		    'start = 2026-01-01' >dags/$dag.dag
	done
	echo 'catchup = all' | sed -i '2r /dev/stdin' dags/w.dag
	export DAG_NOW=2026-01-01T00:10:00Z
	dagsched w v | dagq
	# x has not been seen by dagq, and is nobody's business yet
	export DAG_NOW=2026-01-01T01:04:00Z
	equal "$(dagstat -q --late)" ""
	export DAG_NOW=2026-01-01T03:06:00Z
	equal "$(dagstat -q --late)" \
	    "v     due    1 slot is due and without a run, the first since 2026-01-01T03:00:00Z: dagsched v | dagq
w     due    3 slots are due and without a run, the first since 2026-01-01T01:00:00Z: dagsched w | dagq"
	equal "$(dagstat --late --count w)" 1
	dagq -q --pause v
	equal "$(dagstat -q --late v)" ""
	dagsched w | dagq
	equal "$(dagstat -q --late)" ""
}

@test "paused: the DAGs that are, and what of them is ready" {
	by_hand
	equal "$(dagstat -q --paused)" ""
	printf 'dag\tw\tpaused=yes\n' >spool/dags/w
	printf 'dag\tv\tpaused=no\n' >spool/dags/v
	mv spool/runs/$R31/put.waiting spool/queue/w@2012-01-31T0000Z.put
	equal "$(dagstat -q --paused)" \
	    "w     paused  1 of its tasks is ready: dagq --resume w"
	equal "$(dagstat -q --paused v)" ""
	equal "$(dagstat --count --paused)" 1
}

@test "paused: since when, by whom and why, until it is resumed" {
	by_hand
	mv spool/runs/$R31/put.waiting spool/queue/w@2012-01-31T0000Z.put
	export LOGNAME=ann DAG_NOW=2012-02-01T02:00:00Z
	dagq -q --pause --note $'disk\nfull' w
	equal "$(dagstat -q --paused)" \
	    'w     paused  since 2012-02-01T02:00:00Z by ann (disk\nfull); 1 of its tasks is ready: dagq --resume w'
	equal "$(dagstat -q --why $R31/put | grep paused)" \
	    "$R31/put  ready  the DAG is paused since 2012-02-01T02:00:00Z by ann (disk\\nfull): dagq --resume w"
	# who comes later changes nothing
	export LOGNAME=bob DAG_NOW=2012-02-01T03:00:00Z
	equal "$(dagq --pause --note other w)" "$(printf 'w\talready paused')"
	grep -q 'user=ann	note=disk' spool/dags/w
	dagq -q --resume --note mended w
	equal "$(dagstat -q --paused)" ""
	equal "$(cat spool/dags/w)" \
	    "dag	w	paused=no	at=2012-02-01T03:00:00Z	user=bob	note=mended"
}

@test "answers: of a spool that is not there there is none" {
	for mode in --missed --blocked --late --paused; do
		run --separate-stderr dagstat -q $mode
		equal "$output$stderr" ""
		[ "$status" = 0 ]
	done
}

@test "filter: what cannot be read is refused, with what can" {
	by_hand
	refused "-o stat: there is no such column; there are id dag run task\
 state attempt exit done start end elapsed cpu rss host pid cause tasks\
 note" -o id,stat
	[[ $(dagstat -o '' 2>&1) == "dagstat: -o : there is no such"* ]]
	[[ $(dagstat --sort -no 2>&1) == "dagstat: --sort no: there is no"* ]]
	refused "--longer-than 5x: a duration such as 30s or 2h is wanted" \
	    --longer-than 5x
	refused "--attempts 0: a number is wanted" --attempts 0
	[[ $(dagstat --since 2012-02-30 2>&1) == "dagstat: --since 2012-02-30: "* ]]
	refused "one of --json, --tsv and --count, not two" --json --tsv
	refused "-o goes with a table or --tsv" --json -o id
	refused "--log and --late: one at a time" --log --late
	refused "--json and --count do not go with --wait" --wait --count
	for args in "--why --since 1h" "--late -o id" "--missed --sort id"; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr dagstat $args
		[[ $stderr == *"go with a listing" ]]
	done
}
