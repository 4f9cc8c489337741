/* look: a run as it is now: its tasks and their states, archived or not. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "look.h"
#include "maps.h"
#include "scope.h"

enum { PART_MAX = 64 << 20, LOOKS = 3 };

/* members of an archive, kept until its plan is known */
struct gather {
	struct look *look;
	char **name, **text;
	size_t n, cap;
};

static int
read_member(const struct tar_member *m, struct buf *b, size_t max)
{
	char chunk[8192];
	ssize_t n;

	while ((n = tar_read(m, chunk, sizeof chunk)) > 0) {
		if (b->n + (size_t)n > max) {
			errno = EFBIG;
			return -1;
		}
		buf_add(b, chunk, (size_t)n);
	}
	return n < 0 || b->err ? -1 : 0;
}

static int
keep_member(struct gather *g, const struct tar_member *m)
{
	struct buf b = BUF_INIT;
	char **p;

	if (g->n == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 64;
		p = realloc(g->name, g->cap * sizeof *p);
		if (!p)
			return -1;
		g->name = p;
		p = realloc(g->text, g->cap * sizeof *p);
		if (!p)
			return -1;
		g->text = p;
	}
	if (read_member(m, &b, PART_MAX) < 0) {
		buf_free(&b);
		return -1;
	}
	buf_ch(&b, '\0');
	if (b.err) {
		buf_free(&b);
		errno = ENOMEM;
		return -1;
	}
	g->name[g->n] = strdup(m->name);
	g->text[g->n++] = b.p;
	return 0;
}

static int
member(const struct tar_member *m, void *arg)
{
	struct gather *g = arg;
	char task[TASK_LEN + 1];
	struct instance in;

	if (strcmp(m->name, "plan") == 0)
		return read_member(m, &g->look->plantext, 1 << 30);
	if (strcmp(m->name, "run") == 0)
		return read_member(m, &g->look->record, PART_MAX);
	if (strcmp(m->name, "@success") == 0)
		g->look->state = RUN_SUCCESS;
	else if (strcmp(m->name, "@failed") == 0)
		g->look->state = RUN_FAILED;
	else if (marker_parse(m->name, task, &in) == 0 ||
	    strncmp(m->name, "map/", 4) == 0)
		return keep_member(g, m);
	return 0;
}

/* gives each marker that was read to its task */
static void
assign(struct look *l, struct gather *g)
{
	char task[TASK_LEN + 1];
	struct instance in;
	int64_t t;

	for (uint32_t i = 0; i < l->plan->n; i++)
		l->inst[i].state = STATE_NONE;
	for (size_t i = 0; i < g->n; i++) {
		if (!g->name[i] || marker_parse(g->name[i], task, &in) < 0)
			continue;
		t = plan_find(l->plan, task, strlen(task));
		if (t < 0 || in.state < l->inst[t].state)
			continue;
		free(l->marker[t]);
		l->inst[t] = in;
		l->marker[t] = g->text[i];
		g->text[i] = NULL;
	}
}

/* the plan with the instances that its lists say it has */
static int
add_lists(struct look *l, struct gather *g, struct buf *why)
{
	int x = 0;

	if (!l->own.each)
		return 0;
	l->maps = maps_begin();
	for (size_t i = 0; i < g->n && l->maps && x == 0; i++)
		if (strncmp(g->name[i], "map/", 4) == 0)
			x = maps_add(l->maps, &l->own, g->name[i] + 4,
			    g->text[i], strlen(g->text[i]));
	if (!l->maps || x < 0 || maps_made(l->maps, &l->own, why) < 0)
		return -1;
	l->plan = maps_plan(l->maps);
	return 0;
}

static int
open_archived(struct spool *sp, struct look *l, struct buf *why)
{
	struct gather g = { .look = l };
	int x = archive_each(sp, l->id.dag, l->id.run, member, &g, why), e;

	l->id.archived = true;
	if (x == 0 && (x = plan_make(&l->own, l->plantext.p, l->plantext.n,
	    why)) == 0) {
		l->plan = &l->own;
		if (scope_make(&l->own) < 0 || add_lists(l, &g, why) < 0)
			x = -1;
		l->inst = calloc(l->plan->n, sizeof *l->inst);
		l->marker = calloc(l->plan->n, sizeof *l->marker);
		if (x == 0 && l->inst && l->marker)
			assign(l, &g);
		else
			x = -1;
	}
	e = errno;
	for (size_t i = 0; i < g.n; i++) {
		free(g.name[i]);
		free(g.text[i]);
	}
	free(g.name);
	free(g.text);
	errno = e;
	return x;
}

/* the run and its plan; no task is looked at yet */
static int
open_run(struct spool *sp, struct look *l, struct buf *why)
{
	if (run_open(sp, l->id.dag, l->id.run, &l->run) < 0)
		return -1;
	l->id.archived = false;
	l->state = run_state(&l->run);
	if (run_plan(&l->run, why) < 0) {
		if (errno == ENOENT)
			buf_str(why, "it has no plan");
		return -1;
	}
	l->plan = l->run.plan;
	l->inst = malloc(l->plan->n * sizeof *l->inst);
	for (uint32_t t = 0; l->inst && t < l->plan->n; t++)
		l->inst[t] = (struct instance){STATE_NONE, 0};
	return l->inst ? 0 : -1;
}

static int
open_live(struct spool *sp, struct look *l, struct buf *why)
{
	if (open_run(sp, l, why) < 0 || run_states(&l->run, l->inst) < 0)
		return -1;
	for (uint32_t t = 0; t < l->plan->n; t++)
		if (l->inst[t].state == STATE_NONE) {
			/* it may have been archived under our eyes */
			errno = ENOENT;
			return 1;
		}
	return l->state == RUN_NONE;
}

static void
begin(struct look *l, const struct id *id, struct buf *why)
{
	*l = (struct look){ .id = *id, .run = { .fd = -1 },
	    .state = RUN_NONE };
	l->id.task[0] = '\0';
	buf_reset(why);
}

int
look_named(struct spool *sp, const struct id *id, const char *names, size_t n,
    struct look *l, struct buf *why)
{
	char task[TASK_LEN + 1];
	struct instance in;
	int64_t t;
	int e;

	begin(l, id, why);
	if (open_run(sp, l, why) < 0) {
		e = errno;
		look_close(l);
		errno = e;
		return -1;
	}
	for (const char *p = names; p < names + n; p += strlen(p) + 1)
		if (marker_parse(p, task, &in) == 0 &&
		    (t = plan_find(l->plan, task, strlen(task))) >= 0)
			l->inst[t] = in;
	return 0;
}

int
look_open(struct spool *sp, const struct id *id, struct look *l,
    struct buf *why)
{
	int x = -1, e;

	for (int look = 0; look < LOOKS; look++) {
		begin(l, id, why);
		x = open_live(sp, l, why);
		if (x == 0 || (x > 0 && look == LOOKS - 1))
			return 0;
		if (x < 0 && errno == ENOENT && l->run.fd < 0) {
			look_close(l);
			l->id = *id;
			x = open_archived(sp, l, why);
			if (x == 0)
				return 0;
		}
		e = errno;
		look_close(l);
		errno = e;
		/* gone from archive/ too: perhaps it was just brought back */
		if (x < 0 && errno != ENOENT)
			return -1;
	}
	return -1;
}

void
look_close(struct look *l)
{
	for (uint32_t t = 0; l->marker && t < l->plan->n; t++)
		free(l->marker[t]);
	free(l->marker);
	free(l->inst);
	maps_free(l->maps);
	plan_free(&l->own);
	buf_free(&l->plantext);
	buf_free(&l->record);
	if (l->run.fd >= 0)
		run_close(&l->run);
	*l = (struct look){ .run = { .fd = -1 } };
}

static int
read_live(struct look *l, uint32_t task, struct buf *b)
{
	char name[TASK_LEN + 1];
	int fd = -1, x;

	plan_name(l->plan, task, name);
	for (int look = 0; look < LOOKS && fd < 0; look++) {
		if (look > 0)
			l->inst[task] = task_state(&l->run, name);
		fd = marker_open(&l->run, name, l->inst[task], O_RDONLY);
		if (fd < 0 && errno != ENOENT)
			return -1;
	}
	if (fd < 0)
		return -1;
	x = buf_read(b, fd, PART_MAX);
	close(fd);
	return x;
}

int
look_keep(struct look *l)
{
	uint32_t n = l->plan->n;
	char **text = l->marker ? NULL : calloc((size_t)n + 1, sizeof *text);
	struct buf b;

	if (l->marker)
		return 0;
	for (uint32_t t = 0; text && t < n; t++) {
		b = (struct buf)BUF_INIT;
		look_text(l, t, &b);
		buf_ch(&b, '\0');
		if (b.err)
			buf_free(&b);
		text[t] = b.p;
	}
	l->marker = text;
	return text ? 0 : -1;
}

void
look_text(struct look *l, uint32_t task, struct buf *b)
{
	if (l->marker && l->marker[task])
		buf_str(b, l->marker[task]);
	else if (!l->marker && l->inst[task].state != STATE_NONE &&
	    read_live(l, task, b) < 0)
		buf_reset(b);
}

void
look_marker(struct look *l, uint32_t task, struct marker_sum *sum)
{
	struct buf b = BUF_INIT;

	look_text(l, task, &b);
	marker_sum(buf_cstr(&b), sum);
	buf_free(&b);
}

int
look_record(struct look *l, struct buf *b)
{
	if (!l->id.archived)
		return run_record(&l->run, b);
	buf_add(b, l->record.p, l->record.n);
	return 0;
}
