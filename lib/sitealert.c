/* sitealert: what needs somebody: what failed, is late, is held, is wrong. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "html.h"
#include "late.h"
#include "sitealert.h"

enum { TOLD = 5 };

/* in which order they are told */
enum { FAILED, LATE, WRONG, MISSED, HELD, PAUSED };

/* begins an item about a run, or (NULL) the DAG, of which there may be no
 * pages; what is appended to text until end is its own */
static void
begin(struct sitealert *a, int rank, const char *when, const char *base,
    const struct sitedag *d, const char *run)
{
	size_t cap = a->cap ? a->cap * 2 : 32;
	struct sitealert_item *more = a->item;
	bool page = d->n > 0;

	if (a->n == a->cap && (more = realloc(a->item, cap * sizeof *more))) {
		a->item = more;
		a->cap = cap;
	}
	if (!more) {
		a->text.err = ENOMEM;
		return;
	}
	a->item[a->n] = (struct sitealert_item){ .rank = rank,
	    .at = a->text.n };
	snprintf(a->item[a->n++].when, INSTANT_LEN, "%s", when);
	if (page) {
		buf_fmt(&a->text, "<li><a href=\"%s", base);
		html_url(&a->text, run ? run : "index");
		buf_str(&a->text, ".html\">");
	} else
		buf_str(&a->text, "<li><strong>");
	html_str(&a->text, d->dag);
	if (run) {
		buf_ch(&a->text, '/');
		html_str(&a->text, run);
	}
	buf_str(&a->text, page ? "</a> " : "</strong> ");
}

static void
end(struct sitealert *a)
{
	buf_str(&a->text, "</li>\n");
	if (!a->text.err)
		a->item[a->n - 1].n = a->text.n - a->item[a->n - 1].at;
}

/* what failed in a run; the links in it are those of the DAG's page, which is
 * a level down */
static void
put_failed(struct sitealert *a, const struct sitedag_run *r, const char *base)
{
	static const char open[] = "<a href=\"";
	struct buf text = r->failures;
	const char *s = buf_cstr(&text), *l;

	buf_str(&a->text, "<ul>\n");
	for (; *s; s = l) {
		l = strstr(s, open);
		l = l ? l + strlen(open) : s + strlen(s);
		buf_add(&a->text, s, (size_t)(l - s));
		if (*l)
			buf_str(&a->text, base);
	}
	buf_str(&a->text, "</ul>");
}

/* tasks that take longer than they usually do: the rows of --late */
static void
put_late(struct sitealert *a, struct spool *sp, struct late *late,
    const struct sitedag *d, const struct sitedag_run *r, const char *base)
{
	struct view_style style = { .bare = true };
	struct buf why = BUF_INIT, out = BUF_INIT;
	const char *id, *state, *text;
	struct id run = {0};
	struct view v;

	snprintf(run.dag, sizeof run.dag, "%s", d->dag);
	snprintf(run.run, sizeof run.run, "%s", r->name);
	view_begin(&v, &style);
	late_run(late, sp, &run, &v, &why);
	id = table_first(&v.table[VIEW_WHYS]);
	for (; id; id = table_after(&v.table[VIEW_WHYS], text)) {
		state = table_after(&v.table[VIEW_WHYS], id);
		text = table_after(&v.table[VIEW_WHYS], state);
		begin(a, LATE, r->start, base, d, r->name);
		buf_str(&a->text, "<strong>");
		html_str(&a->text, strrchr(id, '/') + 1);
		buf_str(&a->text, "</strong> ");
		html_str(&a->text, text);
		end(a);
	}
	view_end(&v, VIEW_WHYS, &out);
	buf_free(&out);
	buf_free(&why);
}

void
sitealert_runs(struct sitealert *a, struct spool *sp, const struct sitedag *d,
    const char *base)
{
	unsigned told = 0, more = 0, held;
	struct late late = {0};

	for (size_t i = 0; i < d->n; i++) {
		if (d->run[i].state == RUN_ACTIVE)
			put_late(a, sp, &late, d, &d->run[i], base);
		held = d->run[i].count[STATE_HELD];
		if (held) {
			begin(a, HELD, d->run[i].start, base, d,
			    d->run[i].name);
			buf_fmt(&a->text, "holds %u task%s", held, held == 1 ?
			    "" : "s");
			end(a);
		}
		if (d->run[i].failures.n == 0)
			continue;
		if (told == TOLD) {
			more++;
			continue;
		}
		told++;
		begin(a, FAILED, d->run[i].failed, base, d, d->run[i].name);
		put_failed(a, &d->run[i], base);
		end(a);
	}
	if (more) {
		/* behind those that are told */
		begin(a, FAILED, "", base, d, NULL);
		buf_fmt(&a->text, "has %u more run%s in which something failed",
		    more, more == 1 ? "" : "s");
		end(a);
	}
	late_free(&late);
}

static void
put_missed(struct sitealert *a, const struct outlook *o)
{
	buf_fmt(&a->text, "missed %llu slot%s in the last %d days",
	    (unsigned long long)o->missed, o->missed == 1 ? "" : "s",
	    OUTLOOK_DAYS);
	if (o->slot[0]) {
		buf_str(&a->text, o->missed == 1 ? ": " : ", at last ");
		html_str(&a->text, o->slot);
	}
	if (o->reason[0]) {
		buf_str(&a->text, " (");
		html_str(&a->text, o->reason);
		buf_ch(&a->text, ')');
	}
}

void
sitealert_outlook(struct sitealert *a, const struct sitedag *d,
    const struct outlook *o, bool paused, const char *base)
{
	if (o->error[0]) {
		begin(a, WRONG, "", base, d, NULL);
		buf_str(&a->text, "has an error in its file: <code>");
		html_str(&a->text, o->error);
		buf_str(&a->text, "</code>");
		end(a);
	}
	if (o->overdue) {
		begin(a, LATE, "", base, d, NULL);
		buf_fmt(&a->text, "has %llu slot%s without a run, due since ",
		    (unsigned long long)o->overdue, o->overdue == 1 ? "" :
		    "s");
		frame_time(o->since, &a->text);
		buf_str(&a->text, ": does <code>dagsched</code> run?");
		end(a);
	}
	if (o->missed) {
		begin(a, MISSED, "", base, d, NULL);
		put_missed(a, o);
		end(a);
	}
	if (paused) {
		begin(a, PAUSED, "", base, d, NULL);
		buf_str(&a->text, "is paused");
		end(a);
	}
}

static int
compare(const void *a, const void *b)
{
	const struct sitealert_item *x = a, *y = b;
	int c;

	if (x->rank != y->rank)
		return x->rank - y->rank;
	c = strcmp(y->when, x->when);
	return c ? c : (x->at > y->at) - (x->at < y->at);
}

void
sitealert_put(struct sitealert *a, size_t max, struct buf *b)
{
	b->err = b->err ? b->err : a->text.err;
	if (a->n == 0 || b->err)
		return;
	qsort(a->item, a->n, sizeof *a->item, compare);
	buf_str(b, "<ul>\n");
	for (size_t i = 0; i < a->n && i < max; i++)
		buf_add(b, a->text.p + a->item[i].at, a->item[i].n);
	if (a->n > max)
		buf_fmt(b, "<li>and %zu more</li>\n", a->n - max);
	buf_str(b, "</ul>\n");
}

void
sitealert_free(struct sitealert *a)
{
	free(a->item);
	buf_free(&a->text);
	*a = (struct sitealert){0};
}
