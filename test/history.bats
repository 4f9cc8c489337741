#!/usr/bin/env bats
# history: dagstat tells what happened, and what is different in two runs.

load helper
load byhand

R30=w/2012-01-30T0000Z R31=w/2012-01-31T0000Z

# told OPTION...: what dagstat says, runs of blanks made one
told() {
	dagstat -q "$@" | tr -s ' '
}

# lived: a task with all that can happen to one
lived() {
	by_hand
	printf '2012-02-01T00:00:%s\n' \
	    '01.000Z	start	attempt=1	host=h	pid=9' \
	    '03.000Z	end	attempt=1	state=failed	exit=3	wall=2.000	rss=2048' \
	    '| the end of its log' \
	    '03.000Z	retry	attempt=1	at=2012-02-01T00:00:04Z' \
	    '04.000Z	start	attempt=2	host=i	pid=10' \
	    '05.000Z	kill	attempt=2	user=eve	note=wrong host' \
	    '05.500Z	end	attempt=2	state=failed	signal=TERM	wall=1.500	reason=killed' \
	    '06.000Z	rerun	user=ann	note=disk was full	definition=latest	params=a=1' \
	    '07.000Z	start	attempt=3	host=h	pid=11' \
	    '07.100Z	poke	attempt=3	at=2012-02-01T00:00:08Z' \
	    '08.000Z	start	attempt=3	host=h	pid=12' \
	    '08.100Z	poke	attempt=3	at=2012-02-01T00:00:09Z' \
	    '09.000Z	start	attempt=3	host=h	pid=13' \
	    '09.500Z	end	attempt=3	state=failed	exit=75	wall=0.500	reason=give-up' \
	    '09.600Z	mark	state=success	user=bob	note=done by hand' \
	    >spool/runs/$R30/check.success
	rm spool/runs/$R30/check.failed
}

@test "history: every attempt and whatever was done by hand, in order" {
	lived
	equal "$(told --history $R30/check)" \
"$R30/check failed 1 3 2012-02-01T00:00:01Z 2.000s 2.0M h - -
$R30/check kill - - 2012-02-01T00:00:05Z - - - eve wrong host
$R30/check failed 2 TERM 2012-02-01T00:00:04Z 1.500s - i - killed
$R30/check rerun latest - - 2012-02-01T00:00:06Z - - - ann disk was full; a=1
$R30/check failed 3 75 2012-02-01T00:00:07Z 0.500s - h - give-up; after 2 looks
$R30/check mark success - - 2012-02-01T00:00:09Z - - - bob done by hand"
	equal "$(dagstat --history $R30/check | sed -n 2p | tr -s ' ')" \
	    "# ID WHAT ATTEMPT EXIT WHEN TIME MEM HOST BY NOTE"
	equal "$(dagstat --json --history $R30/check | jq -c '.[3] |
	    [.kind, .task, .what, .user, .note, .params, .when]')" \
'["event","check","rerun latest","ann","disk was full","a=1",'\
'"2012-02-01T00:00:06.000Z"]'
}

@test "history: a run is all of its tasks, one that runs among them" {
	by_hand
	equal "$(told --history w/@)" \
"$R31/get success 1 0 2012-02-01T00:00:01Z 2.250s 10M h - -
$R31/check running 1 - 2012-02-01T00:00:05Z - - h - -
$R31/tell hold - - 2012-02-01T00:00:09Z - - - me not yet"
}

# real: a DAG that was run, rerun by hand, archived
real() {
	cat >dags/x.dag <<-'END'
		[task a]
		run = test -e ../good
		retries = 1
		retry-delay = 0s
	END
	dagsched --run x | dagq
	run -1 dagexec --drain
	touch good
	LOGNAME=ann dagq -q --rerun --note 'it is good now' x/@/a
	dagexec --drain
	id=$(dagstat -q x/@ | awk '{ print $1 }')
}

@test "history: of an archived run, and of one that the history alone knows" {
	real
	dagstat -q --history x/@ | tr -s ' ' >before
	equal "$(cut -d' ' -f2,3,8- before)" "failed 1 $(uname -n) - -
failed 2 $(uname -n) - -
rerun - - ann it is good now
success 3 $(uname -n) - -"
	dagq -q --archive x/@
	equal "$(told --history "$id")" "$(cat before)"
	rm spool/archive/x/*
	equal "$(told --history "$id")" "$(grep -v rerun before)"
	equal "$(told --history "${id%/*}")" "$(grep -v rerun before)"
	run --separate-stderr dagstat -q --history "${id%/*}/b"
	equal "$stderr" \
	    "dagstat: ${id%/*}/b: neither the spool nor its history has it"
	equal "$output" ""
	[ "$status" = 1 ]
}

@test "history: --kill says who, and why" {
	printf '[task a]\nrun = sleep 1000\n' >dags/k.dag
	dagsched --run k | dagq
	dagexec --drain >out 2>&1 3>&- &
	until dagstat -q --history k/@/a | grep -q running; do
		read -rt 0.01 <> <(:) || :
	done
	LOGNAME=eve dagq -q --kill --note 'it hangs' k/@/a
	wait
	equal "$(told --history k/@/a | cut -d' ' -f2- |
	    sed 's/ 20[^ ]*Z//; s/ [^ ]*s / /')" "kill - - - - - eve it hangs
failed 1 TERM $(dagstat -q --tsv -o rss k/@/a | awk '
	    $1 < 1000 { print $1 "K"; next }
	    { printf $1 < 10240 ? "%.1fM" : "%.0fM", $1 / 1024 }') $(uname -n) - killed"
}

@test "log: of many at once, the last lines of each" {
	by_hand
	equal "$(dagstat --log -n 1 w/2012-01-30 w/@/check)" \
"==> $R30/check attempt 2 <==
third
==> $R31/check attempt 1 <==
begun"
	equal "$(dagstat -q --failed --running | dagstat --log -n 1)" \
	    "$(dagstat --log -n 1 $R30/check $R31/check)"
}

@test "diff: of a run with itself there is nothing to say" {
	by_hand
	equal "$(dagstat --diff $R30 w/2012-01-30 | sed 1d)" \
	    "# ID  WHAT  FIRST  SECOND"
	equal "$(dagstat --json --diff $R30 $R30)" "[]"
}

@test "diff: how they came to be, definition, parameters and outcome" {
	by_hand
	cd spool/runs/$R31
	printf 'run\t%s\ttime=x\tcause=manual\tparam.n=5\n' $R31 >run
	sed -i -e 's/\tpool=one/\tpool=two\tenv=A=1/' \
	    -e 's/w\/tell/w\/say/' -e 's/file=.w.dag/&\tmax-active-runs=1/' plan
	mv tell.held say.held
	sed -i 's/wall=2.250/wall=9.250/' get.success
	cd "$T"
	equal "$(told --diff $R30 $R31)" \
"$R31 state failed active
$R31 cause backfill manual
$R31 param.n - 5
$R31 max-active-runs - 1
$R31/tell task there -
$R31/get elapsed 2.250s 9.250s
$R31/check pool one two
$R31/check env.A - 1
$R31/check state failed running
$R31/check exit 3 -
$R31/check attempts 2 1
$R31/put state upstream-failed waiting
$R31/say task - there"
	equal "$(dagstat --json --diff $R30 $R31 | jq -c '.[2] |
	    [.id, .what, .first, .second]')" "[\"$R31\",\"param.n\",null,\"5\"]"
	equal "$(told --diff $R31 $R30 | sed -n 1p)" "$R30 state active failed"
}

@test "diff: of the environment, each variable for itself" {
	by_hand
	sed -i 's/\tpool=one/&\tenv=A=1 B="x y" C=3 C=4/' \
	    spool/runs/$R30/plan
	sed -i 's/\tpool=one/&\tenv=D= B="x z" A=1 C=4 E=5/' \
	    spool/runs/$R31/plan
	equal "$(told --diff $R30 $R31 | grep env)" "$R31/check env.B x y x z
$R31/check env.E - 5"
	equal "$(told --diff $R31 $R30 | grep env)" "$R30/check env.B x z x y
$R30/check env.E 5 -"
}

@test "diff: two runs are wanted, no more and no less" {
	by_hand
	run --separate-stderr dagstat --diff $R30
	equal "$stderr" "dagstat: --diff: two runs are wanted, these are 1"
	[ "$status" = 1 ]
	run --separate-stderr dagstat --diff $R30 w/@/check
	equal "$stderr" "dagstat: $R31/check: it is not a run, DAG/RUN"
	[ "$status" = 1 ]
	run --separate-stderr dagstat --diff w w
	equal "$stderr" "dagstat: w: it is not a run, DAG/RUN"
	run --separate-stderr dagstat --diff w/2013 $R30
	[ "$status" = 1 ]
	echo nothing >spool/runs/$R31/plan
	run --separate-stderr dagstat -q --diff $R30 $R31
	[[ $stderr == "dagstat: $R31: "* ]]
	equal "$output" ""
	[ "$status" = 1 ]
}
