#!/usr/bin/env bats
# words: what others have a word for: dag(5)'s table, each row run.
#
# A file in test/words is a row: theirs, ours, and what becomes of its tasks.

load helper

# rows: the table, as the files have it
rows() {
	for file in "$ROOT"/test/words/*.dag; do
		sed -n '1s/^# //p' "$file"
		sed -n '2s/^# //p' "$file"
	done
}

@test "words: dag(5) has the rows that are run, and no others" {
	equal "$(sed -n '/^\.\\" test\/words$/,/^\.El$/p' \
	    "$ROOT/share/man/man5/dag.5" |
	    sed -n 's/^\.It //p; t; /^[^.]/p')" "$(rows)"
	for word in Airflow Azkaban Digdag Luigi Oozie; do
		[ "$(rows | grep -c "$word")" -ge 5 ]
	done
}

@test "words: each row's example comes to what it says" {
	cp "$ROOT"/test/words/*.dag dags
	chmod go-w dags/*.dag
	dagparse --check
	dagq --pool one=1
	for file in dags/*.dag; do
		name=$(basename "$file" .dag)
		dagsched --run "$name"
	done | dagq -q
	dagexec -q -j4 --drain || [ $? = 1 ]
	for file in dags/*.dag; do
		name=$(basename "$file" .dag)
		echo "$name: $(dagstat -q -o task,state "$name/@/*" |
		    awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2 }')"
	done >got
	for file in dags/*.dag; do
		echo "$(basename "$file" .dag): $(sed -n '3s/^# //p' "$file")"
	done >wanted
	equal "$(cat got)" "$(cat wanted)"
	[ -e dags/told ]
	equal "$(cat dags/atomic.txt)" new
	# of the slots that are past, the latest-only task is skipped
	{
		dagparse latestonly
		printf 'run\tlatestonly/%s\ttime=%s\tcause=backfill\n' \
		    2001-01-01T0000Z 2001-01-01T00:00:00Z
	} | dagq -q
	dagexec -q --drain
	equal "$(dagstat -q -o task,state latestonly/2001-01-01/\* |
	    awk '{ print $1, $2 }')" 'all success
latest skipped'
}
