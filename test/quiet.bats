#!/usr/bin/env bats
# quiet: dagsched's cache of DAG files of which nothing is due for a while.

load helper

# what has changed in the last seconds is not kept: it is a day in 2090
setup_file() {
	export DAG_NOW=2090-01-05T12:00:00Z
}

dag() {
	local name=$1
	shift
	{
		printf '[dag]\ntimezone = UTC\n'
		printf '%s\n' "$@"
		printf '[task a]\nrun = true\n'
	} >new
	mv new "dags/$name.dag"
}

# reads: the DAG files that a pass opens
reads() {
	strace -f -o calls -e trace=openat dagsched >rec || return
	grep -o '[a-z]*\.dag"' calls | tr -d '"' | sort | paste -sd ' '
}

# calm: a DAG, with its last slot decided, and remembered
calm() {
	DAG_NOW=2090-01-05T12:00:00Z
	export DAG_NOW
	dag w 'schedule = @daily' 'start = 2090-01-01' "$@"
	dagsched -q | dagq
	equal "$(dagsched)" ''
	[ -s cache/dag/quiet.* ]
}

# due: the slots that have become runs now
due() {
	dagsched | awk -F '\t' '$1 == "run" { print $2 }'
}

@test "quiet: a file of which nothing is due is not read again" {
	calm
	dag broken 'schedule = 61 * * * *'
	[ -n "$(command -v strace)" ] || skip "no strace"
	run -1 reads
	grep -q broken.dag calls
	run ! grep -q w.dag calls
}

@test "quiet: a file that was touched, or replaced by its like, is the same" {
	calm
	kept=$(cut -f 4- cache/dag/quiet.* | tail -n 1)
	key=$(cut -f 3 cache/dag/quiet.* | tail -n 1)
	touch dags/w.dag
	equal "$(DAG_NOW=2090-01-05T13:00:00Z dagsched)" ''
	equal "$(cut -f 4- cache/dag/quiet.* | tail -n 1)" "$kept"
	[ "$(cut -f 3 cache/dag/quiet.* | tail -n 1)" != "$key" ]
	cp dags/w.dag like
	mv like dags/w.dag
	equal "$(DAG_NOW=2090-01-05T14:00:00Z dagsched)" ''
	equal "$(cut -f 4- cache/dag/quiet.* | tail -n 1)" "$kept"
	sed -i 's/true/false/' dags/w.dag
	equal "$(DAG_NOW=2090-01-05T15:00:00Z dagsched)" ''
	[ "$(cut -f 4- cache/dag/quiet.* | tail -n 1)" != "$kept" ]
}

@test "quiet: until its next slot" {
	calm
	equal "$(DAG_NOW=2090-01-05T23:59:59Z due)" ''
	equal "$(DAG_NOW=2090-01-06T00:00:00Z due)" w/2090-01-06T0000Z
	equal "$(DAG_NOW=2090-01-06T00:00:01Z due)" w/2090-01-06T0000Z
	# nor is it believed of a time before it was seen
	rm -r spool/runs/w spool/history
	mkdir -m 700 spool/history
	equal "$(DAG_NOW=2090-01-03T00:00:00Z due)" w/2090-01-03T0000Z
}

@test "quiet: a file that changes is read, whatever its size and mtime" {
	calm
	touch -r dags/w.dag stamp
	dag w 'schedule = @daily' 'start = 2090-01-02'
	equal "$(dagsched)" ''
	dag w 'schedule = @daily' 'start = 2090-01-01'
	touch -r stamp dags/w.dag
	sed -i 's/@daily/1 1 1 1 1/' dags/w.dag
	touch -r stamp dags/w.dag
	equal "$(dagsched)" "$(dagparse w)"
	printf '[dag]\nschedule = @daily\n[task a]\n' >dags/w.dag
	run -1 --separate-stderr dagsched
	[[ $output == error* ]]
}

@test "quiet: what the spool knows changes: a run goes, history, a resume" {
	calm
	rm -r spool/runs/w/2090-01-05T0000Z
	equal "$(due)" w/2090-01-05T0000Z
	dagsched -q | dagq
	equal "$(due)" ''
	dagq -q --pause w
	equal "$(DAG_NOW=2090-01-08T00:00:00Z due)" ''
	equal "$(DAG_NOW=2090-01-08T00:00:00Z due)" ''
	dagq -q --resume w
	equal "$(DAG_NOW=2090-01-08T00:00:00Z due)" w/2090-01-08T0000Z
	equal "$(due)" ''
	: >spool/history/w.tsv
	equal "$(dagsched | grep -c '^missed')" 4
}

@test "quiet: a file that is damaged, or gone, is as if it never was" {
	calm
	for text in '' 'quiet 1 junk' "$(cat cache/dag/quiet.* | head -n 1)"; do
		printf '%s\n' "$text" >junk
		cp junk cache/dag/quiet.*
		equal "$(dagsched)" ''
		equal "$(DAG_NOW=2090-01-06T00:00:00Z due)" w/2090-01-06T0000Z
	done
	sed -i 's/$/\x00/' cache/dag/quiet.*
	equal "$(dagsched)" ''
	rm -r cache
	equal "$(DAG_NOW=2090-01-06T00:00:00Z due)" w/2090-01-06T0000Z
	# one that cannot be written does no harm
	rm -rf cache
	: >cache
	equal "$(dagsched)" ''
}

@test "quiet: DAGs with calendars, or something that waits, are always read" {
	calm
	dag c 'schedule = @daily' 'calendar = workdays' 'start = 2090-01-04'
	dagsched -q | dagq
	equal "$(dagsched)" ''
	run ! grep -q c.dag cache/dag/quiet.*
	grep -q w.dag cache/dag/quiet.*
	dag x 'schedule = @daily' 'overlap = latest' 'max-active-runs = 1' \
	    'start = 2090-01-05'
	dagsched -q | dagq
	export DAG_NOW=2090-01-06T12:00:00Z
	dagsched -q w x >rec
	equal "$(dagsched -q x)" ''
	dagsched -q >rec
	run ! grep -q x.dag cache/dag/quiet.*
	dagq -q --mark success x/2090-01-05T0000Z
	equal "$(due | grep x/)" x/2090-01-06T0000Z
}

@test "quiet: a backfill that takes its time goes on" {
	calm
	dagsched -q --backfill 2090-01-01..2090-01-04 --max-active 1 w | dagq
	equal "$(due)" ''
	dagq -q --mark success w/2090-01-01T0000Z
	equal "$(due)" w/2090-01-02T0000Z
}

@test "quiet: a backfill that has made its runs is no reason to read the files" {
	calm
	dagsched -q --backfill 2090-01-01..2090-01-02 w | dagq
	dagsched -q --backfill 2090-01-03 --max-active 1 --name b w | dagq
	rm -r cache
	equal "$(due)" ''
	[ ! -e cache ]
	dagq -q --mark success w/2090-01-03T0000Z
	dagsched -q | dagq
	grep -q state=done spool/backfills/b
	equal "$(dagsched)" ''
	grep -q w.dag cache/dag/quiet.*
}
