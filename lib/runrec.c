/* runrec: how a run or a missed slot is written as a record. */
#include <stdio.h>

#include "buf.h"
#include "due.h"
#include "instant.h"
#include "name.h"
#include "rec.h"
#include "runrec.h"
#include "slots.h"
#include "tz.h"

static void
put_instant(struct buf *b, const char *key, const struct slots *s, int64_t t)
{
	char text[INSTANT_LEN];

	instant_format(text, t, tz_offset(s->zone, t));
	rec_put(b, key, text);
}

static void
begin(struct buf *b, const char *kind, const char *dag,
    const struct slots *s, int64_t t, const char *suffix)
{
	char run[INSTANT_LEN], id[NAME_LEN + INSTANT_LEN + 16];

	instant_run_name(run, t, tz_offset(s->zone, t));
	snprintf(id, sizeof id, "%.*s/%s%s", NAME_LEN, dag, run, suffix);
	rec_begin(b, kind, id);
	put_instant(b, "time", s, t);
}

static void
put_run(struct buf *b, const struct slots *s, int64_t t, int64_t first,
    const struct runrec *r)
{
	char key[NAME_LEN + 16];
	int64_t at;

	rec_put(b, "cause", r->cause);
	if (slots_before(s, first, &at) == 0)
		put_instant(b, "prev", s, at);
	if (slots_after(s, t, &at) == 0)
		put_instant(b, "next", s, at);
	for (size_t i = 0; i < r->nkey; i++)
		rec_put(b, r->key[i].key, r->key[i].value);
	for (size_t i = 0; i < r->nparam; i++) {
		snprintf(key, sizeof key, "param.%s", r->param[i].key);
		rec_put(b, key, r->param[i].value);
	}
	rec_end(b);
}

void
runrec_slot(struct buf *b, const char *dag, const struct slots *s, int64_t t,
    int64_t first, const struct runrec *r)
{
	begin(b, "run", dag, s, t, "");
	put_run(b, s, t, first, r);
}

void
runrec_manual(struct buf *b, const char *dag, const struct slots *s,
    int64_t t, const struct runrec *r)
{
	begin(b, "run", dag, s, t, "-manual");
	put_run(b, s, t, t, r);
}

void
runrec_child(struct buf *b, const char *dag, const struct slots *s, int64_t t,
    const char *suffix, const struct runrec *r)
{
	begin(b, "run", dag, s, t, suffix);
	put_run(b, s, t, t, r);
}

void
runrec_missed(struct buf *b, const char *dag, const struct slots *s,
    const struct due_item *item)
{
	begin(b, "missed", dag, s, item->time, "");
	rec_put(b, "reason", item->text);
	if (item->count > 1) {
		put_instant(b, "to", s, item->to);
		rec_putf(b, "count", "%lld", (long long)item->count);
	}
	rec_end(b);
}
