/* point: where a fault is to strike: one call of one program, and how. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "point.h"

static void
add(struct points *ps, const struct point *like, const char *class,
    unsigned long k, const char *what)
{
	struct point *p;

	if (ps->n == ps->cap) {
		ps->cap = ps->cap ? ps->cap * 2 : 1024;
		ps->point = realloc(ps->point, ps->cap * sizeof *ps->point);
		if (!ps->point)
			abort();
	}
	p = &ps->point[ps->n++];
	*p = *like;
	p->kill = strcmp(what, "kill") == 0;
	snprintf(p->at, sizeof p->at, "%s:%lu:%s", class, k, what);
}

static int
by_word(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* a call of that name: can it change the spool? */
static bool
changes_it(const char *name)
{
	static const char *const names[] = {"create", "write", "renameat",
	    "renameat2", "linkat", "unlinkat", "unlink", "mkdir", "mkdirat",
	    "mknodat", "utimensat", "futimens", "fchmod", "ftruncate"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* once and for ever, each errno that the call can fail with; cut short */
static void
add_errnos(struct points *ps, const struct point *like, const char *class,
    unsigned long k, const char *p)
{
	const char *last = strchr(p, '#');
	unsigned long n = 0, one = 0, i = 0, turn;
	char what[16];
	int e;

	for (const char *q = p; q < last; q++)
		n += *q == ' ' && q + 1 < last;
	/* each of them, once and for ever, as the number of the call has it */
	turn = k + (unsigned long)ps->some;
	if (n > 0)
		one = turn / 2 % n;
	for (; i < n && (p = strchr(p, ' ')); p++, i++) {
		if (ps->some && i != one)
			continue;
		e = atoi(p + 1);
		strcpy(what, "short");
		if (e > 0)
			snprintf(what, sizeof what, "%d", e);
		if (!ps->some || turn % 2 || e < 0)
			add(ps, like, class, k, what);
		if (e > 0 && (!ps->some || turn % 2 == 0))
			add(ps, like, class, k, strcat(what, "+"));
	}
}

void
points_add(struct points *ps, enum mode mode, bool changes, char *log,
    const struct point *like)
{
	char **line = NULL, *p, *save, class[32], name[32], seen[32] = "";
	unsigned long k, last = 0;
	size_t n = 0;
	int end;

	for (p = strtok_r(log, "\n", &save); p; p = strtok_r(NULL, "\n",
	    &save)) {
		line = realloc(line, (n + 1) * sizeof *line);
		if (!line)
			abort();
		line[n++] = p;
	}
	if (n)
		qsort(line, n, sizeof *line, by_word);
	for (size_t i = 0; i < n; i++) {
		if (sscanf(line[i], "%31s %lu %31s%n", class, &k, name,
		    &end) < 3 || (k == last && strcmp(class, seen) == 0) ||
		    (changes && !changes_it(name)))
			continue;
		last = k;
		snprintf(seen, sizeof seen, "%s", class);
		if (mode == MODE_MEMORY) {
			if (!ps->some || (k + (unsigned long)ps->some) % 2)
				add(ps, like, class, k, "mem");
			if (!ps->some || !((k + (unsigned long)ps->some) % 2))
				add(ps, like, class, k, "mem+");
		} else if (mode == MODE_ERRNO)
			add_errnos(ps, like, class, k, line[i] + end);
		else
			add(ps, like, class, k, "kill");
	}
	free(line);
}
