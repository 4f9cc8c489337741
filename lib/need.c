/* need: the list of what has to be there before a task runs, taken apart. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "expand.h"
#include "need.h"
#include "num.h"
#include "value.h"
#include "words.h"

/* "-6..0" or "-1"; 1, 0 it has not that form, -1 it has, and is wrong */
static int
range_of(const char *word, struct need *n, struct buf *why)
{
	const char *dots = strstr(word, "..");
	char first[24];
	size_t len = dots ? (size_t)(dots - word) : strlen(word);
	bool good;

	if (word[strspn(word, "-.0123456789")] || word[0] == '.' ||
	    (word[0] != '-' && !dots))
		return 0;
	good = len < sizeof first;
	if (good) {
		memcpy(first, word, len);
		first[len] = '\0';
		good = num_parse(first, 1 - NEED_SLOTS, 0, &n->from) == 0 &&
		    num_parse(dots ? dots + 2 : first, 1 - NEED_SLOTS, 0,
		    &n->to) == 0 && n->from <= n->to;
	}
	n->range = true;
	if (good)
		return 1;
	value_quote(why, word, strlen(word));
	buf_fmt(why, " is not a range of slots such as -6..0, rising, from "
	    "-%d on, to 0 at most", NEED_SLOTS - 1);
	return -1;
}

/* "min", with its number behind it */
static int
min_of(const char **s, char *word, struct need *n, struct buf *why)
{
	int64_t most = n->range ? n->to - n->from + 1 : 1000000;

	if (words_next(s, word) > 0 && num_parse(word, 1, most, &n->min) == 0)
		return 1;
	buf_fmt(why, "behind \"min\" comes a number from 1 to %lld",
	    (long long)most);
	return -1;
}

/* the word behind a path, if it is about it; the rest is left in *s */
static int
suffix(const char **s, char *word, struct need *n, struct buf *why)
{
	const char *at = *s;
	int r = words_next(&at, word);

	if (r < 0)
		buf_str(why, "a quote is not closed");
	if (r <= 0)
		return r;
	r = n->range ? 0 : range_of(word, n, why);
	if (r == 0 && strcmp(word, "min") == 0)
		r = min_of(&at, word, n, why);
	if (r > 0)
		*s = at;
	return r;
}

int
need_next(const char **s, char *path, struct need *n, struct buf *why)
{
	char *word;
	int r = words_next(s, path);

	*n = (struct need){0};
	if (r < 0)
		buf_str(why, "a quote is not closed");
	if (r <= 0)
		return r;
	if (range_of(path, n, why) || strcmp(path, "min") == 0) {
		buf_reset(why);
		value_quote(why, path, strlen(path));
		buf_str(why, " stands behind the path that it is about");
		return -1;
	}
	word = malloc(strlen(*s) + 1);
	if (!word)
		why->err = ENOMEM;
	while (word && !n->min && (r = suffix(s, word, n, why)) > 0)
		;
	r = !word || r < 0 ? -1 : 1;
	free(word);
	return r;
}

void
need_check(const char *list, struct buf *why)
{
	char *path = malloc(strlen(list) + 1);
	const char *s = list, *fault;
	struct need n;

	if (!path)
		why->err = ENOMEM;
	while (path && why->n == 0 && need_next(&s, path, &n, why) > 0) {
		fault = *path ? expand_fault(path) : "it is empty";
		if (path[0] == '#')
			fault = "a comment cannot follow a value, it is a "
			    "line with # in column 1";
		if (!fault && n.min > 1 && !n.range && !strpbrk(path, "*?["))
			fault = "it is one file, of which there are not more: "
			    "\"min\" is for a pattern or a range of slots";
		if (fault) {
			value_quote(why, path, strlen(path));
			buf_fmt(why, ": %s", fault);
		}
	}
	free(path);
}

int
need_past(const char *list)
{
	char *path = malloc(strlen(list) + 1);
	struct buf why = BUF_INIT;
	const char *s = list;
	struct need n;
	int past = path ? 0 : -1, more = 1;

	while (past == 0 && more > 0) {
		more = need_next(&s, path, &n, &why);
		past = more < 0 ? -1 : more > 0 && n.range && n.from < 0;
	}
	free(path);
	buf_free(&why);
	return past;
}
