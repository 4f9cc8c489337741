/* run: one run, open: its plan, its own state, its record. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "maps.h"
#include "scope.h"
#include "spool.h"

enum { PLANS_KEPT = 64 };

/* plans in memory, by inode: all runs of one definition share one */
struct plan_cached {
	struct plan plan;
	ino_t ino;
	unsigned users;
	struct plan_cached *next;
};

int
run_open(struct spool *sp, const char *dag, const char *name, struct run *r)
{
	char path[NAME_LEN + RUN_LEN + 2];
	struct stat st;

	*r = (struct run){.spool = sp, .fd = -1};
	if (!name_ok(dag, strlen(dag)) || strlen(name) > RUN_LEN ||
	    run_name_parse(name, NULL, NULL, NULL) < 0 || sp->runs < 0) {
		errno = ENOENT;
		return -1;
	}
	snprintf(r->dag, sizeof r->dag, "%s", dag);
	snprintf(r->name, sizeof r->name, "%s", name);
	snprintf(path, sizeof path, "%s/%s", dag, name);
	r->fd = io_open(sp->runs, path, O_RDONLY | O_DIRECTORY, 0);
	if (r->fd < 0)
		return -1;
	if (fstat(r->fd, &st) < 0) {
		run_close(r);
		return -1;
	}
	r->ino = st.st_ino;
	return 0;
}

bool
run_damaged(int err)
{
	return err == EINVAL || err == ENOENT || err == ELOOP ||
	    err == ENOTDIR || err == EISDIR || err == ENXIO ||
	    err == EBADMSG || err == EFBIG;
}

void
run_close(struct run *r)
{
	int e = errno;

	for (struct plan_cached *c = r->own ? r->spool->plans : NULL; c;
	    c = c->next)
		if (&c->plan == r->own)
			c->users--;
	maps_free(r->maps);
	r->maps = NULL;
	if (r->fd >= 0)
		close(r->fd);
	free(r->ended);
	r->ended = NULL;
	r->fd = -1;
	r->plan = r->own = NULL;
	errno = e;
}

int
run_in_place(const struct run *r)
{
	char path[NAME_LEN + RUN_LEN + 2];
	struct stat st;

	snprintf(path, sizeof path, "%s/%s", r->dag, r->name);
	if (fstatat(r->spool->runs, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	return st.st_ino == r->ino;
}

/* drops the plan that was used longest ago, if there are too many */
static void
plans_trim(struct spool *sp)
{
	struct plan_cached **c, **last = NULL;
	unsigned n = 0;

	for (c = &sp->plans; *c; c = &(*c)->next, n++)
		if ((*c)->users == 0)
			last = c;
	if (n >= PLANS_KEPT && last) {
		struct plan_cached *old = *last;

		*last = old->next;
		plan_free(&old->plan);
		free(old);
	}
}

/* 1 the plan is another now, 0, -1 */
static int
look_at_lists(struct run *r, struct buf *why)
{
	int x = r->own->each ? maps_look(&r->maps, r->fd, r->own, why) : 0;

	if (x > 0) {
		r->plan = maps_plan(r->maps);
		/* what was seen of tasks was of others */
		free(r->ended);
		r->ended = NULL;
	}
	return x;
}

int
run_fresh(struct run *r)
{
	return look_at_lists(r, NULL);
}

int
run_plan(struct run *r, struct buf *why)
{
	struct plan_cached *c, **at;
	struct stat st;
	int fd, e;

	if (r->plan)
		return 0;
	fd = io_open(r->fd, "plan", O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		goto fail;
	for (at = &r->spool->plans; (c = *at); at = &c->next)
		if (c->ino == st.st_ino)
			break;
	if (c) {
		*at = c->next;
	} else {
		plans_trim(r->spool);
		c = calloc(1, sizeof *c);
		if (!c || plan_read(&c->plan, fd, why) < 0 ||
		    scope_make(&c->plan) < 0) {
			e = errno;
			if (c)
				plan_free(&c->plan);
			free(c);
			errno = e;
			goto fail;
		}
		c->ino = st.st_ino;
	}
	c->next = r->spool->plans;
	r->spool->plans = c;
	c->users++;
	r->plan = r->own = &c->plan;
	close(fd);
	if (strcmp(r->plan->dag, r->dag) != 0) {
		if (why)
			buf_fmt(why, "it is of another DAG, %s", r->plan->dag);
		c->users--;
		r->plan = NULL;
		errno = EINVAL;
		return -1;
	}
	return look_at_lists(r, why) < 0 ? -1 : 0;
fail:
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

void
run_plans_free(struct spool *sp)
{
	struct plan_cached *c;

	while ((c = sp->plans)) {
		sp->plans = c->next;
		plan_free(&c->plan);
		free(c);
	}
}

enum run_state
run_state(const struct run *r)
{
	static const enum run_state order[] = {
		RUN_ACTIVE, RUN_SUCCESS, RUN_FAILED, RUN_WAITING,
	};
	char file[16];

	for (int look = 0; look < 3; look++)
		for (int i = 0; i < RUN_STATES; i++) {
			snprintf(file, sizeof file, "@%s",
			    run_state_name(order[i]));
			if (faccessat(r->fd, file, F_OK,
			    AT_SYMLINK_NOFOLLOW) == 0)
				return order[i];
			if (errno != ENOENT)
				return RUN_NONE;
		}
	return RUN_NONE;
}

int
run_record(const struct run *r, struct buf *b)
{
	return io_read(r->fd, "run", b, RUN_MAX);
}
