#!/usr/bin/env bats
# paper: pictures and numbers for other programs: metrics, badges, mermaid.

load helper
load byhand

R30=w/2012-01-30T0000Z

# ended: w's first run, as the history has it: three attempts, one second each
ended() {
	printf '%s\n' \
	    "instance	$R30/get	attempt=1	state=success	wall=0.500	start=2012-01-30T00:00:01.000Z	end=2012-01-30T00:00:01.500Z" \
	    "instance	$R30/check	attempt=1	state=failed	wall=1.000	start=2012-01-30T00:00:02.000Z	end=2012-01-30T00:00:03.000Z" \
	    "instance	$R30/check	attempt=2	state=failed	wall=7.000	start=2012-01-30T00:00:04.000Z	end=2012-01-30T00:00:11.000Z" \
	    "instance	$R30/put	state=upstream-failed	attempt=0" \
	    "run	$R30	state=failed	end=2012-01-30T00:00:31.000Z" \
	    >>spool/history/w.tsv
}

# sample NAME: the lines of a metric, without its name
sample() {
	grep "^dag_$1[{ ]" metrics | sed "s/^dag_$1//"
}

@test "metrics: what is there now: runs, tasks, the queue, pools, who serves it" {
	by_hand
	mkdir -p spool/pools/one
	touch spool/pools/one/{1,2}
	mv spool/runs/$R30/put.upstream-failed \
	    spool/queue/w@2012-01-30T0000Z.put
	touch -d @0 spool/queue/*
	dagstat --metrics >metrics
	equal "$(sample runs)" '{dag="w",state="waiting"} 0
{dag="w",state="active"} 1
{dag="w",state="success"} 0
{dag="w",state="failed"} 1'
	equal "$(sample tasks)" '{dag="w",state="waiting"} 1
{dag="w",state="held"} 1
{dag="w",state="ready"} 1
{dag="w",state="running"} 1
{dag="w",state="success"} 2
{dag="w",state="failed"} 1
{dag="w",state="skipped"} 0
{dag="w",state="upstream-failed"} 1'
	equal "$(sample queue_tasks)" '{dag="w"} 1'
	equal "$(sample pool_slots; sample pool_slots_used)" \
	    '{pool="one"} 2
{pool="one"} 0'
	equal "$(sample served; sample paused)" ' 0
{dag="w"} 0'
	touch -d 2030-01-01 spool/queue/*
	dagstat --metrics >metrics
	equal "$(sample queue_tasks)" '{dag="w"} 0'
}

@test "metrics: the past, each attempt once, and each end of a run" {
	by_hand
	ended
	dagstat --metrics >metrics
	equal "$(sample runs_ended_total)" '{dag="w",state="success"} 0
{dag="w",state="failed"} 1'
	equal "$(sample attempts_ended_total)" '{dag="w",state="success"} 1
{dag="w",state="failed"} 2
{dag="w",state="skipped"} 0'
	equal "$(sample last_success_timestamp_seconds)" ""
	equal "$(sample run_duration_seconds_bucket | tail -n 11 | head -n 3)" \
	    '{dag="w",le="30"} 1
{dag="w",le="60"} 1
{dag="w",le="300"} 1'
	equal "$(sample run_duration_seconds_sum)" '{dag="w"} 30.000'
	# the run again, and it ends well
	sed -e 's/attempt=2	state=failed/attempt=2	state=success/' \
	    -e 's/put	state=upstream-failed/put	state=success/' \
	    -e '/^run/s/failed	end=2012-01-30T00/success	end=2012-01-30T01/' \
	    spool/history/w.tsv >again
	cat again >>spool/history/w.tsv
	printf '%s\n' "missed	w/2012-01-28T0000Z	count=3	reason=grace" \
	    >>spool/history/w.tsv
	printf 'instance	w/x/torn	state=success	wall=1' \
	    >>spool/history/w.tsv
	dagstat --metrics >metrics
	equal "$(sample runs_ended_total)" '{dag="w",state="success"} 1
{dag="w",state="failed"} 1'
	equal "$(sample attempts_ended_total)" '{dag="w",state="success"} 2
{dag="w",state="failed"} 1
{dag="w",state="skipped"} 0'
	equal "$(sample attempt_duration_seconds_sum)" '{dag="w"} 8.500'
	equal "$(sample last_success_timestamp_seconds)" \
	    '{dag="w"} 1327885231.000'
	equal "$(sample missed_slots_total)" '{dag="w"} 3'
}

@test "metrics: the text is what a collector takes" {
	by_hand
	ended
	dagstat --metrics >metrics
	# each sample under its own TYPE, each TYPE once; buckets ascend to count
	awk '/^# HELP/ { help = $3; next }
	    /^# TYPE/ { if ($3 != help || seen[$3]++) exit 1; name = $3; next }
	    index($0, name) != 1 || $2 !~ /^[0-9.]+$/ || NF != 2 { exit 1 }
	    /_bucket/ { if ($2 < last && !/le="0.1"/) exit 1; last = $2 }
	    /_count/ && $2 != last { exit 1 }' metrics
	command -v promtool >/dev/null || skip "no promtool: share/deps site"
	equal "$(promtool check metrics <metrics 2>&1)" ""
}

# week DAY N WALL STATE: N runs on the days from DAY on, of two tasks
week() {
	local i t
	for ((i = 0; i < $2; i++)); do
		t=$(date -ud "$1 + $i days" +%FT)
		printf '%s\n' \
		    "instance	w/${t}0000Z/get	attempt=1	state=success	wall=0.500	user=0.25	sys=0.25	rss=1000	start=${t}00:00:00.000Z	end=${t}00:00:00.500Z" \
		    "instance	w/${t}0000Z/put	attempt=1	state=failed	wall=9	start=${t}00:00:00.500Z	end=${t}00:00:00.600Z" \
		    "instance	w/${t}0000Z/put	attempt=2	state=$4	wall=$3	user=0.5	rss=$((2000 + i))	start=${t}00:00:01.000Z	end=${t}00:00:0$3Z" \
		    "instance	w/${t}0000Z/tell	attempt=1	state=skipped	wall=0.1	start=${t}00:00:01.000Z	end=${t}00:00:01.100Z" \
		    "run	w/${t}0000Z	state=$4	end=${t}00:00:0$3Z"
	done >>spool/history/w.tsv
}

@test "stats: runs by week, tasks by how slow they are, and what got worse" {
	by_hand
	week 2012-01-02 7 2.000 success
	week 2012-01-09 6 4.000 success
	equal "$(dagstat -q --stats w | tr -s ' ')" \
	    'w - 13 100.0% - 2.000s 4.000s 4.000s 1.000s 1.000s 1.000s 2.0M 2.0M 2.0M got slower: 4s in the last week, 2s before
w 2012-01-02 7 100.0% - 2.000s 2.000s 2.000s 1.000s 1.000s 1.000s 2.0M 2.0M 2.0M -
w 2012-01-09 6 100.0% - 4.000s 4.000s 4.000s 1.000s 1.000s 1.000s 2.0M 2.0M 2.0M -
w/put - 13 100.0% 13 2.000s 4.000s 4.000s 0.500s 0.500s 0.500s 2.0M 2.0M 2.0M got slower: 4s in the last week, 2s before; slowest; most retried
w/get - 13 100.0% 0 0.500s 0.500s 0.500s 0.500s 0.500s 0.500s 1.0M 1.0M 1.0M -'
	week 2012-01-16 5 4.000 failed
	equal "$(dagstat --stats --json w/put | jq -c '.[] |
	    [.week, .ended, .well, .retried, .rss.median, .note]')" \
	    '[null,18,13,18,2003,"got worse: 0% of the last week'"'"'s ended well, 100% before"]
["2012-01-02",7,7,7,2003,null]
["2012-01-09",6,6,6,2003,null]
["2012-01-16",5,0,5,2002,null]'
	run --separate-stderr dagstat --stats w/a/b x
	equal "$stderr" "dagstat: w/a/b: DAG or DAG/TASK is wanted
dagstat: x: there is no such DAG here"
	[ "$status" = 1 ]
}

@test "stats: lines that are none of ours change nothing, wherever they stop" {
	by_hand
	week 2012-01-02 7 2.000 success
	dagstat --stats --json w >before
	printf '%s\n' "" "	" run instance "run	" "instance	w/" \
	    "instance	w/x/get" "run	/" "run	w/y/z	state=success" "missed" \
	    "# run	w/c	state=failed	end=2012-01-08T00:00:00.000Z" \
	    "missed	w/m	count=2	reason=" "run	w/e	state" "run	w	=" \
	    "instance	w/x/$(printf %0500d 0)	state=success" \
	    "instance	w/x/get	state=	wall=	start=	end" \
	    "instance	w/x/get	state=successful	end=2012-01-08" \
	    "runs	w/2012-01-02T0000Z	state=failed" >junk
	head -c 300 /dev/urandom | tr '\n' x | sed 's/^/w/' >>junk
	echo >>junk
	head -c 2000000 /dev/zero | tr '\0' '\t' >long
	cp spool/history/w.tsv good
	{ sed 's/$/\r/' junk; cat junk; head -10 good; cat long; echo
	    tail -n +11 good; cat junk; } >spool/history/w.tsv
	printf 'run	w/torn	state=failed	end=2012-01-08T00:00:00.000Z' \
	    >>spool/history/w.tsv
	equal "$(dagstat --stats --json w)" "$(cat before)"
	head -c 2000000 /dev/zero >>spool/history/w.tsv
	equal "$(dagstat --stats --json w)" "$(cat before)"
}

@test "badge: the state of the latest run that has begun, as well-formed SVG" {
	by_hand
	says() {
		dagstat --badge w >badge.svg
		xmllint --noout badge.svg
		equal "$(xmllint --xpath 'string(/*/*[1])' badge.svg)" "w: $1"
	}
	says running
	cd spool/runs/w/2012-01-31T0000Z
	mv @active @waiting
	cd "$T"
	says failed
	mv spool/runs/$R30/@failed spool/runs/$R30/@success
	says success
	printf 'dag	w	paused=yes\n' >spool/dags/w
	says paused
	run --separate-stderr dagstat --badge $R30
	equal "$stderr" "dagstat: --badge: one DAG is wanted"
	[ "$status" = 2 ]
}

@test "mermaid: a node a task, an edge an upstream, whatever their names" {
	printf '%s\n' '[task end]' 'run = true' '[task class]' 'after = end' \
	    'run = true' '[task x]' 'after = end class' 'run = echo "]' \
	    >dags/m.dag
	equal "$(dagparse --mermaid m)" '---
title: "m"
---
flowchart LR
	t0["end"]
	t1["class"]
	t2["x"]
	t0 --> t1
	t0 --> t2
	t1 --> t2'
	equal "$(dagparse m | dagparse --mermaid -)" \
	    "$(dagparse --mermaid m)"
}

@test "json: all that dagstat prints is as the schema says" {
	by_hand
	ended
	printf '%s\n' "missed	w/2012-01-28T0000Z	time=2012-01-28T00:00:00Z	reason=grace" \
	    >>spool/history/w.tsv
	kinds=
	for args in "" w/@ "--why $R30" "--history $R30" --missed --usage --stats \
	    --blocked --paused "--diff $R30 w/@" --held; do
		# shellcheck disable=SC2086
		dagstat --json $args >out
		equal "$(jq -r -f "$BATS_TEST_DIRNAME/data/schema.jq" --slurpfile \
		    s "$ROOT/share/schema/dagstat.json" out)" ""
		kinds="$kinds $(jq -r '.[].kind' out | sort -u)"
	done
	equal "$(printf '%s\n' $kinds | sort -u)" \
	    "$(jq -r '."$defs" | keys[]' "$ROOT/share/schema/dagstat.json")"
	# and it would be seen
	equal "$(echo '[{"kind":"why","id":"w","why":1,"x":1},{}]' |
	    jq -r -f "$BATS_TEST_DIRNAME/data/schema.jq" --slurpfile s \
	    "$ROOT/share/schema/dagstat.json")" "why: no dag
why: why is 1
why: x is not in the schema
no such kind: null"
}
