#!/usr/bin/env bats
# dagprog: DAG files that are programs.

load helper

# program NAME: stdin is its text behind a line that counts its runs
program() {
	{ printf '#!/bin/sh\necho run >>"%s/runs"\n' "$T"; cat; } >"$1"
	chmod 755 "$1"
}

hello() {
	program "${1:-a.dag}" <<-'END'
	for i in 1 2 3; do
	    echo "[task t$i]"
	    echo "run = echo $i"
	done
	END
}

# fails FILE: nothing but the message on stdin
fails() {
	run --separate-stderr dagparse --check "$1"
	equal "$stderr" "$(cat)"
	equal "$output" ""
	equal "$status" 1
}

runs() {
	wc -l 2>/dev/null <runs || echo 0
}

@test "program: what it prints is the definition" {
	hello
	run --separate-stderr dagparse a.dag
	equal "$stderr" ""
	equal "$output" "dag	a	tasks=3	file=$T/a.dag
task	a/t1	run=echo 1
task	a/t2	run=echo 2
task	a/t3	run=echo 3"
	equal "$status" 0
}

@test "program: it is run only when it changed" {
	hello
	dagparse a.dag >one
	dagparse ./a.dag >two
	equal "$(cat two)" "$(cat one)"
	equal "$(runs)" 1
	sed -i 's/echo 1/echo 9/; s/echo \$i/echo x/' a.dag
	dagparse a.dag >two
	equal "$(runs)" 2
	run ! cmp -s one two
	touch -d 2001-01-01 a.dag
	dagparse --check a.dag
	dagparse --check a.dag
	equal "$(runs)" 3
	cp -p a.dag b.dag
	dagparse --check b.dag
	equal "$(runs)" 4
}

@test "cache: it is private, and can be deleted, cut or spoilt at any moment" {
	hello
	dagparse a.dag >one
	equal "$(stat -c %a "$XDG_CACHE_HOME" "$XDG_CACHE_HOME/dag" \
	    "$XDG_CACHE_HOME"/dag/*)" "700
700
600"
	truncate -s -1 "$XDG_CACHE_HOME"/dag/*
	dagparse a.dag >two
	equal "$(cat two)" "$(cat one)"
	equal "$(runs)" 2
	sed -i 's/echo 1/echo 7/' "$XDG_CACHE_HOME"/dag/*
	dagparse a.dag >two
	equal "$(cat two)" "$(cat one)"
	equal "$(runs)" 3
	rm -r "$XDG_CACHE_HOME"
	dagparse a.dag >two
	equal "$(cat two)" "$(cat one)"
	equal "$(runs)" 4
	chmod 666 "$XDG_CACHE_HOME"/dag/*
	dagparse --check a.dag
	equal "$(runs)" 5
	dagparse --check a.dag
	equal "$(runs)" 5
	equal "$(ls "$XDG_CACHE_HOME/dag" | wc -l)" 1
}

@test "cache: without a place for it the program is just run" {
	hello
	for cache in /dev/null /proc/nowhere; do
		XDG_CACHE_HOME=$cache run --separate-stderr dagparse a.dag
		equal "$stderr" ""
		equal "$status" 0
	done
	HOME='' XDG_CACHE_HOME='' run --separate-stderr dagparse a.dag
	equal "$status" 0
	mkdir -m 777 open open/dag
	chmod 777 open/dag
	XDG_CACHE_HOME=$T/open run --separate-stderr dagparse a.dag
	equal "$status" 0
	equal "$(ls open/dag)" ""
	equal "$(runs)" 4
}

@test "program: its world is its directory, no input, no descriptors" {
	mkdir sub
	program sub/a.dag <<-'END'
	cat
	for fd in 0 1 2 3 4 5 6 7 8 9; do
	    [ ! -e /proc/$$/fd/$fd ] || open="$open $fd"
	done
	echo "[task t]"
	echo "run = $PWD $0$open"
	echo to stderr >&2
	END
	run --separate-stderr dagparse sub/a.dag 9<sub/a.dag <sub/a.dag
	equal "$stderr" "to stderr"
	equal "${lines[1]}" "task	a/t	run=$T/sub $T/sub/a.dag 0 1 2"
}

@test "program: errors are those of its output" {
	program a.dag <<-'END'
	echo "[task a]"
	echo "run = x"
	echo "retrys = 2"
	END
	fails a.dag <<<'dagparse: a.dag (its output):3:1: unknown key "retrys", did you mean "retries"?'
	run --separate-stderr dagparse a.dag
	equal "$output" 'error	a	file=a.dag (its output)	line=3	col=1	text=unknown key "retrys", did you mean "retries"?'
	equal "$(runs)" 1
}

@test "program: it fails, is killed, prints nothing, cannot be run" {
	program a.dag <<<'echo "[task a]"; echo run = x; exit 3'
	fails a.dag <<<'dagparse: a.dag: the program ended with exit code 3'
	fails a.dag <<<'dagparse: a.dag: the program ended with exit code 3'
	equal "$(runs)" 2
	program a.dag <<<'kill -SEGV $$'
	fails a.dag <<<'dagparse: a.dag: the program was killed by signal 11 (Segmentation fault)'
	program a.dag </dev/null
	fails a.dag <<<'dagparse: a.dag (its output): it printed nothing'
	printf '#!/no/such/interpreter\n' >b.dag
	chmod 755 b.dag
	fails b.dag <<<'dagparse: b.dag: the program cannot be run: No such file or directory (the interpreter in its first line?)'
}

@test "program: only its owner may be able to write it" {
	hello
	for mode in 0775 0757 0777; do
		chmod $mode a.dag
		fails a.dag <<<"dagparse: a.dag: it is a program, and others than its owner can write it (mode $mode)"
	done
	equal "$(runs)" 0
	[ "$(id -u)" = 0 ] || skip "only root can give files away"
	chmod 755 a.dag
	chown 12345 a.dag
	fails a.dag <<<'dagparse: a.dag: it is a program, and belongs neither to you nor to root'
	equal "$(runs)" 0
}

@test "program: an execute bit alone makes none" {
	printf '[task a]\nrun = x\n' >a.dag
	chmod 777 a.dag
	run --separate-stderr dagparse a.dag
	equal "$stderr" ""
	equal "${lines[1]}" "task	a/a	run=x"
}

@test "program: what it leaves behind in its group is killed" {
	mkfifo held
	program a.dag <<-'END'
	echo "[task a]"
	echo "run = x"
	exec 3>held
	sleep 1000 >&3 &
	END
	cat held >left &
	run --separate-stderr dagparse a.dag
	equal "$stderr" ""
	equal "${lines[1]}" "task	a/a	run=x"
	wait $!
}

# bats test_tags=long
@test "program: it has 10 seconds, with all it started" {
	mkfifo held
	program a.dag <<-'END'
	trap '' TERM INT
	exec 3>held
	sleep 1000 >&3 &
	echo "[task a]"
	wait
	END
	cat held >left &
	fails a.dag <<<'dagparse: a.dag: the program ran for more than 10 s and was killed'
	wait $!
}

@test "program: it may print 256 MiB, no more" {
	program a.dag <<<'yes "# nothing but a comment, and another comment"'
	fails a.dag <<<'dagparse: a.dag: the program printed more than 256 MiB'
}
