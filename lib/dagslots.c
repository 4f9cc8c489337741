/* dagslots: what only the keys of a schedule together can have wrong. */
#include <errno.h>

#include "dagslots.h"
#include "rec.h"
#include "slots.h"

int
dagslots_check(const struct daglex *l, const struct dagtext_span *v,
    const char *record, size_t n, struct dagerr *err)
{
	struct buf why = BUF_INIT;
	struct slots slots = {0};
	struct rec dag = {0};
	enum rec_result r = rec_parse(&dag, record, n);
	int e = r == REC_ERROR ? ENOMEM : 0;
	uint32_t line, col;

	if (r == REC_OK && slots_make(&slots, &dag, &why) < 0) {
		e = why.n ? why.err : ENOMEM;
		dagtext_place(l->text, v, 0, &line, &col);
		dagerr_add(err, line, col, "%s", buf_cstr(&why));
	}
	slots_free(&slots);
	rec_free(&dag);
	buf_free(&why);
	return e;
}
