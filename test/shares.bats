#!/usr/bin/env bats
# shares: what decides the next claim between DAGs, and between a DAG's
# backfills and its other runs.

load helper

# dag NAME: one whose runs write its name and date into a ledger
dag() {
	cat >"dags/$1.dag" <<-END
	[dag]
	max-active-runs = 100
	[task t]
	run = echo $1 \$DAG_DATE >>$T/ledger
	END
}

# queue DAG CAUSE DATE...: runs of that cause
queue() {
	local dag=$1 cause=$2
	shift 2
	for date; do
		dagparse "$dag"
		printf 'run\t%s/%sT0000Z\ttime=%sT00:00:00Z\tcause=%s\n' \
		    "$dag" "$date" "$date" "$cause"
	done | dagq -q
}

@test "shares: a DAG with many old runs does not keep another waiting" {
	dag old
	dag new
	queue old schedule 2012-01-0{1,2,3,4,5}
	queue new schedule 2026-01-0{1,2}
	dagexec -q -j 1 --drain
	equal "$(head -n 4 ledger | cut -d ' ' -f 1 | sort | uniq -c | xargs)" \
	    '2 new 2 old'
	equal "$(grep old ledger | cut -d ' ' -f 2 | xargs)" \
	    '2012-01-01 2012-01-02 2012-01-03 2012-01-04 2012-01-05'
}

@test "shares: neither a backfill nor the schedule starves the other" {
	dag a
	queue a backfill 2012-01-0{1,2,3,4}
	queue a schedule 2026-01-0{1,2,3,4}
	dagexec -q -j 1 --drain
	equal "$(sed 's/a 20//; s/-.*//' ledger | xargs -n 2 |
	    sed 's/26 12/12 26/' | uniq -c | xargs)" '4 12 26'
}

@test "shares: priority is first, within a share and between them" {
	dag old
	dag new
	sed -i '/task t/a priority = 1' dags/new.dag
	queue old schedule 2012-01-0{1,2}
	queue new schedule 2026-01-0{1,2}
	dagexec -q -j 1 --drain
	equal "$(cut -d ' ' -f 1 ledger | xargs)" 'new new old old'
}

@test "shares: who has fewest out is next, whenever it was served" {
	cat >dags/long.dag <<-END
	[task a]
	run = until [ -e $T/go ]; do :; done
	[task b]
	run = echo long >>$T/ledger
	[task c]
	run = echo long >>$T/ledger; : >$T/go
	END
	dag short
	queue long schedule 2012-01-01
	queue short schedule 2026-01-0{1,2,3}
	dagexec -q -j 2 --drain
	equal "$(cut -d ' ' -f 1 ledger | xargs)" 'short short short long long'
}

@test "pools: several slots of several pools, all or none; a crash leaks none" {
	dagq -q --pool db=2
	dagq -q --pool net=1
	mkfifo fifo
	cat >dags/a.dag <<-END
	[default]
	pool = db:2 net
	once = yes
	[task one]
	run = echo >$T/fifo; exec sleep 1000
	[task two]
	run = echo >$T/fifo; exec sleep 1000
	END
	queue a schedule 2026-01-01
	exec 5<>fifo
	dagexec -q -j 2 & worker=$!
	for _ in 1 2; do
		# one has them all; the other nothing, and does not begin
		read -r _ <&5
		equal "$(ls "$DAG_SPOOL/runs/a/2026-01-01T0000Z" |
		    grep -c running)" 1
		until grep -q pid= "$DAG_SPOOL"/runs/a/*/*.running.1; do :; done
		for sup in $(grep -l supervisor "$DAG_SPOOL"/workers/*); do
			kill -KILL "${sup##*/}"
		done
	done
	until [ -e "$DAG_SPOOL/runs/a/2026-01-01T0000Z/@failed" ]; do :; done
	kill $worker
	wait $worker || :
	dagq -q --pool db=0
	dagq -q --pool net=0
	equal "$(find "$DAG_SPOOL/pools" -type f)" ""
}

@test "pools: many small tasks do not keep them from one that needs several slots" {
	dagq -q --pool db=2
	dagq -q --pool other=1
	mkfifo fifo
	{
		cat <<-END
		[default]
		pool = db
		[task first]
		run = echo first >>$T/ledger
		[task heavy]
		after    = first
		pool     = db:2
		priority = 1
		run      = echo heavy >>$T/ledger
		[task long]
		run = cat $T/fifo
		END
		printf '[task s%s]\nafter = first\nrun = echo small >>%s/ledger\n' 1 "$T" 2 \
		    "$T" 3 "$T" 4 "$T"
		printf '[task end]\npool =\npool = other\nafter = first\n'
		printf 'priority = -1\nrun = echo end >>%s/ledger; ' "$T"
		printf 'echo >%s/fifo\n' "$T"
	} >dags/a.dag
	dagparse --check a
	queue a schedule 2026-01-01
	dagexec -q -j 3 --drain
	# what wants another pool goes on
	equal "$(sed '/heavy/q' ledger | xargs)" 'first end heavy'
	# one that could never have them keeps nothing
	rm ledger
	queue a schedule 2026-01-02
	rm fifo
	mkfifo fifo
	dagq -q --pool db=1
	run dagexec -q -j 3 --drain
	equal "$(grep -c small ledger)" 4
	run -1 grep heavy ledger
}

@test "pools: a weight above the size is refused when the run is made" {
	dagq -q --pool db=2
	printf '[task t]\npool = db:3\nrun = true\n' >dags/a.dag
	dagsched --run a >due
	run -1 dagq <due
	equal "$output" "dagq: stdin:3: $T/dags/a.dag:2:8: a/t: it wants 3 slots of the pool \"db\", which has 2: dagq --pool db=3"
	equal "$(ls "$DAG_SPOOL/runs/a")" ""
	dagq -q --pool db=3
	dagq -q <due
	dagexec -q --drain
}

@test "hold: waits for a person, who can say why, and that is kept" {
	printf '[task ask]\nhold = yes\nrun = echo released\n[task then]\nafter = ask\nrun = true\n' >dags/a.dag
	queue a schedule 2026-01-01
	dagexec -q --drain
	[[ $(dagstat -q --why a/@/ask) == *'it is held'*'dagq --release'* ]]
	LOGNAME=kim dagq -q --release --note 'seen by two' a/@/ask
	dagexec -q --drain
	cd "$DAG_SPOOL/runs/a/2026-01-01T0000Z"
	[ -e @success ]
	grep -q '	release	user=kim	note=seen by two$' ask.success
}
