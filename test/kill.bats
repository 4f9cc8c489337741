#!/usr/bin/env bats
# kill: dagq --kill of whole runs: nothing begins in the place of what ends.

load helper

# a run of which one task runs, at a time; id: its ID
fixture() {
	mkfifo up
	cat >dags/k.dag <<-END
		[dag]
		schedule = @daily
		timezone = UTC
		max-active-runs = 1
		[task set]
		priority = 1
		run = true
		[task make]
		after = set
		priority = 1
		run = echo >$T/up; exec sleep 1000
		[task other]
		run = echo other >>$T/ledger
		[task next]
		after = other
		run = echo next >>$T/ledger
		[task clean]
		after = make
		teardown = set
		run = echo clean >>$T/ledger
	END
	dagsched --backfill 2012-01-01..2012-01-02 k | dagq
	id=k/2012-01-01T0000Z
	later=k/2012-01-02T0000Z
	dagexec -q -j1 --drain 3>&- &
	pid=$!
	read -r _ <up
}

# states ID: task and state of each
states() {
	dagstat -q -o task,state "$1/*" | awk '{ print $1, $2 }'
}

@test "kill: of a whole run ends it: what has not begun fails, what was set up goes" {
	fixture
	dagq -q --hold $later
	dagq --kill -n $id >said
	equal "$(cat said)" "$id/make	killed
$id/other	failed	from=ready
$id/next	failed	from=waiting"
	equal "$(states $id | sed -n 2p)" "make running"
	equal "$(dagq --kill --note 'wrong host' $id)" "$(cat said)"
	wait $pid || [ $? = 1 ]
	equal "$(states $id)" "set success
make failed
other failed
next failed
clean success"
	equal "$(cat ledger)" clean
	equal "$(dagstat -q -o id,state | grep "^$id " | awk '{ print $2 }')" \
	    failed
	[[ $(dagstat -q --history $id/next) == *"wrong host"* ]]
	equal "$(dagq --check)" ""
	run -1 --separate-stderr dagq --kill $id
	equal "$output" ""
	equal "$stderr" \
	    "dagq: nothing of that is left to be killed: it has ended"
}

@test "kill: of a run that waits its turn ends it, and takes nobody's place" {
	fixture
	equal "$(dagq --kill $later | cut -f 1,2)" "$later/set	failed
$later/make	failed
$later/other	failed
$later/next	failed"
	equal "$(states $id | sed -n 2p)" "make running"
	dagq -q --kill $id/make
	wait $pid || [ $? = 1 ]
	[ -e spool/runs/$later/@failed ]
	equal "$(sort ledger)" "clean
next
other"
}

@test "mark: of all of a run that waits its turn ends it as well" {
	fixture
	dagq -q --mark skipped "$later/*"
	[ ! -e spool/runs/$later/@waiting ]
	[ -e spool/runs/$later/@success ]
	equal "$(dagq --check)" ""
	dagq -q --kill $id
	wait $pid || [ $? = 1 ]
}
