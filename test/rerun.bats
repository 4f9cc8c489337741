#!/usr/bin/env bats
# rerun: what an operator puts right: chosen, foretold, with other parameters.

load helper

# four days of three tasks: b fails on the 2nd and the 3rd
fixture() {
	cat >dags/d.dag <<-END
		[dag]
		schedule = @daily
		timezone = UTC

		[task a]
		run = true

		[task b]
		after = a
		run = echo \$DAG_DATE \$DAG_PARAM_n >> $T/ledger; test -e $T/good || case \$DAG_DATE in *-0[23]) false;; esac

		[task c]
		after = b
		run = true
	END
	dagsched --backfill 2012-01-01..2012-01-04 d | dagq
	run dagexec -j 2 --drain
	: >ledger
}

# day N: the run of that day
day() {
	echo "d/2012-01-0${1}T0000Z"
}

# snapshot: all that is in the spool but for who is at work
snapshot() {
	find spool -path spool/workers -prune -o -printf '%p %i %s %T@ %C@\n' |
		sort
}

# foretold ARG...: --dry-run says it and changes nothing; prints what it says
foretold() {
	snapshot >before
	dagq --dry-run "$@" || return 1
	snapshot | cmp before -
}

@test "dry run: lists exactly what would change, and changes nothing" {
	fixture
	equal "$(foretold --rerun "$(day 2)/b")" "$(day 2)/b	rerun	from=failed
$(day 2)/c	waits again	from=upstream-failed"
	equal "$(foretold --rerun -D "$(day 1)/b")" \
	    "$(day 1)/b	rerun	from=success
$(day 1)/c	rerun	from=success"
	equal "$(foretold --mark success "$(day 2)/b")" \
	    "$(day 2)/b	success	from=failed
$(day 2)/c	waits again	from=upstream-failed"
	touch good
	foretold --rerun --failed 'd/*' | cut -f1 | sort >said
	dagstat -q 'd/*/*' | awk '{ print $1, $2, $3, $5 }' >before
	dagq -q --rerun --failed 'd/*'
	dagexec --drain
	dagstat -q 'd/*/*' | awk '{ print $1, $2, $3, $5 }' >after
	equal "$(diff before after | sed -n 's/^> \([^ ]*\) .*/\1/p' | sort)" \
	    "$(cat said)"
}

@test "dry run: of an archived run, which stays archived" {
	fixture
	dagq -q --archive "$(day 2)"
	equal "$(foretold --rerun "$(day 2)/b")" "$(day 2)/b	rerun	from=failed
$(day 2)/c	waits again	from=upstream-failed"
	[ ! -e "spool/runs/$(day 2)" ]
}

@test "dry run: of --latest it is today's definition that is foretold" {
	fixture
	printf '[task b]\nrun = true\n[task new]\nrun = true\n' >dags/d.dag
	equal "$(foretold --rerun --latest "$(day 2)/b")" \
	    "$(day 2)/b	rerun	from=failed
$(day 2)/new	rerun	from=new"
	run --separate-stderr dagq --rerun -n --latest "$(day 2)/c"
	[ "$status" = 1 ]
	[[ $stderr == *"d.dag has no such task now" ]]
}

@test "dry run: what would be refused is said, exit 1" {
	fixture
	run --separate-stderr dagq -n --hold "$(day 2)/b"
	equal "$output" ""
	equal "$stderr" "dagq: $(day 2)/b: it has ended: it is failed"
	[ "$status" = 1 ]
	run -2 --separate-stderr dagq -n --pause d
	equal "$stderr" "dagq: --dry-run goes with --rerun, --mark, --hold,\
 --release, --kill, --archive and --purge"
}

@test "rerun: --failed takes what failed of whole runs; twice does nothing" {
	fixture
	touch good
	equal "$(dagq --rerun --failed 'd/*')" "$(day 2)/b	rerun	from=failed
$(day 3)/b	rerun	from=failed"
	dagexec --drain
	equal "$(dagstat -q --failed --upstream-failed)" ""
	equal "$(dagq --rerun --failed 'd/*')" ""
	equal "$(sort ledger)" "2012-01-02
2012-01-03"
}

@test "rerun: --past and --future take the same task of the other runs" {
	fixture
	dagsched --run d | dagq
	dagq -q --archive "$(day 1)"
	equal "$(dagq -n --rerun --past "$(day 3)/b" | grep rerun | cut -f1)" \
	    "$(day 1)/b
$(day 2)/b
$(day 3)/b"
	equal "$(dagq -n --rerun --future --failed "$(day 2)" |
	    grep rerun | cut -f1)" "$(day 2)/b
$(day 3)/b"
	touch good
	dagq -q --rerun --past --future --downstream "$(day 2)/b"
	dagexec --drain
	equal "$(sort ledger | uniq -c | awk '{ print $1, $2 }' | head -n 4)" \
	    "1 2012-01-01
1 2012-01-02
1 2012-01-03
1 2012-01-04"
}

@test "rerun: more than 100 need --yes, --past and --future counted" {
	cat >dags/d.dag <<-'END'
		[dag]
		schedule = @daily
		timezone = UTC
		[task a]
		run = true
	END
	dagsched --backfill 2011-01-01..2011-04-30 d | dagq --sync none
	run dagq -n --rerun --future d/2011-01-01/a
	equal "$output" "dagq: 120 IDs: more than 100 need --yes"
	[ "$status" = 1 ]
	dagq -n --yes --rerun --future d/2011-01-01/a
}

@test "rerun: --param is recorded, and reaches the tasks" {
	fixture
	equal "$(dagq -n --rerun --param n=5 --param m= "$(day 2)/b")" \
"$(day 2)	param	n=5
$(day 2)	param	m=
$(day 2)/b	rerun	from=failed
$(day 2)/c	waits again	from=upstream-failed"
	LOGNAME=ann dagq -q --rerun --param n=5 --param 'm=a b' "$(day 2)/b"
	run dagexec --drain
	equal "$(cat ledger)" "2012-01-02 5"
	grep -q '	param.n=5	param.m=a b$' "spool/runs/$(day 2)/run"
	[[ $(dagstat -q --history "$(day 2)/b" | grep rerun) == \
	    *"ann  n=5 m=a b" ]]
	dagq -q --rerun --param n=6 "$(day 2)/b"
	run dagexec --drain
	equal "$(tail -n 1 ledger)" "2012-01-02 6"
	equal "$(grep -o 'param[^	]*' "spool/runs/$(day 2)/run")" "param.m=a b
param.n=6"
	equal "$(dagq --check)" ""
	# it is in the archive, and comes back from there
	dagq -q --archive "$(day 2)"
	dagq -q --rerun "$(day 2)/b"
	run dagexec --drain
	equal "$(tail -n 1 ledger)" "2012-01-02 6"
}

@test "rerun: a dagexec that has worked for the run sees the new parameters" {
	mkfifo go
	cat >dags/s.dag <<-END
		[task a]
		run = echo "\$DAG_PARAM_n" > $T/up
		[task b]
		run = true
	END
	mkfifo up
	dagsched --run --param n=1 s | dagq
	dagexec -j 1 >exec.out 2>&1 3>&- &
	pid=$!
	read -r got <up
	equal "$got" 1
	dagstat --wait s/@
	dagq -q --rerun --param n=2 s/@/a
	read -r got <up
	equal "$got" 2
	dagq -q --archive s/@ || dagstat --wait s/@
	kill $pid
	wait $pid
}

@test "hold and release: of a whole run; of what has ended they are refused" {
	cat >dags/d.dag <<-'END'
		[task a]
		run = true
		[task b]
		after = a
		run = false
	END
	dagsched --run d | dagq
	id=$(dagstat -q d/@ | sed -n 's,/a .*,,p')
	equal "$(dagq --hold "$id")" "$id/a	held	from=ready
$id/b	held	from=waiting"
	equal "$(dagq --hold "$id")" ""
	equal "$(dagq --release --note go "$id")" "$id/a	released	from=held
$id/b	released	from=held"
	equal "$(dagq --release "$id/a")" ""
	run dagexec --drain
	find spool/runs -printf '%p %s %T@\n' | sort >before
	while IFS='|' read -r args message; do
		# shellcheck disable=SC2086
		run --separate-stderr dagq $args
		equal "$stderr" "dagq: $message"
		equal "$output" ""
		[ "$status" = 1 ]
	done <<-END
	--release $id/a|$id/a: it has ended: it is success
	--hold $id/b|$id/b: it has ended: it is failed
	--release $id|$id: it has ended
	--hold $id|$id: it has ended
	END
	run --separate-stderr dagq --kill "$id/b"
	equal "${stderr_lines[0]}" "dagq: $id/b: it is failed"
	[ "$status" = 1 ]
	find spool/runs -printf '%p %s %T@\n' | sort | cmp before -
}

@test "rerun: what a person holds, or is to approve, is left alone" {
	cat >dags/d.dag <<-'END'
		[task a]
		run = false
		[task b]
		run = true
		[task ask]
		hold = yes
		run = true
		[task c]
		after = ask
		run = true
	END
	dagsched --run d | dagq
	id=$(dagstat -q d/@ | sed -n 's,/a .*,,p')
	LOGNAME=ann dagq -q --hold --note "mine" "$id/b"
	run dagexec --drain
	equal "$(foretold --rerun "$id")" "$id/a	rerun	from=failed"
	equal "$(dagq --rerun "$id")" "$id/a	rerun	from=failed"
	equal "$(dagstat -q -o task,state "$id/*" | tr -s ' ')" "a ready
b held
ask held
c waiting"
	# named, it is refused, before anything is done to it; reached, it stays
	for how in -n -q; do
		run -1 --separate-stderr dagq $how --rerun -U "$id/b" "$id/ask"
		equal "$output" ""
		equal "$stderr" \
		    "dagq: $id/b: it is held: dagq --release
dagq: $id/ask: it is held: dagq --release"
	done
	dagq -q --rerun -U "$id/c"
	equal "$(dagstat -q --held -o task | sort)" "ask
b"
	# released and done, it is run again like any other
	dagq -q --release "$id"
	run dagexec --drain
	equal "$(dagq --rerun "$id/ask" "$id/b" | sort)" \
	    "$id/ask	rerun	from=success
$id/b	rerun	from=success"
	equal "$(dagstat -q --count --held)" 0
}

@test "hold: of a run in which something runs the rest is held; that goes on" {
	mkfifo up go
	cat >dags/d.dag <<-END
		[task a]
		run = echo >$T/up; read -r _ <$T/go
		[task b]
		after = a
		run = true
	END
	dagsched --run d | dagq
	id=$(dagstat -q d/@ | sed -n 's,/a .*,,p')
	dagexec -q --drain 3>&- &
	read -r _ <up
	equal "$(dagq --hold "$id")" "$id/b	held	from=waiting"
	equal "$(dagq --hold "$id")" ""
	# there is nothing to be held in it, and it goes on
	dagq -q --mark skipped "$id/b"
	run -1 --separate-stderr dagq --hold "$id"
	equal "$output" ""
	equal "$stderr" \
	    "dagq: $id: what is left of it is running: dagq --kill"
	echo >go
	wait
	equal "$(dagstat -q -o state "$id/a")" success
}

# blocked PID: waits until it waits for a lock
blocked() {
	until grep -q -- "-> FLOCK .* $1 " /proc/locks; do
		! gone "$1" || return 1
		read -rt 0.01 <> <(:) || :
	done
}

@test "two operators: one wins, the other is told, and nothing of his is done" {
	fixture
	exec 7<spool/runs/d
	flock 7
	dagq --rerun "$(day 2)/b" >one.out 2>one.err 7<&- 3>&- &
	one=$!
	blocked $one
	dagq --mark success "$(day 2)/b" >two.out 2>two.err 7<&- 3>&- &
	two=$!
	blocked $two
	exec 7<&-
	lost=0
	wait $one || lost=$((lost + 1))
	wait $two || lost=$((lost + 1))
	equal "$lost" 1
	equal "$(cat one.out two.out | wc -l)" 1
	[[ $(cat one.err two.err) == "dagq: $(day 2)/b: somebody else was first:\
 it was failed, now it is "* ]]
	equal "$(dagq --check)" ""
}

@test "two operators: who reruns what is purged meanwhile is told" {
	fixture
	dagq -q --archive "$(day 2)"
	exec 7<spool/runs/d
	flock 7
	dagq --purge "$(day 2)" >one 2>&1 7<&- 3>&- &
	one=$!
	blocked $one
	dagq --rerun "$(day 2)/b" >two 2>&1 7<&- 3>&- &
	two=$!
	blocked $two
	exec 7<&-
	wait $one
	status=0
	wait $two || status=$?
	# locks are not given in the order in which they were asked for
	if [ $status = 1 ]; then
		equal "$(cat one two)" "$(day 2)	purged
dagq: $(day 2): it has gone: somebody has archived or purged it"
		[ ! -e "spool/runs/$(day 2)" ]
	else
		equal "$status" 0
		equal "$(cat two)" "$(day 2)/b	rerun	from=failed"
	fi
	equal "$(dagq --check)" ""
}

@test "rerun: an archived run that a full disk keeps from coming back: exit 111" {
	[ "$(id -u)" = 0 ] || skip "not root: no file system of our own"
	mkdir small
	mount -t tmpfs -o size=200k,mode=700 none small || skip "no tmpfs here"
	printf '[task a]\nrun = head -c 60k /dev/zero\n' >dags/big.dag
	dagsched --spool small/s --run big | dagq --spool small/s
	dagexec --spool small/s --drain
	dagq -q --spool small/s --archive big/@
	head -c 1M /dev/zero >small/full 2>/dev/null || :
	truncate -s -24k small/full
	run -111 --separate-stderr dagq --spool small/s --rerun big/@
	left=$(ls small/s/runs/big small/s/tmp)
	umount small
	[[ $stderr == "dagq: big/"*": "*"No space left on device" ]] ||
		{ echo "$stderr"; return 1; }
	equal "$left" "small/s/runs/big:

small/s/tmp:"
}

@test "two operators: an end that comes by itself is nobody's doing" {
	cat >dags/d.dag <<-'END'
		[task a]
		run = true
		[task b]
		after = a
		run = true
	END
	dagsched --run d | dagq
	id=$(dagstat -q d/@ | sed -n 's,/a .*,,p')
	exec 7<"spool/runs/d"
	flock 7
	dagq --mark success "$id/a" >out 2>err 7<&- 3>&- &
	pid=$!
	blocked $pid
	mv "spool/queue/d@${id#d/}.a" "spool/runs/$id/a.success"
	exec 7<&-
	wait $pid
	equal "$(cat err out)" ""
}

@test "rerun: what cannot be is refused" {
	fixture
	while IFS='|' read -r args message; do
		# shellcheck disable=SC2086
		run --separate-stderr dagq $args </dev/null
		equal "$stderr" "dagq: $message"
		[ "$status" = 2 ]
	done <<-'END'
	--rerun --param x d/@|--param x: it is NAME=VALUE
	--rerun --param a/b=1 d/@|--param a/b=1: it is NAME=VALUE
	--rerun --failed --kill d/@|--failed and --kill: what failed does not run
	--hold --past d/@|--upstream, --downstream, --latest, --failed, --force, --past, --future and --param go with --rerun
	END
	rm "spool/runs/$(day 2)/plan"
	run --separate-stderr dagq -n --rerun "$(day 2)"
	[[ $stderr == "dagq: $(day 2): "* ]]
	[ "$status" = 1 ]
}

@test "two operators: of opposite marks one wins, and the other is told" {
	fixture
	local b
	b=$(day 2)/b
	dagq -q --rerun "$b"
	exec 7<"spool/runs/d"
	flock 7
	dagq --mark success "$b" >one 2>&1 7<&- 3>&- &
	one=$!
	blocked $one
	dagq --mark failed "$b" >two 2>&1 7<&- 3>&- &
	two=$!
	blocked $two
	exec 7<&-
	if wait $one; then
		mark=success
		status=0
		wait $two || status=$?
	else
		mark=failed
		status=1
		wait $two
	fi
	equal "$status" 1
	equal "$(sort one two)" "d/2012-01-02T0000Z/b	$mark	from=ready
dagq: $b: somebody else was first: it was ready, now it is $mark"
	equal "$(dagstat -q -o state "$b")" $mark
	equal "$(dagq --check)" ""
}

@test "rerun: one ID that means nothing, and nothing is changed" {
	fixture
	snapshot | grep -E '^spool/(runs|queue|history)' >before
	for verb in --rerun --hold '--mark success' --kill --archive; do
		# shellcheck disable=SC2086 # a list of words
		run -1 --separate-stderr dagq $verb "$(day 2)/b" nosuch/@/b
		equal "$output" ""
		equal "$stderr" "dagq: nosuch/@/b: there is no DAG nosuch here"
	done
	snapshot | grep -E '^spool/(runs|queue|history)' | cmp before -
}

@test "rerun: --latest with --past and --future gives all of them today's definition" {
	fixture
	dagq -q --archive "$(day 1)"
	sed -i 's/; test -e.*/; echo today >> '"${T//\//\\/}"'\/ledger/' dags/d.dag
	dagq --rerun --latest --past --future "$(day 2)/b" >said
	equal "$(cut -f1,2 said)" "$(day 1)/b	rerun
$(day 2)/b	rerun
$(day 3)/b	rerun
$(day 4)/b	rerun"
	dagexec --drain
	equal "$(grep -c today ledger)" 4
	equal "$(dagstat -q -o state 'd/*/b')" "success
success
success
success"
	equal "$(grep -l definition=latest spool/runs/d/*/run | wc -l)" 4
}
