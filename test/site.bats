#!/usr/bin/env bats
# site: the pages of dagstat --html: whole, linked, escaped, fresh.

load helper
load byhand

R30=w/2012-01-30T0000Z R31=w/2012-01-31T0000Z

# text PATH XPATH: what a page says there
text() {
	xmllint --xpath "string($2)" "site/$1" | tr -s ' \n' ' ' |
		sed 's/^ //; s/ $//'
}

# well: each page is well-formed, and each of its links leads to a file
well() {
	find site -name '*.html' -print0 | xargs -0 xmllint --noout
	grep -roE '(href|src)="[^"]*"' --include='*.html' site |
		sed -E 's,[^/]*:(href|src)=",,; s/"$//; s/%2B/+/g' |
		grep -vE '(#main|data:,)$' | sort -u >links
	[ -s links ]
	while read -r link; do
		[ -e "$link" ] || { echo "$link"; return 1; }
	done <links
}

@test "site: overview, DAG, run and task, well-formed, with links that lead on" {
	by_hand
	run --separate-stderr dagstat --html site -v
	equal "$stderr" "dagstat: site: 15 pages written, 2 runs read"
	[ "$status" = 0 ]
	well
	equal "$(cd site && find . -type f | sort)" "./index.html
./script.js
./search.js
./style.css
./w/2012-01-30T0000Z.html
./w/2012-01-30T0000Z/check.html
./w/2012-01-30T0000Z/get.html
./w/2012-01-30T0000Z/put.html
./w/2012-01-30T0000Z/tell.html
./w/2012-01-31T0000Z.html
./w/2012-01-31T0000Z/check.html
./w/2012-01-31T0000Z/get.html
./w/2012-01-31T0000Z/put.html
./w/2012-01-31T0000Z/tell.html
./w/index.html"
}

@test "site: what failed, why, and what was not run because of it" {
	by_hand
	printf '| bad row\n|  \n' >>spool/runs/$R30/check.failed
	dagstat --html site
	equal "$(text index.html '//*[@class="alert"]')" \
	    "What needs attention $R30 check failed: exit 3, after 2 attempts, 2012-02-01 00:00:03Z bad row $R31 holds 1 task"
	equal "$(text w/index.html '//*[@class="alert"]')" \
	    "What failed 2012-01-30T0000Z check failed: exit 3, after 2 attempts, 2012-02-01 00:00:03Z bad row"
	equal "$(text $R30.html '//*[@class="alert"]')" \
	    "What failed check failed: exit 3, after 2 attempts, 2012-02-01 00:00:03Zbad row 2 tasks were not run because of that: put, tell"
	equal "$(text $R30/check.html '(//pre)[1]')" "third"
	equal "$(text $R30/check.html '//details')" \
	    "Log of attempt 1 first second"
	equal "$(text $R30/put.html '//*[@class="why"]')" \
	    "$(dagstat --json --why $R30/put | jq -r '.[0].why')"
	equal "$(text $R31.html '//h1')" "2012-01-31T0000Z ▸ active"
	equal "$(text $R31/tell.html '//h1')" "tell ‖ held"
}

@test "site: when the next run is, by today's file; what was missed; its errors" {
	by_hand
	printf '%s\n' '[dag]' 'schedule = 30 4 * * *' 'timezone = UTC' \
	    '[task get]' 'run = true' >dags/w.dag
	printf '%s\n' 'missed	w/2012-01-01T0000Z	reason=long ago' \
	    'run	w/x	state=success	end=2012-01-20T00:00:00.000Z' \
	    'missed	w/2012-01-25T0000Z	reason=<b>	to=2012-01-29T00:00:00Z	count=5' \
	    'run	w/2012-01-30T0000Z	state=failed	end=2012-01-30T01:00:00.000Z' \
	    'missed	w/2012-01-31T0200Z	reason=older than its grace' \
	    >spool/history/w.tsv
	dagstat --html site
	well
	missed="w missed 6 slots in the last 7 days, at last 2012-01-31T0200Z (older than its grace)"
	equal "$(text index.html '//*[@class="alert"]/ul/li[2]')" "$missed"
	equal "$(text w/index.html '(//*[@class="alert"])[1]')" "$missed"
	equal "$(text index.html '//tbody//td[4]')" "2012-02-01 04:30:00Z"
	# a file that is broken, and one that is a program, which is not run
	echo 'retrys = 2' >>dags/w.dag
	sed -i '$d' spool/history/w.tsv
	sed -i 's/tasks=4/&	schedule=0 6 * * *	timezone=UTC/' \
	    spool/runs/*/*/plan
	dagstat --html site
	missed="w missed 5 slots in the last 7 days (<b>)"
	[[ $(text w/index.html '(//*[@class="alert"])[1]') = \
	    'w has an error in its file: w.dag:6: unknown key "retrys"'*" $missed" ]]
	equal "$(text index.html '//tbody//td[4]')" "2012-02-01 06:00:00Z"
	printf '%s\n' '#!/bin/sh' "echo >$T/run" >dags/w.dag
	chmod +x dags/w.dag
	dagstat --html site
	equal "$(text w/index.html '(//*[@class="alert"])[1]')" "$missed"
	[ ! -e run ]
}

@test "site: what failed last is told first; DAGs that have no run yet are there" {
	by_hand
	cp -r spool/runs/w/2012-01-30T0000Z spool/runs/w/2012-01-29T0000Z
	sed -i 's/2012-02-01T00:00:03/2012-02-01T00:00:07/' \
	    spool/runs/w/2012-01-29T0000Z/check.failed
	printf '%s\n' '[dag]' 'schedule = 0 6 * * *' 'timezone = UTC' \
	    'start = 2012-01-01' 'catchup = all' '[task t]' 'run = true' \
	    >dags/new.dag
	echo '[dag' >dags/bad.dag
	for i in 1 2 3; do
		printf 'instance\tw/2012-01-0%dT0000Z/check\tattempt=1\t%s\n' $i \
		    'state=success	exit=0	wall=1.000	end=2012-01-09T00:00:00Z'
	done >spool/history/w.tsv
	dagstat --html site
	well
	xmllint --xpath '//*[@class="alert"]/ul/li/*[1]/text()' \
	    site/index.html >got
	equal "$(cat got)" "w/2012-01-29T0000Z
w/2012-01-30T0000Z
w/2012-01-31T0000Z
bad
w/2012-01-31T0000Z"
	equal "$(text index.html '//*[@class="alert"]/ul/li[3]')" \
	    "$R31 check $(dagstat --json --late $R31 | jq -r '.[].why')"
	equal "$(text index.html '//*[@class="counts"]')" "1 ▸ active"
	[[ $(text index.html '//p') = "3 DAGs in $T/spool on "* ]]
	equal "$(text index.html '//tbody/tr[th="new"]')" \
	    "newno run yet-2012-02-01 06:00:00Z--"
	# slots that nobody made runs of
	DAG_NOW=2012-01-30T00:00:00Z dagsched new | dagq
	dagstat --html site
	equal "$(text index.html '//*[@class="alert"]//li[starts-with(.,"new")]')" \
	    "new has 2 slots without a run, due since 2012-01-30 06:00:00Z: does dagsched run?"
}

@test "site: a timeline shows each attempt, and what --gantt calls critical" {
	by_hand
	printf '2012-02-01T00:00:0%s.000Z\t%s\n' 4 'start	attempt=1' \
	    5 'end	attempt=1	state=waiting	exit=1' 8 'start	attempt=2' \
	    >spool/runs/$R31/check.running.2
	rm spool/runs/$R31/check.running.1
	dagstat --html site
	well
	line="//table[@class='timeline']/tbody/tr[contains(th,'check')]"
	xmllint --xpath "$line//*[local-name()='rect']/@*[name()='class' or \
	    name()='x' or name()='width']" site/$R31.html | tr -d '\n' >got
	equal "$(cat got)" ' class="bar past" x="31.43%" width="11.43%" class="bar" x="77.14%" width="22.86%"'
	equal "$(text $R31.html "$line")" "▸ check, running, critical6.000s"
	equal "$(xmllint --xpath 'count(//tr[contains(@class,"critical")])' \
	    site/$R31.html)" "$(dagstat --gantt $R31 | grep -c '^[*]')"
}

@test "site: of many tasks those that are alike are one box" {
	by_hand
	{
		printf 'dag\tw\ttasks=72\n'
		for i in {1..70}; do printf 'task\tw/s%d\trun=true\n' "$i"; done
		printf 'task\tw/join\tafter=%s\trun=true\n' "$(echo s{1..70})"
		printf 'task\tw/end\tafter=join\trun=true\n'
	} >spool/runs/$R31/plan
	rm spool/runs/$R31/*.*
	for i in {1..70}; do : >spool/runs/$R31/s$i.waiting; done
	: >spool/runs/$R31/join.waiting
	: >spool/runs/$R31/end.waiting
	mv spool/runs/$R31/s9.waiting spool/runs/$R31/s9.failed
	dagstat --html site
	well
	equal "$(xmllint --xpath '//*[@class="graph"]//*[local-name()="text"]/text()' \
	    site/$R31.html)" "· s1 +68
✗ s9
· join
· end"
}

@test "site: names, values, notes and logs stay text" {
	by_hand
	printf '<script>alert(1)</script>&amp;"\033[31m\033]\377\302\205\r\0\342\200\256end\033[0;1m\033[K\r\n' \
	    >spool/runs/$R30/log/check.2
	mkdir spool/runs/$R30/out
	echo "a='><img src=x onerror=alert(2)>" >spool/runs/$R30/out/check
	printf '| </pre><script>alert(3)</script>\n' \
	    >>spool/runs/$R30/check.failed
	printf '%s\thold\tuser=<b>\tnote=<script>alert(4)</script>\n' \
	    2012-02-01T00:00:09.000Z >>spool/runs/$R31/tell.held
	printf 'run\tw/x\ttime=2012\tparam.p=</dd><script>alert(5)\n' \
	    >spool/runs/$R31/run
	sed -i 's/run=true/run=echo "<\/pre>" <script>/' spool/runs/*/*/plan
	dagstat --html site
	well
	equal "$(grep -rhoE '<(script|img|b)[ >][^>]*' site | sort -u)" \
	    '<script src="../../script.js" defer="defer"
<script src="../script.js" defer="defer"
<script src="script.js" defer="defer"'
	equal "$(text $R30/check.html '(//pre)[1]')" \
	    '<script>alert(1)</script>&amp;"␛]��␍␀�end'
	equal "$(text $R30/check.html '//h2[.="Values"]/following::pre[1]')" \
	    "a='><img src=x onerror=alert(2)>"
	equal "$(text $R30/check.html '//h2[.="Command"]/following::pre[1]')" \
	    'echo "</pre>" <script>'
	equal "$(text $R31.html '//*[@class="facts"]/li[last()]')" \
	    'param.p </dd><script>alert(5)'
}

@test "site: only what has changed is written; what is gone is taken away" {
	by_hand
	dagstat --html site
	find site -type f -printf '%p %i %T@\n' | sort >before
	run --separate-stderr dagstat --html site -v
	equal "$stderr" "dagstat: site: 0 pages written, 1 runs read"
	find site -type f -printf '%p %i %T@\n' | sort >after
	equal "$(cat after)" "$(cat before)"
	mv spool/runs/$R31/put.waiting spool/runs/$R31/put.skipped
	dagstat --html site
	equal "$(text $R31/put.html //h1)" "put ↷ skipped"
	find site -type f -printf '%p %i\n' | sort >after
	sed 's/ [^ ]*$//' before >was
	equal "$(comm -13 was after | cut -d' ' -f1)" "site/$R31.html
site/$R31/put.html
site/$R31/tell.html
site/w/index.html"
	echo '<p/>' >site/w/notes.html
	rm -r spool/runs/$R30
	dagstat --html site
	well
	[ ! -e site/$R30.html ]
	[ ! -e site/$R30 ]
	equal "$(ls -A site/w)" "2012-01-31T0000Z
2012-01-31T0000Z.html
index.html
notes.html"
}

@test "site: of many runs there are pages, and one more changes only the last" {
	by_hand
	mv spool/runs/$R30 good
	rm -r spool/runs/w/*
	for ((i = 0; i < 120; i++)); do
		cp -r good spool/runs/w/$(date -ud "2012-01-01 + $i days" \
		    +%FT0000Z)
	done
	dagstat --html site
	well
	equal "$(ls site/w/page-*)" "site/w/page-1.html
site/w/page-2.html
site/w/page-3.html"
	equal "$(xmllint --xpath 'count(//tbody/tr)' site/w/index.html \
	    site/w/page-1.html site/w/page-3.html)" "50
50
20"
	equal "$(text w/page-1.html '(//tbody//th)[last()]')" 2012-01-01T0000Z
	md5sum site/w/page-* >before
	cp -r good spool/runs/w/2013-01-01T0000Z
	run --separate-stderr dagstat --html site -v
	equal "$stderr" "dagstat: site: 9 pages written, 1 runs read"
	equal "$(md5sum site/w/page-* | diff before - | grep -c '^>')" 1
}

@test "site: --follow writes what changes, as it does" {
	by_hand
	dagstat --html site -f 2>err 3>&- &
	# in a state: a page says so, some time
	until grep -qs 'check: running' site/$R31/check.html &&
	    [ -e site/index.html ]; do
		kill -0 $!
	done
	mv spool/runs/$R31/check.running.1 spool/runs/$R31/check.success
	until grep -q 'check: success' site/$R31/check.html; do
		kill -0 $!
	done
	cp -r spool/runs/$R30 spool/runs/w/2012-02-01T0000Z
	until [ -e site/w/2012-02-01T0000Z.html ]; do
		kill -0 $!
	done
	kill $!
	wait $! || true
	equal "$(cat err)" ""
}

@test "site: an archived run has the pages that it had" {
	printf '%s\n' '[task a]' 'run = echo out; echo v=1 >>$DAG_OUT' \
	    '[task b]' 'after = a' 'run = echo bad; exit 3' >dags/z.dag
	dagsched --run z | dagq
	run -1 dagexec -q --drain
	dagstat --html site
	cp -r site before
	dagq -q --archive z/@
	dagstat --html site
	well
	grep -q ' Archived[.]' site/z/*manual.html
	sed -i 's/ Archived[.]//' site/z/*.html
	diff -r before site
}

@test "site: what cannot be is said" {
	by_hand
	echo >file
	run --separate-stderr dagstat --html file
	equal "$stderr" "dagstat: file: Not a directory"
	[ "$status" = 111 ]
	run --separate-stderr dagstat --html site w
	equal "$stderr" "dagstat: --html is of the whole spool"
	[ "$status" = 2 ]
	echo damaged >spool/runs/$R30/plan
	run --separate-stderr dagstat --html site
	[ "$status" = 1 ]
	[[ $stderr = "dagstat: $R30: "* ]]
	well
}

@test "site: each instance of a mapped task has its page" {
	printf '%s\n' '[task m]' 'each = north south' \
	    'run = echo at $DAG_ITEM; test $DAG_ITEM = north' >dags/m.dag
	dagsched --run m | dagq
	run -1 dagexec -q --drain
	dagstat --html site
	well
	dagstat -q m/@ | cut -d' ' -f1 | while read -r id; do
		[ -s "site/$id.html" ] || { echo "$id"; return 1; }
	done
	[ "$(grep -rl 'at south' site/m/*manual | wc -l)" = 1 ]
}

# drawn: writes the pages anew; what of them is drawn, without what is told
drawn() {
	rm -rf site
	dagstat --html site 2>&1
	grep -rhoE '<(path class="edge|rect class="box)[^>]*>' site | sort -u
}

# fake: what dot is from now on, the rest of a script
fake() {
	mkdir -p fake
	{ echo '#!/bin/sh'; cat; } >fake/dot
	chmod +x fake/dot
	rm -rf cache
}

@test "site: graphs are graphviz's where dot is there, and it is asked once" {
	by_hand
	PATH=$BIN:/nowhere command dagstat --html own
	fake <<-END
	echo "\$@" >>$T/asked
	cat >$T/told
	exec $(command -v dot) "\$@" <$T/told
	END
	PATH=$T/fake:$PATH
	dagstat --html site
	well
	equal "$(cat asked)" "-Tplain"
	run ! grep -E 'get|check|put|tell' told
	grep -o '<path class="edge[^>]*>' site/$R30.html >lines
	equal "$(wc -l <lines)" 3
	run ! cmp site/$R30.html own/$R30.html
	equal "$(text $R30.html '//h1')" "2012-01-30T0000Z ✗ failed"
	# another run of that definition, another time: no process
	cp -r spool/runs/$R30 spool/runs/w/2012-02-01T0000Z
	dagstat --html site
	equal "$(grep -o '<path class="edge[^>]*>' \
	    site/w/2012-02-01T0000Z.html)" "$(cat lines)"
	echo "$(head -c 20 cache/dag/graph.w) 9 junk" >cache/dag/graph.w
	dagstat --html site
	equal "$(cat asked)" "-Tplain
-Tplain"
}

@test "site: without dot, or if it fails, hangs or says something else, our own" {
	by_hand
	mkdir bare
	ln -s "$(command -v rm)" "$(command -v grep)" "$(command -v sort)" bare
	PATH=$BIN:$T/bare drawn >own
	[ -s own ]
	plain() { echo "cat <<-'X'"; cat; echo X; }
	n='node 0 1 1 1 1\nnode 1 3 1 1 1\nnode 2 5 1 1 1\nnode 3 7 1 1 1\n'
	e='edge 0 1 4 1 1 1 1 1 1 2 1\nedge 1 2 4 3 1 3 1 3 1 4 1\n'
	PATH=$T/fake:$PATH
	for say in '' 'graph' 'graph 1 9 9\n' "graph 1 9 9\n$n" \
	    "graph 1 9 9\n$n${e}stop\n" "graph 1 9 9\n$e" \
	    "graph 1 nan 9\n$n${e}edge 2 3 4 1 1 1 1 1 1 1 1\n" \
	    "graph 1 -1 9\n$n${e}edge 2 3 4 1 1 1 1 1 1 1 1\n" \
	    "graph 1 9 9\n$n${e}edge 2 4 4 1 1 1 1 1 1 1 1\n" \
	    "graph 1 9 9\n$n${e}edge 2 3 5 1 1 1 1 1 1 1 1 1 1\n" \
	    "graph 1 9 9\n$n${e}edge 2 3 4000000000 1 1 1 1 1 1 1 1\n" \
	    "graph 1 9 9\n$n${e}edge 2 3 4 1 1 1 1 1 1 1 1e99\n" \
	    "graph 1 9 9\n$n$n${e}edge 2 3 4 1 1 1 1 1 1 1 1\n" \
	    "graph 1 9 9\n$n${e}edge 2 3 4 1 1 <script>alert(1)</script>\n"; do
		printf "$say" >said
		fake <<<"cat $T/said"
		drawn >now
		equal "$(cat now)" "$(cat own)" || { cat said; return 1; }
	done
	printf "graph 1 9 9\n$n${e}edge 2 3 4 1 1 1 1 1 1 1 1\n" >said
	fake <<<"cat $T/said; echo no >&2; exit 1"
	equal "$(drawn)" "$(cat own)"
	fake <<<"kill -9 \$\$"
	equal "$(drawn)" "$(cat own)"
	fake <<<"cat $T/said"
	drawn >now
	run ! cmp now own
	# what hangs is ended, and not asked again
	fake <<<"echo >>$T/hung; exec sleep 1000"
	equal "$(drawn)" "$(cat own)"
	equal "$(drawn)" "$(cat own)"
	equal "$(wc -l <hung)" 1
}

@test "site: where it cannot be written each file is as it was, and nothing is left" {
	by_hand
	dagstat --html site
	cp -r site before
	mv spool/runs/$R31/put.waiting spool/runs/$R31/put.skipped
	run --separate-stderr bash -c "trap '' XFSZ; ulimit -f 1
	    exec dagstat --html site"
	equal "$stderr" "dagstat: site: File too large"
	[ "$status" = 111 ]
	grep -q dagtools site/style.css
	echo >>site/style.css	# as of another version, and again it cannot
	run -111 bash -c "trap '' XFSZ; ulimit -f 1; exec dagstat --html site"
	run -0 --separate-stderr dagstat --html site -v
	equal "${stderr#*, }" "2 runs read"
	rm -r site
	cp -r before site
	run -111 bash -c "trap '' XFSZ; ulimit -f 1; exec dagstat --html site"
	# in the order of writing: what went before is whole and new
	dagstat --html after
	for page in $(cd site && find . -type f); do
		cmp -s site/$page before/$page || cmp site/$page after/$page
	done
	cmp before/$R31.html site/$R31.html
	equal "$(cd site && find . | sort)" "$(cd before && find . | sort)"
}

@test "site: two at once write the same, whole" {
	by_hand
	for i in 1 2 3 4 5; do
		rm -rf site
		dagstat --html site &
		dagstat --html site
		wait $!
		well
	done
	dagstat --html alone
	diff -r alone site
}
