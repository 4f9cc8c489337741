/* arrival: a schedule without slots: "file GLOB", a run for each new file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arrival.h"
#include "buf.h"
#include "hash.h"
#include "num.h"
#include "words.h"

bool
arrival_is(const char *schedule)
{
	schedule += strspn(schedule, " \t");
	return strncmp(schedule, "file", 4) == 0 &&
	    (!schedule[4] || strchr(" \t", schedule[4]));
}

/* "settle 30s" or "done .done", what is behind the pattern */
static int
rule_of(struct arrival *a, char **word, struct buf *why)
{
	size_t n;

	if (!word[0])
		return 0;
	if (strcmp(word[0], "settle") == 0 && word[1] && !word[2]) {
		if (dur_parse(word[1], &a->settle) == 0 && a->settle > 0)
			return 0;
		buf_str(why, "behind \"settle\" comes a duration such as 30s: "
		    "for how long a file has not changed");
	} else if (strcmp(word[0], "done") == 0 && word[1] && !word[2]) {
		a->done = word[1];
		n = strlen(a->done);
		if (n > 0 && a->done[n - 1] != '/')
			return 0;
		buf_str(why, "behind \"done\" comes what the name of the flag "
		    "ends in, such as .done or /_SUCCESS");
	} else
		buf_fmt(why, "behind the pattern there may be \"settle 30s\" "
		    "or \"done .done\", not \"%.60s\"", word[0]);
	return -1;
}

int
arrival_parse(struct arrival *a, const char *schedule, struct buf *why)
{
	char **word = words_split(schedule, NULL);
	size_t n;

	*a = (struct arrival){.own = (char *)word, .settle = ARRIVAL_NONE};
	if (!word && errno == EINVAL)
		buf_str(why, "a quote is not closed");
	if (!word) {
		why->err = why->n ? 0 : ENOMEM;
		return -1;
	}
	a->glob = word[1];
	n = a->glob ? strlen(a->glob) : 0;
	if (n > 0 && a->glob[n - 1] != '/')
		return rule_of(a, word + 2, why);
	buf_str(why, "behind \"file\" comes the pattern of the files that are "
	    "waited for, such as /in/*.csv");
	return -1;
}

void
arrival_free(struct arrival *a)
{
	free(a->own);
	*a = (struct arrival){0};
}

void
arrival_key(char key[ARRIVAL_KEY], const char *path, int64_t sec,
    int64_t nsec, int64_t size)
{
	static const char digit[] = "0123456789abcdefghijklmnopqrstuv";
	int64_t stamp[3] = {sec, nsec, size};
	uint64_t h = hash_add(HASH_EMPTY, path, strlen(path) + 1);

	h = hash_add(h, stamp, sizeof stamp);
	for (int i = 0; i < ARRIVAL_KEY - 1; i++, h >>= 5)
		key[i] = digit[h & 31];
	key[ARRIVAL_KEY - 1] = '\0';
}
