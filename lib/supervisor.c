/* supervisor: a slot's process: runs one task after the other. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attempt.h"
#include "eval.h"
#include "kept.h"
#include "kill.h"
#include "stop.h"
#include "subdag.h"
#include "supervisor.h"
#include "worker.h"

struct supervisor {
	struct spool spool;
	int sock, null;
	struct ahead *ahead;	/* or NULL */
	struct kept_runs runs;
	struct attempt attempt;	/* the last one: closed behind our reply */
};

/* what else of its run a failure ends, or whether another's ends this one that
 * is to be tried again; first our lock is let go: another may have failed as
 * well, and wait for us to end */
static int
end_others(struct attempt *a, struct run *r)
{
	int x;

	if (!(r->plan->keys & PLAN_ON_FAILURE))
		return 0;
	x = eval_run(r);
	if (x == 0 && stop_cancels(r)) {
		attempt_close(a);
		x = kill_running(r, "on-failure");
		if (x == 0 && r->plan->keys & PLAN_SUB)
			x = eval_run(r);
	}
	return x;
}

static int
run_attempt(struct supervisor *s, struct kept *k, struct outcome *o)
{
	struct attempt *a = &s->attempt;

	return k->run.plan->task[a->task].keys & PLAN_SUB ?
	    subdag_run(a, &k->world, o) :
	    attempt_run(a, &k->world, s->null, o);
}

/* one that has begun before may be ready since before what it comes after was
 * run anew: a retry, a next look */
static enum claim
claim(struct attempt *a, struct run *r, uint32_t task, struct buf *why)
{
	enum claim c = attempt_claim(a, r, task, why);

	if (c != CLAIM_OK || a->written == 0 || eval_stands(r, task))
		return c;
	attempt_back(a);
	attempt_close(a);
	return eval_recall(r, task) < 0 ? CLAIM_ERROR : CLAIM_GONE;
}

static void
run_task(struct supervisor *s, struct kept *k, uint32_t task,
    struct supervisor_reply *reply)
{
	struct buf why = BUF_INIT;
	struct outcome o = {0};
	struct attempt *a = &s->attempt;

	switch (claim(a, &k->run, task, &why)) {
	case CLAIM_OK:
		reply->kind = REPLY_DONE;
		if (run_attempt(s, k, &o) < 0 ||
		    ((o.state == STATE_FAILED || o.state == STATE_READY) &&
		    end_others(a, &k->run) < 0) ||
		    (state_ended(o.state) && eval_end(&k->run, task) < 0)) {
			reply->kind = REPLY_ERROR;
			reply->error = errno;
		}
		reply->state = o.state;
		/* it is in queue/ again: who claims it now wants its lock */
		if (o.state == STATE_READY)
			attempt_close(a);
		break;
	case CLAIM_GONE:
		reply->kind = REPLY_GONE;
		break;
	case CLAIM_LATER:
		reply->kind = REPLY_LATER;
		break;
	case CLAIM_FULL:
		reply->kind = REPLY_FULL;
		snprintf(reply->text, sizeof reply->text, "%s", a->pool.full);
		break;
	case CLAIM_BAD:
		reply->kind = REPLY_BAD;
		snprintf(reply->text, sizeof reply->text, "%.255s",
		    buf_cstr(&why));
		break;
	case CLAIM_ERROR:
		reply->kind = REPLY_ERROR;
		reply->error = errno;
		break;
	}
	buf_free(&why);
}

/* the run of that name, open and loaded; NULL and errno */
static struct kept *
load(struct supervisor *s, const char *dag, const char *run)
{
	struct kept *k = kept_get(&s->runs, dag, run);

	/* a rerun may have changed its parameters */
	if (k && k->world.dir && !world_run_fresh(&k->world, &k->run))
		world_run_free(&k->world);
	if (k && !k->world.dir && world_run_load(&k->world, &k->run) < 0) {
		int e = errno;

		kept_drop(k);
		errno = e;
		return NULL;
	}
	return k;
}

/* a task of that run: the run as we have it open, which may be another now;
 * NULL: there is none */
static struct kept *
try_task(struct supervisor *s, const char *dag, const char *run,
    const char *task, struct supervisor_reply *reply)
{
	struct kept *k = load(s, dag, run);
	int64_t t;

	if (k && run_fresh(&k->run) < 0) {
		int e = errno;

		kept_drop(k);
		k = NULL;
		errno = e;
	}
	reply->kind = REPLY_BAD;
	if (!k) {
		if (!run_damaged(errno))
			reply->kind = REPLY_ERROR;
		reply->error = errno;
		snprintf(reply->text, sizeof reply->text, "%s",
		    errno == ENOENT ? "there is no such run" :
		    "its run is damaged");
		return NULL;
	}
	t = plan_find(k->run.plan, task, strlen(task));
	if (t >= 0)
		run_task(s, k, (uint32_t)t, reply);
	else
		snprintf(reply->text, sizeof reply->text,
		    "its run has no such task");
	return k;
}

static void
work(struct supervisor *s, const char *file, struct supervisor_reply *reply)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	struct kept *k;

	if (queue_parse(file, dag, run, task) < 0) {
		reply->kind = REPLY_BAD;
		snprintf(reply->text, sizeof reply->text,
		    "not the name of a marker");
		return;
	}
	for (int look = 0; look < 2; look++) {
		k = try_task(s, dag, run, task, reply);
		if (!k || reply->kind == REPLY_DONE ||
		    reply->kind == REPLY_LATER || reply->kind == REPLY_FULL ||
		    run_in_place(&k->run) > 0)
			return;
		kept_drop(k);
	}
}

/* our dagexec is gone, perhaps before it dealt with what we said */
static void
abandoned(struct supervisor *s)
{
	for (struct kept *k = s->runs.kept; k < s->runs.kept + RUNS_KEPT; k++)
		if (k->used && run_in_place(&k->run) > 0 &&
		    eval_run(&k->run) == 0 &&
		    spool_sync(&s->spool, k->run.fd) < 0)
			_exit(111);
}

/* syncs, and releases what follows from the last attempt: so does our dagexec,
 * unless we say that it is done */
static void
settle_last(struct supervisor *s, struct supervisor_reply *r)
{
	struct attempt *a = &s->attempt;
	struct buf next = BUF_INIT;

	if (eval_next(a->run, a->task, r->state, &next) < 0 ||
	    (next.n > 0 && eval_release(a->run, eval_sort(&next),
	    next.n / sizeof(uint32_t)) < 0)) {
		r->kind = REPLY_ERROR;
		r->error = errno;
	} else
		r->settled = next.n > 0;
	buf_free(&next);
}

/* is our dagexec still there? */
static bool
is_led(const struct supervisor *s)
{
	char c;
	ssize_t n = recv(s->sock, &c, sizeof c, MSG_PEEK | MSG_DONTWAIT);

	return n > 0 || (n < 0 && errno == EAGAIN);
}

/* the next order may be there already; it is for behind a success: whatever
 * follows from a failure, our dagexec looks at that first */
static void
take_next(struct supervisor *s, struct supervisor_reply *r,
    struct supervisor_order *next)
{
	const struct ahead_order *o = s->ahead && r->kind == REPLY_DONE &&
	    r->state == STATE_SUCCESS ? ahead_next(s->ahead) : NULL;

	if (!o || !ahead_take(s->ahead, next->file))
		return;
	if (o->follows)
		settle_last(s, r);
	r->took = r->kind == REPLY_DONE && !s->spool.broken && is_led(s);
	if (!r->took)
		ahead_leave(s->ahead);
}

/* false: our dagexec is gone */
static bool
answer(struct supervisor *s, const struct supervisor_reply *r)
{
	if (!s->ahead)
		return send(s->sock, r, sizeof *r, MSG_NOSIGNAL) >= 0;
	ahead_put(s->ahead, r);
	return (r->took && ahead_enough(s->ahead) && (r->settled ||
	    ahead_calm(s->ahead))) || send(s->sock, "", 1, MSG_NOSIGNAL) >= 0;
}

static void
serve(struct supervisor *s)
{
	struct supervisor_reply reply = {0};
	struct supervisor_order order;
	bool lost = false;
	ssize_t n;

	while (!lost) {
		n = reply.took ? (ssize_t)sizeof order :
		    recv(s->sock, &order, sizeof order, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof order)
			break;
		if (order.kind == ORDER_LEAVE)
			return;
		memset(&reply, 0, sizeof reply);
		if (!s->spool.broken) {
			work(s, order.file, &reply);
			take_next(s, &reply, &order);
		}
		if (s->spool.broken) {
			reply.kind = REPLY_ERROR;
			reply.error = s->spool.broken;
			reply.broken = true;
		}
		/* its dagexec may be gone: then the next recv says so, or
		 * what it said last */
		if (!answer(s, &reply)) {
			reply.took = false;
			lost = errno != EPIPE && errno != ECONNRESET;
		}
		attempt_close(&s->attempt);
	}
	abandoned(s);
}

static pid_t us;
static volatile sig_atomic_t told;

/* not by a task's process that has not executed yet, see spawn.c: what it is
 * told then is for the task; if to stop, we would wait for it */
static void
ignore(int sig)
{
	if (getpid() != us && sig != SIGTSTP) {
		signal(sig, SIG_DFL);
		kill(getpid(), sig);
	} else if (sig == SIGTERM)
		told = 1;
}

/*
 * Ignored by a handler: exec puts these back to their default, and a task is
 * started without a call for each signal.
 */
static void
ignore_signals(void)
{
	static const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT,
	    SIGPIPE, SIGTSTP, SIGXFSZ};
	struct sigaction sa = {.sa_handler = ignore, .sa_flags = SA_RESTART};
	sigset_t none;

	us = getpid();
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		sigaction(ignored[i], &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* nothing of the program that forked us is to be kept but the socket */
static void
start_clean(int sock, int null)
{

	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	dup2(sock, 3);
	dup2(null, 4);
	close_range(5, ~0U, 0);
	prctl(PR_SET_NAME, "dagexec-slot");
	fcntl(3, F_SETFD, FD_CLOEXEC);
	fcntl(4, F_SETFD, FD_CLOEXEC);
	setsid();
	ignore_signals();
	umask(022);
}

static void
supervise(const struct spool *of, struct ahead *ahead)
{
	static struct supervisor s = {
		.sock = 3, .null = 4,
		.attempt = {.fd = -1, .childfd = -1, .log = -1},
	};
	int worker;

	if (spool_open(&s.spool, of->path, SPOOL_WRITE) < 0 ||
	    (worker = worker_enter(&s.spool, "supervisor")) < 0)
		_exit(SUPERVISOR_UNFIT);
	s.ahead = ahead;
	s.spool.durable = of->durable;
	s.spool.batch = of->batch;
	s.spool.told = &told;
	s.runs.spool = &s.spool;
	serve(&s);
	worker_leave(&s.spool, worker);
	_exit(0);
}

/* forks, with that end of a socket pair and that memory for the child */
static pid_t
fork_with(const struct spool *sp, int sock, struct ahead *ahead)
{
	int null, hi[2], e;
	pid_t pid;

	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* out of the way of the numbers they get in the child */
	hi[0] = fcntl(sock, F_DUPFD_CLOEXEC, 10);
	hi[1] = fcntl(null, F_DUPFD_CLOEXEC, 10);
	pid = null < 0 || hi[0] < 0 || hi[1] < 0 ? -1 : fork();
	if (pid == 0) {
		start_clean(hi[0], hi[1]);
		supervise(sp, ahead);
	}
	e = errno;
	if (null >= 0)
		close(null);
	if (hi[0] >= 0)
		close(hi[0]);
	if (hi[1] >= 0)
		close(hi[1]);
	errno = e;
	return pid;
}

pid_t
supervisor_start(const struct spool *sp, int *sock, struct ahead **ahead)
{
	struct ahead *mine = NULL;
	int pair[2], e;
	pid_t pid;

	if (ahead && !(mine = ahead_new()))
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		ahead_free(mine);
		return -1;
	}
	pid = fork_with(sp, pair[1], mine);
	e = errno;
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		ahead_free(mine);
	} else if (ahead)
		*ahead = mine;
	errno = e;
	*sock = pid < 0 ? -1 : pair[0];
	return pid;
}
