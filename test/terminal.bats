#!/usr/bin/env bats
# terminal: what dagstat shows where somebody looks.

load helper
load byhand

# on COMMAND: its output on a terminal of 80 columns, without \r
on() {
	COLUMNS=${COLUMNS:-80} TERM=${TERM_WAS:-xterm} script -qec "$1" \
	    /dev/null </dev/null | tr -d '\r'
}

# colours: escapes as words
colours() {
	sed -e $'s/\033\\[0m/>/g' -e $'s/\033\\[\\([0-9;]*\\)m/<\\1:/g'
}

@test "terminal: states in colours, times as how long ago, what matters most" {
	by_hand
	export LC_ALL=C.UTF-8
	equal "$(on 'dagstat -q w/@' | colours)" \
"w/2012-01-31T0000Z/get    <32:success>  9s ago  2.250s     0  <2:->
w/2012-01-31T0000Z/check  <33:running>  5s ago  5.000s     <2:->  <2:->
w/2012-01-31T0000Z/put    <2:waiting>  <2:->            <2:->     <2:->  <2:->
w/2012-01-31T0000Z/tell   <35:held>     <2:->            <2:->     <2:->  not yet"
	equal "$(on 'dagstat w/2012-01-30' | colours | head -n 4)" \
"<2:# spool $T/spool>
<2:# ><2:ID>                      <2:STATE>            <2:START>     <2:TIME>  <2:EXIT>  <2:NOTE>
w/2012-01-30T0000Z/get    <32:success>          9s ago  2.250s     0  <2:->
w/2012-01-30T0000Z/check  <1;31:failed>           9s ago  2.250s     <1;31:3>  <2:->"
}

@test "terminal: a wide one has a bar of what is done, in ASCII where need be" {
	by_hand
	touch -d @0 spool/runs/w/2012-01-31T0000Z/@active
	bars() {
		COLUMNS=120 on 'dagstat -q --color=never -o id,state,done'
	}
	equal "$(LC_ALL=C.UTF-8 bars)" \
"w/2012-01-30T0000Z  failed  4/4 ██████████
w/2012-01-31T0000Z  active  1/4 ███░░░░░░░"
	equal "$(LC_ALL=C bars)" \
"w/2012-01-30T0000Z  failed  4/4 ##########
w/2012-01-31T0000Z  active  1/4 ###......."
}

@test "terminal: a line ends where the terminal does; into a pipe it is whole" {
	by_hand
	COLUMNS=38 LC_ALL=C.UTF-8 run on \
	    'NO_COLOR=1 dagstat -q -o id,task,state,attempt w/2012-01-30/put'
	equal "$output" "w/2012-01-30T0000Z/put  put   upstrea…"
	COLUMNS=40 run on 'NO_COLOR=1 dagstat -q -o id,task,state w/@/get'
	equal "$output" "w/2012-01-31T0000Z/get  get   success"
	COLUMNS=20 run on 'NO_COLOR=1 dagstat -q -o id,task,state w/@/get'
	equal "$output" "w/2012-01-31T0000Z/~"
	equal "$(COLUMNS=20 dagstat -q -o id,task,state w/@/get)" \
	    "w/2012-01-31T0000Z/get  get   success"
}

@test "terminal: colours when they are asked for, or wanted" {
	by_hand
	# shown COMMAND: is there a colour on a terminal?
	shown() {
		on "$1 -q --failed" | grep -c $'\033' || true
	}
	equal "$(shown dagstat)" 1
	equal "$(shown 'NO_COLOR= dagstat')" 1
	equal "$(shown 'NO_COLOR=1 dagstat')" 0
	equal "$(shown 'NO_COLOR=1 dagstat --color=always')" 1
	equal "$(shown 'dagstat --color never')" 0
	equal "$(shown 'TERM=dumb dagstat')" 0
	equal "$(dagstat -q --failed | grep -c $'\033')" 0
	equal "$(dagstat -q --color=always --failed | colours)" \
"w/2012-01-30T0000Z/check  <1;31:failed>        2     <1;31:3>\
  2012-02-01T00:00:01Z  2.250s  0.750s  10M  <2:->"
	run -2 dagstat --color=red
	equal "$output" \
	    "dagstat: --color red: auto, always or never is wanted"
}

@test "terminal: --usage shows each DAG's share" {
	by_hand
	rm -r spool/runs/w
	mkdir -p spool/runs/{a,b}/2012-01-30T0000Z
	truncate -s 0 spool/runs/a/2012-01-30T0000Z/plan
	head -c 300000 /dev/zero >spool/runs/a/2012-01-30T0000Z/run
	head -c 100000 /dev/zero >spool/runs/b/2012-01-30T0000Z/run
	run on 'LC_ALL=C dagstat --usage --color=never'
	equal "$(cut -d. -f1 <<<"$output" | awk '{ print $1, $NF }')" \
"# SHARE
a ###############
b #####"
}

@test "terminal: notices that need a person stand out" {
	by_hand
	: >'spool/queue/w@2012-01-31T0000Z.put'
	rm spool/runs/w/2012-01-31T0000Z/put.waiting
	equal "$(on 'dagstat' | colours | sed -n 1,2p)" \
"<2:# spool $T/spool>
<33:# 1 task is ready, and no dagexec serves this spool>"
}
