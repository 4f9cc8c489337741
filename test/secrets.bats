#!/usr/bin/env bats
# secrets: what is read when a task starts, and stands nowhere else.

load helper

@test "secrets: from files and commands, and not to be found anywhere" {
	printf 'open\nsesame\n\n' >dags/key
	mkfifo fifo go
	cat >dags/a.dag <<-END
	[default]
	secret = KEY=file:key
	[task t]
	secret = "TOKEN=command:printf 'to%s' ken-1"
	run    =
	    env | grep -c -e '^KEY=open$' -e '^TOKEN=token.1$'
	    echo >$T/fifo; read x <$T/go
	[task script]
	secret =
	env    = x=kept
	run    = #!/usr/bin/awk -f
	    BEGIN { print ENVIRON["KEY"] ENVIRON["x"] }
	[task direct]
	env = x=kept
	run = printenv KEY x
	END
	dagsched --run a | dagq
	exec 5<>fifo 6<>go
	dagexec -q -j 1 --drain & worker=$!
	read -r _ <&5
	cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' >titles
	echo >&6
	wait $worker
	run ! grep -e token-1 -e sesame titles
	equal "$(cat "$DAG_SPOOL"/runs/a/*/log/t.1)" 2
	equal "$(cat "$DAG_SPOOL"/runs/a/*/log/script.1)" kept
	equal "$(cat "$DAG_SPOOL"/runs/a/*/log/direct.1)" 'open
sesame
kept'
	rm "$DAG_SPOOL"/runs/a/*/log/direct.1
	run ! grep -rqe token-1 -e sesame "$DAG_SPOOL" cache
}

@test "secrets: one that cannot be had fails the attempt" {
	cat >dags/a.dag <<-END
	[task file]
	secret = KEY=file:none
	run    = touch $T/ran
	[task command]
	secret = "KEY=command:exit 3"
	run    = touch $T/ran
	END
	dagsched --run a | dagq
	run -1 dagexec -q --drain
	[ ! -e ran ]
	grep -q 'exit=127' "$DAG_SPOOL"/runs/a/*/file.failed
	grep -q 'exit=127' "$DAG_SPOOL"/runs/a/*/command.failed
}

@test "env-file: lines of NAME=VALUE over those of env, nothing else" {
	printf '# a comment\n\nA=from file\nB=$A "x"\nlast=1' >dags/vars
	printf 'A=1\nno value\n' >dags/bad
	printf 'DAG_ID=1\n' >dags/ours
	cat >dags/a.dag <<-END
	[task good]
	env      = A=env C=env
	env-file = vars
	if       = [ "\$last" = 1 ]
	run      = echo "\$A,\$B,\$C"
	[task bad]
	env-file = vars bad
	run      = true
	[task ours]
	env-file = ours
	run      = true
	[task missing]
	env-file = none
	run      = true
	END
	dagsched --run a | dagq
	run -1 dagexec -q --drain
	equal "$(cat "$DAG_SPOOL"/runs/a/*/log/good.1)" \
	    'from file,$A "x",env'
	equal "$(cat "$DAG_SPOOL"/runs/a/*/log/bad.1)" \
	    'env-file: there is more than NAME=VALUE in it: bad'
	equal "$(cd "$DAG_SPOOL"/runs/a/* && ls *.failed | tr '\n' ' ')" \
	    'bad.failed missing.failed ours.failed '
}

@test "secrets: each wrong word is refused where it stands" {
	while IFS='|' read -r word text; do
		printf '[task t]\nsecret = %s\nrun = true\n' "$word" >a.dag
		run --separate-stderr dagparse --check a.dag
		equal "$stderr" "dagparse: a.dag:2:10: secret: $text"
		equal "$status" 1
	done <<-'END'
	KEY|"KEY" is not NAME=VALUE
	KEY=value|"KEY=value" is neither NAME=file:PATH nor NAME=command:COMMAND
	KEY=file:|"KEY=file:" is neither NAME=file:PATH nor NAME=command:COMMAND
	1=file:x|"1=file:x" is not NAME=VALUE
	DAG_ID=file:x|"DAG_ID=file:x" sets a name that begins with DAG_; those are not for env
	A=file:x A=file:y|"A" is there twice
	END
}
