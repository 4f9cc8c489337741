/* value: the compound values of a DAG file, taken apart. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "name.h"
#include "num.h"
#include "period.h"
#include "tz.h"
#include "value.h"
#include "words.h"

enum {
	TOKEN = 64,
	QUOTED = 60,		/* bytes of a value in a message, at most */
};

/* copies n bytes into a string of TOKEN bytes; -1: too long */
static int
token(char *dst, const char *s, size_t n)
{
	if (n >= TOKEN)
		return -1;
	memcpy(dst, s, n);
	dst[n] = '\0';
	return 0;
}

int
range_parse(const char *s, int64_t *min, int64_t *max)
{
	const char *dots = strstr(s, "..");
	char first[TOKEN];

	if (!dots) {
		if (dur_parse(s, min) < 0)
			return -1;
		*max = *min;
		return 0;
	}
	if (token(first, s, (size_t)(dots - s)) < 0 ||
	    dur_parse(first, min) < 0 || dur_parse(dots + 2, max) < 0)
		return -1;
	return *min <= *max ? 0 : -1;
}

int
give_up_parse(const char *s, int64_t *seconds, bool *skip)
{
	size_t n = strcspn(s, " \t");
	char dur[TOKEN];
	const char *how;

	if (token(dur, s, n) < 0 || dur_parse(dur, seconds) < 0)
		return -1;
	how = s + n + strspn(s + n, " \t");
	*skip = strcmp(how, "skip") == 0;
	return *skip || *how == '\0' || strcmp(how, "fail") == 0 ? 0 : -1;
}

int
size_parse(const char *s, int64_t *bytes)
{
	static const char units[] = "KMGT";
	size_t n = strspn(s, "0123456789");
	const char *unit = s[n] ? strchr(units, s[n]) : NULL;
	char digits[TOKEN];

	if (token(digits, s, n) < 0 || (s[n] && (!unit || s[n + 1])) ||
	    num_parse(digits, 1, INT64_C(1) << 50, bytes) < 0)
		return -1;
	for (; unit && unit >= units; unit--)
		if (*bytes > INT64_C(1) << 40)
			return -1;
		else
			*bytes *= 1024;
	return *bytes < 1 << 20 ? -1 : 0;
}

/* "06:00", of 24 hours; -1: it is not that */
static int
time_of_day(const char *s, int64_t *seconds)
{
	int h, m;

	if (strlen(s) != 5 || s[2] != ':' || strspn(s, "0123456789:") != 5 ||
	    s[0] == ':' || s[1] == ':' || s[3] == ':' || s[4] == ':')
		return -1;
	h = (s[0] - '0') * 10 + s[1] - '0';
	m = (s[3] - '0') * 10 + s[4] - '0';
	*seconds = h * 3600 + m * 60;
	return h < 24 && m < 60 ? 0 : -1;
}

int
deadline_parse(const char *s, struct deadline_value *v)
{
	static const char *const thens[] = {"warn", "skip", "fail"};
	size_t n = strcspn(s, " \t");
	char when[TOKEN];

	*v = (struct deadline_value){.then = DEADLINE_WARN};
	if (token(when, s, n) < 0)
		return -1;
	v->clock = time_of_day(when, &v->seconds) == 0;
	if (!v->clock && dur_parse(when, &v->seconds) < 0)
		return -1;
	s += n + strspn(s + n, " \t");
	if (!*s)
		return 0;
	for (int i = 0; i < 3; i++)
		if (strcmp(s, thens[i]) == 0) {
			v->then = (enum deadline_then)i;
			return 0;
		}
	return -1;
}

int
pool_parse(const char *word, size_t *namelen, int64_t *weight)
{
	size_t n = strcspn(word, ":");

	*namelen = n;
	*weight = 1;
	if (!name_ok(word, n))
		return -1;
	return word[n] ? num_parse(word + n + 1, 1, POOL_WEIGHT, weight) : 0;
}

bool
day_like(const char *s)
{
	const char *form = "9999-99-99";

	for (; *form; form++, s++)
		if (*form == '9' ? *s < '0' || *s > '9' : *s != *form)
			return false;
	return *s == '\0';
}

int
day_parse(const char *s, struct civil *c)
{
	*c = (struct civil){0};
	if (!day_like(s))
		return -1;
	c->year = (s[0] - '0') * 1000 + (s[1] - '0') * 100 +
	    (s[2] - '0') * 10 + (s[3] - '0');
	c->mon = (s[5] - '0') * 10 + (s[6] - '0');
	c->day = (s[8] - '0') * 10 + (s[9] - '0');
	if (c->mon < 1 || c->mon > 12)
		return -1;
	return c->day < 1 || c->day > days_in_month(c->year, c->mon) ? -1 : 0;
}

static bool
var_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (c >= '0' && c <= '9');
}

const char *
day_fault(const char *v)
{
	struct buf unused = BUF_INIT;
	struct civil c;
	int64_t t;
	bool good = day_parse(v, &c) == 0 || (strchr(v, 'T') &&
	    period_parse(tz_load("UTC"), v, &t, &t, &unused) == 0);

	buf_free(&unused);
	return good ? NULL : day_like(v) ? "is not a day of the calendar" :
	    "is not a day such as 2012-01-31, nor an instant such as "
	    "2012-01-31T02:00:00+09:00";
}

size_t
assignment_name(const char *word)
{
	size_t n = 0;

	if (*word >= '0' && *word <= '9')
		return 0;
	while (var_char(word[n]))
		n++;
	return word[n] == '=' ? n : 0;
}

bool
same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=:");

	return strcspn(b, "=:") == n && memcmp(a, b, n) == 0;
}

static bool
has_name(char *const *list, const char *word)
{
	for (; *list; list++)
		if (same_name(*list, word))
			return true;
	return false;
}

void
list_others(struct buf *b, const char *list, const char *own)
{
	char **has = words_split(own, NULL), *word = malloc(strlen(list) + 1);
	const char *s = list;

	if (!has || !word)
		b->err = b->err ? b->err : errno;
	while (has && word) {
		list += strspn(list, " \t\n");
		s = list;
		if (words_next(&s, word) <= 0)
			break;
		if (!has_name(has, word)) {
			buf_add(b, list, (size_t)(s - list));
			buf_ch(b, ' ');
		}
		list = s;
	}
	free(has);
	free(word);
}

void
value_quote(struct buf *b, const char *s, size_t n)
{
	size_t cut = n;

	if (n > QUOTED)
		for (cut = QUOTED; cut > 0 &&
		    ((unsigned char)s[cut] & 0xc0) == 0x80;)
			cut--;
	buf_ch(b, '"');
	buf_add(b, s, cut);
	buf_str(b, cut < n ? "...\"" : "\"");
}

int64_t
pool_slots(char *const *word, size_t n)
{
	int64_t sum = 0, weight;
	size_t len;

	for (size_t i = 0; i < n; i++)
		if (pool_parse(word[i], &len, &weight) == 0)
			sum += weight;
	return sum;
}
