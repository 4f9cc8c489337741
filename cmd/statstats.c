/* statstats: dagstat --stats: what the history adds up to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dagstat.h"
#include "stats.h"
#include "text.h"

static const char *const head[] = {
	"ID", "WEEK", ">ENDED", ">WELL", ">RETRIED", ">TIME", ">P95", ">MAX",
	">CPU", ">P95", ">MAX", ">MEM", ">P95", ">MAX", "NOTE", NULL,
};

/* a DAG's name, or DAG/TASK: other than elsewhere no run is named */
enum exit_code
statstats_add_id(const char *text, void *arg)
{
	const char *slash = strchr(text, '/'), *task = slash ? slash + 1 : "";
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	struct buf why = BUF_INIT;
	char dag[NAME_LEN + 1];
	enum exit_code r = EXIT_OK;

	(void)arg;
	if (!name_ok(text, n) || (slash && !name_ok(task, strlen(task))))
		buf_str(&why, "DAG or DAG/TASK is wanted");
	else {
		snprintf(dag, sizeof dag, "%.*s", (int)n, text);
		if (!spool_knows(&dagstat.spool, dag))
			buf_str(&why, "there is no such DAG here");
		else if (!ids_add(&dagstat.ids, dag, "", task))
			prog_die_errno("memory");
	}
	if (why.n)
		r = dagstat_bad_id(text, &why);
	buf_free(&why);
	return r;
}

static void
put_range(struct table *t, const struct tally_range *r,
    void (*f)(struct buf *, const char *))
{
	const double value[] = {r->median, r->p95, r->max};
	struct buf raw = BUF_INIT, cell = BUF_INIT;

	for (int i = 0; i < 3; i++) {
		buf_reset(&raw);
		buf_reset(&cell);
		if (value[i] >= 0)
			buf_fmt(&raw, "%.3f", value[i]);
		f(&cell, buf_cstr(&raw));
		table_cell(t, buf_cstr(&cell));
	}
	buf_free(&raw);
	buf_free(&cell);
}

static void
put_row(struct table *t, const char *dag, const struct stats_row *r)
{
	struct buf b = BUF_INIT;

	buf_fmt(&b, "%s%s%s", dag, r->task[0] ? "/" : "", r->task);
	table_cell(t, buf_cstr(&b));
	table_cell(t, r->week);
	buf_reset(&b);
	buf_fmt(&b, "%zu", r->count);
	table_cell(t, buf_cstr(&b));
	buf_reset(&b);
	if (r->count)
		buf_fmt(&b, "%.1f%%", 100.0 * (double)r->good /
		    (double)r->count);
	table_cell(t, buf_cstr(&b));
	buf_reset(&b);
	if (r->task[0])
		buf_fmt(&b, "%zu", r->retried);
	table_cell(t, buf_cstr(&b));
	put_range(t, &r->wall, row_put_seconds);
	put_range(t, &r->cpu, row_put_seconds);
	put_range(t, &r->rss, row_put_memory);
	table_cell(t, r->note);
	buf_free(&b);
}

static void
json_range(struct buf *b, const char *name, const struct tally_range *r)
{
	if (r->median >= 0)
		buf_fmt(b, ",\"%s\":{\"median\":%.3f,\"p95\":%.3f,"
		    "\"max\":%.3f}", name, r->median, r->p95, r->max);
}

static void
json(struct buf *b, const char *dag, const struct stats_row *r)
{
	buf_str(b, b->n ? ",\n" : "[\n");
	buf_str(b, "{\"kind\":\"stats\"");
	text_json_str(b, "dag", dag);
	text_json_str(b, "task", r->task);
	text_json_str(b, "week", r->week);
	buf_fmt(b, ",\"ended\":%zu,\"well\":%zu", r->count, r->good);
	if (r->task[0])
		buf_fmt(b, ",\"retried\":%zu", r->retried);
	json_range(b, "wall", &r->wall);
	json_range(b, "cpu", &r->cpu);
	json_range(b, "rss", &r->rss);
	text_json_str(b, "note", r->note);
	buf_ch(b, '}');
}

static enum exit_code worst = EXIT_OK;

static size_t
add_dag(const char *dag, const char *task, struct table *t, struct buf *out)
{
	struct stats_row *row;
	size_t n;

	if (stats_of(&dagstat.spool, dag, task[0] ? task : NULL, &row, &n) <
	    0) {
		worst = dagstat_damaged(dag);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		if (dagstat.style.json)
			json(out, dag, &row[i]);
		else
			put_row(t, dag, &row[i]);
	free(row);
	return n;
}

enum exit_code
statstats(void)
{
	struct buf out = BUF_INIT;
	struct names dags = {0};
	struct table t;
	size_t n = 0;

	table_begin(&t, head);
	if (!dagstat.restricted && spool_dags(&dagstat.spool, &dags) < 0)
		prog_die_errno("%s", dagstat.spool.path);
	for (size_t i = 0; i < dags.n; i++)
		n += add_dag(dags.name[i], "", &t, &out);
	for (size_t i = 0; i < dagstat.ids.n; i++)
		n += add_dag(dagstat.ids.id[i].dag, dagstat.ids.id[i].task, &t,
		    &out);
	if (dagstat.style.count) {
		buf_reset(&out);
		buf_fmt(&out, "%zu\n", n);
	} else if (dagstat.style.json)
		buf_str(&out, n ? "\n]\n" : "[]\n");
	else
		table_end(&t, prog_verbose >= 0, &out);
	dagstat_put(&out);
	buf_free(&t.text);
	buf_free(&out);
	names_free(&dags);
	return worst;
}
