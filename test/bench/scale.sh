# scale: W7: a million task instances in one spool, a million tasks in a DAG.
# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # run expands them when it is time

# Runs of a thousand tasks, so many of them, a run a day.
runs=$(scaled 1000) size=1000
days="2012-01-01..$(date -u -d "2012-01-01 + $((runs - 1)) days" +%F)"

# wide: the DAG; its last task fails
wide() {
	printf '[dag]\nschedule = 0 0 * * *\ntimezone = UTC\nstart = 2012-01-01\n'
	write dag flat $((size - 1))
	printf '[task t%d]\nrun = /bin/false\n' $size
}

workload W7.queue $((runs * size)) "$runs runs of $size tasks, queued" && {
	big=yes
	for how in none full; do
		contender dag "$(mode $how)" 'wide >d.dag' \
		    "sh -c 'dagsched -q --backfill $days ./d.dag |
		    dagq --sync $how'" '[ $(ls spool/runs/d | wc -l) -eq $runs ]'
	done
	contender files - : 'emptyfiles $runs $size' \
	    '[ $(ls -d d[0-9]* | wc -l) -eq $runs ]'
}

# grown: a spool where all of that has been run. It is the first run that is,
# the others are what would have become of them.
grown() {
	mkdir "$1" && cd "$1" || return 1
	export DAG_SPOOL="$1/spool"
	wide >d.dag
	dagsched -q --backfill 2012-01-01 ./d.dag | dagq --sync none
	dagexec -j2 --drain --sync none
	cd spool/runs/d || return 1
	first=$(ls)
	dagsched -q --backfill "$days" "$1/d.dag" |
		sed -n 's|^run.d/\([^	]*\)	.*|\1|p' |
	while read -r run; do
		cp -a "$first" "$run" && ln -f "$first/plan" "$run/plan" &&
		sed "s|${first%T*}|${run%T*}|g" "$first/run" >"$run/run" &&
		sed "s|d/$first|d/$run|" ../../history/d.tsv >>"$1/history" ||
			exit 1
	done || return 1
	cat "$1/history" >>../../history/d.tsv
	rm "$1/history"
	[ -z "$(dagq --check)" ]
}

all=$work/grown
grow() {
	[ ! -e "$all" ] || return 0
	say "$((runs * size)) task instances are made"
	(grown "$all") || fail 'W7: its spool cannot be made'
}

workload W7.status $((runs * size)) "$runs runs of $size tasks, looked at" && {
	grow
	contender dag failed : "dagstat --spool $all/spool --failed" \
	    '[ $(grep -vc ^# out.log) -eq $runs ]'
	contender find failed : "find $all/spool/runs -name '*.failed'" \
	    '[ $(grep -c t out.log) -ge $runs ]'
	contender dag runs : "dagstat --spool $all/spool" \
	    '[ $(grep -vc ^# out.log) -eq $runs ]'
	contender dag check : "dagq --spool $all/spool --check" '[ ! -s out.log ]'
}

# the same tasks in an empty spool, and among all those
workload W7.run $size "$size tasks, alone and among $((runs * size)) others" && {
	grow
	once='write dag flat $size >e.dag; dagsched -q --run ./e.dag | dagq'
	for how in none full; do
		contender dag "$(mode $how)" "$once" \
		    "dagexec -j2 --drain --sync $how" 'succeeded $size'
		contender dag "$(mode $how)+" "DAG_SPOOL=$all/spool; $once" \
		    "dagexec -j2 --drain --sync $how --spool $all/spool" \
		    '[ $(ls "$(ls -d $all/spool/runs/e/* | tail -n 1)" |
		    grep -c "^t.*success") -eq $size ]'
	done
}

# Each takes the next runs out of the same spool.
batch=$((runs / 50 + 1))
workload W7.archive $((batch * size)) "$batch runs of $size tasks, archived" && {
	grow
	next='ls $all/spool/runs/d | head -n $batch >next
	    mkdir -p $all/spool/archive/d'
	gone='[ -s next ] && (for run in $(cat next); do
	    [ ! -e $all/spool/runs/d/$run ] &&
	    [ -s $all/spool/archive/d/$run.tar.gz ] || exit 1; done)'
	for how in none full; do
		contender dag "$(mode $how)" "$next; sed s,^,d/, next >ids" \
		    "sh -c 'dagq -q --archive --yes --sync $how \
		    --spool $all/spool - <ids'" "$gone"
	done
	contender loop - "$next" "sh -c 'cd $all/spool/runs/d &&
	    for run in \$(cat \$OLDPWD/next); do
	    tar czf ../../archive/d/\$run.tar.gz \$run && rm -r \$run ||
	    exit 1; done'" "$gone"
}
finish
clear_away "$all"

many=$(scaled 1000000)
workload W7.dag "$many" "one DAG of $many tasks, each after three" && {
	big=yes all=$work/$name/all
	mkdir "$all"
	write dag layers:1000 "$many" >"$all/d.dag"
	write ninja layers:1000 "$many" >"$all/build.ninja"
	contender dag check : "dagparse --check $all/d.dag"
	contender ninja - : "ninja -n --quiet -C $all"
	contender dag queue : \
	    "sh -c 'dagsched -q --run $all/d.dag | dagq --sync none'" \
	    '[ $(ls spool/runs | wc -l) = 1 ]'
}

# How a task's time grows with its run. The first needs hours: only by name.
case " $wanted " in *' W7.million '*)
	workload W7.million 1 'a task, in runs of 1,000,000 and of 1,000' && {
		for many in 1000000 1000; do
			contender dag $many "write dag flat $many >d.dag" \
			    "sh -c 'dagsched -q --run ./d.dag |
			    dagq --sync none &&
			    exec dagexec -j2 --drain --sync none'" \
			    "tasks=$many; succeeded $many"
		done
	}
	;;
esac
