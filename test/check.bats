#!/usr/bin/env bats
# check: dagq --check, --repair: each part of a spool, damaged one at a time.

load helper
load everything

setup_file() {
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	setup
	everything
	equal "$(dagq --check)" ""
}

# names: what is in the spool: inode and path, a line each
names() { find spool -printf '%i %P\n' | sort; }

# hurt HOW PATH: damages what is there
hurt() {
	local p=spool/$2
	case $1 in
	junk) : >"$p" ;;
	mkdir) mkdir "$p" ;;
	gone) rm -r "$p" ;;
	fifo) mv "$p" was; mkfifo "$p" ;;
	dir) mv "$p" was; mkdir "$p" ;;
	file) mv "$p" was; : >"$p" ;;
	link) mv "$p" was; ln -s ../../outside "$p" ;;
	hard) ln "$p" was ;;
	empty) : >"$p" ;;
	cut) truncate -s $(($(stat -c %s "$p") / 2)) "$p" ;;
	text) echo nothing >"$p" ;;
	nul) printf '\0\0\0\0' | dd of="$p" bs=1 conv=notrunc \
	    seek=$(($(stat -c %s "$p") / 2)) 2>/dev/null ;;
	other) sed -i 's/x/w/' "$p" ;;
	*) echo "$1?"; return 1 ;;
	esac
}

# each: for each line "HOW PATH|TOLD|LEFT" of stdin the spool is damaged so:
# --check tells TOLD (";" for a new line, "%" for the path), and changes
# nothing; --repair sets the names LEFT (default: the path; "-": none) aside,
# and nothing else; a second one does nothing.
each() {
	local how path told left n=0
	while IFS='|' read -r case told left; do
		n=$((n + 1))
		[ $((n % SAMPLE)) = 0 ] || continue
		how=${case%% *} path=${case#* }
		rm -rf spool was
		cp -a "$BATS_FILE_TMPDIR/t/spool" spool
		hurt "$how" "$path"
		names >before
		status=0
		dagq -q --check >said || status=$?
		names >after
		told=${told//%/$path}
		echo "# $case"
		equal "$status $(tr '\t;' ';,' <said)" "1 ${told//; /
}"
		equal "$(diff before after)" ""
		dagq -q --repair --sync none >said
		equal "$(tr '\t;' ';,' <said)" "${told//; /
}"
		names >after
		equal "$(comm -23 before after | cut -d ' ' -f 2- | sort |
		    tr '\n' ' ')" "$([ "$left" = - ] ||
		    echo "${left:-$path} ")"
		# nothing is deleted, but a hint of what does not wait any more
		equal "$(comm -23 <(sed '/ gates/d; s/ .*//' before | sort -u) \
		    <(sed 's/ .*//' after | sort -u))" ""
		equal "$(dagq --check)" ""
		equal "$(dagq --repair --sync none)" ""
		names >again
		equal "$(diff after again)" ""
	done
	[ "$n" -gt 8 ]
}

@test "check: what stands in the place of a part of the spool" {
	each <<-'END'
	junk notes|%;not a name of ours
	link plans|%;not a directory
	file dags|%;not a directory
	fifo backfills|%;not a directory
	link pools|%;not a directory
	file history|%;not a directory
	link archive|%;not a directory
	fifo assets|%;not a directory
	link gates|%;not a directory
	file launch|%;not a directory
	link outbox|%;not a directory
	file undelivered|%;not a directory
	file workers|%;not a directory
	link bad|%;not a directory
	END
}

@test "check: a run's directories, and what is in them" {
	each <<-'END'
	link runs/x/2026-01-01T0000Z/log|%;not a directory
	file runs/x/2026-01-01T0000Z/out|%;not a directory
	fifo runs/x/2026-01-01T0000Z/files|%;not a directory
	junk runs/x/2026-01-01T0000Z/log/notes|%;not a name of ours: TASK.N is
	fifo runs/x/2026-01-01T0000Z/log/one.1|%;not a plain file with one link
	hard runs/x/2026-01-01T0000Z/log/one.1|%;not a plain file with one link
	junk runs/x/2026-01-01T0000Z/out/a b|%;not a name of ours: TASK is
	link runs/x/2026-01-01T0000Z/out/one|%;not a plain file with one link
	dir runs/x/2026-01-01T0000Z/out/one|%;not a plain file with one link
	junk runs/x/2026-01-01T0000Z/files/f|%;not a directory
	link runs/x/2026-01-01T0000Z/files/one|%;not a directory
	dir runs/x/2026-01-01T0000Z/files/one/f|%;not a plain file with one link
	link runs/x/2026-01-01T0000Z/files/one/f|%;not a plain file with one link
	END
}

@test "check: a run's markers, and its state" {
	each <<-'END'
	gone runs/x/2026-01-01T0000Z/one.success|x/2026-01-01T0000Z/one;no marker|-
	junk runs/x/2026-01-01T0000Z/one.failed|runs/x/2026-01-01T0000Z/one.success;a second marker of its task, of an earlier state|runs/x/2026-01-01T0000Z/one.success
	junk runs/x/2026-01-01T0000Z/one.nothing|%;not a name of ours: TASK.STATE is
	junk runs/x/2026-01-01T0000Z/three.success|%;a marker for a task that is not in the plan
	junk runs/x/2026-01-01T0000Z/many+r.success|%;a marker for a task that is not in the plan
	fifo runs/x/2026-01-01T0000Z/one.success|%;not a plain file with one link; x/2026-01-01T0000Z/one;no marker
	dir runs/x/2026-01-01T0000Z/one.success|%;not a plain file with one link; x/2026-01-01T0000Z/one;no marker
	hard runs/x/2026-01-01T0000Z/one.success|%;not a plain file with one link; x/2026-01-01T0000Z/one;no marker
	link runs/x/2026-01-02T0000Z/two.waiting|%;not a plain file with one link; x/2026-01-02T0000Z/two;no marker|gates/x@2026-01-02T0000Z runs/x/2026-01-02T0000Z/two.waiting
	gone runs/x/2026-01-02T0000Z/two.waiting|x/2026-01-02T0000Z/two;no marker|gates/x@2026-01-02T0000Z
	gone runs/x/2026-01-01T0000Z/@success|x/2026-01-01T0000Z;no state: none of @waiting @active @success @failed|-
	junk runs/x/2026-01-01T0000Z/@waiting|%;a second state of the run
	fifo runs/x/2026-01-01T0000Z/@success|%;not a plain file with one link; x/2026-01-01T0000Z;no state: none of @waiting @active @success @failed
	junk runs/x/2026-01-01T0000Z/@odd|%;not a name of ours: TASK.STATE is
	END
}

@test "check: what is ready" {
	each <<-'END'
	junk queue/x|%;not a name of ours: DAG@RUN.TASK is
	junk queue/z@2027-01-01T0000Z.one|%;a marker without a run
	junk queue/z@2026-01-02T0000Z.no|%;a marker for a task that is not in the plan
	fifo queue/z@2026-01-02T0000Z.one|%;not a plain file with one link; z/2026-01-02T0000Z/one;no marker
	hard queue/z@2026-01-02T0000Z.one|%;not a plain file with one link; z/2026-01-02T0000Z/one;no marker
	gone queue/z@2026-01-02T0000Z.one|z/2026-01-02T0000Z/one;no marker|-
	junk runs/.x|%;not a name of ours: DAG is
	junk runs/w|%;not a directory
	junk runs/x/notes|%;not a name of ours: RUN is
	junk runs/x/2026-01-09T0000Z|%;not a directory
	END
}

@test "check: what DAGs, pools, backfills, histories are known by" {
	plan=$(cd "$BATS_FILE_TMPDIR/t/spool" && echo plans/y/*)
	each <<-END
	junk plans/.x|%;not a name of ours: DAG is
	junk plans/w|%;not a directory
	junk plans/y/notes|%;not a name of ours: HASH is
	cut $plan|%;not a plan of this DAG
	empty $plan|%;not a plan of this DAG
	fifo $plan|%;not a plain file
	junk dags/.x|%;not a name of ours: DAG is
	dir dags/x|%;not a plain file with one link
	empty dags/x|%;not records of this DAG
	nul dags/x|%;not records of this DAG
	other dags/x|%;not records of this DAG
	junk backfills/.x|%;not a name of ours: NAME is
	link backfills/b|%;not a plain file with one link
	cut backfills/b|%;not records of this backfill
	text backfills/b|%;not records of this backfill
	junk pools/p.q|%;not a name of ours: POOL is
	file pools/p|%;not a directory
	junk pools/p/x|%;not a name of ours: a number is
	fifo pools/p/1|%;not a plain file with one link
	dir pools/p/2|%;not a plain file with one link
	junk history/x|%;not a name of ours: DAG.tsv is
	fifo history/x.tsv|%;not a plain file with one link
	hard history/x.tsv|%;not a plain file with one link
	END
}

@test "check: archives, assets, gates, notices, batches, what is being built" {
	a=archive/y/2026-01-01T0000Z.tar.gz
	n=outbox/$(ls "$BATS_FILE_TMPDIR/t/spool/outbox")
	u=un${n/outbox/delivered}
	b=launch/here.0123456789abcdef
	each <<-END
	junk archive/.x|%;not a name of ours: DAG is
	junk archive/y/x|%;not a name of ours: RUN.tar.gz is
	cut $a|%;not a run's archive, or damaged
	text $a|%;not a run's archive, or damaged
	nul $a|%;not a run's archive, or damaged
	fifo $a|%;not a plain file with one link
	junk assets/x|%;not a name of ours: log is
	fifo assets/log|%;not a plain file with one link
	junk gates/x|%;not a name of ours: DAG@RUN is
	dir gates/x@2026-01-02T0000Z|%;not a plain file with one link
	junk workers/x|%;not a name of ours: PID is
	mkdir workers/17|%;not a plain file
	junk launch/.x|%;not a name of ours: NAME or NAME.ID is
	text launch/here|%;not a record of this engine
	file $b|%;not a directory
	cut $b/batch|$b;not a batch|$b $b/batch $b/id $b/tasks
	gone $b/tasks|$b;not a batch|$b $b/batch $b/id
	junk outbox/x|%;not a name of ours: DAG@RUN.TASK.N.EVENT is
	cut $n|%;not a notice
	fifo $n|%;not a plain file with one link
	text $u|%;not a notice
	link $u|%;not a plain file with one link
	junk tmp/x|%;not a name of ours: KIND.PID is
	END
}

@test "check: a run that cannot go on is set aside whole" {
	for what in 'cut plan' 'gone plan' 'fifo plan' 'gone run' 'text run' \
	    'dir run' 'other run' 'nul map/many' 'fifo map/many'; do
		rm -rf spool was
		cp -a "$BATS_FILE_TMPDIR/t/spool" spool
		f=${what#* }
		if [ "$f" = plan ]; then
			# not the one of all its runs
			cp -p spool/runs/x/2026-01-01T0000Z/plan copy
			mv copy spool/runs/x/2026-01-01T0000Z/plan
			chmod u+w spool/runs/x/2026-01-01T0000Z/plan
		fi
		hurt "${what% *}" runs/x/2026-01-01T0000Z/"$f"
		echo "# $what"
		run -1 dagq -q --check
		echo "$output"
		dagq -q --repair --sync none >said
		equal "$(ls spool/runs/x)" 2026-01-02T0000Z
		[ -e spool/bad/x@2026-01-01T0000Z/one.success ]
		grep -q '^purged	x/2026-01-01T0000Z' spool/history/x.tsv
		equal "$(dagq --check)" ""
		equal "$(dagq --repair --sync none)" ""
	done
}

# at_work: makes runs, archives and reruns them, until the file stop is there
at_work() {
	local n=0 code
	while [ ! -e stop ]; do
		n=$((n + 1))
		dagsched --run l | dagq --sync none || return
		dagq -q --archive 'l/*' >archived 2>&1 || :
		[ $((n % 3)) != 0 ] || dagq -q --rerun 'l/*' --latest --yes \
		    --sync none >rerun 2>&1 || :
		[ $((n % 5)) != 0 ] || dagq -q --hold 'l/*/b' >held 2>&1 || :
		dagq -q --release 'l/*/b' >released 2>&1 || :
	done
}

@test "check: a spool at work has no fault, and there is nothing to repair" {
	unset DAG_NOW
	cat >dags/l.dag <<-END
	[default]
	retries = 3
	retry-delay = 0s
	[task a]
	run = [ \$DAG_ATTEMPT = 2 ] && printf 'i=%s\n' 1 2 3 >>"\$DAG_OUT"
	[task b]
	after = a
	each = a.i
	run = true
	[task c]
	after = b
	run = [ \$DAG_ATTEMPT = 3 ]
	END
	dagq </dev/null
	dagexec -q -j4 --sync none 2>executed & pid=$!
	at_work & maker=$!
	n=$((30 * ${SCALE:-1}))
	until [ $((n -= 1)) -lt 0 ] && compgen -G 'spool/archive/l/*'; do
		kill -0 "$pid" "$maker"
		equal "$(dagq --check 2>&1)" ""
		equal "$(dagq --repair --sync none 2>&1)" ""
	done
	: >stop
	wait "$maker"
	dagq -q --check
	kill "$pid"
	wait "$pid" || :
	equal "$(ls spool/bad)" ""
	run ! grep -q ^purged spool/history/l.tsv
}

@test "check: what waits for a run that is damaged is not set aside with it" {
	export DAG_NOW=2026-01-03T01:00:00Z
	for name in v w; do
		printf '%s\n' '[dag]' 'schedule = 0 0 * * *' 'timezone = UTC' \
		    '[task a]' 'run = true' >dags/$name.dag
	done
	echo 'after = w/a' >>dags/v.dag
	dagsched -q --backfill 2026-01-03 v w | dagq
	rm -r spool/runs/w spool/queue/w@*
	: >spool/runs/w
	equal "$(dagq -q --repair)" "runs/w	not a directory"
	equal "$(ls -d spool/runs/v/*)" spool/runs/v/2026-01-03T0000Z
	equal "$(dagq --check)" ""
}

# open_all: modes as those of a umask that was none, for all that is in the spool
open_all() {
	find spool -type d -exec chmod 755 {} +
	find spool -type f -perm /200 -exec chmod 644 {} +
}

# modes: of all that is there
modes() { find spool -printf '%m %u %P\n' | sort -k 3; }

@test "check: what others could read or write, if they get there" {
	cp -a "$BATS_FILE_TMPDIR/t/spool" spool
	open_all
	# nobody gets into it
	chmod 700 spool
	equal "$(dagq --check)" ""
	chmod 755 spool
	modes >before
	run -1 dagq -q --check
	equal "$(cut -f 2 <<<"$output" | sort -u)" \
	    "others can read it, or write it"
	# what tasks and launchers leave is theirs; plans are read-only, of us
	! cut -f 1 <<<"$output" | grep -E '/(out|files)/|^launch/.*/|^tmp/|^bad/' ||
		false
	run=$(cd spool && ls -d runs/*/*/log/* | head -n 1)
	run=${run%/log/*}
	for p in queue history runs/"${run#runs/}" "$run"/{run,log} \
	    $(cd spool && ls -d "$run"/log/* "$run"/@* "$run"/*.success \
	    history/*.tsv archive/*/*.gz dags/*); do
		grep -q "^$p	" <<<"$output" || { echo "$p?"; false; }
	done
	equal "$(modes)" "$(cat before)"
	# a part of it is enough to close what is in it
	chmod 700 spool/runs
	equal "$(dagq -q --check | grep -c '^runs/' || :)" 0
	chmod 755 spool/runs
	dagq -q --repair >out
	[ -s out ]
	equal "$(dagq --check; dagq --repair)" ""
	# who does not get there need not be kept from what is in it
	equal "$(find spool -mindepth 1 -maxdepth 1 ! -perm 700)" ""
	equal "$(find spool/plans -type f ! -perm 400)" ""
}

@test "check: what belongs to another user" {
	[ "$(id -u)" = 0 ] || skip "skipped: only root can give a file away"
	cp -a "$BATS_FILE_TMPDIR/t/spool" spool
	marker=$(cd spool && ls -d runs/*/*/*.success | head -n 1)
	chown nobody spool/history/*.tsv spool/"$marker" spool/runs
	modes >before
	run -1 dagq -q --check
	grep -qx "$marker	it belongs to another user" <<<"$output"
	grep -qx "runs	it belongs to another user" <<<"$output"
	equal "$(cut -f 2 <<<"$output" | uniq)" "it belongs to another user"
	equal "$(modes)" "$(cat before)"
	dagq -q --repair >out
	equal "$(cat out)" "$output"
	equal "$(dagq --check; dagq --repair; find spool -user nobody)" ""
}

@test "check: who is not root says what is another's, and puts all else right" {
	[ "$(id -u)" = 0 ] || skip "skipped: only root can be another"
	local as="setpriv --reuid nobody --clear-groups" status=0
	open=$(mktemp -d "${TMPDIR:-/tmp}/dag.XXXXXX")
	chmod 755 "$open"
	cp "$BIN"/dagq "$open"
	cp -a "$BATS_FILE_TMPDIR/t/spool" "$open"
	: >"$open/spool/history/junk"
	chown -R nobody "$open/spool"
	chown root "$open/spool/history/x.tsv"
	export DAG_SPOOL=$open/spool
	$as "$open/dagq" --version >/dev/null || {
		rm -rf "$open"
		skip "skipped: nobody may run nothing here"
	}
	$as "$open/dagq" -q --repair >out 2>err || status=$?
	junk=$(find "$open/spool/history/junk" 2>/dev/null || :)
	rm -rf "$open"
	equal "$(sort out)" "history/junk	not a name of ours: DAG.tsv is
history/x.tsv	it belongs to another user"
	equal "$status $(cat err)" "111 "
	equal "$junk" ""
}

@test "check: what is another's and closed to us hides nothing else" {
	[ "$(id -u)" = 0 ] || skip "skipped: only root can be another"
	local as="setpriv --reuid nobody --clear-groups" status path n=0
	open=$(mktemp -d "${TMPDIR:-/tmp}/dag.XXXXXX")
	chmod 755 "$open"
	cp "$BIN"/dagq "$open"
	export DAG_SPOOL=$open/spool
	for path in dags/x history plans/x 'plans/x/*' runs/x 'runs/x/*' \
	    'runs/x/*/run' 'runs/x/*/log' archive; do
		rm -rf "$open/spool"
		cp -a "$BATS_FILE_TMPDIR/t/spool" "$open"
		: >"$open/spool/queue/junk"
		chown -R nobody "$open/spool"
		# shellcheck disable=SC2086 # a pattern
		path=$(cd "$open/spool" && printf '%s\n' $path | head -n 1)
		chown root "$open/spool/$path"
		chmod go= "$open/spool/$path"
		status=0
		$as "$open/dagq" -q --check >out 2>err || status=$?
		equal "$status $(cat err)" "1 "
		equal "$(grep -F "$path	" out)" "$path	it belongs to another user"
		grep -q '^queue/junk	not a name' out
		n=$((n + 1))
	done
	rm -rf "$open"
	equal $n 9
}

@test "check: the log of a task that has a user may be that one's" {
	[ "$(id -u)" = 0 ] || skip "skipped: only root can be another"
	printf '[task a]\nuser = nobody\nworkdir = /\nrun = id -un\n' >dags/u.dag
	dagsched -q --run u | dagq -q
	dagexec -q --drain
	grep -qx nobody spool/runs/u/*/log/a.1
	run dagq --check
	equal "$status $output" '0 '
}

@test "check: root takes from nobody what is but linked into the spool" {
	[ "$(id -u)" = 0 ] || skip "skipped: only root can be another"
	dagq -q --pool p=1
	: >outside
	chown nobody outside
	chmod 755 outside
	ln outside spool/pools/p/7
	run dagq --repair
	equal "$(stat -c '%U %a' outside)" 'nobody 755'
}
