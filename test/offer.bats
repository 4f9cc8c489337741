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
	strace -f -qq -e trace=renameat2,fsync -o calls dagexec -q -j1 --drain \
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
	    $1 == who && /"t1.success"|"t2.waiting"|fsync/ && !released {
	        sub(/.*success.*/, "ended"); sub(/.*fsync.*/, "synced")
	        released = sub(/.*waiting.*/, "released"); print
	    } END { print who == not }' calls | tr '\n' ' ')" \
	    "ended synced released 0 "
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
