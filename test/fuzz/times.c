/*
 * times: any string as a schedule, an instant, a run's name, a period, a
 * number, a duration. What is read says the same when it is written.
 */
#include "buf.h"
#include "fuzz.h"
#include "instant.h"
#include "num.h"
#include "period.h"
#include "rule.h"
#include "tz.h"

static void
schedules(const struct tz *zone, const char *s)
{
	static const int64_t from = INT64_C(1774659600);	/* 2026-03-28 */
	struct buf why = BUF_INIT;
	int64_t t, u;
	struct rule r;

	for (int d = CRON_CRONTAB; d <= CRON_CRON4J; d++) {
		buf_reset(&why);
		if (rule_parse(&r, zone, (enum cron_dialect)d, s, &why) < 0) {
			MUST(why.n > 0);
			rule_free(&r);
			continue;
		}
		rule_start(&r, from);
		t = from;
		for (int i = 0; i < 3 && rule_next(&r, t, &u) == 0; i++) {
			MUST(u > t);
			t = u;
		}
		if (t > from && rule_prev(&r, t + 1, &u) == 0)
			MUST(u == t);
		rule_free(&r);
	}
	buf_free(&why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct tz *zone;
	char *s = fuzz_string(data, n), text[INSTANT_LEN], *p, *end;
	struct buf why = BUF_INIT;
	int64_t t, u;
	int off, off2;
	bool manual;

	if (!zone)
		zone = tz_load("Europe/Berlin");
	MUST(zone);
	for (p = s; p < s + n; p = end + 1) {
		end = p + strcspn(p, "\n");
		*end = '\0';
		schedules(zone, p);
		if (instant_parse(p, &t, &off) == 0) {
			instant_format(text, t, off);
			MUST(instant_parse(text, &u, &off2) == 0 && u == t &&
			    off == off2);
		}
		if (run_name_parse(p, &t, &off, &manual) == 0 && !manual) {
			instant_run_name(text, t, off);
			MUST(strcmp(text, p) == 0);
		}
		if (num_parse(p, -1000, 1000, &t) == 0)
			MUST(t >= -1000 && t <= 1000);
		if (dur_parse(p, &t) == 0)
			MUST(t >= 0);
		if (period_parse(zone, p, &t, &u, &why) == 0)
			MUST(t <= u + 1);
		buf_reset(&why);
	}
	buf_free(&why);
	free(s);
	return 0;
}
