/* sight: a run as a page shows it: what its tasks did, when, and why. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "critical.h"
#include "rec.h"
#include "row.h"
#include "sight.h"

static void
take_cause(struct sight *s)
{
	struct buf b = BUF_INIT;
	struct rec r = {0};
	const char *v;

	if (look_record(&s->look, &b) == 0 && b.n &&
	    rec_parse(&r, b.p, strcspn(buf_cstr(&b), "\n")) == REC_OK &&
	    (v = rec_get(&r, "cause")))
		snprintf(s->cause, sizeof s->cause, "%s", v);
	rec_free(&r);
	buf_free(&b);
}

static void
take_task(struct sight *s, uint32_t t, int64_t seconds, const char *now)
{
	struct sight_task *k = &s->task[t];
	const char *end;

	k->in = s->look.inst[t];
	if (k->in.state >= 0)
		s->count[k->in.state]++;
	look_marker(&s->look, t, &k->sum);
	spans_all(&k->sum, k->in.state, (double)seconds, &k->all);
	k->seconds = -1;
	if (!k->sum.start[0])
		return;
	end = k->in.state == STATE_RUNNING ? now : k->sum.end;
	k->seconds = k->sum.wall[0] && k->in.state != STATE_RUNNING ?
	    strtod(k->sum.wall, NULL) : end[0] ?
	    row_seconds(k->sum.start, end) : -1;
	if (k->seconds < 0 && k->in.state == STATE_RUNNING)
		k->seconds = 0;
	/* UTC with the same number of digits: text sorts as time */
	if (!s->start[0] || strcmp(k->sum.first, s->start) < 0)
		snprintf(s->start, sizeof s->start, "%s", k->sum.first[0] ?
		    k->sum.first : k->sum.start);
	if (strcmp(k->sum.end, s->end) > 0)
		snprintf(s->end, sizeof s->end, "%s", k->sum.end);
}

static int
find_critical(struct sight *s)
{
	uint32_t n = s->look.plan->n, *path;
	double *seconds = malloc((n + 1) * sizeof *seconds), total;
	size_t len;

	if (!seconds)
		return -1;
	for (uint32_t t = 0; t < n; t++)
		seconds[t] = s->task[t].all.from < 0 ? -1 :
		    s->task[t].all.to - s->task[t].all.from;
	path = critical_path(&s->look.plan->graph, seconds, &len, &total);
	free(seconds);
	if (len == (size_t)-1)
		return -1;
	for (size_t i = 0; i < len && total > 0 && len > 1; i++)
		s->task[path[i]].critical = true;
	free(path);
	return 0;
}

int
sight_open(struct spool *sp, const struct id *id, int64_t now,
    struct sight *s, struct buf *why)
{
	char text[INSTANT_LEN];
	uint32_t n;

	*s = (struct sight){ .seconds = -1 };
	if (look_open(sp, id, &s->look, why) < 0)
		return -1;
	n = s->look.plan->n;
	s->task = calloc((size_t)n + 1, sizeof *s->task);
	if (!s->task || (n <= SIGHT_PAGES && look_keep(&s->look) < 0)) {
		free(s->task);
		look_close(&s->look);
		errno = ENOMEM;
		return -1;
	}
	instant_format(text, now, 0);
	for (uint32_t t = 0; t < n; t++)
		take_task(s, t, now, text);
	if (s->look.state != RUN_SUCCESS && s->look.state != RUN_FAILED)
		s->end[0] = '\0';
	if (s->start[0])
		s->seconds = row_seconds(s->start, s->end[0] ? s->end : text);
	take_cause(s);
	if (find_critical(s) < 0) {
		sight_close(s);
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

void
sight_close(struct sight *s)
{
	free(s->task);
	look_close(&s->look);
	s->task = NULL;
}

bool
sight_has_page(const struct sight *s, uint32_t task)
{
	enum state state = s->task[task].in.state;

	return s->look.plan->n <= SIGHT_PAGES || (state != STATE_SUCCESS &&
	    state != STATE_SKIPPED && state != STATE_WAITING &&
	    state != STATE_UPSTREAM_FAILED);
}

void
sight_how(const struct sight_task *t, struct buf *b)
{
	const struct marker_sum *m = &t->sum;

	if (m->reason[0])
		buf_str(b, m->reason);
	if (m->signal[0])
		buf_fmt(b, "%ssignal %s", m->reason[0] ? ", " : "", m->signal);
	else if (m->exit[0] && strcmp(m->exit, "0") != 0)
		buf_fmt(b, "%sexit %s", m->reason[0] ? ", " : "", m->exit);
}

void
sight_log(struct sight *s, uint32_t task, bool last, struct buf *out)
{
	struct buf text = BUF_INIT, lines = BUF_INIT;
	const char *p, *nl;

	look_text(&s->look, task, &text);
	for (p = buf_cstr(&text); (nl = strchr(p, '\n')); p = nl + 1) {
		if (p[0] != '|' || p[1] != ' ') {
			/* what an event before said is not of the last one */
			if (nl - p > 8 && memmem(p, (size_t)(nl - p),
			    "\tend\t", 5))
				buf_reset(&lines);
			continue;
		}
		if (last && (size_t)(nl - p) > 2 + strspn(p + 2, " \t\r"))
			buf_reset(&lines);
		else if (last)
			continue;
		buf_add(&lines, p + 2, (size_t)(nl - p - 2));
		if (!last)
			buf_ch(&lines, '\n');
	}
	buf_add(out, lines.p, lines.n);
	buf_free(&lines);
	buf_free(&text);
}
