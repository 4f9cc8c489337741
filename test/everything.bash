# everything: a spool that has everything in it, for tests to damage.

# everything: runs that ended, wait, are ready; lists, values, files, an archive,
# a pool, a backfill, a paused DAG, notices, a batch; in $T/spool
everything() {
	export DAG_NOW=2026-01-03T01:00:00Z
	cat >dags/x.dag <<-END
	[dag]
	schedule = 0 0 * * *
	timezone = UTC
	start = 2026-01-01
	notify = false
	[task one]
	produces = thing
	run =
	    printf 'item=%s\n' p q >>"\$DAG_OUT"
	    echo kept >"\$DAG_OUTDIR/f"
	[task many]
	after = one
	each = one.item
	run = true
	[task two]
	needs = $T/wanted-\$DAG_DATE
	run = true
	END
	sed '/^needs/d; /^notify/d' dags/x.dag >dags/y.dag
	sed 's/^notify.*/notify-on = success/' dags/x.dag >dags/z.dag
	sed -i '/^needs/d; s/^notify-on/notify = false\n&/' dags/z.dag
	touch wanted-2026-01-01
	dagq --sync none --pool p=2
	dagsched -q --backfill 2026-01-01..2026-01-02 x | dagq --sync none
	dagsched -q --backfill 2026-01-01 z | dagq --sync none
	dagsched -q --backfill 2026-01-01..2026-01-03 --name b --max-active 1 \
	    y | dagq --sync none
	timeout 60 dagexec -q -j2 --drain --sync none
	dagq -q --sync none --archive y/2026-01-01
	dagq -q --sync none --pause y
	dagsched -q --backfill 2026-01-02 z | dagq --sync none
	cp -p spool/outbox/* spool/undelivered/
	batch=spool/launch/here.0123456789abcdef
	mkdir $batch
	printf 'batch\t%s\ttasks=1\tpack=1\telements=1\n' "${batch##*/}" \
	    >$batch/batch
	echo z@2026-01-02T0000Z.one >$batch/tasks
	echo 17 >$batch/id
	printf 'engine\there\tasked=1\taway=0\ttries=1\ttext=\n' \
	    >spool/launch/here
	: >spool/launch/down.some.host
}
