#!/usr/bin/env bats
# arrivals: schedule = file: a run for each file that comes.

load helper

# arrivals SCHEDULE KEY...: a DAG whose runs note their file
arrivals() {
	mkdir -p in
	{
		printf '[dag]\nworkdir = %s\ntimezone = UTC\n' "$T"
		printf 'schedule = %s\n' "$1"
		shift
		printf '%s\n' "$@"
		printf '[task take]\nrun = printf "%%s\\n" "$DAG_FILE" >>%s\n' \
		    "$T/took"
	} >dags/in.dag
}

# took: the files that were taken since it was last asked, without where
took() {
	dagexec --drain
	sort took 2>/dev/null | sed "s|$T/in/||"
	rm -f took
}

@test "file: each new file has a run, once, however often it is looked for" {
	arrivals 'file in/*.csv'
	dagsched | dagq
	equal "$(took)" ""
	touch in/a.csv in/b.csv in/.hidden.csv in/c.tmp
	mkdir in/d.csv
	ln -s nowhere in/e.csv
	dagsched >first
	dagsched >second
	equal "$(cat first)" "$(cat second)"
	equal "$(cut -f 1 first | tr '\n' ' ')" "dag task run run "
	cat first second | dagq
	dagsched | dagq
	equal "$(took)" "a.csv
b.csv"
	dagsched | dagq
	equal "$(took)" ""
	# another one of that name
	echo more >new
	mv new in/a.csv
	dagsched | dagq
	equal "$(took)" a.csv
	dagq --check
}

@test "file: a run may be archived or purged, its file is not new again" {
	arrivals 'file in/*.csv' 'keep = 0s'
	touch in/a.csv
	dagsched | dagq
	equal "$(took)" a.csv
	dagq -q --archive --yes 'in/*'
	equal "$(ls spool/runs/in)" ""
	equal "$(dagsched)" ""
	dagq -q --purge
	equal "$(find spool/archive -type f)" ""
	equal "$(dagsched)" ""
	# another time zone is another name of the run, not another file
	sed -i 's/^timezone.*/timezone = Asia\/Seoul/' dags/in.dag
	equal "$(dagsched | grep '^run')" ""
	touch -d '2020-01-01T00:00:00Z' in/a.csv
	dagsched | grep -q '^run	in/2020-01-01T0900+0900-file-[0-9a-v]*	time=2020-01-01T09:00:00+09:00	cause=file	file=.*/in/a.csv	size=0$'
}

@test "file: settle waits until a file has not changed for a time" {
	arrivals 'file in/*.csv settle 1h'
	touch -d '2020-01-01T00:00:00Z' in/a.csv
	dagsched | dagq
	equal "$(took)" ""
	dagsched --why in | grep -q 'no	.*/in/a.csv is complete	at .*, if it does not change$'
	DAG_NOW=$(date -ud 'now + 61 minutes' +%FT%TZ) dagsched | dagq
	equal "$(took)" a.csv
}

@test "file: done waits for a flag, also for that of a directory" {
	arrivals 'file in/*.csv done .ok
    file in/day-* done /_SUCCESS'
	touch in/a.csv in/b.csv in/b.csv.ok
	mkdir in/day-1 in/day-2
	touch in/day-2/_SUCCESS
	dagsched | dagq
	equal "$(took)" "b.csv
day-2"
	equal "$(dagsched --why in | sed "s|$T/||g" | tail -n 2)" \
'in	no	in/a.csv is complete	its flag, .ok behind its name
in	no	in/day-1 is complete	its flag, /_SUCCESS behind its name'
	touch in/a.csv.ok in/day-1/_SUCCESS
	dagsched | dagq
	equal "$(took)" "a.csv
day-1"
}

@test "file: names may have blanks, newlines and < in them" {
	arrivals 'file "in/*a b*"'
	touch 'in/a b' $'in/a b\nc\td' 'in/a b<&">\' 'in/*a b$(x)'
	dagsched | dagq
	dagexec --drain
	for file in in/*; do
		grep -qzF "$T/$file"$'\n' <(cat took) ||
			{ echo "$file"; return 1; }
	done
	equal "$(ls spool/runs/in | wc -l)" 4
	[ -z "$(dagstat -q --failed)" ]
	dagsched --why in >why
	equal "$(wc -l <why)" 4
}

@test "file: max-active-runs holds, and a paused DAG takes none" {
	arrivals 'file in/*' 'max-active-runs = 2'
	sed -i '/^run/a hold = yes' dags/in.dag
	touch in/1 in/2 in/3
	dagq -q --pause in 2>/dev/null || { dagsched in | dagq -q; dagq -q --pause in; }
	equal "$(dagsched)" ""
	dagq -q --resume in
	dagsched | dagq
	equal "$(ls -d spool/runs/in/*/@* | sed 's/.*@//' | sort | uniq -c |
	    tr -s ' \n' ' ')" " 2 active 1 waiting "
	dagstat --why "in/$(basename "$(dirname spool/runs/in/*/@waiting)")" |
	    grep -q 'max-active-runs is 2'
}

@test "file: catchup = none passes over what was there before" {
	arrivals 'file in/*' 'catchup = none'
	touch in/old
	DAG_NOW=$(date -ud 'now + 1 hour' +%FT%TZ) dagsched >out
	grep -q '^missed	in/.*-file-.*	reason=it was there longer than grace (catchup = none).*file=.*/in/old' out
	dagq <out
	touch in/new
	dagsched | dagq
	equal "$(took)" new
	dagstat --missed | grep -q 'longer than grace'
}

@test "file: of 10,001 new files 10,000 have a run at first, with a message" {
	arrivals 'file in/*'
	(cd in; seq 10001 | xargs touch)
	dagsched >out 2>err
	equal "$(cat err)" "dagsched: in: more than 10000 files are new, these are\
 the oldest: the next call has more"
	equal "$(grep -c '^run' out)" 10000
	# no two have the same name
	equal "$(grep '^run' out | cut -f 2 | sort -u | wc -l)" 10000
}

@test "file: --follow hears of files, and of those that were not complete" {
	arrivals 'file in/*.csv done .ok
    file later/on/*'
	dagsched --follow 3>&- | dagq 3>&- &
	touch in/a.csv in/b.csv
	touch in/a.csv.ok
	until ls spool/runs/in/*-file-* >/dev/null 2>&1; do :; done
	touch in/b.csv.ok
	until [ "$(ls spool/runs/in | wc -l)" = 2 ]; do :; done
	mkdir later
	mkdir later/on
	touch later/on/c
	until [ "$(ls spool/runs/in | wc -l)" = 3 ]; do :; done
	equal "$(took | sed "s|$T/||")" "a.csv
b.csv
later/on/c"
	kill %1
	wait %1 || true
}

@test "file: what is wrong with it is said where it stands" {
	equal "$(faults <<-'END'
	[dag]
	schedule = file
	schedule = file /in/
	schedule = file /in/* settle soon
	schedule = file /in/* done
	schedule = file /in/* whole
	[task a]
	run = true
	END
	)" \
'dagparse: dags/bad.dag:2:12: schedule: behind "file" comes the pattern of the files that are waited for, such as /in/*.csv
dagparse: dags/bad.dag:3:12: schedule: behind "file" comes the pattern of the files that are waited for, such as /in/*.csv
dagparse: dags/bad.dag:4:12: schedule: behind "settle" comes a duration such as 30s: for how long a file has not changed
dagparse: dags/bad.dag:5:12: schedule: behind the pattern there may be "settle 30s" or "done .done", not "done"
dagparse: dags/bad.dag:6:12: schedule: behind the pattern there may be "settle 30s" or "done .done", not "whole"'
	for key in 'start = 2026-01-01' 'catchup = last' 'schedule = @daily' \
	    'overlap = skip'; do
		printf '[dag]\nschedule = file /in/*\n%s\n[task a]\nrun = true\n' \
		    "$key" | faults
	done >out
	equal "$(cat out)" \
'dagparse: dags/bad.dag:2:12: start: it is about slots, but what comes by files has none
dagparse: dags/bad.dag:2:12: catchup: "last" is about slots; of files there are all, the default, and none
dagparse: dags/bad.dag:2:12: what comes by files has no slots: another schedule beside that needs a DAG of its own
dagparse: dags/bad.dag:2:12: overlap: it is about slots, but what comes by files has none'
	arrivals 'file in/*'
	rm dags/bad.dag
	run dagsched --backfill 2026 in
	[ "$status" = 1 ]
	equal "$output" "dagsched: in: it has no schedule, so no slots to backfill"
}
