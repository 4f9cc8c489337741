# backfill: W5: four years of a DAG of four tasks, a run a day.
# shellcheck shell=sh disable=SC2016,SC2154 # run expands them when it is time

# daily: that DAG
daily() {
	printf '[dag]\nschedule = 0 0 * * *\ntimezone = UTC\nstart = 2012-01-01\n'
	write dag chain 4
}

# range DAYS: what to ask for
range() {
	echo "2012-01-01..$(date -u -d "2012-01-01 + $(($1 - 1)) days" +%F)"
}

# queued DAYS SYNC: all of it is in the spool
queued() {
	dagsched -q --backfill "$(range "$1")" ./d.dag | dagq --sync "$2"
}

# names DAYS: what mkdir and touch would make
names() {
	seq -f "day%.0f" "$1" >dirs
	awk '{ for (i = 1; i <= 4; i++) print $0 "/t" i ".waiting" }' dirs \
	    >files
}

days=$(scaled 1461)
workload W5.queue $((days * 4)) "$days runs of four tasks, queued" && {
	for how in none full; do
		contender dag "$(mode $how)" 'daily >d.dag' \
		    "sh -c 'dagsched -q --backfill $(range "$days") ./d.dag |
		    dagq --sync $how'" '[ $(ls spool/runs/d | wc -l) -eq $days ]'
	done
	contender loop - 'names $days' \
	    "sh -c 'xargs mkdir <dirs && xargs touch <files'" \
	    '[ $(ls -d day* | wc -l) -eq $days ]'
}

workload W5.run $((days * 4)) "$days runs of four tasks, run" && {
	for how in none full; do
		contender dag "$(mode $how)" "daily >d.dag; queued $days $how" \
		    "dagexec -j2 --drain --sync $how" 'succeeded $tasks'
	done
	contender make - 'write make chains:4 $tasks >Makefile' \
	    'make -s -j2'
}

# a spool where all has been run, which each gets a copy of
workload W5.archive $((days * 4)) "$days runs of four tasks, archived" && {
	all="$work/$name/all"
	(mkdir "$all" && cd "$all" && export DAG_SPOOL="$all/spool" &&
	    daily >d.dag && queued "$days" none &&
	    dagexec -j2 --drain --sync none) || fail 'W5: it cannot be run'
	for how in none full; do
		contender dag "$(mode $how)" "cp -a $all/spool ." \
		    "dagq -q --archive --yes --sync $how 'd/*'" \
		    '[ $(ls spool/archive/d | wc -l) -eq $days ] &&
		    [ -z "$(ls spool/runs/d)" ]'
	done
	contender loop - "cp -a $all/spool . && mkdir -p spool/archive/d" \
	    "sh -c 'cd spool/runs/d && for run in *; do
	    tar czf ../../archive/d/\$run.tar.gz \$run && rm -r \$run ||
	    exit 1; done'" '[ $(ls spool/archive/d | wc -l) -eq $days ]'
}
