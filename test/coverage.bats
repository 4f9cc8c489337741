#!/usr/bin/env bats
# coverage: how much of what must not fail the tests go through. "make
# coverage" says it of all of lib/.

load helper

@test "coverage: 95 % of the branches of the spool, of records, of the parser" {
	[ "$(id -u)" = 0 ] ||
		skip "skipped: some of it is of root, and of others than us"
	command -v gcov >/dev/null || skip "skipped: no gcov"
	core=$(dirname "$BIN")/core
	seeds=$ROOT/test/fuzz/seeds
	rm -f "$core"/*.gcda "$core"/lib/*.gcda
	for table in text moves toomuch failspool failio; do
		"$core/$table" >said || { cat said; return 1; }
	done
	"$core/failparse" "$seeds"/parse/* >said || { cat said; return 1; }
	for target in parse records scan; do
		"$core/$target" "$seeds/$target"/* >said
	done
	wanted=$(make -C "$ROOT" -pn 2>/dev/null |
	    sed -n 's/^CORE = //p' | wc -w)
	O=$(dirname "$BIN") "$ROOT/test/coverage" "$core/lib" 95 >said ||
		{ cat said; return 1; }
	# none was left out
	equal "$(grep -c '^lib/' said)" "$wanted"
	echo "# branches gone through of the modules that must not fail:" \
	    "$(awk 'END { print $5, "of", $6 }' said)" >&3
}
