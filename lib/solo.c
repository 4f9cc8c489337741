/* solo: tasks that an engine has started us for: each by a supervisor. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instant.h"
#include "solo.h"

enum {
	LOCKED_LOOKS = 3,	/* at a marker, or a pool, that others have */
	LOOK_MS = 1000,
};

static void
send_order(struct solo_slot *s)
{
	struct supervisor_order o = {.kind = ORDER_RUN};

	memcpy(o.file, s->file, sizeof o.file);
	/* that it is dead is seen when its socket is read */
	s->busy = send(s->sock, &o, sizeof o, MSG_NOSIGNAL) ==
	    (ssize_t)sizeof o || errno == EPIPE || errno == ECONNRESET;
}

/* gives each idle supervisor a task; those that wait for room have theirs */
static int
hand_out(struct solo *s)
{
	struct solo_slot *k;

	for (unsigned i = 0; i < s->nslot && !s->stopped; i++) {
		k = &s->slot[i];
		if (k->file[0] || !s->next(k->file, s->arg))
			continue;
		if (k->pid == 0)
			k->pid = supervisor_start(s->spool, &k->sock, NULL);
		if (k->pid < 0)
			return -1;
		k->looks = 0;
		send_order(k);
	}
	return 0;
}

static void
told(const char *file, enum state state, void *arg)
{
	struct solo *s = arg;

	s->ran(file, state == STATE_READY ? "again later" : state_name(state),
	    s->arg);
}

static void
done(struct solo *s, struct solo_slot *k, enum state state)
{
	s->failed += state == STATE_FAILED;
	int x = settle_add(&s->settle, k->file, state);

	while (s->settle.n > 0)
		if (settle_commit(&s->settle, told, s) < 0)
			x = -1;
	if (x < 0)
		s->trouble(k->file, strerror(errno), s->arg);
}

static void
reply(struct solo *s, struct solo_slot *k, const struct supervisor_reply *r)
{
	k->busy = false;
	switch (r->kind) {
	case REPLY_DONE:
		done(s, k, r->state);
		break;
	case REPLY_LATER:
		if (++k->looks < LOCKED_LOOKS)
			return;
		/* FALLTHROUGH */
	case REPLY_GONE:
		s->others++;
		s->ran(k->file, NULL, s->arg);
		break;
	case REPLY_FULL:
		/* what an engine gave it is not held while it waits */
		if (!s->spool->batch || ++k->looks < LOCKED_LOOKS)
			return;
		snprintf(s->full, sizeof s->full, "%.64s", r->text);
		s->stopped = true;
		break;
	case REPLY_BAD:
		s->trouble(k->file, r->text, s->arg);
		s->others++;
		break;
	case REPLY_ERROR:
		s->trouble(k->file, r->error == ECANCELED ?
		    "ended by its engine" : strerror(r->error), s->arg);
		s->failed++;
		s->lost = true;
		break;
	}
	k->file[0] = '\0';
}

static void
hear(struct solo *s, struct solo_slot *k)
{
	struct supervisor_reply r;
	ssize_t n = recv(k->sock, &r, sizeof r, MSG_DONTWAIT);

	if (n == (ssize_t)sizeof r) {
		reply(s, k, &r);
		return;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* what it had is lost: the spool says so to who looks */
	s->trouble(k->file[0] ? k->file : "a supervisor",
	    "its supervisor died", s->arg);
	s->failed++;
	s->lost = true;
	close(k->sock);
	while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*k = (struct solo_slot){.sock = -1};
}

/* the engine wants us gone: so do those hear who wait for their tasks */
static void
stop(struct solo *s)
{
	struct signalfd_siginfo si;

	if (read(s->sigfd, &si, sizeof si) != (ssize_t)sizeof si)
		return;
	s->stopped = true;
	for (unsigned i = 0; i < s->nslot; i++)
		if (s->slot[i].pid > 0)
			kill(s->slot[i].pid, SIGTERM);
}

/* waits for something to happen; false: nothing can any more */
static bool
wait_for_events(struct solo *s)
{
	struct pollfd p[SOLO_SLOTS + 1];
	bool busy = false, wait = false;
	int n;

	for (unsigned i = 0; i < s->nslot; i++) {
		p[i] = (struct pollfd){s->slot[i].busy ? s->slot[i].sock : -1,
		    POLLIN, 0};
		busy |= s->slot[i].busy;
		wait |= s->slot[i].file[0] && !s->slot[i].busy && !s->stopped;
	}
	p[s->nslot] = (struct pollfd){s->sigfd, POLLIN, 0};
	if (!busy && !wait)
		return false;
	n = poll(p, s->nslot + 1, wait ? LOOK_MS : -1);
	if (n > 0 && p[s->nslot].revents)
		stop(s);
	for (unsigned i = 0; i < s->nslot && n > 0; i++)
		if (p[i].revents)
			hear(s, &s->slot[i]);
	for (unsigned i = 0; i < s->nslot && n == 0; i++)
		if (s->slot[i].file[0] && !s->slot[i].busy)
			send_order(&s->slot[i]);
	return true;
}

int
solo_run(struct solo *s)
{
	sigset_t set;
	int x;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	/* a terminal that goes away is no reason to stop */
	sigdelset(&set, SIGHUP);
	s->sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->sigfd < 0)
		return -1;
	s->settle.runs.spool = s->spool;
	do
		x = hand_out(s);
	while (x == 0 && wait_for_events(s));
	for (unsigned i = 0; i < s->nslot; i++)
		if (s->slot[i].pid > 0) {
			close(s->slot[i].sock);
			waitpid(s->slot[i].pid, NULL, 0);
		}
	settle_free(&s->settle);
	close(s->sigfd);
	return x;
}
