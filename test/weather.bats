#!/usr/bin/env bats
# weather: the demo's claims, on a month of it.

load helper

# the weather's DAGs with their data in $T/w, and a pool; tasks work there
weather() {
	mkdir "$T/w"
	cp "$ROOT"/examples/weather/* "$T/w"
	export DAG_PATH=$T/w
	dagq --pool sqlite=1
}

# month: queues January 2012; prints what is new
month() {
	dagsched -q --backfill 2012-01 weather | dagq -v
	dagsched -q --backfill 2012-02 monthly | dagq -v
}

sums_db() {
	sqlite3 -readonly -separator ' ' w/weather.db "
	    SELECT count(*), printf('%.1f', sum(precipitation)),
	        printf('%.1f', sum(temp_max)), printf('%.1f', sum(temp_min)),
	        printf('%.1f', sum(wind)) FROM day"
}

sums_csv() {
	awk -F, -v month="$1" 'index($1, month) == 1 {
	        n++; p += $2; h += $3; l += $4; w += $5 }
	    END { printf "%d %.1f %.1f %.1f %.1f\n", n, p, h, l, w }' \
	    "$ROOT/examples/weather/seattle-weather.csv"
}

# good: all has ended well, and the database holds what the CSV does
good() {
	equal "$(sums_db)" "$(sums_csv 2012-01)"
	equal "$(dagstat -q --failed)" ""
	run dagq --check
	equal "$output" ""
	[ "$status" = 0 ]
	[ "$(ls spool/runs/weather/*/@success | wc -l)" = 31 ]
	[ -s w/reports/2012-01.svg ]
	equal "$(sqlite3 w/weather.db 'SELECT * FROM month')" \
	    "2012-01|31|173.3|12.8|-3.3"
}

@test "weather: a month goes from the CSV into the database and the report" {
	weather
	[ "$(month | wc -l)" = 32 ]
	dagexec -j 2 --drain
	good
	grep -q '^2012-01  31    173.3' w/reports/2012-01.txt
}

@test "weather: the same backfill again queues nothing" {
	weather
	month
	equal "$(month)" ""
	dagexec -j 2 --drain
	equal "$(month)" ""
	ls -R spool/runs >before
	dagexec -j 2 --drain
	ls -R spool/runs >after
	cmp before after
}

@test "weather: the report waits for a day that is missing, and says so" {
	weather
	dagsched -q --backfill 2012-01-01..2012-01-30 weather | dagq
	dagsched -q --backfill 2012-02 monthly | dagq
	dagexec -j 2 --drain &
	pid=$!
	dagstat --wait 'weather/2012-01-30'
	[ ! -e w/reports ]
	run dagstat --why monthly/2012-02/report
	[[ $output == *days* ]]
	dagsched -q --backfill 2012-01-31 weather | dagq
	wait $pid
	good
}

@test "weather: a day with bad numbers fails, and is not loaded" {
	weather
	sed -i 's/^2012-01-05,1.3,8.9/2012-01-05,1.3,x/' w/seattle-weather.csv
	dagsched -q --backfill 2012-01-04..2012-01-06 weather | dagq
	run -1 dagexec -j 2 --drain
	equal "$(sqlite3 w/weather.db 'SELECT date FROM day')" \
	    "$(printf '2012-01-04\n2012-01-06')"
	[ "$(dagstat -q --failed | grep -vc '^#')" = 1 ]
	run dagstat --log weather/2012-01-05/check
	[[ $output == *'2012-01-05: temp_max is "x", not a number'* ]]
	cp "$ROOT/examples/weather/seattle-weather.csv" w
	dagstat --failed | dagq --rerun --upstream
	dagexec -j 2 --drain
	[ "$(sqlite3 w/weather.db 'SELECT count(*) FROM day')" = 3 ]
	equal "$(dagstat -q --failed)" ""
}

@test "weather: dagexec killed in mid-run, another one ends it the same" {
	weather
	month
	for day in 05 10 15; do
		dagexec -j 2 --drain &
		pid=$!
		dagstat --wait "weather/2012-01-$day/load"
		kill -9 $pid
		wait $pid || :
	done
	dagexec -j 2 --drain
	good
}

@test "weather: supervisors killed too, the tasks are done again" {
	weather
	month
	for day in 05 10; do
		dagexec -j 2 --drain &
		pid=$!
		dagstat --wait "weather/2012-01-$day/load"
		kill -9 $pid $(ls spool/workers) || :
		wait $pid || :
	done
	dagexec -j 2 --drain
	good
}

@test "weather: dagexec told to stop leaves what runs to its supervisor" {
	weather
	month
	dagexec -j 2 --drain &
	pid=$!
	dagstat --wait weather/2012-01-05/load
	kill -TERM $pid
	wait $pid
	dagexec -j 2 --drain
	good
}

@test "weather: make demo's script says in the end that there is nothing to do" {
	[ -n "${DAG_DEMO:-}" ] || skip "it takes a minute: DAG_DEMO=1 asks for it"
	"$ROOT/examples/weather/demo" "$T/demo"
	run "$ROOT/examples/weather/demo" "$T/demo"
	[[ $output == *"There is nothing to do"* ]]
}
