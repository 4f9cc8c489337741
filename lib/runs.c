/* runs: which DAGs and runs there are, live and archived. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "spool.h"

int
spool_dags(struct spool *sp, struct names *out)
{
	struct names live, old;
	size_t i = 0, j = 0, n = 0, bytes = 0;
	char **list, *p;
	int c;

	if (names_list(sp->fd, "runs", &live) < 0)
		return -1;
	if (names_list(sp->fd, "archive", &old) < 0) {
		names_free(&live);
		return -1;
	}
	for (size_t k = 0; k < live.n; k++)
		bytes += strlen(live.name[k]) + 1;
	for (size_t k = 0; k < old.n; k++)
		bytes += strlen(old.name[k]) + 1;
	list = malloc((live.n + old.n + 1) * sizeof *list + bytes);
	if (list) {
		p = (char *)(list + live.n + old.n + 1);
		while (i < live.n || j < old.n) {
			c = i == live.n ? 1 : j == old.n ? -1 :
			    strcmp(live.name[i], old.name[j]);
			const char *s = c <= 0 ? live.name[i] : old.name[j];

			i += c <= 0;
			j += c >= 0;
			if (!name_ok(s, strlen(s)))
				continue;
			list[n++] = p;
			p = stpcpy(p, s) + 1;
		}
		list[n] = NULL;
	}
	names_free(&live);
	names_free(&old);
	*out = (struct names){list, n};
	return list ? 0 : -1;
}

bool
spool_knows(struct spool *sp, const char *dag)
{
	static const char *const where[] = { "runs", "archive", "dags" };
	char path[2 * NAME_LEN];
	bool known = false;

	for (size_t i = 0; i < sizeof where / sizeof *where && !known; i++) {
		snprintf(path, sizeof path, "%s/%s", where[i], dag);
		known = io_exists(sp->fd, path) == 1;
	}
	return known;
}

static int
by_time(const void *a, const void *b)
{
	const struct run_entry *x = a, *y = b;
	int c;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	c = strcmp(x->name, y->name);
	return c ? c : (int)x->archived - (int)y->archived;
}

/* adds a directory's runs to the list; names may end in .tar.gz */
static int
add_runs(const struct names *from, bool archived, struct run_entry **list,
    size_t *n)
{
	struct run_entry *l = realloc(*list, (*n + from->n + 1) * sizeof *l);
	struct run_entry *e;
	size_t len;

	if (!l)
		return -1;
	*list = l;
	for (size_t i = 0; i < from->n; i++) {
		e = &l[*n];
		len = strlen(from->name[i]);
		if (archived) {
			if (len < 7 || strcmp(from->name[i] + len - 7,
			    ".tar.gz") != 0)
				continue;
			len -= 7;
		}
		if (len > RUN_LEN)
			continue;
		memcpy(e->name, from->name[i], len);
		e->name[len] = '\0';
		e->archived = archived;
		if (run_name_parse(e->name, &e->time, NULL, &e->manual) == 0)
			++*n;
	}
	return 0;
}

int
spool_runs(struct spool *sp, const char *dag, bool archived,
    struct run_entry **out, size_t *n)
{
	struct run_entry *list = NULL;
	struct names names;
	char dir[NAME_LEN + 16];
	size_t kept = 0;
	int r;

	*n = 0;
	*out = NULL;
	for (int a = 0; a <= (int)archived; a++) {
		snprintf(dir, sizeof dir, "%s/%s", a ? "archive" : "runs", dag);
		if (names_list(sp->fd, dir, &names) < 0) {
			free(list);
			return -1;
		}
		r = add_runs(&names, a, &list, n);
		names_free(&names);
		if (r < 0) {
			free(list);
			return -1;
		}
	}
	if (*n)
		qsort(list, *n, sizeof *list, by_time);
	/* a run that is in both is the live one */
	for (size_t i = 0; i < *n; i++)
		if (kept == 0 || strcmp(list[kept - 1].name, list[i].name))
			list[kept++] = list[i];
	*n = kept;
	*out = list;
	return 0;
}
