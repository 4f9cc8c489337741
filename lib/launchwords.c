/* launchwords: launch-options: the words that are ours, and the others. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "launchwords.h"
#include "num.h"
#include "words.h"

enum { PACK_MOST = 100000 };

static int
take(struct launchwords *l, const char *word, struct buf *why)
{
	int64_t n;

	if (strncmp(word, "pack=", 5) == 0) {
		if (num_parse(word + 5, 1, PACK_MOST, &n) == 0) {
			l->pack = (unsigned)n;
			return 0;
		}
		if (why)
			buf_fmt(why, "\"%s\" is not a number from 1 to %d",
			    word + 5, PACK_MOST);
		return -1;
	}
	if (strncmp(word, "poll=", 5) == 0) {
		if (dur_parse(word + 5, &n) == 0 && n > 0) {
			l->poll = n;
			return 0;
		}
		if (why)
			buf_fmt(why, "\"%s\" is not a duration such as 30s, "
			    "of a second at least", word + 5);
		return -1;
	}
	if (l->rest.n > 0)
		buf_ch(&l->rest, ' ');
	buf_str(&l->rest, word);
	return 0;
}

int
launchwords_parse(struct launchwords *l, const char *list, struct buf *why)
{
	char **words = words_split(list, NULL);
	int x = 0;

	*l = (struct launchwords){.pack = 1};
	if (!words) {
		if (why && errno == EINVAL)
			buf_fmt(why, "\"%s\" has a quote that is not closed",
			    list);
		else if (why)
			why->err = errno;
		return -1;
	}
	for (size_t i = 0; words[i] && x == 0; i++)
		x = take(l, words[i], why);
	free(words);
	return x;
}

void
launchwords_free(struct launchwords *l)
{
	buf_free(&l->rest);
}

void
launchwords_check(const char *list, struct buf *why)
{
	struct launchwords l;

	(void)launchwords_parse(&l, list, why);
	launchwords_free(&l);
}
