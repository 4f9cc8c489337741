#!/usr/bin/env bats
# shared: a spool that several machines have, and a network between them.
#
# The other machine is namespaces of processes, mounts and names, in which the
# spool is a FUSE file system: what is locked there is not seen here, and a
# network that is cut is one whose server is stopped. What a task does is in
# files beside the spool, which both have.

load engines
load screen

setup() {
	helper_setup
	engine here
	export DAG_REMOTE=yes
}

teardown() {
	[ ! -e server ] || kill -CONT "$(cat server)" 2>/dev/null || true
	[ ! -e machine ] || kill -KILL "$(cat machine)" 2>/dev/null || true
	[ ! -d net ] || umount -l net 2>/dev/null || true
	end_all
}

# network: the spool as the other machine has it
network() {
	[ -n "$(command -v bindfs)" ] || skip "skipped: no bindfs"
	[ -e /dev/fuse ] || skip "skipped: no FUSE"
	unshare -mpfu --mount-proc true 2>/dev/null ||
		skip "skipped: no namespaces"
	mkdir net
	bindfs -f -o attr_timeout=0,entry_timeout=0,negative_timeout=0 \
	    spool net &
	echo $! >server
	timeout 30 sh -c 'until mountpoint -q net; do sleep 0.02; done' ||
		skip "skipped: no FUSE"
}

# elsewhere COMMAND...: runs it on the other machine, in the background; that
# is there as long as the file up
elsewhere() {
	unshare -mpfu --mount-proc sh -c 'mount --bind net spool &&
	    hostname elsewhere || exit 100
	    "$@"; s=$?; while [ -e up ]; do sleep 0.05; done; exit $s' sh \
	    "$@" &
	other=$!
	until_true eval "pgrep -P $other >machine"
}

# begin: what is ready is given to the engine, which says that it runs; and is
# started on the other machine
begin() {
	echo running >"$HERE/cut"
	timeout 100 dagexec --drain -q -j 1 &
	drain=$!
	until_text 'spool/launch/here.*/id' .
	batch=$(basename spool/launch/here.*)
	elsewhere dagexec --element "$batch/1" 2>late.err
	until_text ledger begin
	# that it has is written by another than by it
	until_text 'spool/runs/*/*/*.running.1' '	start	'
}

# ticking LINE...: a task with these lines, which ticks, has begun there
ticking() {
	printf '%s\n' '[task a]' "$@" "$TICKS" | dag d
	network
	begin
}

# before FILE: did the last tick of attempt 1 come before that was made?
before() { [ "$(tail -n 1 ticks.1)" -lt "$(date +%s%N -r "$1")" ]; }

# a task that says all the time that it runs, and which attempt it is
TICKS='run = echo "begin $DAG_ATTEMPT" >>ledger
    while [ ! -e go ]; do date +%s%N >>"ticks.$DAG_ATTEMPT"; sleep 0.05; done
    echo "by=$DAG_ATTEMPT" >>"$DAG_OUT"
    echo "$DAG_ATTEMPT" >"$DAG_OUTDIR/by"
    echo "end $DAG_ATTEMPT" >>ledger'

@test "shared: a task with a lease whose network is cut is ended before it is given up" {
	ticking 'once = yes' 'lease = 8s'
	kill -STOP "$(cat server)"
	ends 1 "$drain"
	before spool/runs/d/*/fate/a.1
	grep -q 'reason=lost	engine=lost-lease' spool/runs/d/*/a.failed
	equal "$(cat spool/runs/d/*/fate/a.1 | cut -d' ' -f 1)" lost
	cat spool/runs/d/*/a.failed >failed
	# nothing of it is left there, and what comes late touches nothing
	kill -CONT "$(cat server)"
	ends 1 "$other"
	grep -q 'Stale file handle' late.err
	equal "$(cat spool/runs/d/*/a.failed)" "$(cat failed)"
	equal "$(cat ledger)" "begin 1"
	dagq --check
}

@test "shared: a network that is back in time has ended nothing" {
	ticking 'once = yes' 'lease = 20s'
	kill -STOP "$(cat server)"
	# longer than two heartbeats, shorter than two thirds of the lease
	sleep 6
	kill -CONT "$(cat server)"
	touch go
	ends 0 "$drain"
	equal "$(cat ledger)" "begin 1
end 1"
	equal "$(cat spool/runs/d/*/out/a)" by=1
	equal "$(cat spool/runs/d/*/files/a/by)" 1
	equal "$(ls spool/runs/d/*/files)" a
}

@test "shared: with a lease the next attempt never begins before the last is over" {
	ticking 'retries = 1' 'retry-delay = 0s' 'lease = 4s'
	# the next is started here
	rm "$HERE/cut"
	kill -STOP "$(cat server)"
	until_text ledger 'begin 2'
	touch go
	ends 0 "$drain"
	kill -CONT "$(cat server)"
	ends 1 "$other"
	equal "$(cat ledger)" "begin 1
begin 2
end 2"
	[ "$(tail -n 1 ticks.1)" -lt "$(head -n 1 ticks.2)" ]
	equal "$(cat spool/runs/d/*/out/a)" by=2
	equal "$(cat spool/runs/d/*/files/a/by)" 2
	dagq --check
}

@test "shared: a machine that stood still ends what was given up meanwhile" {
	ticking 'once = yes' 'lease = 8s'
	stood=$(pgrep --ns "$(cat machine)" --nslist pid .)
	kill -STOP $stood
	ends 1 "$drain"
	cat spool/runs/d/*/a.failed >failed
	grep -q 'reason=lost	engine=lost-lease' failed
	kill -CONT $stood
	ends 1 "$other"
	equal "$(cat ledger)" "begin 1"
	equal "$(cat spool/runs/d/*/a.failed)" "$(cat failed)"
	dagq --check
}

@test "shared: a machine whose power is lost, and of which its engine knows nothing" {
	ticking 'retries = 1' 'retry-delay = 0s' 'lease = 8s'
	rm "$HERE/cut"
	kill -KILL "$(cat machine)"
	until_text ledger 'begin 2'
	touch go
	ends 0 "$drain"
	equal "$(cat ledger)" "begin 1
begin 2
end 2"
	grep -q 'reason=lost	engine=lost-lease' spool/runs/d/*/a.success
	dagq --check
}

@test "shared: who dies there leaves nothing that runs, and nothing to wait for" {
	ticking 'once = yes'
	touch up
	pkill -KILL -x dagexec-slot --ns "$(cat machine)" --nslist pid
	# five minutes are the lease
	ends 1 "$drain"
	rm up
	before spool/runs/d/*/fate/a.1
	grep -q 'reason=lost	engine=lost-lease' spool/runs/d/*/a.failed
	equal "$(cat ledger)" "begin 1"
}

@test "shared: what runs elsewhere is killed from here, with its own signal, and all of it" {
	dag d <<-'END'
	[task a]
	stop-signal = INT
	kill-after  = 60s
	run = trap 'echo told >>ledger; kill $!; exit 3' INT
	    setsid sh -c 'trap "" INT; echo begin >>ledger
	        while :; do sleep 0.1; date >>left.ticks; done' &
	    sleep 300 & wait
	END
	network
	begin
	run -0 dagstat --why d/@/a
	[[ $output == *"it is running, attempt 1, since "*" on elsewhere, started by $batch/1"* ]]
	left="pgrep -f --ns $(cat machine) --nslist pid left.ticks"
	$left
	touch up
	dagq --kill d/@/a
	ends 1 "$drain"
	# its machine is there yet, and nothing of it
	run -1 $left
	rm up
	ends 1 "$other"
	equal "$(cat ledger)" "begin
told"
	equal "$(dagstat d/@/a --json | jq -r '.[0] | "\(.state) \(.reason) \(.host)"')" \
	    "failed killed elsewhere"
	grep -q "	host=elsewhere	batch=$batch/1$" spool/history/d.tsv
}

@test "shared: what a dagexec runs itself is killed from another machine" {
	unshare -mpfu --mount-proc true 2>/dev/null ||
		skip "skipped: no namespaces"
	dag d <<-'END'
	[task a]
	launch = local
	run = trap 'echo told >>ledger; exit 3' TERM
	    echo begin >>ledger; sleep 300 & wait
	END
	timeout 60 dagexec --drain -q -j 1 &
	drain=$!
	until_text ledger begin
	unshare -mpfu --mount-proc sh -c 'hostname two && dagq --kill d/@/a'
	ends 1 "$drain"
	equal "$(cat ledger)" "begin
told"
	equal "$(dagstat d/@/a --json | jq -r '.[0] | "\(.state) \(.reason)"')" \
	    "failed killed"
}

@test "shared: one machine serves; the others do what they are told" {
	dag d <<-'END'
	[task a]
	run = true
	END
	unshare -u sh -c 'hostname one && exec timeout 60 dagexec -q -j 1' &
	one=$!
	until_true eval 'ls spool/workers/*~one'
	run unshare -u sh -c 'hostname two && exec dagexec --drain'
	equal "$status $output" \
	    "111 dagexec: $T/spool: it is served by a dagexec on one"
	unshare -u sh -c 'hostname two && dagsched --run d | dagq &&
	    ls spool/workers' >there
	[ "$(grep -c '~one$' there)" -ge 1 ]
	timeout 30 dagstat --wait d/@ >/dev/null
	kill "$one"
	wait "$one" || true
	unshare -u sh -c 'hostname two && exec dagexec --drain -q'
}

@test "shared: what a machine that is gone has left is swept when it is a day old" {
	dagexec --drain
	for name in workers/4711 tmp/write.4711 tmp/run.4711; do
		for machine in one two~ '' three; do
			touch "spool/$name~$machine"
			[ "$machine" = three ] ||
				touch -d '2 days ago' "spool/$name~$machine"
		done
	done
	unshare -u sh -c 'hostname node-0123456789.example.org &&
	    exec timeout 60 dagexec -q' &
	until_true eval 'ls spool/workers/*~node-012345-*'
	equal "$(cd spool && ls -d tmp/* workers/4711*)" "tmp/run.4711~three
tmp/write.4711~three
workers/4711~three"
	name=$(cd spool/workers && echo *~node* | tr ' ' '\n' | head -n 1)
	[[ $name =~ ^[0-9]+~node-012345-[0-9a-f]{8}$ ]]
	dagq --check
	end_all
}

# halves: a task that says one, waits for go to be written, and says two
halves() {
	dag d <<-'END'
	[task a]
	launch = local
	run = echo one; cat go >ledger; echo two
	END
	mkfifo go
	network
}

@test "shared: --wait and --log -f hear of what is done on another machine" {
	halves
	timeout 60 dagexec --drain -q -j 1 &
	drain=$!
	elsewhere timeout 60 sh -c 'dagstat --wait -q d/@ & dagstat --log -f d/@/a >log &&
	    wait && echo waited >>log'
	until_text log one
	echo x >go
	ends 0 "$drain"
	ends 0 "$other"
	equal "$(cat log)" "one
two
waited"
}

@test "shared: --watch sees what is done on another machine" {
	halves
	shown 'dagstat --watch --spool net'
	seen 'no dagexec serves this spool'
	seen 'a                          ○ ready'
	timeout 60 dagexec --drain -q -j 1 &
	drain=$!
	seen 'a                          ▸ running'
	keys Tab
	seen one
	echo x >go
	seen two
	seen 'a                          ✓ success'
	ends 0 "$drain"
	seen 'no dagexec serves this spool'
	dag e <<-'END'
	[task b]
	hold = yes
	run  = true
	END
	seen '2 runs'
	seen e/
	keys q
	equal "$(ended)" 0
	equal "$(cat err)" ""
}

@test "shared: what is needed of a file system is tried at the start" {
	dagexec --drain
	equal "$(ls spool/tmp)" ""
	run -0 env DAG_NOW=2036-01-01T00:00:00Z dagexec --drain
	[[ $output =~ ^"dagexec: spool $T/spool: the clock of its server is "[0-9]+" seconds behind ours"$ ]]
	network
	umount net
	bindfs --hide-hard-links spool net
	run -1 dagexec --spool net --drain
	equal "$output" \
	    "dagexec: spool $T/net: machines cannot share it: link(2) is not counted"
	run -1 dagexec --spool net --element here.0123456789abcdef/1
	equal "$output" \
	    "dagexec: spool $T/net: machines cannot share it: link(2) is not counted"
	equal "$(ls spool/tmp)" ""
}

@test "shared: a sensor may look more than once" {
	dag d <<-'END'
	[task a]
	poke = 1s
	run  = echo x >>ledger; test "$(wc -l <ledger)" -ge 3 || exit 75
	END
	timeout 60 dagexec --drain -q -j 1
	equal "$(dagstat d/@/a --json | jq -r '.[0] | "\(.state) \(.attempt)"')" \
	    "success 1"
	equal "$(cd spool/runs/d/*/fate && echo *)" "a.1 a.1.1 a.1.2"
}

@test "shared: lease is a duration, for all tasks or for one" {
	printf '[dag]\nlaunch = here\nlease = 10m\n[task a]\nlease = 0s\nrun = true\n' \
	    >dags/d.dag
	dagparse --check dags/d.dag
	equal "$(printf '[task a]\nlease = soon\nrun = true\n' | faults)" \
	    "dagparse: dags/bad.dag:2:9: lease: \"soon\" is not a duration such as 30s, 5m, 1h30m or 2d"
}
