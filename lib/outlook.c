/* outlook: when a DAG is due next, what it missed lately, what is wrong. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dagpath.h"
#include "histback.h"
#include "notice.h"
#include "outlook.h"
#include "overdue.h"
#include "rec.h"
#include "slots.h"
#include "source.h"
#include "tz.h"

/* of a history it is enough */
enum { RUNS = 20000 };

struct lately {
	struct outlook *o;
	int64_t since;		/* seconds */
	size_t runs;
};

static void
copy(char *out, size_t n, struct histback_text t)
{
	snprintf(out, n, "%.*s", (int)(t.n < n ? t.n : n - 1), t.p);
}

/* lines come the last one first, and a slot is missed after it was due */
static int
missed(const struct histback_missed *m, void *arg)
{
	struct lately *l = arg;
	char slot[RUN_LEN + 1];
	int64_t t;

	copy(slot, sizeof slot, m->name);
	if (run_name_parse(slot, &t, NULL, NULL) < 0)
		return 0;
	if (m->to != HISTBACK_NEVER)
		t = m->to / 1000;
	if (t < l->since)
		return 0;
	if (l->o->missed == 0) {
		copy(l->o->reason, sizeof l->o->reason, m->reason);
		if (m->count == 1)
			copy(l->o->slot, sizeof l->o->slot, m->name);
	}
	l->o->missed += (uint64_t)m->count;
	return 0;
}

static int
run(const struct histback_run *r, void *arg)
{
	struct lately *l = arg;

	return l->runs++ == RUNS || (r->end != HISTBACK_NEVER &&
	    r->end / 1000 < l->since);
}

/* appends the path of the file; false: there is none that is read */
static bool
find_file(const char *dag, const struct plan *p, struct buf *path)
{
	struct buf v = BUF_INIT, why = BUF_INIT;
	const char *file = p ? plan_dag_get(p, "file", &v) : NULL;
	char *name = (char *)(uintptr_t)dag, **list = NULL;
	size_t n = 0;

	if (file && access(file, R_OK) == 0)
		buf_str(path, file);
	else if (dagpath_list(&name, 1, &list, &n, &why) == 0 && n == 1)
		buf_str(path, list[0]);
	if (list)
		dagpath_free(list, n);
	buf_free(&v);
	buf_free(&why);
	return path->n > 0 && !notice_program(buf_cstr(path));
}

/* the first of the errors in a file */
static void
take_error(struct outlook *o, const char *path, const struct rec *r)
{
	const char *line = rec_get(r, "line"), *text = rec_get(r, "text");
	const char *slash = strrchr(path, '/');

	snprintf(o->error, sizeof o->error, "%s%s%s: %s",
	    slash ? slash + 1 : path, line ? ":" : "", line ? line : "",
	    text ? text : "it cannot be read");
}

/* what the file says today; false: nothing that counts */
static bool
read_file(struct outlook *o, struct spool *sp, const char *dag,
    const struct plan *p, struct rec *r, struct buf *text)
{
	struct buf file = BUF_INIT, why = BUF_INIT;
	enum source_result found = SOURCE_END;
	struct overdue late;
	char *path;
	struct source s = { .path = &path, .n = 1 };

	if (find_file(dag, p, &file)) {
		path = buf_cstr(&file);
		found = source_next(&s, text, &why);
		source_free(&s);
	}
	if ((found == SOURCE_DAG || found == SOURCE_FAULTY) &&
	    rec_parse(r, buf_cstr(text), strcspn(buf_cstr(text), "\n")) ==
	    REC_OK && found == SOURCE_FAULTY)
		take_error(o, buf_cstr(&file), r);
	if (found == SOURCE_DAG && overdue_file(sp, path, &late) == 0 &&
	    late.count) {
		o->overdue = (uint64_t)late.count;
		instant_format(o->since, late.first, 0);
	}
	buf_free(&file);
	buf_free(&why);
	return found == SOURCE_DAG && r->id && strcmp(r->id, dag) == 0;
}

static void
find_due(struct outlook *o, const struct rec *r, int64_t now)
{
	struct buf why = BUF_INIT;
	struct slots s;
	int64_t t;

	if (slots_make(&s, r, &why) == 0 && s.n > 0 &&
	    slots_next(&s, now, &t) == 0 && !slots_beyond(&s, t))
		instant_format(o->due, t, tz_offset(s.zone, t));
	slots_free(&s);
	buf_free(&why);
}

void
outlook_make(struct outlook *o, struct spool *sp, const char *dag,
    const struct plan *p, int64_t now)
{
	struct lately l = { o, now - OUTLOOK_DAYS * 86400, 0 };
	struct histback h = { .run = run, .missed = missed, .arg = &l };
	struct buf text = BUF_INIT;
	struct rec r = {0};

	*o = (struct outlook){0};
	histback_each(sp, dag, &h);
	if (read_file(o, sp, dag, p, &r, &text) || (p &&
	    rec_parse(&r, p->line, p->linelen) == REC_OK))
		find_due(o, &r, now);
	rec_free(&r);
	buf_free(&text);
}
