#!/usr/bin/env bats
# assets: produces, and schedule = on: runs that follow from successes.

load helper

# made: a DAG for each NAME, whose task makes it
made() {
	for name; do
		printf '[task make]\nproduces = %s\nrun = true\n' "$name" \
		    >"dags/make-$name.dag"
	done
}

# user EXPRESSION KEY...: a DAG whose runs say what was updated
user() {
	{
		printf '[dag]\ntimezone = UTC\nschedule = on %s\n' "$1"
		shift
		printf '%s\n' "$@"
		printf '[task use]\nrun = echo "$DAG_ASSETS" >>%s/used\n' "$T"
	} >dags/user.dag
	dagsched user | dagq
}

# make NAME...: each is made once more
make_it() {
	for name; do
		dagsched --run "make-$name" | dagq
	done
	dagexec --drain
}

# used: what has been used since it was last asked
used() {
	dagsched | dagq
	dagexec --drain
	cat used 2>/dev/null
	rm -f used
}

@test "on: a run when each of what it asks for was updated since its last" {
	made orders customers leads
	user 'orders and (customers or leads)'
	equal "$(used)" ""
	make_it customers leads
	equal "$(used)" ""
	make_it orders
	equal "$(used)" "orders customers leads"
	equal "$(used)" ""
	make_it orders
	make_it orders
	equal "$(used)" ""
	equal "$(dagsched --why user | sed 's/since 20[^ ]*-on-[0-9]*/since R/; s/ last by [^	]*/ last by X/' | tail -n 4)" \
'user	yes	orders was updated since R: 2 times, last by X	-
user	no	customers was updated since R	a success of a task with produces = customers
user	no	leads was updated since R	a success of a task with produces = leads
user	no	its expression holds, so that it is to have a run	those that are missing above'
	make_it leads
	equal "$(used)" "orders leads"
	dagq --check
}

@test "on: the runs are the same however often it is looked" {
	made a b
	user 'a or b'
	for _ in 1 2 3; do make_it a; done
	make_it b
	dagsched >first
	dagsched >second
	equal "$(cat first)" "$(cat second)"
	equal "$(grep -o 'assets=.*' first | tr '\n' ' ')" \
	    "assets=a assets=a assets=a assets=b "
	# in two parts, the first twice
	grep -v 'assets=b' first | dagq
	cat first first | dagq
	# they are of one second
	equal "$(used | sort)" "a
a
a
b"
	equal "$(used)" ""
}

@test "on: what was before the schedule was seen does not count, nor another's" {
	made a b
	export DAG_NOW=2026-01-01T00:00:00Z
	make_it a
	export DAG_NOW=2026-01-02T00:00:00Z
	user a
	export DAG_NOW=2026-01-03T00:00:00Z
	make_it b
	equal "$(used)" ""
	make_it a
	equal "$(used)" a
	# a schedule that has changed begins anew
	make_it a
	export DAG_NOW=2026-01-04T00:00:00Z
	user 'a and b'
	export DAG_NOW=2026-01-05T00:00:00Z
	make_it b
	equal "$(used)" ""
	make_it a
	equal "$(used)" "a b"
}

@test "on: a run that is archived, or purged, has used up what it used" {
	made a
	user a 'keep = 0s'
	make_it a
	equal "$(used)" a
	dagq -q --archive --yes 'user/*'
	equal "$(used)" ""
	dagq -q --purge
	equal "$(find spool/archive/user -type f)" ""
	equal "$(used)" ""
	make_it a
	equal "$(used)" a
}

@test "on: a paused DAG waits, and then has what it missed" {
	made a
	user a
	dagq -q --pause user
	make_it a
	make_it a
	equal "$(dagsched)" ""
	dagq -q --resume user
	equal "$(used)" "a
a"
}

@test "produces: only a success does, each of them once, marked or run again" {
	printf '[task m]\neach = 1 2 3\nproduces = all\nrun = true\n[task f]\nproduces = none\nrun = false\n[task two]\nproduces = one two\nrun = true\n[task s]\nproduces = none\nrun = exit 99\n' \
	    >dags/p.dag
	dagsched --run p | dagq
	dagexec -q --drain || [ $? = 1 ]
	equal "$(cut -f 1,2 spool/assets/log | sort)" "asset	all
asset	one
asset	two"
	dagexec -q --drain
	dagq -q --mark success p/@/f
	dagq -q --rerun p/@/two --downstream
	dagexec -q --drain
	equal "$(cut -f 2 spool/assets/log | sort | tr '\n' ' ')" \
	    "all none one one two two "
	grep -q '^asset	one	time=20.*	by=p/20.*-manual/two$' spool/assets/log
	dagq --check
}

@test "produces: killed at any of its steps, it is recorded once" {
	made a
	make_it a
	run=$(echo spool/runs/make-a/*)
	id=make-a/$(basename "$run")
	line=$(cat spool/assets/log)
	marker=$(cat "$run/make.success")
	# the run is not ended yet: what evaluates it is dagexec
	again() {
		mv "$run/@success" "$run/@active"
		dagexec --drain
		[ -e "$run/@success" ]
		[ "$(cut -f 1,2,4 spool/assets/log | grep -c "^asset	a	by=$id/make\$")" = 1 ]
	}
	# all is done
	again
	# the line is there, but nobody has said so
	grep -v '	produced$' <<<"$marker" >"$run/make.success"
	again
	grep -q '	produced$' "$run/make.success"
	# it is about to be
	grep -v '	produced$' <<<"$marker" >"$run/make.success"
	: >spool/assets/log
	again
	# a line that was cut short
	grep -v '	produced$' <<<"$marker" >"$run/make.success"
	printf '%s' "${line%????}" >spool/assets/log
	again
	# not even begun, and others have come since
	grep -v '	produce' <<<"$marker" >"$run/make.success"
	printf 'asset\ta\ttime=2026-01-01T00:00:00Z\tby=x/y/z\n' >spool/assets/log
	again
}

@test "on: --follow hears of what is produced" {
	made a
	user a
	dagsched --follow 3>&- | dagq 3>&- &
	dagsched --run make-a | dagq
	dagexec --drain
	until ls -d spool/runs/user/*-on-* >/dev/null 2>&1; do :; done
	dagsched --run make-a | dagq
	dagexec --drain
	until [ "$(ls -d spool/runs/user/*-on-* | wc -l)" = 2 ]; do :; done
	kill %1
	wait %1 || true
}

@test "on: what is wrong with it is said where it stands" {
	for text in '' 'a b' 'a and' 'and a' '(a' 'a)' 'a or (b' 'a!' 'a ()' \
	    'a (b)'; do
		printf '[dag]\nschedule = on %s\n[task t]\nrun = true\n' \
		    "$text" | faults
	done | sed 's,^dagparse: dags/bad.dag:2:12: schedule: ,,' >out
	equal "$(cat out)" \
'behind "on" come names of assets, such as orders and (customers or leads)
"b": before it "and" or "or" is missing
behind the last "and" or "or" a name is missing
"and": before it a name is missing
a "(" is not closed
")": there is no "(" before it
a "(" is not closed
"a!": only letters, digits, "_" and "-" may be in it
"(": before it "and" or "or" is missing
"(": before it "and" or "or" is missing'
	for line in 'schedule = on b' 'schedule = @daily' 'catchup = last' \
	    'schedule = file /in/*' 'delay = 1h'; do
		printf '[dag]\nschedule = on a\n%s\n[task t]\nrun = true\n' \
		    "$line" | faults
	done | sed 's,^dagparse: dags/bad.dag:2:12: ,,' >out
	equal "$(cat out)" \
'there is one "on" in a DAG: say "or" in it
what comes by assets has no slots: another schedule beside that needs a DAG of its own
catchup: "last" is about slots; of assets there is all
what comes by files has no slots: another schedule beside that needs a DAG of its own
delay: it is about slots, but what comes by assets has none'
	printf '[task %s]\nproduces = %s\nrun = true\n' t 'a a' u a/b |
	    faults >out
	grep -q 'bad.dag:2:12: produces: "a" is there twice' out
	grep -q 'bad.dag:5:12: produces: "a/b" is not a name: ' out
}
