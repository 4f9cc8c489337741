#!/usr/bin/env bats
# hostile: input, spools, tasks and machines that mean no good.

load helper

# a DAG a of two tasks, one a day; b of one
dags() {
	cat >dags/a.dag <<-'END'
	[dag]
	schedule = 0 0 * * *
	timezone = UTC
	start = 2026-01-01
	[task one]
	run = echo hi; true
	[task two]
	after = one
	run = true
	END
	sed '/two/,$d' dags/a.dag >dags/b.dag
	export DAG_NOW=2026-01-03T01:00:00Z
}

# runs of a on three days, and of b on one, to be executed
queue() {
	dags
	dagsched -q --backfill 2026-01 a | dagq
	dagsched -q --backfill 2026-01-01 b | dagq
}

# task LINE...: a DAG h of one task x with these lines, queued
task() {
	export DAG_NOW=2026-01-03T01:00:00Z
	{ echo '[task x]'; printf '%s\n' "$@"; } >dags/h.dag
	dagsched --run h | dagq
}

# tell COMMAND...: what it says, and its exit
tell() {
	status=0
	timeout 20 "$@" >told 2>&1 || status=$?
	cat told
	echo "exit $status"
}

@test "links: nothing is made behind one that stands for a directory" {
	queue
	mkdir out
	for name in plans pools archive queue; do
		mv spool/$name kept
		ln -s ../out spool/$name
		dagsched --run b | timeout 20 dagq >told 2>&1 || true
		timeout 20 dagq --pool p=1 >>told 2>&1 || true
		timeout 20 dagq --archive 'a/*' >>told 2>&1 || true
		equal "$(ls out)" ""
		rm spool/$name
		mv kept spool/$name
	done
	equal "$(dagq --check)" ""
}

@test "links: values that an attempt before left are not deleted through one" {
	mkdir out
	echo kept >out/x
	task 'retries = 1' 'run =' \
	    '    [ $DAG_ATTEMPT = 2 ] && exit 0' \
	    '    rm -rf "$DAG_RUNDIR/out"; ln -s ../../../../out "$DAG_RUNDIR/out"' \
	    '    exit 1'
	dagexec --drain
	equal "$(cat out/x)" "kept"
}

@test "spool: a part that is no directory is told as such" {
	queue
	rm -rf spool/queue
	ln -s / spool/queue
	equal "$(tell dagq --check)" \
	    "dagq: spool $T/spool: one of its parts is a symbolic link
exit 111"
	rm spool/queue
	: >spool/queue
	equal "$(tell dagq --check)" \
	    "dagq: spool $T/spool: it, or one of its parts, is not a directory
exit 1"
}

@test "runs: a link in place of a DAG's runs does not stop the others" {
	queue
	mv spool/runs/a kept
	ln -s ../../kept spool/runs/a
	timeout 20 dagexec --drain >told 2>&1
	equal "$(ls spool/runs/b/*/@*)" "spool/runs/b/2026-01-01T0000Z/@success"
	equal "$(dagq -q --check)" "queue/a@2026-01-01T0000Z.one	a marker without a run
queue/a@2026-01-02T0000Z.one	a marker without a run
queue/a@2026-01-03T0000Z.one	a marker without a run
runs/a	not a directory"
}

@test "runs: a file in place of one is told, and set aside" {
	queue
	: >spool/runs/b/2026-01-02T0000Z
	equal "$(tell dagq -q --check)" \
	    "runs/b/2026-01-02T0000Z	not a directory
exit 1"
	dagq -q --repair >told
	equal "$(tell dagq --check)" "exit 0"
}

@test "spool: what lies beside its directories is told, and set aside" {
	queue
	: >spool/notes
	mkdir spool/.cache
	ln -s / spool/link
	equal "$(tell dagq -q --check)" ".cache	not a name of ours
link	not a name of ours
notes	not a name of ours
exit 1"
	dagq -q --repair >told
	equal "$(tell dagq --check)" "exit 0"
	equal "$(cd spool/bad && echo .cache link* notes*)" \
	    ".cache link link.why notes notes.why"
}

@test "runs: one without a plan is named, with the reason" {
	queue
	rm spool/runs/b/2026-01-01T0000Z/plan
	run --separate-stderr dagstat b
	equal "$stderr" "dagstat: b/2026-01-01T0000Z: it has no plan"
}

@test "runs: a file called run that is none is no reason to try for ever" {
	task 'run = true'
	rm spool/runs/h/*/run
	mkdir spool/runs/h/2026-01-03T0100Z-manual/run
	equal "$(tell dagexec --drain)" \
	    "dagexec: h@2026-01-03T0100Z-manual.x: its run is damaged
exit 0"
}

@test "plans: a run whose plan is cut short stays back, the others go on" {
	dags
	sed -i 's/^start.*/&\nmax-active-runs = 1/' dags/a.dag
	dagsched -q --backfill 2026-01 a | dagq
	plan=spool/runs/a/2026-01-02T0000Z/plan
	head -c 60 $plan >cut
	mv cut $plan
	timeout 20 dagexec --drain
	equal "$(cd spool/runs/a && echo */@*)" "2026-01-01T0000Z/@success\
 2026-01-02T0000Z/@waiting 2026-01-03T0000Z/@success"
	equal "$(tell dagq -q --repair)" \
	    "a/2026-01-02T0000Z	its plan is missing or damaged
exit 0"
	equal "$(tell dagq --check)" "exit 0"
}

@test "plans: a fifo in place of a stored one does not hold dagq up" {
	queue
	plan=$(echo spool/plans/b/*)
	rm "$plan"
	mkfifo "$plan"
	dagsched -q --backfill 2026-01-02 b | timeout 20 dagq
	equal "$(tell dagq -q --check)" "${plan#spool/}	not a plain file
exit 1"
	dagq -q --repair >told
	equal "$(tell dagq --check)" "exit 0"
}

@test "logs: a fifo in place of one does not hold a supervisor up" {
	task 'run = rm "$DAG_RUNDIR/log/x.1"; mkfifo "$DAG_RUNDIR/log/x.1"; false'
	equal "$(tell dagexec --drain)" "exit 1"
	equal "$(dagq -q --check)" \
	    "runs/h/2026-01-03T0100Z-manual/log/x.1	not a plain file with one link"
	equal "$(tell dagstat --log h/@/x)" \
	    "dagstat: h/2026-01-03T0100Z-manual/x: not a plain file with one link
exit 111"
}

@test "logs: one that a sensor cannot write on is told, once" {
	unset DAG_NOW
	printf '%s\n' '[task x]' 'poke = 1s' 'run =' \
	    '    rm "$DAG_RUNDIR/log/x.1"' \
	    '    mkfifo "$DAG_RUNDIR/log/x.1"; exit 75' >dags/h.dag
	dagsched --run h | dagq
	id=$(cd spool/runs/h && echo *)
	equal "$(tell dagexec --drain)" \
	    "dagexec: h@$id.x: h/$id/x: its log is not a plain file
exit 0"
}

@test "values: what is no file is named where it was to be read" {
	task 'run = mkdir "$DAG_OUT"' '[task y]' 'after = x' 'run = true'
	equal "$(tell dagexec --drain)" "exit 1"
	equal "$(dagstat --log h/@/y)" "out/x: Is a directory"
}

@test "pools: one with too few slots is told, and not waited for" {
	dagq --pool p=2
	task 'pool = p' 'run = true' '[task y]' 'pool = p:2' 'run = true'
	dagq --pool p=1
	equal "$(tell dagexec --drain)" \
	    "dagexec: p: this pool has too few slots for what is ready: see dagq --pool
exit 0"
	equal "$(ls spool/queue)" "h@2026-01-03T0100Z-manual.y"
	rm -r spool/pools/p
	equal "$(tell dagexec --drain)" \
	    "dagexec: p: this pool has too few slots for what is ready: see dagq --pool
exit 0"
}


@test "pools: who waits for several slots takes none meanwhile, and wakes nobody" {
	dagq --pool p=2
	touch -d @0 spool/pools/p/1 spool/pools/p/2
	mkfifo started tried
	task 'pool = p' 'run =' "    echo >$T/started; read x <$T/tried" \
	    "    stat -c %Y $T/spool/pools/p/* >$T/touched" \
	    '[task w]' "run = read x <$T/started" \
	    '[task y]' 'after = w' 'pool = p:2' 'priority = 5' 'run = true' \
	    '[task z]' 'after = w' "run = echo >$T/tried; true"
	timeout 20 dagexec -j2 --drain
	equal "$(cat touched)" "0
0"
}

@test "tasks: one that closed all it had is dead before it is tried again" {
	cat >task.py <<-'END'
	import os, signal, time
	if os.environ["DAG_ATTEMPT"] == "1":
	    open("pid", "w").write(str(os.getpid()))
	    os.closerange(0, 4096)
	    os.kill(os.getppid(), signal.SIGKILL)
	    time.sleep(300)
	first = open("pid").read()
	try:
	    state = open("/proc/%s/stat" % first).read().split(") ")[1][0]
	except FileNotFoundError:
	    state = "Z"
	open("said", "w").write(state)
	END
	task 'retries = 1' "run = exec python3 $T/task.py"
	timeout 20 dagexec --drain
	equal "$(cat dags/said)" "Z"
}

@test "tasks: one that is lost for good makes an exit of 1" {
	task 'run = kill -9 $PPID; sleep 300'
	equal "$(tell dagexec --drain | tail -n 1)" "exit 1"
}

@test "tasks: the shell is found whatever PATH is" {
	dagexec=$(command -v dagexec)
	for path in .:/usr/bin:/bin :/usr/bin:/bin /usr/bin:/bin:; do
		task 'run = echo a; true'
		PATH=$path "$dagexec" --drain
	done
	task 'run = echo a; true'
	env -u PATH "$dagexec" --drain
}

@test "limits: with few descriptors nothing is lost" {
	queue
	(ulimit -n 16; timeout 10 dagexec -j2 --drain >told 2>&1) || true
	timeout 20 dagexec --drain
	equal "$(dagstat --failed | grep -v '^#')" ""
	equal "$(dagstat --success | grep -vc '^#')" 7
	equal "$(tell dagq --check)" "exit 0"
}

@test "disk: full, a result lands all the same, and the run ends when there is room" {
	[ "$(id -u)" = 0 ] || skip "not root: no file system of our own"
	mkdir small
	mount -t tmpfs -o size=400k,mode=700 none small || skip "no tmpfs here"
	mkfifo idle
	export DAG_SPOOL=$T/small/spool
	task 'run = head -c 1M /dev/zero' '[task y]' 'run = true'
	dagexec -j1 --drain 2>told & pid=$!
	# once it has said so, there is room again
	until grep -q 'small/spool: No space' told; do
		kill -0 $pid
		read -rt 0.1 _ <>idle || true
	done
	run=$(echo small/spool/runs/h/*)
	then=$(cd "$run" && echo @* [xy].*)
	rm "$run/log/x.1"
	code=0
	wait $pid || code=$?
	now=$(cd "$run" && echo @* [xy].*)
	check=$(dagq --check)
	umount small
	equal "$(head -n 1 told)" \
	    "dagexec: h@2026-01-03T0100Z-manual.y: No space left on device"
	equal "$then" "@active x.failed y.success"
	equal "$code $now" "1 @failed x.failed y.success"
	equal "$check" ""
}

@test "limits: a file that may not grow is an error, not the end" {
	dags
	dagsched -q --backfill 2026-01 a >records
	run bash -c 'ulimit -f 0; dagq <records'
	[ "$status" = 111 ]
	equal "$output" "dagq: $T/spool: File too large"
	equal "$(tell dagq --check)" "exit 0"
}

@test "records: one task more than announced, and no run is made" {
	printf '%s\t%s\t%s\t%s\n' dag x tasks=1 a=b task x/t run=true a=b \
	    task x/u run=true a=b \
	    run x/2026-01-01T0000Z time=2026-01-01T00:00:00Z cause=manual \
	    >records
	run dagq <records
	equal "$output" \
	    "dagq: stdin:3: a task record that no dag record announced"
	[ "$status" = 1 ]
	equal "$(ls spool/runs/x)" ""
}

@test "records: a line of 17 MiB is told, what comes after it counts" {
	dags
	{
		head -c 17M /dev/zero | tr '\0' x
		echo
		dagsched -q --backfill 2026-01-01 b
	} >records
	run dagq <records
	equal "$output" "dagq: stdin:1: longer than 16 MiB"
	[ "$status" = 1 ]
	equal "$(ls spool/runs/b)" "2026-01-01T0000Z"
}

@test "records: a parameter that is too large to execute with fails the task" {
	printf '%s\t%s\t%s\n' dag x tasks=1 task x/t run=true >records
	printf 'run\tx/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\tcause=manual\tparam.p=%s\n' \
	    "$(head -c 3000000 /dev/zero | tr '\0' y)" >>records
	dagq <records
	equal "$(tell dagexec --drain)" "exit 1"
	equal "$(dagstat --log x/@/t)" "sh: Argument list too long"
}

@test "stdin: an ID of a megabyte is told, and takes no memory" {
	dagq </dev/null
	run bash -c 'head -c 1M /dev/zero | tr "\0" x | dagq --rerun'
	equal "$output" "dagq: stdin: a line whose first field is too long"
	[ "$status" = 1 ]
}

@test "messages: control characters of names reach no terminal" {
	dagq </dev/null
	: >$'spool/queue/\e[31m\xc2\x9bq'
	equal "$(tell dagq -q --check)" 'queue/\x1b[31m\xc2\x9bq	not a name of ours: DAG@RUN.TASK is
exit 1'
	equal "$(tell dagstat $'\e]0;x\a\xc2\x9b')" \
	    'dagstat: \x1b]0;x\x07\xc2\x9b: "\x1b]0;x\x07\xc2\x9b" is no name of a DAG: only letters, digits, "_" and "-" may be in it
exit 1'
}

@test "history: a line of 17 MiB hides nothing that comes after it" {
	queue
	{
		head -c 17M /dev/zero | tr '\0' x
		printf '\nmissed\ta/2025-12-31T0000Z\treason=paused\n'
	} >>spool/history/a.tsv
	equal "$(dagstat --missed | tail -n 1)" \
	    "a/2025-12-31T0000Z  missed  -         1  paused"
}

# an archived run of b, and nothing else of it; good is its file
archived() {
	dags
	dagsched -q --backfill 2026-01-01 b | dagq
	dagexec --drain
	dagq -q --archive 'b/*'
	file=spool/archive/b/2026-01-01T0000Z.tar.gz
	cp $file good
}

@test "archive: a wrong checksum is found, and changes nothing" {
	archived
	size=$(stat -c %s good)
	for at in $((size - 8)) $((size - 4)); do
		cp good $file
		printf '\1\2' | dd of=$file bs=1 seek=$at conv=notrunc 2>/dev/null
		equal "$(tell dagq --rerun b/2026-01-01)" \
		    "dagq: b/2026-01-01T0000Z: it is damaged
exit 1"
	done
	equal "$(ls spool/runs/b)$(ls spool/tmp)" ""
}

@test "archive: a second marker, state or copy of a file is refused" {
	archived
	mkdir 2026-01-01T0000Z
	for name in one.failed @failed run other.success; do
		zcat good >more.tar
		: >2026-01-01T0000Z/$name
		tar rf more.tar 2026-01-01T0000Z/$name
		gzip <more.tar >$file
		run dagq --rerun b/2026-01-01
		[ "$status" = 1 ]
		echo "$output"
		rm 2026-01-01T0000Z/$name
	done >told
	equal "$(cat told)" "\
dagq: b/2026-01-01T0000Z: it has 2 markers for 1 tasks, 1 states and 1 records of the run
dagq: b/2026-01-01T0000Z: it has 1 markers for 1 tasks, 2 states and 1 records of the run
dagq: b/2026-01-01T0000Z: run is in it twice
dagq: b/2026-01-01T0000Z: it has 2 markers for 1 tasks, 1 states and 1 records of the run"
	equal "$(ls spool/runs/b)$(ls spool/tmp)" ""
}

# many N DIR FORMAT: so many foreign names there
many() {
	mkdir -p "$2"
	(cd "$2" && seq -f "$3" $(($1 * ${SCALE:-1})) | xargs touch)
}

@test "names: thousands that are not ours are told once, and hold nobody up" {
	task 'run = true'
	dagq -q --pool p=1
	run=w@2026-01-01T0000Z
	id=$(ls spool/runs/h)
	for where in 'queue/x%.0f' "queue/$run.t%.0f" 'runs/f%.0f' \
	    'runs/h/2026-01-01T0000Z-manual-%.0f' 'workers/1%06.0f' \
	    'pools/p%.0f' "gates/$run-manual-%.0f" 'launch/.x%.0f' \
	    'launch/n.%016.0f' "outbox/$run.t%.0f.1.failure" 'tmp/run.%.0f' \
	    'history/x%.0f' 'archive/a%.0f' 'dags/d%.0f' 'backfills/b%.0f'
	do
		cp -a spool kept
		n=300
		[[ $where != queue/w* ]] || n=10000
		many $n "spool/${where%/*}" "${where##*/}"
		[ "$(dagq --check 2>&1 | wc -l)" -le 105 ]
		[ "$(dagstat 2>&1 | wc -l)" -le 30 ] || [[ $where = runs/h/* ]]
		timeout 20 dagexec --drain --sync none >told 2>&1
		[ "$(wc -l <told)" -le 12 ]
		equal "$where $(cd "spool/runs/h/$id" && echo @*)" \
		    "$where @success"
		rm -r spool
		mv kept spool
	done
}

@test "names: ten thousand that are not ours are set aside, and told as one" {
	dagq </dev/null
	many 10000 spool/queue x%.0f
	n=$((10000 * ${SCALE:-1}))
	dagq --repair --sync none >said 2>told
	equal "$(wc -l <said) $(tail -n 1 said)" "101 queue	not a name of ours: DAG@RUN.TASK is, and $((n - 100)) more"
	equal "$(cat told)" "dagq: $n put right or set aside in bad/"
	equal "$(ls spool/queue)" ""
	equal "$(ls spool/bad | wc -l)" $((2 * n))
}

@test "runs: one whose out is a link is not run, since its task would follow it" {
	task 'run = echo a=b >>"$DAG_OUT"'
	mkdir out
	ln -s ../../../../out "$(echo spool/runs/h/*)/out"
	equal "$(tell dagexec --drain)" \
	    "dagexec: h@2026-01-03T0100Z-manual.x: h/2026-01-03T0100Z-manual/x: its run's out is not a directory
exit 0"
	equal "$(ls out)" ""
}

@test "markers: one of a gigabyte without a line is changed at once" {
	task 'run = true'
	truncate -s 1G spool/queue/*
	touch -d @0 spool/queue/*
	timeout 60 dagq --hold h/@/x
	[ "$(stat -c %s spool/runs/h/*/x.held)" -lt 1000 ]
}

@test "a plan, a list of instances: one of 3 GiB takes no memory, nor holds others up" {
	printf '%s\n' '[task x]' 'run = echo k=1 >>$DAG_OUT' '[task m]' 'after = x' \
	    'each = x.k' 'run = true' '[task z]' 'after = m' 'run = true' >dags/h.dag
	export DAG_NOW=2026-01-03T01:00:00Z
	for file in plan map/m; do
		for size in 900M 3G; do
			rm -rf spool site
			dagsched --run h | dagq
			dagexec -q --drain
			dagq -q --rerun h/@/z
			run=$(echo spool/runs/h/*)
			cp -p "$run/plan" other
			# not the one that others link to
			[ "$file" = map/m ] || { rm "$run/plan"
				cp other "$run/plan"; }
			truncate -s $size "$run/$file"
			# what a hole ends with is the last line of a plan
			[ "$size" = 3G ] || tail -n 1 other >>"$run/$file"
			queue
			(
			nm -D "$BIN/dagexec" | grep -q __asan ||
				ulimit -v 60000
			dagexec -q --drain
			[ "$(ls -d spool/runs/[ab]/*/@success | wc -l)" = 4 ]
			tell dagstat -q >out
			[ "$(grep -c '^[abh]/' out)" = 5 ]
			tell dagstat -q 'h/*/*' >out
			grep -q '^dagstat: .*damaged: ' out
			tell dagstat --html site >out
			equal "$(tail -n 1 out)" "exit 1"
			tell dagq -q --check >out
			equal "$(wc -l <out)" 2
			equal "$(tail -n 1 out)" "exit 1"
			dagq -q --repair
			equal "$(dagq --check)" ""
			)
		done
	done
}

@test "a run that has two states holds no other up" {
	queue
	touch spool/runs/a/2026-01-01T0000Z/@success \
	    spool/runs/b/2026-01-01T0000Z/@waiting
	timeout 10 dagexec -q --drain
	equal "$(cd spool/runs && echo a/*-0[23]*/@* */*/*.*)" \
"a/2026-01-02T0000Z/@success a/2026-01-03T0000Z/@success \
a/2026-01-01T0000Z/one.success a/2026-01-01T0000Z/two.success \
a/2026-01-02T0000Z/one.success a/2026-01-02T0000Z/two.success \
a/2026-01-03T0000Z/one.success a/2026-01-03T0000Z/two.success \
b/2026-01-01T0000Z/one.success"
}

@test "history: of a DAG whose own cannot be read it is told, its runs are listed" {
	queue
	mkfifo spool/history/a.tsv
	equal "$(tell dagstat -q --tsv --columns id,state)" \
	    "dagstat: a: not a plain file with one link
a/2026-01-01T0000Z	active
a/2026-01-02T0000Z	active
a/2026-01-03T0000Z	active
b/2026-01-01T0000Z	active
exit 1"
}

@test "history: one that cannot be read hides none of the others, in any view" {
	queue
	dagexec -q --drain
	dagq -q --archive a/2026-01-01
	rm spool/history/a.tsv
	mkdir spool/history/a.tsv
	for view in --metrics --late; do
		tell dagstat $view >out
		[ "$(grep -c '^dagstat: a: not a plain file' out)" -ge 1 ]
		[ "$(tail -n 1 out)" = "exit 1" ]
	done
	tell dagstat --metrics >out
	grep -q '^dag_runs_ended_total{dag="b",state="success"} 1$' out
	grep -q '^dag_runs{dag="a",state="success"} 2$' out
	# a counter that begins anew would be another's doing
	[ "$(grep -c '^dag_.*_total{dag="a"' out)" = 0 ]
	equal "$(tell dagstat --stats -q | cut -c -40)" \
	    "dagstat: a: not a plain file with one li
$(dagstat --stats -q b | cut -c -40)
exit 1"
}

@test "archive: a link in the place of a DAG's hides none of the others" {
	queue
	ln -s /etc spool/archive/a
	for view in -a --late '--html site'; do
		# shellcheck disable=SC2086 # an option and its argument
		tell dagstat -q $view >out
		grep -q '^dagstat: a: Too many levels' out
		[ "$(tail -n 1 out)" = "exit 1" ]
	done
	grep -q b/2026-01-01 site/index.html site/b/*.html
	rm spool/archive/a
	mv spool/runs/a elsewhere
	ln -s elsewhere spool/runs/a
	tell dagstat --usage -q >out
	grep -q '^b ' out
	equal "$(tail -n 1 out)" "exit 1"
}

@test "backfills: one that cannot be read keeps no DAG from being due" {
	dags
	dagsched -q --backfill 2026-01-01 --name x a | dagq
	rm spool/backfills/x
	mkfifo spool/backfills/x
	equal "$(dagsched -q | cut -f 1,2 | grep '^run')" "run	a/2026-01-03T0000Z
run	b/2026-01-03T0000Z"
}

@test "IDs: a DAG that is damaged hides none of the others that match" {
	queue
	dagexec -q --drain
	rm -r spool/runs/a
	: >spool/runs/a
	equal "$(tell dagstat -q --tsv --columns id,state '*/@')" \
	    "dagstat: */@: a: Not a directory
b/2026-01-01T0000Z/one	success
exit 1"
	# what changes something does all that it is told, or nothing
	equal "$(tell dagq --rerun '*/@/one')" \
	    "dagq: */@/one: a: Not a directory
exit 1"
	[ -e spool/runs/b/2026-01-01T0000Z/one.success ]
	rm spool/runs/b/2026-01-01T0000Z/plan
	equal "$(tell dagq --rerun b/@)" \
	    "dagq: b/2026-01-01T0000Z: it has no plan: see dagq --check
exit 1"
}
