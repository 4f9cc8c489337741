# idle: W9: what it costs to have nothing to do.
# shellcheck shell=sh disable=SC2016,SC2154 # run expands them when it is time

# what does `idle COMMAND...' print? The same columns as stopwatch: s, s of
# processor time, KiB of the largest process, switches; in these seconds.
workload W9 1 'twenty seconds with nothing to do' && {
	contender dag dagexec ': | dagq' \
	    'sh $bench/idle 20 dagexec -j2' 'cp idle.tsv $took'
	dagsched --follow --help >/dev/null 2>&1
	if [ $? = 2 ]; then
		say 'W9: dagsched --follow is not there yet'
	else
		contender dag follow ': | dagq' \
		    'sh $bench/idle 20 dagsched --follow' 'cp idle.tsv $took'
	fi
}
