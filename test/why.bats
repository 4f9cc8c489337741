#!/usr/bin/env bats
# why: dagstat --why names all that keeps a task, or a run, at once.

load helper

# two days of a DAG that has one run at a time: the second waits its turn
fixture() {
	cat >dags/w.dag <<-'END'
		[dag]
		schedule = @daily
		timezone = UTC
		max-active-runs = 1
		[task a]
		run = true
		[task b]
		after = a
		run = true
	END
	dagsched --backfill 2012-01-01..2012-01-02 w | dagq
	one=w/2012-01-01T0000Z
	two=w/2012-01-02T0000Z
	turn="the run is waiting until one of the active runs ends,\
 max-active-runs is 1: $one"
}

# why ID: the reasons; when they were given is another matter
why() {
	dagstat -q --why "$1" | tr -s ' ' | sed 's/ since [^ ]*Z//'
}

@test "why: of a run that waits its turn: for whom, what in it is held, a pause" {
	fixture
	equal "$(why $two)" "$two waiting $turn"
	LOGNAME=ann dagq -q --hold --note later $two/b
	LOGNAME=bob dagq -q --pause w
	equal "$(why $two)" "$two waiting $turn
$two waiting the DAG is paused by bob: dagq --resume w
$two/b held it is held by ann (later): dagq --release $two/b
$two/b held it comes after a, which is waiting"
	equal "$(why $two/b)" "$two/b held it is held by ann (later): dagq\
 --release $two/b
$two/b held $turn
$two/b held the DAG is paused by bob: dagq --resume w
$two/b held it comes after a, which is waiting"
}

@test "why: of a task in a run that waits its turn: its upstreams as well" {
	fixture
	equal "$(why $two/b)" "$two/b waiting $turn
$two/b waiting it comes after a, which is waiting"
}

@test "why: a held task of which nothing else is missing has one reason" {
	fixture
	LOGNAME=ann dagq -q --hold $one/a
	equal "$(why $one/a)" "$one/a held it is held by ann: dagq --release\
 $one/a"
	# what has ended keeps nobody, whatever the rule
	sed -i 's/after = a/&\nwhen = all-done/' dags/w.dag
	dagsched --run w | dagq
	dagq -q --mark failed 'w/*manual/a'
	equal "$(why "$(dagstat -q -o id w | tail -n 1)/b" | cut -d' ' -f2-)" \
	    "ready no dagexec serves this spool: dagexec --drain"
	dagq -q --hold 'w/*manual/b'
	equal "$(why 'w/*manual/b' | wc -l)" 1
}
