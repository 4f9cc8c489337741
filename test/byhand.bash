# byhand: a spool of two runs, made by hand.

# a spool made by hand: state is files. dagq and dagexec had no part in it
by_hand() {
	local run
	umask 077
	mkdir -p spool/{queue,runs/w,history,dags,workers,archive,pools,tmp}
	for run in 2012-01-30T0000Z 2012-01-31T0000Z; do
		mkdir -p spool/runs/w/$run/log
		printf '%s\n' 'dag	w	tasks=4	file=/w.dag' \
		    'task	w/get	run=true' \
		    'task	w/check	after=get	run=true	pool=one' \
		    'task	w/put	after=check	run=true' \
		    'task	w/tell	after=put	run=true' \
		    >spool/runs/w/$run/plan
		printf 'run\tw/%s\ttime=%s\tcause=%s\n' $run \
		    "${run%T*}T00:00:00Z" backfill >spool/runs/w/$run/run
	done
	cd spool/runs/w/2012-01-30T0000Z || return 1
	: >@failed
	marker get 1 success exit=0
	marker check 2 failed exit=3
	: >put.upstream-failed
	: >tell.upstream-failed
	printf 'first\nsecond\n' >log/check.1
	printf 'third\n' >log/check.2
	cd ../2012-01-31T0000Z || return 1
	: >@active
	marker get 1 success exit=0
	printf '2012-02-01T00:00:05.000Z\t%s\n' \
	    'start	attempt=1	host=h	pid=77' >check.running.1
	: >put.waiting
	printf '2012-02-01T00:00:09.000Z\thold\tuser=me\tnote=not yet\n' \
	    >tell.held
	printf 'begun\n' >log/check.1
	cd "$T" || return 1
	export DAG_NOW=2012-02-01T00:00:10Z
}

# marker TASK ATTEMPT STATE HOW: one with a start and an end
marker() {
	printf '2012-02-01T00:00:0%s.%s\n' \
	    "1" "250Z	start	attempt=$2	host=h	pid=9" \
	    "3" "500Z	end	attempt=$2	state=$3	$4	wall=2.250	$5" \
	    >"$1.$3"
	sed -i "s/	\$/	user=0.500	sys=0.250	rss=10240/" "$1.$3"
}
