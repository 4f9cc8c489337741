/* cal: the days that a DAG's calendars leave it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cal.h"
#include "instant.h"
#include "num.h"
#include "words.h"

enum { MONTH = 31 };

bool
cal_has(const struct cal *c, int64_t day)
{
	return day >= 0 && day < CALFILE_DAYS &&
	    (c->days.day[day / 8] >> day % 8 & 1);
}

int64_t
cal_after(const struct cal *c, int64_t day)
{
	for (day = day < -1 ? 0 : day + 1; day < CALFILE_DAYS; day++)
		if (cal_has(c, day))
			return day;
	return INT64_MAX;
}

int64_t
cal_before(const struct cal *c, int64_t day)
{
	for (day = day > CALFILE_DAYS ? CALFILE_DAYS - 1 : day - 1; day >= 0;
	    day--)
		if (cal_has(c, day))
			return day;
	return INT64_MIN;
}

/* the words of nth as numbers, those from the end below 0; how many, or -1 */
static int
read_nth(const char *nth, int64_t list[2 * MONTH])
{
	char **word = words_split(nth, NULL);
	int n = 0;

	for (char **w = word; w && *w && n >= 0; w++) {
		if (n == 2 * MONTH)
			n = -1;
		else if (strcmp(*w, "last") == 0)
			list[n++] = -1;
		else if (num_parse(*w, -MONTH, MONTH, &list[n]) < 0 ||
		    list[n] == 0)
			n = -1;
		else
			n++;
	}
	n = word && *word ? n : -1;
	free(word);
	return n;
}

bool
cal_nth_ok(const char *nth)
{
	int64_t list[2 * MONTH];

	return read_nth(nth, list) > 0;
}

static void
thin_month(struct cal *c, int64_t first, int len, const int64_t *nth, int n)
{
	int64_t in[MONTH];
	bool kept[MONTH] = {false};
	int days = 0;

	for (int64_t day = first; day < first + len; day++)
		if (cal_has(c, day))
			in[days++] = day;
	for (int i = 0; i < n; i++) {
		if (nth[i] > 0 && nth[i] <= days)
			kept[nth[i] - 1] = true;
		else if (nth[i] < 0 && -nth[i] <= days)
			kept[days + nth[i]] = true;
	}
	for (int i = 0; i < days; i++)
		if (!kept[i])
			c->days.day[in[i] / 8] &= (uint8_t)~(1 << in[i] % 8);
}

static void
thin(struct cal *c, const int64_t *nth, int n)
{
	int64_t day = 0, end;
	int len;

	for (int year = 1970; year < 2200; year++) {
		for (int mon = 1; mon <= 12; mon++, day += len) {
			len = days_in_month(year, mon);
			thin_month(c, day, len, nth, n);
			end = day + len - 1;
			/* of a month that is not known to its end, the last
			 * day is not known either */
			for (int i = 0; i < n && end > c->until &&
			    day <= c->until; i++)
				if (nth[i] < 0)
					c->until = day - 1;
		}
	}
}

static int
fill(struct cal *c, char **word, struct buf *why)
{
	bool all = false;

	for (char **w = word; *w; w++) {
		if (w == word && **w == '-')
			all = true;
		if (w == word && all)
			memset(c->days.day, 0xff, sizeof c->days.day);
		if (calfile_apply(&c->days, *w + (**w == '-'), **w == '-',
		    why) < 0)
			return -1;
	}
	if (word[0])
		return 0;
	buf_str(why, "calendar: no name in it");
	return -1;
}

struct cal *
cal_load(const char *words, const char *nth, struct buf *why)
{
	char **word = words_split(words, NULL);
	struct cal *c = calloc(1, sizeof *c);
	int64_t list[2 * MONTH];
	int n, r = -1;

	if (!word || !c) {
		buf_fmt(why, "calendar: %s", strerror(errno));
		if (errno == ENOMEM)
			why->err = errno;
		goto out;
	}
	c->days.until = INT64_MAX;
	if (fill(c, word, why) < 0)
		goto out;
	c->until = c->days.until;
	if (nth) {
		n = read_nth(nth, list);
		if (n < 0) {
			buf_fmt(why, "nth: \"%.60s\" is not a list of 1, 2 "
			    "... or last, -2 ...", nth);
			goto out;
		}
		thin(c, list, n);
	}
	if (cal_after(c, -1) != INT64_MAX)
		r = 0;
	else
		buf_fmt(why, "calendar \"%.60s\": no day is left", words);
out:
	free(word);
	if (r == 0)
		return c;
	free(c);
	return NULL;
}
