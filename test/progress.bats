#!/usr/bin/env bats
# progress: what takes longer than a second says on a terminal how far it is.

load helper

# on COMMAND: begins it on a terminal of 80 columns, which is the file out
on() {
	COLUMNS=80 TERM=xterm script -qefc "$1" out >/dev/null </dev/null 3>&- &
}

# shown TEXT: is that on the terminal?
shown() {
	tr '\r' '\n' <out 2>/dev/null | grep -qE "$1"
}

# left: nothing is on the terminal when it is over
left() {
	equal "$(tail -n 1 out | tr '\r' '\n' | tail -n 1 | grep -v '^Script' ||
	    true)" ""
}

@test "progress: dagexec --drain tells tasks, a rate, and what is left" {
	mkfifo fifo
	seq 300 | sed 's/.*/[task t&]\nrun = read line <..\/fifo/' >dags/d.dag
	dagsched --run d | dagq
	exec 9<>fifo
	on 'dagexec -j 1 --drain'
	for ((n = 0; n < 299; n++)); do
		echo >&9
		! shown '^dagexec: [0-9]+ of 300 tasks, [0-9.]+/s, .*[0-9]s left$' ||
			break
	done
	[ $n -lt 299 ]
	yes '' | head -n 300 >&9
	wait
	left
	equal "$(dagstat --count --success)" 300
}

@test "progress: dagsched --backfill tells runs; a pipe's reader sets the pace" {
	printf '%s\n' '[dag]' 'schedule = * * * * *' 'start = 2026-01-01' \
	    '[task t]' 'run = true' >dags/d.dag
	export DAG_NOW=2026-03-01T00:00:00Z
	mkfifo fifo
	on 'dagsched --backfill 2026-01 d >fifo'
	exec 8<fifo
	for ((n = 0; n < 600; n++)); do
		head -c 2000 <&8 >>records
		! shown '^dagsched: [0-9]+ of 44640 runs, [0-9.]+/s, .*[0-9]s left$' ||
			break
	done
	[ $n -lt 600 ]
	cat <&8 >>records
	wait
	equal "$(grep -c '^run' records)" 44640
	left
}

# held RUN: keeps a run locked until another has waited for that for a second
held() {
	local inode at
	inode=$(stat -c %i "spool/runs/d/$1")
	flock "spool/runs/d/$1" bash -c '
		until grep -q -- "-> FLOCK.*:$1 " /proc/locks; do :; done
		at=${EPOCHREALTIME/.}
		until [ $((${EPOCHREALTIME/.} - at)) -gt 1200000 ]; do :; done
	' held "$inode" 3>&- &
	# it is, before we go on
	until grep -qE "FLOCK .*:$inode " /proc/locks; do :; done
}

# three: three runs that have ended
three() {
	printf '%s\n' '[task t]' 'run = true' >dags/d.dag
	dagsched --run d | dagq && dagsched --run d | dagq
	dagsched --run d | dagq
	dagexec -q --drain
	mapfile -t run < <(ls spool/runs/d | sort)
}

@test "progress: dagq --check and --archive tell runs" {
	three
	held "${run[1]}"
	on 'dagq --check'
	wait
	shown '^dagq: 2 of 3 runs, [0-9.]+/s, [0-9]+s left$'
	left
	held "${run[1]}"
	on 'dagq --archive "d/*"'
	wait
	shown '^dagq: [123] of 3 runs, [0-9.]+/s, [0-9]+s left$'
	equal "$(tr '\r' '\n' <out | grep -c 'archived$')" 3
}

@test "progress: dagstat --html tells runs" {
	three
	mkdir fake
	# a dot that takes more than a second, and then cannot
	cat >fake/dot <<-'END'
		#!/bin/bash
		at=${EPOCHREALTIME/.}
		until [ $((${EPOCHREALTIME/.} - at)) -gt 1200000 ]; do :; done
		exit 1
	END
	chmod +x fake/dot
	on "PATH=$T/fake:\$PATH dagstat --html site"
	wait
	shown '^dagstat: [123] of 3 runs, [0-9.]+/s, [0-9]+s left$'
	left
	[ -e site/d/index.html ]
}

@test "progress: none where nobody looks, and none with -q" {
	three
	held "${run[1]}"
	run --separate-stderr dagq --check
	equal "$output$stderr" ""
	held "${run[1]}"
	on 'dagq -q --check'
	wait
	equal "$(grep -v '^Script' out | tr -d '\r\n')" ""
}
