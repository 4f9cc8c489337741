/* made: whether a task's outputs are up to date, and whether it made them. */
#include <errno.h>
#include <string.h>

#include "made.h"
#include "stage.h"

/* why it is to run; NULL: it need not */
static const char *
cause_of(const struct attempt *a, const struct target *t, const char *mark)
{
	if (a->before.forced)
		return "it was forced";
	if (target_missing(t))
		return "an output is missing";
	/* without inputs that they are there is all that counts */
	return t->inputs.n > 0 ? target_differs(a->before.made, mark) : NULL;
}

/* a line in the log; the marker says it too */
static void
say(struct attempt *a, struct buf *b, const char *text)
{
	buf_str(b, text);
	buf_ch(b, '\n');
	if (!b->err && write_all(a->log, b->p, b->n) < 0)
		buf_reset(b);
}

int
made_begin(struct attempt *a, const struct world *w, struct made *m,
    struct buf *why)
{
	const struct target *t = &w->target;

	if (target_has(t) && target_mark(t, w->text.p + w->command,
	    w->text.n - w->command, w->text.p, w->told, m->mark, why) < 0)
		return -1;
	if (target_has(t) && !(m->cause = cause_of(a, t, m->mark))) {
		say(a, why, "up to date");
		m->nothing = true;
		return 1;
	}
	if ((a->n > 1 || a->look) && attempt_drop_values(a) < 0) {
		buf_fmt(why, "out/%s: %s", a->name, strerror(errno));
		return -1;
	}
	return stage_make(t, a->fd, why);
}

int
made_end(struct attempt *a, const struct world *w, struct made *m, bool good)
{
	const struct target *t = &w->target;
	struct buf why = BUF_INIT;
	int x = 0;

	if (t->outputs.n == 0 || m->nothing)
		return 0;
	if (good)
		x = stage_publish(a->run->spool, t, a->fd, a->n, m->mark,
		    &why);
	if (x >= 0)
		stage_remove(t->stage.p);
	if (x == 1)
		say(a, &why, "");
	m->unmade = x == 1;
	buf_free(&why);
	return x < 0 ? -1 : 0;
}
