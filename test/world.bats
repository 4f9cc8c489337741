#!/usr/bin/env bats
# world: faults of what is around: clocks, processes, disks, limits, events.
#
# FAULT_SCALE=full repeats each twenty times, and waits as long as it says.

load helper

rounds() { [ "${FAULT_SCALE:-}" = full ] && echo 20 || echo 1; }

# each COMMAND...: as often as the scale says, from an empty spool each time
each() {
	local i
	for i in $(seq "$(rounds)"); do
		rm -rf "$DAG_SPOOL" "$T/ledger"
		echo "round $i"
		"$@"
	done
}

dag() { cat >"$T/dags/$1.dag"; }

# queue NAME [DATE]
queue() {
	local d=${2:-2026-01-01}
	{
		dagparse "$1"
		printf 'run\t%s/%sT0000Z\ttime=%sT00:00:00Z\tcause=schedule\n' \
		    "$1" "$d" "$d"
	} | dagq
}

# of NAME [DATE]: the run's directory
of() { echo "$DAG_SPOOL/runs/$1/${2:-2026-01-01}T0000Z"; }

# until SECONDS COMMAND...: waits until it succeeds
until_() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -le $end ] || { echo "waited in vain: $*"; return 1; }
		read -r -t 0.02 <> <(:) || :
	done
}

# the supervisor of the task with that process
parent() { sed 's/.*) . //; s/ .*//' "/proc/$1/stat"; }

begun() { [ -s "$T/ledger" ]; }
ended() { [ -e "$(of "$1")/@success" ] || [ -e "$(of "$1")/@failed" ]; }
lost_of() { grep -q "	lost	" "$(of d)"/a.* "$DAG_SPOOL/queue/"* 2>/dev/null; }

supervisor_died() {
	local sup t0 t1
	queue d
	dagexec -q -j1 --drain 3>&- &
	until_ 5 begun
	sup=$(parent "$(sed -n 's/start //p' ledger | head -n 1)")
	t0=${EPOCHREALTIME/./}
	kill -KILL "$sup"
	until_ 3 lost_of
	t1=${EPOCHREALTIME/./}
	wait
	equal "$(grep -c start ledger)" 2
	echo $(((t1 - t0) / 1000)) >ms
	[ "$(cat ms)" -lt 1000 ]
}

@test "world: a supervisor that died is noticed within a second" {
	dag d <<-EOF
	[task a]
	retries = 1
	run = echo start \$\$ >> $T/ledger; [ "\$DAG_ATTEMPT" = 2 ] || exec sleep 20
	EOF
	each supervisor_died
	echo "# noticed after $(cat ms) ms" >&3
}

four_workers() { [ "$(ls "$DAG_SPOOL/workers" | wc -l)" = 4 ]; }

both_died() {
	local sup exec
	queue d
	dagexec -q -j1 3>&- &
	exec=$!
	until_ 5 begun
	dagexec -q -j1 3>&- &
	other=$!
	until_ 5 four_workers
	sup=$(parent "$(sed -n 's/start //p' ledger | head -n 1)")
	kill -KILL "$exec" "$sup"
	until_ 2 lost_of
	until_ 5 ended d
	kill "$other"
	wait || :
	equal "$(grep -c start ledger)" 2
	equal "$(dagq --check)" ""
}

@test "world: when a dagexec dies with its supervisor, another one notices" {
	dag d <<-EOF
	[task a]
	retries = 1
	run = echo start \$\$ >> $T/ledger; [ "\$DAG_ATTEMPT" = 2 ] || exec sleep 20
	EOF
	each both_died
}

stopped() {
	local sup wait=1
	[ "${FAULT_SCALE:-}" = full ] && wait=60
	queue d
	dagexec -q -j1 --drain 3>&- &
	until_ 5 begun
	sup=$(parent "$(sed -n 's/start //p' ledger | head -n 1)")
	kill -STOP "$sup"
	# a second dagexec looks at it all, and finds it alive
	timeout $wait dagexec -q -j1 --drain || :
	equal "$(grep -c start ledger)" 1
	kill -CONT "$sup"
	wait
	equal "$(cat ledger)" "$(head -n 1 ledger)
end"
	[ -e "$(of d)/@success" ]
}

@test "world: a supervisor that is stopped is not taken for dead" {
	dag d <<-EOF
	[task a]
	retries = 3
	run = echo start \$\$ >> $T/ledger; sleep 0.5; echo end >> $T/ledger
	EOF
	each stopped
}

# the marker of a running task whose supervisor died, its pid given away
reused() {
	local stranger sup
	queue d
	dagexec -q -j1 --drain 3>&- &
	until_ 5 begun
	sup=$(parent "$(sed -n 's/start //p' ledger | head -n 1)")
	setsid sleep 50 3>&- &
	stranger=$!
	sed -i "s/pid=[0-9]*/pid=$stranger/" "$(of d)/a.running.1"
	kill -KILL "$sup"
	wait %1 || :
	gone "$stranger" && return 1
	kill -KILL "$stranger"
	wait || :
	equal "$(grep -c start ledger)" 2
}

@test "world: who got the number of a task that is gone is left alone" {
	dag d <<-EOF
	[task a]
	retries = 1
	run = echo start \$\$ >> $T/ledger; [ "\$DAG_ATTEMPT" = 2 ] || exec sleep 20
	EOF
	each reused
}

overflowed() {
	local exec i
	mkdir -p "$DAG_SPOOL"; chmod 700 "$DAG_SPOOL"
	dagq --pool p=1
	dagexec -q -j1 3>&- &
	exec=$!
	until_ 5 test -e "$DAG_SPOOL/workers/$exec"
	until_ 5 grep -q poll "/proc/$exec/wchan"
	kill -STOP "$exec"
	: >"$DAG_SPOOL/queue/x@y"
	(cd "$DAG_SPOOL/queue" && perl -e \
	    'for (1..20000) { rename "x\@y", "y\@x"; rename "y\@x", "x\@y" }')
	rm "$DAG_SPOOL/queue/x@y"
	queue d
	kill -CONT "$exec"
	until_ 31 ended d
	kill "$exec"
	wait
	equal "$(dagq --check)" ""
}

@test "world: after an overflow of events all is found" {
	[ "$(cat /proc/sys/fs/inotify/max_queued_events)" -le 30000 ] ||
		skip "skipped: the queue of events is too long to fill"
	command -v perl >/dev/null || skip "skipped: no perl"
	dag d <<<$'[task a]\nrun = true'
	each overflowed
}

full_disk() {
	local n=0 exec
	mkdir -p "$DAG_SPOOL"
	mount -t tmpfs -o size=1m,nr_inodes=400,mode=700 none "$DAG_SPOOL"
	queue d
	# what is acknowledged is there; what does not fit is refused
	while [ $n -lt 400 ] && queue d "$(date -d "2026-01-02 + $n day" +%F)" \
	    2>>err; do
		n=$((n + 1))
	done
	[ $n -lt 400 ]
	grep -q 'No space left on device' err
	equal "$(ls "$DAG_SPOOL/runs/d" | wc -l)" $((n + 1))
	dd if=/dev/zero of="$DAG_SPOOL/filler" bs=4k 2>/dev/null || :
	dagexec -q -j2 --drain 2>/dev/null 3>&- &
	exec=$!
	read -r -t 0.3 <> <(:) || :
	# then there is room again: it goes on by itself
	rm -f "$DAG_SPOOL/filler"
	mount -o remount,size=64m,nr_inodes=100000 "$DAG_SPOOL"
	wait "$exec" || dagexec -q -j2 --drain
	equal "$(ls -d "$DAG_SPOOL"/runs/d/*/@success | wc -l)" $((n + 1))
	equal "$(dagq --check)" ""
	umount "$DAG_SPOOL"
}

@test "world: a full disk refuses; with room again all goes on" {
	mkdir try && mount -t tmpfs none try 2>/dev/null ||
		skip "skipped: a tmpfs cannot be mounted"
	umount try
	dag d <<<$'[task a]\nretries = 9\nrun = true\n[task b]\nafter = a\nretries = 9\nrun = true'
	each full_disk
}

limited() {
	local n
	queue d
	for n in 6 7 8 9 10 12 14 16 18 20 24 32 40; do
		status=0
		bash -c "ulimit -n $n; exec dagexec -j2 --drain" 2>err ||
			status=$?
		# 111, or the task itself had too few: 1
		[[ " 0 1 111 " == *" $status "* ]] || { echo "$n: $status"; cat err; return 1; }
		[ "$status" = 0 ] || [ -s err ] || [ -e "$(of d)/@failed" ]
	done
	dagexec -q --drain || :
	ended d
	equal "$(dagq --check)" ""
}

@test "world: without descriptors it says so, and nothing is lost" {
	dag d <<<$'[default]\nretries = 30\n[task a]\nrun = true\n[task b]\nafter = a\nrun = true'
	each limited
	[ -e "$(of d)/@success" ]
}

crowded() {
	local n as="setpriv --reuid nobody --clear-groups"
	chown -R nobody "$open"
	$as bash -c "$(declare -f queue); queue d"
	for n in 1 2 3 5; do
		$as bash -c "ulimit -u $n; exec dagexec -q -j2 --drain" || :
	done
	$as dagexec -q --drain || :
	$as dagq --check >found
	equal "$(cat found)" ""
	equal "$(ls "$DAG_SPOOL/runs/d/"*/@*)" \
	    "$DAG_SPOOL/runs/d/2026-01-01T0000Z/@success"
}

@test "world: without processes it says so, and nothing is lost" {
	[ "$(id -u)" = 0 ] || skip "skipped: only root can be another"
	open=$(mktemp -d "${TMPDIR:-/tmp}/dag.XXXXXX")
	chmod 755 "$open"
	cp "$BIN"/dag* "$open"
	mkdir -m 755 "$open/dags"
	PATH=$open:/usr/bin:/bin DAG_PATH=$open/dags DAG_SPOOL=$open/spool
	HOME=$open XDG_CACHE_HOME=$open/cache
	setpriv --reuid nobody --clear-groups dagq --version >/dev/null || {
		rm -rf "$open"
		skip "skipped: nobody may run nothing here"
	}
	cat >"$open/dags/d.dag" <<<$'[default]\nretries = 30\n[task a]\nrun = true\n[task b]\nafter = a\nrun = true'
	each crowded
	rm -rf "$open"
}

# in a group of 32 MB a task takes more
oomed() {
	queue d
	(echo "$BASHPID" >"$group/cgroup.procs"; exec dagexec -q -j1 --drain) \
	    3>&- || :
	equal "$(sed -n 's/.*	end	.*signal=\([A-Z]*\).*/\1/p' \
	    "$(of d)"/a.failed)" KILL
	[ -e "$(of d)/b.success" ]
	equal "$(dagq --check)" ""
}

@test "world: a task that the kernel kills for its memory has failed" {
	group=/sys/fs/cgroup/memory/dag.$$
	mkdir "$group" 2>/dev/null &&
	    echo 33554432 >"$group/memory.limit_in_bytes" 2>/dev/null || {
		rmdir "$group" 2>/dev/null || :
		skip "skipped: no memory cgroup (v1) that we may make"
	}
	dag d <<<$'[task a]\nrun = exec awk \'BEGIN { s = "x"; while (1) s = s s }\'\n[task b]\nrun = true'
	each oomed
	rmdir "$group"
}

jumps() {
	local now
	# nine slots; then the clock goes back, forth, and to where it was
	for now in 2026-01-10T00:30:00Z 2026-01-09T23:30:00Z \
	    2026-01-10T01:30:00Z 2026-01-07T00:30:00Z 2026-01-13T00:30:00Z \
	    2025-01-10T00:30:00Z 2027-01-10T00:30:00Z 2026-01-10T00:30:00Z; do
		DAG_NOW=$now dagsched -q d | DAG_NOW=$now dagq
		DAG_NOW=$now dagexec -q --drain
	done
	# every slot until the end, once
	equal "$(sort ledger | uniq -c | awk '{ print $1, $2 }')" \
	    "$(seq -f '1 2026-01-%02g' 1 20)"
	equal "$(dagq --check)" ""
}

@test "world: the clock jumps by hours, days and years: each slot runs once" {
	dag d <<-EOF
	[dag]
	schedule = @daily
	timezone = UTC
	start = 2026-01-01
	end = 2026-01-20
	catchup = all
	[task a]
	run = echo \$DAG_DATE >> $T/ledger
	EOF
	each jumps
}

jumps_under_way() {
	local exec
	DAG_NOW=2026-01-01T12:00:00Z queue d
	DAG_NOW=2026-01-01T12:00:00Z dagexec -q -j1 3>&- &
	exec=$!
	until_ 5 begun
	kill -KILL "$exec"
	wait || :
	# years later, and years before, it still runs: nobody starts it again
	DAG_NOW=2029-01-01T00:00:00Z timeout 0.2 dagexec -q -j1 --drain || :
	DAG_NOW=2020-01-01T00:00:00Z dagexec -q -j1 --drain
	equal "$(cat ledger)" "start
end"
	[ -e "$(of d)/@success" ]
}

@test "world: a task that runs while the clock jumps runs once" {
	dag d <<<"[task a]
retries = 3
run = echo start >> $T/ledger; sleep 0.6; echo end >> $T/ledger"
	each jumps_under_way
}

# after a reboot, numbers of processes mean nothing, and no lock is held
rebooted() {
	local exec
	queue d
	dagexec -q -j1 --drain 3>&- &
	exec=$!
	until_ 5 begun
	kill -KILL "$exec"
	for pid in $(cd "$DAG_SPOOL/workers" && ls); do
		kill -KILL "$pid" 2>/dev/null || :
	done
	kill -KILL "$(sed -n 's/start //p' ledger | head -n 1)" || :
	wait || :
	# one of the workers' numbers is somebody else's now
	for name in "$DAG_SPOOL"/workers/*; do
		mv "$name" "$DAG_SPOOL/workers/$$"
		break
	done
	echo 00000000-0000-0000-0000-000000000000 >boot
	unshare -m sh -c "mount --bind boot /proc/sys/kernel/random/boot_id &&
	    exec dagexec -q -j1 --drain"
	equal "$(grep -c start ledger)" 2
	[ -e "$(of d)/@success" ]
	equal "$(dagq --check)" ""
	equal "$(ls "$DAG_SPOOL/workers")" ""
}

@test "world: after a reboot what ran is run again, whoever has its numbers" {
	unshare -m true 2>/dev/null || skip "skipped: no mount namespaces"
	dag d <<-EOF
	[task a]
	retries = 1
	run = echo start \$\$ >> $T/ledger; [ "\$DAG_ATTEMPT" = 2 ] || exec sleep 20
	EOF
	each rebooted
}

@test "world: two dagsched and dagq at once make each run once" {
	local n i
	n=$([ "${FAULT_SCALE:-}" = full ] && echo 1000 || echo 100)
	dag d <<-'EOF'
	[dag]
	schedule = @daily
	timezone = UTC
	start = 2020-01-01
	catchup = all
	[task a]
	run = true
	EOF
	for i in $(seq "$n"); do
		now=$(date -u -d "2020-01-01 + $i day" +%FT00:30:00Z)
		for _ in 1 2; do
			DAG_NOW=$now dagsched -q d |
			    DAG_NOW=$now dagq --sync=none &
		done 3>&-
		wait
	done
	equal "$(ls "$DAG_SPOOL/runs/d" | wc -l)" $((n + 1))
	equal "$(cut -d T -f 1 <(ls "$DAG_SPOOL/runs/d") | sort -u | wc -l)" \
	    $((n + 1))
	equal "$(dagq --check)" ""
	equal "$(ls "$DAG_SPOOL/tmp")" ""
	echo "# $n times two, $((n + 1)) slots, a run each" >&3
}
