# latency: W8: how long until a process begins whose time has come.
# shellcheck shell=sh disable=SC2016,SC2094,SC2154 # run expands them when it is time

# gaps A B: the median, in s, of column A less column B of the line before
# (0: of the same line) is what took so long
gaps() {
	awk -v a="$1" -v b="$2" -v prior="$3" 'NR > 1 && prior {
	    print $a - last } !prior && NR > 3 { print $a - $b }
	    { last = $b }' "$4" | sort -n |
	    awk '{ v[NR] = $1 } END { if (NR < 3) exit 1
	        printf "%.6f", v[int((NR + 1) / 2)] / 1e9 }' >median &&
	awk -v median="$(cat median)" 'BEGIN { OFS = FS = "\t" }
	    { $1 = median; print }' "$took" >took && mv took "$took"
}

many=$(scaled 500)
workload W8.chain 1 "from a task's exit to the exec of the next, of $many" && {
	for how in none full; do
		contender dag "$(mode $how)" \
		    'write dag chain $many -v run="latency stamp $here/stamps" \
		    >d.dag; dagsched -q --run ./d.dag | dagq' \
		    "dagexec -j2 --drain --sync $how" 'gaps 1 2 1 stamps'
	done
	contender spawn - : 'latency spawn $many stamps' 'gaps 1 2 1 stamps'
}

# records: for each of so many runs a file
records() {
	write dag flat 1 -v run="latency stamp $here/fifo" >d.dag
	mkfifo fifo
	: | dagq
	i=1
	while [ $i -le "$many" ]; do
		{
			dagparse ./d.dag
			printf 'run\td/2026-01-01T%02d%02dZ\t' $((i / 60)) \
			    $((i % 60))
			printf 'time=2026-01-01T%02d:%02d:00Z\tcause=manual\n' \
			    $((i / 60)) $((i % 60))
		} >record.$i
		i=$((i + 1))
	done
}

many=$(scaled 100)
workload W8.queue 1 "from dagq to exec, $many times" && {
	idle="sh -c 'dagexec -j2 & latency queue $many spool/queue fifo \
	    >stamps; kill \$!; wait'"
	contender dag queued records "$idle" 'gaps 4 2 0 stamps'
	contender dag dagq records "$idle" 'gaps 4 1 0 stamps'
	contender spawn - : 'latency spawn $many stamps' 'gaps 1 2 1 stamps'
}
