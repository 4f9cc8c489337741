/* dot: a DAG as a graph in the language of graphviz. */
#include <errno.h>
#include <string.h>

#include "dot.h"
#include "rec.h"

/* in quotes; a newline ends a line of a label, and a backslash is itself */
static void
put_quoted(FILE *f, const char *s)
{
	putc('"', f);
	for (; *s; s++) {
		if (*s == '\n') {
			fputs("\\n", f);
			continue;
		}
		if (*s == '"' || *s == '\\')
			putc('\\', f);
		putc(*s, f);
	}
	putc('"', f);
}

/* the name of an upstream: as far as the next blank */
static const char *
put_upstream(FILE *f, const char *s)
{
	size_t n = strcspn(s, " ");

	fprintf(f, "\t\"%.*s\" -> ", (int)n, s);
	return s + n + strspn(s + n, " ");
}

static void
put_task(FILE *f, const struct rec *r)
{
	const char *slash = strchr(r->id, '/');
	const char *name = slash ? slash + 1 : r->id;
	const char *about = rec_get(r, "description"), *s;

	putc('\t', f);
	put_quoted(f, name);
	if (!about)
		about = rec_get(r, rec_get(r, "dag") ? "dag" : "run");
	if (about) {
		fputs(" [tooltip=", f);
		put_quoted(f, about);
		putc(']', f);
	}
	/* drawn as several: it is mapped */
	if (rec_get(r, "each"))
		fputs(" [peripheries=2]", f);
	fputs(";\n", f);
	for (s = rec_get(r, "after"); s && *s;) {
		s = put_upstream(f, s);
		put_quoted(f, name);
		fputs(";\n", f);
	}
}

static void
put_dag(FILE *f, const struct rec *r)
{
	const char *about = rec_get(r, "description");

	fputs("digraph ", f);
	put_quoted(f, r->id);
	fputs(" {\n\trankdir=LR;\n\tnode [shape=box];\n", f);
	if (!about)
		return;
	fputs("\tlabel=", f);
	put_quoted(f, about);
	fputs(";\n", f);
}

int
dot_print(const struct buf *plan, FILE *f)
{
	const char *line = plan->p, *end = plan->p + plan->n, *nl;
	struct rec r = {0};
	int result = 0;

	for (; line < end && result == 0; line = nl + 1) {
		nl = memchr(line, '\n', (size_t)(end - line));
		if (!nl)
			break;
		if (rec_parse(&r, line, (size_t)(nl - line)) != REC_OK)
			result = -1;
		else if (strcmp(r.kind, "dag") == 0)
			put_dag(f, &r);
		else
			put_task(f, &r);
	}
	fputs("}\n", f);
	rec_free(&r);
	if (result < 0)
		errno = ENOMEM;
	return result;
}
