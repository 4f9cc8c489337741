/* words: lists, split at white space except within quotes. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "words.h"

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int
words_next(const char **s, char *word)
{
	const char *p = *s;
	char quote = '\0';

	while (blank(*p))
		p++;
	if (!*p) {
		*s = p;
		return 0;
	}
	for (; *p && (quote || !blank(*p)); p++) {
		if (quote && *p == quote)
			quote = '\0';
		else if (!quote && (*p == '"' || *p == '\''))
			quote = *p;
		else
			*word++ = *p;
	}
	*word = '\0';
	*s = p;
	return quote ? -1 : 1;
}

char **
words_split(const char *s, size_t *n)
{
	size_t len = strlen(s), max = len / 2 + 1, i = 0;
	char **list, *text;
	int r;

	list = malloc((max + 1) * sizeof *list + len + max + 1);
	if (!list)
		return NULL;
	text = (char *)(list + max + 1);
	while ((r = words_next(&s, text)) > 0) {
		list[i++] = text;
		text += strlen(text) + 1;
	}
	if (r < 0) {
		free(list);
		errno = EINVAL;
		return NULL;
	}
	list[i] = NULL;
	if (n)
		*n = i;
	return list;
}

bool
words_has(const char *list, const char *word)
{
	size_t n = strlen(word), len;

	for (; *list; list += len + (list[len] == ' ')) {
		len = strcspn(list, " ");
		if (len == n && memcmp(list, word, n) == 0)
			return true;
	}
	return false;
}

void
words_put(struct buf *list, const char *word)
{
	if (!words_has(buf_cstr(list), word))
		buf_fmt(list, "%s%s", list->n ? " " : "", word);
}
