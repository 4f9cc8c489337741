/* backfill: the slots of a stretch of the past that have no run yet. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backfill.h"
#include "buf.h"
#include "instant.h"
#include "known.h"
#include "period.h"
#include "slots.h"
#include "tz.h"

static void
clip(int64_t *bound, int64_t to, const char *what, const struct slots *s,
    struct buf *notes)
{
	char text[INSTANT_LEN];

	*bound = to;
	instant_format(text, to, tz_offset(s->zone, to));
	buf_fmt(notes, "the backfill is clipped to %s, %s\n", what, text);
}

int
backfill_bounds(struct backfill *b, const struct slots *s,
    const char *period, int64_t now, struct buf *notes)
{
	const char *dots = strstr(period, "..");
	struct buf from = BUF_INIT;
	int64_t unused;
	int r;

	*b = (struct backfill){0};
	buf_add(&from, period, dots ? (size_t)(dots - period) : strlen(period));
	r = period_parse(s->zone, buf_cstr(&from), &b->from, &b->to, notes);
	buf_free(&from);
	if (r < 0 || (dots &&
	    period_parse(s->zone, dots + 2, &unused, &b->to, notes) < 0))
		return -1;
	if (dots && b->from > b->to) {
		buf_fmt(notes, "FROM is after TO in \"%.100s\"", period);
		return -1;
	}
	if (b->from < s->start)
		clip(&b->from, s->start, "start", s, notes);
	if (b->to > s->end)
		clip(&b->to, s->end, "end", s, notes);
	if (b->to > now)
		clip(&b->to, now, "now", s, notes);
	return 0;
}

static bool
wanted(const struct backfill *b, const struct known *k, int64_t t)
{
	if (b->all || !known_run(k, t))
		return true;
	for (size_t low = 0, high = b->nfailed; low < high;) {
		size_t mid = (low + high) / 2;

		if (b->failed[mid] == t)
			return true;
		if (b->failed[mid] < t)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

void
backfill_limit(struct backfill *b, int64_t n, bool reverse)
{
	if (n == 0 || (size_t)n >= b->n)
		return;
	if (reverse)
		memmove(b->list, b->list + b->n - n, (size_t)n *
		    sizeof *b->list);
	b->n = (size_t)n;
}

int
backfill_collect(struct backfill *b, const struct slots *s,
    const struct known *k)
{
	int64_t t = b->from - 1, *p;
	size_t cap = 0;

	while (slots_next(s, t, &t) == 0 && t <= b->to) {
		if (slots_beyond(s, t)) {
			b->beyond++;
			continue;
		}
		b->slots++;
		if (!wanted(b, k, t))
			continue;
		if (b->n == BACKFILL_MAX) {
			errno = ERANGE;
			return -1;
		}
		if (b->n == cap) {
			cap = cap ? cap * 2 : 512;
			p = realloc(b->list, cap * sizeof *p);
			if (!p)
				return -1;
			b->list = p;
		}
		b->list[b->n++] = t;
	}
	return 0;
}

void
backfill_free(struct backfill *b)
{
	free(b->list);
	*b = (struct backfill){0};
}
