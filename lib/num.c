/* num: numbers, durations and booleans, read strictly. */
#include <string.h>

#include "buf.h"
#include "num.h"

static const struct {
	char name;
	int64_t seconds;
} unit[] = {
	{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1},
};
enum { NUNIT = sizeof unit / sizeof unit[0] };
static const int64_t dur_max = INT64_C(100) * 366 * 86400;

int
num_parse(const char *s, int64_t min, int64_t max, int64_t *out)
{
	uint64_t v = 0;
	bool minus = *s == '-';
	unsigned digit;

	if (minus)
		s++;
	if (!*s)
		return -1;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		digit = (unsigned)(*s - '0');
		if (v > ((uint64_t)INT64_MAX - digit) / 10)
			return -1;
		v = v * 10 + digit;
	}
	*out = minus ? -(int64_t)v : (int64_t)v;
	return *out < min || *out > max ? -1 : 0;
}

int
dur_parse(const char *s, int64_t *seconds)
{
	int64_t n, sum = 0;
	int u, next = 0;

	if (!*s)
		return -1;
	while (*s) {
		if (*s < '0' || *s > '9')
			return -1;
		for (n = 0; *s >= '0' && *s <= '9'; s++)
			if ((n = n * 10 + (*s - '0')) > dur_max)
				return -1;
		for (u = next; u < NUNIT && unit[u].name != *s; u++)
			;
		if (u == NUNIT)
			return -1;
		next = u + 1;
		s++;
		sum += n * unit[u].seconds;
		if (sum > dur_max)
			return -1;
	}
	*seconds = sum;
	return 0;
}

void
dur_format(struct buf *b, int64_t seconds)
{
	if (seconds == 0)
		buf_str(b, "0s");
	for (int u = 1; u < NUNIT; u++) {
		if (seconds / unit[u].seconds)
			buf_fmt(b, "%lld%c",
			    (long long)(seconds / unit[u].seconds),
			    unit[u].name);
		seconds %= unit[u].seconds;
	}
}

int
bool_parse(const char *s, bool *out)
{
	*out = strcmp(s, "yes") == 0;
	return *out || strcmp(s, "no") == 0 ? 0 : -1;
}
