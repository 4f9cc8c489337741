#!/usr/bin/env bats
# map: mapped tasks: their lists, their instances, what joins them.

load helper

# start: makes a run of dags/a.dag; its ID
start() {
	dagsched --run a | dagq -v 2>&1
}

# states ID: task and state of all of a run
states() {
	dagstat --tsv --columns task,state "$1" | grep -v '^#' | tr '\t' ' '
}

# a list in a file, a task for each line, one behind them
lines() {
	cat >dags/a.dag <<-END
	[task list]
	run = sed s/^/item=/ $T/list >>"\$DAG_OUT"
	[task one]
	after = list
	each  = list.item
	run   = echo "\$DAG_ITEM \$DAG_TASK" >>$T/ran; [ ! -e $T/fail-\$DAG_ITEM ] && echo "v=\$DAG_ITEM" >>"\$DAG_OUT"
	[task join]
	after = one
	run   = printf '%s\n' joined "\$DAG_FROM_one_v" >>$T/ran
	END
}

@test "map: several lists make the product; keys are items, or ordinals" {
	cat >dags/a.dag <<-END
	[task p]
	each = a b
	each =
	    x
	    "y"
	run = echo "\$DAG_TASK \$DAG_ITEM \$DAG_ITEM_2" >>$T/ran
	[task q]
	each = "one two" three
	run = echo "\$DAG_TASK \$DAG_ITEM" >>$T/ran
	[task r]
	each = same same
	run = echo "\$DAG_TASK \$DAG_ITEM" >>$T/ran
	[task s]
	each = "a.txt"
	run = echo "\$DAG_TASK \$DAG_ITEM" >>$T/ran
	END
	id=$(start)
	dagexec -q -j1 --drain
	equal "$(cat ran)" \
'p+a-x a x
p+a-y a y
p+b-x b x
p+b-y b y
q+1 one two
q+2 three
r+1 same
r+2 same
s+1 a.txt'
	equal "$(dagstat --json "$id/p+b-y" | grep -o '"items":[^]]*]')" \
	    '"items":["b","y"]'
	equal "$(dagq --check 2>&1)" ""
}

@test "map: until the list is known the task stands for all; none is skipped" {
	lines
	: >list
	id=$(start)
	equal "$(states "$id")" \
'list ready
one waiting
join waiting'
	dagexec -q --drain
	equal "$(states "$id")" \
'list success
one skipped
join skipped'
	[ ! -e ran ]
}

@test "map: instances are retried and rerun one by one, and joined in order" {
	lines
	printf '%s\n' c a b >list
	touch fail-a
	id=$(start)
	dagexec -q -j1 --drain || [ $? = 1 ]
	equal "$(states "$id")" \
'list success
one failed
one+c success
one+a failed
one+b success
join upstream-failed'
	[[ $(dagstat --why "$id/one") == *'it comes after one+a, which failed, exit 1'* ]]
	rm fail-a
	dagstat --failed a | dagq --rerun
	equal "$(states "$id" | tail -n 5)" \
'one waiting
one+c success
one+a ready
one+b success
join waiting'
	[[ $(dagstat --why "$id/one") == *'it comes after one+a, which is ready'* ]]
	dagexec -q --drain
	equal "$(cat ran)" \
'c one+c
a one+a
b one+b
a one+a
joined
c
a
b'
	dagq -q --rerun "$id/one"
	dagexec -q --drain
	equal "$(grep -c one+ ran)" 7
	equal "$(grep -c joined ran)" 1
	equal "$(dagq --check 2>&1)" ""
}

@test "map: a list made anew adds instances; those not in it are skipped" {
	lines
	printf '%s\n' a b >list
	id=$(start)
	dagexec -q --drain
	printf '%s\n' b c >list
	dagq -q --rerun --downstream "$id/list"
	dagexec -q -j1 --drain
	equal "$(states "$id")" \
'list success
one success
one+b success
one+c success
one+a skipped
join success'
	equal "$(tail -n 5 ran)" \
'b one+b
c one+c
joined
b
c'
	equal "$(dagq --check 2>&1)" ""
	dagq -q --rerun --upstream "$id/one+c"
	dagexec -q -j1 --drain
	equal "$(tail -n 1 ran)" 'c one+c'
	equal "$(dagq --check 2>&1)" ""
}

@test "map: archived, shown, brought back, renewed" {
	lines
	printf '%s\n' a b >list
	id=$(start)
	dagexec -q --drain
	dagq -q --archive "$id"
	equal "$(states "$id")" \
'list success
one success
one+a success
one+b success
join success'
	equal "$(states "$id/one+b")" 'one+b success'
	[[ $(dagstat "$id/one+d" 2>&1) == *'has no task one+d'* ]]
	dagq -q --rerun "$id/one+b"
	dagexec -q --drain
	equal "$(grep -c 'one+b$' ran)" 2
	sed -i 's/^run   = printf/run = echo again; printf/' dags/a.dag
	dagq -q --rerun --latest "$id/one+a"
	dagexec -q --drain
	equal "$(grep -c 'one+a$' ran)" 2
	equal "$(dagq --check 2>&1)" ""
	grep -q '	a/[^/]*/one+a	' "$DAG_SPOOL/history/a.tsv"
}

@test "map: hold, kill and mark of the task are those of its instances" {
	cat >dags/a.dag <<-END
	[task m]
	each = a b
	run = echo \$DAG_ITEM >>$T/ran; exec tail -f /dev/null
	END
	id=$(start)
	equal "$(states "$id")" \
'm waiting
m+a ready
m+b ready'
	dagq -q --hold "$id/m"
	equal "$(states "$id" | cut -d ' ' -f 2 | uniq)" held
	dagq -q --release "$id/m"
	dagexec -q -j1 --drain &
	dagexec=$!
	while [ ! -s ran ]; do :; done
	dagq -q --kill "$id/m" || true
	while [ "$(wc -l <ran)" -lt 2 ]; do :; done
	dagq -q --kill "$id/m"
	wait $dagexec || [ $? = 1 ]
	equal "$(states "$id")" \
'm failed
m+a failed
m+b failed'
	dagq -q --mark success "$id/m+a" "$id/m+b"
	equal "$(states "$id" | cut -d ' ' -f 2 | uniq)" success
}

@test "map: of a map: its values are the list, in order" {
	cat >dags/a.dag <<-END
	[task m]
	each = 3 1 2
	run = echo "n=\$DAG_ITEM" >>"\$DAG_OUT"
	[task k]
	after = m
	each  = m.n
	run   = echo "k=<\$DAG_ITEM>" >>"\$DAG_OUT"
	[task j]
	after = k
	run   = printf '%s\n' "\$DAG_FROM_k_k" >>$T/ran
	END
	start
	dagexec -q --drain
	equal "$(tr '\n' ' ' <ran)" '<3> <1> <2> '
}

@test "map: more than 10000 items are an error, or fail the task" {
	{
		printf '[task m]\nrun = true\neach =\n'
		seq -f ' %g' 101
		printf 'each =\n'
		seq -f ' %g' 100
	} >dags/a.dag
	run --separate-stderr -1 dagparse --check dags/a.dag
	[[ $stderr == 'dagparse: dags/a.dag:106:2: each: "1'*'makes more than 10000 instances' ]]
	lines
	seq 10001 >list
	id=$(start)
	dagexec -q --drain || [ $? = 1 ]
	equal "$(states "$id" | tail -n 2)" \
'one failed
join upstream-failed'
	[[ $(dagstat "$id/one") == *'there are more than 10000 items'* ]]
}

@test "map: bad input is refused where it stands" {
	cat >dags/a.dag <<-'END'
	[task a]
	run = true
	[task m]
	each = a.k
	run = true
	[task n]
	each = nowhere.k
	run = true
	[task o]
	each = "open
	run = true
	[task p]
	each = a # b
	run = true
	[default]
	each = a
	END
	run --separate-stderr -1 dagparse --check dags/a.dag
	equal "$stderr" \
'dagparse: dags/a.dag:4:8: each: "a.k" names a task that this one does not come after
dagparse: dags/a.dag:7:8: each: "nowhere.k" names no task of this file; as the only item of a list it is written in quotes
dagparse: dags/a.dag:10:8: each: ""open" has a quote that is not closed
dagparse: dags/a.dag:13:8: each: "#" is no item: a comment is a line with # in column 1
dagparse: dags/a.dag:16:1: the key "each" belongs in [task], not in [default]'
	printf 'dag\ta\ttasks=1\ntask\ta/t\trun=x\teach=b.c\n' >records
	run --separate-stderr -1 dagparse - <records
	equal "$stderr" \
'dagparse: stdin: a/t: each: it names a task that this one does not come after'
}

@test "map: a list that is being made is gone on with, by whoever looks" {
	lines
	printf '%s\n' a b >list
	id=$(start)
	dagq -q --hold "$id/one"
	dagexec -q --drain
	run="$DAG_SPOOL/runs/$id"
	# as a crash would leave it
	mkdir "$run/map"
	printf 'a\ta\nb\tb\n' >"$run/map/one.new"
	touch -d @0 "$run/one+a.waiting"
	chmod 600 "$run/map/one.new"
	equal "$(dagq --check 2>&1)" ""
	dagq -q --release "$id/one"
	dagexec -q --drain
	equal "$(states "$id" | tail -n 3)" \
'one+a success
one+b success
join success'
	[ ! -e "$run/map/one.new" ]
	equal "$(dagq --check 2>&1)" ""
	rm "$run/one+b.success"
	run dagq --repair
	equal "$(states "$id/one+b")" 'one+b held'
}

@test "map: dagparse draws it as several, and simulates it as one" {
	lines
	[[ $(dagparse --dot a) == *'"one" '*'[peripheries=2];'* ]]
	equal "$(dagparse --simulate one=failed a | cut -f 2)" \
'success
failed
upstream-failed
failed'
}
