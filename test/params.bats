#!/usr/bin/env bats
# params: what a DAG declares, what a run may say, what is kept of it.

load helper

# wrong TEXT...: the messages about a.dag on stdin
wrong() {
	cat >a.dag
	run --separate-stderr dagparse --check a.dag
	equal "$stderr" "$(printf 'dagparse: a.dag:%s\n' "$@")"
	equal "$status" 1
}

@test "params: all that can be wrong with a declaration" {
	wrong '1:7: a parameter without a name, it is [param NAME]' \
	    '2:8: "a.b" is not a name of a parameter: only letters, digits, "_" and "-" may be in it' \
	    '4:8: type: "int" is none of text, number, boolean, duration, day' \
	    '5:1: unknown key "choice", did you mean "choices"?' <<-'END'
	[param]
	[param a.b]
	[param n]
	type = int
	choice = 1 2
	[task t]
	run = true
	END
	wrong '3:1: the parameter "a_b" is there twice, first in line 1' \
	    <<-'END'
	[param a-b]
	default = 1
	[param a_b]
	default = 1
	[task t]
	run = true
	END
	wrong '3:11: default: "soon" is not a number' \
	    '6:11: default: "maybe" is neither yes nor no' <<-'END'
	[param n]
	type    = number
	default = soon
	[param b]
	type    = boolean
	default = maybe
	[task t]
	run = true
	END
}

@test "params: one message for each default, and for each match" {
	local value text
	while IFS='|' read -r key value default text; do
		wrong "$text" <<-END
		[param p]
		$key = $value
		default = $default
		[task t]
		run = true
		END
	done <<-'END'
	type|number|1.5|3:11: default: "1.5" is not a number
	type|boolean|true|3:11: default: "true" is neither yes nor no
	type|duration|5|3:11: default: "5" is not a duration such as 30s or 1h30m
	type|day|2012-02-30|3:11: default: "2012-02-30" is not a day such as 2012-01-31
	choices|a "b c"|b|3:11: default: "b" is none of a "b c"
	match|[a-z]+|abC|3:11: default: "abC" does not match [a-z]+
	choices|1 2|x|3:11: default: "x" is none of 1 2
	match|[a-z|abc|2:9: match: "[a-z" is not a regular expression: Unmatched [, [^, [:, [., or [=
	END
	wrong '3:11: choices: "soon" is not a duration such as 30s or 1h30m' \
	    '7:11: choices: "B" does not match [a-z]' <<-'END'
	[param p]
	type    = duration
	choices = 1h soon
	default = 1h
	[param q]
	match   = [a-z]
	choices = a B
	[task t]
	run = true
	END
	wrong '1:1: the parameter "p" has no default, and the schedule has no value for it' <<-'END'
	[param p]
	[dag]
	schedule = @daily
	[task t]
	run = true
	END
}

@test "params: a run says what there is, and what is not allowed" {
	cat >dags/a.dag <<-'END'
	[param day]
	type = day
	[param mode]
	choices = quick "very slow"
	default = quick
	[param code]
	match   = [A-Z]{3}|none
	default = none
	[task t]
	run = echo "$DAG_PARAM_day $DAG_PARAM_mode $DAG_PARAM_code"
	END
	while IFS='|' read -r params text; do
		# shellcheck disable=SC2086 # some words
		run dagsched --run $params a
		equal "$output" "dagsched: a: $text"
		equal "$status" 1
	done <<-'END'
	|the parameter "day" has no default: say day=
	--param day=today|parameter day: "today" is not a day such as 2012-01-31
	--param day=2012-01-31 --param mode=slow|parameter mode: "slow" is none of quick "very slow"
	--param day=2012-01-31 --param code=OSLO|parameter code: "OSLO" does not match [A-Z]{3}|none
	--param day=2012-01-31 --param moed=quick|there is no parameter "moed"; there are day mode code
	END
	# nor by a record that was written otherwise
	run ! dagq <<<"$(dagsched --run --param day=2012-01-31 a |
	    sed 's/day=2012-01-31$/day=today/')"
	[[ $output == *': parameter day: "today" is not a day '* ]]
	[ -z "$(ls "$DAG_SPOOL"/runs/a 2>/dev/null)" ]
	dagsched --run --param day=2012-01-31 --param 'mode=very slow' a | dagq
	dagexec -q --drain
	equal "$(cat "$DAG_SPOOL"/runs/a/*/log/t.1)" \
	    '2012-01-31 very slow none'
}

@test "params: a run keeps its defaults when the file has others" {
	printf '[param p]\ndefault = old\n[task t]\nhold = yes\n' >dags/a.dag
	printf 'run = echo $DAG_PARAM_p\n' >>dags/a.dag
	id=$(dagsched --run a | dagq -v 2>&1)
	sed -i s/old/new/ dags/a.dag
	dagq --release "$id/t"
	dagexec -q --drain
	equal "$(cat "$DAG_SPOOL/runs/$id/log/t.1")" old
	grep -q '	param.p=old	' "$DAG_SPOOL/runs/$id/run"
}

@test "params: a DAG that declares none takes any" {
	printf '[task t]\nrun = echo $DAG_PARAM_x\n' >dags/a.dag
	dagsched --run --param x=1 a | dagq
	dagexec -q --drain
	equal "$(cat "$DAG_SPOOL"/runs/a/*/log/t.1)" 1
}

@test "params: a rerun with one that does not fit is refused, and changes nothing" {
	cat > dags/n.dag <<-'EOF'
	[param n]
	type = number
	default = 1
	[task a]
	run = echo $DAG_PARAM_n
	EOF
	dagsched --run n | dagq
	dagexec --drain
	cp "$DAG_SPOOL"/runs/n/*/run before
	run dagq --rerun --param n=soon n/@
	[ "$status" = 1 ]
	[[ $output == dagq:\ n/*"soon"* ]]
	cmp before "$DAG_SPOOL"/runs/n/*/run
	[ -z "$(ls "$DAG_SPOOL/queue")" ]
	dagq -q --rerun --param n=7 n/@
	dagexec --drain
	equal "$(cat "$DAG_SPOOL"/runs/n/*/log/a.2)" 7
}
