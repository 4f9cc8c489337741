/* backfills: backfills/NAME: what is asked of a backfill, and how far it is. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backfills.h"
#include "instant.h"
#include "io.h"
#include "num.h"

enum { FILE_MAX = 64 << 20, RUNS = 10000 };

static const char *const states[] = {"active", "paused", "cancelled", "done"};
static const char *const agains[] = {"none", "failed", "all"};

const char *
backfills_state_name(enum backfills_state s)
{
	return states[s];
}

int
backfills_again(const char *word)
{
	for (int i = AGAIN_NONE; i <= AGAIN_ALL; i++)
		if (strcmp(word, agains[i]) == 0)
			return i;
	return -1;
}

/* hh:mm at *s, moved behind it; minutes, or -1 */
static int
clock_at(const char **s)
{
	const char *p = *s;

	for (int i = 0; i < 5; i++)
		if (i == 2 ? p[i] != ':' : p[i] < '0' || p[i] > '9')
			return -1;
	*s = p + 5;
	if ((p[0] - '0') * 10 + p[1] - '0' > 23 || p[3] > '5')
		return -1;
	return ((p[0] - '0') * 10 + p[1] - '0') * 60 + (p[3] - '0') * 10 +
	    p[4] - '0';
}

int
between_parse(const char *s, int *begin, int *end)
{
	*begin = clock_at(&s);
	if (*begin < 0 || *s++ != '-')
		return -1;
	*end = clock_at(&s);
	return *end < 0 || *s || *begin == *end ? -1 : 0;
}

int
limit_parse(const char *s, double *v)
{
	size_t n = strspn(s, "0123456789."), dot = strcspn(s, ".");
	char *end;

	if (n == 0 || n > 12 || s[n] || strchr(s + dot + (s[dot] == '.'), '.'))
		return -1;
	*v = strtod(s, &end);
	return *end ? -1 : 0;
}

static int
wrong(struct buf *why, const struct rec *r, const char *key)
{
	buf_fmt(why, "backfill %.140s: %s is missing or wrong", r->id, key);
	errno = EINVAL;
	return -1;
}

/* the limits, each if it is there */
static int
read_limits(struct backfills_part *p, const struct rec *r, struct buf *why)
{
	const char *v;

	if ((v = rec_get(r, "reverse")) && bool_parse(v, &p->reverse) < 0)
		return wrong(why, r, "reverse");
	if ((v = rec_get(r, "max-active")) &&
	    num_parse(v, 1, RUNS, &p->active) < 0)
		return wrong(why, r, "max-active");
	if ((v = rec_get(r, "stop-after")) &&
	    num_parse(v, 1, RUNS, &p->stop_after) < 0)
		return wrong(why, r, "stop-after");
	if ((v = rec_get(r, "between")) &&
	    between_parse(v, &p->begin, &p->end) < 0)
		return wrong(why, r, "between");
	if ((v = rec_get(r, "max-load")) && limit_parse(v, &p->load) < 0)
		return wrong(why, r, "max-load");
	if ((v = rec_get(r, "max-pressure")) &&
	    limit_parse(v, &p->pressure) < 0)
		return wrong(why, r, "max-pressure");
	return 0;
}

/* what it is to do, and how far it is */
static int
read_work(struct backfills_part *p, const struct rec *r, struct buf *why)
{
	const char *v;
	int again = AGAIN_NONE;

	if (!(v = rec_get(r, "from")) || instant_parse(v, &p->from, NULL) < 0)
		return wrong(why, r, "from");
	if (!(v = rec_get(r, "to")) || instant_parse(v, &p->to, NULL) < 0)
		return wrong(why, r, "to");
	if ((v = rec_get(r, "slots")) &&
	    num_parse(v, 0, INT64_MAX, &p->slots) < 0)
		return wrong(why, r, "slots");
	if ((v = rec_get(r, "at-once")) && bool_parse(v, &p->once) < 0)
		return wrong(why, r, "at-once");
	if ((v = rec_get(r, "again")) && (again = backfills_again(v)) < 0)
		return wrong(why, r, "again");
	p->again = (enum backfills_again)again;
	if ((v = rec_get(r, "reached")) &&
	    instant_parse(v, &p->reached, NULL) < 0)
		return wrong(why, r, "reached");
	p->begun = v != NULL;
	return 0;
}

int
backfills_parse(struct backfills_part *p, const struct rec *r,
    struct buf *why)
{
	const char *slash = strchr(r->id, '/'), *v;
	size_t n = slash ? (size_t)(slash - r->id) : 0;

	*p = (struct backfills_part){.begin = -1, .load = -1, .pressure = -1};
	if (!slash || !name_ok(r->id, n) || !name_ok(slash + 1,
	    strlen(slash + 1)))
		return wrong(why, r, "its name or its DAG");
	snprintf(p->name, sizeof p->name, "%.*s", (int)n, r->id);
	snprintf(p->dag, sizeof p->dag, "%s", slash + 1);
	if ((v = rec_get(r, "state"))) {
		for (p->state = 0; p->state <= BACKFILL_DONE &&
		    strcmp(v, states[p->state]) != 0;)
			p->state++;
		if (p->state > BACKFILL_DONE)
			return wrong(why, r, "state");
	}
	if (read_work(p, r, why) < 0 || read_limits(p, r, why) < 0)
		return -1;
	if (rec_parse(&p->rec, r->raw, r->rawlen) == REC_OK)
		return 0;
	errno = ENOMEM;
	return -1;
}

void
backfills_part_free(struct backfills_part *p)
{
	rec_free(&p->rec);
}

static int
add_part(struct backfills *b, const struct rec *r)
{
	struct buf why = BUF_INIT;
	struct backfills_part part, *p;
	int x = backfills_parse(&part, r, &why);

	buf_free(&why);
	if (x < 0) {
		x = errno == EINVAL ? 0 : -1;
		backfills_part_free(&part);
		return x;
	}
	p = realloc(b->part, (b->n + 1) * sizeof *p);
	if (!p) {
		backfills_part_free(&part);
		return -1;
	}
	b->part = p;
	p[b->n++] = part;
	return 0;
}

int
backfills_read(struct spool *sp, const char *name, struct backfills *b)
{
	struct buf text = BUF_INIT;
	struct rec r = {0};
	char path[FILE_LEN], *line, *end;
	int x;

	snprintf(path, sizeof path, "backfills/%s", name);
	x = io_read(sp->fd, path, &text, FILE_MAX);
	for (line = buf_cstr(&text); x == 0 && (end = strchr(line, '\n'));
	    line = end + 1) {
		enum rec_result got = rec_parse(&r, line,
		    (size_t)(end - line));

		if (got == REC_OK && strcmp(r.kind, "backfill") == 0)
			x = add_part(b, &r);
		else if (got == REC_ERROR)
			x = -1;
	}
	/* the records have copied their texts, but point to the lines */
	for (size_t i = 0; i < b->n; i++)
		b->part[i].rec.raw = NULL;
	rec_free(&r);
	buf_free(&text);
	return x == 0 || errno == ENOENT ? 0 : -1;
}

int
backfills_load(struct spool *sp, struct backfills *b)
{
	struct names names;
	int x = 0;

	*b = (struct backfills){NULL, 0};
	if (!sp)
		return 0;
	if (names_list(sp->fd, "backfills", &names) < 0)
		return -1;
	for (size_t i = 0; i < names.n && x == 0; i++)
		if (name_ok(names.name[i], strlen(names.name[i])) &&
		    backfills_read(sp, names.name[i], b) < 0)
			x = run_damaged(errno) ? 0 : -1;
	names_free(&names);
	return x;
}

void
backfills_free(struct backfills *b)
{
	for (size_t i = 0; i < b->n; i++)
		backfills_part_free(&b->part[i]);
	free(b->part);
	*b = (struct backfills){NULL, 0};
}

bool
backfills_has(const struct backfills *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->part[i].name, name) == 0 &&
		    b->part[i].state < BACKFILL_CANCELLED)
			return true;
	return false;
}

bool
backfills_at_work(const struct backfills *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->part[i].state == BACKFILL_ACTIVE && !b->part[i].once)
			return true;
	return false;
}
