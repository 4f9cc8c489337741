/* cause: how an attempt ended, and lists of such: 1 KILL !3 timeout. */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "num.h"
#include "words.h"

int
cause_signal(const char *name)
{
	const char *s;

	for (int i = 1; i < NSIG; i++) {
		s = sigabbrev_np(i);
		if (s && strcmp(s, name) == 0)
			return i;
	}
	return 0;
}

static int
parse(const char *word, struct cause *c, bool *but)
{
	int64_t n;

	*c = (struct cause){.code = -1};
	*but = *word == '!';
	word += *but;
	if (num_parse(word, 1, 255, &n) == 0)
		c->code = (int)n;
	else if (strcmp(word, "timeout") == 0)
		c->timeout = true;
	else
		c->signal = cause_signal(word);
	return c->code > 0 || c->timeout || c->signal ? 0 : -1;
}

int
cause_check(const char *word)
{
	struct cause c;
	bool but;

	return parse(word, &c, &but);
}

static bool
same(const struct cause *a, const struct cause *b)
{
	return a->timeout || b->timeout ? a->timeout == b->timeout :
	    a->signal || b->signal ? a->signal == b->signal :
	    a->code == b->code;
}

bool
cause_in(const struct cause *c, const char *list)
{
	char **words = words_split(list, NULL);
	bool in = false, out = false, only_not = true, but;
	struct cause one;

	for (size_t i = 0; words && words[i]; i++) {
		if (parse(words[i], &one, &but) < 0)
			continue;
		only_not &= but;
		if (same(c, &one)) {
			in |= !but;
			out |= but;
		}
	}
	free(words);
	return (in || only_not) && !out;
}
