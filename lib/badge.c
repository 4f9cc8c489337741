/* badge: how a DAG is, in a small picture: SVG. */
#include <stdlib.h>
#include <string.h>

#include "badge.h"
#include "html.h"
#include "notice.h"

/* of a character at 11 px; a text is drawn as wide as it is given room */
enum { WIDE = 7, PAD = 8, HIGH = 20 };

struct value {
	const char *text, *colour;
};

/* the latest run that has begun */
static int
state(struct spool *sp, const char *dag, enum run_state *out)
{
	struct run_entry *list;
	struct run r;
	size_t n;

	*out = RUN_NONE;
	if (spool_runs(sp, dag, false, &list, &n) < 0)
		return -1;
	while (n > 0 && (*out < 0 || *out == RUN_WAITING)) {
		if (run_open(sp, dag, list[--n].name, &r) < 0)
			continue;
		*out = run_state(&r);
		run_close(&r);
	}
	free(list);
	return 0;
}

static void
part(struct buf *b, size_t at, size_t wide, const char *text,
    const char *colour)
{
	buf_fmt(b, "<rect x=\"%zu\" width=\"%zu\" height=\"%d\" fill=\"%s\"/>"
	    "<text x=\"%zu\" y=\"14\" textLength=\"%zu\">", at, wide, HIGH,
	    colour, at + PAD, wide - (size_t)2 * PAD);
	html_str(b, text);
	buf_str(b, "</text>\n");
}

int
badge_put(struct spool *sp, const char *dag, struct buf *b)
{
	static const struct value values[RUN_STATES] = {
		[RUN_WAITING] = {"waiting", "#57606a"},
		[RUN_ACTIVE] = {"running", "#0550ae"},
		[RUN_SUCCESS] = {"success", "#116329"},
		[RUN_FAILED] = {"failed", "#a40e26"},
	};
	struct value v = {"no run", "#57606a"};
	enum run_state s;
	size_t left, right;

	if (state(sp, dag, &s) < 0)
		return -1;
	if (s >= 0)
		v = values[s];
	if (s != RUN_FAILED && notice_paused(sp, dag, NULL))
		v = (struct value){"paused", "#7d4e00"};
	left = strlen(dag) * WIDE + (size_t)2 * PAD;
	right = strlen(v.text) * WIDE + (size_t)2 * PAD;
	buf_fmt(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" "
	    "height=\"%d\" role=\"img\">\n<title>", left + right, HIGH);
	html_str(b, dag);
	buf_fmt(b, ": %s</title>\n<g fill=\"#fff\" font-family=\"Verdana, "
	    "DejaVu Sans, sans-serif\" font-size=\"11\">\n", v.text);
	part(b, 0, left, dag, "#3d444d");
	part(b, left, right, v.text, v.colour);
	buf_str(b, "</g>\n</svg>\n");
	return b->err ? -1 : 0;
}
