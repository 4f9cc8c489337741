/* overdue: slots that are due and have no run. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dagfile.h"
#include "due.h"
#include "instant.h"
#include "known.h"
#include "notice.h"
#include "overdue.h"
#include "rec.h"
#include "slots.h"

static int
count(struct spool *sp, const struct rec *dag, struct slots *slots,
    struct known *k, struct overdue *o)
{
	struct due_policy policy;
	struct buf why = BUF_INIT;
	struct run_entry *live = NULL;
	struct due_item item;
	struct due due;
	int64_t now = clock_seconds();
	size_t n = 0;
	int x = due_policy(&policy, dag, &why);

	buf_free(&why);
	if (x < 0)
		return 0;
	if (known_live(sp, dag->id, &live, &n) < 0)
		return -1;
	free(live);
	slots_seen(slots, k->since);
	due_begin(&due, &policy, false, slots, k, (int64_t)n, now);
	while (o->count < OVERDUE_MAX && due_next(&due, &item)) {
		if (item.kind != DUE_RUN ||
		    slots_due(slots, item.time) > now - policy.grace)
			continue;
		if (o->count++ == 0)
			o->first = item.time;
	}
	return 0;
}

static int
look(struct spool *sp, const struct rec *dag, struct overdue *o)
{
	struct buf why = BUF_INIT;
	struct slots slots;
	struct known k;
	int x = 0, e;

	if (slots_make(&slots, dag, &why) < 0) {
		buf_free(&why);
		return 0;
	}
	if (known_load(&k, sp, dag->id, NULL) < 0)
		x = -1;
	else if (k.seen && !k.paused && slots.n > 0 &&
	    !due_unseen(dag, &slots, &k))
		x = count(sp, dag, &slots, &k, o);
	e = errno;
	known_free(&k);
	slots_free(&slots);
	buf_free(&why);
	errno = e;
	return x;
}

int
overdue_file(struct spool *sp, const char *path, struct overdue *o)
{
	struct buf text = BUF_INIT, errs = BUF_INIT;
	struct rec dag = {0};
	int x = 0, e;

	*o = (struct overdue){.count = 0};
	if (!notice_program(path) &&
	    dagfile_compile(path, &text, &errs) == 0 && text.n &&
	    rec_parse(&dag, text.p, strcspn(buf_cstr(&text), "\n")) ==
	    REC_OK) {
		snprintf(o->dag, sizeof o->dag, "%s", dag.id);
		x = look(sp, &dag, o);
	}
	e = errno;
	rec_free(&dag);
	buf_free(&text);
	buf_free(&errs);
	errno = e;
	return x;
}
