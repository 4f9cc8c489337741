#!/usr/bin/env bats
# offer: a supervisor that is at work knows what comes next.

load helper

# six SHAPE: queues tasks t1 to t6, on their own or in a row; the first waits
# for gate to be opened, by one who writes; the ledger has who has begun
six() {
	local i
	mkfifo gate
	for i in 1 2 3 4 5 6; do
		printf '[task t%s]\nrun = echo %s >>ledger' $i $i
		[ $i != 1 ] || printf '; cat gate'
		printf '\nretries = 1\n'
		[ "$1" = flat ] || [ $i = 1 ] ||
			printf 'after = t%s\n' $((i - 1))
	done >d.dag
	dagsched -q --run ./d.dag | dagq -q
}

# begun N...: waits until these have
begun() {
	until [ -e ledger ] && [ "$(cat ledger | tr '\n' ' ')" = "$* " ]; do
		read -rt 0.01 <> <(:) || :
	done
}

# asleep PID: waits until it has woken up, and sleeps again
asleep() {
	local now
	until now=$(grep -h '^vol\|^State:.S' "/proc/$1/status" | tr -d '\n') &&
	    [[ $now == State*S*vol* ]] && [ "$1 $now" != "${was:-}" ]; do
		read -rt 0.01 <> <(:) || :
	done
	was="$1 $now"
}

# start SHAPE: in a directory of its own, a dagexec with one slot that has begun
# the first of six, and sleeps; its number is in pid
start() {
	mkdir "$1" && cd "$1"
	export DAG_SPOOL=$PWD/spool
	six "$1"
	dagexec -q -j1 --drain 3>&- 2>told &
	pid=$!
	begun 1
	asleep $pid
}

# ended: each has succeeded, and has begun once
ended() {
	equal "$(cd spool/runs/d/* && echo *.success @*)" "t1.success\
 t2.success t3.success t4.success t5.success t6.success @success"
	equal "$(sort ledger | tr -d '\n')" 123456
}

@test "offer: a supervisor goes on with one more while its dagexec is stopped" {
	for shape in flat chain; do
		start $shape
		kill -STOP $pid
		: >gate
		begun 1 2
		until [ -e spool/runs/d/*/t2.success ]; do
			read -rt 0.01 <> <(:) || :
		done
		equal "$(cat ledger | tr -d '\n')" 12
		kill -CONT $pid
		wait $pid
		ended
		cd ..
	done
}

@test "offer: what is more urgent comes first all the same" {
	start flat
	printf '[task u]\nrun = echo u >>ledger\npriority = 9\n' >u.dag
	dagsched -q --run ./u.dag | dagq -q
	asleep $pid
	: >gate
	wait $pid
	equal "$(tr -d '\n' <ledger)" 1u23456
}

@test "offer: who is idle gets what another was offered" {
	six flat
	dagexec -q -j2 --drain 3>&- &
	pid=$!
	until [ -e spool/runs/d/*/t6.success ]; do
		read -rt 0.01 <> <(:) || :
	done
	: >gate
	wait $pid
	ended
}

@test "offer: what follows, and is made ready by hand, is begun by who is idle" {
	mkfifo gate
	printf '[task a]\nrun = echo a >>ledger; cat gate\n[task b]\nafter = a\nrun = echo b >>ledger\n' >d.dag
	dagsched -q --run ./d.dag | dagq -q
	dagexec -q -j2 --drain 3>&- &
	pid=$!
	begun a
	asleep $pid
	run=$(ls spool/runs/d)
	mv "spool/runs/d/$run/b.waiting" "spool/queue/d@$run.b"
	begun a b
	: >gate
	wait $pid
}

# bats test_tags=traced
@test "offer: what another rule has made ready is begun, though it was offered" {
	command -v strace >/dev/null || skip "skipped: no strace"
	mkfifo slow
	cat >d.dag <<-'END'
	[task slow]
	run = cat slow
	[task quick]
	run = false
	[task join]
	after = slow quick
	when  = one-failed
	run   = echo >slow
	END
	dagsched -q --run ./d.dag | dagq -q
	# quick has failed when it is looked what follows from slow
	timeout 60 strace -qq -o calls -e trace=sendto \
	    -e inject=sendto:delay_exit=300000 dagexec -q -j2 --drain 3>&- ||
	    [ $? = 1 ]
	equal "$(cd spool/runs/d/* && echo *.* @*)" \
	    "join.success quick.failed slow.success @success"
}

@test "offer: nothing is begun for a dagexec that was killed, and nothing lost" {
	for shape in flat chain; do
		start $shape
		slot=$(pgrep -P $pid)
		kill -KILL $pid
		wait $pid || :
		: >gate
		until gone $slot; do
			read -rt 0.01 <> <(:) || :
		done
		equal "$(tr -d '\n' <ledger)" 1
		dagexec -q -j2 --drain
		ended
		cd ..
	done
}

@test "offer: a supervisor that is killed has no claim to it" {
	for shape in flat chain; do
		start $shape
		kill -KILL $(pgrep -P $pid)
		begun 1 1
		: >gate
		wait $pid
		sed -i 1d ledger
		ended
		cd ..
	done
}

# bats test_tags=traced
@test "offer: a success is on disk before its supervisor releases what follows" {
	command -v strace >/dev/null || skip "skipped: no strace"
	six chain
	strace -f -qq -e trace=renameat2,fsync,flock -o calls dagexec -q -j1 --drain \
	    3>&- &
	traced=$!
	begun 1
	pid=$(pgrep -P $traced)
	asleep $pid
	: >gate
	wait $traced
	ended
	# who: the process; the same all the time, and no dagexec
	equal "$(awk -v not=$pid '/"t1.success"/ { who = $1 }
	    $1 == who && /"t1.success"|"t2.waiting"|fsync|LOCK_EX/ && !claimed {
	        sub(/.*success.*/, "ended"); sub(/.*fsync.*/, "synced")
	        sub(/.*LOCK_EX.*/, "locked")
	        claimed = sub(/.*waiting.*"t2.running.1".*/, "claimed"); print
	    } END { print who == not }' calls | tr '\n' ' ')" \
	    "ended locked synced claimed 0 "
}

# between COMMAND: six in a row; the first has succeeded, and its supervisor
# wants the run's lock for the second when that is done, which has it
between() {
	local slot
	mkdir "$1" && cd "$1"
	export DAG_SPOOL=$PWD/spool
	six chain
	run=$(echo spool/runs/d/*)
	marker=spool/queue/d@${run##*/}
	dagexec -q -j1 --drain 3>&- 2>told &
	pid=$!
	begun 1
	asleep $pid
	slot=$(pgrep -P $pid)
	exec 8<"$run"
	flock 8
	: >gate
	until grep -q -e "-> FLOCK .* $slot " /proc/locks; do
		read -rt 0.01 <> <(:) || :
	done
	[ -e "$run/t1.success" ]
	"$1"
	exec 8<&-
	wait $pid
	[ ! -s told ]
}

@test "offer: one that is claimed where it waits is held up to the last instant" {
	hold() { mv "$run/t2.waiting" "$run/t2.held"; }
	between hold
	equal "$(cat ledger)" 1
	dagq -q --release "d/${run##*/}/t2"
	dagexec -q -j1 --drain
	ended
}

@test "offer: nor does it begin when what it comes after is run anew" {
	again() { mv "$run/t1.success" "$marker.t1"; }
	between again 3>&- &
	all=$!
	until [ "$(grep -c 1 again/ledger 2>/dev/null)" = 2 ]; do
		read -rt 0.01 <> <(:) || :
	done
	[ -e again/spool/runs/d/*/t2.waiting ]
	: >again/gate
	wait $all
	equal "$(tr -d '\n' <again/ledger)" 1123456
}

@test "offer: and it begins once, whoever has released it" {
	release() { mv "$run/t2.waiting" "$marker.t2"; }
	between release
	ended
	cd ..
	# of two that want it, one
	other() {
		release
		dagexec -q -j1 --drain 8<&- 3>&- &
	}
	between other
	wait
	ended
}

@test "offer: who is idle opens a run that has come before its tasks are ready" {
	printf '[task a]\nrun = true\n' >dags/e.dag
	printf '[task b]\nhold = yes\nrun = true\n' >dags/h.dag
	dagsched -q --run e | dagq -q
	# watched from the start: of the first run of a DAG it may hear too late
	mkdir spool/runs/h
	dagexec -q -j1 3>&- &
	pid=$!
	until [ -e spool/runs/e/*/@success ]; do
		read -rt 0.01 <> <(:) || :
	done
	dagsched -q --run h | dagq -q
	until [ -e spool/runs/h/*/log ]; do
		read -rt 0.01 <> <(:) || :
	done
	[ -e spool/runs/h/*/b.held ]
	[ -z "$(ls spool/runs/h/*/log spool/runs/h/*/out | grep -v :)" ]
	run -0 dagq --check
	equal "$output" ''
	dagq -q --release "h/$(ls spool/runs/h)/b"
	until [ -e spool/runs/h/*/@success ]; do
		read -rt 0.01 <> <(:) || :
	done
	kill $pid
	wait $pid
}

@test "offer: of many rows at once none is forgotten" {
	dagq -q --pool p=1
	# what has had to wait for the pool comes before what was offered
	printf '[dag]\nschedule = @daily\nstart = 2025-01-01\n[task a]
run = true\n[task b]\nafter = a\nrun = true\n[task c]\nafter = b
pool = p\nrun = sleep 0.01\n' >dags/r.dag
	# and while that waits all is not looked at again
	cat >all.dag <<-END
	[task s]
	poke = 1s
	run = test \$(find $T/spool/runs/r -name c.success | wc -l) = 181 || exit 75
	END
	dagsched -q --run ./all.dag | dagq -q
	dagsched -q --backfill 2025-01..2025-06 r | dagq -q --sync none
	timeout 60 dagexec -q -j3 --drain --sync none
	equal "$(find spool/runs -name '[abc].success' | wc -l)" 543
}

# quick N RUN: queues a DAG of N tasks on their own, each with that command; its
# ID is in $id
quick() {
	local i
	for ((i = 1; i <= $1; i++)); do
		printf '[task t%s]\nrun = %s\n' $i "${2//%/$i}"
	done >q.dag
	dagsched -q --run ./q.dag | dagq -q --sync none
	id=q/$(ls spool/runs/q)
}

# once N: each of so many has begun once, by the ledger
once() { equal "$(sort -n ledger)" "$(seq "$1")"; }

# wait_for N: until so many have begun
wait_for() {
	until [ "$(wc -l 2>/dev/null <ledger)" -ge "$1" ] 2>/dev/null; do
		read -rt 0.01 <> <(:) || :
	done
}

@test "offer: whatever is offered ahead, one slot takes tasks in their order" {
	local i up
	# each after some that come before it in the file: so none overtakes
	RANDOM=7
	for ((i = 1; i <= 300; i++)); do
		printf '[task t%s]\nrun = echo %s >>ledger\n' $i $i
		up=''
		for ((k = RANDOM % 3; k > 0 && i > 1; k--)); do
			up+=" t$((i - 1 - RANDOM % (i > 9 ? 9 : i - 1)))"
		done
		[ -z "$up" ] || printf 'after =%s\n' \
		    "$(tr ' ' '\n' <<<"$up" | sort -u | tr '\n' ' ')"
	done >r.dag
	for sync in none full; do
		rm -rf spool ledger
		dagsched -q --run ./r.dag | dagq -q --sync $sync
		dagexec -q -j1 --drain --sync $sync
		equal "$(cat ledger)" "$(seq 300)"
	done
}

# bats test_tags=traced
@test "offer: what is quick is offered several ahead, and its dagexec is not called" {
	command -v strace >/dev/null || skip "skipped: no strace"
	quick 400 'echo % >>ledger'
	strace -f -qq -e trace=sendto -o calls dagexec -q -j2 --drain \
	    --sync none 3>&-
	once 400
	equal "$([ "$(grep -c sendto calls)" -lt 200 ] && echo few)" few
}

@test "offer: of those that are offered ahead none waits behind one that is slow" {
	mkfifo gate
	quick 60 '[ % != 30 ] || cat gate; echo % >>ledger'
	dagexec -q -j2 --drain 3>&- &
	pid=$!
	wait_for 59
	[ ! -e spool/runs/q/*/t30.success ]
	: >gate
	wait $pid
	once 60
}

@test "offer: a dagexec that is stopped holds up what it offered, and is not lost" {
	quick 200 'echo % >>ledger'
	dagexec -q -j2 --drain 3>&- &
	pid=$!
	wait_for 60
	kill -STOP $pid
	# what they have, and what they were offered, then nothing
	sleep 0.5
	had=$(wc -l <ledger)
	sleep 0.5
	equal "$(wc -l <ledger)" "$had"
	[ "$had" -lt 200 ]
	kill -CONT $pid
	wait $pid
	once 200
}

@test "offer: with its dagexec killed none of many ahead is begun, and none is lost" {
	for try in 1 2 3; do
		rm -rf spool ledger
		quick 300 'echo % >>ledger; sleep 0.01'
		dagexec -q -j2 --drain 3>&- &
		pid=$!
		wait_for 80
		slots=$(pgrep -P $pid)
		kill -KILL $pid
		wait $pid || :
		had=$(wc -l <ledger)
		for slot in $slots; do
			until gone $slot; do
				read -rt 0.01 <> <(:) || :
			done
		done
		# one each that did not know yet
		[ "$(wc -l <ledger)" -le $((had + 2)) ]
		dagexec -q -j2 --drain
		once 300
	done
}

@test "offer: who comes with more urgency among many that are quick waits little" {
	quick 1500 'echo % >>ledger'
	printf '[task u]\nrun = wc -l <ledger >at\npriority = 9\n' >u.dag
	dagexec -q -j2 --drain --sync none 3>&- &
	pid=$!
	wait_for 100
	dagsched -q --run ./u.dag | dagq -q --sync none
	had=$(wc -l <ledger)
	wait $pid
	once 1500
	# a twentieth of a second, or what two slots were offered
	[ "$had" -lt 1300 ]
	[ "$(cat at)" -le $((had + 200)) ]
}

@test "offer: a pause holds what is offered ahead" {
	quick 1000 'echo % >>ledger'
	dagexec -q -j2 --sync none 3>&- &
	pid=$!
	wait_for 100
	dagq -q --pause q
	sleep 0.5
	had=$(wc -l <ledger)
	sleep 0.3
	equal "$(wc -l <ledger)" "$had"
	[ "$had" -lt 900 ]
	kill $pid
	wait $pid || :
	dagq -q --resume q
	dagexec -q -j2 --drain --sync none
	once 1000
}

@test "offer: what one that is skipped makes ready comes in its place, too" {
	printf '[task a]\nrun = echo a >>ledger\n' >s.dag
	for i in 1 2 3 4 5 6; do
		printf '[task t%s]\nrun = echo %s >>ledger\n' $i $i
	done >>s.dag
	printf '[task b]\nafter = a\nwhen = all-failed\nrun = true\n[task c]
after = b\nwhen = all-done\npriority = 9\nrun = echo c >>ledger\n' >>s.dag
	for sync in none full; do
		rm -rf spool ledger
		dagsched -q --run ./s.dag | dagq -q
		dagexec -q -j1 --drain --sync $sync
		equal "$(tr -d '\n' <ledger)" ac123456
	done
}

@test "offer: told to stop among many that are quick, it begins no more" {
	quick 3000 'echo % >>ledger'
	dagexec -q -j8 --sync none 3>&- &
	pid=$!
	wait_for 200
	kill $pid
	had=$(wc -l <ledger)
	wait $pid || :
	[ "$(wc -l <ledger)" -le $((had + 400)) ]
	dagexec -q -j2 --drain --sync none
	once 3000
}
