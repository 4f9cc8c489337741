/*
 * parse: any bytes as a DAG file. What compiles is a good plan, and comes
 * back the same when it is printed as a DAG file and compiled again.
 */
#include "dagcompile.h"
#include "fuzz.h"
#include "plan.h"
#include "plancheck.h"
#include "rec.h"

static int
compile(const char *text, size_t n, struct buf *out)
{
	struct buf copy = BUF_INIT;
	struct dagerr err = {0};
	int x;

	buf_add(&copy, text, n);
	buf_cstr(&copy);
	x = dagcompile("d", "/d.dag", &copy, out, &err);
	MUST(x == 0);
	x = err.total > 0;
	MUST(!x || out->n == 0);
	buf_free(&copy);
	dagerr_free(&err);
	return x;
}

/* key = value; a value of several lines is indented */
static void
print_field(const struct rec_field *f, struct buf *b)
{
	const char *p = f->value, *end;

	if (!strchr(p, '\n')) {
		buf_fmt(b, "%s = %s\n", f->key, p);
		return;
	}
	buf_fmt(b, "%s =\n", f->key);
	for (; *p; p = end + (*end == '\n')) {
		end = p + strcspn(p, "\n");
		if (end > p)
			buf_str(b, "    ");
		buf_add(b, p, (size_t)(end - p));
		buf_ch(b, '\n');
	}
}

static void
print_record(const struct rec *r, struct buf *b)
{
	bool dag = strcmp(r->kind, "dag") == 0;

	if (dag)
		buf_str(b, "[dag]\n");
	else
		buf_fmt(b, "[task %s]\n", strchr(r->id, '/') + 1);
	for (size_t i = 0; i < r->nfield; i++)
		if (!dag || (strcmp(r->field[i].key, "tasks") != 0 &&
		    strcmp(r->field[i].key, "file") != 0))
			print_field(&r->field[i], b);
}

static void
print(const struct buf *records, struct buf *b)
{
	struct rec r = {0};
	const char *p = records->p, *end;

	for (; p < records->p + records->n; p = end + 1) {
		end = memchr(p, '\n', (size_t)(records->p + records->n - p));
		MUST(end && rec_parse(&r, p, (size_t)(end - p)) == REC_OK);
		print_record(&r, b);
	}
	rec_free(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf out = BUF_INIT, text = BUF_INIT, again = BUF_INIT;
	struct buf why = BUF_INIT;
	struct plan plan;

	if (compile((const char *)data, n, &out) == 0 && out.n > 0) {
		MUST(plan_make(&plan, out.p, out.n, &why) == 0);
		MUST(plancheck(&plan, &why) == 0);
		plan_free(&plan);
		print(&out, &text);
		MUST(compile(text.p, text.n, &again) == 0);
		MUST(again.n == out.n &&
		    memcmp(again.p, out.p, out.n) == 0);
	}
	buf_free(&out);
	buf_free(&text);
	buf_free(&again);
	buf_free(&why);
	return 0;
}
