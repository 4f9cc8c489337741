/* pool: slots that are files; who holds a slot's lock has it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "num.h"
#include "pool.h"
#include "words.h"

struct want {
	char name[NAME_LEN + 1];
	int64_t weight;
};

/* takes NAME or NAME:WEIGHT apart */
static int
parse_want(const char *word, struct want *w)
{
	size_t n = strcspn(word, ":");

	w->weight = 1;
	if (!name_ok(word, n) || (word[n] &&
	    num_parse(word + n + 1, 1, POOL_SLOTS, &w->weight) < 0)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(w->name, word, n);
	w->name[n] = '\0';
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct want *)a)->name,
	    ((const struct want *)b)->name);
}

static int
pool_open(struct spool *sp, const char *name)
{
	char path[FILE_LEN];

	snprintf(path, sizeof path, "pools/%s", name);
	return io_open(sp->fd, path, O_RDONLY | O_DIRECTORY, 0);
}

/* is it the name of a slot: 1, 2, 3 …? */
static bool
slot_ok(const char *s)
{
	int64_t n;

	return *s != '0' && num_parse(s, 1, POOL_SIZE_MAX, &n) == 0;
}

static int
take_one(struct spool *sp, const struct want *w, struct pool_hold *hold)
{
	int dir = pool_open(sp, w->name), fd, e;
	struct names slots = {0};
	int64_t missing = w->weight;

	if (dir < 0)
		return -1;
	/* several slots at once: nobody else may choose meanwhile */
	if (w->weight > 1 && flock(dir, LOCK_EX) < 0)
		goto fail;
	if (names_list(dir, ".", &slots) < 0)
		goto fail;
	for (size_t i = 0; i < slots.n && missing > 0; i++) {
		if (!slot_ok(slots.name[i]))
			continue;
		if (hold->n == POOL_SLOTS)
			break;
		fd = io_open_file(dir, slots.name[i], O_RDWR, 0);
		if (fd < 0 && run_damaged(errno))
			continue;
		if (fd < 0)
			goto fail;
		if (io_lock(fd, 0, false) < 0) {
			e = errno;
			close(fd);
			errno = e;
			if (e != EAGAIN)
				goto fail;
			continue;
		}
		hold->fd[hold->n++] = fd;
		missing--;
	}
	names_free(&slots);
	close(dir);
	errno = EAGAIN;
	return missing > 0 ? -1 : 0;
fail:
	e = errno;
	names_free(&slots);
	close(dir);
	errno = e;
	return -1;
}

/*
 * Are all of several slots free? To take some, and give them back since the
 * others are not, would wake all who wait for a slot, ourselves too, for ever.
 */
static int
all_free(struct spool *sp, const struct want *w, size_t n,
    struct pool_hold *hold)
{
	unsigned size, held;

	if (n == 1 && w->weight == 1)
		return 0;
	for (size_t i = 0; i < n; i++) {
		snprintf(hold->full, sizeof hold->full, "%s", w[i].name);
		if (pool_count(sp, w[i].name, &size, &held) < 0)
			return -1;
		if (size - held < w[i].weight) {
			errno = EAGAIN;
			return -1;
		}
	}
	hold->full[0] = '\0';
	return 0;
}

int
pool_take(struct spool *sp, const char *spec, struct pool_hold *hold)
{
	struct want *want;
	char **words;
	size_t n;
	int r = 0, e;

	hold->n = 0;
	hold->full[0] = '\0';
	words = words_split(spec, &n);
	if (!words)
		return -1;
	want = calloc(n + 1, sizeof *want);
	if (!want) {
		free(words);
		return -1;
	}
	for (size_t i = 0; i < n && r == 0; i++)
		r = parse_want(words[i], &want[i]);
	if (r == 0) {
		qsort(want, n, sizeof *want, by_name);
		r = all_free(sp, want, n, hold);
	}
	for (size_t i = 0; i < n && r == 0; i++) {
		r = take_one(sp, &want[i], hold);
		if (r < 0)
			snprintf(hold->full, sizeof hold->full, "%s",
			    want[i].name);
	}
	e = errno;
	if (r < 0)
		pool_give(hold);
	free(want);
	free(words);
	errno = e;
	return r;
}

void
pool_give(struct pool_hold *hold)
{
	while (hold->n > 0) {
		int fd = hold->fd[--hold->n];

		/* explicitly: what the task left behind may have it open.
		 * The touch is what those who wait for a slot watch for. */
		io_unlock(fd, 0);
		futimens(fd, NULL);
		close(fd);
	}
}

int
pool_resize(struct spool *sp, const char *name, unsigned n, unsigned *held)
{
	char slot[16];
	struct names slots = {0};
	int64_t number;
	int dir, fd, r = -1, e;

	*held = 0;
	dir = io_make_dir(sp->fd, "pools", name, spool_durable(sp));
	if (dir < 0)
		return -1;
	if (flock(dir, LOCK_EX) < 0 || names_list(dir, ".", &slots) < 0)
		goto out;
	for (unsigned i = 1; i <= n; i++) {
		snprintf(slot, sizeof slot, "%u", i);
		fd = io_open(dir, slot, O_RDWR | O_CREAT, 0600);
		if (fd < 0)
			goto out;
		close(fd);
	}
	for (size_t i = 0; i < slots.n; i++) {
		if (!slot_ok(slots.name[i]) || num_parse(slots.name[i],
		    (int64_t)n + 1, POOL_SIZE_MAX, &number) < 0)
			continue;
		fd = io_open_file(dir, slots.name[i], O_RDWR, 0);
		if (fd < 0)
			continue;
		if (io_lock(fd, 0, false) < 0)
			++*held;
		else if (unlinkat(dir, slots.name[i], 0) < 0) {
			e = errno;
			close(fd);
			errno = e;
			goto out;
		}
		close(fd);
	}
	if (spool_sync(sp, dir) < 0)
		goto out;
	errno = EBUSY;
	r = *held ? -1 : 0;
out:
	e = errno;
	names_free(&slots);
	close(dir);
	errno = e;
	return r;
}

int
pool_count(struct spool *sp, const char *name, unsigned *size, unsigned *held)
{
	struct names slots;
	int dir = pool_open(sp, name), fd;

	*size = *held = 0;
	if (dir < 0)
		return -1;
	if (names_list(dir, ".", &slots) < 0) {
		close(dir);
		return -1;
	}
	for (size_t i = 0; i < slots.n; i++) {
		if (!slot_ok(slots.name[i]))
			continue;
		++*size;
		fd = io_open_file(dir, slots.name[i], O_RDONLY, 0);
		if (fd >= 0) {
			*held += io_locked(fd, 0) == 1;
			close(fd);
		}
	}
	names_free(&slots);
	close(dir);
	return 0;
}

bool
pool_wanted(const char *spec, size_t i, char name[NAME_LEN + 1],
    int64_t *weight)
{
	char **words;
	struct want w;
	size_t n;
	bool there;

	words = words_split(spec, &n);
	there = words && i < n && parse_want(words[i], &w) == 0;
	free(words);
	if (!there)
		return false;
	memcpy(name, w.name, sizeof w.name);
	*weight = w.weight;
	return true;
}

bool
pool_missing(struct spool *sp, const char *spec, char name[NAME_LEN + 1])
{
	char **words = words_split(spec, NULL);
	bool missing = false;
	struct want w;
	int dir;

	for (size_t i = 0; words && words[i] && !missing; i++) {
		if (parse_want(words[i], &w) < 0)
			continue;
		dir = pool_open(sp, w.name);
		missing = dir < 0;
		if (missing)
			memcpy(name, w.name, sizeof w.name);
		else
			close(dir);
	}
	free(words);
	return missing;
}

bool
pool_short(struct spool *sp, const char *spec, char name[NAME_LEN + 1],
    unsigned *has, int64_t *want)
{
	char **words = words_split(spec, NULL);
	unsigned size, held;
	bool few = false;
	struct want w;

	for (size_t i = 0; words && words[i] && !few; i++) {
		if (parse_want(words[i], &w) < 0)
			continue;
		few = pool_count(sp, w.name, &size, &held) < 0 ||
		    size < w.weight;
		if (!few)
			continue;
		memcpy(name, w.name, sizeof w.name);
		if (has)
			*has = size;
		if (want)
			*want = w.weight;
	}
	free(words);
	return few;
}
