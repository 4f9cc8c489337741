/* sitesearch: what the search of a site's pages looks through. */
#include <string.h>

#include "sitesearch.h"
#include "text.h"

/*
 * A script of one call, since a page from a file may read no other file: for
 * each DAG its name, the tasks of its latest run, and its runs, the latest
 * first, each a name, or a name, a state and the tasks that failed.
 */
static void
put_string(struct buf *b, const char *s)
{
	text_json(b, s, strlen(s));
}

static void
put_tasks(struct buf *b, const struct plan *p)
{
	char name[TASK_LEN + 1];

	for (uint32_t t = 0; t < p->n && t < SIGHT_PAGES; t++) {
		buf_str(b, t ? "," : "");
		put_string(b, plan_name(p, t, name));
	}
}

static void
put_run(struct buf *b, const struct sitedag *d, size_t i, const char *name)
{
	const struct sitedag_run *r = i < d->n ? &d->run[i] : NULL;

	if (!r || r->state < 0) {
		put_string(b, name);
		return;
	}
	buf_ch(b, '[');
	put_string(b, name);
	buf_fmt(b, ",\"%s\"", run_state_name(r->state));
	for (size_t c = 0; c < d->columns && r->cell; c++)
		if (r->cell[c] == STATE_FAILED) {
			buf_ch(b, ',');
			put_string(b, d->column[c]);
		}
	buf_ch(b, ']');
}

void
sitesearch_add(struct buf *b, const struct sitedag *d,
    const struct run_entry *list, size_t n)
{
	buf_str(b, b->n ? ",\n[" : "[");
	put_string(b, d->dag);
	buf_str(b, ",[");
	if (d->has_latest)
		put_tasks(b, d->latest.look.plan);
	buf_str(b, "],\n[");
	for (size_t i = 0; i < n && i < SITESEARCH_RUNS; i++) {
		buf_str(b, i ? "," : "");
		put_run(b, d, i, list[n - 1 - i].name);
	}
	buf_str(b, "]]");
}

int
sitesearch_put(struct page_dir *dir, const struct buf *dags)
{
	struct buf b = BUF_INIT;
	int x;

	buf_str(&b, "searchThrough([\n");
	buf_add(&b, dags->p, dags->n);
	buf_str(&b, "\n]);\n");
	b.err = b.err ? b.err : dags->err;
	x = page_put(dir, "search.js", &b, NULL);
	buf_free(&b);
	return x < 0 ? -1 : 0;
}
