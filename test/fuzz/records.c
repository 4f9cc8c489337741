/*
 * records: any bytes as records, as a plan, as a marker. A record that is
 * read is the same when it is written and read again.
 */
#include "fuzz.h"
#include "marker.h"
#include "plan.h"
#include "plancheck.h"
#include "rec.h"

static void
write_again(const struct rec *r)
{
	struct buf b = BUF_INIT;
	struct rec s = {0};

	rec_begin(&b, r->kind, r->id);
	for (size_t i = 0; i < r->nfield; i++)
		rec_put(&b, r->field[i].key, r->field[i].value);
	rec_end(&b);
	MUST(rec_parse(&s, b.p, b.n - 1) == REC_OK);
	MUST(strcmp(s.kind, r->kind) == 0 && strcmp(s.id, r->id) == 0 &&
	    s.nfield == r->nfield);
	for (size_t i = 0; i < r->nfield; i++)
		MUST(strcmp(s.field[i].key, r->field[i].key) == 0 &&
		    strcmp(s.field[i].value, r->field[i].value) == 0);
	rec_free(&s);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct rec_reader in = {.fd = fuzz_file(data, n)};
	char *text = fuzz_string(data, n);
	struct buf why = BUF_INIT;
	struct marker_sum sum;
	enum rec_result x;
	struct rec r = {0};
	struct plan plan;

	while ((x = rec_next(&in, &r)) != REC_END) {
		MUST(x != REC_ERROR);
		if (x == REC_OK)
			write_again(&r);
		else if (x == REC_BAD)
			MUST(rec_fault(r.raw, r.rawlen));
		if (x == REC_CUT)
			break;
	}
	rec_free(&r);
	rec_reader_free(&in);
	close(in.fd);
	if (plan_make(&plan, text, n, &why) == 0) {
		plancheck(&plan, &why);
		for (uint32_t t = 0; t < plan.n; t++) {
			char name[65];

			plan_name(&plan, t, name);
			MUST(plan_find(&plan, name, strlen(name)) == t);
			plan_duration(&plan, t, "timeout", 0);
		}
		plan_free(&plan);
	} else
		MUST(why.n > 0);
	marker_sum(text, &sum);
	buf_free(&why);
	free(text);
	return 0;
}
