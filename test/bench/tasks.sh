# tasks: W1 to W4 and W6: what a task costs, and what it costs to have none.
# shellcheck shell=sh disable=SC2016,SC2154 # run expands them when it is time

# ours SHAPE N: from the file to the end of the last task
ours() {
	for how in none full; do
		contender dag "$(mode $how)" "write dag $* >d.dag" \
		    "sh -c 'dagsched -q --run ./d.dag | dagq --sync $how &&
		    exec dagexec -j2 --drain --sync $how'" \
		    'succeeded "$tasks"'
	done
}

# floor N PROCESSES: what a task costs at least, seen in files
floor() {
	contender ideal - : "ideal $1 $2" '[ $(ls run | wc -l) -gt "$tasks" ]'
}

# peers SHAPE N: those that start processes and keep nothing
peers() {
	contender make - "write make $* >Makefile" 'make -s -j2'
	contender ninja - "write ninja $* >build.ninja" 'ninja --quiet -j2'
	[ "$1" = flat ] || return 0
	contender xargs - "write edges $* >ids" \
	    'xargs -a ids -P2 -n1 /bin/true'
	contender xjobs - "write xjobs $* >jobs" \
	    'sh -c "exec xjobs -j2 -v0 <jobs"'
}

# slow SHAPE N: those that need several times as long
slow() {
	contender snakemake - "write edges $* >edges
	    cp $bench/Snakefile ." 'snakemake -q all --cores 2' \
	    '[ $(ls out | wc -l) -eq $tasks ]'
	contender luigi - "write edges $* >edges
	    cp $bench/luigitasks.py ." \
	    '$python -m luigi --module luigitasks All --local-scheduler \
	    --workers 2 --log-level WARNING' '[ $(ls out | wc -l) -eq $tasks ]'
	[ "$1" = flat ] || return 0
	contender parallel - "write edges $* >ids" \
	    'parallel -a ids -j2 /bin/true'
	# one at a time, as it always does
	contender nq - "write edges $* >ids" \
	    'sh -c "xargs -a ids -n1 nq -q /bin/true; nq -w"'
	contender tsp - "write edges $* >ids" \
	    'env TS_SOCKET=tsp.sock TS_MAXFINISHED=10000 sh -c "
	    tsp -S 2; xargs -a ids -n1 tsp -n /bin/true >/dev/null
	    tsp -w; while tsp | grep -q running; do tsp -w; done; tsp -K"'
}

many=$(scaled 1000)
workload W1 "$many" "$many tasks on their own" && {
	ours flat "$many"
	floor "$many" 2
	peers flat "$many"
}

many=$(scaled 10000)
workload W1.10k "$many" "$many tasks on their own" && {
	ours flat "$many"
	floor "$many" 2
	peers flat "$many"
}

many=$(scaled 1000)
workload W2 "$many" "$many tasks in a row" && {
	ours chain "$many"
	floor "$many" 1
	peers chain "$many"
	contender loop - : \
	    "sh -c 'i=0; while [ \$i -lt $many ]; do /bin/true; i=\$((i + 1))
	    done'"
}

many=$(scaled 10000)
workload W3 "$many" "$many tasks, in rows of 100, each after three" && {
	ours layers:100 "$many"
	floor "$many" 2
	peers layers:100 "$many"
}

many=$(scaled 5000)
workload W4 $((many + 2)) "one, then $many, then one" && {
	ours fan "$many"
	floor $((many + 2)) 2
	peers fan "$many"
}

# small NAME SHAPE N TASKS: those who need long, where they do not need too long
small() {
	workload "$1" "$4" "$4 tasks, for the slow" && {
		ours "$2" "$3"
		slow "$2" "$3"
	}
}
many=$(scaled 300)
small W1.small flat "$many" "$many"
small W2.small chain "$many" "$many"
small W3.small layers:10 "$many" "$many"
small W4.small fan "$many" $((many + 2))

# all_done DIR N: in DIR all has been done, for each of them; a new file of
# its DAG is looked at anew each time, an old one is known: lib/quiet.c
all_done() {
	mkdir "$1" "$1/out" "$1/dags" && cd "$1" || return 1
	write make flat "$2" -v stamp=1 -v run='touch out/@' >Makefile
	write ninja flat "$2" -v stamp=1 -v run='touch out/@' >build.ninja
	{
		printf '[dag]\nschedule = @once\nstart = 2026-01-01\n'
		write dag flat "$2"
	} >dags/d.dag
	make -s -j2 && ninja --quiet -j2 &&
	DAG_PATH=$1/dags DAG_SPOOL=$1/spool XDG_CACHE_HOME=$1/cache \
	    sh -c 'dagsched -q | dagq --sync none &&
	    dagexec -j2 --drain --sync none && sleep 4 &&
	    dagsched -q | dagq --sync none' &&
	succeeded "$2"
}

# what cron would start, and that dagexec alone; then who looks at files
many=$(scaled 10000)
workload W6 "$many" "nothing to do: $many tasks are done" && {
	all="$work/$name/all"
	(all_done "$all" "$many") || fail 'W6: its tasks cannot be done'
	contender dag cron : "env DAG_PATH=$all/dags DAG_SPOOL=$all/spool \
	    XDG_CACHE_HOME=$all/cache sh -c 'dagsched -q | dagq
	    exec dagexec --single --drain'"
	contender dag drain : "dagexec --spool $all/spool --drain"
	contender make - : "make -j2 -C $all" 'grep -q Nothing out.log'
	contender ninja - : "ninja -j2 -C $all" 'grep -q "no work" out.log'
}
