#!/usr/bin/env bats
# dagparse: files into records; and every error of a file at once.

load helper

# file NAME: stdin is its text
file() {
	cat >"$1"
}

# says FILE: its messages are stdin, and nothing is printed
says() {
	run --separate-stderr dagparse --check "$1"
	equal "$stderr" "$(cat)"
	equal "$output" ""
	equal "$status" 1
}

# prints FILE: its records are stdin, and there is no message
prints() {
	run --separate-stderr dagparse "$1"
	equal "$stderr" ""
	equal "$output" "$(cat)"
	equal "$status" 0
}

weather() {
	file "${1:-weather.dag}" <<-'END'
	# Seattle's weather, a run a day
	[dag]
	schedule = 55 23 * * *
	timezone = America/Los_Angeles
	start    = 2012-01-01
	catchup  = all

	# for every task of the file
	[default]
	retries     = 2
	retry-delay = 30s

	[task extract]
	run = grep "^$DAG_DATE," "$WEATHER_CSV" > "$DAG_DATE.csv"

	[task load]
	after = extract
	pool  = sqlite
	run   =
	    sqlite3 weather.db <<SQL
	    .import --csv $DAG_DATE.csv staging
	    SQL
	END
}

@test "records: the file of the design" {
	weather
	prints weather.dag <<-END
	dag	weather	tasks=2	file=$T/weather.dag	schedule=55 23 * * *	timezone=America/Los_Angeles	start=2012-01-01	catchup=all
	task	weather/extract	run=grep "^\$DAG_DATE," "\$WEATHER_CSV" > "\$DAG_DATE.csv"	retries=2	retry-delay=30s
	task	weather/load	after=extract	run=sqlite3 weather.db <<SQL\n.import --csv \$DAG_DATE.csv staging\nSQL	retries=2	retry-delay=30s	pool=sqlite
	END
}

@test "values: literal from the first to the last non-blank" {
	printf '[task a]\n  \nrun\t=\t a\\tb "c" = # d  \t\n' >a.dag
	prints a.dag <<-END
	dag	a	tasks=1	file=$T/a.dag
	task	a/a	run=a\\\\tb "c" = # d
	END
}

@test "values: a line that begins with a blank goes on, # and [ too" {
	printf '[task a]\nrun =\n  # one\n  [two]\n  three = 3\n' >a.dag
	prints a.dag <<-END
	dag	a	tasks=1	file=$T/a.dag
	task	a/a	run=# one\n[two]\nthree = 3
	END
}

@test "values: blank lines within are kept, at the end dropped" {
	printf '[task a]\nrun = one\n\n    two\n   \n\n    three\n\n  \n\n[task b]\nrun = x\n\n' >a.dag
	prints a.dag <<-END
	dag	a	tasks=2	file=$T/a.dag
	task	a/a	run=one\n\ntwo\n\n\nthree
	task	a/b	run=x
	END
}

@test "values: the common indentation is taken off, tabs and blanks apart" {
	printf '[task a]\nrun =\n\tif x\n\t\ty\n\tfi\n[task b]\nrun = z\n    a\n  b\n      c\n[task c]\nrun =\n\t a\n  b\n' >a.dag
	prints a.dag <<-END
	dag	a	tasks=3	file=$T/a.dag
	task	a/a	run=if x\n\ty\nfi
	task	a/b	run=z\n  a\nb\n    c
	task	a/c	run=a\n  b
	END
}

@test "comments: # in column 1, anywhere, ends nothing" {
	printf '#\n[task a]\n#x\nrun = one\n# y\n  two\n\n# z = 1\n   three\n  #four\n#\n' >a.dag
	prints a.dag <<-END
	dag	a	tasks=1	file=$T/a.dag
	task	a/a	run=one\ntwo\n\n three\n#four
	END
}

@test "sections: blanks around, no [dag] needed, [default] may come last" {
	printf '[ task  a ]  \nrun=x\n[default]\nretries=1' >a.dag
	prints a.dag <<-END
	dag	a	tasks=1	file=$T/a.dag
	task	a/a	run=x	retries=1
	END
}

@test "lists: repeated keys add, lines too" {
	file a.dag <<-'END'
	[task a]
	run = x
	[task b]
	run = x
	[task c]
	run = x
	after = a
	after =
	  b
	env = A=1
	env = B="two words"
	END
	prints a.dag <<-END
	dag	a	tasks=3	file=$T/a.dag
	task	a/a	run=x
	task	a/b	run=x
	task	a/c	after=a b	run=x	env=A=1 B="two words"
	END
}

@test "defaults: of every task that does not say otherwise" {
	file a.dag <<-'END'
	[default]
	run = step "$DAG_TASK"
	retries = 2
	env = A=1 B="x y" C=3
	pool = db net:2
	[task a]
	[task b]
	run = other
	retries = 0
	env = B=2 D="4 5"
	pool = db:3
	[task c]
	retries =
	env =
	pool =
	END
	prints a.dag <<-END
	dag	a	tasks=3	file=$T/a.dag
	task	a/a	run=step "\$DAG_TASK"	retries=2	pool=db net:2	env=A=1 B="x y" C=3
	task	a/b	run=other	retries=0	pool=net:2 db:3	env=A=1 C=3 B=2 D="4 5"
	task	a/c	run=step "\$DAG_TASK"
	END
}

@test "defaults: a task whose run is undone has none" {
	printf '[default]\nrun = x\n[task a]\nrun =\n' >a.dag
	says a.dag <<-'END'
	dagparse: a.dag:3:1: the task "a" has no "run"
	END
}

@test "values: tabs, newlines and backslashes are escaped in records" {
	printf '[task a]\nrun = a\tb\\\n c\n' >a.dag
	prints a.dag <<-END
	dag	a	tasks=1	file=$T/a.dag
	task	a/a	run=a\tb\\\\\nc
	END
}

@test "errors: all of a file, in order, with line and column" {
	file a.dag <<-'END'
	before = 1
	  more
	[dag]
	schedul = @daily
	timezone = UTC
	timezone = UTC
	[tsk a]
	whatever = 1
	[task a]
	retrys = 2
	  more
	run true
	retries = two
	= x
	[task b]
	  stray
	run = x
	after = a aa b a ""
	END
	says a.dag <<-'END'
	dagparse: a.dag:1:1: this stands before the first section
	dagparse: a.dag:4:1: unknown key "schedul", did you mean "schedule"?
	dagparse: a.dag:6:1: the key "timezone" is there twice, first in line 5
	dagparse: a.dag:7:2: unknown section "tsk", did you mean "task"?
	dagparse: a.dag:9:1: the task "a" has no "run"
	dagparse: a.dag:10:1: unknown key "retrys", did you mean "retries"?
	dagparse: a.dag:12:1: this is neither "key = value" nor a [section] nor a # comment
	dagparse: a.dag:13:11: retries: "two" is not a number from 0 to 1000
	dagparse: a.dag:14:1: the key before "=" is missing
	dagparse: a.dag:16:1: a line that begins with a blank belongs to the value above, but there is none
	dagparse: a.dag:18:11: unknown upstream "aa", did you mean "a"?
	dagparse: a.dag:18:14: the task "b" comes after itself
	dagparse: a.dag:18:16: the upstream "a" is there twice
	dagparse: a.dag:18:18: after: "" is not a name: it is empty
	END
}

@test "errors: are records on stdout" {
	printf '[task a]\nrun = x\nretrys = 2\n' >a.dag
	run --separate-stderr dagparse a.dag
	equal "$output" 'error	a	file=a.dag	line=3	col=1	text=unknown key "retrys", did you mean "retries"?'
	equal "$stderr" 'dagparse: a.dag:3:1: unknown key "retrys", did you mean "retries"?'
	equal "$status" 1
}

@test "errors: a broken file does not stop the others" {
	weather
	cp weather.dag b.dag
	printf 'x\n' >a.dag
	run --separate-stderr dagparse a.dag nosuch.dag weather.dag
	equal "$stderr" 'dagparse: a.dag:1:1: this is neither "key = value" nor a [section] nor a # comment
dagparse: a.dag: there is no [task NAME] in it
dagparse: nosuch.dag: No such file or directory'
	equal "$(printf '%s\n' "$output" | cut -f 1,2)" "error	a
error	a
error	nosuch
dag	weather
task	weather/extract
task	weather/load"
	equal "$status" 1
}

@test "errors: a hundred of a file are shown, the others counted" {
	{ echo '[task a]'; echo 'run = x'; seq 150 | sed 's/.*/k&x&x&x&x = &/'; } >a.dag
	run --separate-stderr dagparse --check a.dag
	equal "$(printf '%s\n' "$stderr" | wc -l)" 101
	equal "$(printf '%s\n' "$stderr" | tail -n 2)" 'dagparse: a.dag:102:1: unknown key "k100x100x100x100x"
dagparse: a.dag: 50 more errors are not shown'
	equal "$status" 1
}

@test "errors: columns count characters, and lines those of the file" {
	file a.dag <<-'END'
	[task a]
	# a comment
	description = two
	   lines
	after =
	# a comment
	    "é" ü

	    b  c
	run = x
	END
	says a.dag <<-'END'
	dagparse: a.dag:7:5: after: "é" is not a name: only letters, digits, "_" and "-" may be in it
	dagparse: a.dag:7:9: after: "ü" is not a name: only letters, digits, "_" and "-" may be in it
	dagparse: a.dag:9:5: unknown upstream "b"
	dagparse: a.dag:9:8: unknown upstream "c"
	END
}

@test "sections: what is wrong with their lines" {
	file a.dag <<-'END'
	[dag] # mine
	[dag]
	[dag x]
	[task]
	[task a
	run = x
	[task b] c
	run = x
	[]
	END
	says a.dag <<-'END'
	dagparse: a.dag:1:7: a comment cannot follow a section, it is a line with # in column 1
	dagparse: a.dag:2:1: [dag] is there twice, first in line 1
	dagparse: a.dag:3:1: [dag] is there twice, first in line 1
	dagparse: a.dag:3:6: [dag] has no name
	dagparse: a.dag:4:6: a task without a name, it is [task NAME]
	dagparse: a.dag:5:8: the "]" is missing
	dagparse: a.dag:7:10: text after the "]"
	dagparse: a.dag:9:2: unknown section ""
	END
}

@test "names: of tasks are checked" {
	name=$(printf 'n%.0s' $(seq 65))
	file a.dag <<-END
	[task a/b]
	run = x
	[task ..]
	run = x
	[task -a]
	run = x
	[task $name]
	run = x
	[task ${name%n}]
	run = x
	[task é]
	run = x
	[task a b]
	run = x
	END
	says a.dag <<-END
	dagparse: a.dag:1:7: "a/b" is not a name of a task: only letters, digits, "_" and "-" may be in it
	dagparse: a.dag:3:7: ".." is not a name of a task: only letters, digits, "_" and "-" may be in it
	dagparse: a.dag:5:7: "-a" is not a name of a task: it begins with "-"
	dagparse: a.dag:7:7: "$(printf 'n%.0s' $(seq 60))..." is not a name of a task: it is longer than 64 bytes
	dagparse: a.dag:11:7: "é" is not a name of a task: only letters, digits, "_" and "-" may be in it
	dagparse: a.dag:13:7: "a b" is not a name of a task: only letters, digits, "_" and "-" may be in it
	END
}

@test "names: of tasks are there once, also as variables" {
	printf '[task a-b]\nrun = x\n[task a-b]\nrun = x\n[task a_b]\nrun = x\nafter = a-b\n' >a.dag
	says a.dag <<-'END'
	dagparse: a.dag:3:1: the task "a-b" is there twice, first in line 1
	dagparse: a.dag:5:1: the task "a_b" is called as "a-b" in line 1 is, for in variables "-" is "_"
	END
	printf '[task a-b]\nrun = x\n[task c]\nrun = x\nafter = a_b\n' >a.dag
	says a.dag <<-'END'
	dagparse: a.dag:5:9: unknown upstream "a_b", did you mean "a-b"?
	END
}

@test "names: of files are the DAGs'" {
	weather 'a b.dag'
	weather "$(printf 'n%.0s' $(seq 65)).dag"
	weather .dag
	weather weather.txt
	text='the file is not called NAME.dag, with a NAME of letters, digits, "_" and "-", at most 64, not beginning with "-"'
	for name in 'a b.dag' nnn*.dag ./.dag ./weather.txt; do
		says "$name" <<<"dagparse: $name: $text"
	done
	run --separate-stderr dagparse ./weather.txt
	equal "$output" "error	?	file=./weather.txt	text=$text"
}

@test "cycles: are printed whole, with the place of each edge" {
	file a.dag <<-'END'
	[task a]
	run = x
	after = c
	[task b]
	run = x
	after =
	    a
	[task c]
	run = x
	after = d
	after = e b
	[task d]
	run = x
	[task e]
	run = x
	after = c
	[task f]
	run = x
	after = a
	END
	says a.dag <<-'END'
	dagparse: a.dag:11:9: a cycle: 2 tasks wait for each other
	dagparse: a.dag:11:9: "c" comes after "e"
	dagparse: a.dag:16:9: "e" comes after "c"
	END
	sed -i 's/e b/b/' a.dag
	says a.dag <<-'END'
	dagparse: a.dag:3:9: a cycle: 3 tasks wait for each other
	dagparse: a.dag:3:9: "a" comes after "c"
	dagparse: a.dag:11:9: "c" comes after "b"
	dagparse: a.dag:7:5: "b" comes after "a"
	END
}

@test "cycles: each of them that shares no task with another" {
	for t in a b c d e f; do
		printf '[task %s]\nrun = x\nafter = %s\n' $t \
		    "$(echo $t | tr abcdef badcfe)"
	done >a.dag
	run --separate-stderr dagparse --check a.dag
	equal "$(printf '%s\n' "$stderr" | grep -c 'a cycle: 2 tasks')" 3
	equal "$(printf '%s\n' "$stderr" | grep -c ' comes after ')" 6
	equal "$status" 1
}

@test "bad input: empty, no task, comments only" {
	: >a.dag
	says a.dag <<<'dagparse: a.dag: the file is empty'
	printf '# nothing\n\n' >a.dag
	says a.dag <<<'dagparse: a.dag: there is no [task NAME] in it'
	printf '[dag]\nschedule = @daily\n' >a.dag
	says a.dag <<<'dagparse: a.dag: there is no [task NAME] in it'
}

@test "bad input: bytes that are no text" {
	printf '[task a]\nrun = x\0y\n' >a.dag
	says a.dag <<<'dagparse: a.dag:2:8: a NUL byte'
	printf '[task a]\nrun = \xc3\xa9\x1b[0m\n' >a.dag
	says a.dag <<<'dagparse: a.dag:2:8: a control character'
	printf '[task a]\nrun = x\x7f\n' >a.dag
	says a.dag <<<'dagparse: a.dag:2:8: a control character'
	printf '[task a]\nrun = x\xc2\x9b\n' >a.dag
	says a.dag <<<'dagparse: a.dag:2:8: a control character'
	for bytes in '\xff' '\xc3' '\xc3(' '\xc0\xaf' '\xe0\x80\xaf' \
	    '\xed\xa0\x80' '\xf4\x90\x80\x80' '\xf8\x88\x80\x80\x80' '\x80'; do
		printf "[task a]\nrun = $bytes\n" >a.dag
		says a.dag <<<'dagparse: a.dag:2:7: this is not UTF-8'
	done
	printf '[task a]\r\nrun = x\r\n' >a.dag
	says a.dag <<<'dagparse: a.dag:1:9: the line ends in CR LF; it must end in LF only'
	printf '[task a]\nrun = x\ry\n' >a.dag
	says a.dag <<<'dagparse: a.dag:2:8: a control character'
	printf '\xef\xbb\xbf[task a]\nrun = x\n' >a.dag
	says a.dag <<<'dagparse: a.dag:1:1: a byte order mark; the file must be plain UTF-8'
	head -c 4096 /dev/zero >a.dag
	says a.dag <<-'END'
	dagparse: a.dag:1:1: a NUL byte
	dagparse: a.dag: there is no [task NAME] in it
	END
}

@test "bad input: a line of 1 MB, and one that is shorter" {
	line=$(head -c 999900 /dev/zero | tr '\0' x)
	printf '[task a]\nrun = %s\n' "$line" >a.dag
	run --separate-stderr dagparse a.dag
	equal "$stderr" ""
	[ "$status" = 0 ]
	[ "${lines[1]}" = "task	a/a	run=$line" ]
	printf '[task a]\nrun = %s%0100d\n  y\n' "$line" 0 >a.dag
	says a.dag <<-'END'
	dagparse: a.dag:1:1: the task "a" has no "run"
	dagparse: a.dag:2:1: a line of 1000006 bytes; at most 999999 are allowed
	END
}

@test "bad input: a file larger than 256 MiB" {
	truncate -s 257M a.dag
	says a.dag <<<'dagparse: a.dag: the file is larger than 256 MiB'
}

# bats test_tags=long
@test "bad input: defaults that would make too much of many tasks" {
	{
		printf '[default]\nrun = %s\n' "$(head -c 900000 /dev/zero | tr '\0' x)"
		seq 1300 | sed 's/.*/[task t&]/'
	} >a.dag
	says a.dag <<<'dagparse: a.dag: it compiles to more than 1 GiB'
}

@test "bad input: what is no file" {
	mkfifo f.dag
	says f.dag <<<'dagparse: f.dag: it is not a regular file'
	ln -s /dev/null n.dag
	says n.dag <<<'dagparse: n.dag: it is not a regular file'
	ln -s loop.dag loop.dag
	says loop.dag <<<'dagparse: loop.dag: Too many levels of symbolic links'
	mkdir -p dir/d.dag
	says ./dir <<<'dagparse: ./dir/d.dag: it is a directory'
	weather
	ln -s weather.dag link.dag
	run --separate-stderr dagparse link.dag
	equal "$stderr" ""
	equal "${lines[0]%%	tasks=*}" "dag	link"
}

@test "bad input: a script that is not executable is told so" {
	printf '#!/bin/sh\necho [task a]\n' >a.dag
	says a.dag <<-'END'
	dagparse: a.dag:1:1: it begins with #!, but is not executable, and so is no program
	dagparse: a.dag:2:1: this is neither "key = value" nor a [section] nor a # comment
	dagparse: a.dag: there is no [task NAME] in it
	END
	printf '#!/bin/sh\n[task a]\nrun = x\n' >a.dag
	run --separate-stderr dagparse --check a.dag
	equal "$stderr" ""
	equal "$status" 0
}

# bats test_tags=long
@test "size: a chain of 1,000,000 tasks, with a small stack" {
	awk 'BEGIN { for (i = 0; i < 1000000; i++) {
	    printf "[task t%d]\nrun = true\n", i
	    if (i) printf "after = t%d\n", i - 1 } }' >a.dag
	run --separate-stderr sh -c 'ulimit -s 256; dagparse a.dag | tail -n 1'
	equal "$stderr" ""
	equal "$output" "task	a/t999999	after=t999998	run=true"
	sed -i '2i after = t999999' a.dag
	run --separate-stderr sh -c \
	    'ulimit -s 256; dagparse --check a.dag 2>&1 | sed -n "1p;1000001p"'
	equal "$output" 'dagparse: a.dag:2:9: a cycle: 1000000 tasks wait for each other
dagparse: a.dag:6:9: "t1" comes after "t0"'
}

@test "size: a join of 100,000 tasks in one line" {
	awk 'BEGIN { for (i = 0; i < 100000; i++)
	    printf "[task t%d]\nrun = true\n", i
	    printf "[task join]\nrun = true\nafter ="
	    for (i = 0; i < 100000; i++) printf " t%d", i
	    print "" }' >a.dag
	run --separate-stderr sh -c 'dagparse a.dag | tail -n 1 | wc -c'
	equal "$stderr" ""
	equal "$output" 688917
}

@test "files: names are looked up in DAG_PATH, the first directory wins" {
	mkdir one two
	weather one/a.dag
	weather two/a.dag
	weather two/b.dag
	weather two/.hidden.dag
	DAG_PATH=one::$T/two run --separate-stderr dagparse
	equal "$stderr" ""
	equal "$(printf '%s\n' "$output" | grep ^dag | cut -f 2,4)" "a	file=$T/one/a.dag
b	file=$T/two/b.dag"
	DAG_PATH=one:two run --separate-stderr dagparse --check c a/b ../x -- -x
	equal "$stderr" "dagparse: c: there is no such DAG; looked for one/c.dag, two/c.dag
dagparse: -x: this is no name of a DAG: it begins with \"-\"
dagparse: a/b: the file is not called NAME.dag, with a NAME of letters, digits, \"_\" and \"-\", at most 64, not beginning with \"-\"
dagparse: ../x: the file is not called NAME.dag, with a NAME of letters, digits, \"_\" and \"-\", at most 64, not beginning with \"-\""
	equal "$status" 1
	DAG_PATH=one:two run --separate-stderr dagparse b
	equal "${lines[0]%%	schedule=*}" "dag	b	tasks=2	file=$T/two/b.dag"
}

@test "files: without DAG_PATH those of the user's directory" {
	[ "$(id -u)" != 0 ] || skip "root has /etc/dag"
	unset DAG_PATH XDG_CONFIG_HOME
	mkdir -p home/.config/dag
	weather home/.config/dag/a.dag
	HOME=$T/home run --separate-stderr dagparse a
	equal "${lines[0]%%	schedule=*}" "dag	a	tasks=2	file=$T/home/.config/dag/a.dag"
	HOME=$T/nowhere run --separate-stderr dagparse
	equal "$output$stderr" ""
	equal "$status" 0
}

@test "files: a directory that DAG_PATH names must be there" {
	DAG_PATH=$T/nowhere run --separate-stderr dagparse
	equal "$stderr" "dagparse: $T/nowhere: No such file or directory"
	equal "$status" 1
}

@test "files: a directory is its *.dag, sorted, and a DAG has one file" {
	mkdir d e
	weather d/b.dag
	weather d/a.dag
	weather e/a.dag
	echo x >d/notes
	run --separate-stderr dagparse ./d e/ e/a.dag d/b.dag
	equal "$(printf '%s\n' "$output" | grep ^dag | cut -f 2,4)" "a	file=$T/d/a.dag
b	file=$T/d/b.dag"
	equal "$stderr" "dagparse: e/a.dag: the DAG of this name is ./d/a.dag
dagparse: e/a.dag: the DAG of this name is ./d/a.dag
dagparse: d/b.dag: the DAG of this name is ./d/b.dag"
	equal "$status" 1
	run --separate-stderr dagparse d/a.dag d/a.dag
	equal "$stderr" ""
	equal "$(printf '%s\n' "$output" | grep -c ^dag)" 1
}

@test "stdin: records are checked and printed" {
	weather
	dagparse weather.dag >one
	run --separate-stderr dagparse - <one
	equal "$stderr" ""
	equal "$output" "$(cat one)"
	head -n 2 one >cut
	run --separate-stderr dagparse - <cut
	equal "$output" ""
	equal "$stderr" "dagparse: weather: 1 of its 2 tasks came"
	equal "$status" 1
	head -c -1 one >cut
	run --separate-stderr dagparse - <cut
	equal "$output" ""
	equal "$status" 1
}

@test "--dot: a graph that dot takes, whatever is in the values" {
	file a.dag <<-'END'
	[dag]
	description = a "quoted" \n <b> \
	    second line
	[task node]
	run = printf '%s\n' "é" \"
	[task digraph-1]
	after = node
	run = x
	END
	run --separate-stderr dagparse --dot a.dag
	equal "$stderr" ""
	equal "$output" 'digraph "a" {
	rankdir=LR;
	node [shape=box];
	label="a \"quoted\" \\n <b> \\\nsecond line";
	"node" [tooltip="printf '"'%s\\\\n'"' \"é\" \\\""];
	"digraph-1" [tooltip="x"];
	"node" -> "digraph-1";
}'
	command -v dot >/dev/null || skip "no dot"
	dagparse --dot a.dag | dot -Tsvg >a.svg
	grep -q '<title>node&#45;&gt;digraph&#45;1</title>' a.svg
}

@test "options: what is wrong with them" {
	weather
	run --separate-stderr dagparse --nosuch weather.dag
	equal "$status" 2
	equal "$output" ""
	run --separate-stderr dagparse -qv --spool x --check weather.dag
	equal "$status" 0
	run --separate-stderr dagparse --help
	equal "$status" 0
	[[ $output == 'usage: dagparse '* ]]
}

@test "stdout: that is full is an error of the system" {
	weather
	run --separate-stderr sh -c 'dagparse weather.dag >/dev/full'
	equal "$stderr" 'dagparse: stdout: No space left on device'
	equal "$status" 111
}

# mutants FILE N: directories 1 to N, in each a FILE with up to four mutations
mutants() {
	mkdir $(seq "$2")
	awk -v file="$1" -v n="$2" 'BEGIN {
		RS = "^$"
		kind[1] = "\n["; kind[2] = " \n\t"; kind[3] = "=#"
		getline text <file
		size = length(text)
		for (i = 1; i <= n; i++) {
			srand(i)
			split("", at)
			for (m = 1 + int(rand() * 4); m > 0; m--)
				at[int(rand() * size)] = int(rand() * 5)
			for (c = 0; c < size; c++) {
				if (!(c in at))
					printf "%s", substr(text, c + 1, 1) >(i "/" file)
				else if (at[c] == 0)
					printf "%c%c", rand() * 256, rand() * 256 >(i "/" file)
				else if (at[c] == 4)
					printf "%c]", 0 >(i "/" file)
				else
					printf "%s", kind[at[c]] >(i "/" file)
				if (c in at)
					c += at[c] == 2 ? 2 : 1
			}
			close(i "/" file)
		}
	}'
}

@test "mutations: of a file end in records, or in messages" {
	weather
	mutants weather.dag $((150 / SAMPLE))
	for i in $(seq $((150 / SAMPLE))); do
		mv $i/weather.dag m.dag
		status=0
		dagparse m.dag >out 2>err || status=$?
		read -r first <out
		if [ "$status" = 0 ]; then
			[ ! -s err ]
			[[ $first == 'dag	m	tasks='* ]]
		else
			equal "$status" 1
			[[ $first == 'error	m	file=m.dag	'* ]]
			equal "$(wc -l <out)" "$(wc -l <err)"
		fi
	done
}

@test "size: a file of nothing but errors does not take long" {
	yes 'x = 1' | head -n 4000000 | sed '1s/.*/[task a]/' >a.dag
	run --separate-stderr timeout 60 dagparse --check a.dag
	equal "$(printf '%s\n' "$stderr" | wc -l)" 101
	equal "$(printf '%s\n' "$stderr" | tail -n 1)" \
	    'dagparse: a.dag: 3999900 more errors are not shown'
	awk 'BEGIN { for (i = 0; i < 200000; i++)
	    printf "[task a_name_that_is_long_but_not_too_long_for_its_own_good_%06d]\nrun = x\nafter = a_name_that_is_long_but_not_too_long_for_its_owm_good_%06d\n", i, i }' >a.dag
	run --separate-stderr timeout 60 dagparse --check a.dag
	equal "$(printf '%s\n' "$stderr" | head -n 1)" \
	    'dagparse: a.dag:3:9: unknown upstream "a_name_that_is_long_but_not_too_long_for_its_owm_good_000000", did you mean "a_name_that_is_long_but_not_too_long_for_its_own_good_000000"?'
}

@test "size: what makes a record of more than 16 MiB" {
	{ echo '[task a]'; echo 'run ='; for i in $(seq 20); do printf '  %0900000d\n' 0; done; } >a.dag
	says a.dag <<<'dagparse: a.dag:1:1: all that belongs to the task "a" is more than 16 MiB'
	{ echo '[dag]'; echo 'description ='; for i in $(seq 20); do printf '  %0900000d\n' 0; done; printf '[task a]\nrun = x\n'; } >a.dag
	says a.dag <<<'dagparse: a.dag:1:1: all that belongs to [dag] is more than 16 MiB'
}
