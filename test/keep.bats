#!/usr/bin/env bats
# keep: what is old goes: archives are purged, slots stay decided; sizes.

load helper

# three days of a DAG, archived; a manual run that is not
fixture() {
	cat >dags/d.dag <<-END
		[dag]
		schedule = @daily
		timezone = UTC
		start = 2012-01-01
		catchup = all
		${1-}

		[task a]
		run = echo hello
	END
	export DAG_NOW=2012-01-03T12:00:00Z
	dagsched d | dagq
	dagexec --drain
	dagq -q --archive 'd/*'
	dagsched --run d | dagq
}

# left: the archives that are there
left() {
	(cd spool/archive && ls d | tr '\n' ' ')
}

A='2012-01-01T0000Z.tar.gz 2012-01-02T0000Z.tar.gz 2012-01-03T0000Z.tar.gz '

@test "purge: a run goes, its slot stays decided, its history is kept" {
	fixture
	equal "$(dagq --purge -n d/2012-01-01)" "d/2012-01-01T0000Z	purged"
	equal "$(left)" "$A"
	equal "$(LOGNAME=ann dagq --purge --note 'no longer wanted' d/2012-01-01)" \
	    "d/2012-01-01T0000Z	purged"
	equal "$(left)" "${A#* }"
	equal "$(grep purged spool/history/d.tsv)" \
"purged	d/2012-01-01T0000Z	time=2012-01-01T00:00:00Z	reason=no longer wanted\
	user=ann"
	equal "$(dagsched d)" ""
	equal "$(dagstat -q --history d/2012-01-01T0000Z/a | awk '{ print $2 }')" \
	    success
	equal "$(dagq --check)" ""
	run --separate-stderr dagq --purge d/2012-01-01
	[ "$status" = 1 ]
	equal "$output" ""
}

@test "purge: --older takes what ended so long ago, twice does nothing more" {
	fixture
	# the first two end once more, two months later
	export DAG_NOW=2012-03-01T00:00:00Z
	dagq -q --rerun d/2012-01-01 d/2012-01-02
	dagexec --drain
	dagq -q --archive 'd/2012-01-0*Z'
	equal "$(dagq --purge --older 30d --dry-run)" "d/2012-01-03T0000Z	purged"
	equal "$(dagq --purge --older 3d)" "d/2012-01-03T0000Z	purged"
	equal "$(dagq --purge --older 3d)" ""
	grep -q 'purged.*reason=older than 3d' spool/history/d.tsv
	export DAG_NOW=2012-03-04T00:01:00Z
	equal "$(dagq --purge --older 3d | wc -l)" 2
}

@test "purge: without --older each run goes by keep of its own definition" {
	fixture "keep = 1h"
	sed -i 's/keep = 1h//' dags/d.dag
	equal "$(dagq --purge)" ""
	equal "$(left)" "$A"
	export DAG_NOW=2012-01-03T13:01:00Z
	equal "$(dagq --purge | wc -l)" 3
	equal "$(left)" ""
	grep -q 'purged.*reason=keep' spool/history/d.tsv
	equal "$(dagstat --count d)" 1
}

@test "purge: a definition without keep keeps its runs" {
	fixture
	unset DAG_NOW
	equal "$(dagq --purge)" ""
	equal "$(left)" "$A"
}

@test "purge: what is not archived, a task, a DAG: refused, nothing changed" {
	fixture
	id=$(dagstat -q | awk '{ print $1 }')
	while IFS='|' read -r arg message; do
		run --separate-stderr dagq --purge "$arg"
		equal "$stderr" "dagq: $message"
		equal "$output" ""
		[ "$status" = 1 ]
	done <<-END
	$id|$id: it is not archived: dagq --archive
	d/2012-01-01/a|d/2012-01-01T0000Z/a: a run is purged whole
	d|d: that is all runs of a DAG; say 'd/*' if you mean it
	END
	equal "$(left)" "$A"
	run dagq --check --older 3d
	equal "$output" "dagq: --older goes with --archive and --purge"
}

@test "purge: interrupted after its line, the same command removes it" {
	fixture
	printf 'purged\td/2012-01-01T0000Z\ttime=2012-01-01T00:00:00Z\treason=x\n' \
	    >>spool/history/d.tsv
	equal "$(dagstat -q d/2012-01-01 | awk '{ print $2 }')" success
	dagq -q --purge d/2012-01-01
	equal "$(left)" "${A#* }"
}

@test "archive: one that cannot be read back whole is not put in a run's place" {
	fixture
	[ "$(id -u)" = 0 ] || skip "not root: no file system of our own"
	mkdir small
	mount -t tmpfs -o size=400k,mode=700 none small || skip "no tmpfs here"
	printf '[task a]\nrun = head -c 200k /dev/urandom\n' >dags/big.dag
	dagsched --spool small/s --run big | dagq --spool small/s
	dagexec --spool small/s --drain
	run --separate-stderr dagq --spool small/s --archive big/@
	code=$status
	runs=$(find small/s/runs/big -name a.success | wc -l)
	archives=$(find small/s/archive small/s/tmp -type f | wc -l)
	umount small
	equal "$code $runs $archives" "111 1 0"
}

@test "usage: what each DAG takes of the disk, greatest first" {
	fixture
	printf '[task a]\nrun = head -c 3M /dev/zero\n' >dags/big.dag
	dagsched --run big | dagq
	dagexec --drain
	dagstat --usage >out
	equal "$(head -n 1 out | tr -s ' ')" \
	    "# DAG RUNS SIZE ARCHIVED SIZE REST TOTAL"
	equal "$(awk 'NR > 1 { print $1, $2, $4 }' out)" "big 1 0
d 1 3"
	dagstat --usage --json | jq -e '.[0].live > 3000000 and
	    .[0].live < 3200000 and .[1].archives > 3000' >jq.out
	equal "$(dagstat -q --usage d | awk '{ print $1 }')" d
	equal "$(dagstat --count --usage)" 2
	du=$(du -s --block-size=1 spool/runs/big | cut -f1)
	equal "$(dagstat --usage --json big | jq .[].live)" \
	    "$((du - $(stat -c '%b * 512' spool/runs/big | bc) -
	    $(du --block-size=1 spool/runs/big/*/plan | cut -f1)))"
	# and the files of DAG_OUTDIR
	printf '[task a]\nrun = head -c 2M /dev/zero >"$DAG_OUTDIR/x"\n' \
	    >dags/out.dag
	dagsched --run out | dagq
	dagexec --drain
	dagstat --usage --json out | jq -e '.[0].live > 2000000' >jq.out
	mkdir -m 700 empty
	equal "$(dagstat --spool empty --usage --json)" "[]"
}
