/* boxes: a run's graph in boxes and lines, with the states of its tasks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alike.h"
#include "boxes.h"
#include "canvas.h"
#include "grid.h"
#include "layout.h"
#include "look.h"
#include "route.h"
#include "sign.h"

/* least of a name; "┌─ ─┐" and the sign around it; boxes at most */
enum { SHORTEST = 8, FRAME = 6, BOXES = 400, LINES = 1000 };

struct boxes {
	struct look look;
	const struct term *term;
	struct alike alike;
	struct layout layout;
	struct route *route;	/* behind each layer but the last */
	size_t *width, *col;	/* of each layer */
	bool tall;		/* lines between boxes have rows of their own */
};

/* what stands in a box, and in the list */
static void
label(const struct boxes *x, uint32_t i, struct buf *b)
{
	char name[NAME_LEN + 1];

	buf_str(b, plan_name(x->look.plan, x->alike.task[i], name));
	if (x->alike.count[i] > 1)
		buf_fmt(b, " +%u", x->alike.count[i] - 1);
}

static enum state
state_of(const struct boxes *x, uint32_t i)
{
	return x->look.inst[x->alike.task[i]].state;
}

/* the columns of all, with names of at most that many */
static size_t
measure(struct boxes *x, size_t longest)
{
	const struct layout *l = &x->layout;
	struct buf b = BUF_INIT;
	size_t all = 0, n;

	memset(x->width, 0, l->layers * sizeof *x->width);
	for (uint32_t i = 0; i < x->alike.graph.n; i++) {
		buf_reset(&b);
		label(x, i, &b);
		n = (b.n < longest ? b.n : longest) + FRAME;
		if (n > x->width[l->layer[i]])
			x->width[l->layer[i]] = n;
	}
	for (uint32_t k = 0; k < l->layers; k++) {
		x->col[k] = all;
		all += x->width[k];
		if (k + 1 < l->layers)
			all += route_cols(&x->route[k]);
	}
	buf_free(&b);
	return all;
}

/*
 * The row of characters of a half row. A box takes three, around that of its
 * vertex; one that only passes is in the same, or where that leads to lines
 * over each other in one between the boxes of all layers.
 */
static uint32_t
line_of(const struct boxes *x, uint32_t row, bool passes)
{
	return x->tall ? 3 * row + 1 + passes : 2 * row + 1;
}

/* the segments of an edge: from layer to layer, at rows of its own */
static int
add_edge(struct boxes *x, uint32_t u, uint32_t v, uint32_t e)
{
	const struct layout *l = &x->layout;
	uint32_t from = line_of(x, l->row[u], false), to, bend = l->bendat[e];

	for (uint32_t k = l->layer[u]; k < l->layer[v]; k++) {
		to = k + 1 == l->layer[v] ? line_of(x, l->row[v], false) :
		    line_of(x, l->bend[bend++], true);
		if (route_add(&x->route[k], from, to, k + 1 == l->layer[v]) <
		    0)
			return -1;
		from = to;
	}
	return 0;
}

/* the lines between layers; 1: lines over each other, -1 */
static int
route(struct boxes *x)
{
	const struct graph *g = &x->alike.graph;
	struct layout *l = &x->layout;
	int over = 0;

	for (uint32_t v = 0; v < g->n; v++)
		for (uint32_t e = g->upat[v]; e < g->upat[v + 1]; e++)
			if (add_edge(x, g->up[e], v, e) < 0)
				return -1;
	for (uint32_t k = 0; k + 1 < l->layers; k++) {
		if (route_make(&x->route[k]) < 0)
			return -1;
		over |= x->route[k].over;
	}
	return over;
}

/* has the layout given each edge its place in all layers? */
static bool
bent(const struct boxes *x)
{
	const struct graph *g = &x->alike.graph;
	const struct layout *l = &x->layout;

	for (uint32_t v = 0; v < g->n; v++)
		for (uint32_t e = g->upat[v]; e < g->upat[v + 1]; e++)
			if (l->bendat[e + 1] - l->bendat[e] !=
			    l->layer[v] - l->layer[g->up[e]] - 1)
				return false;
	return true;
}

/* places boxes and lines; 1: they do not fit */
static int
arrange(struct boxes *x)
{
	struct layout *l = &x->layout;
	size_t longest = NAME_LEN + 8;
	int over;

	if (layout_make(l, &x->alike.graph) < 0)
		return -1;
	x->route = calloc(l->layers + 1, sizeof *x->route);
	x->width = calloc(l->layers + 1, sizeof *x->width);
	x->col = calloc(l->layers + 1, sizeof *x->col);
	if (!x->route || !x->width || !x->col)
		return -1;
	if (!bent(x))
		return 1;
	over = route(x);
	if (over > 0) {
		for (uint32_t k = 0; k < l->layers; k++)
			route_free(&x->route[k]);
		x->tall = true;
		over = route(x);
	}
	if (over < 0)
		return -1;
	while (measure(x, longest) > x->term->cols)
		if (--longest < SHORTEST)
			return 1;
	return 0;
}

static void
draw_box(const struct boxes *x, struct canvas *c, uint32_t i)
{
	uint32_t layer = x->layout.layer[i];
	uint32_t y = line_of(x, x->layout.row[i], false);
	size_t col = x->col[layer];
	enum term_hue hue = sign_hue(state_of(x, i));
	struct buf name = BUF_INIT, cut = BUF_INIT;

	canvas_box(c, col, y - 1, x->width[layer], hue);
	canvas_text(c, col + 2, y, hue, sign_of(state_of(x, i),
	    x->term->utf8));
	label(x, i, &name);
	term_cut(&cut, x->term, buf_cstr(&name), name.n,
	    x->width[layer] - FRAME);
	canvas_text(c, col + 4, y, HUE_PLAIN, buf_cstr(&cut));
	buf_free(&name);
	buf_free(&cut);
}

static void
draw_lines(const struct boxes *x, struct canvas *c)
{
	const struct graph *g = &x->alike.graph;
	const struct layout *l = &x->layout;

	for (uint32_t k = 0; k + 1 < l->layers; k++)
		route_draw(&x->route[k], c, x->col[k] + x->width[k]);
	/* through the layers that they do not end in */
	for (uint32_t v = 0; v < g->n; v++)
		for (uint32_t e = g->upat[v]; e < g->upat[v + 1]; e++)
			for (uint32_t i = l->bendat[e]; i < l->bendat[e + 1];
			    i++) {
				uint32_t k = l->layer[g->up[e]] + 1 + i -
				    l->bendat[e];

				canvas_across(c, line_of(x, l->bend[i], true),
				    x->col[k] - 1, x->col[k] + x->width[k]);
			}
}

static int
draw(struct boxes *x, struct buf *b)
{
	uint32_t last = x->layout.layers - 1;
	struct canvas c;

	if (canvas_make(&c, x->term, x->col[last] + x->width[last],
	    line_of(x, x->layout.height, false) + 1) < 0)
		return -1;
	draw_lines(x, &c);
	for (uint32_t i = 0; i < x->alike.graph.n; i++)
		draw_box(x, &c, i);
	/* the last row is that of a vertex, or of a line that passes */
	c.rows = line_of(x, x->layout.height - 1, false) + 2;
	canvas_put(&c, b);
	canvas_free(&c);
	return 0;
}

/* a line a box, behind it its upstreams */
static int
list(struct boxes *x, struct buf *b)
{
	const struct graph *g = &x->alike.graph;
	uint32_t *order = graph_order(g), v, lines = 0;
	struct buf line = BUF_INIT;
	const char *sign;

	if (!order)
		return -1;
	for (uint32_t i = 0; i < g->n; i++, lines++) {
		v = order[i];
		sign = sign_of(state_of(x, v), x->term->utf8);
		term_paint(b, x->term, sign_hue(state_of(x, v)), sign,
		    strlen(sign));
		buf_reset(&line);
		buf_ch(&line, ' ');
		label(x, v, &line);
		for (uint32_t e = g->upat[v]; e < g->upat[v + 1] &&
		    line.n < LINES; e++) {
			buf_str(&line, e == g->upat[v] ? " < " : " ");
			label(x, g->up[e], &line);
		}
		term_cut(b, x->term, buf_cstr(&line), line.n,
		    x->term->cols - 1);
		buf_ch(b, '\n');
	}
	buf_free(&line);
	free(order);
	return 0;
}

static void
put_head(const struct boxes *x, struct buf *b)
{
	const char *state = run_state_name(x->look.state);
	unsigned states = 0;

	buf_str(b, "# ");
	id_text(b, &x->look.id);
	buf_ch(b, ' ');
	term_paint(b, x->term, sign_run_hue(x->look.state), state,
	    strlen(state));
	buf_fmt(b, ", %u task%s\n", x->look.plan->n, x->look.plan->n == 1 ?
	    "" : "s");
	for (uint32_t t = 0; t < x->look.plan->n; t++)
		if (x->look.inst[t].state >= 0)
			states |= 1u << x->look.inst[t].state;
	sign_legend(b, x->term, states);
}

static void
put_away(struct boxes *x)
{
	for (uint32_t k = 0; x->route && k < x->layout.layers; k++)
		route_free(&x->route[k]);
	free(x->route);
	free(x->width);
	free(x->col);
	layout_free(&x->layout);
	alike_free(&x->alike);
	look_close(&x->look);
}

int
boxes_put(struct spool *sp, const struct id *id, const struct term *term,
    bool all, struct buf *b, struct buf *why)
{
	struct boxes x = { .term = term };
	int fits;

	if (look_open(sp, id, &x.look, why) < 0)
		return -1;
	fits = alike_make(&x.alike, &x.look, !all && x.look.plan->n >
	    PICTURE_LINES);
	if (fits == 0)
		fits = x.alike.graph.n > BOXES && !all ? 1 : arrange(&x);
	if (fits >= 0) {
		put_head(&x, b);
		fits = fits > 0 ? list(&x, b) : draw(&x, b);
	}
	put_away(&x);
	return fits;
}
