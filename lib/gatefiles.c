/* gatefiles: what keeps a task from its turn: files that it needs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gatefiles.h"
#include "marker.h"
#include "needs.h"
#include "notify.h"
#include "rec.h"
#include "value.h"

enum {
	MARKER_MAX = 64 << 20,
	WATCHED = 64,		/* missing files of a path that are watched */
};

struct look {
	struct gate *gate;
	bool open;
	struct buf first;	/* the first path that is missing */
};

/* where a path would come to be: the directory nearest to it that is there,
 * and what would come there */
static int
watch_path(struct gate *g, const char *path)
{
	size_t n = strcspn(path, "*?["), at, name;
	struct buf dir = BUF_INIT;

	buf_add(&dir, path, n);
	if (dir.err) {
		errno = dir.err;
		return -1;
	}
	if (strchr(path, '\n') || strchr(path, '\t'))
		n = 0;		/* a line cannot say it: it is looked for */
	for (bool deeper = true; deeper && n > 0;) {
		for (at = n; at > 1 && dir.p[at - 1] != '/'; at--)
			;
		dir.p[at > 1 ? at - 1 : 0] = '\0';
		deeper = at > 1 && access(dir.p, F_OK) != 0;
		name = strcspn(path + at, "/");
		if (strcspn(path + at, "*?[") < name)
			name = 0;
		if (!deeper)
			buf_fmt(g->watch, "%s\t%.*s\n", at > 1 ? dir.p : "/",
			    (int)name, path + at);
		else
			n = at - 1;
	}
	buf_free(&dir);
	return 0;
}

static int
look(const struct needs_seen *s, void *arg)
{
	struct look *l = arg;
	const char *p = s->missing.p;
	int n = 0;

	if (needs_met(s))
		return 0;
	l->open = false;
	if (l->first.n == 0)
		buf_str(&l->first, s->missing.n ? p : s->word);
	for (; l->gate->watch && p < s->missing.p + s->missing.n &&
	    n < WATCHED; p += strlen(p) + 1, n++)
		if (watch_path(l->gate, p) < 0)
			return -1;
	errno = l->first.err;
	return l->first.err ? -1 : 0;
}

int64_t
gatefiles_every(const struct plan *p, uint32_t task)
{
	struct buf b = BUF_INIT;
	const char *v = plan_get(p, task, "poke", &b);
	int64_t every, most;

	if (!v || range_parse(v, &every, &most) < 0)
		every = GATEFILES_EVERY;
	buf_free(&b);
	return every;
}

int64_t
gatefiles_until(const struct plan *p, uint32_t task, int64_t since, bool *skip)
{
	struct buf b = BUF_INIT;
	const char *v = plan_get(p, task, "give-up", &b);
	int64_t seconds, until = INT64_MAX;

	*skip = false;
	if (v && give_up_parse(v, &seconds, skip) == 0)
		until = since + seconds;
	buf_free(&b);
	return until;
}

int64_t
gatefiles_since(char *marker)
{
	struct marker_line l;
	int64_t since = 0, t;

	while (marker_next(&marker, &l))
		if (strcmp(l.event, "rerun") == 0 ||
		    strcmp(l.event, "retry") == 0)
			since = 0;
		else if (strcmp(l.event, "wait") == 0 && !since &&
		    instant_parse(l.when, &t, NULL) == 0)
			since = t;
	return since;
}

/* they are not there: says so in the marker, once, and sees whether it is
 * time to give up */
static int
wait(struct gate *g, uint32_t task, int fd, const char *path,
    enum state *state)
{
	struct buf b = BUF_INIT;
	int64_t since, until, now = clock_seconds(), again;
	bool skip;
	int x;

	if (buf_read(&b, fd, MARKER_MAX) < 0)
		return -1;
	since = gatefiles_since(buf_cstr(&b));
	buf_reset(&b);
	if (since == 0) {
		since = now;
		rec_put(&b, "path", path);
		x = marker_event(fd, "wait", &b, NULL);
		g->fresh |= x > 0;
		if (x < 0 || marker_due(fd, 0) < 0)
			goto fail;
	}
	until = gatefiles_until(g->run->plan, task, since, &skip);
	if (now < until) {
		again = now + gatefiles_every(g->run->plan, task);
		if (g->watch)
			buf_fmt(g->watch, "\t%lld\n", (long long)(again <
			    until ? again : until));
		buf_free(&b);
		return 0;
	}
	*state = skip ? STATE_SKIPPED : STATE_FAILED;
	buf_reset(&b);
	rec_put(&b, "reason", "give-up");
	rec_put(&b, "path", path);
	if (notify_task(g->run, task, &(struct notify){.state = *state,
	    .cause = "give-up"}) < 0 ||
	    marker_event(fd, "stop", &b, NULL) < 0 || marker_due(fd, 0) < 0)
		goto fail;
	buf_free(&b);
	return 0;
fail:
	x = errno;
	buf_free(&b);
	errno = x;
	return -1;
}

int
gatefiles(struct gate *g, uint32_t task, enum state *state)
{
	static const struct instance waiting = {STATE_WAITING, 0};
	struct look l = {.gate = g, .open = true};
	char name[TASK_LEN + 1];
	int x = needs_each(g->run, task, look, &l), fd, e;

	*state = x == 0 && l.open ? STATE_READY : STATE_NONE;
	if (x == 0 && !l.open) {
		fd = marker_open(g->run, plan_name(g->run->plan, task, name),
		    waiting, O_RDWR | O_APPEND);
		x = fd < 0 ? -1 : wait(g, task, fd, buf_cstr(&l.first), state);
		e = errno;
		if (fd >= 0)
			close(fd);
		errno = e;
		if (fd < 0 && errno == ENOENT)
			x = 0;
	}
	e = errno;
	buf_free(&l.first);
	errno = e;
	return x;
}
