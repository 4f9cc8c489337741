/* plancheck: a plan's values, checked by the table of keys. */
#include <errno.h>
#include <string.h>

#include "lang.h"
#include "plancheck.h"
#include "rec.h"

static int
check_line(unsigned section, const char *line, size_t len, struct rec *r,
    struct buf *why)
{
	struct buf wrong = BUF_INIT;
	const char *text = NULL;

	switch (rec_parse(r, line, len)) {
	case REC_OK:
		break;
	case REC_BAD:
		buf_str(why, rec_fault(line, len));
		errno = EINVAL;
		return -1;
	default:
		return -1;
	}
	for (size_t i = 0; i < r->nfield && !text && !wrong.err; i++) {
		text = lang_check(section, r->field[i].key,
		    r->field[i].value, &wrong);
		if (text)
			buf_fmt(why, "%s: %s: %s", r->id, r->field[i].key,
			    text);
	}
	errno = wrong.err ? wrong.err : EINVAL;
	buf_free(&wrong);
	return text || errno != EINVAL ? -1 : 0;
}

int
plancheck(const struct plan *p, struct buf *why)
{
	struct rec r = {0};
	int x, e;

	x = check_line(LANG_DAG, p->line, p->linelen, &r, why);
	for (uint32_t t = 0; t < p->n && x == 0; t++)
		x = check_line(LANG_TASK, p->task[t].line, p->task[t].len, &r,
		    why);
	e = errno;
	rec_free(&r);
	errno = e;
	return x;
}
