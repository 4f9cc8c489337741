/* quiet: DAG files of which nothing is due for a while: a cache. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dagcache.h"
#include "dagpath.h"
#include "quiet.h"

/*
 * The first line is of the tz database; then one a file: its path, a key, from
 * when to when it is quiet, separated by tabs. A key is made of the inodes,
 * sizes and times of what a decision is made from: the file, dags/DAG,
 * runs/DAG, archive/DAG and history/DAG.tsv; a run that comes or goes changes
 * runs/DAG.
 * What has changed in the last seconds is not kept: it may change once more
 * within a tick of the file system's clock.
 */
enum { YOUNG = 3 };

static const struct {
	const char *dir, *end;
} parts[] = {
	{"dags", ""}, {"runs", ""}, {"archive", ""}, {"history", ".tsv"},
};
/* those of which many a DAG has none: they are listed, once for all */
enum { PARTS = sizeof parts / sizeof parts[0], LISTED = 2 };

static uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15;
	return h ^ h >> 29;
}

/* adds what tells a file from another, and from itself after a change; false:
 * it is too young for that */
static bool
mix_stat(uint64_t *h, const struct stat *st)
{
	*h = mix(*h, st->st_dev);
	*h = mix(*h, st->st_ino);
	*h = mix(*h, (uint64_t)st->st_size);
	*h = mix(*h, (uint64_t)st->st_mtim.tv_sec);
	*h = mix(*h, (uint64_t)st->st_mtim.tv_nsec);
	*h = mix(*h, (uint64_t)st->st_ctim.tv_sec);
	*h = mix(*h, (uint64_t)st->st_ctim.tv_nsec);
	return st->st_ctim.tv_sec < clock_seconds() - YOUNG;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* was that in the directory of a part when it was listed? */
static bool
is_there(const struct quiet *q, size_t part, const char *name)
{
	const struct names *l = &q->there[part - LISTED];

	return !l->name || bsearch(&name, l->name, l->n, sizeof *l->name,
	    by_text);
}

/* the beginning of a file's line; false: it is not to be kept */
static bool
put_key(struct buf *b, struct quiet *q, const char *path)
{
	char dag[NAME_LEN + 1], name[FILE_LEN];
	uint64_t h = 1;
	struct stat st;
	size_t at;
	bool old;

	if (dagpath_name(path, dag) < 0 || strpbrk(path, "\t\n"))
		return false;
	old = mix_stat(&h, &q->st);
	for (size_t i = 0; i < PARTS; i++) {
		at = strlen(parts[i].dir) + 1;
		snprintf(name, sizeof name, "%s/%s%s", parts[i].dir, dag,
		    parts[i].end);
		if ((i >= LISTED && !is_there(q, i, name + at)) ||
		    fstatat(q->spool->fd, name, &st, 0) < 0)
			h = mix(h, 0);
		else if (!mix_stat(&h, &st))
			old = false;
	}
	buf_str(b, path);
	buf_fmt(b, "\t%016jx\t", (uintmax_t)h);
	return old && !b->err;
}

/* the line about the tz database, which decides when a day begins */
static void
put_zones(struct buf *b)
{
	static const char *const zones[] = {"/usr/share/zoneinfo",
	    "/usr/share/zoneinfo/tzdata.zi", "/etc/localtime"};
	uint64_t h = 1;
	struct stat st;

	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		if (stat(zones[i], &st) == 0)
			mix_stat(&h, &st);
		else
			h = mix(h, 0);
	}
	buf_fmt(b, "quiet 1 %016jx\n", (uintmax_t)h);
}

/* takes the text apart into lines, if its first one is as now */
static void
read_lines(struct quiet *q)
{
	size_t n = 0, cap = 1;
	char *line, *end;

	if (q->text.n < q->next.n ||
	    memcmp(q->text.p, q->next.p, q->next.n) != 0)
		return;
	for (const char *p = q->text.p; (p = strchr(p, '\n')); p++)
		cap++;
	q->line = malloc(cap * sizeof *q->line);
	for (line = q->text.p + q->next.n; q->line &&
	    (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		q->line[n++] = line;
	}
	q->n = n;
	if (n)
		qsort(q->line, n, sizeof *q->line, by_text);
}

void
quiet_open(struct quiet *q, struct spool *sp, int64_t now)
{
	uint64_t h = 0xcbf29ce484222325;

	*q = (struct quiet){.spool = sp, .now = now};
	for (const char *s = sp->path; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3;
	snprintf(q->name, sizeof q->name, "quiet.%016jx", (uintmax_t)h);
	put_zones(&q->next);
	/* without a list each is looked at */
	for (size_t i = LISTED; i < PARTS; i++)
		if (names_list(sp->fd, parts[i].dir, &q->there[i - LISTED]) < 0)
			q->there[i - LISTED].name = NULL;
	if (dagcache_read(q->name, &q->text) == 0 && !q->next.err &&
	    strlen(buf_cstr(&q->text)) == q->text.n)
		read_lines(q);
}

/* the line that begins so, or NULL */
static const char *
find(const struct quiet *q, const char *key, size_t n)
{
	size_t low = 0, high = q->n, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (strncmp(q->line[mid], key, n) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < q->n && strncmp(q->line[low], key, n) == 0 ?
	    q->line[low] : NULL;
}

bool
quiet_is(struct quiet *q, const char *path)
{
	struct buf key = BUF_INIT;
	const char *line = NULL;
	char *end;
	bool is = false;

	if (stat(path, &q->st) == 0 && q->n > 0 && put_key(&key, q, path))
		line = find(q, buf_cstr(&key), key.n);
	if (line && strtoll(line + key.n, &end, 10) <= q->now && *end == '\t' &&
	    q->now < strtoll(end + 1, NULL, 10)) {
		is = true;
		q->kept++;
		buf_str(&q->next, line);
		buf_ch(&q->next, '\n');
	}
	buf_free(&key);
	return is;
}

void
quiet_add(struct quiet *q, const char *path, int64_t wake)
{
	struct buf key = BUF_INIT;

	if (put_key(&key, q, path)) {
		buf_fmt(&q->next, "%s%lld\t%lld\n", buf_cstr(&key),
		    (long long)q->now, (long long)wake);
		q->changed = true;
	}
	buf_free(&key);
}

void
quiet_close(struct quiet *q)
{
	if ((q->changed || q->kept != q->n) && !q->next.err)
		dagcache_write(q->name, &q->next);
	for (size_t i = 0; i < PARTS - LISTED; i++)
		names_free(&q->there[i]);
	free(q->line);
	buf_free(&q->text);
	buf_free(&q->next);
	*q = (struct quiet){0};
}
