#!/usr/bin/env bats
# manual: the EXAMPLES of the manual pages, of README and of the example files.
#
# In a page, between .Sh EXAMPLES and the next .Sh, in .Bd -literal blocks:
#
#   $ command	is run by sh, all of a page in one directory, and must exit 0
#   > more	continues the command above (a here-document, a loop)
#   text	beneath a command is what it prints, stdout and stderr, exactly;
#		"..." stands for any lines, within one for any text. No text: what it prints is all the same
#
# A block that begins with "# NAME.dag" is a file: it is written to NAME.dag. A
# block with no "$ " line at all is only looked at by people.
#
# The directory holds the examples and the weather's files, DAG_PATH is it, and
# DAG_SPOOL is a spool in it with a pool "sqlite" in which January 2012 of the
# weather has been run, but for the last day, which has failed.

load helper

# blocks PAGE [SECTION]: the literal blocks of EXAMPLES, or of that section, a
# line "@@" before each
blocks() {
	awk -v section="${2:-EXAMPLES}" '/^\.Sh / { on = $2 == section }
	    !on { next }
	    /^\.Bd .*-literal/ { inside = 1; print "@@"; next }
	    /^\.Ed/ { inside = 0 }
	    inside' "$1" |
	    sed -e 's/\\&//g' -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" \
	        -e 's/\\(dq/"/g' -e 's/\\(ti/~/g' -e 's/\\(ha/^/g' \
	        -e 's/\\(ga/`/g' -e 's/\\(en/-/g' -e 's/\\e/\\/g'
}

# matches GOT WANTED: files; a line "..." in WANTED stands for any lines
matches() {
	awk 'NR == FNR { want[++n] = $0; next }
	    { got[++m] = $0 }
	    function same(w, g,	at, tail) {
		if (w == g || !(at = index(w, "...")))
			return w == g
		tail = substr(w, at + 3)
		return length(g) >= length(w) - 3 &&
		    substr(g, 1, at - 1) == substr(w, 1, at - 1) &&
		    substr(g, length(g) - length(tail) + 1) == tail
	    }
	    function match_from(i, j,	k) {
		for (; i <= n && want[i] != "..."; i++)
			if (j > m || !same(want[i], got[j++]))
				return 0
		if (i > n)
			return j > m
		for (k = j; k <= m + 1; k++)
			if (match_from(i + 1, k))
				return 1
		return 0
	    }
	    END { exit !match_from(1, 1) }' "$2" "$1"
}

# try COMMAND-FILE WANTED-FILE: runs it, compares
try() {
	local status=0
	sh "$1" >got 2>&1 </dev/null || status=$?
	[ $status = 0 ] || {
		echo "exit $status of: $(cat "$1")"; cat got; return 1
	}
	[ ! -s "$2" ] || matches got "$2" || {
		echo "other than said: $(cat "$1")"; diff "$2" got; return 1
	}
	rm -f "$1" "$2"
}

# walk: runs what blocks printed, on stdin; fails at the first that is wrong
walk() {
	local line file=
	rm -f command wanted
	: >wanted
	while IFS= read -r line; do
		case $line in
		@@)
			[ ! -e command ] || try command wanted || return 1
			: >wanted
			file=first
			continue ;;
		'# '*.dag*)
			if [ "$file" = first ]; then
				file=${line#\# }; file=${file%%[: ]*}
				: >"$file"
			fi ;;
		'$ '*)
			[ ! -e command ] || try command wanted || return 1
			: >wanted
			printf '%s\n' "${line#\$ }" >command
			file=
			continue ;;
		'> '*)
			printf '%s\n' "${line#> }" >>command
			continue ;;
		esac
		case $file in
		first | '') [ ! -e command ] || printf '%s\n' "$line" >>wanted
			[ -n "$file" ] && file= ;;
		*) printf '%s\n' "$line" >>"$file" ;;
		esac
	done
	[ ! -e command ] || try command wanted
}

# What the head of this file speaks of is made once, in a directory in which
# all pages are tried one after the other: paths in the spool stay right.
setup_file() {
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	setup
	export DAG_PATH=$T
	make_fixture >"$T/../made" 2>&1 ||
		{ cat "$T/../made" >&2; return 1; }
	cd "$BATS_FILE_TMPDIR"
	cp -a "$T" "$T.made"
}

# the directory as it was made
prepare() {
	T=$BATS_FILE_TMPDIR/t
	cd "$BATS_FILE_TMPDIR"
	rm -rf "$T"
	cp -a "$T.made" "$T"
	export DAG_SPOOL=$T/spool DAG_PATH=$T XDG_CACHE_HOME=$T/cache
	cd "$T"
}

make_fixture() {
	cp -R "$ROOT"/examples/*.dag "$ROOT"/examples/weather/* "$T"
	chmod go-w "$T"/*.dag
	dagq --pool sqlite=1
	sed -i 's/^2012-01-31,.*rain$/2012-01-31,4.3,1.0,5.0,2.2,rain/' \
	    seattle-weather.csv
	dagsched --backfill 2012-01-25..2012-01-31 weather | dagq
	dagexec -j 2 --drain || [ $? = 1 ]
	cp "$ROOT"/examples/weather/seattle-weather.csv .
}

page() {
	[ -s "$ROOT/share/man/$1" ]
	prepare
	blocks "$ROOT/share/man/$1" >examples
	walk <examples
}

@test "manual: the runner of examples finds a wrong one" {
	printf '%s\n' @@ '$ echo a' b >x
	run ! walk <x
	printf '%s\n' @@ '$ false' >x
	run ! walk <x
	printf '%s\n' @@ '$ echo abc' 'a...d' >x
	run ! walk <x
	printf '%s\n' @@ '$ echo abc' 'a...c' @@ '$ printf "a\nb\nc\n"' a ... @@ '# new.dag: one' \
	    'text' @@ '$ cat new.dag' '# new.dag: one' text '$ cat <<E' '> x' \
	    '> E' x >x
	walk <x
}

@test "manual: the EXAMPLES of dagparse(1) hold" { page man1/dagparse.1; }
@test "manual: the EXAMPLES of dagsched(1) hold" { page man1/dagsched.1; }
@test "manual: the EXAMPLES of dagq(1) hold" { page man1/dagq.1; }
@test "manual: the EXAMPLES of dagexec(1) hold" { page man1/dagexec.1; }
@test "manual: the EXAMPLES of dagstat(1) hold" { page man1/dagstat.1; }
@test "manual: the EXAMPLES of dag(5) hold" { page man5/dag.5; }
@test "manual: the EXAMPLES of dagrec(5) hold" { page man5/dagrec.5; }
@test "manual: the EXAMPLES of dagspool(5) hold" { page man5/dagspool.5; }
@test "manual: the EXAMPLES of dagtools(7) hold" { page man7/dagtools.7; }

@test "manual: thirty questions of dagtools(7), each answered by one command" {
	prepare
	blocks "$ROOT/share/man/man7/dagtools.7" QUESTIONS >questions
	awk '/^@@/ { if (n && (asked != 1 || !said)) exit 1
	        n++; asked = said = 0; next }
	    /^\$ / { asked++; next }
	    { said = 1 }
	    END { exit !(n >= 30 && asked == 1 && said) }' questions
	walk <questions
}

# elsewhere: the page for those who come from other systems
elsewhere() {
	sed -n '/^\.Sh COMING FROM ELSEWHERE/,/^\.Sh EXAMPLES/p' \
	    "$ROOT/share/man/man7/dagtools.7"
}

@test "manual: who comes from elsewhere finds words and habits, that there are" {
	local name line option
	for name in Airflow Azkaban Digdag Luigi Oozie; do
		elsewhere | sed -n "/^\.Ss $name/,/^\.S[sh]/p" >part
		[ "$(sed '/^Habits:/q' part | grep -c '^\.It ')" -ge 10 ]
		[ "$(sed '1,/^Habits:/d' part | grep -c '^\.It')" -ge 3 ]
	done
	# each option is one of the program that it is said of, each key is one
	for name in dagparse dagsched dagq dagexec dagstat; do
		mandoc -Tascii "$ROOT/share/man/man1/$name.1" |
			sed 's/.\x08//g' >$name.help
	done
	cat ./*.help >any.help
	elsewhere | grep -oE 'dag(parse|sched|q|exec|stat) [^|]*|^\.Fl -.*' >said
	[ "$(grep -c . said)" -gt 60 ]
	while read -r line; do
		name=${line%% *}
		[ -e "$name.help" ] || name=any
		for option in $(grep -oE -- '(--|\.Fl -)[a-z][a-z-]+' <<<"$line"); do
			[ "$option" != .Fl ] || continue
			option=${option#-}
			grep -qE -- "--${option#-}([^a-z-]|\$)" $name.help ||
				{ echo "$name: $option"; return 1; }
		done
	done <said
	for name in $(elsewhere | sed -n 's/^\.Cm \([a-z-]*\).*/\1/p'); do
		grep -q "^\.It Cm $name No =" "$ROOT/share/man/man5/dag.5" ||
			{ echo "$name"; return 1; }
	done
}

@test "manual: dag(5) has the trigger rules as the code has them" {
	[ -n "$("$(dirname "$BIN")/test/trigger" mdoc)" ]
	equal "$(sed -n '/^\.\\" test\/trigger mdoc$/,/^\.El$/p' \
	    "$ROOT/share/man/man5/dag.5" | sed '1,2d;$d')" \
	    "$("$(dirname "$BIN")/test/trigger" mdoc)"
}

@test "manual: README's first five minutes go as it says" {
	mkdir first
	cd first
	sed -n '/^    /{s///;p;b;}; /./s/.*/@@/p' "$ROOT/README" >../examples
	walk <../examples
}
