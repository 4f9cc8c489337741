/* launch: engines: what they have is settled, what is ready is given them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
#include "launch.h"
#include "launchgive.h"
#include "launchsettle.h"
#include "lost.h"
#include "num.h"

enum { ENGINES = 32 };

struct launch {
	struct spool *spool;
	struct launch_step *step;
	struct launcher engine[ENGINES];
	size_t nengine;
	struct batch_state *batch;
	size_t n, cap;
	struct launchsettle settle;
};

static struct launcher *
launcher_of(const char *name, void *arg)
{
	struct launch *l = arg;
	struct launcher *e = l->engine;

	for (; e < l->engine + l->nengine; e++)
		if (strcmp(e->engine.name, name) == 0)
			return e;
	if (l->nengine == ENGINES) {
		errno = E2BIG;
		return NULL;
	}
	*e = (struct launcher){.every = 0};
	if (engine_read(l->spool, name, &e->engine) < 0)
		return NULL;
	l->nengine++;
	return e;
}

/* it is asked as often as the batch that is most curious wants */
static void
heed(struct batch_state *s)
{
	const char *v = rec_get(&s->batch.rec, "poll");
	int64_t n;

	if (v && num_parse(v, 1, 86400, &n) == 0 &&
	    (!s->launcher->every || n < s->launcher->every))
		s->launcher->every = n;
}

/* 1 it is there, 0 it is not, -1 and errno */
static int
add_batch(struct launch *l, const char *name)
{
	size_t cap = l->cap ? 2 * l->cap : 16;
	struct batch_state *grown, *s;

	if (l->n == l->cap) {
		grown = realloc(l->batch, cap * sizeof *grown);
		if (!grown)
			return -1;
		l->batch = grown;
		l->cap = cap;
	}
	s = l->batch + l->n;
	*s = (struct batch_state){.batch = {.fd = -1}};
	if (batch_open(l->spool, name, &s->batch) < 0)
		return errno == ENOENT ? 0 : -1;
	s->launcher = launcher_of(s->batch.launcher, l);
	if (!s->launcher) {
		batch_close(&s->batch);
		return -1;
	}
	heed(s);
	l->n++;
	return 1;
}

/* one that is damaged must not hold up the others: dagq --check tells of it,
 * and what it has is given to the engine again */
static int
read_batches(struct launch *l)
{
	struct names names;
	int err = 0;

	if (batch_list(l->spool, &names) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (add_batch(l, names.name[i]) < 0 && !run_damaged(errno))
			err = errno;
	names_free(&names);
	errno = err;
	return err ? -1 : 0;
}

/* what is not known to be submitted: it may have been */
static int
submit_all(struct launch *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct batch_state *s = &l->batch[i];

		if (!s->batch.id[0] && !launcher_rests(s->launcher) &&
		    launcher_submit(s, false) < 0)
			return -1;
	}
	return 0;
}

/* engines that are due, or that can say why something has happened */
static void
poll_all(struct launch *l)
{
	int64_t now = clock_seconds();

	for (size_t i = 0; i < l->nengine; i++) {
		struct launcher *e = &l->engine[i];

		if (e->open > 0 && !e->failed && engine_due(&e->engine,
		    e->every, e->happened) <= now)
			launcher_poll(e, l->batch, l->n);
	}
}

static int
settle_all(struct launch *l, bool cancel)
{
	struct spool *sp = l->settle.look.spool;
	unsigned failed = l->settle.failed;

	launchsettle_end(&l->settle);
	launchsettle_begin(&l->settle, sp);
	l->settle.failed = failed;
	l->settle.cancel = cancel;
	for (size_t i = 0; i < l->nengine; i++) {
		l->engine[i].open = 0;
		l->engine[i].happened = false;
	}
	for (size_t i = 0; i < l->n; i++)
		if (launchsettle(&l->settle, &l->batch[i]) < 0)
			return -1;
	return 0;
}

/* takes away what is of no use any more */
static int
remove_gone(struct launch *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct batch_state *s = &l->batch[i];

		if (!s->gone) {
			l->batch[kept++] = *s;
			continue;
		}
		if (batch_remove(&s->batch) < 0)
			return -1;
		batch_close(&s->batch);
		buf_free(&s->refused);
		free(s->said);
	}
	l->n = kept;
	return 0;
}

/* attempts of which nothing is left, now that it is known why */
static int
recover_all(struct launch *l)
{
	char *line, *save, *run;
	unsigned alive = 0;
	struct run r;
	int x = 0;

	for (line = strtok_r(buf_cstr(&l->settle.lost), "\n", &save);
	    line && x >= 0; line = strtok_r(NULL, "\n", &save)) {
		run = strchr(line, '/');
		*run++ = '\0';
		if (run_open(l->spool, line, run, &r) < 0)
			continue;
		x = lost_recover(&r, &l->step->failed, &alive);
		if (x < 0 && run_damaged(errno))
			x = 0;
		run_close(&r);
	}
	return x < 0 ? -1 : 0;
}

static bool
is_covered(const char *id, void *arg)
{
	struct launch *l = arg;

	return launchsettle_covered(&l->settle, id);
}

static int
made(const char *name, void *arg)
{
	struct launch *l = arg;
	int x = add_batch(l, name);

	return x > 0 && launcher_submit(&l->batch[l->n - 1], true) < 0 ? -1 :
	    x < 0 ? -1 : 0;
}

static int
give(struct launch *l)
{
	struct launchgive g = {.spool = l->spool, .step = l->step,
	    .covered = is_covered, .pools = &l->settle.pools,
	    .launcher = launcher_of, .made = made, .arg = l};
	size_t before = l->n;
	int x = launchgive(&g);

	/* what finds a pool full leaves, and is given again */
	l->step->left = g.left || l->settle.pools.n > 0;
	l->step->due = g.due;
	/* what was refused just now has failed */
	for (size_t i = before; i < l->n && x == 0; i++)
		if (l->batch[i].refused.n > 0)
			x = settle_all(l, false) < 0 ||
			    remove_gone(l) < 0 ? -1 : 0;
	return x;
}

/* when there will be something to do again; what is known of the engines */
static int
plan_next(struct launch *l)
{
	struct launch_step *s = l->step;
	int64_t due, now = clock_seconds();
	int x = 0;

	for (size_t i = 0; i < l->nengine; i++) {
		struct launcher *e = &l->engine[i];

		if (!e->happened && !e->engine.away)
			e->engine.tries = 0;
		if (engine_write(l->spool, &e->engine) < 0)
			x = -1;
		s->open += e->open;
		/* what it does not even say what it can is waited for */
		if (!e->open && !e->engine.away)
			continue;
		due = engine_due(&e->engine, e->every ? e->every : 30,
		    e->happened);
		if (due <= now)
			due = now + 1;
		if (!s->due || due < s->due)
			s->due = due;
	}
	if (l->settle.lost.n > 0)
		s->due = now + 1;
	return x;
}

static bool
was_asked(const struct launch *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->batch[i].said)
			return true;
	return false;
}

static int
step(struct launch *l)
{
	struct launch_step *s = l->step;
	int x = read_batches(l);

	if (x == 0 && !s->settle_only)
		x = submit_all(l);
	if (x == 0)
		x = settle_all(l, false);
	if (x == 0 && !s->settle_only) {
		poll_all(l);
		/* asked before it is told: a cancel that fails keeps nobody
		 * from hearing what is lost */
		if (l->settle.idled || was_asked(l))
			x = settle_all(l, true);
	}
	if (x == 0)
		x = remove_gone(l);
	if (x == 0)
		x = recover_all(l);
	if (x == 0 && !s->settle_only)
		x = give(l);
	s->failed += l->settle.failed;
	return x;
}

int
launch_step(struct spool *sp, struct launch_step *s)
{
	struct launch *l = calloc(1, sizeof *l);
	struct timespec used;
	int dir = io_open(sp->fd, "launch", O_RDONLY | O_DIRECTORY, 0), x, e;

	s->due = 0;
	s->left = s->busy = false;
	s->open = s->failed = 0;
	if (!l || dir < 0) {
		free(l);
		return dir < 0 && errno == ENOENT ? 0 : -1;
	}
	if (flock(dir, LOCK_EX | LOCK_NB) < 0) {
		s->busy = errno == EWOULDBLOCK;
		s->due = clock_seconds() + 1;
		close(dir);
		free(l);
		return s->busy ? 0 : -1;
	}
	l->spool = sp;
	l->step = s;
	launchsettle_begin(&l->settle, sp);
	x = step(l);
	e = errno;
	if (!s->settle_only && plan_next(l) < 0 && x == 0) {
		x = -1;
		e = errno;
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	s->cpu = (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
	launchsettle_end(&l->settle);
	for (size_t i = 0; i < l->n; i++) {
		batch_close(&l->batch[i].batch);
		buf_free(&l->batch[i].refused);
		free(l->batch[i].said);
	}
	free(l->batch);
	free(l);
	close(dir);
	errno = e;
	return x;
}
