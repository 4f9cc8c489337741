#!/usr/bin/env bats
# browser: the pages of dagstat --html in a browser, and as tidy sees them.

load helper

# a site of the weather's first days, the last of them failed, of a DAG whose
# logs and values are hostile, and of one with a mapped task
weather() {
	cp "$ROOT"/examples/weather/*.{awk,csv,dag} dags/
	sed -i -e 's/^retry-delay = .*/retry-delay = 0s/' dags/weather.dag
	sed -i -e 's/^2012-01-05,.*/2012-01-05,-9,99,-99,1,rain/' \
	    dags/seattle-weather.csv
	cat >dags/hostile.dag <<-'END'
		[dag]
		description = <img src=x onerror=alert(1)>
		[task script]
		run = echo '<script>alert(2)</script>'; echo "a=\"'><svg onload=alert(3)>" >>$DAG_OUT; exit 7
	END
	cat >dags/mapped.dag <<-'END'
		[task list]
		run = seq -f n=%g 1 12 >>$DAG_OUT
		[task each]
		after = list
		each = list.n
		run = [ $DAG_ITEM != 7 ]
	END
	dagq --pool sqlite=1
	dagsched -q --backfill 2012-01-01..2012-01-06 weather | dagq
	dagsched --run --param 'p=</dd><script>alert(4)</script>' hostile |
		dagq
	dagsched --run mapped | dagq
	dagexec -q --drain 2>/dev/null || [ $? = 1 ]
	dagstat --html site
}

@test "browser: no error, no dead link, nothing executed, sorted, filtered, readable" {
	MODULES=${O:-$ROOT/build}/site/node_modules
	CHROMIUM=$(command -v chromium) || skip "no chromium: make site-deps"
	[ -d "$MODULES/playwright-core" ] && [ -d "$MODULES/axe-core" ] ||
		skip "no playwright-core or axe-core: make site-deps"
	weather
	run=$(cd site && ls weather/2012-01-05T*.html)
	export MODULES CHROMIUM PICK="{\"overview\": \"index.html\",
	    \"dag\": \"weather/index.html\", \"run\": \"$run\",
	    \"task\": \"${run%.html}/check.html\",
	    \"mapped\": \"$(cd site && ls mapped/*-manual.html)\"}"
	shots=$(dirname "$BIN")/shots
	mkdir -p "$shots"
	equal "$(node "$BATS_TEST_DIRNAME/browser.mjs" site "$shots" 2>&1)" \
	    "$(find site -name '*.html' | wc -l) pages, 0 wrong"
}

@test "browser: tidy has nothing to say" {
	command -v tidy >/dev/null || skip "no tidy: make site-deps"
	weather
	# SVG's <a> and aria-current came after it
	find site -name '*.html' | sort >pages
	xargs tidy -q -e <pages >said 2>&1 || [ $? = 123 ]
	grep -vE '<a> proprietary attribute "(href|class)"|aria-current' said \
	    >rest || true
	equal "$(cat rest)" ""
}
