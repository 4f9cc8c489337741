#!/usr/bin/env bats
# anew: what has not begun goes by what its upstreams are now: when those are
# run again, or marked, it waits for them.

load helper

# queued DAG: queues one run of what is on stdin; its ID in $ID
queued() {
	cat >"dags/$1.dag"
	dagsched --run "$1" | dagq
	ID=$1/$(ls "spool/runs/$1")
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

# $T/order: what has run, a line each
log='echo $DAG_TASK >>'

@test "anew: what is ready waits for a task that is run again" {
	queued d <<-END
		[default]
		run = $log$T/order
		[task a]
		[task b]
		after = a
		[task c]
		after = b
	END
	dagq -q --hold "$ID/b"
	dagexec -q --drain
	dagq -q --release "$ID/b"
	is b ready
	run dagq --rerun -n "$ID/a"
	[ "$output" = "$ID/a	rerun	from=success
$ID/b	waits again	from=ready" ]
	is b ready
	dagq -q --rerun "$ID/a"
	is a ready && is b waiting
	run dagq --check
	[ -z "$output" ] && [ "$status" = 0 ]
	dagexec -q -j 2 --drain
	[ "$(paste -sd ' ' order)" = 'a a b c' ]
}

@test "anew: what is marked as failed meanwhile is not followed" {
	queued d <<-END
		[default]
		run = $log$T/order
		[task a]
		[task b]
		after = a
		[task c]
		after = a
		when = one-done
	END
	dagq -q --hold "$ID/b" "$ID/c"
	dagexec -q --drain
	dagq -q --release "$ID/b" "$ID/c"
	is b ready
	dagq -q --mark failed "$ID/a"
	is b upstream-failed && is c ready
	# and the other way about
	dagq -q --mark success "$ID/a"
	is b ready && is c ready
	dagexec -q --drain
	[ "$(sort order | paste -sd ' ')" = 'a b c' ]
}

@test "anew: an instance of a mapped task, and the task is joined once more" {
	queued d <<-END
		[default]
		run = $log$T/order
		[task a]
		run = printf 'k=v\nk=w\n' >>"\$DAG_OUT"
		[task m]
		after = a
		each = a.k
		[task j]
		after = m
	END
	dagq -q --hold "$ID/j"
	dagexec -q --drain
	dagq -q --release "$ID/j"
	is m success && is j ready
	dagq -q --rerun "$ID/m+w"
	is m waiting && is j waiting && is m+v success
	dagexec -q -j 2 --drain
	[ "$(sort order | paste -sd ' ')" = 'j m+v m+w m+w' ]
	[ "$(tail -n 1 order)" = j ]
	is m success
	# all of them, and by a mark
	dagq -q --rerun -D "$ID/m"
	dagexec -q -j 2 --drain
	[ "$(tail -n 1 order)" = j ]
	dagq -q --mark failed "$ID/m+v"
	is m failed && is j success
}

@test "anew: a retry waits too, and is the same attempt later" {
	queued d <<-END
		[task a]
		run = $log$T/order; test ! -e $T/tried || until test -e $T/go; do sleep 0.05; done
		[task b]
		after = a
		retries = 3
		retry-delay = 1s
		run = $log$T/order; test -e $T/again || { touch $T/tried; while test ! -e $T/again; do sleep 0.05; done; false; }
	END
	dagexec -q -j 2 --drain >out 2>&1 &
	local pid=$!
	until test -e tried; do sleep 0.05; done
	# b runs, and will fail when a runs anew
	dagq -q --rerun "$ID/a"
	until is a running; do sleep 0.05; done
	touch again
	until is b ready; do sleep 0.05; done
	until is b waiting; do sleep 0.05; done
	[ "$(paste -sd ' ' order)" = 'a b a' ]
	touch go
	wait "$pid"
	[ "$(paste -sd ' ' order)" = 'a b a b' ]
	[ "$(ls "spool/runs/$ID/log" | paste -sd ' ')" = 'a.1 a.2 b.1 b.2' ]
}

@test "anew: what a setup is for waits for it, though it is not right after it" {
	queued d <<-END
		[default]
		run = $log$T/order
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
	dagq -q --hold "$ID/use"
	dagexec -q --drain
	dagq -q --release "$ID/use"
	is use ready
	dagq -q --rerun "$ID/set"
	is set ready && is use waiting
	dagexec -q -j 2 --drain
	[ "$(paste -sd ' ' order)" = 'set mid set use tear' ]
}

@test "anew: what follows a task that is killed and run again follows it once" {
	queued d <<-END
		[default]
		run = $log$T/order
		[task a]
		run = $log$T/order; touch $T/begun; until test -e $T/go; do sleep 0.05; done
		[task b]
		after = a
	END
	dagexec -q -j 1 --drain >out 2>&1 &
	local pid=$!
	until test -e begun; do sleep 0.05; done
	run ! dagq -q --rerun "$ID/a"
	dagq -q --rerun -k "$ID/a"
	touch go
	# it may have left meanwhile
	wait "$pid" || true
	dagexec -q --drain
	[ "$(paste -sd ' ' order)" = 'a a b' ]
}
