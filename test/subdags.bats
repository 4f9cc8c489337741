#!/usr/bin/env bats
# subdags: a task that runs another DAG, and takes its end for its own.

load helper

R=2026-01-01T0000Z

# slot DAG: makes its run of 2026-01-01
slot() {
	{
		dagparse "$1"
		printf 'run\t%s/%s\ttime=2026-01-01T00:00:00Z\tcause=schedule\n' \
		    "$1" "$R"
	} | dagq
}

# states: the states of all tasks there are
states() {
	(cd "$DAG_SPOOL/runs" && find . -name '*.*' ! -path '*/log/*' \
	    ! -path '*/out/*' -type f | sed 's|^\./||' | sort) | tr '\n' ' '
}

# until COMMAND...: waits for it to be true
until_true() {
	local i
	for ((i = 0; i < 1000; i++)); do
		"$@" && return
		sleep 0.02
	done
	echo "never: $*"
	return 1
}

# parent TEXT...: dags/p.dag, a task s that runs c, with these lines, and one
# behind it
parent() {
	printf '[task s]\ndag = c\n' >dags/p.dag
	printf '%s\n' "$@" >>dags/p.dag
	printf '[task t]\nafter = s\nrun = true\n' >>dags/p.dag
}

child() {
	printf '[task x]\nrun = %s\n[task y]\nafter = x\nrun = true\n' "$1" \
	    >dags/c.dag
}

@test "sub-DAG: its run has the logical time, the parameters, the parent" {
	cat >dags/p.dag <<-'END'
	[param who]
	default = me
	[default]
	retries = 1
	pool = none
	[task a]
	pool =
	run = echo k=v >>"$DAG_OUT"
	[task s]
	after = a
	dag = c
	params = value=$DAG_FROM_a_k who="${DAG_PARAM_who} and $DAG_DATE"
	END
	cat >dags/c.dag <<-'END'
	[param value]
	[param who]
	[param other]
	default = 3
	[task x]
	run = echo "$DAG_DATE $DAG_PARAM_value $DAG_PARAM_who $DAG_PARAM_other"
	END
	equal "$(dagparse p | tail -n 1)" "$(printf 'task\tp/s\tafter=a\tdag=c\tparams=value=$DAG_FROM_a_k who="${DAG_PARAM_who} and $DAG_DATE"\tretries=1')"
	slot p
	dagexec -q -j 1 --drain
	equal "$(states)" "c/$R/x.success p/$R/a.success p/$R/s.success "
	equal "$(dagstat --log "c/$R/x")" "2026-01-01 v me and 2026-01-01 3"
	equal "$(cut -f 1-7 "$DAG_SPOOL/runs/c/$R/run")" "$(printf 'run\tc/%s\ttime=2026-01-01T00:00:00Z\tcause=dag\tparent=p/%s/s\tparam.value=v\tparam.who=me and 2026-01-01' $R $R)"
	equal "$(dagstat --log "p/$R/s")" "c/$R is made
c/$R has succeeded"
	equal "$(dagstat --json "p/$R/s" | grep -o '"child":"[^"]*"')" \
	    "\"child\":\"c/$R\""
	run dagq --check
	[ "$status" = 0 ]
}

@test "sub-DAG: one that is there is joined; with other parameters it is refused" {
	printf '[param v]\ndefault = 1\n[task x]\nrun = true\n' >dags/c.dag
	slot c
	dagexec -q --drain
	parent "params = v=1"
	slot p
	dagexec -q --drain
	equal "$(states)" "c/$R/x.success p/$R/s.success p/$R/t.success "
	equal "$(dagstat --log "p/$R/s")" "c/$R is waited for
c/$R has succeeded"
	[ "$(grep -c start "$DAG_SPOOL/runs/c/$R/x.success")" = 1 ]
	sed -i 's/v=1/v=2/' dags/p.dag
	cp dags/p.dag dags/q.dag
	slot q
	run dagexec -q --drain
	[ "$status" = 1 ]
	equal "$(dagstat --log "q/$R/s")" \
	    "c/$R is there already, with v=1, not 2"
}

@test "sub-DAG: it fails as its run does; a retry runs again what failed there" {
	child 'echo x >>"$LEDGER"; [ -e ok ]'
	printf '[task z]\nrun = echo z >>"$LEDGER"\n' >>dags/c.dag
	parent "retries = 1"
	slot p
	LEDGER=$T/ledger run dagexec -q --drain
	[ "$status" = 1 ]
	equal "$(states)" "c/$R/x.failed c/$R/y.upstream-failed c/$R/z.success p/$R/s.failed p/$R/t.upstream-failed "
	equal "$(sort ledger | tr '\n' ' ')" "x x z "
	equal "$(dagstat --log --attempt 2 "p/$R/s")" "c/$R runs again, what failed in it
c/$R is waited for
c/$R has failed"
	[[ $(dagstat --why "p/$R/s" | tail -n 1) == *", with c/$R, reason: dag: dagq --rerun p/$R/s" ]]
	# and so does a person
	touch dags/ok
	dagq -q --rerun "p/$R/s"
	LEDGER=$T/ledger dagexec -q --drain
	equal "$(states)" "c/$R/x.success c/$R/y.success c/$R/z.success p/$R/s.success p/$R/t.success "
	equal "$(sort ledger | tr '\n' ' ')" "x x x z "
}

@test "sub-DAG: who waits holds no slot; --drain does not wait for what is held" {
	child true
	sed -i 's/^run = true$/&\nhold = yes/' dags/c.dag
	parent
	slot p
	timeout 30 dagexec -q -j 1 --drain
	equal "$(states)" "c/$R/x.held c/$R/y.held p/$R/s.waiting p/$R/t.waiting "
	equal "$(ls "$DAG_SPOOL/gates")" "p@$R"
	equal "$(dagstat --why "p/$R/s" | sed -n 's/.* waiting  *//p')" \
	    "it waits for c/$R, the run of the DAG that it runs: dagstat --why c/$R"
	run --separate-stderr dagq --rerun "p/$R/s"
	[ "$status" = 1 ]
	equal "$stderr" "dagq: p/$R/s: the DAG that it runs is running: --kill ends it first"
	dagq -q --release "c/$R"
	dagexec -q -j 1 --drain
	equal "$(states)" "c/$R/x.success c/$R/y.success p/$R/s.success p/$R/t.success "
}

@test "sub-DAG: --kill of the task, and of what it waits for, ends both" {
	child 'sleep 1000'
	parent "retries = 3"
	slot p
	dagexec -q &
	until_true [ -e "$DAG_SPOOL/runs/c/$R/x.running.1" ]
	until_true [ -e "$DAG_SPOOL/runs/p/$R/s.waiting" ]
	equal "$(dagq --kill "p/$R/s")" "$(printf 'p/%s/s\tkilled' "$R")"
	run dagstat --wait "p/$R"
	kill %1
	equal "$(states)" "c/$R/x.failed c/$R/y.failed p/$R/s.failed p/$R/t.upstream-failed "
	equal "$(dagstat --json "p/$R/s" | grep -o '"reason":"[^"]*"')" \
	    '"reason":"killed"'
	# one that was not made for it is let alone
	rm -r "$DAG_SPOOL"
	slot c
	slot p
	dagexec -q &
	until_true [ -e "$DAG_SPOOL/runs/c/$R/x.running.1" ]
	until_true grep -q child "$DAG_SPOOL/runs/p/$R/s.waiting"
	dagq -q --kill "p/$R/s"
	run dagstat --wait "p/$R"
	equal "$(states)" "c/$R/x.running.1 c/$R/y.waiting p/$R/s.failed p/$R/t.upstream-failed "
	dagq -q --kill "c/$R/x"
	run dagstat --wait "c/$R"
}

@test "sub-DAG: a timeout, a deadline, a failure elsewhere end its run" {
	child 'sleep 1000'
	for limit in "timeout = 2s" "end-by = 3s skip" "give-up = 3s"; do
		rm -rf "$DAG_SPOOL"
		parent "$limit"
		dagsched --run p | dagq
		run timeout 30 dagexec -q --drain
		equal "$limit $(states | sed -E 's/[0-9TZ:-]+-manual/R/g')" \
		    "$limit c/R/x.failed c/R/y.failed $(case $limit in
		    end*) echo "p/R/s.skipped p/R/t.skipped" ;;
		    *) echo "p/R/s.failed p/R/t.upstream-failed" ;;
		    esac) "
		equal "$limit $(dagstat --json p/@/s |
		    grep -o '"reason":"[^"]*"')" \
		    "$limit \"reason\":\"${limit%% *}\""
	done
	rm -rf "$DAG_SPOOL"
	parent
	printf '[dag]\non-failure = cancel\n[task f]\nrun = while ! ls $DAG_SPOOL/runs/c/*/x.running.1; do sleep 0.02; done; exit 1\n' >>dags/p.dag
	slot p
	run timeout 30 dagexec -q --drain
	equal "$(states)" "c/$R/x.failed c/$R/y.failed p/$R/f.failed p/$R/s.failed p/$R/t.failed "
}

@test "sub-DAG: a DAG that is not there, or has errors, fails the attempt" {
	parent
	slot p
	run dagexec -q --drain
	[ "$status" = 1 ]
	equal "$(dagstat --log "p/$R/s")" "c: there is no such DAG; looked for $T/dags/c.dag"
	echo '[task x]' >dags/c.dag
	dagq -q --rerun "p/$R/s"
	run dagexec -q --drain
	equal "$(dagstat --log "p/$R/s")" "$T/dags/c.dag:1:1: the task \"x\" has no \"run\""
	printf '[param n]\ntype = number\n[task x]\nrun = true\n' >dags/c.dag
	parent "params = n=many"
	cp dags/p.dag dags/q.dag
	slot q
	run dagexec -q --drain
	equal "$(dagstat --log "q/$R/s")" "run c/$R: parameter n: \"many\" is not a number"
	parent 'params = n=$NOBODY'
	cp dags/p.dag dags/r.dag
	slot r
	run dagexec -q --drain
	equal "$(dagstat --log "r/$R/s")" '$NOBODY is not set'
}

@test "sub-DAG: who would wait for itself fails, and says by which runs" {
	child true
	printf '[task back]\ndag = p\n' >>dags/c.dag
	parent
	slot p
	run timeout 30 dagexec -q --drain
	[ "$status" = 1 ]
	equal "$(dagstat --log "c/$R/back")" "p/$R is waited for
a cycle: c/$R <- p/$R <- c/$R"
	equal "$(states)" "c/$R/back.failed c/$R/x.success c/$R/y.success p/$R/s.failed p/$R/t.upstream-failed "
}

@test "sub-DAG: of a DAG of one's own in the foreground, with ^C" {
	child 'echo hello from below'
	parent
	run --separate-stderr dagexec -v dags/p.dag
	[ "$status" = 0 ]
	[[ $output == *'s | c/'*'-manual is made'*'s | c/'*'-manual has succeeded'* ]]
	equal "$(dagstat --log c/@/x)" "hello from below"
	rm -r "$DAG_SPOOL"
	child 'sleep 1000'
	dagexec -q dags/p.dag &
	until_true compgen -G "$DAG_SPOOL/runs/c/*/x.running.1" >/dev/null
	until_true compgen -G "$DAG_SPOOL/runs/p/*/s.waiting" >/dev/null
	kill -INT %1
	wait %1 || :
	equal "$(states | sed -E 's/[0-9TZ:-]+-manual/R/g')" \
	    "c/R/x.failed c/R/y.failed p/R/s.failed p/R/t.failed "
}

@test "sub-DAG: keys of a command, itself, params without it are refused" {
	cat >dags/p.dag <<-'END'
	[task s]
	dag = c
	run = true
	each = a b
	secret = A=file:b
	[task u]
	dag = p
	[task v]
	run = true
	params = a=b
	[task w]
	dag = a b
	[task x]
	dag = c
	params = 1 -a=b x=$
	params = x=${
	END
	run dagparse --check dags/p.dag
	[ "$status" = 1 ]
	equal "$output" 'dagparse: dags/p.dag:3:7: run: it is of a command, and this task has "dag": it runs a DAG in place of one
dagparse: dags/p.dag:4:8: each: it is of a command, and this task has "dag": it runs a DAG in place of one
dagparse: dags/p.dag:5:10: secret: it is of a command, and this task has "dag": it runs a DAG in place of one
dagparse: dags/p.dag:7:7: dag: a DAG cannot run itself: it would wait for its own end
dagparse: dags/p.dag:10:10: params: they are of a DAG that the task runs: it has no "dag"
dagparse: dags/p.dag:12:7: dag: "a b" is not a name: only letters, digits, "_" and "-" may be in it
dagparse: dags/p.dag:15:10: params: "1" is not NAME=VALUE, of a parameter
dagparse: dags/p.dag:16:10: params: "x=${" cannot be replaced: no name of a variable after "${"'
}

@test "sub-DAG: of one in another, all are ended with the first" {
	printf '[task s]\ndag = d\n' >dags/c.dag
	printf '[task x]\nrun = sleep 1000\n' >dags/d.dag
	parent
	slot p
	dagexec -q &
	until_true [ -e "$DAG_SPOOL/runs/d/$R/x.running.1" ]
	until_true [ -e "$DAG_SPOOL/runs/c/$R/s.waiting" ]
	dagq -q --rerun --kill "p/$R/s"
	until_true [ -e "$DAG_SPOOL/runs/d/$R/x.running.2" ]
	until_true [ -e "$DAG_SPOOL/runs/p/$R/s.waiting" ]
	dagq -q --kill "p/$R"
	run dagstat --wait "p/$R"
	kill %1
	# t: by the kill, or before that by s, which the kill ended
	equal "$(states | sed 's/t.upstream-failed/t.failed/')" \
	    "c/$R/s.failed d/$R/x.failed p/$R/s.failed p/$R/t.failed "
	equal "$(dagq --check 2>&1)" ""
}

@test "sub-DAG: an attempt runs again what failed before it began, though later told" {
	mkfifo gate
	# x fails at first; the run ends when y does
	printf '[task x]\nrun = [ -e %s/ok ]\n[task y]\nrun = cat %s/gate\n' \
	    "$T" "$T" >dags/c.dag
	parent
	slot p
	dagexec -q &
	until_true [ -e "$DAG_SPOOL/runs/c/$R/x.failed" ]
	until_true [ -e "$DAG_SPOOL/runs/p/$R/s.waiting" ]
	dagq -q --mark failed "p/$R/s"
	[ -e "$DAG_SPOOL/runs/c/$R/@active" ]
	: >ok
	dagq -q --rerun "p/$R/s"
	until_true grep -qs 'child.attempt=2.*state=active' \
	    "$DAG_SPOOL/runs/p/$R/s.waiting"
	: >gate
	run -0 dagstat --wait "p/$R"
	kill %1
	equal "$(states)" \
	    "c/$R/x.success c/$R/y.success p/$R/s.success p/$R/t.success "
	equal "$(ls "$DAG_SPOOL/runs/c/$R/log" | paste -sd ' ')" 'x.1 x.2 y.1'
	equal "$(tail -n 4 "$DAG_SPOOL/runs/p/$R/log/s.2" | cut -d ' ' -f 2-)" \
"is waited for
runs again, what failed in it
has succeeded"
	equal "$(dagq --check 2>&1)" ""
}

@test "sub-DAG: one in the archive is joined, or restored to run again" {
	child '[ -e ok ]'
	slot c
	run dagexec -q --drain
	dagq -q --archive "c/$R"
	parent
	slot p
	run dagexec -q --drain
	equal "$(states)" "p/$R/s.failed p/$R/t.upstream-failed "
	touch dags/ok
	dagq -q --rerun "p/$R/s"
	dagexec -q --drain
	equal "$(states)" "c/$R/x.success c/$R/y.success p/$R/s.success p/$R/t.success "
	# one that is marked while it waits lets it alone
	rm -r "$DAG_SPOOL"
	child true
	sed -i 's/^run = true$/&\nhold = yes/' dags/c.dag
	slot p
	dagexec -q --drain
	dagq -q --mark success "p/$R/s"
	dagexec -q --drain
	equal "$(states)" "c/$R/x.held c/$R/y.held p/$R/s.success p/$R/t.success "
}

@test "sub-DAG: a group that starts again, a run that is tried again, try it again" {
	child 'echo x >>"$LEDGER"; [ "$DAG_ATTEMPT" -ge 3 ]'
	printf '[dag]\nrun-retries = 1\n[group g]\ngroup-retries = 1\n' >dags/p.dag
	printf '[task s]\ngroup = g\ndag = c\n' >>dags/p.dag
	slot p
	LEDGER=$T/ledger run dagexec -q --drain
	equal "$(states)" "c/$R/x.success c/$R/y.success p/$R/s.success "
	equal "$(wc -l <ledger)" 3
}
