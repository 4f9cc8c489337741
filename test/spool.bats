#!/usr/bin/env bats
# spool: the moves of dagspool(5): those there are, those refused, and races.

load helper

dag() { cat > "$T/dags/$1.dag"; }

# queue NAME: a run at midnight UTC
queue() {
	{
		dagparse "$1"
		printf 'run\t%s/2026-01-01T0000Z\ttime=2026-01-01T00:00:00Z\tcause=manual\n' "$1"
	} | dagq
}

@test "spool: each move of the state table works once, and no other is made" {
	"$(dirname "$BIN")/test/moves" > tap || { grep -v '^ok' tap; return 1; }
	equal "$(tail -n 1 tap)" 1..68
	equal "$(grep -c '^ok ' tap)" 68
}

@test "spool: two or more claimers run each task exactly once" {
	for i in $(seq 400); do
		printf '[task t%d]\nrun = echo %d >> %s/ledger\n' "$i" "$i" "$T"
	done > dags/race.dag
	queue race
	pids=
	for i in 1 2 3 4; do
		dagexec -j2 --drain --sync none & pids="$pids $!"
	done
	for p in $pids; do
		wait "$p"
	done
	equal "$(sort -n ledger | uniq | wc -l)" 400
	equal "$(wc -l < ledger)" 400
	equal "$(dagq --check)" ""
}

@test "spool: two dagq with the same records make each run once" {
	dag d <<-'EOF'
	[task a]
	run = true
	EOF
	{
		dagparse d
		for i in $(seq 0 99); do
			day=$(date -u -d "2026-01-01 +$i days" +%F)
			printf 'run\td/%sT0000Z\ttime=%sT00:00:00Z\tcause=backfill\n' "$day" "$day"
		done
	} > records
	dagq -v < records > one & pid=$!
	dagq -v < records > two
	wait $pid
	equal "$(sort one two | uniq -d)" ""
	equal "$(cat one two | wc -l)" 100
	equal "$(ls "$DAG_SPOOL/runs/d" | wc -l)" 100
	equal "$(dagq --check)" ""
}

@test "spool: what a dead dagq was building is cleared away by the next" {
	dagq </dev/null
	mkdir -p "$DAG_SPOOL/tmp/run.999999.0/log"
	: > "$DAG_SPOOL/tmp/run.999999.0/a.waiting"
	: > "$DAG_SPOOL/tmp/plan.999999"
	: > "$DAG_SPOOL/workers/999999"
	# who only looks leaves it, and says nothing of it
	equal "$(dagq --check)" ""
	[ -d "$DAG_SPOOL/tmp/run.999999.0" ]
	dagq </dev/null
	equal "$(ls "$DAG_SPOOL/tmp" "$DAG_SPOOL/workers")" "$DAG_SPOOL/tmp:

$DAG_SPOOL/workers:"
}

@test "spool: a directory that is something else is not made one" {
	mkdir -m 700 other
	: >other/file
	for command in "dagexec --drain" "dagq --check" dagsched dagstat; do
		run -1 $command --spool other
		equal "$output" "${command%% *}: spool other: it is no spool, and not empty"
	done
	equal "$(ls other)" file
	mkdir -m 700 half half/tmp half/lost+found
	dagq --spool half --pool one=1
	equal "$(ls half/pools)" one
}

@test "spool: one that was made in part is made whole by the next program" {
	dagq </dev/null
	whole=$(ls "$DAG_SPOOL")
	rmdir "$DAG_SPOOL"/{dags,pools,backfills,assets,history}
	dagexec -q --drain
	equal "$(ls "$DAG_SPOOL")" "$whole"
}
