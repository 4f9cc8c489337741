/* target: what a task reads and what it makes: inputs, output, their state. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "names.h"
#include "target.h"

bool
target_any(const struct plan *p)
{
	return p->keys & PLAN_TARGETS;
}

static int
load(struct buf *out, const struct plan *p, uint32_t task, const char *key,
    const char *dir, const struct expand *env, struct buf *why)
{
	struct buf v = BUF_INIT, fault = BUF_INIT;
	const char *list = plan_get(p, task, key, &v);
	int x = list ? expand_paths(out, list, dir,
	    strcmp(key, "inputs") == 0, env, &fault) : 0;

	if (fault.n > 0)
		buf_fmt(why, "%s: %s", key, buf_cstr(&fault));
	buf_free(&v);
	buf_free(&fault);
	return x;
}

int
target_load(struct target *t, const struct plan *p, uint32_t task,
    const char *dir, const char *id, const struct expand *env,
    struct buf *why)
{
	const char *first;

	if (load(&t->inputs, p, task, "inputs", dir, env, why) < 0 ||
	    load(&t->outputs, p, task, "output", dir, env, why) < 0)
		return -1;
	if (t->outputs.n > 0) {
		first = t->outputs.p;
		buf_add(&t->stage, first, (size_t)(strrchr(first, '/') + 1 -
		    first));
		buf_fmt(&t->stage, ".%s.stage", id);
		buf_cstr(&t->stage);
	}
	errno = t->stage.err;
	return errno ? -1 : 0;
}

void
target_free(struct target *t)
{
	buf_free(&t->inputs);
	buf_free(&t->outputs);
	buf_free(&t->stage);
}

bool
target_has(const struct target *t)
{
	return t->inputs.n > 0 || t->outputs.n > 0;
}

const char *
target_missing(const struct target *t)
{
	const char *p = t->outputs.p, *end = p + t->outputs.n;

	for (; p < end; p += strlen(p) + 1)
		if (access(p, F_OK) < 0)
			return p;
	return NULL;
}

static int
add_names(uint64_t *h, int fd)
{
	struct names in;

	if (names_list(fd, ".", &in) < 0)
		return -1;
	for (size_t i = 0; i < in.n; i++)
		*h = hash_add(*h, in.name[i], strlen(in.name[i]) + 1);
	names_free(&in);
	return 0;
}

static int
add_content(uint64_t *h, int fd)
{
	char block[65536];
	ssize_t n;

	while ((n = read(fd, block, sizeof block)) != 0) {
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			*h = hash_add(*h, block, (size_t)n);
	}
	return 0;
}

/* a name, and what is in it; never waits for the other end of a pipe */
static int
add_input(uint64_t *h, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int x = -1, e;

	if (fd < 0)
		return -1;
	*h = hash_add(*h, path, strlen(path) + 1);
	errno = EINVAL;
	if (fstat(fd, &st) == 0)
		x = S_ISDIR(st.st_mode) ? add_names(h, fd) :
		    S_ISREG(st.st_mode) ? add_content(h, fd) : -1;
	e = errno;
	close(fd);
	errno = e;
	return x;
}

static uint64_t
add_told(const char *p, size_t n)
{
	uint64_t h = HASH_EMPTY;

	for (const char *end = p + n; p < end; p += strlen(p) + 1)
		if (strncmp(p, "DAG_ATTEMPT=", 12) != 0)
			h = hash_add(h, p, strlen(p) + 1);
	return h;
}

int
target_mark(const struct target *t, const char *command, size_t ncommand,
    const char *told, size_t ntold, char mark[TARGET_MARK], struct buf *why)
{
	const char *p = t->inputs.p, *end = p + t->inputs.n;
	uint64_t h = HASH_EMPTY;

	for (; p < end; p += strlen(p) + 1)
		if (add_input(&h, p) < 0) {
			buf_fmt(why, "inputs: %s: %s", p, errno == EINVAL ?
			    "neither a file nor a directory" :
			    strerror(errno));
			return -1;
		}
	snprintf(mark, TARGET_MARK, "%016llx-%016llx-%016llx",
	    (unsigned long long)hash_add(HASH_EMPTY, command, ncommand),
	    (unsigned long long)add_told(told, ntold),
	    (unsigned long long)h);
	return 0;
}

const char *
target_differs(const char *before, const char *now)
{
	static const char *const words[] = {
		"its command has changed",
		"its parameters or values have changed",
		"its inputs have changed",
	};

	if (strlen(before) != strlen(now))
		return "it has not succeeded in this run";
	for (size_t i = 0; i < 3; i++)
		if (memcmp(before + 17 * i, now + 17 * i, 16) != 0)
			return words[i];
	return NULL;
}
