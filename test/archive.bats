#!/usr/bin/env bats
# archive: a finished run becomes a file, is read as if it were there, returns.

load helper

# a run of four tasks, of which one fails and one leaves a value
fixture() {
	cat >dags/etl.dag <<-'END'
		[dag]
		schedule = @daily
		timezone = UTC

		[task get]
		run = echo got; echo rows=7 > "$DAG_OUT"

		[task check]
		after = get
		run = echo look; test -e "$DAG_RUNDIR/../../../../good"

		[task put]
		after = check
		run = true

		[task aside]
		after = get
		run = true
	END
	dagsched --backfill "${1:-2012-01-31}" etl | dagq
	run dagexec -j 2 --drain
}

RUN=etl/2012-01-31T0000Z

# listing: what tar says is in the archive
listing() {
	tar tzf "spool/archive/$RUN.tar.gz"
}

@test "archive: a finished run becomes a file and leaves runs/" {
	fixture
	run --separate-stderr dagq --archive $RUN
	equal "$output" "$RUN	archived"
	equal "$stderr" ""
	[ "$status" = 0 ]
	equal "$(listing)" "2012-01-31T0000Z/@failed
2012-01-31T0000Z/aside.success
2012-01-31T0000Z/check.failed
2012-01-31T0000Z/get.success
2012-01-31T0000Z/plan
2012-01-31T0000Z/put.upstream-failed
2012-01-31T0000Z/run
2012-01-31T0000Z/log/aside.1
2012-01-31T0000Z/log/check.1
2012-01-31T0000Z/log/get.1
2012-01-31T0000Z/out/get"
	equal "$(ls spool/runs/etl)" ""
	equal "$(ls spool/tmp)" ""
	equal "$(stat -c %a "spool/archive/$RUN.tar.gz" spool/archive/etl)" \
	    "600
700"
	run dagq --check
	equal "$output" ""
}

@test "archive: what tar unpacks is what was there, times and all" {
	fixture
	cp -a "spool/runs/$RUN" before
	dagq -q --archive $RUN
	mkdir after
	tar xzf "spool/archive/$RUN.tar.gz" -C after
	diff -r before after/2012-01-31T0000Z
	(cd before && find . -type f -printf '%p %Ts %m\n' | sort) >want
	(cd after/2012-01-31T0000Z &&
	    find . -type f -printf '%p %Ts %m\n' | sort) >got
	equal "$(cat got)" "$(cat want)"
}

@test "archive: dagstat reads it as if it were still there" {
	fixture
	dagstat -q etl >runs
	dagstat -q $RUN >tasks
	dagstat -q --log $RUN >logs
	dagstat -q --why $RUN >why
	dagstat --json $RUN | sed 's/"archived":false/"archived":true/' >json
	dagq -q --archive $RUN
	equal "$(dagstat -q etl)" "$(cat runs)"
	equal "$(dagstat -q -a)" "$(cat runs)"
	equal "$(dagstat -q)" ""
	equal "$(dagstat -q etl/2012-01)" "$(cat tasks)"
	equal "$(dagstat -q etl/@/put | tr -s ' ')" \
	    "$(grep /put tasks | tr -s ' ')"
	equal "$(dagstat -q --log $RUN)" "$(cat logs)"
	equal "$(dagstat -q --why $RUN)" "$(cat why)"
	equal "$(dagstat --json $RUN)" "$(cat json)"
	equal "$(dagstat -q --log $RUN/get)" "got"
	equal "$(dagstat -q --failed)" ""
	equal "$(dagstat -q --failed -a | tr -s ' ')" \
	    "$(grep /check tasks | tr -s ' ')"
	run --separate-stderr dagstat --wait $RUN
	equal "$stderr" "dagstat: $RUN: failed"
	[ "$status" = 1 ]
}

@test "archive: without its history a run is read from the file" {
	fixture
	dagstat -q etl | awk '{ print $1, $2, $3 }' >runs
	dagq -q --archive $RUN
	rm spool/history/etl.tsv
	equal "$(dagstat -q etl | awk '{ print $1, $2, $3 }')" "$(cat runs)"
}

@test "archive: a run that has not ended stays" {
	fixture
	dagq -q --rerun $RUN/check
	run --separate-stderr dagq --archive $RUN
	equal "$stderr" "dagq: $RUN: it is active"
	[ "$status" = 1 ]
	[ -e "spool/runs/$RUN/@active" ]
	[ ! -e "spool/archive/$RUN.tar.gz" ]
	equal "$(ls spool/tmp)" ""
}

@test "archive: a run that says it ended, but has a task that did not, stays" {
	fixture
	mv "spool/runs/$RUN/put.upstream-failed" "spool/runs/$RUN/put.waiting"
	run --separate-stderr dagq --archive $RUN
	equal "$stderr" "dagq: $RUN: its task put is waiting"
	[ "$status" = 1 ]
	[ -e "spool/runs/$RUN/put.waiting" ]
}

@test "archive: who ended an attempt, on a shared spool, is over with the run" {
	fixture
	mkdir -m 700 spool/runs/$RUN/fate
	echo ended here >spool/runs/$RUN/fate/get.1
	equal "$(dagq --archive $RUN 2>&1)" "$RUN	archived"
	equal "$(ls spool/tmp)" ""
}

@test "archive: what is no regular file is refused, and nothing is lost" {
	fixture
	for what in 'ln -s /etc/passwd' 'mkfifo' 'mkdir' \
	    'ln spool/queue/../../dags/etl.dag'; do
		$what "spool/runs/$RUN/strange"
		run --separate-stderr dagq --archive $RUN
		equal "$stderr" "dagq: $RUN: strange: not a regular file with\
 one link; move it elsewhere"
		[ "$status" = 1 ]
		[ ! -e "spool/archive/$RUN.tar.gz" ]
		equal "$(ls spool/tmp)" ""
		rm -r "spool/runs/$RUN/strange"
	done
	ln -s /etc "spool/runs/$RUN/out/etc"
	run --separate-stderr dagq --archive $RUN
	equal "$stderr" "dagq: $RUN: out/etc: not a regular file with one\
 link; move it elsewhere"
	[ -d "spool/runs/$RUN" ]
}

@test "archive: files that a task left in the run's directory go with it" {
	fixture
	printf 'a\0b' >"spool/runs/$RUN/left here"
	touch "spool/runs/$RUN/.hidden" "spool/runs/$RUN/$(printf 'n\303\244')"
	dagq -q --archive $RUN
	[ ! -e "spool/runs/$RUN" ]
	dagq -q --rerun $RUN/check
	equal "$(od -An -c "spool/runs/$RUN/left here")" "   a  \\0   b"
	[ -e "spool/runs/$RUN/.hidden" ]
	[ -e "spool/runs/$RUN/$(printf 'n\303\244')" ]
}

@test "archive: a large log comes through unharmed" {
	fixture
	seq 1 400000 >"spool/runs/$RUN/log/get.1"
	sum=$(sha256sum <"spool/runs/$RUN/log/get.1")
	dagq -q --archive $RUN
	equal "$(dagstat --log $RUN/get | sha256sum)" "$sum"
	equal "$(dagstat --log -n 2 $RUN/get)" "399999
400000"
}

@test "archive: rerun brings the run back, and the archive stays" {
	fixture
	dagq -q --archive $RUN
	touch good
	run --separate-stderr dagq --rerun $RUN/check
	equal "$output" "$RUN/check	rerun	from=failed"
	equal "$stderr" ""
	dagexec --drain
	equal "$(dagstat -q $RUN | awk '{ print $1, $2, $3 }')" "$RUN/get success 1
$RUN/check success 2
$RUN/put success 1
$RUN/aside success 1"
	equal "$(dagstat --log $RUN/get)" "got"
	[ -e "spool/archive/$RUN.tar.gz" ]
	run dagq --check
	equal "$output" ""
	# the run is the truth, and replaces the archive
	dagq -q --archive $RUN
	listing | grep -q /@success
}

@test "archive: the same slot is not run again" {
	fixture
	dagq -q --archive $RUN
	dagsched --backfill 2012-01-31 etl | dagq -v >made
	equal "$(cat made)" ""
}

@test "archive: to archive what is archived is to do nothing" {
	fixture
	dagq -q --archive $RUN
	equal "$(dagq --archive $RUN)" ""
	equal "$(dagq --archive "${RUN%%/*}/*")" ""
}

@test "archive: a file that cannot be written leaves the run where it is" {
	fixture
	head -c 200000 /dev/urandom >"spool/runs/$RUN/log/get.1"
	run bash -c "set -o pipefail; (trap '' XFSZ; ulimit -f 8
	    dagq --archive $RUN) 2>&1 | cat"
	equal "$output" "dagq: $RUN: log/get.1: File too large"
	[ "$status" = 111 ]
	[ -e "spool/runs/$RUN/@failed" ]
	[ ! -e "spool/archive/$RUN.tar.gz" ]
	equal "$(ls spool/tmp)" ""
}

@test "archive: a damaged file is named, and changes nothing" {
	fixture
	dagq -q --archive $RUN
	file=spool/archive/$RUN.tar.gz
	head -c 300 "$file" >cut && cp cut "$file"
	for verb in "dagstat $RUN" "dagstat --log $RUN/get" \
	    "dagq --rerun $RUN/check"; do
		run --separate-stderr $verb
		[ "$status" = 1 ]
		[ -n "$stderr" ]
	done
	equal "$(ls spool/runs/etl)" ""
	equal "$(ls spool/tmp)" ""
	echo nothing >"$file"
	run --separate-stderr dagstat $RUN/get
	[ "$status" = 1 ]
	[[ $stderr == "dagstat: $RUN/get: the plan of $RUN is damaged: "* ]]
}

@test "archive: members that would lead elsewhere are refused" {
	fixture
	dagq -q --archive $RUN
	mkdir x
	tar xzf "spool/archive/$RUN.tar.gz" -C x
	list=$(listing)
	for extra in "--transform=s,out/get,out/../../../get," \
	    "--transform=s,^,/," "--transform=s,out/get,deep/er/get," \
	    "--transform=s,^2012-01-31T0000Z,2012-01-30T0000Z,"; do
		# shellcheck disable=SC2086
		tar czPf "spool/archive/$RUN.tar.gz" "$extra" -C x $list
		run --separate-stderr dagq --rerun $RUN/check
		[ "$status" = 1 ]
		equal "$(ls spool/runs/etl spool/tmp)" "spool/runs/etl:

spool/tmp:"
	done
	ln -sf /etc/passwd x/2012-01-31T0000Z/out/get
	# shellcheck disable=SC2086
	tar czPf "spool/archive/$RUN.tar.gz" -C x $list
	run --separate-stderr dagq --rerun $RUN/check
	[ "$status" = 1 ]
	equal "$(ls spool/runs/etl)" ""
	equal "$(ls spool/tmp)" ""
}

@test "archive: what a killed process left in tmp/ is cleared away" {
	fixture
	mkdir -p spool/tmp/archive.1.0/log
	touch spool/tmp/archive.1.0/log/get.1 spool/tmp/archive.1.0/run \
	    spool/tmp/archive.1.pack spool/tmp/other
	dagq -q --archive $RUN
	equal "$(ls spool/tmp)" "other"
}

@test "archive: --dry-run says which runs, and what is refused; nothing changes" {
	fixture
	find spool -path spool/workers -prune -o -printf '%p %i %T@\n' |
	    sort >before
	equal "$(dagq --archive -n "$RUN")" "$RUN	archived"
	now=$(date -u -d '2 days' +%Y-%m-%dT%H:%M:%SZ)
	equal "$(dagq --archive -n --older 1d)" ""
	equal "$(DAG_NOW=$now dagq --archive -n --older 1d)" "$RUN	archived"
	find spool -path spool/workers -prune -o -printf '%p %i %T@\n' |
	    sort | cmp before -
	mv spool/runs/"$RUN"/@failed spool/runs/"$RUN"/@active
	run -1 --separate-stderr dagq --archive -n "$RUN"
	equal "$output" ""
	equal "$stderr" "dagq: $RUN: it is active"
}

@test "archive: --older takes what ended long enough ago" {
	fixture 2012-01-31
	equal "$(dagq --archive --older 1d)" ""
	[ -d "spool/runs/$RUN" ]
	now=$(date -u -d '+2 days' +%Y-%m-%dT%H:%M:%SZ)
	equal "$(DAG_NOW=$now dagq --archive --older 1d)" "$RUN	archived"
}

@test "archive: archive-after in the DAG says when, on its own" {
	fixture
	printf '[dag]\narchive-after = 0s\n[task a]\nrun = true\n' >dags/q.dag
	dagsched --run q | dagq
	run dagexec --drain
	run dagq --archive
	equal "$(dagstat q | awk '!/^#/ { print $2 }')" "success"
	equal "$(ls spool/runs/q)" ""
	[ -d "spool/runs/$RUN" ]
}

@test "archive: a dagexec that stays does it as soon as it has nothing to do" {
	printf '[dag]\narchive-after = 1s\n[task a]\nrun = true\n' >dags/q.dag
	dagsched --run q | dagq
	mkdir -p "$DAG_SPOOL/archive/q"
	mkfifo idle
	dagexec & pid=$!
	until [ -n "$(ls "$DAG_SPOOL/archive/q")" ]; do
		kill -0 $pid
		read -rt 0.1 _ <>idle || true
	done
	kill $pid
	wait $pid
	equal "$(dagstat q | awk '!/^#/ { print $2 }')" "success"
	equal "$(ls "$DAG_SPOOL/runs/q")" ""
}
