/* quiet: DAG files of which nothing is due for a while: a cache. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dagcache.h"
#include "dagpath.h"
#include "dagprog.h"
#include "dagtext.h"
#include "hash.h"
#include "io.h"
#include "quiet.h"

/*
 * The first line is of the tz database; then one a file: its path; a key made
 * of the inodes, sizes and times of what the spool has of its DAG: dags/DAG,
 * runs/DAG, archive/DAG and history/DAG.tsv (a run that comes or goes changes
 * runs/DAG); a key made of those of the file; the hash of its content; from
 * when to when it is quiet; separated by tabs. A file that looks different but
 * has the same content is the same.
 * What has changed in the last seconds is not kept: it may change once more
 * within a tick of the file system's clock.
 */
enum { YOUNG = 3, HEX = 16 };

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

static bool
mix_part(const struct quiet *q, uint64_t *h, const char *dir, const char *dag,
    const char *end)
{
	char path[FILE_LEN];
	struct stat st;

	stpcpy(stpcpy(stpcpy(path, dir), dag), end);
	if (io_stat(q->spool->fd, path, &st) == 0)
		return mix_stat(h, &st);
	*h = mix(*h, 0);
	return true;
}

/* the key of what the spool has of a DAG; false: it is not to be kept */
static bool
spool_key(const struct quiet *q, const char *dag, uint64_t *h)
{
	bool old;

	*h = 1;
	old = mix_part(q, h, "dags/", dag, "");
	old &= mix_part(q, h, "runs/", dag, "");
	/* of these many a DAG has none, so they were listed */
	if (known_archived(&q->there, dag))
		old &= mix_part(q, h, "archive/", dag, "");
	if (known_history(&q->there, dag))
		old &= mix_part(q, h, "history/", dag, ".tsv");
	return old;
}

static const char digits[] = "0123456789abcdef";

static void
put_hex(struct buf *b, uint64_t v)
{
	char text[HEX + 1];

	for (int i = HEX - 1; i >= 0; i--, v >>= 4)
		text[i] = digits[v & 15];
	text[HEX] = '\t';
	buf_add(b, text, sizeof text);
}

/* is that, up to its tab, the text of a number? */
static bool
is_hex(const char *text, uint64_t v)
{
	for (int i = HEX - 1; i >= 0; i--, v >>= 4)
		if (text[i] != digits[v & 15])
			return false;
	return text[HEX] == '\t';
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
	buf_fmt(b, "quiet 2 %016jx\n", (uintmax_t)h);
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
	known_list(&q->there, sp);
	if (dagcache_read(q->name, &q->text) == 0 && !q->next.err &&
	    strlen(buf_cstr(&q->text)) == q->text.n)
		read_lines(q);
}

/* what is behind the path in its line, or NULL */
static const char *
find(const struct quiet *q, const char *path)
{
	size_t low = 0, high = q->n, n = strlen(path), mid;
	int c;

	while (low < high) {
		mid = (low + high) / 2;
		c = strncmp(q->line[mid], path, n);
		if (c == 0)
			c = (unsigned char)q->line[mid][n] - '\t';
		if (c == 0)
			return strlen(q->line[mid]) > n + 3 * (HEX + 1) ?
			    q->line[mid] + n + 1 : NULL;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* the file as it is, and what is in it; a program is read by running it */
static int
look(const char *path, struct dagfile_mark *mark)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct buf text = BUF_INIT;
	int r = -1;

	if (fd < 0)
		return -1;
	if (fstat(fd, &mark->st) == 0 && S_ISREG(mark->st.st_mode) &&
	    !dagprog_is(fd, &mark->st))
		r = buf_read(&text, fd, DAGTEXT_MAX);
	mark->sum = hash_add(HASH_EMPTY, text.p, text.n);
	close(fd);
	buf_free(&text);
	return r;
}

/* is the file as in its line, or at least its content? else it is of another
 * content, which is not quiet */
static bool
same_file(const char *path, const char *line, uint64_t *file)
{
	struct dagfile_mark mark;
	struct stat st;

	*file = 1;
	if (stat(path, &st) < 0)
		return false;
	if (mix_stat(file, &st) && is_hex(line, *file))
		return true;
	if (look(path, &mark) < 0 || !is_hex(line + HEX + 1, mark.sum))
		return false;
	*file = 1;
	if (!mix_stat(file, &mark.st))
		*file = 0;
	return true;
}

bool
quiet_is(struct quiet *q, const char *path)
{
	char dag[NAME_LEN + 1], *end;
	uint64_t spool, file;
	const char *line, *when;

	if (q->n == 0 || dagpath_name(path, dag) < 0 ||
	    !(line = find(q, path)))
		return false;
	when = line + 3 * (HEX + 1);
	if (strtoll(when, &end, 10) > q->now || *end != '\t' ||
	    strtoll(end + 1, NULL, 10) <= q->now ||
	    !spool_key(q, dag, &spool) || !is_hex(line, spool) ||
	    !same_file(path, line + HEX + 1, &file))
		return false;
	q->kept++;
	q->changed |= !is_hex(line + HEX + 1, file);
	/* the path and the first key, another second one, the rest */
	buf_add(&q->next, line - strlen(path) - 1, strlen(path) + HEX + 2);
	put_hex(&q->next, file);
	buf_str(&q->next, line + 2 * (HEX + 1));
	buf_ch(&q->next, '\n');
	return true;
}

void
quiet_add(struct quiet *q, const char *path, const struct dagfile_mark *mark,
    int64_t wake)
{
	char dag[NAME_LEN + 1];
	uint64_t spool, file = 1;

	if (dagpath_name(path, dag) < 0 || strpbrk(path, "\t\n") ||
	    !mix_stat(&file, &mark->st) || !spool_key(q, dag, &spool))
		return;
	buf_str(&q->next, path);
	buf_ch(&q->next, '\t');
	put_hex(&q->next, spool);
	put_hex(&q->next, file);
	put_hex(&q->next, mark->sum);
	buf_fmt(&q->next, "%lld\t%lld\n", (long long)q->now, (long long)wake);
	q->changed = true;
}

void
quiet_close(struct quiet *q)
{
	if ((q->changed || q->kept != q->n) && !q->next.err)
		dagcache_write(q->name, &q->next);
	known_unlist(&q->there);
	free(q->line);
	buf_free(&q->text);
	buf_free(&q->next);
	*q = (struct quiet){0};
}
