#!/usr/bin/env bats
# anew: what has not begun goes by what its upstreams are now: when those are
# run again, or marked, it waits for them.

load helper

# queued: queues one run of what is on stdin, whose tasks note that they run in
# the file order, a line each; its ID in $ID
queued() {
	{
		printf '[dag]\nworkdir = %s\n' "$T"
		printf '[default]\nrun = echo $DAG_TASK >>order\n'
		cat
	} >dags/d.dag
	dagsched --run d | dagq
	ID=d/$(ls spool/runs/d)
}

# ready TASK...: the same, and all has run up to these tasks, which are ready
ready() {
	queued
	dagq -q --hold "${@/#/$ID/}"
	dagexec -q --drain
	dagq -q --release "${@/#/$ID/}"
	is "$1" ready
}

# is TASK STATE: is it that?
is() {
	local marker
	marker=$(find "spool/runs/$ID" spool/queue -name "$1.$2*" \
	    -o -name "*.$1" | head -n 1)
	case $2 in
	ready) [[ $marker = spool/queue/* ]] ;;
	*) [[ $marker = spool/runs/*/$1.$2* ]] ;;
	esac
}

@test "anew: what is ready waits for a task that is run again" {
	ready b <<-'END'
		[task a]
		[task b]
		after = a
		[task c]
		after = b
	END
	run dagq --rerun -n "$ID/a"
	[ "$output" = "$ID/a	rerun	from=success
$ID/b	waits again	from=ready" ]
	is b ready
	dagq -q --rerun "$ID/a"
	is a ready
	is b waiting
	run dagq --check
	[ -z "$output" ]
	[ "$status" = 0 ]
	dagexec -q -j 2 --drain
	[ "$(paste -sd ' ' order)" = 'a a b c' ]
}

@test "anew: what is marked as failed meanwhile is not followed" {
	ready b c <<-'END'
		[task a]
		[task b]
		after = a
		[task c]
		after = a
		when = one-done
	END
	dagq -q --mark failed "$ID/a"
	is b upstream-failed
	is c ready
	# and the other way about
	dagq -q --mark success "$ID/a"
	is b ready
	is c ready
	dagexec -q --drain
	[ "$(sort order | paste -sd ' ')" = 'a b c' ]
}

@test "anew: an instance of a mapped task, and the task is joined once more" {
	ready j <<-'END'
		[task a]
		run = printf 'k=v\nk=w\n' >>"$DAG_OUT"
		[task m]
		after = a
		each = a.k
		[task j]
		after = m
	END
	is m success
	dagq -q --rerun "$ID/m+w"
	is m waiting
	is j waiting
	is m+v success
	dagexec -q -j 2 --drain
	[ "$(sort order | paste -sd ' ')" = 'j m+v m+w m+w' ]
	[ "$(tail -n 1 order)" = j ]
	is m success
	# all of them, and by a mark
	dagq -q --rerun -D "$ID/m"
	dagexec -q -j 2 --drain
	[ "$(tail -n 1 order)" = j ]
	dagq -q --mark failed "$ID/m+v"
	is m failed
	is j success
}

@test "anew: a retry waits too, and is the same attempt later" {
	mkfifo tried again begun go
	queued <<-'END'
		[task a]
		run = echo $DAG_TASK >>order; test $DAG_ATTEMPT = 1 || { echo >begun; cat go; }
		[task b]
		after = a
		retries = 3
		retry-delay = 1s
		run = echo $DAG_TASK >>order; test $DAG_ATTEMPT = 2 || { echo >tried; cat again; false; }
	END
	dagexec -q -j 2 --drain >out 2>&1 &
	local pid=$! waits
	# b runs, and fails when a runs anew
	read -r <tried
	timeout 60 tail -n 0 -F "spool/runs/$ID/b.waiting" 2>&1 | grep -qm 1 appeared &
	waits=$!
	dagq -q --rerun "$ID/a"
	read -r <begun
	: >again
	wait "$waits"
	is a running
	is b waiting
	[ "$(paste -sd ' ' order)" = 'a b a' ]
	: >go
	wait "$pid"
	[ "$(paste -sd ' ' order)" = 'a b a b' ]
	[ "$(ls "spool/runs/$ID/log" | paste -sd ' ')" = 'a.1 a.2 b.1 b.2' ]
}

@test "anew: what a setup is for waits for it, though it is not right after it" {
	ready use <<-'END'
		[task set]
		[task mid]
		after = set
		[task use]
		after = mid
		when = all-done
		[task tear]
		after = use
		teardown = set
	END
	dagq -q --rerun "$ID/set"
	is set ready
	is use waiting
	dagexec -q -j 2 --drain
	[ "$(paste -sd ' ' order)" = 'set mid set use tear' ]
}

@test "anew: what follows a task that is killed and run again follows it once" {
	mkfifo begun never
	queued <<-'END'
		[task a]
		run = echo $DAG_TASK >>order; test $DAG_ATTEMPT != 1 || { echo >begun; cat never; }
		[task b]
		after = a
	END
	dagexec -q -j 1 --drain >out 2>&1 &
	local pid=$!
	read -r <begun
	run ! dagq -q --rerun "$ID/a"
	dagq -q --rerun -k "$ID/a"
	# it may have left meanwhile
	wait "$pid" || true
	dagexec -q --drain
	[ "$(paste -sd ' ' order)" = 'a a b' ]
}
