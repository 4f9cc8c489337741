#!/usr/bin/env bats
# examples: each DAG in examples/ runs as its first comment says.

load helper

# told FILE: the commands of its first comment
told() {
	sed -n '/^[^#]/q; s/^#     \$ //p' "$ROOT/examples/$1"
}

# follow FILE: runs them, in a directory with a copy of the examples
follow() {
	local command
	cp "$ROOT"/examples/*.dag "$T"
	chmod go-w "$T"/*.dag
	told "$1" >commands
	[ -s commands ]
	while IFS= read -r command; do
		printf '$ %s\n' "$command"
		sh -c "$command" </dev/null || return 1
	done <commands
}

@test "examples: each file has a test here, and says how to run it" {
	for file in "$ROOT"/examples/*.dag; do
		name=$(basename "$file" .dag)
		grep -q "^@test \"$name: " "$BATS_TEST_FILENAME" ||
			{ echo "$name"; return 1; }
		[ -n "$(told "$name.dag")" ] || { echo "$name"; return 1; }
		[[ $(head -n 1 "$file") == '#'* ]]
	done
}

@test "examples: every file is well formed" {
	cp "$ROOT"/examples/*.dag "$ROOT"/examples/weather/*.dag "$T"
	chmod go-w "$T"/*.dag
	run --separate-stderr dagparse --check "$T"/*.dag
	equal "$stderr" ""
	equal "$output" ""
	[ "$status" = 0 ]
}

@test "hello: one task says so" {
	run follow hello.dag
	[ "$status" = 0 ]
	[[ $output == *'hello from hello/'*'-manual/hello'* ]]
}

@test "diamond: the tasks run in an order that the edges allow" {
	run --separate-stderr follow diamond.dag
	[ "$status" = 0 ]
	order=$(printf '%s\n' "$output" | grep -oE '(top|left|right|bottom)$' |
	    tr '\n' ' ')
	case $order in
	'top left right bottom ' | 'top right left bottom ') ;;
	*) echo "$output"; return 1 ;;
	esac
	[[ $output == *digraph* ]]
}

@test "retry: the second attempt does it" {
	run follow retry.dag
	[ "$status" = 0 ]
	[[ $output == *'attempt 1'*'attempt 2'*'all is well'* ]]
	[[ $output != *'attempt 3'* ]]
}

@test "variables: env and workdir have what is in the environment" {
	run --separate-stderr follow variables.dag
	[ "$status" = 0 ]
	[[ $output == *'variables-1.0.txt says: all is well'* ]]
	[ -e reports-1.0/variables-1.0.txt ]
}

@test "targets: what is up to date is not done again" {
	run --separate-stderr follow targets.dag
	[ "$status" = 0 ]
	[[ $output == *'/sort  success        2 '*'  up to date'* ]]
	[[ $output == *'it ran since its inputs have changed'* ]]
	equal "$(tail -n 3 <<<"$output")" "one
two
2"
}

@test "giveup: one attempt is ended, one task is given up, the rest goes on" {
	run follow giveup.dag
	[ "$status" = 0 ]
	[[ $output == *'fetch, attempt 1'*'fetch, attempt 2'*'all that could be had'* ]]
	[[ $output == *'optional, attempt 1'* ]]
	[[ $output != *'optional, attempt 2'* ]]
}

@test "notify: the retry, the failure and the end of the run are told of" {
	run -1 follow notify.dag
	equal "$(sort told)" "broken, attempt 1: failure, exit 1
failed: broken
flaky, attempt 1: retry, exit 5"
}

@test "deadline: what is late is left, and another way taken" {
	run follow deadline.dag
	[ "$status" = 0 ]
	[[ $output == *trying*'the other way'*arrived* ]]
}

@test "cancel: one failure ends the others, and nothing else begins" {
	run follow cancel.dag
	[ "$status" = 1 ]
	[[ $output == *'no disk'* ]]
	[[ $output != *'never'* ]]
}

@test "frugal: what computes for too long is ended, and known for it" {
	run follow frugal.dag
	[ "$status" = 0 ]
	[[ $output == *'nice '*'32 open files'*'computed for too long'* ]]
}

@test "approve: what is held waits for a person, and keeps the note" {
	run follow approve.dag
	[ "$status" = 0 ]
	[[ $output == *'to be seen'*'it is held'*'published'*'note=looks well'* ]]
}

@test "values: what one task writes the next one finds" {
	run follow values.dag
	[ "$status" = 0 ]
	[[ $output == *'21.5 degrees on the roof'* ]]
}

@test "sensor: the only worker is not held up by what waits" {
	run follow sensor.dag
	[ "$status" = 0 ]
	[[ $output == *'it is there'*unpacking* ]]
}

@test "generated: a program prints the definition" {
	run follow generated.dag
	[ "$status" = 0 ]
	[[ $output == *'all are up'* ]]
	[ "$(printf '%s\n' "$output" | grep -c ' is up$')" = 5 ]
}

@test "greet: a parameter comes from the command line" {
	run follow greet.dag
	[ "$status" = 0 ]
	[[ $output == *'hello, Ada'*'hello, whoever you are'* ]]
}

@test "etl: each step takes what the one before left" {
	run follow etl.dag
	[ "$status" = 0 ]
	[[ $output == *' with /bin/'* ]]
}

@test "nightly: it is well formed, is due on working days, and runs" {
	export DAG_NOW=2026-03-27T12:00:00Z
	run --separate-stderr follow nightly.dag
	[ "$status" = 0 ]
	[[ $output == *'2026-03-30T02:30:00+02:00
2026-03-31T02:30:00+02:00
2026-04-01T02:30:00+02:00
2026-04-02T02:30:00+02:00
2026-04-03T02:30:00+02:00'* ]]
	[[ $output == *'level 1 to the attic, for the night of 2026-03-27'* ]]
}

@test "pool: with one slot, tasks go one by one, the urgent one first" {
	run follow pool.dag
	[ "$status" = 0 ]
	order=$(printf '%s\n' "$output" |
	    grep -oE '(one|two|three goes first|four)$' | tr '\n' ' ')
	equal "$order" 'three goes first one two four '
}

@test "alarm: a failure is dealt with, a skip is joined, and tidying is done" {
	run follow alarm.dag
	[ "$status" = 0 ]
	[[ $output == *'alarm/alarm	skipped'*'alarm	success'* ]]
	[[ $output == *'call somebody'*reported* ]]
	[[ $output == *tidied* ]]
	[[ $output != *checked* ]]
}

@test "branch: one side is skipped, and what joins them runs" {
	run follow branch.dag
	[ "$status" = 0 ]
	[[ $output == *'skipped: if said 1'* ]]
	[[ $output == *'fetched with a van'*'it is on its way'* ]]
	[[ $output != *'letter box'* ]]
}

@test "patience: a retry where it is worth it, else the run as a whole" {
	run follow patience.dag
	[ "$status" = 0 ]
	equal "$(printf '%s\n' "$output" | grep -oE '(fetch|store), attempt .')" \
'fetch, attempt 1
fetch, attempt 2
store, attempt 1
store, attempt 2'
}

@test "daemon: what takes too long is stopped as it asks" {
	run follow daemon.dag
	[ "$status" = 0 ]
	[[ $output == *'asked to stop'*'after it'* ]]
}

@test "params: what was said, else the default, and a wrong one refused" {
	run follow params.dag
	[ "$status" = 0 ]
	[[ $output == *'Oslo: 3 days, thorough'* ]]
	[[ $output == *'Bergen: 7 days, quick'* ]]
	[[ $output == *'parameter days: "soon" is not a number'* ]]
}

@test "secret: what a command prints is had, and told to nobody" {
	run follow secret.dag
	[ "$status" = 0 ]
	[[ $output == *'let in with 4 letters'* ]]
}

@test "group: it starts again from its beginning, and is waited for" {
	run follow group.dag
	[ "$status" = 0 ]
	equal "$(printf '%s\n' "$output" | grep -oE 'connected.*|sending.*|it .*')" \
'connected to the attic, attempt 1
sending, attempt 1
connected to the attic, attempt 2
sending, attempt 2
it is there'
}

@test "map: a task for each item, retried alone, and joined" {
	run follow map.dag
	[ "$status" = 0 ]
	[[ $output == *'kyoto, attempt 1'*'oslo, attempt 2'* ]]
	[[ $output != *'kyoto, attempt 2'* ]]
	[[ $output == *'the sum is 9'* ]]
	[[ $output == *'
measure+kyoto  success
measure+oslo   success
'* ]]
}

@test "subdag: another DAG runs in place of a command, and its end counts" {
	run follow subdag.dag
	[ "$status" = 0 ]
	[[ $output == *'greet | greet/'*' is made'*'greet | greet/'*' has succeeded'* ]]
	[[ $output == *'they are greeted'* ]]
	[[ $output == *'
who     success
greet   success
done    success
greet   success' ]]
}

@test "teardown: what was set up is torn down, and the run has failed" {
	run follow teardown.dag
	[ "$status" = 0 ]
	[[ $output == *'working on m1'*'m1 is returned'*'exit 1'* ]]
	[[ $output == *'
report  upstream-failed
return  success'* ]]
}

@test "files: whole files are kept, found, shown and archived" {
	run follow files.dag
	[ "$status" = 0 ]
	[[ $output == *'print  | all is well'* ]]
	[ "$(printf '%s\n' "$output" | grep -c '	pages	1$')" = 2 ]
	[ "$(printf '%s\n' "$output" |
	    grep -c '	files/report/report.txt	12$')" = 2 ]
}
