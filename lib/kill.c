/* kill: ends a running attempt, whole, and waits for that. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "holders.h"
#include "io.h"
#include "kill.h"
#include "marker.h"
#include "rec.h"
#include "worker.h"

enum { MARKER_MAX = 64 << 20, STEP = 20, PATIENCE = 10000 };

struct target {
	struct stat st;
	int fd;
	pid_t sid;
	long *spare;
	size_t nspare;
};

static int
find_spare(struct spool *sp, struct target *t)
{
	struct worker *w;

	if (worker_list(sp, &w, &t->nspare) < 0)
		return -1;
	t->spare = calloc(t->nspare + 1, sizeof *t->spare);
	for (size_t i = 0; t->spare && i < t->nspare; i++)
		t->spare[i] = w[i].pid;
	free(w);
	return t->spare ? 0 : -1;
}

/* has its supervisor let go of it? looks for at most ms */
static bool
gone_within(struct target *t, int64_t ms)
{
	for (;;) {
		if (io_locked(t->fd, 0) != 1)
			return true;
		if (ms <= 0)
			return false;
		poll(NULL, 0, STEP);
		ms -= STEP;
	}
}

static int
end_it(struct target *t, int64_t kill_after)
{
	holders_signal(t->st.st_dev, t->st.st_ino, t->sid, SIGTERM, t->spare,
	    t->nspare);
	holders_signal(t->st.st_dev, t->st.st_ino, t->sid, SIGCONT, t->spare,
	    t->nspare);
	if (gone_within(t, kill_after * 1000))
		return 1;
	holders_signal(t->st.st_dev, t->st.st_ino, t->sid, SIGKILL, t->spare,
	    t->nspare);
	if (gone_within(t, PATIENCE))
		return 1;
	errno = ETIMEDOUT;
	return -1;
}

int
kill_attempt(struct run *r, uint32_t task, unsigned n, const char *note)
{
	struct instance in = {STATE_RUNNING, n};
	struct buf b = BUF_INIT, text = BUF_INIT;
	const char *user = getenv("LOGNAME");
	char name[TASK_LEN + 1];
	struct target t = {0};
	struct marker_sum sum;
	int x = -1, e;

	t.fd = marker_open(r, plan_name(r->plan, task, name), in,
	    O_RDWR | O_APPEND);
	if (t.fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (io_locked(t.fd, 0) != 1) {
		close(t.fd);
		return 0;
	}
	rec_putf(&b, "attempt", "%u", n);
	if (user)
		rec_put(&b, "user", user);
	if (note)
		rec_put(&b, "note", note);
	if (fstat(t.fd, &t.st) == 0 &&
	    marker_event(t.fd, "kill", &b, NULL) > 0 &&
	    lseek(t.fd, 0, SEEK_SET) == 0 &&
	    buf_read(&text, t.fd, MARKER_MAX) == 0 &&
	    find_spare(r->spool, &t) == 0) {
		marker_sum(buf_cstr(&text), &sum);
		t.sid = holders_session(r, name, &sum);
		x = end_it(&t, plan_duration(r->plan, task, "kill-after", 10));
	}
	e = errno;
	free(t.spare);
	buf_free(&b);
	buf_free(&text);
	close(t.fd);
	errno = e;
	return x;
}
