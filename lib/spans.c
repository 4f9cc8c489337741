/* spans: when a task ran: its attempts since it was last rerun. */
#include <stdlib.h>
#include <string.h>

#include "row.h"
#include "spans.h"

/* a written instant as seconds since 1970; -1: it is none */
static double
seconds(const char *when)
{
	return row_seconds("1970-01-01T00:00:00Z", when);
}

static bool
add(struct spans *s, double from, double to)
{
	struct span *more;

	/* before it was rerun */
	if (from < s->all.from)
		return true;
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 8;
		more = realloc(s->each, s->cap * sizeof *more);
		if (!more)
			return false;
		s->each = more;
	}
	s->each[s->n++] = (struct span){from, to < from ? from : to};
	return true;
}

static bool
ends(const char *event)
{
	return strcmp(event, "end") == 0 || strcmp(event, "poke") == 0 ||
	    strcmp(event, "lost") == 0;
}

bool
spans_all(const struct marker_sum *sum, enum state state, double now,
    struct span *all)
{
	all->from = seconds(sum->first);
	all->to = state == STATE_RUNNING ? now : seconds(sum->end);
	if (all->to < all->from)
		all->to = all->from;
	return all->from >= 0;
}

bool
spans_find(struct spans *s, struct look *l, uint32_t task,
    const struct marker_sum *sum, double now)
{
	struct marker_line line;
	double from = -1;
	bool well = true;
	char *p;

	s->n = 0;
	if (!spans_all(sum, l->inst[task].state, now, &s->all))
		return false;
	buf_reset(&s->text);
	look_text(l, task, &s->text);
	p = buf_cstr(&s->text);
	while (well && marker_next(&p, &line))
		if (strcmp(line.event, "start") == 0)
			from = seconds(line.when);
		else if (from >= 0 && ends(line.event)) {
			well = add(s, from, seconds(line.when));
			from = -1;
		}
	return well && (from < 0 || add(s, from, s->all.to));
}

void
spans_free(struct spans *s)
{
	free(s->each);
	buf_free(&s->text);
	*s = (struct spans){0};
}
