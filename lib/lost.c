/* lost: running markers that nobody holds: recovered. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attempt.h"
#include "eval.h"
#include "fence.h"
#include "holders.h"
#include "io.h"
#include "lease.h"
#include "lend.h"
#include "lost.h"
#include "notify.h"
#include "rec.h"
#include "stage.h"
#include "verdict.h"

enum {
	MARKER_MAX = 64 << 20,
	ORPHAN_WAIT = 5000,	/* ms for a killed orphan to be gone */
};

/*
 * Kills what has byte 1, and what else is of the attempt (which may have
 * closed it, and left its session), and waits for them; 0, or -1: they are
 * still there. Of one that had ended, what it left lives its own life.
 */
static int
kill_orphan(struct run *r, const char *name, unsigned attempt, int fd,
    const struct marker_sum *sum)
{
	struct holders h;
	int held = io_locked(fd, 1);

	/* it had ended; or has written down no process, and none has it */
	if (held == 0 && (sum->attempt != attempt || sum->ended))
		return 0;
	if (holders_of(&h, r, name, attempt, fd, sum) < 0)
		return -1;
	for (int waited = 0; waited < ORPHAN_WAIT; waited += 5) {
		/* again each time: it may have been in the middle of a fork */
		if (holders_end(&h) < 0)
			break;
		if (io_locked(fd, 1) == 0)
			return 0;
		poll(NULL, 0, 5);
	}
	return -1;
}

/* who has lost its way to a run that it makes, or looks at, does that again:
 * what is made is found, so nothing is spent; but not for ever */
static bool
again(struct run *r, uint32_t task, unsigned attempt, int fd,
    const struct marker_sum *sum)
{
	enum { TIMES = 10 };
	struct buf b = BUF_INIT;
	int x;

	if (!(r->plan->task[task].keys & PLAN_SUB) || sum->looks >= TIMES)
		return false;
	if (sum->poking || sum->attempt != attempt)
		return true;
	rec_putf(&b, "attempt", "%u", attempt);
	x = marker_event(fd, "poke", &b, NULL);
	buf_free(&b);
	return x > 0;
}

/* the attempt is spent: what comes now? written into the marker */
static int
spend(struct run *r, uint32_t task, const char *name, unsigned attempt,
    int fd, const struct marker_sum *sum, const char *word, enum state *to)
{
	struct buf b = BUF_INIT;
	unsigned spent = sum->spent + (sum->attempt != attempt);
	int x;

	*to = STATE_READY;
	if (again(r, task, attempt, fd, sum))
		return marker_due(fd, 0) < 0 ? -1 : task_move(r, name,
		    (struct instance){STATE_RUNNING, attempt},
		    (struct instance){*to, 0});
	*to = sum->killed || spent >= attempt_limit(r, task) ||
	    verdict_final(r->plan, task, word) ? STATE_FAILED : STATE_READY;
	if (notify_task(r, task, &(struct notify){.attempt = attempt,
	    .state = *to, .cause = "lost", .lost = true}) < 0 &&
	    errno != ENOSPC && errno != EDQUOT)
		return -1;
	rec_putf(&b, "attempt", "%u", attempt);
	rec_put(&b, "reason", sum->killed ? "killed" : "lost");
	if (word[0] && !sum->killed)
		rec_put(&b, "engine", word);
	x = marker_event(fd, "lost", &b, NULL);
	buf_free(&b);
	if (x >= 0)
		x = marker_due(fd, 0);
	if (x == 0)
		x = task_move(r, name, (struct instance){STATE_RUNNING,
		    attempt}, (struct instance){*to, 0});
	return x;
}

/* what it was to publish, or to take away; 1: it is published, and so the
 * attempt is a success; 0, -1 */
static int
published(struct run *r, uint32_t task, const char *name, unsigned attempt,
    int fd, enum state *to)
{
	struct buf b = BUF_INIT, text = BUF_INIT;
	char mark[TARGET_MARK] = "";
	int x = 0;

	if (plan_get(r->plan, task, "output", &b) &&
	    lseek(fd, 0, SEEK_SET) == 0)
		x = buf_read(&text, fd, MARKER_MAX) < 0 ? -1 :
		    stage_recover(r->spool, buf_cstr(&text), mark);
	if (x == 1) {
		buf_reset(&b);
		rec_putf(&b, "attempt", "%u", attempt);
		rec_put(&b, "state", "success");
		rec_put(&b, "exit", "0");
		rec_put(&b, "made", mark);
		*to = STATE_SUCCESS;
		if (notify_task(r, task, &(struct notify){.attempt = attempt,
		    .state = *to, .exit = "0", .cause = "exit"}) < 0 ||
		    marker_event(fd, "end", &b, NULL) < 0 || task_move(r, name,
		    (struct instance){STATE_RUNNING, attempt},
		    (struct instance){*to, 0}) < 0)
			x = -1;
	}
	buf_free(&b);
	buf_free(&text);
	return x;
}

/* is nothing of it left? 1, and what its engine said of it; 0, -1. One with a
 * lease may be out of sight, and its machine hold a lock that nobody needs */
static int
gone(struct run *r, uint32_t task, const char *name, unsigned attempt,
    int fd, const struct marker_sum *sum, bool held, char word[BATCH_WORD])
{
	enum lease lease = lease_look(r, task, attempt, sum);
	int x;

	if (lease == LEASE_HELD || (held && lease == LEASE_NONE))
		return 0;
	x = verdict_of(r->spool, sum, attempt, word);
	if (lease == LEASE_OVER && x == 0)
		snprintf(word, BATCH_WORD, "lost-lease");
	if (lease == LEASE_OVER || x <= 0)
		return lease == LEASE_OVER && x >= 0 ? 1 : x;
	return kill_orphan(r, name, attempt, fd, sum) == 0;
}

/* one running marker: 1 recovered, 0 it was not lost, -1 */
static int
recover(struct run *r, uint32_t task, unsigned attempt, unsigned *failed,
    unsigned *alive)
{
	struct instance in = {STATE_RUNNING, attempt};
	char name[TASK_LEN + 1], file[FILE_LEN], word[BATCH_WORD];
	struct marker_sum sum;
	struct buf text = BUF_INIT;
	struct stat st, named;
	enum state to;
	bool held;
	int fd, x = 0;

	plan_name(r->plan, task, name);
	fd = marker_open(r, name, in, O_RDWR | O_APPEND);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	held = io_lock(fd, 0, false) < 0;
	if (held && (errno != EAGAIN || !lease_of(r, task))) {
		x = errno == EAGAIN ? 0 : -1;
		*alive += x == 0;
		close(fd);
		return x;
	}
	marker_file(file, name, in);
	if (fstat(fd, &st) < 0 || fstatat(r->fd, file, &named,
	    AT_SYMLINK_NOFOLLOW) < 0 || st.st_ino != named.st_ino) {
		close(fd);
		return 0;
	}
	if (buf_read(&text, fd, MARKER_MAX) < 0) {
		close(fd);
		return -1;
	}
	marker_sum(buf_cstr(&text), &sum);
	buf_free(&text);
	x = gone(r, task, name, attempt, fd, &sum, held, word);
	if (x > 0)
		x = fence_lost(r, name, attempt, &sum);
	if (x <= 0) {
		*alive += x >= 0;
		close(fd);
		return x < 0 ? -1 : 0;
	}
	if (sum.lend[0])
		lend_lost(sum.lend);
	x = published(r, task, name, attempt, fd, &to);
	if (x == 0)
		x = spend(r, task, name, attempt, fd, &sum, word, &to);
	if (x >= 0) {
		*failed += to == STATE_FAILED;
		/* it does not begin again if another has failed */
		x = to != STATE_READY || r->plan->keys & PLAN_ON_FAILURE ?
		    eval_after(r, task) : 0;
		x = x < 0 ? -1 : 1;
	} else if (errno == ENOENT)
		x = 0;
	close(fd);
	return x;
}

/* those of the plan as it is; how many, or -1 */
static int
recover_tasks(struct run *r, unsigned *failed, unsigned *alive)
{
	const struct plan *p = r->plan;
	struct instance *inst = malloc(p->n * sizeof *inst);
	int n = 0, x = 0;

	if (!inst || run_begun(r, inst) < 0) {
		free(inst);
		return -1;
	}
	/* what follows from one may be instances: another plan */
	for (uint32_t t = 0; r->plan == p && t < p->n && x >= 0; t++) {
		if (inst[t].state != STATE_RUNNING)
			continue;
		x = recover(r, t, inst[t].attempt, failed, alive);
		n += x > 0;
	}
	free(inst);
	return x < 0 ? -1 : n;
}

int
lost_recover(struct run *r, unsigned *failed, unsigned *alive)
{
	const struct plan *p;
	int n = 0, x;

	if (run_plan(r, NULL) < 0)
		return -1;
	do {
		p = r->plan;
		x = recover_tasks(r, failed, alive);
		n += x > 0 ? x : 0;
	} while (x >= 0 && r->plan != p);
	return x < 0 ? -1 : n;
}

int
lost_recover_all(struct spool *sp, unsigned *failed, unsigned *alive,
    void (*on_alive)(struct run *, void *), void *arg)
{
	unsigned before;
	struct names dags;
	struct run_entry *list;
	struct run r;
	size_t n;
	int count = 0, x, err = 0;

	if (names_list(sp->fd, "runs", &dags) < 0)
		return -1;
	for (size_t i = 0; i < dags.n; i++) {
		if (!name_ok(dags.name[i], strlen(dags.name[i])))
			continue;
		if (spool_runs(sp, dags.name[i], false, &list, &n) < 0) {
			err = run_damaged(errno) ? err : errno;
			continue;
		}
		for (size_t k = 0; k < n; k++) {
			before = *alive;
			x = run_open(sp, dags.name[i], list[k].name, &r);
			if (x == 0)
				x = faccessat(r.fd, "@active", F_OK,
				    AT_SYMLINK_NOFOLLOW);
			if (x == 0)
				x = lost_recover(&r, failed, alive);
			/* a damaged run must not hold up the others */
			if (x < 0 && !run_damaged(errno))
				err = errno;
			count += x > 0 ? x : 0;
			if (*alive > before && on_alive)
				on_alive(&r, arg);
			run_close(&r);
		}
		free(list);
	}
	names_free(&dags);
	errno = err;
	return err ? -1 : count;
}
