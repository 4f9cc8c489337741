/* mapping: a mapped task's list, of what is known now, and its instances. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapping.h"
#include "io.h"
#include "items.h"
#include "maps.h"
#include "rec.h"

enum {
	LIST_MAX = 1 << 30,
};

/* the next line of a list: its length, that of its key; *gone: it is of a
 * list before */
static size_t
next_line(const char *s, const char *end, size_t *key, bool *gone)
{
	const char *nl = memchr(s, '\n', (size_t)(end - s));
	size_t n = (size_t)((nl ? nl : end) - s);

	*gone = *s == '-';
	for (*key = *gone; *key < n && s[*key] != '\t'; ++*key)
		;
	return n;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
has_key(char **sorted, size_t n, const char *key)
{
	return n > 0 && bsearch(&key, sorted, n, sizeof *sorted, compare);
}

/* calls f with each line of a list whose key is not in another */
static int
others(const char *list, size_t n, const char *but, size_t butn,
    int (*f)(void *, const char *line, size_t n, const char *key), void *arg)
{
	const char *s, *end = but + butn;
	size_t len, keylen, count = 0, cap = 0;
	char **have = NULL, **grown, *key;
	bool gone;
	int x = 0;

	for (s = but; s < end && x == 0; s += len + 1) {
		len = next_line(s, end, &keylen, &gone);
		if (count == cap) {
			cap = cap ? 2 * cap : 64;
			grown = realloc(have, cap * sizeof *have);
			x = grown ? 0 : -1;
			have = grown ? grown : have;
		}
		if (x == 0 && !(have[count++] = strndup(s + gone,
		    keylen - gone)))
			x = -1;
	}
	if (count > 0 && x == 0)
		qsort(have, count, sizeof *have, compare);
	end = list + n;
	for (s = list; s < end && x == 0; s += len + 1) {
		len = next_line(s, end, &keylen, &gone);
		key = strndup(s + gone, keylen - gone);
		if (!key || (!has_key(have, count, key) &&
		    f(arg, s + gone, len - gone, key) < 0))
			x = -1;
		free(key);
	}
	while (count > 0)
		free(have[--count]);
	free(have);
	return x;
}

static int
put_gone(void *arg, const char *line, size_t n, const char *key)
{
	struct buf *out = arg;

	(void)key;
	buf_ch(out, '-');
	buf_add(out, line, n);
	buf_ch(out, '\n');
	return out->err ? -1 : 0;
}

/* where instances are to get their markers */
struct making {
	struct run *r;
	const char *task;
};

static int
make_marker(void *arg, const char *line, size_t n, const char *key)
{
	struct making *m = arg;
	char name[TASK_LEN + 1], file[FILE_LEN];

	(void)line;
	(void)n;
	snprintf(name, sizeof name, "%s+%s", m->task, key);
	marker_file(file, name, (struct instance){STATE_WAITING, 0});
	return marker_make(m->r->fd, file) < 0 && errno != EEXIST ? -1 : 0;
}

/* the list has been begun: its instances, then its name */
static int
finish(struct run *r, int dir, uint32_t task)
{
	char name[TASK_LEN + 1], new[TASK_LEN + 8];
	const struct planmap_list *old = maps_list(r->maps, task);
	struct making m = {r, plan_name(r->own, task, name)};
	struct buf b = BUF_INIT;
	int x;

	snprintf(new, sizeof new, "%s.new", name);
	x = io_read_text(dir, new, &b, LIST_MAX);
	if (x == 0)
		x = others(b.p, b.n, old ? old->text : NULL, old ? old->n : 0,
		    make_marker, &m);
	buf_free(&b);
	if (x < 0 || spool_sync(r->spool, r->fd) < 0 ||
	    renameat(dir, new, dir, name) < 0 ||
	    spool_sync(r->spool, dir) < 0)
		return -1;
	return run_fresh(r) < 0 ? -1 : 1;
}

static int
write_list(struct run *r, uint32_t task, const struct buf *list)
{
	char name[TASK_LEN + 1], new[TASK_LEN + 8];
	int dir, x, e;

	if (mkdirat(r->fd, "map", 0700) < 0 && errno != EEXIST)
		return -1;
	dir = io_open(r->fd, "map", O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return -1;
	snprintf(new, sizeof new, "%s.new", plan_name(r->own, task, name));
	x = io_write_file(r->spool->tmp, dir, new, list,
	    spool_durable(r->spool));
	if (x == 0)
		x = spool_sync(r->spool, r->fd);
	if (x == 0)
		x = finish(r, dir, task);
	e = errno;
	close(dir);
	errno = e;
	return x;
}

/* it cannot be mapped over that */
static int
fail(struct run *r, uint32_t task, const char *fault)
{
	struct instance waiting = {STATE_WAITING, 0};
	struct buf b = BUF_INIT;
	char name[TASK_LEN + 1];
	int fd, x;

	fd = marker_open(r, plan_name(r->plan, task, name), waiting,
	    O_RDWR | O_APPEND);
	if (fd < 0)
		return errno == ENOENT ? 1 : -1;
	rec_put(&b, "note", fault);
	x = marker_event(fd, "note", &b, NULL);
	buf_free(&b);
	close(fd);
	if (x < 0 || task_move(r, name, waiting,
	    (struct instance){STATE_FAILED, 0}) < 0)
		return errno == ENOENT ? 1 : -1;
	return 1;
}

int
mapping_task(struct run *r, uint32_t task)
{
	const struct planmap_list *old = maps_list(r->maps, task);
	struct buf list = BUF_INIT;
	const char *fault = NULL;
	int x = items_list(r, task, &list, &fault);

	if (x == 0 && fault) {
		x = fail(r, task, fault);
	} else if (x == 0) {
		if (old)
			x = others(old->text, old->n, list.p, list.n, put_gone,
			    &list);
		if (x == 0 && !(old && old->n == list.n && (list.n == 0 ||
		    memcmp(old->text, list.p, list.n) == 0)))
			x = write_list(r, task, &list);
	}
	buf_free(&list);
	return x;
}

int
mapping_finish(struct run *r)
{
	struct names files;
	char name[FILE_LEN];
	int64_t t;
	size_t n;
	int dir, x = 0, e;

	if (!r->own->each)
		return 0;
	dir = io_open(r->fd, "map", O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return errno == ENOENT ? 0 : -1;
	if (names_list(dir, ".", &files) < 0)
		x = -1;
	for (size_t i = 0; x >= 0 && i < files.n; i++) {
		n = strcspn(files.name[i], ".");
		snprintf(name, sizeof name, "%s", files.name[i]);
		t = strcmp(name + n, ".new") == 0 ?
		    plan_find(r->own, name, n) : -1;
		if (t >= 0 && r->own->each[t])
			x = finish(r, dir, (uint32_t)t);
	}
	e = errno;
	if (x >= 0)
		names_free(&files);
	close(dir);
	errno = e;
	return x;
}
