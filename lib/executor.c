/* executor: hands ready tasks to supervisors, until told to stop. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "eval.h"
#include "exec.h"
#include "lost.h"
#include "pool.h"
#include "queuescan.h"

enum { PATIENCE = 5 };	/* failures of the system, a second apart */
enum { FD_SIGNAL, FD_TIMER, FD_WATCH, FD_SLOTS };

static void
trouble(struct executor *x, const char *what, const char *why)
{
	x->trouble(what, why, x->arg);
}

static int
start_slot(struct executor *x, struct slot *s)
{
	*s = (struct slot){.sock = -1};
	s->pid = supervisor_start(x->spool, &s->sock);
	return s->pid < 0 ? -1 : 0;
}

int
executor_start(struct executor *x, struct spool *sp)
{
	x->spool = sp;
	x->last.fd = -1;
	for (unsigned i = 0; i < x->nslot; i++)
		if (start_slot(x, &x->slot[i]) < 0)
			return -1;
	return 0;
}

static bool
send_order(struct slot *s, int kind, const char *file)
{
	struct supervisor_order o = {.kind = kind};

	if (file)
		memcpy(o.file, file, strlen(file) + 1);
	s->busy = send(s->sock, &o, sizeof o, MSG_NOSIGNAL) ==
	    (ssize_t)sizeof o;
	return s->busy;
}

/*
 * No more tasks of a pool are handed out than it has slots: two supervisors
 * that raced for the last one could let the less urgent win.
 */
static void
bound_pools(struct executor *x)
{
	struct ready_group *g;
	char name[NAME_LEN + 1];
	unsigned busy, held;

	for (size_t i = 0; i < x->ready.ngroup; i++) {
		g = &x->ready.group[i];
		if (!g->pool[0] || g->n == 0 || g->full)
			continue;
		snprintf(name, sizeof name, "%.*s",
		    (int)strcspn(g->pool, ": "), g->pool);
		if (g->size == 0)
			pool_count(x->spool, name, &g->size, &held);
		busy = 0;
		for (unsigned k = 0; k < x->nslot; k++)
			busy += x->slot[k].file[0] && x->slot[k].group == i;
		g->full = busy > 0 && busy >= g->size;
	}
}

/* gives every idle slot something to do */
static void
dispatch(struct executor *x)
{
	struct ready_task t;
	struct slot *s;

	for (unsigned i = 0; i < x->nslot; i++) {
		s = &x->slot[i];
		if (s->busy || s->sock < 0)
			continue;
		bound_pools(x);
		if (!ready_next(&x->ready, clock_seconds(), &t)) {
			if (s->dirty)
				send_order(s, ORDER_SYNC, NULL);
			continue;
		}
		memcpy(s->file, t.file, strlen(t.file) + 1);
		s->group = t.group;
		s->freed = x->freed;
		send_order(s, ORDER_RUN, t.file);
		free(t.file);
	}
}

static void
handle_reply(struct executor *x, struct slot *s,
    const struct supervisor_reply *r)
{
	char file[FILE_LEN];

	memcpy(file, s->file, sizeof file);
	x->spool->broken = r->broken ? r->broken : x->spool->broken;
	s->busy = false;
	s->file[0] = '\0';
	switch (r->kind) {
	case REPLY_DONE:
		s->dirty = true;
		x->failing = 0;
		ready_room(&x->ready, x->ready.group[s->group].pool);
		if (r->state == STATE_READY)
			queue_add(x, file, 0);
		x->failed += r->state == STATE_FAILED;
		x->ran(file, r->state, x->arg);
		break;
	case REPLY_GONE:
		break;
	case REPLY_LATER:
		queue_add(x, file, clock_seconds() + 1);
		break;
	case REPLY_FULL:
		/* unless a slot was given back since it asked */
		if (s->freed == x->freed)
			ready_full(&x->ready, s->group);
		queue_add(x, file, 0);
		break;
	case REPLY_BAD:
		trouble(x, file, r->text);
		queue_refuse(x, file);
		break;
	case REPLY_ERROR:
		trouble(x, file[0] ? file : "sync", r->text);
		queue_again(x, EIO);
		if (file[0])
			queue_add(x, file, clock_seconds() + 1);
		break;
	case REPLY_SYNCED:
		s->dirty = false;
		break;
	}
}

static void
restart(struct executor *x, struct slot *s)
{
	if (start_slot(x, s) == 0)
		return;
	trouble(x, "a supervisor", strerror(errno));
	queue_again(x, errno);
}

/* one of our supervisors died: what it had is lost; another takes its place */
static void
handle_death(struct executor *x, struct slot *s)
{
	struct slot old = *s;
	int status;

	close(s->sock);
	while (waitpid(old.pid, &status, 0) < 0 && errno == EINTR)
		;
	trouble(x, old.file[0] ? old.file : "a supervisor",
	    "its supervisor died");
	x->doubt = true;
	restart(x, s);
}

static void
handle_slot(struct executor *x, struct slot *s)
{
	struct supervisor_reply r;
	ssize_t n = recv(s->sock, &r, sizeof r, MSG_DONTWAIT);

	if (n == (ssize_t)sizeof r)
		handle_reply(x, s, &r);
	else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		handle_death(x, s);
}

/* all is looked at again: at the start, after a death, when events were lost */
static int
look_at_all(struct executor *x)
{
	unsigned failed = 0, alive = 0;

	x->doubt = false;
	x->rescan = true;
	queue_forgive(x);
	for (unsigned i = 0; i < x->nslot; i++)
		if (x->slot[i].sock < 0)
			restart(x, &x->slot[i]);
	if (peers_look(&x->peers, x->spool) < 0 || queue_watch(x) < 0)
		return -1;
	ready_room(&x->ready, NULL);
	if (lost_recover_all(x->spool, &failed, &alive, NULL, NULL) < 0 ||
	    eval_all(x->spool) < 0)
		return -1;
	x->failed += failed;
	return 0;
}

/* looks at whatever there is a reason to look at */
static void
look(struct executor *x)
{
	if (x->again && clock_seconds() >= x->again) {
		x->again = 0;
		x->doubt = true;
	}
	if (!x->doubt && !x->rescan)
		return;
	if (x->doubt && look_at_all(x) < 0)
		queue_failed(x, x->spool->path);
	x->rescan = false;
	if (queue_scan(x) < 0)
		queue_failed(x, x->spool->path);
}

static void
watch_run(struct run *r, void *arg)
{
	struct executor *x = arg;

	watch_add(&x->watch, r->fd, "", WATCH_LEAVE | WATCH_SELF);
}

/*
 * Nothing is ready and nothing of ours runs: is that all? Not while tasks of
 * others run: what comes after them may be for us. Their runs are watched,
 * and then looked at once more.
 */
static bool
drained(struct executor *x)
{
	unsigned failed = 0, alive = 0;
	size_t before;
	struct run r;
	bool ended;

	if (x->only_run) {
		if (run_open(x->spool, x->only_dag, x->only_run, &r) < 0)
			return true;
		ended = run_state(&r) != RUN_ACTIVE;
		if (!ended && eval_run(&r) == 0)
			ended = run_state(&r) != RUN_ACTIVE;
		run_close(&r);
		if (ended)
			return true;
	}
	for (int i = 0; i < 2; i++) {
		alive = 0;
		if (lost_recover_all(x->spool, &failed, &alive, watch_run,
		    x) < 0)
			goto fail;
		x->failed += failed;
	}
	/* who ended one may not yet have evaluated, and dies before it does */
	if (!x->only_run && eval_all(x->spool) < 0)
		goto fail;
	before = ready_count(&x->ready);
	x->rescan = false;
	if (queue_scan(x) < 0)
		goto fail;
	return alive == 0 && ready_count(&x->ready) == before && !x->again;
fail:
	queue_failed(x, x->spool->path);
	return false;
}

static void
arm(struct executor *x)
{
	struct itimerspec it = {{0, 0}, {0, 0}};
	int64_t due = ready_due(&x->ready);
	struct timespec now;

	if (x->again && (!due || x->again < due))
		due = x->again;
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

static bool
idle(const struct executor *x)
{
	for (unsigned i = 0; i < x->nslot; i++)
		if (x->slot[i].busy || x->slot[i].dirty)
			return false;
	return true;
}

/* is it of use to hear of new tasks? not while there is no slot for them;
 * then the events wait, and come all at once */
static bool
listening(const struct executor *x)
{
	for (unsigned i = 0; i < x->nslot; i++)
		if (!x->slot[i].busy)
			return true;
	return x->follow > 0;
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

/* waits for something to happen, and deals with it */
static int
wait_for_events(struct executor *x)
{
	size_t n = FD_SLOTS + x->nslot + x->peers.n;
	struct pollfd *p = calloc(n, sizeof *p);
	uint64_t ticks;
	int r;

	if (!p)
		return -1;
	p[FD_SIGNAL] = (struct pollfd){x->sigfd, POLLIN, 0};
	p[FD_TIMER] = (struct pollfd){x->timerfd, POLLIN, 0};
	p[FD_WATCH] = (struct pollfd){listening(x) ? x->watch.fd : -1, POLLIN,
	    0};
	for (unsigned i = 0; i < x->nslot; i++)
		p[FD_SLOTS + i] = (struct pollfd){x->slot[i].sock, POLLIN, 0};
	peers_poll(&x->peers, p + FD_SLOTS + x->nslot);
	r = poll(p, n, -1);
	if (r < 0 && errno != EINTR) {
		free(p);
		return -1;
	}
	if (r > 0) {
		if (p[FD_SIGNAL].revents)
			handle_signal(x);
		/* expired, or (ECANCELED) the clock was set: armed again */
		if (p[FD_TIMER].revents &&
		    read(x->timerfd, &ticks, sizeof ticks) != -2)
			x->armed = -1;
		for (unsigned i = 0; i < x->nslot; i++)
			if (p[FD_SLOTS + i].revents)
				handle_slot(x, &x->slot[i]);
		if (peers_died(&x->peers, p + FD_SLOTS + x->nslot))
			x->doubt = true;
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

int
executor_run(struct executor *x)
{
	if (open_events(x) < 0)
		return -1;
	x->doubt = true;
	while (!x->stopped) {
		look(x);
		/* a sync that failed is final; and nobody drains for ever */
		if (x->spool->broken || (x->drain && x->failing > PATIENCE)) {
			errno = x->spool->broken ? x->spool->broken : x->err;
			return -1;
		}
		dispatch(x);
		if (x->drain && !x->again && idle(x) && ready_count(&x->ready) == 0) {
			if (drained(x))
				return 0;
			if (ready_count(&x->ready) > 0)
				continue;
		}
		arm(x);
		if (wait_for_events(x) < 0)
			return -1;
	}
	return 0;
}

void
executor_end(struct executor *x)
{
	for (unsigned i = 0; i < x->nslot; i++)
		if (x->slot[i].sock >= 0)
			close(x->slot[i].sock);
	/* idle ones leave at once */
	for (unsigned i = 0; i < x->nslot; i++)
		if (x->slot[i].pid > 0 && !x->slot[i].busy)
			waitpid(x->slot[i].pid, NULL, 0);
	ready_clear(&x->ready);
	peers_free(&x->peers);
	watch_close(&x->watch);
	run_close(&x->last);
	free(x->dirs);
	free(x->paused);
	queue_forgive(x);
}
