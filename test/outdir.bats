#!/usr/bin/env bats
# outdir: values and whole files: shown, of one attempt, kept in the archive.

load helper

@test "outdir: files of any size are shown, archived and brought back" {
	cat >dags/a.dag <<-END
	[task big]
	run =
	    head -c 3000000 /dev/zero >"\$DAG_OUTDIR/zeros"
	    echo text >"\$DAG_OUTDIR/a name"
	    printf 'k=v\nl=a\tb\n' >>"\$DAG_OUT"
	[task plain]
	run = [ -z "\$DAG_OUT"DIR ] || true
	END
	id=$(dagsched --run a | dagq -v 2>&1)
	dagexec -q --drain
	want="$id/big	k	v
$id/big	l	a\\tb
$id/big	files/big/a name	5
$id/big	files/big/zeros	3000000"
	equal "$(dagstat --values "$id")" "$want"
	equal "$(ls "$DAG_SPOOL/runs/$id/files")" big
	dagq -q --archive "$id"
	[ ! -e "$DAG_SPOOL/runs/$id" ]
	equal "$(ls "$DAG_SPOOL/tmp")" ""
	equal "$(dagstat --values "$id/big")" "$want"
	dagq -q --rerun "$id/plain"
	dagexec -q --drain
	equal "$(dagstat --values "$id/big")" "$want"
	cmp "$DAG_SPOOL/runs/$id/files/big/zeros" <(head -c 3000000 /dev/zero)
	equal "$(dagq --check 2>&1)" ""
	dagq -q --rerun --latest "$id/plain"
	equal "$(dagstat --values "$id/big")" "$want"
}

@test "outdir: an attempt finds its own empty; a map has one an instance" {
	cat >dags/a.dag <<-END
	[task m]
	each    = x y
	retries = 1
	run     =
	    echo "\$DAG_ATTEMPT" >"\$DAG_OUTDIR/at-\$DAG_ATTEMPT"
	    [ "\$DAG_ITEM.\$DAG_ATTEMPT" != y.1 ]
	[task j]
	after = m
	run   = cd "\$DAG_RUNDIR/files" && echo */* >>$T/ran
	END
	dagsched --run a | dagq -q
	dagexec -q -j1 --drain || [ $? = 1 ]
	equal "$(cat ran)" 'm+x/at-1 m+y/at-2'
}
