#!/usr/bin/env bats
# failures: what one does to the rest of its run, and to its DAG.

load helper

# make: makes a run of dags/a.dag; its ID
make_run() {
	dagsched --run a | dagq -v 2>&1
}

# rest HOW: a DAG in which one task fails while another runs, with others that
# wait, are held, are to be tried again
rest() {
	cat >dags/a.dag <<-END
	[dag]
	on-failure = $1
	[task runs]
	kill-after = 1s
	run        = echo >$T/fifo; until [ -e $T/go ]; do :; done
	[task again]
	retries     = 1
	retry-delay = 1h
	run         = echo >$T/fifo; exit 4
	[task fails]
	priority = -1
	run      = read -r _ <$T/fifo; read -r _ <$T/fifo; exit 3
	[task more]
	after = runs
	run   = true
	[task tidy]
	after = fails
	when  = all-done
	run   = true
	[task held]
	hold = yes
	run  = true
	END
	make_run
}

@test "on-failure = finish-running: what runs does, nothing else begins" {
	mkfifo fifo
	exec 5<>fifo
	id=$(rest finish-running)
	dagexec -q -j 3 & worker=$!
	cd "$DAG_SPOOL/runs/$id"
	until [ -e held.failed ] && [ -e more.failed ]; do :; done
	[ -e runs.running.1 ]
	: >"$T/go"
	dagstat -q --wait "$id" >/dev/null || [ $? = 1 ]
	kill $worker
	wait $worker || :
	equal "$(ls -- *.*)" \
'again.failed
fails.failed
held.failed
more.failed
runs.success
tidy.failed'
	grep -q 'end	attempt=1	state=failed	exit=4' again.failed
	for task in again more tidy held; do
		grep -q '	stop	reason=on-failure$' $task.failed
	done
	[ -e @failed ]
	grep -q '/more	state=failed	attempt=0	reason=on-failure' \
	    "$DAG_SPOOL/history/a.tsv"
	equal "$(dagq --check 2>&1)" ""
}

@test "on-failure = cancel: a task that is marked failed, or killed, is a failure" {
	printf '[dag]\non-failure = cancel\n' >dags/a.dag
	printf '[task %s]\nrun = sleep 1000\n' one two >>dags/a.dag
	printf '[task held]\nhold = yes\nrun = true\n' >>dags/a.dag
	for how in '--mark failed' --kill; do
		rm -rf "$DAG_SPOOL"
		id=$(make_run)
		dagexec -q -j 2 & worker=$!
		until [ -e "$DAG_SPOOL/runs/$id/one.running.1" ] &&
		    [ -e "$DAG_SPOOL/runs/$id/two.running.1" ]; do :; done
		# shellcheck disable=SC2086 # two words
		dagq -q $how "$id/$([ "$how" = --kill ] && echo one || echo held)"
		dagstat -q --wait "$id" >/dev/null || [ $? = 1 ]
		kill $worker
		wait $worker || :
		equal "$how $(cd "$DAG_SPOOL/runs/$id" && echo *.*)" \
		    "$how held.failed one.failed two.failed"
		grep -q '	kill	.*note=on-failure$' \
		    "$DAG_SPOOL/runs/$id/two.failed"
	done
}

@test "on-failure = cancel: what runs is ended as well" {
	mkfifo fifo
	exec 5<>fifo
	id=$(rest cancel)
	run -1 dagexec -q -j 3 --drain
	cd "$DAG_SPOOL/runs/$id"
	equal "$(echo *.*)" \
'again.failed fails.failed held.failed more.failed runs.failed tidy.failed'
	grep -q 'signal=TERM	.*reason=killed$' runs.failed
	grep -q '	kill	.*note=on-failure$' runs.failed
	[ -e @failed ]
}

@test "on-failure: what fails after that is not tried again" {
	for how in finish-running cancel; do
		rm -rf "$DAG_SPOOL" go begun
		cat >dags/a.dag <<-END
		[dag]
		on-failure = $how
		[task again]
		retries     = 1
		run         = trap '' TERM; : >$T/begun; until [ -e $T/go ]; do :; done; exit 4
		[task fails]
		run  = until [ -e $T/begun ]; do :; done; false
		[task held]
		hold = yes
		run  = true
		END
		id=$(make_run)
		dagexec -q -j 2 --drain & worker=$!
		until [ -e "$DAG_SPOOL/runs/$id/held.failed" ]; do :; done
		: >go
		wait $worker || [ $? = 1 ]
		equal "$how $(cd "$DAG_SPOOL/runs/$id" && echo [@a-z]*ed)" \
		    "$how @failed again.failed fails.failed held.failed"
		equal "$(grep -c '	start	' "$DAG_SPOOL/runs/$id/again.failed")" 1
	done
}

@test "on-failure = cancel: who gives up, and who is lost, ends the others" {
	cat >dags/a.dag <<-END
	[dag]
	on-failure = cancel
	[task runs]
	run = echo \$\$ >$T/runs; exec sleep 1000
	[task waits]
	needs   = $T/never
	give-up = 3s
	run     = true
	END
	id=$(make_run)
	run -1 dagexec -q -j 2 --drain
	equal "$(cd "$DAG_SPOOL/runs/$id" && echo *.*)" \
	    'runs.failed waits.failed'
	grep -q 'signal=TERM	.*reason=killed$' "$DAG_SPOOL/runs/$id/runs.failed"
	grep -q '	kill	.*note=on-failure$' "$DAG_SPOOL/runs/$id/runs.failed"

	sed -i 's/^needs.*/hold = yes/; s/^give-up.*/start-by = 3s fail/' dags/a.dag
	rm -rf "$DAG_SPOOL"
	id=$(make_run)
	run -1 dagexec -q -j 2 --drain
	equal "$(cd "$DAG_SPOOL/runs/$id" && echo *.*)" \
	    'runs.failed waits.failed'
	grep -q '	kill	.*note=on-failure$' "$DAG_SPOOL/runs/$id/runs.failed"

	sed -i 's/^hold.*//; s/^start-by.*//; s/= true/= exec sleep 1001/' \
	    dags/a.dag
	rm -rf "$DAG_SPOOL"
	id=$(make_run)
	dagexec -q -j 2 --drain & worker=$!
	until grep -sq '	start	' "$DAG_SPOOL/runs/$id/runs.running.1" &&
	    grep -sq '	start	' "$DAG_SPOOL/runs/$id/waits.running.1"; do :; done
	pid=$(sed -n 's/.*	start	.*	pid=\([0-9]*\).*/\1/p' \
	    "$DAG_SPOOL/runs/$id/waits.running.1")
	kill -KILL "$(ps -o ppid= -p "$pid")" "$pid"
	wait $worker || [ $? = 1 ]
	grep -q '	lost	' "$DAG_SPOOL/runs/$id/waits.failed"
	grep -q 'signal=TERM	.*reason=killed$' "$DAG_SPOOL/runs/$id/runs.failed"
	grep -q '	kill	.*note=on-failure$' "$DAG_SPOOL/runs/$id/runs.failed"
	equal "$(dagq --check 2>&1)" ""
}

@test "on-failure = cancel: a task that was about to be executed hears it" {
	command -v strace >/dev/null || skip "skipped: no strace"
	printf '[task t]\nrun = echo >%s/ran; sleep 1000\n' "$T" >dags/a.dag
	id=$(make_run)
	# the one that calls it is not yet the task
	run -1 strace -qq -f -o /dev/null -e trace=fchdir \
	    -e inject=fchdir:signal=TERM dagexec -q -j 1 --drain
	grep -q 'signal=TERM	' "$DAG_SPOOL/runs/$id/t.failed"
	[ ! -e ran ]
}

@test "on-failure: a rerun of what failed goes on with all of it" {
	cat >dags/a.dag <<-END
	[dag]
	on-failure = finish-running
	[task one]
	run = [ -e $T/good ]
	[task two]
	hold = yes
	run  = true
	END
	id=$(make_run)
	run -1 dagexec -q --drain
	[ -e "$DAG_SPOOL/runs/$id/two.failed" ]
	: >good
	dagstat -q --failed "$id" | dagq --rerun
	dagexec -q --drain
	[ -e "$DAG_SPOOL/runs/$id/@success" ]
}

@test "pause-after-failures: so many in a row, not when one did well between" {
	cat >dags/a.dag <<-END
	[dag]
	pause-after-failures = 2
	[task t]
	run = [ -e $T/good ]
	END
	minute=10
	once() {
		export DAG_NOW=2026-01-01T0$((minute / 60)):$((minute++ % 60)):00Z
		make_run >/dev/null
		dagexec -q --drain || [ $? = 1 ]
	}
	once
	: >good
	once
	rm good
	once
	equal "$(dagstat -q --paused)" ""
	once
	[[ $(dagstat --paused) == *'2 runs failed in a row'* ]]
	once
	equal "$(ls "$DAG_SPOOL/queue" | wc -l)" 1
	DAG_NOW=2026-01-01T01:00:00Z dagq -q --resume a
	minute=$((60 + 10))
	DAG_NOW=2026-01-01T01:01:00Z dagexec -q --drain || [ $? = 1 ]
	equal "$(dagstat -q --paused)" ""
	once
	[[ $(dagstat --paused) == *'2 runs failed in a row'* ]]
}

@test "on-failure, pause-after-failures: what is not understood is refused" {
	printf '[dag]\non-failure = stop\npause-after-failures = 0\n[task t]\nrun = true\n' >a.dag
	run -1 --separate-stderr dagparse --check a.dag
	equal "$stderr" \
'dagparse: a.dag:2:14: on-failure: "stop" is none of continue, finish-running, cancel
dagparse: a.dag:3:24: pause-after-failures: "0" is not a number from 1 to 1000'
}

@test "on-failure: a teardown runs all the same, if its setup did" {
	cat >dags/a.dag <<-'END'
	[dag]
	on-failure = cancel
	[task make]
	run = true
	[task work]
	after = make
	run   = exit 3
	[task other]
	after = make
	hold  = yes
	run   = true
	[task clean]
	after    = work other
	teardown = make
	run      = true
	END
	id=$(make_run)
	run -1 dagexec -q --drain
	cd "$DAG_SPOOL/runs/$id"
	equal "$(echo *.*)" 'clean.success make.success other.failed work.failed'
	[ -e @failed ]
}
