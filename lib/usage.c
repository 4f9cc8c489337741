/* usage: how much of the disk a DAG's runs, archives and the rest take. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "usage.h"

static int64_t
size_of(int dirfd, const char *name)
{
	struct stat st;

	if (io_stat(dirfd, name, &st) < 0)
		return 0;
	/* a plan has many links: it counts where it is kept */
	return S_ISREG(st.st_mode) && st.st_nlink > 1 ? 0 :
	    (int64_t)st.st_blocks * 512;
}

/* a directory and the files in it, and how many those are */
static int64_t
dir_size(int dirfd, const char *path, size_t *n)
{
	struct names names;
	int fd = io_open(dirfd, path, O_RDONLY | O_DIRECTORY, 0);
	int64_t sum;

	*n = 0;
	if (fd < 0)
		return 0;
	sum = size_of(dirfd, path);
	if (names_list(fd, ".", &names) == 0) {
		for (size_t i = 0; i < names.n; i++)
			sum += size_of(fd, names.name[i]);
		*n = names.n;
		names_free(&names);
	}
	close(fd);
	return sum;
}

/* what a directory beneath another, which was counted among its names, holds
 * beside that */
static int64_t
inner_size(struct spool *sp, const char *path)
{
	struct stat st;
	size_t n;

	return io_stat(sp->runs, path, &st) < 0 ? 0 :
	    dir_size(sp->runs, path, &n) - (int64_t)st.st_blocks * 512;
}

static int64_t
run_size(struct spool *sp, const char *dag, const char *run)
{
	static const char *const inner[] = { "log", "map", "out", "files" };
	char path[2 * NAME_LEN + RUN_LEN], in[sizeof path + TASK_LEN + 8];
	struct names tasks;
	int64_t sum;
	size_t n;

	snprintf(path, sizeof path, "%s/%s", dag, run);
	sum = dir_size(sp->runs, path, &n);
	for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
		snprintf(in, sizeof in, "%s/%s", path, inner[i]);
		sum += inner_size(sp, in);
	}
	snprintf(in, sizeof in, "%s/files", path);
	if (names_list(sp->runs, in, &tasks) < 0)
		return sum;
	for (size_t i = 0; i < tasks.n; i++) {
		snprintf(in, sizeof in, "%s/files/%.*s", path, TASK_LEN,
		    tasks.name[i]);
		sum += inner_size(sp, in);
	}
	names_free(&tasks);
	return sum;
}

/* plans/DAG: each file once, however many runs link to it */
static int64_t
plans_size(struct spool *sp, const char *dag)
{
	char path[FILE_LEN];
	struct names names;
	struct stat st;
	int64_t sum = 0;

	snprintf(path, sizeof path, "plans/%s", dag);
	if (names_list(sp->fd, path, &names) < 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		snprintf(path, sizeof path, "plans/%s/%.64s", dag,
		    names.name[i]);
		if (io_stat(sp->fd, path, &st) == 0)
			sum += (int64_t)st.st_blocks * 512;
	}
	names_free(&names);
	return sum;
}

static int
measure(struct spool *sp, struct usage *u)
{
	char path[2 * NAME_LEN];
	struct run_entry *list = NULL;
	size_t n;
	int x = spool_runs(sp, u->dag, false, &list, &u->runs), e = errno;

	for (size_t i = 0; x == 0 && i < u->runs; i++)
		u->live += run_size(sp, u->dag, list[i].name);
	free(list);
	snprintf(path, sizeof path, "archive/%s", u->dag);
	u->archives = dir_size(sp->fd, path, &n);
	u->archived = n;
	snprintf(path, sizeof path, "history/%s.tsv", u->dag);
	u->rest = size_of(sp->fd, path) + plans_size(sp, u->dag);
	errno = e;
	return x;
}

static int
greater(const void *a, const void *b)
{
	const struct usage *x = a, *y = b;
	int64_t s = x->live + x->archives + x->rest;
	int64_t t = y->live + y->archives + y->rest;

	return s != t ? (s < t) - (s > t) : strcmp(x->dag, y->dag);
}

int
usage_all(struct spool *sp, struct usage **list, size_t *n,
    void (*damaged)(const char *))
{
	struct names dags;
	int x = 0, e;

	*n = 0;
	if (spool_dags(sp, &dags) < 0)
		return -1;
	*list = calloc(dags.n + 1, sizeof **list);
	if (!*list)
		x = -1;
	for (size_t i = 0; i < dags.n && x == 0; i++) {
		snprintf((*list)[i].dag, sizeof (*list)[i].dag, "%s",
		    dags.name[i]);
		x = measure(sp, &(*list)[i]);
		if (x < 0 && run_damaged(errno)) {
			damaged(dags.name[i]);
			x = 0;
		}
	}
	e = errno;
	if (x == 0) {
		*n = dags.n;
		qsort(*list, *n, sizeof **list, greater);
	} else
		free(*list);
	names_free(&dags);
	errno = e;
	return x;
}
