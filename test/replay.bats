#!/usr/bin/env bats
# replay: dagexec --replay runs an archived run again, elsewhere.

load helper

RUN=etl/2012-01-31T0000Z

# an archived run of two tasks, of which nothing else is left
fixture() {
	mkdir place
	cat >dags/etl.dag <<-END
		[dag]
		schedule = @daily
		timezone = UTC
		workdir  = $T/place
		[task get]
		pool = db:2
		run = echo \$DAG_TIME \$DAG_PARAM_p; echo v=7 > "\$DAG_OUT"
		[task put]
		after = get
		workdir = in
		run = echo \$DAG_FROM_get_v \$PWD; exit \${CODE:-0}
	END
	mkdir place/in
	dagq --pool db=3
	dagsched --backfill 2012-01-31 etl | sed 's/cause=backfill/&	param.p=x/' |
		dagq
	dagexec --drain
	dagq -q --archive $RUN
	rm dags/etl.dag
}

# record SPOOL: how the run came to be, but for the moment
record() {
	sed 's/	created=[^	]*//' "$1/runs/$RUN/run"
}

@test "replay: runs it again in a new spool, and touches nothing of the old one" {
	fixture
	find spool dags place -printf '%p %i %s %T@\n' | sort >before
	run -0 --separate-stderr dagexec --replay $RUN --into new
	equal "$output" "get | 2012-01-31T00:00:00Z x
put | 7 $T/place/in"
	equal "$stderr" "dagexec: $RUN: replayed in the spool $T/new"
	find spool dags place -printf '%p %i %s %T@\n' | sort | cmp before -
	tar xzOf "spool/archive/$RUN.tar.gz" "${RUN#*/}/run" |
		sed 's/	created=[^	]*//' >was
	equal "$(record new | tr '\t' '\n' | sort)" "$(tr '\t' '\n' <was | sort)"
	tar xzOf "spool/archive/$RUN.tar.gz" "${RUN#*/}/plan" |
		cmp - "new/runs/$RUN/plan"
	equal "$(ls new/pools/db)" "1
2"
	run -0 dagq --check --spool new
}

@test "replay: without --into says which directory it has made" {
	fixture
	mkdir tmp
	run -0 --separate-stderr env TMPDIR="$T/tmp" dagexec -q --replay $RUN
	equal "$stderr" "dagexec: $RUN: replayed in the spool $(echo "$T"/tmp/*)"
	equal "$(ls tmp/*/runs/etl)" "${RUN#*/}"
}

@test "replay: ends as the run ends, and says how to go on" {
	fixture
	CODE=3 run -1 --separate-stderr dagexec --replay etl/2012 --into new
	equal "$stderr" "dagexec: $RUN: replayed in the spool $T/new
dagexec: put: failed
dagexec: $RUN: failed; dagstat --spool $T/new $RUN shows it, dagq --spool $T/new --rerun $RUN/TASK goes on"
	dagq --spool new --rerun $RUN/put
	dagexec --spool new --drain
	equal "$(dagstat --spool new -q -o state $RUN/put)" success
}

@test "replay: an archive from another machine, by its path, works elsewhere" {
	fixture
	mv "spool/archive/$RUN.tar.gz" from-afar.tar.gz
	rm -r spool place
	run -1 --separate-stderr dagexec --replay from-afar.tar.gz --into new
	equal "$stderr" "dagexec: from-afar.tar.gz: its tasks worked in $T/place, which is not here: --workdir DIR says where they are to"
	[ ! -e new ]
	mkdir -p here/in
	ln -s here there
	run -0 --separate-stderr dagexec -q --replay ./from-afar.tar.gz \
	    --workdir there --into new
	equal "$output" "get | 2012-01-31T00:00:00Z x
put | 7 $T/here/in"
	equal "$stderr" ""
	[ ! -e spool ]
}

@test "replay: interrupted, it kills what runs" {
	printf '[task a]\nrun = echo $$ >pid; [ -e "$FLAG" ] || exec sleep 600\n' \
	    >dags/k.dag
	touch flag
	FLAG=$T/flag DAG_NOW=2012-01-31T00:00:00Z dagexec k
	dagq -q --archive k/@
	rm flag dags/pid
	FLAG=$T/flag dagexec --replay k/@ --into new 2>err 3>&- &
	until [ -s dags/pid ]; do sleep .02; done
	kill -INT $!
	status=0
	wait $! || status=$?
	[ "$status" = 1 ]
	gone "$(cat dags/pid)"
	equal "$(dagstat --spool new -q -o state k/@/a)" failed
}

# refused MESSAGE ARG...: exit 1, and nothing is made
refused() {
	local message=$1
	shift
	run -1 --separate-stderr dagexec --replay --into new "$@"
	equal "$stderr" "dagexec: $message"
	equal "$output" ""
	[ ! -e new ]
}

# pack FILE...: an archive of these
pack() {
	tar czf x.tar.gz "$@"
}

@test "replay: what is no archived run is refused, and nothing is made" {
	fixture
	refused "nosuch/@: there is no DAG nosuch here" nosuch/@
	refused "etl: one run is wanted, DAG/RUN" etl
	refused "etl/@/get: one run is wanted, DAG/RUN" etl/@/get
	refused "no.tar.gz: No such file or directory" no.tar.gz
	mkdir d.tar.gz
	refused "d.tar.gz: not a regular file" d.tar.gz
	head -c 300 "spool/archive/$RUN.tar.gz" >cut.tar.gz
	refused "cut.tar.gz: it is cut short" cut.tar.gz
	tar xzf "spool/archive/$RUN.tar.gz"
	mkdir other
	cp "${RUN#*/}/run" other
	pack "${RUN#*/}"/run other/run
	refused "x.tar.gz: it is no archive of a run" x.tar.gz
	pack "${RUN#*/}"/run
	refused "x.tar.gz: it is no archive of a run" x.tar.gz
	sed -i 's,etl/2012-01-31,etl/2012-01-30,' "${RUN#*/}"/run
	pack "${RUN#*/}"/run "${RUN#*/}"/plan
	refused "x.tar.gz: the run's record is damaged" x.tar.gz
	ln -sf /etc/passwd "${RUN#*/}"/run
	pack "${RUN#*/}"/run "${RUN#*/}"/plan
	refused "x.tar.gz: a member is not a regular file" x.tar.gz
	dagq -q --rerun $RUN/put
	refused "$RUN: not archived; dagq --archive $RUN does that, once it has ended" \
	    etl/@
}

@test "replay: a directory that has something in it is refused; usage" {
	fixture
	run -1 --separate-stderr dagexec --replay $RUN --into place
	equal "$stderr" "dagexec: --into place: it is not empty"
	run -1 --separate-stderr dagexec --replay $RUN --into new --workdir nosuch
	equal "$stderr" "dagexec: --workdir nosuch: No such file or directory"
	[ ! -e new ]
	run -2 --separate-stderr dagexec --replay
	equal "$stderr" "dagexec: --replay: one run is wanted, its ID or the path of its archive"
	run -2 --separate-stderr dagexec --replay --drain $RUN
	equal "$stderr" "dagexec: --drain and --single do not go with --replay"
	run -2 --separate-stderr dagexec --into new
	equal "$stderr" "dagexec: --into and --workdir are for --replay"
}
