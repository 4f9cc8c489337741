/* assetrule: a schedule without slots: "on orders and (customers or leads)". */
#include <stdio.h>
#include <string.h>

#include "assetrule.h"
#include "buf.h"
#include "value.h"

enum { AND = -1, OR = -2, OPEN = -3 };

/* being read: an operand is expected, or what comes behind one */
struct reader {
	struct assetrule *rule;
	signed char held[ASSETRULE_STEPS];	/* operators that wait */
	size_t nheld;
	bool operand;
	struct buf *why;
};

bool
assetrule_is(const char *schedule)
{
	schedule += strspn(schedule, " \t");
	return strncmp(schedule, "on", 2) == 0 &&
	    (!schedule[2] || strchr(" \t(", schedule[2]));
}

int
assetrule_find(const struct assetrule *r, const char *name, size_t n)
{
	for (size_t i = 0; i < r->n; i++)
		if (strlen(r->name[i]) == n && memcmp(r->name[i], name, n) == 0)
			return (int)i;
	return -1;
}

static int
bad(struct reader *d, const char *word, size_t n, const char *what)
{
	if (n > 0)
		value_quote(d->why, word, n);
	buf_fmt(d->why, "%s%s", n > 0 ? ": " : "", what);
	return -1;
}

/* those that bind as tightly as op, and were held back, come before it */
static void
release(struct reader *d, int op)
{
	while (d->nheld > 0 && d->held[d->nheld - 1] != OPEN &&
	    (op == OPEN || d->held[d->nheld - 1] >= op))
		d->rule->step[d->rule->nstep++] = d->held[--d->nheld];
}

static int
take_name(struct reader *d, const char *word, size_t n)
{
	const char *fault = name_fault(word, n);
	struct assetrule *r = d->rule;
	int i;

	if (!d->operand)
		return bad(d, word, n, "before it \"and\" or \"or\" is "
		    "missing");
	if (fault)
		return bad(d, word, n, fault);
	i = assetrule_find(r, word, n);
	if (i < 0 && r->n == ASSETRULE_NAMES)
		return bad(d, word, n, "there are more than 64 names");
	if (i < 0) {
		i = (int)r->n++;
		snprintf(r->name[i], sizeof r->name[i], "%.*s", (int)n, word);
	}
	r->step[r->nstep++] = (signed char)i;
	d->operand = false;
	return 0;
}

static int
take(struct reader *d, const char *word, size_t n)
{
	int op = n == 3 && memcmp(word, "and", 3) == 0 ? AND :
	    n == 2 && memcmp(word, "or", 2) == 0 ? OR : 0;

	if (d->rule->nstep + d->nheld + 1 >= ASSETRULE_STEPS)
		return bad(d, "", 0, "the expression is too long");
	if (*word == '(') {
		if (!d->operand)
			return bad(d, word, n, "before it \"and\" or \"or\" is "
			    "missing");
		d->held[d->nheld++] = OPEN;
	} else if (*word == ')') {
		if (d->operand)
			return bad(d, word, n, "before it a name is missing");
		release(d, OPEN);
		if (d->nheld == 0)
			return bad(d, word, n, "there is no \"(\" before it");
		d->nheld--;
	} else if (op) {
		if (d->operand)
			return bad(d, word, n, "before it a name is missing");
		release(d, op);
		d->held[d->nheld++] = (signed char)op;
		d->operand = true;
	} else
		return take_name(d, word, n);
	return 0;
}

int
assetrule_parse(struct assetrule *r, const char *schedule, struct buf *why)
{
	struct reader d = {.rule = r, .operand = true, .why = why};
	const char *s = schedule + strspn(schedule, " \t") + 2;
	size_t n;

	*r = (struct assetrule){0};
	for (s += strspn(s, " \t"); *s; s += n + strspn(s + n, " \t")) {
		n = strchr("()", *s) ? 1 : strcspn(s, " \t()");
		if (take(&d, s, n) < 0)
			return -1;
	}
	if (d.operand)
		return bad(&d, "", 0, r->nstep ? "behind the last \"and\" or "
		    "\"or\" a name is missing" : "behind \"on\" come names of "
		    "assets, such as orders and (customers or leads)");
	release(&d, OPEN);
	return d.nheld > 0 ? bad(&d, "", 0, "a \"(\" is not closed") : 0;
}

bool
assetrule_holds(const struct assetrule *r, uint64_t updated)
{
	bool stack[ASSETRULE_STEPS];
	size_t n = 0;

	for (size_t i = 0; i < r->nstep; i++) {
		if (r->step[i] >= 0) {
			stack[n++] = updated >> r->step[i] & 1;
			continue;
		}
		n--;
		stack[n - 1] = r->step[i] == AND ? stack[n - 1] && stack[n] :
		    stack[n - 1] || stack[n];
	}
	return n == 1 && stack[0];
}
