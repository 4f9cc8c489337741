#!/usr/bin/env bats
# needs: tasks that wait for files.

load helper

# states DAG: its tasks and their states, a line each
states() {
	dagstat "$1/*/*" | sed '/^#/d' | awk '{ print $1, $2 }'
}

# why ID: what keeps it, without where this test is
why() {
	dagstat --why "$1" | sed "/^#/d; s|$T/||g"
}

# daily KEYS: a DAG of a run a day, whose task load needs files
daily() {
	mkdir -p in
	cat >dags/daily.dag <<-END
	[dag]
	schedule = @daily
	timezone = UTC
	start    = 2026-01-02
	catchup  = all
	workdir  = $T/in
	[task make]
	run = true
	[task load]
	after = make
	run   = echo
	$1
	[task sum]
	after = load
	run   = echo
	END
}

@test "needs: a task that could run waits until its file is there" {
	daily 'needs = $DAG_DATE/_SUCCESS'
	export DAG_NOW=2026-01-03T00:00:00Z
	dagsched | dagq
	dagexec --drain
	equal "$(states daily | grep -v make)" \
'daily/2026-01-02T0000Z/load waiting
daily/2026-01-02T0000Z/sum waiting
daily/2026-01-03T0000Z/load waiting
daily/2026-01-03T0000Z/sum waiting'
	equal "$(why daily/2026-01-02/load)" "daily/2026-01-02T0000Z/load\
  waiting  it needs a file that is not there: in/2026-01-02/_SUCCESS"
	[[ $(dagstat -q --history daily/2026-01-02/load) == *"/load  wait "* ]]
	equal "$(ls spool/gates)" "daily@2026-01-02T0000Z
daily@2026-01-03T0000Z"
	# it is a hint
	rm spool/gates/*
	mkdir in/2026-01-02
	: >in/2026-01-02/_SUCCESS
	dagexec --drain
	equal "$(states daily | grep -v make)" \
'daily/2026-01-02T0000Z/load success
daily/2026-01-02T0000Z/sum success
daily/2026-01-03T0000Z/load waiting
daily/2026-01-03T0000Z/sum waiting'
	equal "$(ls spool/gates)" "daily@2026-01-03T0000Z"
	dagq --check
}

@test "needs: files of the slots before, or of some of them" {
	daily 'needs = $DAG_DATE.csv -2..0 min 2 ${DAG_PREV_DATE}.txt -1..0'
	export DAG_NOW=2026-01-04T00:00:00Z
	dagsched | dagq
	: >in/2026-01-02.csv
	: >in/2026-01-01.txt
	: >in/2026-01-03.txt
	dagexec --drain
	# what was before the start is no slot
	equal "$(states daily | grep load)" 'daily/2026-01-02T0000Z/load success
daily/2026-01-03T0000Z/load waiting
daily/2026-01-04T0000Z/load waiting'
	equal "$(why daily/2026-01-04/load)" \
'daily/2026-01-04T0000Z/load  waiting  it needs $DAG_DATE.csv of 3 slots, 2 at least, of which 1 is there; missing: in/2026-01-04.csv, in/2026-01-03.csv
daily/2026-01-04T0000Z/load  waiting  it needs ${DAG_PREV_DATE}.txt of 2 slots, 2 at least, of which 1 is there; missing: in/2026-01-02.txt'
	: >in/2026-01-03.csv
	: >in/2026-01-02.txt
	dagexec --drain
	equal "$(states daily | grep load)" 'daily/2026-01-02T0000Z/load success
daily/2026-01-03T0000Z/load success
daily/2026-01-04T0000Z/load success'
}

@test "needs: patterns, names with blanks, variables of env and of an item" {
	daily 'env   = FROM=$DAG_DATE
needs = "the *.csv" min 2 "a b"
needs = $FROM.$DAG_ITEM
each  = x y'
	export DAG_NOW=2026-01-02T00:00:00Z
	dagsched | dagq
	: >'in/the first.csv'
	ln -s nowhere 'in/the link.csv'
	: >in/2026-01-02.y
	dagexec --drain
	equal "$(why daily/@/load+x)" \
'daily/2026-01-02T0000Z/load+x  waiting  it needs 2 files, of which 1 is there: in/the *.csv
daily/2026-01-02T0000Z/load+x  waiting  it needs a file that is not there: in/a b
daily/2026-01-02T0000Z/load+x  waiting  it needs a file that is not there: in/2026-01-02.x'
	: >'in/a b'
	: >'in/the second.csv'
	dagexec --drain
	equal "$(states daily | sort)" 'daily/2026-01-02T0000Z/load waiting
daily/2026-01-02T0000Z/load+x waiting
daily/2026-01-02T0000Z/load+y success
daily/2026-01-02T0000Z/make success
daily/2026-01-02T0000Z/sum waiting'
	: >in/2026-01-02.x
	dagexec --drain
	equal "$(states daily | grep sum)" 'daily/2026-01-02T0000Z/sum success'
}

@test "needs: a variable that is not set is said, and waited for" {
	daily 'needs = $NOWHERE/x
give-up = 1h'
	export DAG_NOW=2026-01-02T00:00:00Z
	dagsched | dagq
	dagexec --drain
	equal "$(why daily/@/load)" \
'daily/2026-01-02T0000Z/load  waiting  it needs $NOWHERE/x, of which nobody can say where it is: $NOWHERE is not set
daily/2026-01-02T0000Z/load  waiting  it gives up on files at 2026-01-02T01:00:00Z, and has failed then'
}

@test "needs: a dagexec at work hears of a file, and holds nothing for it" {
	daily 'needs = a/b/c'
	DAG_NOW=2026-01-02T00:00:00Z dagsched | dagq
	dagexec -q -j 1 3>&- &
	pid=$!
	until [ -e spool/gates/daily@2026-01-02T0000Z ]; do :; done
	dagstat --wait daily/@/make
	# its only slot is free
	printf '[task t]\nrun = true\n' >dags/other.dag
	dagsched --run other | dagq
	dagstat --wait other/@
	equal "$(states daily | grep load)" 'daily/2026-01-02T0000Z/load waiting'
	mkdir in/a
	mkdir in/a/b
	: >in/new
	mv in/new in/a/b/c
	dagstat --wait daily/@
	kill "$pid"
	wait "$pid" || true
	equal "$(states daily | grep load)" 'daily/2026-01-02T0000Z/load success'
}

@test "needs: where nobody is told of a file it is looked for from time to time" {
	daily 'needs = */late
poke = 1s'
	mkdir in/a
	DAG_NOW=2026-01-02T00:00:00Z dagsched | dagq
	dagexec -q 3>&- &
	pid=$!
	until [ -e spool/gates/daily@2026-01-02T0000Z ]; do :; done
	: >in/a/late
	dagstat --wait daily/@
	kill "$pid"
	wait "$pid" || true
}

@test "needs: what does not come is given up, as skipped or failed" {
	daily 'needs = never
give-up = 2h skip'
	sed -i 's/^after = load/&\nwhen = all-done/' dags/daily.dag
	printf '[task other]\nneeds = never\ngive-up = 90m\nrun = true\n[task last]\nafter = other\nrun = true\nnotify = echo "$DAG_NOTICE_CAUSE" >>%s/told\n' \
	    "$T" >>dags/daily.dag
	sed -i '1a on-failure = continue' dags/daily.dag
	DAG_NOW=2026-01-02T00:00:00Z dagsched | DAG_NOW=2026-01-02T00:00:00Z dagq
	DAG_NOW=2026-01-02T00:00:00Z dagexec --drain
	DAG_NOW=2026-01-02T01:29:00Z dagexec --drain
	equal "$(states daily | grep -c waiting)" 4
	DAG_NOW=2026-01-02T02:01:00Z run dagexec --drain
	[ "$status" = 0 ]
	equal "$(states daily)" 'daily/2026-01-02T0000Z/make success
daily/2026-01-02T0000Z/load skipped
daily/2026-01-02T0000Z/sum success
daily/2026-01-02T0000Z/other failed
daily/2026-01-02T0000Z/last upstream-failed'
	equal "$(why daily/@/other | sed 's/ at 2026[^,]*//')" \
"daily/2026-01-02T0000Z/other  failed  it has ended badly, reason: give-up:\
 dagq --rerun daily/2026-01-02T0000Z/other"
	grep -q '/other	state=failed.*reason=give-up' spool/history/daily.tsv
	# run again it waits anew
	DAG_NOW=2026-01-02T03:00:00Z dagq --rerun daily/@/other
	DAG_NOW=2026-01-02T03:01:00Z dagexec --drain
	equal "$(states daily | tail -n 2)" 'daily/2026-01-02T0000Z/other waiting
daily/2026-01-02T0000Z/last waiting'
	dagq --check
}

@test "needs: a failure by give-up counts for the rest of the run" {
	daily 'needs = never
give-up = 1h'
	sed -i '1a on-failure = finish-running' dags/daily.dag
	printf '[task free]\nneeds = never\nrun = true\n' >>dags/daily.dag
	DAG_NOW=2026-01-02T00:00:00Z dagsched | DAG_NOW=2026-01-02T00:00:00Z dagq
	DAG_NOW=2026-01-02T00:00:00Z dagexec --drain
	DAG_NOW=2026-01-02T02:00:00Z dagexec --drain
	equal "$(states daily | grep free)" 'daily/2026-01-02T0000Z/free failed'
	[ -e spool/runs/daily/2026-01-02T0000Z/@failed ]
}

@test "needs: what is wrong with it is said where it stands" {
	equal "$(faults <<-'END'
	[task a]
	needs = -6..0
	run = true
	[task b]
	needs = x 0..-6
	run = true
	[task c]
	needs = x min 0
	run = true
	[task d]
	needs = x -6..0 min 8
	run = true
	[task e]
	needs = x min 2
	run = true
	[task f]
	needs = ${x y
	run = true
	[task g]
	needs = x # y
	run = true
	[task h]
	needs = x -99999..0
	run = true
	END
	)" \
'dagparse: dags/bad.dag:2:9: needs: "-6..0" stands behind the path that it is about
dagparse: dags/bad.dag:5:9: needs: "0..-6" is not a range of slots such as -6..0, rising, from -9999 on, to 0 at most
dagparse: dags/bad.dag:8:9: needs: behind "min" comes a number from 1 to 1000000
dagparse: dags/bad.dag:11:9: needs: behind "min" comes a number from 1 to 7
dagparse: dags/bad.dag:14:9: needs: "x": it is one file, of which there are not more: "min" is for a pattern or a range of slots
dagparse: dags/bad.dag:17:9: needs: "${x": only ${NAME} is replaced here: after the name comes "}"; what else there is, is the shell'"'"'s
dagparse: dags/bad.dag:20:9: needs: "#": a comment cannot follow a value, it is a line with # in column 1
dagparse: dags/bad.dag:23:9: needs: "-99999..0" is not a range of slots such as -6..0, rising, from -9999 on, to 0 at most'
	equal "$(printf '[task a]\nneeds = x -1\nrun = true\n' | faults)" \
	    'dagparse: dags/bad.dag:2:9: needs: in the task "a" it is about slots of the past, but [dag] has no schedule that has any'
}
