#!/usr/bin/env bats
# house: what the tree promises about itself: layers, doors, manners.

load helper

# layers: the library's modules in the Makefile's order, one a line
layers() {
	printf 'include Makefile\nlayers:\n\t@printf "%%s\\n" $(LIB)\n' |
		make -s -C "$ROOT" -f - layers
}

# found TEXT: nothing may have been found
nothing() {
	[ -z "$1" ] || { printf '%s\n' "$1"; return 1; }
}

@test "tree: the top level holds what it is meant to hold" {
	cd "$ROOT"
	for name in * .[!.]*; do
		case $name in
		Makefile | cmd | lib | share | test | examples) ;;
		README | INSTALL | LICENSE | .ci | .gitignore | .git | build) ;;
		*) echo "$name does not belong at the top"; return 1 ;;
		esac
	done
}

@test "tree: text has no blanks at the end of a line, and ends in a newline" {
	cd "$ROOT"
	nothing "$(grep -rInE '[[:blank:]]+$' Makefile README INSTALL cmd lib \
	    share test examples .ci)"
	grep -rIl '' Makefile README INSTALL cmd lib share test examples \
	    .ci >"$T/files"
	[ -z "$(xargs -d '\n' tail -qc 1 <"$T/files")" ] && return
	while read -r file; do
		[ -z "$(tail -c 1 "$file")" ] || { echo "$file"; return 1; }
	done <"$T/files"
}

@test "tree: nothing names a place on somebody's machine" {
	cd "$ROOT"
	nothing "$(grep -rInE '/(work|root|home/[a-z]+)/' Makefile README \
	    INSTALL cmd lib share examples .ci test | grep -v '^test/house.bats')"
}

@test "C: no line is longer than 80 columns, with tabs of 8" {
	cd "$ROOT"
	cat lib/*.[ch] cmd/*.[ch] test/unit/*.c test/f*/*.[ch] | wc -l >"$T/n"
	[ "$(cat "$T/n")" -gt 10000 ]
	nothing "$(grep -n '' lib/*.[ch] cmd/*.[ch] test/unit/*.c \
	    test/f*/*.[ch] | sed 's/:/	/; s/:/	/' |
	    LC_ALL=C.UTF-8 sed 's/[^ -~	]/./g' | awk -F '\t' '{
		line = $3
		for (i = 4; i <= NF; i++) {
			line = sprintf("%s%*s", line, 8 - length(line) % 8, "")
			line = line $i
		}
		if (length(line) > 80)
			print $1 ":" $2 ": " line
	    }')"
}

@test "C: each file begins with a comment that says its one job" {
	cd "$ROOT"
	nothing "$(awk 'FNR == 1 { head = $0 }
	    FNR == 2 {
		name = FILENAME
		gsub(/.*\/|\..$/, "", name)
		if (head " " $0 !~ "^/\\* +(\\* +)?" name ": ")
			print FILENAME ": " head
	    }' lib/*.[ch] cmd/*.[ch])"
}

@test "C: a file keeps to its size" {
	cd "$ROOT"
	nothing "$(wc -l lib/*.[ch] cmd/*.[ch] test/*/*.[ch] |
	    awk '$2 != "total" && $1 > 450')"
}

@test "C: no function is used that cannot be used well" {
	cd "$ROOT"
	nothing "$(grep -nE '\<(sprintf|strcpy|strcat|gets|system|popen|atoi|strtok|alloca|tmpnam|mktemp)[[:blank:]]*\(' \
	    lib/*.[ch] cmd/*.[ch])"
}

@test "C: the library prints nothing and ends nothing" {
	cd "$ROOT"
	nothing "$(grep -nE '\<(printf|puts|putchar|perror|warnx?|errx?|exit|abort)[[:blank:]]*\(|\<std(out|err)[,;)]' \
	    lib/*.[ch])"
}

@test "C: each header can be compiled alone" {
	cd "$ROOT"
	${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -iquote lib \
	    -Icmd -fsyntax-only -x c lib/*.h cmd/*.h
}

@test "layers: each module is in the Makefile's list" {
	cd "$ROOT"
	layers | sort >"$T/order"
	nothing "$(basename -s .c lib/*.c | sort | comm -23 - "$T/order")"
}

@test "layers: a module includes only what comes before it" {
	cd "$ROOT"
	layers >"$T/order"
	# a header without a module is at no one's level
	nothing "$(grep -E '^#include "[a-z_]+\.h"' lib/*.[ch] |
	    awk -F '[/.":]' 'NR == FNR { level[$1] = NR; next }
	        function alone(name) {
	            return system("[ ! -e lib/" name ".c ] && [ -e lib/" \
	                name ".h ]") == 0
	        }
	        !($2 in level) { next }
	        $5 in level ? level[$5] > level[$2] : !alone($5) {
	            print "lib/" $2 " includes " $5 ".h from above"
	        }' "$T/order" -)"
}

@test "layers: the library does not know the commands" {
	cd "$ROOT"
	nothing "$(grep -nE '#include "(prog)\.h"' lib/*.[ch])"
}

@test "layers: one door a library" {
	cd "$ROOT"
	for door in archive zlib sys/inotify curses; do
		nothing "$(grep -lE "#include <$door(_entry)?\.h>" \
		    lib/*.[ch] cmd/*.[ch] | sed 1d)"
	done
}

# Who may change names with system calls, and which. All others ask these.
#	spool		every move of a marker, of a task's and of a run's
#	io maker planstore	files, runs, plans built in tmp/, put into their place
#	archive retire renew	a whole run into its archive, and back
#	gate		gates/DAG@RUN, a hint: what waits for other runs
#	tree		what is in tmp/, taken away
#	outbox		notices that were delivered, or were tried often enough
#	aside		what is not ours, to bad/
#	pool worker	slots that are free; workers/PID, workers/.served
#	batch		launch/NAME.ID, made whole, taken away
#	fence		fate/TASK.N, made by a link: who records an attempt;
#			then what it has left in out/ and files/
#	sharing		tmp/share.PID: whether names are moved as they should
#	stage		outside of the spool: outputs, and where they are made
#	mapping		map/TASK, once its instances have their markers
#	attempt		out/TASK of an attempt before, a script that has run
#	spawn		the script of a task with an interpreter
#	cgroup		outside of the spool: the control group of an attempt
#	dagcache	outside of the spool: what DAG programs printed
#	page		outside of the spool: the pages of dagstat --html
movers='spool io mapping maker planstore archive retire renew tree aside pool worker
attempt outbox stage spawn gate cgroup dagcache page batch
fence sharing'

@test "spool: one module renames, links and unlinks" {
	cd "$ROOT"
	for file in $(grep -lE '\<(rename|renameat2?|link|linkat|unlink|unlinkat|symlink|symlinkat|remove|rmdir|io_(place|replace|link|unlink))[[:blank:]]*\(' \
	    lib/*.c cmd/*.c); do
		name=$(basename "$file" .c)
		case " ${movers//$'\n'/ } " in
		*" $name "*) ;;
		*) echo "$file changes names on its own"; return 1 ;;
		esac
	done
}

@test "manual: each program has a page, and each page says nothing to lint" {
	cd "$ROOT"
	for name in dagparse dagsched dagq dagexec dagstat; do
		[ -s "share/man/man1/$name.1" ] || { echo "$name"; return 1; }
	done
	for page in man5/dag.5 man5/dag-launch.5 man5/dagrec.5 man5/dagspool.5 man7/dagtools.7; do
		[ -s "share/man/$page" ] || { echo "$page"; return 1; }
	done
	run share/lint manuals
	equal "$output" "lint: no finding"
}

# words TEXT: the long options in it, sorted
options() {
	grep -oE -- '--[a-z][a-z-]+' | sort -u
}

@test "manual: --help is the SYNOPSIS, and each option is in the page" {
	for name in dagparse dagsched dagq dagexec dagstat; do
		run --separate-stderr "$name" --help
		[ "$status" = 0 ]
		[ -z "$stderr" ]
		case $output in
		"usage: $name "*) ;;
		*) echo "$name --help: $output"; return 1 ;;
		esac
		MANWIDTH=80 mandoc -Tascii "$ROOT/share/man/man1/$name.1" |
			sed 's/.\x08//g' >page
		for option in $(printf '%s\n' "$output" | options); do
			grep -qF -- "$option" page ||
				{ echo "$name: $option"; return 1; }
		done
	done
}

@test "programs: --version and a wrong option are the same in all" {
	for name in dagparse dagsched dagq dagexec dagstat; do
		run --separate-stderr "$name" --version
		[ "$status" = 0 ]
		[[ $output =~ ^$name\ [0-9.]+$ ]]
		run --separate-stderr "$name" --no-such-option
		[ "$status" = 2 ]
		[ -z "$output" ]
		[ -n "$stderr" ]
	done
}

@test "make: install puts there what uninstall takes away" {
	[ -x "$BIN/dagq" ] || skip "not built"
	O=$(dirname "$BIN")
	make -s -C "$ROOT" O="$O" DESTDIR="$T/root" PREFIX=/opt/dag install
	[ -x root/opt/dag/bin/dagq ]
	[ -s root/opt/dag/share/man/man7/dagtools.7 ]
	make -s -C "$ROOT" O="$O" DESTDIR="$T/root" PREFIX=/opt/dag uninstall
	nothing "$(find root ! -type d)"
}

@test "deps: with nothing missing, nothing is printed and nothing is done" {
	run "$ROOT/share/deps" build check
	[ "$status" = 0 ]
	equal "$output" ""
}

@test "deps: where there is no apt, what is missing is named" {
	mkdir bin
	for tool in sh cat id env; do
		ln -s "$(command -v $tool)" bin/
	done
	run -1 env PATH="$T/bin" "$ROOT/share/deps" demo
	equal "$output" "deps: this is not Debian; please install what these\
 Debian packages hold, and try again: sqlite3 gnuplot-nox"
}

@test "deps: a missing package is installed with one update before" {
	mkdir bin
	cat >bin/dpkg-query <<-'END'
	#!/bin/sh
	for package; do :; done
	[ "$package" != sqlite3 ] && echo installed
	END
	cat >bin/apt-get <<-'END'
	#!/bin/sh
	echo "apt-get $*"
	END
	printf '#!/bin/sh\necho 0\n' >bin/id
	chmod +x bin/*
	PATH=$T/bin:$PATH run "$ROOT/share/deps" demo
	[ "$status" = 0 ]
	equal "$output" "deps: apt-get -q update
apt-get -q update
deps: env DEBIAN_FRONTEND=noninteractive apt-get -q -y\
 --no-install-recommends install sqlite3
apt-get -q -y --no-install-recommends install sqlite3"
}
