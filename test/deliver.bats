#!/usr/bin/env bats
# deliver: completions, units, upgrades, the package and the tarball are right.

load helper

# fill: a spool with a run of two tasks, one of which failed
fill() {
	printf '[task get]\nrun = true\n[task put]\nafter = get\nrun = false\n' \
	    >dags/etl.dag
	export DAG_NOW=2012-01-31T00:00:00Z
	dagsched --run etl | dagq
	run -1 dagexec --drain
}

RUN=etl/2012-01-31T0000Z-manual

# complete_bash WORD...: what bash completes the last of them to
complete_bash() {
	DAG_SPOOL=$T/spool bash -c '
		. "$0" || exit 1
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_dagtools "$1"
		printf "%s\n" "${COMPREPLY[@]}" | sort -u' \
	    "$ROOT/share/bash-completion/completions/dagq" "$@"
}

# the same of zsh: compadd says what it was given
complete_zsh() {
	zsh -fc '
		compadd() { while [[ $1 != -- ]]; do shift; done; shift
		    for w; do [[ $w == $PREFIX* ]] && print -r -- $w; done }
		_files() { :; }
		service=$1 PREFIX=${@[-1]} words=("$@") CURRENT=$#
		. $0' "$ROOT/share/zsh/site-functions/_dagtools" "$@" | sort -u
}

# the same of fish, which does it itself
complete_fish() {
	HOME=$T fish --no-config -c "
		source $ROOT/share/fish/vendor_completions.d/dagq.fish
		complete -C '$*'" | cut -f1 | sort -u
}

# more: a task that is ready, an archived run, a pool, another spool
more() {
	printf '[task a]\nrun = true\n' >dags/later.dag
	mkdir -p spool/archive/old spool2/runs/another
	: >spool/archive/old/2011-01-31T0000Z.tar.gz
	: >"spool/queue/etl@${RUN#*/}.new"
	dagq --pool db=1
}

# completes SHELL: options of a program, a DAG, a run, tasks of it
completes() {
	equal "$(complete_"$1" dagstat --fai)" --failed
	equal "$(complete_"$1" dagq --pas)" --past
	equal "$(complete_"$1" dagstat et)" etl
	equal "$(complete_"$1" dagq --rerun etl/2012)" $RUN
	equal "$(complete_"$1" dagq --rerun etl/2012-01-31T0000Z-manual/)" \
	    "$RUN/get
$RUN/put"
	equal "$(complete_"$1" dagstat nosuch)" ""
	more
	# a run by any beginning, the latest; what is ready, what is archived
	equal "$(complete_"$1" dagstat --log etl/2012/p)" etl/2012/put
	equal "$(complete_"$1" dagq --hold etl/@/g)" etl/@/get
	equal "$(complete_"$1" dagq --hold etl/@/n)" etl/@/new
	equal "$(complete_"$1" dagstat --log old/2011)" old/2011-01-31T0000Z
	equal "$(complete_"$1" dagexec --replay old/2011)" old/2011-01-31T0000Z
	# what options take; DAGs that have a file; another spool
	equal "$(complete_"$1" dagq --mark s)" "skipped
success"
	equal "$(complete_"$1" dagq --pool d)" "db="
	equal "$(complete_"$1" dagsched late)" later
	equal "$(complete_"$1" dagstat --spool "$T/spool2" an)" another
}

@test "completion: bash completes options and IDs" {
	fill
	completes bash
}

@test "completion: bash, which breaks words before @, gets what follows" {
	fill
	equal "$(DAG_SPOOL=$T/spool bash -c '
		. "$0"
		COMP_LINE="dagq --hold etl/@/g" COMP_POINT=19
		COMP_WORDS=(dagq --hold etl/ @ /g) COMP_CWORD=4
		_dagtools dagq @/g
		printf "%s\n" "${COMPREPLY[@]}"' \
	    "$ROOT/share/bash-completion/completions/dagq")" @/get
}

@test "completion: zsh completes options and IDs" {
	command -v zsh >/dev/null || skip "no zsh here"
	fill
	completes zsh
}

@test "completion: fish completes options and IDs" {
	command -v fish >/dev/null || skip "no fish here"
	fill
	completes fish
}

@test "completion: each program has one, in all three shells" {
	for name in dagparse dagsched dagq dagexec dagstat; do
		[ -s "$ROOT/share/bash-completion/completions/$name" ]
		[ -s "$ROOT/share/fish/vendor_completions.d/$name.fish" ]
		grep -q "^#compdef.* $name" \
		    "$ROOT/share/zsh/site-functions/_dagtools"
	done
}

@test "units: systemd finds nothing wrong with them" {
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze here"
	for unit in "$ROOT"/share/systemd/*; do
		sed "s,^ExecStart=dag,ExecStart=$BIN/dag," "$unit" \
		    >"$(basename "$unit")"
	done
	run systemd-analyze verify --man=no ./dagexec.service \
	    ./dagsched.service ./dagsched.timer ./dagexec@.service \
	    ./dagsched@.service ./dagsched@.timer
	equal "$(printf '%s\n' "$output" | grep -F "$T" || :)" ""
	[ "$status" = 0 ]
	# and it would find something
	sed -i 's/^KillMode=.*/KillMod=process/' dagexec.service
	run systemd-analyze verify --man=no ./dagexec.service
	[[ $output == *"KillMod"* ]]
}

@test "units: tasks outlive the service, and it is locked up" {
	cd "$ROOT/share/systemd"
	grep -qx KillMode=process dagexec.service
	grep -qx KillMode=process dagexec@.service
	for key in NoNewPrivileges=yes ProtectSystem=full \
	    RestrictSUIDSGID=yes; do
		grep -qx $key dagexec.service
		grep -qx $key dagsched.service
		grep -qx $key dagexec@.service
		grep -qx $key dagsched@.service
	done
	run ! grep -q PrivateTmp=yes dagexec.service
	[ -z "$(grep -h ^ExecStart= ./*.service | grep -v '=dagexec$\|=/bin/sh')" ]
}

@test "units: what is taken away leaves tasks devices, /tmp, HOME, groups" {
	cd "$ROOT/share/systemd"
	# before systemd 253 ProtectClock= takes all devices away; a control
	# group ends what hides, dagq's overlap = cancel too
	for key in ProtectClock PrivateDevices ProtectControlGroups PrivateTmp \
	    MemoryDenyWriteExecute ProtectHome; do
		run ! grep -q "^$key=" dagexec.service dagexec@.service
	done
	run ! grep -qE '^(PrivateTmp|MemoryDeny|ProtectControl)' ./*.service
	# systemd sets HOME where there is a user only
	equal "$(grep -L '^User=' ./*.service)" ""
	equal "$(grep -Lx Delegate=yes dagexec*.service)" ""
	# what has to be undone for sudo is all that implies that it is not
	equal "$(sed -n '/^NoNewPrivileges=no/,/^\.Ed/s/=no$//p' \
	    "$ROOT/share/man/man1/dagexec.1" | sort)" \
	    "$(grep -oE '^(NoNew|Restrict|Lock|ProtectHost|ProtectKernel)[A-Za-z]*' \
	    dagexec@.service | sort)"
}

@test "units: tasks run where nothing gives rights and /usr is read-only" {
	[ "$(id -u)" = 0 ] || skip "not root: no mounts of our own"
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	cat >dags/t.dag <<-'END'
		[default]
		timeout = 1m
		[task a]
		run = grep NoNewPrivs /proc/self/status; touch /usr/x 2>&1 || echo kept; head -c 1 /dev/full >/dev/null && echo device; echo >"$PWD/made"
	END
	dagsched --run t | dagq
	unshare -m sh -c 'mount --bind /usr /usr &&
	    mount -o remount,bind,ro /usr &&
	    exec setpriv --no-new-privs "$0" --drain' "$(command -v dagexec)"
	equal "$(dagstat --log t/@/a)" "NoNewPrivs:	1
touch: cannot touch '/usr/x': Read-only file system
kept
device"
	[ -e dags/made ]
}

@test "units: what dagsched.service runs makes the runs that are due" {
	fill
	printf '[dag]\nschedule = @daily\ntimezone = UTC\nstart = 2012-01-30\ncatchup = all\n[task a]\nrun = true\n' \
	    >dags/due.dag
	command=$(sed -n "s/^ExecStart=.bin.sh -c '\(.*\)'$/\1/p" \
	    "$ROOT/share/systemd/dagsched.service")
	sh -c "$command"
	equal "$(ls spool/runs/due)" "2012-01-30T0000Z
2012-01-31T0000Z"
}

@test "dist: holds the tree, and the same tree gives the same bytes" {
	make -s -C "$ROOT" O="$T/one" dist >out
	make -s -C "$ROOT" O="$T/two" dist >out
	cmp one/dagtools-*.tar.gz two/dagtools-*.tar.gz
	version=$(dagq --version)
	mkdir x
	tar xzf one/dagtools-*.tar.gz -C x
	equal "$(ls x)" "dagtools-${version#dagq }"
	cd x/*
	cmp Makefile "$ROOT/Makefile"
	cmp lib/spool.c "$ROOT/lib/spool.c"
	[ -L share/bash-completion/completions/dagstat ]
	make -n >../out
}

# worker PID: is it at work here?
worker() {
	[ -e "spool/workers/$1" ]
}

@test "upgrade: a newer dagexec takes over under running tasks, each runs once" {
	local old new name
	mkdir bin
	cp "$BIN"/dagexec bin
	for name in a b; do
		mkfifo up.$name go.$name
		printf '[task %s]\nrun = echo %s $$ >>%s; echo >%s; cat %s; echo %s ends >>%s\n' \
		    $name $name "$T/ledger" "$T/up.$name" "$T/go.$name" \
		    $name "$T/ledger"
	done >dags/u.dag
	printf '[task %s]\nafter = %s\nrun = echo %s >>%s\n' c a c "$T/ledger" \
	    >>dags/u.dag
	printf '[task d]\npriority = -1\nrun = echo d >>%s\n' "$T/ledger" \
	    >>dags/u.dag
	dagsched --run u | dagq
	bin/dagexec -j2 3>&- & old=$!
	read -r _ <up.a
	read -r _ <up.b
	tasks=$(awk '$2 ~ /^[0-9]+$/ { print $2 }' ledger)
	# what a package manager does: another file, the one that runs is no
	# more; the newer one says that it is
	version=$(bin/dagexec --version)
	version=${version#* }
	newer=$(printf '%s' "$version" | tr 0-9 9)
	LC_ALL=C sed "s/${version//./\\.}\x00/$newer\x00/g" "$BIN"/dagexec \
	    >bin/dagexec.new
	chmod +x bin/dagexec.new
	mv bin/dagexec.new bin/dagexec
	[[ $(readlink /proc/$old/exe) == *"(deleted)" ]]
	# the new one serves while the old one still does
	bin/dagexec -j2 3>&- & new=$!
	dagstat -q --wait u/@/d
	worker $old
	kill -TERM $old
	wait $old
	run ! worker $old
	kill -0 $tasks
	equal "$(dagstat -q --running -o id,attempt | sed 's,.*/,,')" "a        1
b        1"
	equal "$(grep -c . ledger)" 3
	# what ends now is recorded by the old supervisors, c is the new one's
	echo >go.a
	dagstat -q --wait u/@/c
	echo >go.b
	dagstat -q --wait u/@
	[ "$(readlink /proc/$new/exe)" = "$T/bin/dagexec" ]
	equal "$(/proc/$new/exe --version | cut -d" " -f2)" "$newer"
	kill -TERM $new
	wait $new
	equal "$(sed 's/ [0-9]*$//' ledger | sort)" "a
a ends
b
b ends
c
d"
	equal "$(dagstat -q --success -o id,attempt u/@ | sed 's,.*/,,')" "a        1
b        1
c        1
d        1"
	dagq --check
}

@test "deb: is built, installs into a fresh root, and goes without a trace" {
	command -v dpkg-deb >/dev/null || skip "no dpkg-deb here"
	[ "$(id -u)" = 0 ] || skip "not root: dpkg cannot install"
	O=$(dirname "$BIN")
	mkdir -p made root/var/lib/dpkg/info root/var/lib/dpkg/updates root/var/log
	: >root/var/lib/dpkg/status
	make -s -C "$ROOT" O="$O" PREFIX=/usr DESTDIR="$T/files" install
	(cd "$ROOT" && share/deb 9.9 "$T/files" "$T/made") >name
	[ "$(cat name)" = "$T/made/dagtools_9.9_$(dpkg --print-architecture).deb" ]
	equal "$(dpkg-deb -f "$(cat name)" Package Version | tr '\n' ' ')" \
	    "Package: dagtools Version: 9.9 "
	(cd root && find . ! -path './var/*' | sort) >before
	dpkg --root="$T/root" --force-depends --force-script-chrootless \
	    --log=/dev/null -i "$(cat name)" >out 2>&1
	root/usr/bin/dagq --version
	zcat root/usr/share/man/man1/dagq.1.gz | cmp - \
	    "$ROOT/share/man/man1/dagq.1"
	[ -s root/usr/lib/systemd/system/dagexec.service ]
	[ -s root/usr/share/fish/vendor_completions.d/dagstat.fish ]
	equal "$(stat -c '%U %a' root/usr/bin/dagexec)" "root 755"
	dpkg --root="$T/root" --verify dagtools
	# what systemctl enable has made goes too, and nothing beside it
	for dir in multi-user timers; do
		mkdir -p root/etc/systemd/system/$dir.target.wants
	done
	(cd root/etc/systemd/system &&
	    touch multi-user.target.wants/dagother.service &&
	    ln -s nowhere multi-user.target.wants/dagexec.service &&
	    ln -s nowhere multi-user.target.wants/dagexec@ann.service &&
	    ln -s nowhere timers.target.wants/dagsched.timer)
	mkdir -p root/var/cache/dag
	dpkg --root="$T/root" --force-script-chrootless --log=/dev/null \
	    --purge dagtools >out 2>&1
	equal "$(cd root/etc && find . ! -type d)" \
	    ./systemd/system/multi-user.target.wants/dagother.service
	[ ! -e root/var/cache/dag ]
	rm -r root/etc
	(cd root && find . ! -path './var/*' | sort) >after
	equal "$(cat after)" "$(cat before)"
}

@test "deb: an upgrade restarts what serves, a removal stops it, where systemd is" {
	command -v dpkg-deb >/dev/null || skip "no dpkg-deb here"
	[ "$(id -u)" = 0 ] || skip "not root: no mounts of our own"
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	mkdir -p files/usr/share/man made bin
	(cd "$ROOT" && share/deb 9.9 "$T/files" "$T/made") >name
	dpkg-deb -e "$(cat name)" control
	printf '#!/bin/sh\necho "$*" >>"%s"\n' "$T/calls" >bin/systemctl
	chmod +x bin/systemctl
	script() {
		unshare -m sh -c 'mount -t tmpfs none /run &&
		    mkdir -p /run/systemd/system && PATH=$1:$PATH &&
		    shift && exec "$@"' sh "$T/bin" "$@"
	}
	: >calls
	script control/postinst configure ""
	equal "$(cat calls)" daemon-reload
	script control/prerm upgrade 9.10
	script control/postinst configure 9.8
	equal "$(tail -n +2 calls)" "daemon-reload
try-restart dagexec.service dagexec@*.service"
	: >calls
	script control/prerm remove
	equal "$(cat calls)" "stop dagsched.timer dagsched@*.timer\
 dagexec.service dagexec@*.service"
	# and where it is not nobody is asked
	: >calls
	unshare -m sh -c 'mount -t tmpfs none /run && PATH=$1:$PATH &&
	    control/postinst configure 9.8 && control/prerm remove' sh "$T/bin"
	equal "$(cat calls)" ""
}

@test "deb: make deb puts it into the directory of the build" {
	command -v dpkg-deb >/dev/null || skip "no dpkg-deb here"
	O=$(dirname "$BIN")
	version=$(dagq --version)
	make -s -C "$ROOT" O="$O" deb >out
	[ -s "$O/dagtools_${version#dagq }_$(dpkg --print-architecture).deb" ]
}
