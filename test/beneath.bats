#!/usr/bin/env bats
# beneath: no program leaves the spool by a link, whichever directory is one.

load helper
load everything

# outside NUMBER: what is there, and when it was changed and read; a directory
# comes before it is read for that
outside() {
	find "o$1" -printf '%P %y %i %n %s %T@ %A@\n' | sort
}

# unread NUMBER: nothing there has been read yet
unread() {
	find "o$1" -depth -exec touch -ha -d @0 {} +
}

# programs: all of them, on the spool of this name, for whatever they can do
programs() {
	export DAG_SPOOL=$PWD/$1
	dagsched -q
	dagsched -q --backfill 2026-01-03 x y z | dagq
	dagq --pool p=3
	dagq --resume y
	dagq --hold 'z/2026-01-02/*'
	dagq --release 'z/2026-01-02/*'
	dagq --mark success x/2026-01-02/two
	dagq --rerun --latest x/2026-01-01
	dagq --rerun y/2026-01-01
	dagq --archive 'z/2026-01-01'
	dagq --purge --yes y/2026-01-02
	dagq --check
	dagstat
	dagstat --json x/2026-01-01
	dagstat --log x/2026-01-01/one
	dagstat --values x/2026-01-01/one
	dagstat --why x/2026-01-02/two
	dagstat --usage
	dagstat --html "html.$1"
}

@test "links: whichever directory of a spool is one, nothing beyond it is read or touched" {
	everything
	: >probe
	touch -a -d @0 probe
	cat probe >/dev/null
	echo x >>probe
	cat probe >/dev/null
	[ "$(stat -c %X probe)" -gt 0 ] ||
		skip "this file system does not say what was read"
	# of what a run has once is enough
	find spool -mindepth 1 -type d -printf '%P\n' | sort |
	    grep -vE '^(plans/[yz]|runs/z/2026-01-01T0000Z/|runs/x/2026-01-02T0000Z/)' >dirs
	[ "$(wc -l <dirs)" -gt 27 ]
	sed -ni "1~${SAMPLE}p" dirs
	n=0
	while read -r dir; do
		n=$((n + 1))
		cp -a spool "s$n"
		cp -r "s$n/$dir" "o$n"
		rm -r "s$n/$dir"
		ln -s "$PWD/o$n" "s$n/$dir"
		unread "$n"
		outside "$n" >"before.$n"
		unread "$n"
		(programs "s$n" >"said.$n" 2>&1) || :
		DAG_SPOOL=$PWD/s$n timeout 4 dagexec -q --drain \
		    >>"said.$n" 2>&1 &
	done <dirs
	wait
	for i in $(seq "$n"); do
		DAG_SPOOL=$PWD/s$i dagq -q --repair >>"said.$i" 2>&1 || :
		outside "$i" >"after.$i"
		diff "before.$i" "after.$i" >>differ ||
		    echo "$(sed -n "${i}p" dirs): $i" >>differ
	done
	equal "$(cat differ)" ""
}
