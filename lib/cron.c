/* cron: cron expressions: five fields, or @daily and the like, into sets. */
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "cron.h"
#include "instant.h"

enum field { SECOND, MINUTE, HOUR, DOM, MONTH, DOW, YEAR };
enum { EXPR_MAX = 1000, FIELDS_MAX = 7 };

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
    "jul", "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri",
    "sat", NULL};

static const struct {
	const char *name;
	int min, max;
	const char *const *names;	/* of min, min + 1 … */
} range[] = {
	[SECOND] = {"second", 0, 59, NULL},
	[MINUTE] = {"minute", 0, 59, NULL},
	[HOUR] = {"hour", 0, 23, NULL},
	[DOM] = {"day of month", 1, 31, NULL},
	[MONTH] = {"month", 1, 12, months},
	[DOW] = {"day of week", 0, 7, days},
	[YEAR] = {"year", CRON_YEAR_MIN, CRON_YEAR_MAX, NULL},
};

static const struct {
	const char *name, *expr;
} macro[] = {
	{"@hourly", "0 * * * *"}, {"@daily", "0 0 * * *"},
	{"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
	{"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
	{"@annually", "0 0 1 1 *"},
};

struct parser {
	struct cron *cron;
	enum cron_dialect dialect;
	enum field field;
	int min, max;		/* of the field, in this dialect */
	const char *text;	/* the field */
	const char *s;		/* what is not yet read of it */
	struct buf *why;
};

static bool
java(enum cron_dialect d)
{
	return d == CRON_QUARTZ || d == CRON_OOZIE;
}

/* says what is wrong with the field; -1 */
static int __attribute__((format(printf, 2, 3)))
fault(struct parser *p, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	buf_fmt(p->why, "%s \"%s\": %s", range[p->field].name, p->text, text);
	return -1;
}

static bool
skip(struct parser *p, char c)
{
	if (*p->s != c && (c < 'A' || *p->s != c - 'A' + 'a'))
		return false;
	p->s++;
	return true;
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* is an item of the list at its end? */
static bool
ended(const struct parser *p)
{
	return *p->s == '\0' || *p->s == ',';
}

static void
add(struct parser *p, int v)
{
	struct cron *c = p->cron;

	switch (p->field) {
	case SECOND: break;
	case MINUTE: c->minute |= UINT64_C(1) << v; break;
	case HOUR: c->hour |= UINT32_C(1) << v; break;
	case DOM: c->dom |= UINT32_C(1) << v; break;
	case MONTH: c->month |= UINT32_C(1) << v; break;
	case DOW: c->dow |= UINT32_C(1) << (v - p->min) % 7; break;
	case YEAR:
		v -= CRON_YEAR_MIN;
		c->year[v / 64] |= UINT64_C(1) << v % 64;
		break;
	}
}

/* adds first to last, over the end of the field if last is before first */
static void
add_range(struct parser *p, int first, int last, int step)
{
	int size = p->max - p->min + 1;

	/* 7 is Sunday once more */
	if (p->field == DOW && !java(p->dialect) && last < first)
		size = 7;
	if (last < first)
		last += size;
	for (int64_t v = first; v <= last; v += step)
		add(p, v > p->max ? (int)v - size : (int)v);
}

static int
read_number(struct parser *p, const char *what, int min, int max, int *v)
{
	const char *start = p->s;
	int64_t n = 0;

	for (; digit(*p->s); p->s++)
		if (n <= INT_MAX / 10)
			n = n * 10 + (*p->s - '0');
	if (p->s == start)
		return fault(p, "a %s should follow \"%.*s\"", what,
		    (int)(start - p->text), p->text);
	if (n >= min && n <= max) {
		*v = (int)n;
		return 0;
	}
	if (max == INT_MAX)
		return fault(p, "a %s of %.*s is not possible, only from %d "
		    "on", what, p->s - start > 20 ? 20 : (int)(p->s - start),
		    start, min);
	return fault(p, "the %s %.*s is not from %d to %d", what,
	    p->s - start > 20 ? 20 : (int)(p->s - start), start, min, max);
}

/* a number of the field, or a name in its place */
static int
read_value(struct parser *p, int *v)
{
	const char *const *names = range[p->field].names, *s = p->s;
	int n;

	if (digit(*s))
		return read_number(p, "value", p->min, p->max, v);
	for (n = 0; names && names[n]; n++) {
		if (strncasecmp(s, names[n], 3) == 0) {
			p->s += 3;
			*v = p->min + n;
			return 0;
		}
	}
	n = (int)strcspn(s, ",-/#");
	if (!*s)
		return fault(p, "a value is missing at its end");
	if (n == 0)
		return fault(p, "a value is missing before \"%s\"", s);
	return fault(p, "\"%.*s\" is not %s from %d to %d%s", n > 40 ? 40 : n,
	    s, names ? "a number" : "a whole number", p->min, p->max,
	    names == days ? " or a name, sun to sat" :
	    names ? " or a name, jan to dec" : "");
}

/* /STEP, or nothing */
static int
read_step(struct parser *p, int *step)
{
	static const int most[] = {[SECOND] = 59, [MINUTE] = 59, [HOUR] = 23,
	    [DOM] = 31, [MONTH] = 12, [DOW] = 7, [YEAR] = INT_MAX};

	*step = 1;
	if (!skip(p, '/'))
		return 0;
	return read_number(p, "step", 1,
	    java(p->dialect) ? most[p->field] : INT_MAX, step);
}

/* L, L-n, LW, L-nW: counted from the end of the month */
static int
read_last(struct parser *p)
{
	int n = 0;

	if (skip(p, '-') && read_number(p, "number of days", 1, 30, &n) < 0)
		return -1;
	if (skip(p, 'W'))
		p->cron->last_near |= UINT32_C(1) << n;
	else
		p->cron->last |= UINT32_C(1) << n;
	return 0;
}

/* what can follow one value: 15W, 5L, 5#2; 1, 0 if nothing did, -1 */
static int
read_special(struct parser *p, int v)
{
	int n = 0;

	if (p->field == DOM && skip(p, 'W')) {
		p->cron->dom_near |= UINT32_C(1) << v;
		return 1;
	}
	if (p->field != DOW)
		return 0;
	if (skip(p, '#')) {
		if (!skip(p, 'L') && read_number(p, "week", 1, 5, &n) < 0)
			return -1;
	} else if (!skip(p, 'L')) {
		return 0;
	}
	p->cron->nth[(v - p->min) % 7] |= (uint8_t)(1 << n);
	return 1;
}

/* v is followed by "-": the range */
static int
read_range(struct parser *p, int first)
{
	int last, step;

	if (read_value(p, &last) < 0 || read_step(p, &step) < 0)
		return -1;
	if (p->field == DOW && !java(p->dialect) && last == 0 && first > 0)
		last = 7;
	if (last < first && (p->dialect == CRON_CRONTAB || p->field == YEAR))
		return fault(p, "the range %d-%d runs backwards, "
		    "%d-%d,%d-%d is possible", first, last, first,
		    p->max, p->min, last);
	add_range(p, first, last, step);
	return 0;
}

static int
read_item(struct parser *p)
{
	int max = p->field == DOW && p->max == 7 && p->min == 0 ? 6 : p->max;
	int v, step, r;

	if (p->field == DOM && skip(p, 'L'))
		return read_last(p);
	if (p->field == DOW && java(p->dialect) && skip(p, 'L')) {
		add(p, p->max);
		return 0;
	}
	if (skip(p, '*') || (java(p->dialect) && *p->s == '/')) {
		if (read_step(p, &step) < 0)
			return -1;
		add_range(p, p->min, max, step);
		return 0;
	}
	if (read_value(p, &v) < 0)
		return -1;
	if ((r = read_special(p, v)) != 0)
		return r < 0 ? -1 : 0;
	if (skip(p, '-'))
		return read_range(p, v);
	r = *p->s == '/';
	if (read_step(p, &step) < 0)
		return -1;
	add_range(p, v, r && v <= max ? max : v, step);
	return 0;
}

/* reads a whole field: items, separated by commas */
static int
read_field(struct parser *p, enum field f, const char *text)
{
	p->field = f;
	p->text = p->s = text;
	p->min = range[f].min;
	p->max = range[f].max;
	if (f == DOW && java(p->dialect))
		p->min = 1;
	if (strcmp(text, "?") == 0 && (f == DOM || f == DOW)) {
		add_range(p, p->min, p->max, 1);
		return 0;
	}
	do {
		if (read_item(p) < 0)
			return -1;
		if (!ended(p))
			return fault(p, "\"%s\" should not follow \"%.*s\"",
			    p->s, (int)(p->s - text), text);
	} while (skip(p, ','));
	return 0;
}

/* is a day's field open, so that the other one decides alone? */
static bool
is_star(enum cron_dialect d, const char *field)
{
	if (java(d))
		return strcmp(field, "*") == 0 || strcmp(field, "?") == 0;
	return *field == '*' || *field == '?';
}

static int
read_fields(struct cron *c, enum cron_dialect d, char **word, int n,
    struct buf *why)
{
	struct parser p = {.cron = c, .dialect = d, .why = why};
	int from = d == CRON_QUARTZ ? SECOND : MINUTE;

	for (int i = 0; i < n; i++)
		if (read_field(&p, (enum field)(from + i), word[i]) < 0)
			return -1;
	if (d == CRON_QUARTZ) {
		if (strspn(word[0], "0") != strlen(word[0])) {
			p.field = SECOND;
			p.text = word[0];
			return fault(&p, "only 0 is possible: "
			    "runs are due at whole minutes");
		}
		if (!strcmp(word[3], "?") == !strcmp(word[5], "?")) {
			buf_str(why, "one of day of month and day of week, "
			    "not both, must be \"?\"");
			return -1;
		}
		c->has_year = n == FIELDS_MAX;
		word++;
	}
	c->wild = *word[0] == '*' || *word[1] == '*';
	c->dom_star = is_star(d, word[2]);
	c->dow_star = is_star(d, word[4]);
	c->both_days = d == CRON_CRON4J;
	return 0;
}

static bool
can_match(const struct cron *c)
{
	int year = c->has_year ? CRON_YEAR_MIN : 2000;
	int end = c->has_year ? CRON_YEAR_MAX : year + 399;

	for (; year <= end; year++)
		for (int mon = 1; mon <= 12; mon++)
			if (cron_days(c, year, mon))
				return true;
	return false;
}

/* puts the expression of an @name in the place of it; 0, or -1 */
static int
expand_macro(const char **expr, struct buf *why)
{
	const char *s = *expr + strspn(*expr, " \t");
	size_t n = strcspn(s, " \t\r\n"), i;

	if (*s != '@')
		return 0;
	for (i = 0; i < sizeof macro / sizeof macro[0]; i++) {
		if (strncmp(s, macro[i].name, n) == 0 && !macro[i].name[n] &&
		    s[n + strspn(s + n, " \t\r\n")] == '\0') {
			*expr = macro[i].expr;
			return 0;
		}
	}
	buf_fmt(why, "\"%.*s\" is none of", n > 40 ? 40 : (int)n, s);
	for (i = 0; i < sizeof macro / sizeof macro[0]; i++)
		buf_fmt(why, " %s", macro[i].name);
	buf_str(why, " @once");
	return -1;
}

int
cron_parse_as(struct cron *c, enum cron_dialect d, const char *expr,
    struct buf *why)
{
	static const char *const want[] = {
		"five (minute hour day-of-month month day-of-week)",
		"six or seven (second minute hour day-of-month month "
		    "day-of-week year)",
	};
	char text[EXPR_MAX + 1], *word[FIELDS_MAX], *save, *w;
	int n = 0, least = 5, most = 5;
	size_t len;

	*c = (struct cron){0};
	if (expand_macro(&expr, why) < 0)
		return -1;
	len = strlen(expr);
	if (len > EXPR_MAX) {
		buf_fmt(why, "it is longer than %d bytes", EXPR_MAX);
		return -1;
	}
	memcpy(text, expr, len + 1);
	for (w = strtok_r(text, " \t\r\n", &save); w;
	    w = strtok_r(NULL, " \t\r\n", &save), n++)
		if (n < FIELDS_MAX)
			word[n] = w;
	if (d == CRON_QUARTZ) {
		least = 6;
		most = 7;
	}
	if (n < least || n > most) {
		buf_fmt(why, "%d field%s where %s are needed", n,
		    n == 1 ? "" : "s", want[d == CRON_QUARTZ]);
		return -1;
	}
	if (read_fields(c, d, word, n, why) < 0)
		return -1;
	if (can_match(c))
		return 0;
	buf_str(why, "it can never match: no such day is in its months");
	return -1;
}

int
cron_parse(struct cron *c, const char *expr, struct buf *why)
{
	return cron_parse_as(c, CRON_CRONTAB, expr, why);
}
