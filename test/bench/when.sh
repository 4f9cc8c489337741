# when: W10: what it costs to know what is due. (And to wait for it: W9, idle.)
# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # run expands them when it is time

# often N: so many DAG files, none of which is due today
often() {
	mkdir -p dags && seq "$1" | awk '{
		file = "dags/d" $1 ".dag"
		printf "[dag]\nschedule = 15 3 29 2 *\ntimezone = UTC\n" \
		    "start = 2025-01-01\n" \
		    "[task get]\nrun = true\n[task put]\nafter = get\n" \
		    "run = true\n" >file
		close(file)
	}'
}

files=$(scaled 10000)
# looked WARM: what run takes for ours, in a spool that knows these files
looked() {
	all=$work/$name/all
	pass='env DAG_PATH=$all/dags XDG_CACHE_HOME=$here/cache \
	    dagsched -q --spool $all/spool'
	mkdir "$all" && (cd "$all" && here=$all && often "$files" &&
	    eval "$pass" | dagq -q --spool "$all/spool" --sync none)
	contender dag pass "$1" "$pass" '[ ! -s out.log ]'
	contender cat - : "sh -c 'cd $all/dags && cat * >/dev/null'"
}
workload W10.cold "$files" "a pass over $files DAG files, for the first time" &&
	looked :
# what has just changed is not kept: lib/quiet.c
workload W10.warm "$files" "a pass over $files DAG files, seen before" &&
	looked 'sleep 4; eval "$pass"'

# what ten starts of true take
ten=$(printf '/bin/true;%.0s' 1 2 3 4 5 6 7 8 9 10)
workload W10.next 1000 'the next 1000 slots of an expression' && {
	for rule in '15 3 29 2 *' '*/7 3 * * 1-5' '0 12 L * *' '0 0 * * 5#5' \
	    '0 0 29 2 ?' 'every 90m'; do
		contender dag "$(echo "$rule" | tr -dc '0-9L#')" \
		    "printf '[dag]\nschedule = %s\ntimezone = Europe/Berlin\n[task t]\nrun = true\n' '$rule' >d.dag" \
		    'dagsched --next 1000 ./d.dag' '[ -s out.log ]'
	done
	contender dag calendar "printf '[dag]\\nschedule = 0 0 29 2 *\\ntimezone = Europe/Berlin\\ncalendar = workdays\\non-holiday = before\\n[task t]\\nrun = true\\n' >d.dag" \
	    "env DAG_CALENDARS=$root/share/calendars dagsched --next 1000 ./d.dag" \
	    '[ -s out.log ]'
	contender spawn - : "sh -c '$ten'"
}

# a run a day for ten years, all of them archived, as names go
workload W10.years 3652 'a DAG with ten years of archived runs' && {
	all=$work/$name/all
	mkdir "$all"
	(
		cd "$all" && export DAG_SPOOL="$all/spool"
		printf '[dag]\nschedule = 0 0 * * *\ntimezone = UTC\nstart = 2015-01-01\n[task t]\nrun = true\n' >d.dag
		DAG_NOW=2025-01-01T00:30:00Z dagsched -q --backfill \
		    2015-01-01..2024-12-31 ./d.dag | dagq -q --sync none
		DAG_NOW=2025-01-01T00:30:00Z dagexec -q -j2 --drain --sync none
		dagq -q --archive --yes --sync none 'd/*'
	) || fail 'W10.years: they cannot be run'
	contender dag pass : "env DAG_NOW=2024-12-31T12:00:00Z dagsched -q \
	    --spool $all/spool $all/d.dag" '[ ! -s out.log ]'
	contender ls - : "ls $all/spool/archive/d"
}
