#!/usr/bin/env bats
# watch: dagstat --watch in a terminal of 80 by 24: keys sent, screen compared.

load helper
load byhand
load screen

# begin [OPTION...]: dagstat --watch in a terminal of its own
begin() { shown "dagstat --watch $*"; }

# plain: the screen, with the clock and what it makes of times taken out
plain() {
	sed -E '1s/^2012-[^ ]*Z/NOW/; s/ +[0-9]+s ago +[0-9.]+s/ AGO/' now
}

@test "watch: runs, the tasks of one, the log of one of these" {
	by_hand
	begin
	# what failed, or else runs, is chosen first
	seen 'begun'
	keys Tab Up
	seen 'LOG of get: none yet'
	keys Down
	seen 'begun'
	equal "$(plain)" "\
NOW  2 runs  0 ready, no dagexec serves this spool
 RUN 1/2
>w/2012-01-31T0000Z                  ▸ active  ███░░░░░░░     1/4     ▸1 ‖1 ·1
 w/2012-01-30T0000Z                  ✗ failed  ██████████     4/4     ⊘2 ✗1




 TASK 2/4  of w/2012-01-31T0000Z
 get                        ✓ success          1    0 AGO
>check                      ▸ running          1    - AGO
 put                        · waiting          -    -          -       -
 tell                       ‖ held             -    -          -       -  not y…


 LOG of check, attempt 1
begun






Tab panel  r rerun  h hold  u release  K kill  l log  / filter  ? help  q quit"
	keys q
	equal "$(ended)" 0
	equal "$(cat err)" ""
}

@test "watch: what moves in the spool is seen without a key" {
	by_hand
	begin
	seen 'put                        · waiting'
	mv spool/runs/w/2012-01-31T0000Z/put.{waiting,success}
	seen 'put                        ✓ success'
	seen '2/4 '
	keys Tab
	seen begun
	echo more >>spool/runs/w/2012-01-31T0000Z/log/check.1
	seen more
	mkdir -p spool/runs/v/2012-02-01T0000Z
	seen '3 runs'
	seen v/2012-02-01T0000Z
	: >spool/queue/w@2012-01-31T0000Z.tell
	seen '1 ready'
	seen 'tell                       ○ ready'
	# pools as they are made, grown and used; the queue by its key
	keys p
	mkdir -p spool/pools/one
	: >spool/pools/one/1
	seen '0 of 1'
	: >spool/pools/one/2
	seen '0 of 2'
	keys w
	seen 'QUEUE 1'
	: >spool/queue/w@2012-01-30T0000Z.tell
	seen 'QUEUE 2'
	keys q
	equal "$(ended)" 0
}

@test "watch: keys choose, filter, show one panel alone, and help" {
	by_hand
	begin
	seen '>w/2012-01-31T0000Z'
	keys j
	seen '>w/2012-01-30T0000Z'
	seen '>check                      ✗ failed'
	seen third
	keys /
	seen '/_'
	keys 01-31 Enter
	seen ' RUN 1/1, with 01-31'
	keys / Enter
	seen ' RUN 1/2'
	keys '!' '!'
	seen ' RUN 1/1, failed'
	equal "$(grep -c 01-31T now || true)" 0
	keys Tab /
	seen '/_'
	keys tell Enter
	seen ' TASK 1/1, with tell'
	keys Enter
	seen '>tell'
	[ "$(grep -c '^ RUN\|^ LOG' now || true)" = 0 ]
	keys Escape
	seen ' LOG of tell'
	keys '?'
	seen 'rerun the run or the task'
	keys x p
	seen ' POOLS'
	keys w
	seen ' QUEUE 0'
	keys q
	equal "$(ended)" 0
}

@test "watch: dagq does what keys ask, after a y where that destroys" {
	printf '%s\n' '[task a]' 'run = true' '[task b]' 'run = false' \
	    'after = a' >dags/d.dag
	dagsched --run d | dagq
	run -1 dagexec -q --drain
	begin
	seen '✗ failed'
	keys Tab Down r
	seen '/b? y n'
	keys n
	keys r
	seen '/b? y n'
	equal "$(dagstat -q --failed | wc -l)" 1
	keys y
	seen '/b: done'
	seen 'b                          ○ ready'
	keys h
	seen 'b                          ‖ held'
	seen '/b: done'
	keys u
	seen 'b                          ○ ready'
	seen '/b: done'
	keys K
	seen '/b? y n'
	keys y
	seen 'dagq: '
	equal "$(tail -n 1 now)" "$(dagq --kill d/@/b 2>&1 | head -n 1)"
	keys q
	equal "$(ended)" 0
}

@test "watch: 24 lines are used, and more or less when there are" {
	by_hand
	begin
	seen ' LOG of check'
	tmux -S "$T/tmux" resize-window -x 60 -y 12
	seen ' LOG of check'
	[ "$(wc -L <now)" -le 60 ]
	keys G
	seen '>w/2012-01-30T0000Z'
	tmux -S "$T/tmux" resize-window -x 20 -y 2
	keys q
	equal "$(ended)" 0
}

@test "watch: where there is no terminal it says so" {
	by_hand
	run -111 --separate-stderr dagstat --watch </dev/null
	equal "$stderr" "dagstat: --watch: a terminal is wanted, of a kind\
 that TERM names"
	equal "$output" ""
	run -111 env TERM=nonesuch script -qec 'dagstat --watch' /dev/null \
	    </dev/null
	[[ $output == *"dagstat: --watch: a terminal is wanted"* ]]
}

# bats test_tags=traced
@test "watch: a program without it opens no ncurses" {
	by_hand
	strace -f -e trace=openat -o trace dagstat -q >/dev/null
	run -1 grep -E 'curses|tinfo|terminfo|locale' trace
	equal "$(readelf -d "$BIN/dagstat" | grep -c 'curses\|tinfo' || true)" 0
}
