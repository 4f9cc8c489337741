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
	char what[16];
	int e;

	while (sscanf(p, "%d", &e) == 1) {
		p += strcspn(p + 1, " ") + 1;
		snprintf(what, sizeof what, "%d", e);
		add(ps, like, class, k, e > 0 ? what : "short");
		if (e <= 0)
			continue;
		snprintf(what, sizeof what, "%d+", e);
		add(ps, like, class, k, what);
	}
}

static void
add_call(struct points *ps, enum mode mode, const struct point *like,
    const char *class, unsigned long k, const char *can)
{
	ps->calls++;
	if (mode == MODE_ERRNO)
		add_errnos(ps, like, class, k, can);
	else if (mode == MODE_MEMORY) {
		add(ps, like, class, k, "mem");
		add(ps, like, class, k, "mem+");
	} else
		add(ps, like, class, k, "kill");
}

void
points_add(struct points *ps, enum mode mode, bool changes, char *log,
    const struct point *like)
{
	char **line = NULL, *p, *save, class[32], name[32], seen[32] = "";
	struct point of = *like;
	unsigned long k, last = 0;
	int end;

	of.calls = 0;
	for (p = strtok_r(log, "\n", &save); p; p = strtok_r(NULL, "\n",
	    &save)) {
		line = realloc(line, (of.calls + 1) * sizeof *line);
		if (!line)
			abort();
		line[of.calls++] = p;
	}
	if (of.calls)
		qsort(line, of.calls, sizeof *line, by_word);
	for (size_t i = 0; i < of.calls; i++) {
		if (sscanf(line[i], "%31s %lu %31s%n", class, &k, name,
		    &end) < 3 || (k == last && strcmp(class, seen) == 0))
			continue;
		last = k;
		snprintf(seen, sizeof seen, "%s", class);
		p = strchr(line[i] + end, '@');
		of.place = like->place * 33 ^ strtoul(p ? p + 1 : "", NULL, 16);
		if (changes && !changes_it(name))
			ps->calls++;
		else
			add_call(ps, mode, &of, class, k, line[i] + end);
	}
	free(line);
}

/* by program, what goes wrong, and what the program is at; the shortest first
 */
static int
by_place(const void *a, const void *b)
{
	const struct point *x = a, *y = b;
	size_t n = strcspn(x->at, ":");
	int c = strncmp(x->at, y->at, n + 1);

	if (!c)
		c = strcmp(strrchr(x->at, ':'), strrchr(y->at, ':'));
	if (!c)
		c = (x->place > y->place) - (x->place < y->place);
	return c;
}

static int
by_place_and_length(const void *a, const void *b)
{
	const struct point *x = a, *y = b;
	int c = by_place(a, b);

	return c ? c : (x->calls > y->calls) - (x->calls < y->calls);
}

static int
by_work(const void *a, const void *b)
{
	const struct point *x = a, *y = b;
	int c = (x->work > y->work) - (x->work < y->work);

	return c ? c : strcmp(x->at, y->at);
}

void
points_choose(struct points *ps)
{
	size_t n = 0;

	if (ps->n)
		qsort(ps->point, ps->n, sizeof *ps->point, by_place_and_length);
	for (size_t i = 0; i < ps->n; i++)
		if (n == 0 || by_place(&ps->point[n - 1], &ps->point[i]) != 0)
			ps->point[n++] = ps->point[i];
	ps->n = n;
	if (ps->n)
		qsort(ps->point, ps->n, sizeof *ps->point, by_work);
}
