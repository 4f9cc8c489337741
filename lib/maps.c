/* maps: the lists of a run's mapped tasks, as they are on disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "io.h"
#include "maps.h"
#include "name.h"
#include "names.h"
#include "scope.h"

enum { LIST_MAX = 1 << 30 };

struct maps {
	struct plan plan;
	struct planmap_list *list;
	size_t n;
	struct maps *older;	/* what was there before */
	/* of the directory map/: changed since? */
	ino_t ino;
	struct timespec changed;
	bool sure;		/* a change since would have another time */
};

struct maps *
maps_begin(void)
{
	return calloc(1, sizeof(struct maps));
}

int
maps_add(struct maps *m, const struct plan *own, const char *file,
    const char *text, size_t n)
{
	int64_t t = plan_find(own, file, strlen(file));
	struct planmap_list *l;
	char *copy;

	/* a list that is being made is none yet */
	if (t < 0 || !own->each || !own->each[t])
		return 0;
	l = realloc(m->list, (m->n + 1) * sizeof *l);
	if (!l)
		return -1;
	m->list = l;
	copy = malloc(n + 1);
	if (!copy)
		return -1;
	if (n > 0)
		memcpy(copy, text, n);
	l[m->n].task = (uint32_t)t;
	l[m->n].text = copy;
	l[m->n++].n = n;
	return 0;
}

int
maps_made(struct maps *m, const struct plan *own, struct buf *why)
{
	return planmap_make(&m->plan, own, m->list, m->n, why) < 0 ||
	    scope_make(&m->plan) < 0 ? -1 : 0;
}

static int
read_lists(struct maps *m, int runfd, const struct plan *own)
{
	char path[NAME_LEN + 8];
	struct names files;
	struct buf b = BUF_INIT;
	int x = names_list(runfd, "map", &files);

	if (x < 0)
		return -1;
	for (size_t i = 0; i < files.n && x == 0; i++) {
		if (!name_ok(files.name[i], strlen(files.name[i])))
			continue;
		snprintf(path, sizeof path, "map/%s", files.name[i]);
		buf_reset(&b);
		x = io_read_text(runfd, path, &b, LIST_MAX);
		if (x == 0)
			x = maps_add(m, own, files.name[i], b.p, b.n);
	}
	names_free(&files);
	buf_free(&b);
	return x;
}

/* is it as it was when it was read? */
static bool
unchanged(const struct maps *m, const struct stat *st)
{
	return m->sure && m->ino == st->st_ino &&
	    m->changed.tv_sec == st->st_mtim.tv_sec &&
	    m->changed.tv_nsec == st->st_mtim.tv_nsec;
}

/* notes when map/ changed: times are those of a coarse clock, and what
 * changes in the same tick as we look has the same */
static void
note_time(struct maps *m, const struct stat *st)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	m->ino = st->st_ino;
	m->changed = st->st_mtim;
	m->sure = now.tv_sec > st->st_mtim.tv_sec ||
	    (now.tv_sec == st->st_mtim.tv_sec &&
	    now.tv_nsec > st->st_mtim.tv_nsec);
}

static bool
same(const struct maps *a, const struct maps *b)
{
	bool is = a->n == b->n;

	for (size_t i = 0; i < a->n && is; i++)
		is = a->list[i].task == b->list[i].task &&
		    a->list[i].n == b->list[i].n &&
		    memcmp(a->list[i].text, b->list[i].text,
		    a->list[i].n) == 0;
	return is;
}

int
maps_look(struct maps **maps, int runfd, const struct plan *own,
    struct buf *why)
{
	struct maps *m;
	struct stat st;
	int e;

	if (fstatat(runfd, "map", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (*maps && unchanged(*maps, &st))
		return 0;
	m = maps_begin();
	if (!m)
		return -1;
	note_time(m, &st);
	if (read_lists(m, runfd, own) < 0)
		goto fail;
	if (*maps && same(*maps, m)) {
		(*maps)->ino = m->ino;
		(*maps)->changed = m->changed;
		(*maps)->sure = m->sure;
		maps_free(m);
		return 0;
	}
	if (maps_made(m, own, why) < 0)
		goto fail;
	m->older = *maps;
	*maps = m;
	return 1;
fail:
	e = errno;
	maps_free(m);
	errno = e;
	return -1;
}

const struct plan *
maps_plan(const struct maps *m)
{
	return &m->plan;
}

const struct planmap_list *
maps_list(const struct maps *m, uint32_t task)
{
	for (size_t i = 0; m && i < m->n; i++)
		if (m->list[i].task == task)
			return &m->list[i];
	return NULL;
}

void
maps_free(struct maps *m)
{
	struct maps *older;

	for (; m; m = older) {
		older = m->older;
		plan_free(&m->plan);
		for (size_t i = 0; i < m->n; i++)
			free((char *)(uintptr_t)m->list[i].text);
		free(m->list);
		free(m);
	}
}
