#!/usr/bin/env bats
# lang: which values the keys of a DAG file take.

load helper

# dag SECTION KEY VALUE: a.dag, with the key in line 2
dag() {
	case $1 in
	dag) printf '[dag]\n%s = %s\n[task t]\nrun = true\n' "$2" "$3" ;;
	default) printf '[default]\n%s = %s\n[task t]\nrun = true\n' "$2" "$3" ;;
	task) printf '[task t]\n%s = %s\nrun = true\n' "$2" "$3" ;;
	esac >a.dag
}

# good SECTION KEY VALUE...: each is taken, and printed as it was written
good() {
	local section=$1 key=$2 value
	shift 2
	for value; do
		dag "$section" "$key" "$value"
		run --separate-stderr dagparse a.dag
		equal "$stderr" ""
		equal "$status" 0
		printf '%s\n' "$output" | tr '\t' '\n' | grep -qxF "$key=$value" ||
			{ echo "$key=$value is not in: $output"; return 1; }
	done
}

# bad SECTION KEY VALUE TEXT: the one message is TEXT, at the value
bad() {
	dag "$1" "$2" "$3"
	run --separate-stderr dagparse --check a.dag
	equal "$stderr" "dagparse: a.dag:2:$((${#2} + 4)): $2: $4"
	equal "$output" ""
	equal "$status" 1
}

comment='a comment cannot follow a value, it is a line with # in column 1'
duration='is not a duration such as 30s, 5m, 1h30m or 2d'
range='is not a duration such as 30s, or a rising range of them such as 30s..5m'
day='is not a day such as 2012-01-31, nor an instant such as 2012-01-31T02:00:00+09:00'

@test "numbers: each key has its range" {
	good dag max-active-runs 1 16 10000
	bad dag max-active-runs 0 '"0" is not a number from 1 to 10000'
	bad dag max-active-runs 10001 '"10001" is not a number from 1 to 10000'
	good task retries 0 1000
	bad task retries 1001 '"1001" is not a number from 0 to 1000'
	bad task retries -1 '"-1" is not a number from 0 to 1000'
	bad task retries 2.5 '"2.5" is not a number from 0 to 1000'
	bad task retries 0x2 '"0x2" is not a number from 0 to 1000'
	bad task retries 99999999999999999999 \
	    '"99999999999999999999" is not a number from 0 to 1000'
	good task priority -1000 0 1000
	bad task priority 1001 '"1001" is not a number from -1000 to 1000'
	bad default priority high '"high" is not a number from -1000 to 1000'
}

@test "durations: units from great to small, each once" {
	good task timeout 30s 5m 1h30m 2d 1w2d3h4m5s
	good task kill-after 0s
	good dag grace 0s 5m
	good dag archive-after 30d
	good dag keep 400d
	bad task timeout 30 "\"30\" $duration"
	bad task timeout '5 m' "\"5 m\" $duration"
	bad task timeout 30m1h "\"30m1h\" $duration"
	bad task timeout 5M "\"5M\" $duration"
	bad task timeout 1m1m "\"1m1m\" $duration"
	bad task timeout -5m "\"-5m\" $duration"
	bad task timeout 101w99999d "\"101w99999d\" $duration"
	bad task timeout 0s '"0s" is less than 1s'
	bad dag grace soon "\"soon\" $duration"
}

@test "ranges: a duration, or two that do not fall" {
	good task retry-delay 0s 30s 30s..5m 5m..5m
	good task poke 1s 10s..1h
	bad task poke 0s '"0s" is less than 1s'
	bad task poke 5 "\"5\" $range"
	bad task retry-delay 5m..30s "\"5m..30s\" $range"
	bad task retry-delay 30s... "\"30s...\" $range"
	bad task retry-delay ..30s "\"..30s\" $range"
	bad task retry-delay 1s..2s..3s "\"1s..2s..3s\" $range"
}

@test "give-up: a duration, and what then" {
	good task give-up 2h '2h fail' '2h  skip'
	text='is not a duration such as 2h, which "fail" or "skip" may follow'
	bad task give-up skip "\"skip\" $text"
	bad task give-up '2h retry' "\"2h retry\" $text"
	bad task give-up '2h skip fail' "\"2h skip fail\" $text"
}

@test "yes and no: nothing else" {
	good task once yes no
	for value in true 1 Yes on y; do
		bad task once $value "\"$value\" is neither yes nor no"
	done
}

@test "catchup: one of four, and the likely one is named" {
	good dag catchup none last all
	bad dag catchup al '"al" is none of none, last, all, merge; did you mean "all"?'
	bad dag catchup yes '"yes" is none of none, last, all, merge'
}

@test "schedule: a cron expression, or several" {
	good dag schedule '55 23 * * *' '@daily' '*/5 8-18 * jan,jul mon-fri'
	dag dag schedule '1 2 3'
	run --separate-stderr dagparse --check a.dag
	[ "$status" = 1 ]
	[[ $stderr == 'dagparse: a.dag:2:12: schedule: '* ]]
	printf '[dag]\nschedule = 0 1 * * *\nschedule =\n\t0 2 * * *  \n\n  0 3 * * *\n[task t]\nrun = x\n' >a.dag
	run --separate-stderr dagparse a.dag
	equal "$stderr" ""
	equal "${lines[0]}" "dag	a	tasks=1	file=$T/a.dag	schedule=0 1 * * *	schedule=0 2 * * *	schedule=0 3 * * *"
}

@test "timezone: one that is known" {
	good dag timezone UTC America/Los_Angeles
	for value in Mars/Phobos ../../etc/passwd /etc/localtime EST6XYZ; do
		bad dag timezone "$value" "\"$value\" is not a known time zone"
	done
}

@test "start and end: a day that the calendar has, or an instant" {
	good dag start 2012-01-01 2012-02-29 2012-02-01T02:00:00Z \
	    2012-02-01T02:00:00+09:00
	good dag end 2015-12-31
	bad dag start 2012-02-30 '"2012-02-30" is not a day of the calendar'
	bad dag start 2011-02-29 '"2011-02-29" is not a day of the calendar'
	bad dag start 2012-13-01 '"2012-13-01" is not a day of the calendar'
	bad dag start 2012-00-10 '"2012-00-10" is not a day of the calendar'
	bad dag end 2012-1-1 "\"2012-1-1\" $day"
	bad dag end 2012 "\"2012\" $day"
	bad dag end 2012-02-30T00:00:00Z "\"2012-02-30T00:00:00Z\" $day"
	bad dag end 2012-02-03T24:00 "\"2012-02-03T24:00\" $day"
}

@test "start and end: the end is not before the start" {
	printf '[dag]\nend = 2011-12-31\nstart = 2012-01-01\n[task t]\nrun = x\n' >a.dag
	run --separate-stderr dagparse --check a.dag
	equal "$stderr" "dagparse: a.dag:2:7: end: it is before the start"
	equal "$status" 1
	printf '[dag]\nend = 2012-01-01\nstart = 2012-01-01\n[task t]\nrun = x\n' >a.dag
	run --separate-stderr dagparse --check a.dag
	equal "$stderr" ""
	equal "$status" 0
}

@test "pool: names, with weights" {
	good task pool sqlite 'sqlite net:2' 'a:64'
	text='is not a pool: NAME, or NAME:WEIGHT with a weight from 1 to 64'
	bad task pool a/b "\"a/b\" $text"
	bad task pool a:0 "\"a:0\" $text"
	bad task pool a: "\"a:\" $text"
	bad task pool -a "\"-a\" $text"
	bad task pool 'a b a:2' '"a" is there twice'
	bad task pool a:65 "\"a:65\" $text"
	bad task pool 'a:64 b' 'the weights are more than 64 together'
}

@test "variables: a brace that is opened has a name in it, and is closed" {
	good task workdir '$HOME' '${HOME}/x' '$' 'a$' '$5' '$(date)'
	good task env 'A=$HOME' 'A=${B}'
	bad task workdir 'a/${HOME' '"a/${HOME" cannot be replaced: only ${NAME} is replaced here: after the name comes "}"; what else there is, is the shell'"'s"
	bad dag workdir '${}' '"${}" cannot be replaced: no name of a variable after "${"'
	bad default env 'A=${B:-c}' '"A=${B:-c}" cannot be replaced: only ${NAME} is replaced here: after the name comes "}"; what else there is, is the shell'"'s"
}

@test "output and inputs: paths that end in a name" {
	good task output a '/b/c d' "'e f' \$G/h" '*'
	good default inputs 'in/*.csv' '${DAG_DATE}'
	bad task output 'a b/' '"b/" is not a path that ends in a name'
	bad task inputs "''" '"" is not a path that ends in a name'
	bad task inputs 'x ${' '"${" cannot be replaced: no name of a variable after "${"'
	bad task output '"a' '""a" has a quote that is not closed'
}

@test "env: assignments, of names that are not ours" {
	good task env A=1 'A=1 B="two words"' "A= _b9='x=y'" 'A=a#b'
	bad task env A '"A" is not NAME=VALUE'
	bad task env 1A=x '"1A=x" is not NAME=VALUE'
	bad task env A-B=x '"A-B=x" is not NAME=VALUE'
	bad task env =x '"=x" is not NAME=VALUE'
	bad task env 'A=1 A=2' '"A" is there twice'
	bad task env 'A=1 B="two' '"A=1 B="two" has a quote that is not closed'
	bad task env DAG_NAME=x '"DAG_NAME=x" sets a name that begins with DAG_; those are not for env'
}

@test "shell: words" {
	good task shell sh 'bash -euo pipefail' '"my shell" -c'
	bad task shell '"" -e' 'the first word is empty'
	bad task shell "sh '-e" "\"sh '-e\" has a quote that is not closed"
}

@test "run: anything, but #! needs an interpreter" {
	good task shell 'sh -e'
	printf '[task t]\nrun = #!/usr/bin/awk -f\n[task u]\nrun = # nothing\n' >a.dag
	run --separate-stderr dagparse a.dag
	equal "$stderr" ""
	equal "${lines[1]}" "task	a/t	run=#!/usr/bin/awk -f"
	equal "${lines[2]}" "task	a/u	run=# nothing"
	printf '[task t]\nrun = #!\n\techo\n' >a.dag
	run --separate-stderr dagparse --check a.dag
	equal "$stderr" 'dagparse: a.dag:2:7: run: no interpreter after #!'
}

@test "workdir: one line" {
	good dag workdir 'a b # c'
	good task workdir '/tmp/é'
	printf '[task t]\nrun = x\nworkdir = a\n b\n' >a.dag
	run --separate-stderr dagparse --check a.dag
	equal "$stderr" 'dagparse: a.dag:3:11: workdir: there is more than one line'
}

@test "comments: one behind a value is an error that says so" {
	for key in retries timeout poke give-up once; do
		bad task $key '2 # twice' "$comment"
	done
	for key in schedule timezone start catchup grace max-active-runs; do
		bad dag $key '2 # twice' "$comment"
	done
	bad task pool 'a # b' "$comment"
	bad task env 'A=1 # b' "$comment"
	bad task shell 'sh # b' "$comment"
	good task description 'a # b'
	dag default run 'a # b'
	run --separate-stderr dagparse a.dag
	equal "${lines[1]}" "task	a/t	run=true"
	printf '[default]\nrun = a # b\n[task t]\n' >a.dag
	run --separate-stderr dagparse a.dag
	equal "${lines[1]}" "task	a/t	run=a # b"
}

@test "messages: a long value is shortened, between characters" {
	value=$(printf 'é%.0s' $(seq 100))
	bad task retries "$value" \
	    "\"$(printf 'é%.0s' $(seq 30))...\" is not a number from 0 to 1000"
	value=x$(printf 'é%.0s' $(seq 100))
	bad task retries "$value" \
	    "\"x$(printf 'é%.0s' $(seq 29))...\" is not a number from 0 to 1000"
}

@test "keys: those of one task that contradict each other are told, where" {
	local keys text
	while IFS='|' read -r keys text; do
		printf "[task up]\nrun = true\n[task t]\n$keys\nrun = true\n" |
		    faults >told
		printf 'dagparse: dags/bad.dag:%s\n' "$text" >wanted
		equal "$keys: $(cat told)" "$keys: $(cat wanted)"
	done <<-'END'
	once = yes\nretries = 1|5:11: retries: the task "t" is "once", and never tried again
	end-by = 1h fail\nstart-by = 2h|5:12: start-by: it is later than end-by
	env = A=1 B=2\nsecret = C=file:c B=file:b|5:10: secret: "B" is in "env" too
	output = b a b|4:10: output: "b" is there twice
	inputs = a\ninputs = a|4:10: inputs: "a" is there twice
	each = 1 2\noutput = a-$DAG_ITEM b|5:10: output: "b" is the same for all instances: there is no $DAG_ITEM in it
	teardown = up up|4:12: teardown: "up" is there twice
	teardown = up\nwhen = always|5:8: when: a teardown has a rule of its own: it runs if its setup did
	notify-on = lost|4:13: there is "notify-on", but no "notify" that says what is to be run then
	teardown = up\nrun = true\n[task u]\nteardown = t|7:12: teardown: "t" is a teardown itself, and so no setup
	END
	equal "$(printf '[task t]\ndag = d\nparams = a-b=1 c=3 a_b=2\n' |
	    faults)" 'dagparse: dags/bad.dag:3:10: params: "a_b" is called as "a-b", for in variables "-" is "_"'
	# what [default] says is for tasks of which it is true
	printf '[default]\nretries = 3\nenv = A=1\nend-by = 1h\n[task t]\nonce = yes\nsecret = A=file:a\nstart-by = 2h\nrun = true\n' >a.dag
	dagparse --check a.dag
}

@test "keys: one in the wrong section is told where it belongs" {
	printf '[dag]\nretries = 1\n[default]\nafter = t\n[task t]\nrun = x\nschedule = @daily\n' >a.dag
	run --separate-stderr dagparse --check a.dag
	equal "$stderr" 'dagparse: a.dag:2:1: the key "retries" belongs in [default] or [task] or [group], not in [dag]
dagparse: a.dag:4:1: the key "after" belongs in [task] or [group], not in [default]
dagparse: a.dag:7:1: the key "schedule" belongs in [dag], not in [task]'
}

@test "records: values on a pipe are checked by the same table" {
	printf 'dag\ta\ttasks=1\ntask\ta/t\trun=x\tretries=many\n' >records
	run --separate-stderr dagparse - <records
	equal "$stderr" 'dagparse: stdin: a/t: retries: "many" is not a number from 0 to 1000'
	equal "$output" ""
	equal "$status" 1
	printf 'dag\ta\ttasks=1\towner=me\ntask\ta/t\trun=x\tcolour=green\n' >records
	run --separate-stderr dagparse - <records
	equal "$output" "$(cat records)"
	equal "$status" 0
}
