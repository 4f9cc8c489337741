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

#include "duty.h"
#include "eval.h"
#include "supervisor.h"
#include "worker.h"

struct supervisor {
	struct spool spool;
	int sock;
	struct ahead *ahead;	/* or NULL */
	struct duty duty;
};

/* our dagexec is gone, perhaps before it dealt with what we said */
static void
abandoned(struct supervisor *s)
{
	struct kept *list = s->duty.runs.kept;

	for (struct kept *k = list; k < list + RUNS_KEPT; k++)
		if (k->used && run_in_place(&k->run) > 0 &&
		    eval_run(&k->run) == 0 &&
		    spool_sync(&s->spool, k->run.fd) < 0)
			_exit(111);
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
		duty_settle(&s->duty, next->file, r);
	r->took = r->kind == REPLY_DONE && !s->spool.broken && is_led(s);
	if (r->took)
		return;
	ahead_leave(s->ahead);
	duty_drop(&s->duty);
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
	bool lost = false, unheard = false;
	ssize_t n;

	while (!lost) {
		n = reply.took ? (ssize_t)sizeof order :
		    recv(s->sock, &order, sizeof order, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof order)
			break;
		/* but for what was not heard any more */
		if (order.kind == ORDER_LEAVE && unheard && !s->spool.broken)
			break;
		if (order.kind == ORDER_LEAVE)
			return;
		memset(&reply, 0, sizeof reply);
		if (order.kind == ORDER_EXPECT) {
			duty_expect(&s->duty, order.file);
			continue;
		}
		if (!s->spool.broken) {
			duty_do(&s->duty, order.file, &reply);
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
			unheard = true;
			duty_drop(&s->duty);
		}
		attempt_close(&s->duty.attempt);
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
		.sock = 3,
		.duty = {.null = 4, .attempt = {.fd = -1, .childfd = -1,
		    .log = -1}},
	};
	int worker;

	if (spool_open(&s.spool, of->path, SPOOL_WRITE) < 0 ||
	    (worker = worker_enter(&s.spool, "supervisor")) < 0)
		_exit(SUPERVISOR_UNFIT);
	s.ahead = ahead;
	s.spool.durable = of->durable;
	s.spool.batch = of->batch;
	s.spool.told = &told;
	s.duty.runs.spool = &s.spool;
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
