/* executor: hands ready tasks to supervisors, until told to stop. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "dispatch.h"
#include "eval.h"
#include "lease.h"
#include "lost.h"
#include "pool.h"
#include "queuescan.h"

enum { FD_SIGNAL, FD_TIMER, FD_WATCH, FD_POST, FD_ENDER,
	FD_LAUNCHING, FD_SLOTS, POLL = 10 /* s, if shared */,
	BUSY = 20 /* ms that nothing else is looked at, at most */ };

int
executor_start(struct executor *x, struct spool *sp)
{
	x->spool = sp;
	x->last.fd = -1;
	x->settle.runs.spool = sp;
	sp->cancelled = &x->ender.runs;
	if (sp->shared && !(sp->leases = leases_new()))
		return -1;
	x->untidy = true;
	x->tidy_again = 1;
	for (unsigned i = 0; i < x->nslot; i++)
		x->slot[i] = (struct slot){.sock = -1};
	return x->drain && names_any(sp->queue, ".") == 0 ? 0 :
	    slots_start(x);
}

/* all is looked at again: at the start, after a death, when events were lost */
static int
look_at_all(struct executor *x)
{
	unsigned failed = 0, alive = 0;

	x->doubt = false;
	x->again_at = 0;
	x->rescan = true;
	x->post.look = true;
	queue_forgive(x);
	x->spool->alarm = x->spool->shared ? clock_seconds() + POLL : 0;
	x->ndated = 0;
	if (peers_look(&x->peers, x->spool) < 0 || queue_watch(x) < 0 ||
	    launching_found(&x->launching, x->spool) < 0)
		return -1;
	ready_room(&x->ready, NULL);
	if (x->started && slots_start(x) < 0)
		queue_error(x, "a supervisor", errno);
	/* admitted first: a crash may have lost that, and kept what ran */
	if (eval_all(x->spool) < 0)
		queue_error(x, x->spool->path, errno);
	if ((!x->only_run || x->only_family) &&
	    gatewatch_all(&x->gates, x->spool) < 0)
		return -1;
	if (lost_recover_all(x->spool, &failed, &alive, NULL, NULL) < 0)
		return -1;
	x->failed += failed;
	/* a lock of who was killed may be held a moment longer by what it
	 * was starting: exec(2) lets the parent go on before it closes it */
	if (alive > 0 && x->looks > 0) {
		x->looks--;
		x->again_at = clock_seconds() + 1;
	}
	return 0;
}

static void
watch_run(struct run *r, void *arg)
{
	struct executor *x = arg;

	watch_add(&x->watch, r->fd, "", WATCH_LEAVE | WATCH_SELF |
	    WATCH_ADD);
}

/* is nobody else at work on this spool? */
static bool
alone(struct executor *x)
{
	bool ours = peers_look(&x->peers, x->spool) == 0;
	long pid;

	for (size_t i = 0; i < x->peers.n && ours; i++) {
		pid = x->peers.peer[i].worker.pid;
		ours = pid == (long)getpid();
		for (unsigned k = 0; k < x->nslot && !ours; k++)
			ours = pid == (long)x->slot[k].pid;
	}
	return ours;
}

/* the one run that it is about has ended, or is gone */
static bool
only_ended(struct executor *x)
{
	struct run r;
	bool ended;

	if (run_open(x->spool, x->only_dag, x->only_run, &r) < 0)
		return true;
	ended = run_state(&r) != RUN_ACTIVE;
	run_close(&r);
	return ended;
}

/*
 * Nothing is ready and nothing of ours runs: is that all? Not while tasks of
 * others run: what comes after them may be for us. Their runs are watched,
 * and then looked at once more. Who has just made a task's last rename may not
 * have released what comes after it: that is done here, as anybody may. What
 * a supervisor of ours released with the end of a run may not be heard of yet.
 */
static bool
drained(struct executor *x)
{
	unsigned failed = 0, alive = 0;
	size_t before;
	bool others;

	if (x->only_run && only_ended(x))
		return true;
	others = x->launching.used || !alone(x);
	for (int look = 0; look < 2 && others; look++) {
		alive = 0;
		if (lost_recover_all(x->spool, &failed, &alive, watch_run,
		    x) < 0)
			goto fail;
		x->failed += failed;
	}
	if (others && alive == 0 && eval_all(x->spool) < 0)
		goto fail;
	if (gatewatch_all(&x->gates, NULL) < 0 ||
	    gatewatch_look(&x->gates, x->spool, &x->watch) < 0)
		goto fail;
	before = ready_count(&x->ready);
	x->rescan = false;
	if (queue_scan(x) < 0)
		goto fail;
	return alive == 0 && ready_count(&x->ready) == before && !x->again_at &&
	    launching_over(&x->launching, x->spool, &x->failed);
fail:
	queue_error(x, x->spool->path, errno);
	return false;
}

/* the sooner of two instants, of which 0 is none */
static int64_t
sooner(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

/* when it is to be tidied up, 0: not */
static int64_t
tidy_due(const struct executor *x)
{
	return sooner(x->tidy_at, x->untidy ? x->tidy_again : 0);
}

/* a hundredth of the time is for that, at most */
static void
tidy_up(struct executor *x)
{
	int64_t from = clock_steady();

	x->untidy = false;
	x->tidy_at = x->tidy(x->arg);
	x->tidy_again = clock_seconds() + 1 + (clock_steady() - from) / 10;
}

static bool
idle(const struct executor *x)
{
	for (unsigned i = 0; i < x->nslot; i++)
		if (x->slot[i].busy)
			return false;
	return true;
}

static void
arm(struct executor *x)
{
	struct itimerspec it = {{0, 0}, {0, 0}};
	int64_t due = ready_due(&x->ready);
	struct timespec now;

	due = sooner(due, x->again_at);
	due = sooner(due, x->spool->alarm);
	due = sooner(due, gatewatch_next(&x->gates));
	due = sooner(due, launching_due(&x->launching, x->drain));
	/* what has to wait for something else does not ring: it is seen to
	 * when that has ended */
	if (!x->drain && idle(x))
		due = sooner(due, tidy_due(x));
	if (x->settle.n == 0 && x->post.beside.pid == 0 && (!x->drain ||
	    post_busy(&x->post, clock_seconds() + 1)))
		due = sooner(due, x->post.due);
	if (due == x->armed)
		return;
	x->armed = due;
	if (due) {
		clock_gettime(CLOCK_REALTIME, &now);
		/* the program's clock may be another (DAG_NOW) */
		it.it_value.tv_sec = now.tv_sec + due - clock_seconds();
		it.it_value.tv_nsec = 1;
	}
	timerfd_settime(x->timerfd, TFD_TIMER_ABSTIME |
	    TFD_TIMER_CANCEL_ON_SET, &it, NULL);
}

/* how many ready tasks want more slots than their pool has: like what is
 * held, they are not waited for */
static size_t
stuck(struct executor *x)
{
	char name[NAME_LEN + 1];
	size_t n = 0;

	for (size_t i = 0; i < x->ready.ngroup; i++) {
		struct ready_group *g = &x->ready.group[i];

		if (!g->pool[0] || g->n == 0 ||
		    !pool_short(x->spool, g->pool, name, NULL, NULL))
			continue;
		n += g->n;
		if (!g->told)
			x->trouble(name, "this pool has too few slots for "
			    "what is ready: see dagq --pool", x->arg);
		for (size_t k = 0; k < x->ready.ngroup; k++)
			x->ready.group[k].told |=
			    strcmp(x->ready.group[k].pool, g->pool) == 0;
	}
	return n;
}

static void
handle_signal(struct executor *x)
{
	struct signalfd_siginfo si;

	if (read(x->sigfd, &si, sizeof si) == (ssize_t)sizeof si) {
		x->stopped = true;
		x->signal = (int)si.ssi_signo;
	}
}

static bool
passed(int64_t at)
{
	return at && at <= clock_seconds();
}

/* waits for something to happen, or only looks, and deals with it */
static int
wait_for_events(struct executor *x, bool wait)
{
	size_t n = FD_SLOTS + x->nslot + x->peers.n;
	struct pollfd *p = calloc(n, sizeof *p);
	uint64_t ticks;
	int r;

	if (!p)
		return -1;
	p[FD_SIGNAL] = (struct pollfd){x->sigfd, POLLIN, 0};
	p[FD_TIMER] = (struct pollfd){x->timerfd, POLLIN, 0};
	p[FD_WATCH] = (struct pollfd){x->follow > 0 || dispatch_open(x) ?
	    x->watch.fd : -1, POLLIN, 0};
	p[FD_POST] = beside_poll(&x->post.beside);
	p[FD_ENDER] = beside_poll(&x->ender.beside);
	p[FD_LAUNCHING] = beside_poll(&x->launching.beside);
	for (unsigned i = 0; i < x->nslot; i++)
		p[FD_SLOTS + i] = (struct pollfd){x->slot[i].sock, POLLIN, 0};
	peers_poll(&x->peers, p + FD_SLOTS + x->nslot);
	r = poll(p, n, wait ? launching_patience(&x->launching,
	    dispatch_patience(x)) : 0);
	if (r < 0 && errno != EINTR) {
		free(p);
		return -1;
	}
	if (r > 0) {
		if (p[FD_SIGNAL].revents)
			handle_signal(x);
		/* expired, or (ECANCELED) the clock was set: armed again */
		if (p[FD_TIMER].revents &&
		    read(x->timerfd, &ticks, sizeof ticks) != -2) {
			x->armed = -1;
			gatewatch_ring(&x->gates, clock_seconds());
			x->doubt |= passed(x->again_at) ||
			    passed(x->spool->alarm);
		}
		for (unsigned i = 0; i < x->nslot; i++)
			if (p[FD_SLOTS + i].revents)
				slot_called(x, &x->slot[i]);
		if (peers_died(&x->peers, p + FD_SLOTS + x->nslot)) {
			x->doubt = true;
			x->looks = DEATH_LOOKS;
		}
		launching_left(&x->launching, n > FD_SLOTS + x->nslot +
		    x->peers.n);
		if (p[FD_WATCH].revents)
			queue_events(x);
	}
	free(p);
	return 0;
}

static int
open_events(struct executor *x)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	x->armed = 0;
	x->sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	x->timerfd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC |
	    TFD_NONBLOCK);
	if (x->sigfd < 0 || x->timerfd < 0 || watch_open(&x->watch) < 0)
		return -1;
	if (x->follow <= 0)
		return 0;
	*x->follow_wd = watch_add(&x->watch, x->follow, "log",
	    WATCH_ARRIVE | WATCH_WRITE);
	return *x->follow_wd < 0 ? -1 : 0;
}

/* what waits for its time may have gone meanwhile */
static bool
in_queue(const struct ready *r, const struct ready_task *t, void *arg)
{
	const struct executor *x = arg;

	(void)r;
	return !t->due || faccessat(x->spool->queue, t->file, F_OK,
	    AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

int
executor_run(struct executor *x)
{
	int64_t from;
	size_t n;
	bool more;

	if (open_events(x) < 0)
		return -1;
	x->doubt = true;
	while (!x->stopped) {
		if (x->doubt && look_at_all(x) < 0)
			queue_error(x, x->spool->path, errno);
		if (x->rescan) {
			x->rescan = false;
			if (queue_scan(x) < 0)
				queue_error(x, x->spool->path, errno);
		}
		if (gatewatch_look(&x->gates, x->spool, &x->watch) < 0)
			queue_error(x, "gates", errno);
		more = dispatch_all(x);
		for (from = clock_steady(); more &&
		    clock_steady() - from < BUSY; )
			more = dispatch_all(x);
		if (!x->started && ready_count(&x->ready) > 0) {
			if (slots_start(x) < 0)
				return -1;
			continue;
		}
		if (ender_step(&x->ender, x->spool) < 0)
			queue_error(x, "on-failure", errno);
		if (launching_step(&x->launching, x->spool, x->only_dag,
		    x->only_run, x->only_family, &x->failed) < 0)
			queue_error(x, "launch", errno);
		if (x->error) {
			slots_leave(x, true);
			errno = x->error;
			return -1;
		}
		if (x->doubt || x->rescan || gatewatch_due(&x->gates))
			continue;
		if (more) {
			if (wait_for_events(x, false) < 0)
				return -1;
			continue;
		}
		/* what is told of is on disk first */
		if (x->settle.n == 0 && post_step(&x->post, x->spool) < 0)
			queue_error(x, "outbox", errno);
		if (x->drain && idle(x))
			ready_prune(&x->ready, in_queue, x);
		if (x->drain && idle(x) && !x->again_at &&
		    !post_busy(&x->post, clock_seconds() + 1) &&
		    !ender_busy(&x->ender) &&
		    !launching_busy(&x->launching, x->spool) &&
		    ready_count(&x->ready) == (n = stuck(x))) {
			if (drained(x))
				return 0;
			if (x->doubt || ready_count(&x->ready) > n)
				continue;
		}
		if (!x->drain && idle(x) && tidy_due(x) &&
		    tidy_due(x) <= clock_seconds())
			tidy_up(x);
		arm(x);
		if (wait_for_events(x, true) < 0)
			return -1;
	}
	dispatch_stop(x);
	return 0;
}

void
executor_end(struct executor *x)
{
	slots_leave(x, false);
	slots_end(x);
	ready_clear(&x->ready);
	nameset_free(&x->handed);
	settle_free(&x->settle);
	peers_free(&x->peers);
	watch_close(&x->watch);
	gatewatch_free(&x->gates);
	run_close(&x->last);
	free(x->dirs);
	free(x->paused);
	free(x->spool->leases);
	x->spool->leases = NULL;
	free(x->dated);
	queue_forgive(x);
}
