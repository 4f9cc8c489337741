/* grid: the last runs of a DAG by its tasks: a column a run, a line a task. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"
#include "look.h"
#include "past.h"
#include "row.h"
#include "sign.h"

enum { NARROWEST = 4, WIDEST = 24, LABEL = 5,
	TIMES = 8 };

struct grid {
	const char *dag;
	const struct term *term;
	const struct run_entry *run;	/* those shown */
	size_t runs, step;		/* columns each */
	uint32_t tasks;
	char (*name)[NAME_LEN + 1];
	size_t width;			/* of the names */
	signed char *cell;		/* states: a line a task */
	enum run_state *state;		/* of the runs */
	double *seconds;		/* of the runs, -1: not known */
	uint32_t *alike;	/* how many tasks a task's line stands for */
};

static void
set_id(struct id *id, const struct grid *g, size_t run)
{
	*id = (struct id){ .archived = g->run[run].archived };
	snprintf(id->dag, sizeof id->dag, "%s", g->dag);
	snprintf(id->run, sizeof id->run, "%s", g->run[run].name);
}

/* takes a run's states into its column; the tasks are known by name */
static void
fill(struct grid *g, size_t run, const struct look *l)
{
	int64_t t;

	g->state[run] = l->state;
	for (uint32_t i = 0; i < g->tasks; i++) {
		t = plan_find(l->plan, g->name[i], strlen(g->name[i]));
		if (t >= 0)
			g->cell[i * g->runs + run] =
			    (signed char)l->inst[t].state;
	}
}

/* the tasks are those of the last run that can be read */
static int
take_tasks(struct grid *g, struct spool *sp)
{
	struct buf why = BUF_INIT;
	struct look look;
	struct id id;

	for (size_t run = g->runs; run-- > 0 && !g->name;) {
		set_id(&id, g, run);
		if (look_open(sp, &id, &look, &why) < 0)
			continue;
		g->tasks = look.plan->n;
		g->name = calloc(g->tasks, sizeof *g->name);
		for (uint32_t i = 0; g->name && i < g->tasks; i++)
			plan_name(look.plan, i, g->name[i]);
		look_close(&look);
		if (!g->name)
			break;
	}
	buf_free(&why);
	return g->name || g->tasks == 0 ? 0 : -1;
}

static void
read_runs(struct grid *g, struct spool *sp)
{
	struct buf why = BUF_INIT;
	struct look look;
	struct id id;

	memset(g->cell, STATE_NONE, (size_t)g->tasks * g->runs);
	for (size_t run = 0; run < g->runs; run++) {
		g->state[run] = RUN_NONE;
		set_id(&id, g, run);
		if (look_open(sp, &id, &look, &why) < 0)
			continue;
		fill(g, run, &look);
		look_close(&look);
	}
	buf_free(&why);
}

static int
read_past(struct grid *g, struct spool *sp)
{
	const struct past_run *p;
	struct past past;

	if (past_load(sp, g->dag, &past) < 0)
		return -1;
	for (size_t i = 0; i < g->runs; i++) {
		g->seconds[i] = -1;
		p = past_find(&past, g->run[i].name);
		if (!p || g->state[i] == RUN_ACTIVE ||
		    g->state[i] == RUN_WAITING)
			continue;
		g->seconds[i] = row_seconds(p->start, p->end);
		/* archived, and the archive is no more */
		if (g->state[i] == RUN_NONE)
			g->state[i] = p->state;
	}
	past_free(&past);
	return 0;
}

static int
compare(const void *a, const void *b, void *arg)
{
	const struct grid *g = arg;
	const uint32_t *x = a, *y = b;
	int c = memcmp(g->cell + *x * g->runs, g->cell + *y * g->runs,
	    g->runs);

	return c ? c : (*x > *y) - (*x < *y);
}

/* of tasks that are alike in all runs the first is shown, for all of them */
static void
fold(struct grid *g, uint32_t *order)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < g->tasks; i++)
		order[i] = i;
	qsort_r(order, g->tasks, sizeof *order, compare, g);
	for (uint32_t i = 0; i < g->tasks; i++) {
		if (i == 0 || memcmp(g->cell + order[i] * g->runs,
		    g->cell + order[first] * g->runs, g->runs) != 0)
			first = i;
		g->alike[order[first]]++;
	}
}

static void
put_name(const struct grid *g, enum term_hue hue, const char *name,
    struct buf *b)
{
	struct buf text = BUF_INIT;
	size_t n = term_cut(&text, g->term, name, strlen(name), g->width);

	term_paint(b, g->term, hue, text.p, text.n);
	for (; n <= g->width; n++)
		buf_ch(b, ' ');
	buf_free(&text);
}

/* ends a line: nothing is left behind what is last in it */
static void
end_line(struct buf *b)
{
	while (!b->err && b->n > 0 && b->p[b->n - 1] == ' ')
		b->n--;
	buf_ch(b, '\n');
}

static void
put_sign(const struct grid *g, enum term_hue hue, const char *sign,
    struct buf *b)
{
	if (*sign == ' ')
		hue = HUE_PLAIN;
	term_paint(b, g->term, hue, sign, strlen(sign));
	if (g->step > 1)
		buf_ch(b, ' ');
}

/* above some columns the day of their run, or its time on the same day */
static void
put_ruler(const struct grid *g, struct buf *b)
{
	size_t at = 0, col, last = SIZE_MAX;
	const char *name;
	bool same;

	put_name(g, HUE_PLAIN, "", b);
	for (size_t i = 0; i < g->runs; i++) {
		col = i * g->step;
		if ((last != SIZE_MAX && col < at + 2) ||
		    col + LABEL > g->runs * g->step + LABEL)
			continue;
		name = g->run[i].name;
		same = last != SIZE_MAX && strncmp(name, g->run[last].name,
		    10) == 0;
		for (; at < col; at++)
			buf_ch(b, ' ');
		if (same)
			term_paint(b, g->term, HUE_DIM, name + 11, 4);
		else
			term_paint(b, g->term, HUE_DIM, name + 5, LABEL);
		at += same ? 4 : LABEL;
		last = i;
	}
	end_line(b);
}

static void
put_seconds(const struct grid *g, struct buf *b)
{
	struct buf level = BUF_INIT, most = BUF_INIT;
	double max = 0;
	char text[32];

	for (size_t i = 0; i < g->runs; i++)
		max = g->seconds[i] > max ? g->seconds[i] : max;
	put_name(g, HUE_DIM, "time", b);
	for (size_t i = 0; i < g->runs; i++) {
		buf_reset(&level);
		if (g->seconds[i] >= 0)
			term_level(&level, g->term, max > 0 ?
			    g->seconds[i] / max : 0);
		else
			buf_ch(&level, ' ');
		put_sign(g, sign_run_hue(g->state[i]), buf_cstr(&level), b);
	}
	snprintf(text, sizeof text, "%.3f", max);
	row_put_seconds(&most, text);
	if (max > 0)
		buf_fmt(b, "%s%s", g->step > 1 ? "" : " ", buf_cstr(&most));
	end_line(b);
	buf_free(&level);
	buf_free(&most);
}

static void
put_tasks(const struct grid *g, struct buf *b)
{
	struct buf more = BUF_INIT;
	enum state s;

	put_name(g, HUE_DIM, "run", b);
	for (size_t i = 0; i < g->runs; i++)
		put_sign(g, sign_run_hue(g->state[i]),
		    sign_of_run(g->state[i], g->term->utf8), b);
	end_line(b);
	for (uint32_t t = 0; t < g->tasks; t++) {
		if (g->alike[t] == 0)
			continue;
		put_name(g, HUE_PLAIN, g->name[t], b);
		for (size_t i = 0; i < g->runs; i++) {
			s = (enum state)g->cell[t * g->runs + i];
			put_sign(g, sign_hue(s), sign_of(s, g->term->utf8), b);
		}
		end_line(b);
		if (g->alike[t] < 2)
			continue;
		buf_reset(&more);
		buf_fmt(&more, "# and %u like it\n", g->alike[t] - 1);
		term_paint(b, g->term, HUE_DIM, more.p, more.n);
	}
	buf_free(&more);
}

/* how wide all is to be; the runs that are too many are left out */
static void
measure(struct grid *g, size_t wanted)
{
	size_t room, n;

	g->width = NARROWEST;
	for (uint32_t i = 0; i < g->tasks; i++) {
		n = strlen(g->name[i]);
		if (n > g->width)
			g->width = n < WIDEST ? n : WIDEST;
	}
	/* behind the last one is told how long the longest took */
	room = g->term->cols > g->width + TIMES + 2 ?
	    g->term->cols - g->width - TIMES : 2;
	n = wanted ? wanted : room / 2;
	n = n > room ? room : n;
	if (g->runs > n) {
		g->run += g->runs - n;
		g->runs = n;
	}
	g->step = g->runs * 2 <= room ? 2 : 1;
}

static void
put_head(const struct grid *g, size_t all, struct buf *b)
{
	struct buf text = BUF_INIT;
	unsigned states = 0;

	for (size_t i = 0; i < g->tasks * g->runs; i++)
		if (g->cell[i] >= 0)
			states |= 1u << g->cell[i];
	buf_fmt(&text, "# %s: %zu of %zu runs, %u tasks\n", g->dag, g->runs,
	    all, g->tasks);
	term_paint(b, g->term, HUE_DIM, text.p, text.n);
	sign_legend(b, g->term, states);
	put_ruler(g, b);
	buf_free(&text);
}

static int
draw(struct grid *g, struct spool *sp, size_t all, bool each, struct buf *b)
{
	uint32_t *order = calloc(g->tasks + 1, sizeof *order);
	int x = -1;

	g->cell = malloc((size_t)g->tasks * g->runs + 1);
	g->alike = calloc(g->tasks + 1, sizeof *g->alike);
	g->state = calloc(g->runs, sizeof *g->state);
	g->seconds = calloc(g->runs, sizeof *g->seconds);
	if (order && g->cell && g->alike && g->state && g->seconds) {
		read_runs(g, sp);
		x = read_past(g, sp);
	}
	if (x == 0) {
		for (uint32_t i = 0; i < g->tasks; i++)
			g->alike[i] = each || g->tasks <= PICTURE_LINES;
		if (g->tasks > PICTURE_LINES && !each)
			fold(g, order);
		put_head(g, all, b);
		put_seconds(g, b);
		put_tasks(g, b);
	}
	free(order);
	free(g->cell);
	free(g->alike);
	free(g->state);
	free(g->seconds);
	return x;
}

int
grid_put(struct spool *sp, const char *dag, const struct term *term,
    size_t runs, bool all, struct buf *b)
{
	struct grid g = { .dag = dag, .term = term };
	struct run_entry *list;
	size_t n;
	int x;

	if (spool_runs(sp, dag, true, &list, &n) < 0)
		return -1;
	g.run = list;
	g.runs = n;
	if (n == 0) {
		errno = ENOENT;
		x = -1;
	} else
		x = take_tasks(&g, sp);
	if (x == 0) {
		measure(&g, runs);
		x = draw(&g, sp, n, all, b);
	}
	free(g.name);
	free(list);
	return x;
}
