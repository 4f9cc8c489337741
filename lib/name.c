/* name: which names are names. The one check, wherever a name comes from. */
#include <string.h>

#include "name.h"

static bool
name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-';
}

const char *
name_fault(const char *s, size_t n)
{
	if (n == 0)
		return "it is empty";
	if (s[0] == '-')
		return "it begins with \"-\"";
	for (size_t i = 0; i < n; i++)
		if (!name_char(s[i]))
			return "only letters, digits, \"_\" and \"-\" "
			    "may be in it";
	if (n > NAME_LEN)
		return "it is longer than 64 bytes";
	return NULL;
}

bool
name_ok(const char *s, size_t n)
{
	return name_fault(s, n) == NULL;
}

size_t
name_other(const char *s, size_t n)
{
	const char *slash = memchr(s, '/', n);
	size_t dag = slash ? (size_t)(slash - s) : 0;

	return slash && name_ok(s, dag) && (dag + 1 == n ||
	    name_ok(slash + 1, n - dag - 1)) ? dag : 0;
}

const char *
name_other_fault(const char *dag, const char *word)
{
	size_t n = name_other(word, strlen(word));

	if (n == 0)
		return "is neither DAG/TASK nor, for a whole run, DAG/";
	return strlen(dag) == n && memcmp(dag, word, n) == 0 ?
	    "is of this DAG: name the task alone" : NULL;
}

void
name_to_var(char *dst, const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		dst[i] = name[i] == '-' ? '_' : name[i];
	dst[n] = '\0';
}

unsigned
name_distance(const char *a, const char *b)
{
	unsigned row[NAME_LEN + 1], diagonal, above;
	size_t n = strlen(a), m = strlen(b);

	if (n > NAME_LEN || m > NAME_LEN)
		return NAME_LEN;
	for (unsigned j = 0; j <= m; j++)
		row[j] = j;
	for (unsigned i = 1; i <= n; i++) {
		diagonal = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= m; j++) {
			above = row[j];
			row[j] = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < row[j])
				row[j] = above + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diagonal = above;
		}
	}
	return row[m];
}

const char *
name_nearest(const char *word, const char *const *list)
{
	const char *best = NULL;
	unsigned d, least = (unsigned)strlen(word) / 3 + 2;

	if (strlen(word) > NAME_LEN)
		return NULL;
	for (; *list; list++) {
		d = name_distance(word, *list);
		if (d < least) {
			least = d;
			best = *list;
		}
	}
	return best;
}
