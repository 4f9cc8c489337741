#!/usr/bin/env bats
# notify: who is told of what, by the outbox, at least once.

load helper

# queue NAME: a manual run of it
queue() { dagsched --run "$1" | dagq; }

# sink KIND: a server; its port
sink() {
	"$ROOT/test/sink" "$1" "$T/$1.port" "$T/$1.out" >/dev/null 3>&- &
	for _ in $(seq 500); do
		[ ! -e "$T/$1.port" ] || break
		read -r -t 0.02 <> <(:) || :
	done
	cat "$T/$1.port"
}

# left: how many notices are in the outbox, and among the undeliverable
left() { echo "$(ls "$DAG_SPOOL/outbox" | wc -l) $(ls "$DAG_SPOOL/undelivered" | wc -l)"; }

@test "notify: once a task after its last attempt, once a run, and in between if asked" {
	cat >dags/t.dag <<-'EOF'
	[dag]
	notify = echo "$DAG_ID $DAG_EVENT $DAG_STATE $DAG_CAUSE ${DAG_LOG##*/}" >> ledger
	notify-on = success failure retry
	run-retries = 1
	[default]
	notify = echo "$DAG_TASK.$DAG_ATTEMPT $DAG_EVENT $DAG_STATE exit=$DAG_EXIT $DAG_CAUSE ${DAG_LOG##*/}" >> ledger
	notify-on = skip retry failure
	[task good]
	run = true
	[task told]
	notify-on = success
	run = true
	[task mute]
	notify =
	notify-on =
	run = false
	[task skips]
	run = exit 99
	[task tries]
	retries = 1
	run = exit 3
	[task dies]
	run = kill -9 $$
	EOF
	queue t
	run -1 dagexec -q -j1 --drain
	equal "$(sed 's,t/[^ ]*,RUN,' dags/ledger | sort)" "RUN failure failed mute tries dies mute.2
RUN retry failed mute tries dies mute.1
dies.1 failure failed exit=KILL signal dies.1
dies.2 failure failed exit=KILL signal dies.2
skips.1 skip skipped exit=99 exit skips.1
told.1 success success exit=0 exit told.1
tries.1 retry failed exit=3 exit tries.1
tries.2 failure failed exit=3 exit tries.2
tries.3 retry failed exit=3 exit tries.3
tries.4 failure failed exit=3 exit tries.4"
	equal "$(left)" "0 0"
	equal "$(dagq --check)" ""
}

@test "notify: a deadline is told of, of what never began too" {
	cat >dags/t.dag <<-EOF
	[dag]
	end-by = 0s
	notify = echo "\$DAG_ID \$DAG_EVENT \$DAG_STATE \$DAG_CAUSE" >> $T/told
	notify-on = deadline
	[task a]
	start-by = 0s skip
	notify = echo "\$DAG_TASK \$DAG_EVENT \$DAG_STATE \$DAG_CAUSE" >> $T/told
	notify-on = deadline
	hold = yes
	run = true
	EOF
	DAG_NOW=2026-01-01T00:00:00Z queue t
	DAG_NOW=2026-01-01T00:00:05Z dagexec -q --drain
	equal "$(sort told)" "a deadline skipped start-by
t/2026-01-01T0000Z-manual deadline late run-end-by"
}

@test "notify: without notify-on of failures; a wrong event, or one without notify, is refused" {
	printf '[default]\nnotify = echo $DAG_TASK >> ledger\n[task a]\nrun = true\n[task b]\nrun = false\n' >dags/t.dag
	queue t
	run -1 dagexec -q -j1 --drain
	equal "$(cat dags/ledger)" b
	printf '[dag]\nnotify-on = success\n[task a]\nnotify-on = faliure\nrun = true\n[task b]\nrun = true\nnotify-on = skip\n' >bad.dag
	printf '[dag]\nnotify = true\nnotify-on = skip\n[task a]\nrun = true\n' >worse.dag
	run --separate-stderr dagparse --check bad.dag worse.dag
	equal "$stderr" 'dagparse: bad.dag:2:13: there is "notify-on", but no "notify" that says what is to be run then
dagparse: bad.dag:4:13: notify-on: "faliure" is none of success, failure, retry, skip, deadline, lost; did you mean "failure"?
dagparse: bad.dag:4:13: there is "notify-on", but no "notify" that says what is to be run then
dagparse: bad.dag:8:13: there is "notify-on", but no "notify" that says what is to be run then
dagparse: worse.dag:3:13: notify-on: a run is neither skipped nor lost: in [dag] there are success, failure, retry and deadline'
}

@test "notify: what is in vain is tried again, later and later, and then is undeliverable" {
	printf '[dag]\nnotify = echo try >> ledger; echo "no such host" >&2; exit 7\nnotify-on = success\n[task a]\nrun = true\n' >dags/t.dag
	queue t
	run --separate-stderr dagexec --drain
	equal "$status $stderr" "0 dagexec: 1 notice is not delivered yet: the next dagexec tries again"
	grep -qx '# 1 notice is not delivered yet: outbox/' <(dagstat)
	dagexec -q --drain
	equal "$(cat dags/ledger)" try
	# eleven more, with pauses of 30 s to 1 h between
	now=$(date +%s)
	for pause in 31 61 121 241 481 961 1921 3601 3601 3601 3601; do
		now=$((now + pause))
		DAG_NOW=$(date -u -d "@$now" +%Y-%m-%dT%H:%M:%SZ) \
		    dagexec -q --drain
	done
	equal "$(wc -l <dags/ledger)" 12
	equal "$(left)" "0 1"
	grep -qx '# 1 notice could not be delivered: undelivered/' <(dagstat)
	grep -q '	said=no such host$' "$DAG_SPOOL"/undelivered/*
	equal "$(dagq --check)" ""
	# put back, it is tried again
	sed -i 's/exit 7/exit 0/' "$DAG_SPOOL"/undelivered/*
	mv "$DAG_SPOOL"/undelivered/* "$DAG_SPOOL/outbox"
	dagexec -q --drain
	equal "$(left) $(wc -l <dags/ledger)" "0 0 13"
}

@test "notify: a task that was lost is told of, and what did not happen is not" {
	cat >dags/t.dag <<-EOF
	[task a]
	notify = echo "\$DAG_TASK.\$DAG_ATTEMPT \$DAG_EVENT \$DAG_STATE \$DAG_CAUSE" >> $T/told
	notify-on = success lost
	retries = 1
	run = [ "\$DAG_ATTEMPT" = 2 ] || { kill -KILL \$PPID; sleep 20; }
	EOF
	queue t
	dagexec -q -j1 --drain
	equal "$(cat told)" "a.1 lost failed lost
a.2 success success exit"
	# a supervisor that dies behind the notice, before the rename
	rm -rf "$DAG_SPOOL" told
	sed -i 's/^run.*/run = true/; s/^retries.*/retries = 99/' dags/t.dag
	queue t
	strace -f -o trace -e trace=renameat2 -e \
	    inject=renameat2:error=EIO:signal=KILL:when=2 \
	    dagexec -q -j1 --drain || :
	grep -q 'killed by SIGKILL' trace
	dagexec -q -j1 --drain
	n=$(wc -l <told)
	[ "$n" -ge 2 ]
	equal "$(cat told)" "$(for i in $(seq $((n - 1))); do
		echo "a.$i lost failed lost"
	done; echo "a.$n success success exit")"
	equal "$(left)" "0 0"
}

@test "notify: killed at any moment of the delivery, it is told at least once" {
	printf '[dag]\nnotify = echo told >> told; kill -KILL $PPID\nnotify-on = success\n[task a]\nrun = true\n' >dags/t.dag
	queue t
	dagexec -q --drain || :
	[ "$(wc -l <dags/told)" -ge 1 ]
	equal "$(left)" "1 0"
	sed -i 's/; kill -KILL $PPID//' "$DAG_SPOOL"/outbox/*
	dagexec -q --drain
	equal "$(left)" "0 0"
}

@test "notify: it holds no slot, and has no secret" {
	mkfifo go
	printf hush >secret
	cat >dags/t.dag <<-EOF
	[task a]
	secret = S=file:$T/secret
	notify = env > $T/env; cat $T/go
	notify-on = success
	run = [ \${#S} = 4 ]
	[task b]
	after = a
	run = echo go > $T/go
	EOF
	queue t
	dagexec -q -j1 --drain
	run ! grep -r hush env "$DAG_SPOOL"
	equal "$(left)" "0 0"
}

@test "outbox: what is not ours there is told, and set aside" {
	dagq </dev/null
	dagexec --drain
	echo x >"$DAG_SPOOL/outbox/x"
	echo y >"$DAG_SPOOL/undelivered/t@2026-01-01T0000Z.@failure"
	run -1 dagq -q --check
	equal "$output" "outbox/x	not a name of ours: DAG@RUN.TASK.N.EVENT is
undelivered/t@2026-01-01T0000Z.@failure	not a notice"
	dagq -q --repair
	equal "$(dagq --check)" ""
	equal "$(left)" "0 0"
}

@test "share/notify: mail, by sendmail or to a server, webhook and slack, each heard by a real one" {
	export MAIL_SERVER=smtp://127.0.0.1:$(sink smtp) MAIL_FROM=dag@example.org
	export SLACK_URL=http://127.0.0.1:$(sink http)/services/T0/B0 PATH=$ROOT/share/notify:$PATH
	cat >dags/t.dag <<-'EOF'
	[default]
	run = printf 'it says "no"\n.\nthe <end>\n'; exit 3
	[task a]
	notify = mail ops@example.org boss@example.org
	[task b]
	notify = webhook "${SLACK_URL%/services*}/x?y=1"
	[task c]
	notify = slack
	[task d]
	notify = MAIL_SERVER= SENDMAIL=./sendmail mail ops@example.org
	EOF
	printf '#!/bin/sh\necho "$@"\ncat\n' >dags/sendmail
	sed -i 's/^echo.*/{ &/; s/^cat/cat; } > sent/' dags/sendmail
	chmod +x dags/sendmail
	touch smtp.out.refuse http.out.refuse
	queue t
	run -1 dagexec -q -j1 --drain
	equal "$(left)" "3 0"
	rm smtp.out.refuse http.out.refuse
	DAG_NOW=$(date -u -d +40sec +%Y-%m-%dT%H:%M:%SZ) dagexec -q --drain
	equal "$(left)" "0 0"
	id=$(dagstat -q -o id t/@ | sed 's,/a$,,;q')
	equal "$(sed '/^Date: /d; s/ SIZE=.*//' smtp.out)" "MAIL FROM:<dag@example.org>
RCPT TO:<ops@example.org>
RCPT TO:<boss@example.org>
From: dag@example.org
To: ops@example.org, boss@example.org
Subject: failed: $id/a
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

$id/a: failed, exit 3, exit

$T/spool/runs/$id/log/a.1

it says \"no\"
.
the <end>"
	sed -n 's/^[^ ]* //p' http.out | jq -s . >/dev/null
	equal "$(sed 's/"time":"[^"]*"/"time":""/' http.out | sort)" "/services/T0/B0 {\"text\":\":x: $id/c: failed, exit 3, exit\"}
/x?y=1 {\"id\":\"$id/b\",\"event\":\"failure\",\"state\":\"failed\",\"attempt\":\"1\",\"exit\":\"3\",\"cause\":\"exit\",\"time\":\"\",\"log\":\"$T/spool/runs/$id/log/b.1\"}"
	equal "$(sed -n '1p; s/^Subject: //p' dags/sent)" "-i -f dag@example.org -- ops@example.org
failed: $id/d"
}
