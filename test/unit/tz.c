/* tz: our offsets against those of the C library, for each zone named on
 * stdin, 1900 to 2200; TAP, and one line a zone that differs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "instant.h"
#include "tz.h"

enum { WEEK = 7 * 86400 };

static bool
same(const char *name, const struct tz *z, int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	if (!localtime_r(&t, &tm) || tm.tm_gmtoff == tz_offset(z, at))
		return true;
	printf("# %s at %lld: %ld, not %d\n", name, (long long)at,
	    tm.tm_gmtoff, tz_offset(z, at));
	return false;
}

/* does tz_instants lead back from what the clock shows at t? */
static bool
back(const char *name, const struct tz *z, int64_t at)
{
	struct civil c;
	int64_t t[2];
	int n;

	civil_from_seconds(&c, at + tz_offset(z, at));
	n = tz_instants(z, &c, t);
	if ((n > 0 && t[0] == at) || (n > 1 && t[1] == at))
		return true;
	printf("# %s at %lld: not found again\n", name, (long long)at);
	return false;
}

static bool
check(const char *name)
{
	const int64_t from = civil_days(1900, 1, 1) * 86400;
	const int64_t to = civil_days(2201, 1, 1) * 86400;
	const struct tz *z = tz_load(name);
	struct tz_span s;
	char env[256];

	if (!z) {
		printf("# %s: cannot be loaded\n", name);
		return false;
	}
	snprintf(env, sizeof env, ":/usr/share/zoneinfo/%s", name);
	setenv("TZ", env, 1);
	tzset();
	for (int64_t t = from; t < to; t += WEEK + 3600)
		if (!same(name, z, t) || !back(name, z, t))
			return false;
	for (s = tz_span(z, from); s.end < to; s = tz_span(z, s.end))
		if (!same(name, z, s.end - 1) || !same(name, z, s.end) ||
		    !back(name, z, s.end - 1) || !back(name, z, s.end))
			return false;
	return true;
}

int
main(void)
{
	char line[200];
	int zones = 0, bad = 0;

	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		zones++;
		if (!check(line))
			bad++;
	}
	printf("1..1\n%s 1 - %d zones as the C library has them\n",
	    bad || zones == 0 ? "not ok" : "ok", zones);
	return bad || zones == 0;
}
