/* instant: instants, days and the names of runs, written and read. */
#include <string.h>

#include "instant.h"

#include "tap.h"

static const struct {
	const char *text;
	int64_t t;
	int off;
	const char *run;
} both[] = {
	{"1970-01-01T00:00:00Z", 0, 0, "1970-01-01T0000Z"},
	{"2026-11-22T02:00:00+09:00", 1795280400, 32400,
	    "2026-11-22T0200+0900"},
	{"2026-03-08T09:00:07Z", 1772960407, 0, "2026-03-08T090007Z"},
	{"2000-02-29T23:59:59-03:30", 951881399, -12600,
	    "2000-02-29T235959-0330"},
	{"1969-12-31T23:59:59Z", -1, 0, "1969-12-31T235959Z"},
	{"1900-03-01T00:00:00Z", -2203891200, 0, "1900-03-01T0000Z"},
	{"9999-12-31T23:59:00Z", 253402300740, 0, "9999-12-31T2359Z"},
	/* before there were zones: local mean time */
	{"1880-01-01T00:00:00-07:52:58", -2840112422, -28378,
	    "1880-01-01T0000-075258"},
};

static const char *const no_instant[] = {
	"", "2026", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z",
	"1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
	"2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
	"2026-01-01T00:00:60Z", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z",
	"2026-01-01T00:00:00z", "2026-01-01T00:00:00Z ", "2026-1-1T00:00:00Z",
	"2026-01-01T00:00:00+9", "2026-01-01T00:00:00+25:00",
	"2026-01-01T00:00:00.Z", "-2026-01-01T00:00:00Z",
};

static const char *const no_run[] = {
	"2026-11-22T0200+090000", "2026-11-22T0200+0000",
	"", "@", "2026-01-01", "2026-01-01T00:00Z", "2026-01-01T0000",
	"2026-02-30T0000Z", "2026-01-01T0000Z-", "2026-01-01T0000Z-manual-",
	"2026-01-01T0000Z-manual-1", "2026-01-01T0000Z-manual-02",
	"2026-01-01T0000Z-manual-x", "2026-01-01T000000Z", "../x",
};

int
main(void)
{
	char s[INSTANT_LEN];
	struct civil c;
	bool manual;
	int64_t t;
	int off;

	for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
		ok(instant_parse(both[i].text, &t, &off) == 0 &&
		    t == both[i].t && off == both[i].off, "read %s: %lld",
		    both[i].text, (long long)t);
		instant_format(s, both[i].t, both[i].off);
		ok(strcmp(s, both[i].text) == 0, "write %s: %s",
		    both[i].text, s);
		instant_run_name(s, both[i].t, both[i].off);
		ok(strcmp(s, both[i].run) == 0, "run %s: %s", both[i].run, s);
		ok(run_name_parse(s, &t, &off, &manual) == 0 &&
		    t == both[i].t && off == both[i].off && !manual,
		    "read run %s", s);
		civil_from_seconds(&c, both[i].t);
		ok(civil_seconds(&c) == both[i].t, "civil, %s", both[i].text);
	}
	for (size_t i = 0; i < sizeof no_instant / sizeof *no_instant; i++)
		ok(instant_parse(no_instant[i], &t, NULL) < 0,
		    "no instant: \"%s\"", no_instant[i]);
	for (size_t i = 0; i < sizeof no_run / sizeof *no_run; i++)
		ok(run_name_parse(no_run[i], NULL, NULL, NULL) < 0,
		    "no run: \"%s\"", no_run[i]);
	ok(instant_parse("2026-01-01T00:00Z", &t, NULL) == 0 &&
	    t == 1767225600, "seconds may be left out");
	ok(instant_parse("2026-01-01T00:00:00.999Z", &t, NULL) == 0 &&
	    t == 1767225600, "fractions are dropped");
	ok(run_name_parse("2026-01-01T0000Z-manual-12", &t, NULL, &manual) ==
	    0 && manual, "a manual run");
	for (int64_t day = -200000, w = weekday(day); day < 200000; day++) {
		civil_from_seconds(&c, day * 86400);
		if (civil_days(c.year, c.mon, c.day) != day ||
		    weekday(day) != w || c.day > days_in_month(c.year, c.mon))
			ok(false, "day %lld", (long long)day);
		w = (w + 1) % 7;
	}
	ok(weekday(0) == 4, "1970-01-01 was a Thursday");
	return tap_end();
}
