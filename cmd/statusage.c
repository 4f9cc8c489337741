/* statusage: dagstat --usage: the spool's size by DAG. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dagstat.h"
#include "text.h"
#include "usage.h"

static const char *const head[] = {
	"DAG", ">RUNS", ">SIZE", ">ARCHIVED", ">SIZE", ">REST", ">TOTAL", NULL,
};
/* on a terminal: and how much of all that is */
static const char *const seen[] = {
	"DAG", ">RUNS", ">SIZE", ">ARCHIVED", ">SIZE", ">REST", ">TOTAL",
	"SHARE", NULL,
};

static void
put_number(struct table *t, size_t n)
{
	char text[24];

	snprintf(text, sizeof text, "%zu", n);
	table_cell(t, text);
}

static void
put_bytes(struct table *t, int64_t n)
{
	struct buf b = BUF_INIT;
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)n / 1024);
	row_put_memory(&b, text);
	table_cell(t, buf_cstr(&b));
	buf_free(&b);
}

static int64_t
total(const struct usage *u)
{
	return u->live + u->archives + u->rest;
}

/* all: of what a share is shown, or 0 */
static void
put_row(struct table *t, const struct usage *u, int64_t all)
{
	struct buf bar = BUF_INIT;

	table_cell(t, u->dag);
	put_number(t, u->runs);
	put_bytes(t, u->live);
	put_number(t, u->archived);
	put_bytes(t, u->archives);
	put_bytes(t, u->rest);
	put_bytes(t, total(u));
	if (all > 0) {
		term_bar(&bar, &dagstat.term, (double)total(u) / (double)all,
		    20);
		table_cell(t, buf_cstr(&bar));
	}
	buf_free(&bar);
}

static void
json(struct buf *b, const struct usage *u)
{
	buf_str(b, b->n ? ",\n" : "[\n");
	buf_str(b, "{\"kind\":\"usage\"");
	text_json_str(b, "dag", u->dag);
	buf_fmt(b, ",\"runs\":%zu,\"live\":%lld,\"archived\":%zu,"
	    "\"archives\":%lld,\"rest\":%lld}", u->runs, (long long)u->live,
	    u->archived, (long long)u->archives, (long long)u->rest);
}

/* was this DAG asked about? */
static bool
wanted(const struct usage *u)
{
	for (size_t i = 0; i < dagstat.ids.n; i++)
		if (strcmp(dagstat.ids.id[i].dag, u->dag) == 0)
			return true;
	return !dagstat.restricted;
}

static enum exit_code worst = EXIT_OK;

static void
damaged(const char *dag)
{
	worst = dagstat_damaged(dag);
}

enum exit_code
statusage(void)
{
	struct buf out = BUF_INIT;
	struct usage *list;
	struct table t;
	size_t n, shown = 0;
	int64_t all = 0;

	if (usage_all(&dagstat.spool, &list, &n, damaged) < 0)
		prog_die_errno("%s", dagstat.spool.path);
	for (size_t i = 0; dagstat.term.tty && i < n; i++)
		all += total(&list[i]);
	table_begin(&t, all > 0 ? seen : head);
	t.term = &dagstat.term;
	for (size_t i = 0; i < n; i++) {
		if (!wanted(&list[i]))
			continue;
		shown++;
		if (dagstat.style.json)
			json(&out, &list[i]);
		else
			put_row(&t, &list[i], all);
	}
	if (dagstat.style.count) {
		buf_reset(&out);
		buf_fmt(&out, "%zu\n", shown);
	} else if (dagstat.style.json)
		buf_str(&out, shown ? "\n]\n" : "[]\n");
	else
		table_end(&t, prog_verbose >= 0, &out);
	dagstat_put(&out);
	buf_free(&t.text);
	buf_free(&out);
	free(list);
	return worst;
}
