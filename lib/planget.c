/* planget: the values of a plan's tasks, and of its DAG. */
#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "plan.h"
#include "planline.h"
#include "rec.h"

/* the same of a task */
static const char *
setting(const struct plan *p, uint32_t task, const char *key, char text[64])
{
	return planline_short(p->task[task].line, p->task[task].len, key, text);
}

static const char *
value(const char *line, size_t len, const char *key, struct buf *b)
{
	size_t n;
	const char *p = planline_value(line, len, key, &n);

	buf_reset(b);
	if (!p || rec_unescape(b, p, n) < 0)
		return NULL;
	return buf_cstr(b);
}

const char *
plan_get(const struct plan *p, uint32_t task, const char *key, struct buf *b)
{
	return value(p->task[task].line, p->task[task].len, key, b);
}

const char *
plan_dag_get(const struct plan *p, const char *key, struct buf *b)
{
	return value(p->line, p->linelen, key, b);
}

bool
plan_has(const struct plan *p, uint32_t task, const char *key)
{
	size_t n;

	return planline_value(p->task[task].line, p->task[task].len, key, &n);
}

bool
plan_yes(const struct plan *p, uint32_t task, const char *key)
{
	char text[64];
	const char *s = setting(p, task, key, text);

	return s && strcmp(s, "yes") == 0;
}

int64_t
plan_duration(const struct plan *p, uint32_t task, const char *key,
    int64_t otherwise)
{
	char text[64];
	const char *s = setting(p, task, key, text);
	int64_t v;

	return s && dur_parse(s, &v) == 0 ? v : otherwise;
}

int64_t
plan_number(const struct plan *p, uint32_t task, const char *key,
    int64_t otherwise)
{
	char text[64];
	const char *s = setting(p, task, key, text);
	int64_t v;

	return s && num_parse(s, INT32_MIN, INT32_MAX, &v) == 0 ? v :
	    otherwise;
}
