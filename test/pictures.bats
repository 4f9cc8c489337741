#!/usr/bin/env bats
# pictures: dagstat --grid, --gantt, --graph: runs, tasks and time in characters.

load helper
load byhand

# past: what history would say of the first run made by hand
past() {
	printf '%s\n' 'instance	w/2012-01-30T0000Z/get	state=success	attempt=1	start=2012-02-01T00:00:01.000Z	end=2012-02-01T00:00:10.000Z' \
	    'run	w/2012-01-30T0000Z	state=failed	time=2012-01-30T00:00:00Z	end=2012-02-01T00:01:01.000Z' \
	    >spool/history/w.tsv
}

@test "grid: a column a run, a line a task, and how long each run took" {
	by_hand
	past
	run env LC_ALL=C.UTF-8 dagstat --grid w
	equal "$output" "# w: 2 of 2 runs, 4 tasks
# ⊘ upstream-failed ✗ failed ✓ success ▸ running ‖ held · waiting
      01-30
time  █   1m
run   ✗ ▸
get   ✓ ✓
check ✗ ▸
put   ⊘ ·
tell  ⊘ ‖"
	run dagstat --grid -n 1 w
	equal "$output" "# w: 1 of 2 runs, 4 tasks
# + success > running H held . waiting
      01-31
time
run   >
get   +
check >
put   .
tell  H"
}

# many N RUN...: a spool of runs of DAG d with tasks t1 to tN, all waiting
many() {
	local run
	umask 077
	mkdir -p spool/{queue,runs/d,history,dags,workers,archive,pools,tmp}
	for run in "${@:2}"; do
		mkdir spool/runs/d/"$run"
		: >spool/runs/d/"$run"/@active
		seq "$1" | sed "1i dag	d	tasks=$1	file=/d.dag
		    s,.*,task	d/t&	run=true," >spool/runs/d/"$run"/plan
		(cd spool/runs/d/"$run" && seq "$1" | sed 's/.*/t&.waiting/' |
		    xargs touch)
	done
}

@test "grid: tasks that are alike in all runs are one line, unless with -v" {
	many 60 2012-01-30T0000Z 2012-01-31T0000Z
	mv spool/runs/d/2012-01-30T0000Z/t7.{waiting,failed}
	mv spool/runs/d/2012-01-30T0000Z/t9.{waiting,failed}
	mv spool/runs/d/2012-01-31T0000Z/t8.{waiting,success}
	run dagstat --grid d
	equal "$output" "# d: 2 of 2 runs, 60 tasks
# X failed + success . waiting
     01-30
time
run  > >
t1   . .
# and 56 like it
t7   X .
# and 1 like it
t8   . +"
	equal "$(dagstat -v --grid d | grep -c '^t')" 61
}

@test "grid: no wider than the terminal, whatever the number of runs" {
	many 1 2012-{01,02,03,04}-{01,02,03,04,05,06,07,08,09}T0{0,3,6}00Z
	for columns in 20 40 80 200; do
		export COLUMNS=$columns
		[ "$(dagstat --grid d | sed '/^#/d' | wc -L)" -le $columns ]
		[ "$(dagstat --grid -n 108 d | sed '/^#/d' | wc -L)" -le \
		    $columns ]
	done
	equal "$(COLUMNS=40 dagstat --grid -n 20 d | sed -n '3p;4d;5,6p')" \
"     04-03  04-05  04-08
run  >>>>>>>>>>>>>>>>>>>>
t1   ...................."
}

@test "grid: of a DAG that is not here, or of a run, there is none" {
	by_hand
	run -1 dagstat --grid nope
	equal "$output" "dagstat: nope: there is no DAG nope here"
	run -1 dagstat --grid w/@
	equal "$output" "dagstat: w/2012-01-31T0000Z: --grid shows the runs\
 of a DAG; this is not one"
}

@test "gantt: tasks against time, attempts as bars, the critical path marked" {
	by_hand
	export COLUMNS=60
	printf '2012-02-01T00:00:0%s.000Z\t%s\n' \
	    3 'start	attempt=1' 5 'end	attempt=1	state=failed' \
	    8 'start	attempt=2' 9 'end	attempt=2	state=success' \
	    >spool/runs/w/2012-01-31T0000Z/put.success
	rm spool/runs/w/2012-01-31T0000Z/put.waiting
	run env LC_ALL=C.UTF-8 dagstat --gantt w/@
	equal "$output" \
"# w/2012-01-31T0000Z active, from 2012-02-01T00:00:01Z, 8.750s
# critical path, 13.2s: get > check > put
#         |0.000s   |2.134s   |4.268s   |6.402s
* get   ✓ ███████████                                 2.250s
* put   ✓         ██████████┈┈┈┈┈┈┈┈┈┈┈┈┈██████       6.000s
* check ▸                  ████████████████████████   5.000s
# 1 of 4 have not begun"
	run dagstat --gantt w/2012-01-30
	equal "${lines[1]}" "# critical path, 4.500s: get > check"
	equal "${lines[3]}" \
"* get   + #########################################   2.250s"
}

@test "gantt: of many tasks those that matter, unless with -v" {
	many 70 2012-01-31T0000Z
	export DAG_NOW=2012-02-01T00:02:00Z
	for ((n = 1; n <= 70; n++)); do
		printf '2012-02-01T00:%02d:%02d.000Z\t%s\tattempt=1\n' \
		    0 $((n % 2)) start 1 $((n % 60)) end \
		    >spool/runs/d/2012-01-31T0000Z/t$n.success
		rm spool/runs/d/2012-01-31T0000Z/t$n.waiting
	done
	mv spool/runs/d/2012-01-31T0000Z/t2.{success,failed}
	dagstat --gantt d/@ >got
	equal "$(grep -c '^[ *] t' got)" 50
	equal "$(tail -n 1 got)" "# and 20 shorter ones"
	grep -q '^  t2  *X =' got
	grep -q '^\* t59 .* 1m58s$' got || grep -q '^\* t58 .* 1m58s$' got
	equal "$(dagstat -v --gantt d/@ | grep -c '^[ *] t')" 70
}

@test "gantt: a DAG is none, and a run that has not begun is empty" {
	many 2 2012-01-31T0000Z
	run -1 dagstat --gantt d
	equal "$output" "dagstat: d: it is not a run, DAG/RUN"
	run dagstat --gantt d/@
	equal "$output" "# d/2012-01-31T0000Z active
# 2 of 2 have not begun"
}

# graph LINE...: a run of DAG g, a task and its upstreams a line, all waiting
graph() {
	local line
	R=spool/runs/g/2012-01-31T0000Z
	umask 077
	mkdir -p spool/{queue,runs,history,dags,workers,archive,pools,tmp} $R
	: >$R/@active
	printf 'dag	g	tasks=%d	file=/g.dag\n' $# >$R/plan
	for line; do
		printf 'task	g/%s	run=true%s\n' "${line%% *}" \
		    "${line/#${line%% *}/	after=}" |
			sed 's/	after=$//; s/after= /after=/' >>$R/plan
		: >"$R/${line%% *}.waiting"
	done
}

@test "graph: boxes from left to right, with states; in ASCII where need be" {
	graph extract rates 'check extract' 'load check rates' 'tell check'
	mv $R/extract.{waiting,success}
	mv $R/check.{waiting,failed}
	run env LC_ALL=C.UTF-8 dagstat --graph g
	equal "$output" "# g/2012-01-31T0000Z active, 5 tasks
# ✗ failed ✓ success · waiting
┌───────────┐   ┌─────────┐    ┌────────┐
│ ✓ extract │──►│ ✗ check │─┬─►│ · tell │
└───────────┘   └─────────┘ │  └────────┘
                            │
┌───────────┐               │  ┌────────┐
│ · rates   │───────────────┴─►│ · load │
└───────────┘                  └────────┘"
	run dagstat --graph g/@
	equal "${lines[2]}" "+-----------+   +---------+    +--------+"
	equal "${lines[3]}" "| + extract |-->| X check |-+->| . tell |"
}

@test "graph: a line that passes boxes is not taken for one that ends there" {
	graph a 'b a' 'c a' 'd b c' 'e a d' 'f c b' 'g f e a'
	run env LC_ALL=C.UTF-8 dagstat --graph g
	equal "$(printf '%s\n' "${lines[@]:12:5}")" \
"│ · a │─┤          │││                      │
└─────┘ │          │││                      │
        │          │││  ┌─────┐             │    ┌─────┐
        │          └┴┼─►│ · f │─┐           └┬┬─►│ · g │
        ├────────────┘  └─────┘ └────────────┘│  └─────┘"
}

@test "graph: what does not fit is a list, behind each its upstreams" {
	graph extract rates 'check extract' 'load check rates' 'tell check'
	COLUMNS=30 run dagstat --graph g
	equal "$(printf '%s\n' "${lines[@]:2}")" ". extract
. rates
. check < extract
. load < check rates
. tell < check"
}

@test "graph: of many tasks those that are alike are one box" {
	graph $(seq -f 's%g' 1 70 | tr '\n' ' ') "join $(echo s{1..70})"
	mv $R/s9.{waiting,failed}
	run dagstat --graph g
	equal "$(printf '%s\n' "${lines[@]:2}")" "\
+----------+
| . s1 +68 |-+
+----------+ |   +--------+
             ++->| . join |
+----------+  |  +--------+
| X s9     |--+
+----------+"
	equal "$(COLUMNS=200 dagstat -v --graph g | grep -c '^| [.X] s')" 70
}
