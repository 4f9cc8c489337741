#!/usr/bin/env bats
# retries: which failures are tried again, when; and what is asked before.

load helper

# start: makes a run of dags/a.dag; its ID
start() {
	dagsched --run a | dagq -v 2>&1
}

# marker TASK: the one file that is its marker
marker() {
	ls "$DAG_SPOOL"/runs/a/*/"$1".* "$DAG_SPOOL"/queue/*."$1" 2>/dev/null ||
		true
}

# attempts TASK: how many there were
attempts() {
	grep -c '	start	' "$(marker "$1")"
}

@test "retry-on: codes, signals and timeouts, those wanted and those not" {
	# each: a list, how it ends, how many attempts of two
	cases='1 KILL !3|exit 1|2
1 KILL !3|exit 3|1
1 KILL !3|exit 4|1
1 KILL !3|kill -KILL $$|2
1 KILL !3|kill -TERM $$|1
!3|exit 4|2
!3|exit 3|1
!3 !TERM|kill -TERM $$|1
!3 !TERM|kill -INT $$; kill -KILL $$|2
timeout|exec sleep 60|2
TERM|exec sleep 60|1
!timeout|exec sleep 60|1
timeout|kill -TERM $$|1
|exit 3|2'
	{
		printf '[default]\nretries = 1\ntimeout = 1s\n'
		i=0
		while IFS='|' read -r list command _; do
			i=$((i + 1))
			printf '[task t%s]\nretry-on = %s\nrun = %s\n' \
			    $i "$list" "$command"
		done <<<"$cases"
	} >dags/a.dag
	start
	run -1 dagexec -q -j 8 --drain
	i=0
	while IFS='|' read -r list command wanted; do
		i=$((i + 1))
		equal "$list|$command|$(attempts t$i)" \
		    "$list|$command|$wanted"
	done <<<"$cases"
}

@test "retry-on: what it does not know is refused, and what is there twice" {
	what='is neither an exit code from 1 to 255 nor a signal such as KILL,'
	what+=' nor "timeout"; "!" before it takes it out'
	while IFS='|' read -r value text; do
		printf '[task t]\nretry-on = %s\nrun = true\n' "$value" >a.dag
		run --separate-stderr dagparse --check a.dag
		equal "$stderr" "dagparse: a.dag:2:12: retry-on: $text"
		equal "$status" 1
	done <<-END
	0|"0" $what
	1 256|"256" $what
	1 SIGKILL|"SIGKILL" $what
	kill|"kill" $what
	1 !|"!" $what
	!!1|"!!1" $what
	1 KILL 1|"1" is there twice
	1 !KILL KILL|"KILL" is there twice
	END
	printf '[default]\nretry-on = 1\n[task t]\nretry-on = !3\nrun = true\n' \
	    >a.dag
	equal "$(dagparse a.dag | tail -n 1)" \
	    "$(printf 'task\ta/t\trun=true\tretry-on=1 !3')"
}

@test "retry-delay: doubles from the first to the second, a tenth more or less" {
	cat >dags/a.dag <<-END
	[task t]
	retries     = 6
	retry-delay = 100s..1000s
	run         = false
	END
	start
	for want in 100 200 400 800 1000 1000; do
		dagexec -q --drain & pid=$!
		until grep -c '	retry	' "$(marker t)" 2>/dev/null |
		    grep -qx "$((n + 1))"; do
			[ -d /proc/$pid ] || break
		done
		kill $pid
		wait $pid || true
		n=$((n + 1))
		at=$(stat -c %Y "$(marker t)")
		delay=$((at - $(date +%s)))
		[ "$delay" -ge $((want * 9 / 10 - 10)) ]
		[ "$delay" -le $((want * 11 / 10 + 2)) ]
		[ "$delay" -le 1002 ]
		touch -d @0 "$(marker t)"
	done
}

@test "retry-delay: what has come to the longest does not come back at once" {
	{
		printf '[default]\nretries = 1\nretry-delay = 1000s..1000s\n'
		printf 'run = false\n'
		printf '[task t%s]\n' $(seq 40)
	} >dags/a.dag
	start
	dagexec -q -j 2 & pid=$!
	until [ "$(grep -l '	retry	' "$DAG_SPOOL"/queue/* 2>/dev/null |
	    wc -l)" = 40 ]; do
		[ -d /proc/$pid ] || break
	done
	kill $pid
	wait $pid || true
	cd "$DAG_SPOOL/queue"
	[ "$(stat -c %Y -- * | sort -n | uniq -c | sort -rn |
	    awk 'NR == 1 { print $1 }')" -lt 10 ]
	for file in *; do
		end=$(sed -n 's/.*	end	.*/&/; T; s/	.*//p' "$file")
		delay=$(($(stat -c %Y "$file") - $(date -d "$end" +%s)))
		[ "$delay" -ge 899 ]
		[ "$delay" -le 1001 ]
	done
}

@test "if: 0 goes on, 1 skips, all else fails, and it knows what came before" {
	{
		printf '[task up]\nrun = echo n=3 >>$DAG_OUT\n'
		for code in 0 1 2 75 99 130; do
			printf '[task t%s]\nafter = up\n' $code
			printf 'if = [ $DAG_FROM_up_n = 3 ] && exit %s\n' $code
			printf 'run = touch %s/ran-%s\n' "$T" $code
		done
	} >dags/a.dag
	start
	run -1 dagexec -q -j 2 --drain
	equal "$(ls ran-*)" ran-0
	for wanted in success:0:0 skipped:1:99 failed:2:2 failed:75:1 \
	    failed:99:1 failed:130:130; do
		IFS=: read -r state code exit <<<"$wanted"
		m=$(marker "t$code")
		equal "$code ${m##*.}" "$code $state"
		grep -q "	exit=$exit	" "$m"
	done
	equal "$(cat "$DAG_SPOOL"/runs/a/*/log/t1.1)" 'skipped: if said 1'
}

@test "if: the shell, a script, quotes, retries and a sensor" {
	cat >dags/a.dag <<-'END'
	[task other-shell]
	shell = bash -euo pipefail
	if    = [[ it\'s == it* ]] && false | true || true
	run   = [[ $DAG_TASK == other* ]]
	[task script]
	if  = x="it's"; [ "$x" = "it's" ]
	run = #!/usr/bin/awk -f
	    BEGIN { print "by awk" }
	[task plain]
	if  = true
	run = true
	[task again]
	retries = 1
	if  = [ $DAG_ATTEMPT = 2 ] || exit 4
	run = echo done
	[task sensor]
	poke = 1s
	if   = true
	run  = [ -e "$DAG_RUNDIR/log/again.2" ] || exit 75
	END
	start
	dagexec -q -j 2 --drain
	equal "$(cat "$DAG_SPOOL"/runs/a/*/log/script.1)" 'by awk'
	equal "$(attempts again)" 2
}

@test "run-retries: what failed and what it kept back is tried, no more" {
	cat >dags/a.dag <<-END
	[dag]
	run-retries = 2
	[task good]
	run = echo good >>$T/ran
	[task bad]
	after   = good
	retries = 1
	run     = echo bad >>$T/ran; [ \$(grep -c bad $T/ran) -ge 5 ]
	[task last]
	after = bad
	run   = echo last >>$T/ran
	END
	start
	dagexec -q --drain || [ $? = 1 ]
	equal "$(cat ran)" 'good
bad
bad
bad
bad
bad
last'
	[ -e "$DAG_SPOOL"/runs/a/*/@success ]
	equal "$(cut -f 2- "$DAG_SPOOL"/runs/a/*/@success)" \
'retry	run-retry=1
retry	run-retry=2'
	equal "$(dagq --check 2>&1)" ""
}

@test "run-retries: spent, the run has failed; a rerun has them all again" {
	cat >dags/a.dag <<-END
	[dag]
	run-retries = 1
	[task bad]
	run = echo bad >>$T/ran; false
	END
	id=$(start)
	run -1 dagexec -q --drain
	equal "$(wc -l <ran)" 2
	[ -e "$DAG_SPOOL/runs/$id/@failed" ]
	dagq --rerun "$id/bad"
	run -1 dagexec -q --drain
	equal "$(wc -l <ran)" 4
}

@test "run-retries: not after a person's word, and not of what runs once" {
	cat >dags/a.dag <<-END
	[dag]
	run-retries = 1
	[task held]
	hold = yes
	run  = false
	END
	id=$(start)
	dagq --mark failed "$id/held"
	[ -e "$DAG_SPOOL/runs/$id/@failed" ]
	cat >dags/a.dag <<-END
	[dag]
	run-retries = 1
	[task once]
	once = yes
	run  = echo bad >>$T/ran; false
	END
	start
	run -1 dagexec -q --drain
	equal "$(wc -l <ran)" 1
}
