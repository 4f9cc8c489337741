#!/usr/bin/env bats
# dagexec: claims, supervises, records.

load helper

dag() { cat > "$T/dags/$1.dag"; }

# queue NAME [DATE]: a run at midnight UTC
queue() {
	local d=${2:-2026-01-01}
	{
		dagparse "$1"
		printf 'run\t%s/%sT0000Z\ttime=%sT00:00:00Z\tcause=manual\n' \
		    "$1" "$d" "$d"
	} | dagq
}

# of NAME: the run's directory
of() { echo "$DAG_SPOOL/runs/$1/${2:-2026-01-01}T0000Z"; }

# event NAME TASK EVENT KEY: values of a key in the lines of one event
event() {
	cat "$(of "$1")/$2".* 2>/dev/null | awk -F'\t' -v e="$3" -v k="$4" \
	    '$2 == e { for (i = 3; i <= NF; i++) if (index($i, k "=") == 1)
	        print substr($i, length(k) + 2) }' | tr '\n' ' '
}

# later FILE EVENT AGAIN: AGAIN's at is a second or more after the first EVENT
later() {
	local from at
	from=$(awk -F'\t' -v e="$2" '$2 == e { print $1; exit }' "$1")
	at=$(awk -F'\t' -v e="$3" '$2 == e { sub(/at=/, "", $4); print $4; exit }' "$1")
	[ $(($(date -d "$at" +%s%3N) - $(date -d "$from" +%s%3N))) -ge 1000 ]
}

# distances MARKER: from the next second after each look of s to the next look
distances() {
	awk -F'\t' '$2 == "poke" {
	        split(substr($1, 12), a, /[:.]/)
	        split(substr($4, 15), b, /[:Z]/)
	        n = b[1] * 3600 + b[2] * 60 + b[3] + 86400
	        n -= a[1] * 3600 + a[2] * 60 + a[3] + (a[4] + 0 > 0)
	        print n % 86400
	    }' "$(of s)/$1" | tr '\n' ' '
}

@test "dagexec: runs tasks in order and records how they ended" {
	dag d <<-'EOF'
	[task a]
	run = echo out; echo err >&2
	[task b]
	after = a
	run = exit 7
	[task c]
	after = b
	run = true
	[task s]
	run = exit 99
	[task t]
	after = s
	run = true
	[task k]
	run = kill -TERM $$
	EOF
	queue d
	run dagexec -j1 --drain
	[ "$status" = 1 ]
	equal "$output" ""
	equal "$(cd "$(of d)" && ls | tr '\n' ' ')" \
"@failed a.success b.failed c.upstream-failed k.failed log out plan run s.skipped t.skipped "
	equal "$(cat "$(of d)/log/a.1")" "out
err"
	equal "$(event d a end exit)" "0 "
	equal "$(event d b end exit)" "7 "
	equal "$(event d k end signal)" "TERM "
	equal "$(grep -c '^instance' "$DAG_SPOOL/history/d.tsv")" 6
	equal "$(grep -c '^run.*state=failed' "$DAG_SPOOL/history/d.tsv")" 1
	equal "$(dagq --check)" ""
}

@test "dagexec: a task's world is what dag(5) says" {
	dag w <<-EOF
	[dag]
	timezone = Asia/Tokyo
	[default]
	env = GREETING="hello world" PATH=$PATH
	[task up]
	run =
	  echo one=1 >> "\$DAG_OUT"
	  echo many=a >> "\$DAG_OUT"
	  echo many=b >> "\$DAG_OUT"
	  echo da-sh=x >> "\$DAG_OUT"
	[task show-it]
	after = up
	run =
	  env | grep -E '^(DAG_|GREETING|TZ|PWD)' | sort
	  umask
	  cat
	  ls -l /proc/self/fd > fds
	  ps -o pid=,pgid=,sid= -p \$\$ | awk '{ print (\$1 == \$2 && \$2 == \$3) }'
	EOF
	{
		dagparse w
		printf 'run\tw/2026-01-02T0100+0900\ttime=2026-01-02T01:00:00+09:00\tcause=schedule\tprev=2026-01-01T01:00:00+09:00\tnext=2026-01-03T01:00:00+09:00\tparam.my-p=v w\n'
	} | dagq
	DAG_LEAK=1 TZ=Europe/Paris dagexec -j1 --drain
	run=$DAG_SPOOL/runs/w/2026-01-02T0100+0900
	equal "$(sed "s,$run,RUN,; s,$DAG_SPOOL,SPOOL,; s,$T,T," "$run/log/show-it.1")" \
"DAG_ATTEMPT=1
DAG_DATE=2026-01-02
DAG_FROM_up_da_sh=x
DAG_FROM_up_many=a
DAG_FROM_up_one=1
DAG_ID=w/2026-01-02T0100+0900/show-it
DAG_NAME=w
DAG_NEXT_DATE=2026-01-03
DAG_NEXT_TIME=2026-01-03T01:00:00+09:00
DAG_OUT=RUN/out/show-it
DAG_PARAM_my_p=v w
DAG_PATH=T/dags
DAG_PREV_DATE=2026-01-01
DAG_PREV_TIME=2026-01-01T01:00:00+09:00
DAG_RUN=2026-01-02T0100+0900
DAG_RUNDIR=RUN
DAG_SPOOL=SPOOL
DAG_TASK=show-it
DAG_TIME=2026-01-02T01:00:00+09:00
GREETING=hello world
PWD=T/dags
TZ=Asia/Tokyo
0022
1"
	# stdin; stdout (of ls, a file), stderr in the log; the lock: no others
	equal "$(awk '$11 !~ /^.proc/ && NF > 9 { print $11 }' dags/fds |
	    sed "s,$run,RUN,; s,$T,T," | sort)" "/dev/null
RUN/log/show-it.1
RUN/show-it.running.1
T/dags/fds"
}

@test "dagexec: a value written several times is a list" {
	dag v <<-'EOF'
	[task a]
	run = for i in 1 2 3; do echo k=$i; echo other=x$i; done >> "$DAG_OUT"
	[task b]
	after = a
	run = for i in $DAG_FROM_a_k; do echo "<$i>"; done
	EOF
	queue v
	dagexec --drain
	equal "$(cat "$(of v)/log/b.1")" "<1>
<2>
<3>"
}

@test "dagexec: a value too long for a variable is only in the file" {
	dag v <<-'EOF'
	[task a]
	run = { echo small=1; printf 'long=%0131072d\n' 0; echo last=2; } > "$DAG_OUT"
	[task b]
	after = a
	run = echo $DAG_FROM_a_small $DAG_FROM_a_last ${DAG_FROM_a_long-none}; grep -c ^long= "$DAG_RUNDIR/out/a"
	EOF
	queue v
	dagexec --drain
	equal "$(cat "$(of v)/log/b.1")" "1 2 none
1"
}

@test "dagexec: retries, with every attempt's log and line kept" {
	dag r <<-'EOF'
	[task a]
	retries = 2
	run = echo try $DAG_ATTEMPT; [ "$DAG_ATTEMPT" = 3 ]
	[task b]
	retries = 1
	run = false
	[task c]
	once = yes
	run = false
	[default]
	retries = 3
	EOF
	queue r
	run dagexec -j1 --drain
	[ "$status" = 1 ]
	equal "$(event r a end state)" "failed failed success "
	equal "$(event r b end state)" "failed failed "
	equal "$(event r c end state)" "failed "
	equal "$(cat "$(of r)"/log/a.*)" "try 1
try 2
try 3"
	grep -q '^| try 1$' "$(of r)/a.success"
}

@test "dagexec: a retry waits for its delay, without holding a slot" {
	dag r <<-EOF
	[task a]
	priority = 5
	retries = 1
	retry-delay = 1s
	run = [ "\$DAG_ATTEMPT" = 2 ]
	[task b]
	run = echo b >> $T/ledger
	EOF
	queue r
	dagexec -j1 --drain
	# never a moment sooner than asked
	later "$(of r)/a.success" end retry
	equal "$(event r a end state)" "failed success "
	# b ran between a's two attempts
	[[ $(event r b end state) == "success " ]]
	[[ $(head -1 "$(of r)/b.success" | cut -f1) < $(grep 'start.*attempt=2' "$(of r)/a.success" | cut -f1) ]]
}

@test "dagexec: a sensor looks again without spending an attempt, and gives up" {
	dag s <<-EOF
	[task see]
	poke = 1s
	run = [ -e $T/flag ] || { touch $T/flag; exit 75; }
	[task never]
	poke = 1s
	give-up = 1s skip
	run = exit 75
	[task nosensor]
	run = exit 75
	EOF
	queue s
	run dagexec -j1 --drain
	[ "$status" = 1 ]
	equal "$(ls "$(of s)" | grep '\.' | tr '\n' ' ')" "never.skipped nosensor.failed see.success "
	equal "$(ls "$(of s)/log" | tr '\n' ' ')" "never.1 nosensor.1 see.1 "
	equal "$(event s see start attempt)" "1 1 "
	later "$(of s)/see.success" start poke
	equal "$(event s never end reason)" "give-up "
}

@test "dagexec: a sensor's looks come at twice the distance, up to the second" {
	dag s <<-EOF
	[task see]
	poke = 1s..2s
	run = echo x >> $T/looks; [ \$(wc -l < $T/looks) = 4 ] || exit 75
	EOF
	queue s
	dagexec -j1 --drain
	equal "$(distances see.success)" "1 2 2 "
}

@test "dagexec: a sensor's looks begin anew with a rerun, and its end is never overslept" {
	dag s <<-EOF
	[task see]
	poke = 1s..1h
	run = echo x >> $T/looks; case \$(wc -l < $T/looks) in 2) exit 1;; 4) ;; *) exit 75;; esac
	[task late]
	poke = 1h
	give-up = 1s
	run = exit 75
	EOF
	queue s
	run timeout 60 dagexec --drain
	[ "$status" = 1 ]
	equal "$(event s late end reason)" "give-up "
	dagq -q --rerun s/@/see
	timeout 60 dagexec --drain
	equal "$(distances see.success)" "1 1 "
}

@test "dagexec: timeout ends the whole group, TERM first, then KILL" {
	dag t <<-EOF
	[default]
	timeout = 1s
	kill-after = 1s
	[task polite]
	run = trap 'echo bye; exit 3' TERM; sleep 1000 & wait
	[task deaf]
	run = trap '' TERM; sleep 1000 & echo \$! > $T/child; wait
	EOF
	queue t
	run dagexec -j2 --drain
	[ "$status" = 1 ]
	equal "$(event t polite end exit) $(event t polite end reason)" "3  timeout "
	equal "$(event t deaf end signal) $(event t deaf end reason)" "KILL  timeout "
	equal "$(cat "$(of t)/log/polite.1")" bye
	gone "$(cat child)"
}

@test "dagexec: what a task leaves running in its group is killed at its end" {
	dag l <<-EOF
	[task a]
	run = sleep 1000 & echo \$! > $T/child
	EOF
	queue l
	dagexec --drain
	equal "$(event l a end state)" "success "
	gone "$(cat child)"
}

@test "dagexec: commands without a shell, scripts and other shells" {
	dag c <<-'EOF'
	[task plain]
	run = basename /x/y,z
	[task missing]
	run = no-such-command arg
	[task script]
	run =
	  #!/usr/bin/awk -f
	  BEGIN { print ENVIRON["DAG_TASK"], "in awk" }
	[task bash]
	shell = bash -euo pipefail
	run = false | true
	[task dash]
	run = false | true
	[task stops]
	run =
	  false
	  echo not reached
	[task assign]
	run = A=1
	[task noexec]
	run = ./script
	EOF
	printf 'echo no hash-bang\n' > dags/script
	chmod +x dags/script
	queue c
	run dagexec -j1 --drain
	[ "$status" = 1 ]
	cd "$(of c)"
	equal "$(ls | grep 'failed$' | tr '\n' ' ')" "@failed bash.failed missing.failed stops.failed "
	equal "$(cat log/plain.1 log/script.1 log/stops.1 log/noexec.1)" "y,z
script in awk
no hash-bang"
	equal "$(cat log/missing.1)" "sh: 1: no-such-command: not found"
	equal "$(event c missing end exit)" "127 "
}

@test "dagexec: workdir is the DAG file's directory, or what it says, resolved when the run is made" {
	mkdir one two dags/sub
	ln -s one current
	dag wd <<-EOF
	[task here]
	run = pwd
	[task sub]
	workdir = sub
	run = pwd
	[task link]
	workdir = $T/current
	run = pwd
	[task gone]
	workdir = $T/nowhere
	run = pwd
	EOF
	queue wd
	ln -sfn two current
	run dagexec -j1 --drain
	[ "$status" = 1 ]
	equal "$(cd "$(of wd)/log" && cat here.1 sub.1 link.1)" "$T/dags
$T/dags/sub
$T/one"
	equal "$(cat "$(of wd)/log/gone.1")" "workdir $T/nowhere: No such file or directory"
}

@test "dagexec: priority first, then older runs, then the order of the plan" {
	dag p <<-EOF
	[default]
	run = echo \$DAG_DATE \$DAG_TASK >> $T/ledger
	[task a]
	run = echo \$DAG_DATE \$DAG_TASK >> $T/ledger
	[task b]
	run = echo \$DAG_DATE \$DAG_TASK >> $T/ledger
	priority = 10
	[task c]
	run = echo \$DAG_DATE \$DAG_TASK >> $T/ledger
	EOF
	sed -i 2d dags/p.dag
	queue p 2026-01-02
	queue p 2026-01-01
	dagexec -j1 --drain
	equal "$(cat ledger)" "2026-01-01 b
2026-01-02 b
2026-01-01 a
2026-01-01 c
2026-01-02 a
2026-01-02 c"
}

@test "dagexec: a pool bounds what runs at a time, also between two dagexecs" {
	dagq --pool one=1
	{
		echo "[default]"
		echo "pool = one"
		for i in 1 2 3 4 5 6 7 8; do
			printf '[task t%d]\nrun = mkdir %s/in && sleep 0.02; rmdir %s/in\n' $i "$T" "$T"
		done
	} > dags/p.dag
	queue p
	dagexec -j4 --drain & a=$!
	dagexec -j4 --drain & b=$!
	wait $a
	wait $b
	equal "$(ls "$(of p)" | grep -c success)" 9
}

@test "dagexec: TERM leaves what runs to its supervisor, which records and releases" {
	mkfifo up go
	dag t <<-EOF
	[task a]
	run = echo > $T/up; cat $T/go
	[task b]
	after = a
	run = true
	EOF
	queue t
	dagexec -j1 & pid=$!
	read -r _ < up
	kill -TERM $pid
	wait $pid
	equal "$(ls "$(of t)" | grep running)" a.running.1
	echo done > go
	dagexec --drain
	equal "$(ls "$(of t)" | grep success | tr '\n' ' ')" "@success a.success b.success "
	equal "$(event t a start attempt)" "1 "
}

@test "dagexec: killed with -9 it loses nothing; the next one waits for what still runs" {
	mkfifo up go
	dag t <<-EOF
	[task a]
	run = echo > $T/up; cat $T/go
	[task b]
	after = a
	run = true
	EOF
	queue t
	dagexec -j1 & pid=$!
	read -r _ < up
	kill -KILL $pid
	wait $pid || true
	dagexec --drain & pid=$!
	echo done > go
	wait $pid
	equal "$(ls "$(of t)" | grep success | tr '\n' ' ')" "@success a.success b.success "
	equal "$(event t a start attempt)" "1 "
}

@test "dagexec: --drain goes on with what a supervisor of others releases at its end" {
	local i
	mkfifo up go
	dag t <<-EOF
	[task a]
	run = echo > $T/up; cat $T/go
	[task b]
	after = a
	run = true
	EOF
	for i in 1 2 3 4 5; do
		queue t 2026-01-0$i
		dagexec -j1 & pid=$!
		read -r _ < up
		kill -TERM $pid
		wait $pid
		dagexec -j1 --drain & pid=$!
		until [ -e "$DAG_SPOOL/workers/$pid" ] &&
		    grep -q '^State:.S' /proc/$pid/status; do :; done
		echo done > go
		wait $pid
		equal "$(ls "$(of t 2026-01-0$i)" | grep success | tr '\n' ' ')" \
		    "@success a.success b.success "
	done
}

@test "dagexec: a task whose supervisor was killed is killed, and retried" {
	mkfifo up
	dag t <<-EOF
	[task a]
	retries = 1
	run = echo \$\$ > $T/pid.\$DAG_ATTEMPT; echo > $T/up; [ \$DAG_ATTEMPT = 2 ] || sleep 1000
	EOF
	queue t
	dagexec -j1 --drain 2> err & pid=$!
	read -r _ < up
	sup=$(grep -l supervisor "$DAG_SPOOL"/workers/*)
	kill -KILL "${sup##*/}"
	read -r _ < up
	gone "$(cat pid.1)"
	wait $pid
	equal "$(cat err)" "dagexec: t@2026-01-01T0000Z.a: its supervisor died"
	equal "$(event t a lost attempt)$(event t a end state)" "1 success "
}

@test "dagexec: a lost task without retries, or with once, has failed for that reason" {
	mkfifo up
	dag t <<-EOF
	[default]
	retries = 5
	[task a]
	once = yes
	run = echo > $T/up; sleep 1000
	[task b]
	after = a
	run = true
	EOF
	queue t
	dagexec -j1 --drain 2> err & pid=$!
	read -r _ < up
	sup=$(grep -l supervisor "$DAG_SPOOL"/workers/*)
	kill -KILL "${sup##*/}"
	status=0
	wait $pid || status=$?
	[ "$status" = 1 ]
	equal "$(event t a lost reason)" "lost "
	equal "$(ls "$(of t)" | grep fail | tr '\n' ' ')" "@failed a.failed b.upstream-failed "
}

@test "dagexec: a second dagexec notices the death of another's supervisor" {
	mkfifo up
	dag t <<-EOF
	[task a]
	retries = 1
	run = echo > $T/up; [ \$DAG_ATTEMPT = 2 ] || sleep 1000
	EOF
	queue t
	dagexec -j1 2>/dev/null & one=$!
	read -r _ < up
	dagexec -j1 --drain & two=$!
	sup=$(grep -l supervisor "$DAG_SPOOL"/workers/* | xargs -n1 basename |
	    while read -r p; do
		[ "$(awk '{ print $4 }' "/proc/$p/stat")" != $one ] || echo "$p"
	    done)
	kill -STOP $one
	kill -KILL "$sup"
	read -r _ < up
	wait $two
	equal "$(event t a start attempt)" "1 2 "
	kill -CONT $one
	kill $one
	wait $one
}

@test "dagexec: supervisors that cannot start are not tried over and over" {
	dag t <<-'EOF'
	[task a]
	run = true
	EOF
	[ "$(id -u)" = 0 ] || skip "not root: no file system of our own"
	mkdir -m 700 small
	mount -t tmpfs -o nr_inodes=100,mode=700 none small || skip "no tmpfs here"
	DAG_SPOOL=$T/small/spool
	queue t
	i=0
	while : > small/fill$i; do i=$((i + 1)); done 2>/dev/null
	rm small/fill0
	timeout 60 dagexec -j1 --drain 2> err & pid=$!
	until [ -s err ]; do kill -0 $pid; done
	rm small/fill*
	status=0
	wait $pid || status=$?
	ended=$(ls "$(of t)" | grep success | tr '\n' ' ')
	umount small
	[ "$status" = 0 ]
	equal "$(cat err)" "dagexec: a supervisor: it cannot start"
	equal "$ended" "@success a.success "
}

@test "dagexec: --single leaves with 0 if another serves the spool" {
	mkfifo up go
	dag t <<-EOF
	[task a]
	run = echo > $T/up; cat $T/go
	EOF
	queue t
	dagexec -j1 --drain & pid=$!
	read -r _ < up
	run dagexec -v --single --drain
	[ "$status" = 0 ]
	equal "$output" "dagexec: another dagexec serves $DAG_SPOOL"
	echo > go
	wait $pid
	run dagexec -v --single --drain
	equal "$output" ""
}

@test "dagexec: a run that appears whole, by any hand, is run" {
	mkfifo up
	dag t <<-EOF
	[task a]
	run = echo > $T/up
	EOF
	queue t
	mv "$DAG_SPOOL/queue/t@2026-01-01T0000Z.a" "$(of t)/a.waiting"
	mv "$(of t)" "$DAG_SPOOL/tmp/x"
	dagexec -j1 & pid=$!
	until [ -e "$DAG_SPOOL/workers/$pid" ]; do :; done
	mv "$DAG_SPOOL/tmp/x" "$(of t)"
	read -r _ < up
	kill $pid
	wait $pid
}

@test "dagexec: what nobody evaluated is evaluated at its start" {
	dag t <<-'EOF'
	[task a]
	run = true
	[task b]
	after = a
	run = true
	EOF
	queue t
	mv "$DAG_SPOOL/queue/t@2026-01-01T0000Z.a" "$(of t)/a.success"
	equal "$(ls "$(of t)" | grep '\.' | tr '\n' ' ')" "a.success b.waiting "
	dagexec --drain
	equal "$(ls "$(of t)" | grep success | tr '\n' ' ')" "@success a.success b.success "
}

@test "dagexec: with nothing to do it makes no system call" {
	command -v strace > /dev/null || skip "no strace"
	dag t <<-'EOF'
	[task a]
	run = true
	EOF
	queue t
	dagexec -j1 & pid=$!
	until [ -e "$(of t)/@success" ]; do :; done
	# the sync that ends the last task's work may still be under way
	until grep -q poll "/proc/$pid/wchan" 2>/dev/null ||
	    [ "$(awk '{ print $3 }' "/proc/$pid/stat")" = S ]; do :; done
	timeout 1 strace -f -p $pid -o trace || true
	kill $pid
	wait $pid
	run grep -cvE 'poll\(|restart_syscall|resumed|detached|strace' trace
	equal "$output" 0
}

@test "dagexec: FILE.dag runs it in the foreground, output behind the task's name" {
	dag f <<-'EOF'
	[task first]
	run = echo one; echo two; printf three
	[task b]
	after = first
	run = echo p is "$DAG_PARAM_p"
	EOF
	run dagexec -j1 "$T/dags/f.dag" p=1=2
	[ "$status" = 0 ]
	equal "$output" "first | one
first | two
first | three
b     | p is 1=2"
	equal "$(ls "$DAG_SPOOL"/runs/f/*-manual/@*)" "$(echo "$DAG_SPOOL"/runs/f/*-manual/@success)"
}

@test "dagexec: FILE.dag shows what all tasks write, though they are more than its descriptors" {
	for ((i = 0; i < 150; i++)); do
		printf '[task t%d]\nretries = 1\nretry-delay = 0s\n' $i
		printf 'run = echo "$DAG_TASK $DAG_ATTEMPT"; [ $DAG_ATTEMPT = 2 ]\n'
	done >many.dag
	run --separate-stderr bash -c 'ulimit -n 100; exec dagexec -q many.dag'
	[ "$status" = 0 ]
	equal "$(sed 's/.*| //' <<<"$output" | sort)" \
	    "$(for i in {0..149}; do echo "t$i 1"; echo "t$i 2"; done | sort)"
	equal "$stderr" ""
}

@test "dagexec: FILE.dag ends as the run ended" {
	dag f <<-'EOF'
	[task a]
	run = exit 4
	EOF
	run dagexec ./dags/f.dag
	[ "$status" = 1 ]
	[[ $output == "dagexec: a: failed
dagexec: f/"*"-manual: failed; dagstat f/"* ]]
	echo 'nonsense' > dags/g.dag
	run dagexec ./dags/g.dag
	[ "$status" = 1 ]
	[[ $output == "dagexec: "*"g.dag:1:1: "* ]]
	[ ! -e "$DAG_SPOOL/runs/g" ]
	run dagexec nosuch
	[ "$status" = 1 ]
	equal "$output" "dagexec: nosuch: there is no such DAG; looked for $T/dags/nosuch.dag"
	run dagexec ./dags/f.dag notaparam
	[ "$status" = 2 ]
	equal "$output" "dagexec: notaparam: a parameter is wanted here, NAME=VALUE"
}

@test "dagexec: an interrupt in the foreground kills the run" {
	mkfifo up
	dag f <<-EOF
	[task a]
	run = echo \$\$ > $T/pid; echo > $T/up; sleep 1000
	[task b]
	after = a
	run = true
	[task c]
	run = true
	priority = -1
	EOF
	dagexec -j1 ./dags/f.dag > out 2>&1 & pid=$!
	read -r _ < up
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 1 ]
	gone "$(cat pid)"
	equal "$(cd "$DAG_SPOOL"/runs/f/*-manual && ls | grep -E '@|\.' | tr '\n' ' ')" "@failed a.failed b.failed c.failed "
	equal "$(ls "$DAG_SPOOL/queue")" ""
	equal "$(dagq --check)" ""
}

@test "dagexec: a clock set back a day does not freeze ready tasks" {
	dag t <<-'EOF'
	[task a]
	run = false
	retries = 1
	[task b]
	run = true
	EOF
	queue t
	run env DAG_NOW=2020-01-01T00:00:00Z dagexec -j1 --drain
	[ "$status" = 1 ]
	equal "$(ls "$(of t)" | grep '\.' | tr '\n' ' ')" "a.failed b.success "
}

@test "dagexec: a marker that is a link or a fifo is refused, the others go on" {
	dag t <<-EOF
	[task a]
	run = true
	[task b]
	run = true
	[task c]
	run = true
	EOF
	queue t
	rm "$DAG_SPOOL/queue/t@2026-01-01T0000Z.a"
	ln -s /etc/passwd "$DAG_SPOOL/queue/t@2026-01-01T0000Z.a"
	rm "$DAG_SPOOL/queue/t@2026-01-01T0000Z.b"
	mkfifo "$DAG_SPOOL/queue/t@2026-01-01T0000Z.b"
	run dagexec -j1 --drain
	equal "$output" "dagexec: t@2026-01-01T0000Z.a: t/2026-01-01T0000Z/a: its marker is not a plain file
dagexec: t@2026-01-01T0000Z.b: t/2026-01-01T0000Z/b: its marker is not a plain file"
	equal "$(ls "$(of t)" | grep '\.' | tr '\n' ' ')" "c.success "
}

@test "dagexec: wrong usage says what would be right" {
	while IFS='|' read -r args message; do
		run dagexec $args
		[ "$status" = 2 ]
		equal "$output" "dagexec: $message"
	done <<-'EOF'
	-j 0|-j 0: a number from 1 to 1024 is wanted
	-j x|-j x: a number from 1 to 1024 is wanted
	--sync maybe|--sync maybe: full or none
	--drain x.dag|--drain and --single do not go with a file
	EOF
}

# ticks PID: of the processor that it has had
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

@test "dagexec: while a task runs it sleeps, though there is more to do later" {
	mkfifo fifo
	exec 5<>fifo
	dag t <<-EOF
	[task a]
	run = echo >$T/fifo; read -r _ <$T/go
	EOF
	mkfifo go
	queue t
	dagexec -q -j1 3>&- 5>&- & worker=$!
	read -r _ <&5
	before=$(ticks $worker)
	for _ in 1 2 3 4 5 6 7 8 9 10; do read -r -t 0.05 _ <&5 || :; done
	[ $(($(ticks $worker) - before)) -lt 10 ]
	echo >go
	dagstat -q --wait t/@ >/dev/null
	kill $worker
	wait $worker || :
}
