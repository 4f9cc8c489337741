/* whygate: in words, what of other runs, or files, a task waits for. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "gatefiles.h"
#include "needs.h"
#include "others.h"
#include "whygate.h"

enum {
	NAMED = 5,		/* slots of a DAG, files, told one by one */
	MARKER_MAX = 64 << 20,
};

struct tell {
	struct buf *out;
	struct spool *sp;
	int64_t from, to;
};

static void
put_slot(struct buf *b, const char *dag, const char *task,
    const struct other *o)
{
	char when[INSTANT_LEN];

	instant_format(when, o->time, 0);
	buf_fmt(b, "it comes after %s/%s, ", dag, task);
	if (!o->run && o->decided)
		buf_fmt(b, "whose slot of %s was missed, which counts as "
		    "skipped\n", when);
	else if (!o->run)
		buf_fmt(b, "whose slot of %s has no run yet: dagsched --why "
		    "%s\n", when, dag);
	else if (o->state == STATE_NONE)
		buf_fmt(b, "which has not ended in %s/%s: dagstat --why "
		    "%s/%s\n", dag, o->run->name, dag, o->run->name);
	else
		buf_fmt(b, "which is %s in %s/%s\n", state_name(o->state),
		    dag, o->run->name);
}

static int
tell(const char *dag, const char *task, void *arg)
{
	struct tell *t = arg;
	struct others o;
	size_t told = 0, more = 0;
	int x = others_load(&o, t->sp, dag, task, t->from, t->to);

	for (size_t i = 0; x == 0 && i < o.n; i++) {
		if (o.list[i].state == STATE_SUCCESS)
			continue;
		if (told < NAMED)
			put_slot(t->out, dag, task, &o.list[i]);
		more += told++ >= NAMED;
	}
	if (more)
		buf_fmt(t->out, "it comes after %s/%s, of which %zu more have "
		    "not succeeded\n", dag, task, more);
	if (x == 0 && o.n == 0)
		buf_fmt(t->out, "it comes after %s/%s, which %s\n", dag, task,
		    o.known ? "has no slot yet: that counts as skipped" :
		    "this spool does not know: dagsched | dagq tells it");
	others_free(&o);
	return x;
}

static int
put_past(struct run *r, uint32_t task, struct buf *b)
{
	struct buf where = BUF_INIT;
	struct gate g = {.run = r, .watch = &where};
	int x = gate_past(&g, task);
	const char *tab = strchr(buf_cstr(&where), '\t');

	if (x == 0 && tab) {
		size_t n = strcspn(tab + 1, "\n");
		bool all = n == 1 && tab[1] == '@';

		buf_fmt(b, "it waits for the run before it: %s/%s%s%.*s has "
		    "not %s\n", r->dag, g.before, all ? "" : "/",
		    all ? 0 : (int)n, tab + 1, gate_depends(r->plan, task) ?
		    "succeeded" : "ended");
	}
	buf_free(&where);
	return x;
}

/* the first that are missing, and how many more are */
static void
put_missing(struct buf *b, const struct needs_seen *s)
{
	const char *p = s->missing.p, *end = p + s->missing.n;
	size_t n = 0;

	for (; p < end; p += strlen(p) + 1, n++)
		if (n < NAMED)
			buf_fmt(b, "%s%s", n ? ", " : "", p);
	if (n > NAMED)
		buf_fmt(b, " and %zu more", n - NAMED);
}

static int
put_need(const struct needs_seen *s, void *arg)
{
	struct buf line = BUF_INIT, *b = arg;

	if (needs_met(s))
		return 0;
	if (s->need.range)
		buf_fmt(&line, "it needs %s of %lld slot%s, %lld at least, of "
		    "which %lld %s there; missing: ", s->word,
		    (long long)s->slots, s->slots == 1 ? "" : "s",
		    (long long)s->wanted, (long long)s->found,
		    s->found == 1 ? "is" : "are");
	else if (s->wanted > 1)
		buf_fmt(&line, "it needs %lld files, of which %lld %s there: ",
		    (long long)s->wanted, (long long)s->found,
		    s->found == 1 ? "is" : "are");
	else if (s->missing.n > 0)
		buf_str(&line, "it needs a file that is not there: ");
	if (s->missing.n > 0)
		put_missing(&line, s);
	else
		buf_fmt(&line, "it needs %s", s->word);
	if (s->why.n > 0)
		buf_fmt(&line, ", of which nobody can say where it is: %.*s",
		    (int)s->why.n, s->why.p);
	/* a name may have anything in it */
	for (char *p = buf_cstr(&line); *p; p++)
		if (*p == '\n')
			*p = '?';
	buf_fmt(b, "%s\n", buf_cstr(&line));
	buf_free(&line);
	return 0;
}

/* since when it waits for them, and how long it will */
static int
put_since(struct run *r, uint32_t task, struct buf *b)
{
	static const struct instance waiting = {STATE_WAITING, 0};
	char name[TASK_LEN + 1], when[INSTANT_LEN];
	struct buf text = BUF_INIT;
	int64_t since = 0, until;
	bool skip;
	int fd = marker_open(r, plan_name(r->plan, task, name), waiting,
	    O_RDONLY);

	if (fd >= 0 && buf_read(&text, fd, MARKER_MAX) == 0)
		since = gatefiles_since(buf_cstr(&text));
	if (fd >= 0)
		close(fd);
	buf_free(&text);
	until = since ? gatefiles_until(r->plan, task, since, &skip) :
	    INT64_MAX;
	if (until < INT64_MAX) {
		instant_format(when, until, 0);
		buf_fmt(b, "it gives up on files at %s, and %s then\n", when,
		    skip ? "is skipped" : "has failed");
	}
	return 0;
}

static int
put_files(struct run *r, uint32_t task, struct buf *b)
{
	size_t before = b->n;
	int x = needs_each(r, task, put_need, b);

	return x == 0 && b->n > before ? put_since(r, task, b) : x;
}

static int
put_child(struct run *r, uint32_t task, struct buf *b)
{
	struct instance waiting = {STATE_WAITING, 0};
	enum state s = STATE_NONE;
	struct child c;
	int x = child_of(r, task, waiting, &c);

	if (x > 0)
		x = others_state(r->spool, c.dag, c.run, "", &s) < 0 ? -1 : 1;
	if (x > 0 && s == STATE_NONE)
		buf_fmt(b, "it waits for %s/%s, the run of the DAG that it "
		    "runs%s: dagstat --why %s/%s\n", c.dag, c.run, c.over ?
		    ", which is being ended" : "", c.dag, c.run);
	return x < 0 ? -1 : 0;
}

int
whygate(struct run *r, uint32_t task, struct buf *b)
{
	struct tell t = {.out = b, .sp = r->spool};

	if (!(r->plan->keys & PLAN_GATED))
		return 0;
	if (r->plan->task[task].keys & PLAN_NEEDS && put_files(r, task, b) < 0)
		return -1;
	if (r->plan->task[task].keys & PLAN_OTHERS &&
	    (others_interval(r, &t.from, &t.to) < 0 ||
	    gate_each(r->plan, task, tell, &t) < 0))
		return -1;
	return put_past(r, task, b) < 0 || put_child(r, task, b) < 0 ? -1 : 0;
}
