/* beat: an attempt elsewhere says that it lives, and ends when it cannot. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "beat.h"
#include "cause.h"
#include "holders.h"
#include "io.h"

enum {
	BEATS = 8,		/* of a lease */
	LOOKS = 24, LOOK_LEAST = 20, LOOK_MOST = 500,	/* the same; ms */
	REQUESTS = 5000,	/* ms between two looks for one */
	MARKER_MAX = 64 << 20,
	FD_LIFE = 3, FD_SPOOL, FD_RUN, FDS,
};

/* what the processes share; ms of CLOCK_BOOTTIME, which a machine's sleep is
 * part of */
struct beat_seen {
	_Atomic int64_t last;	/* began the last one that came through */
	_Atomic pid_t process;	/* 0: there is none */
	_Atomic bool late, asked;	/* to end it for good; to be killed */
};

struct beat {
	struct run *run;
	int64_t lease;		/* ms, 0: none */
	unsigned attempt;
	int signal;		/* that stops it */
	bool told;		/* it has had that */
	struct beat_seen *seen;
	pid_t keeper;		/* 0: there is none */
	int life;		/* closed when the supervisor dies */
	char marker[FILE_LEN], fate[FILE_LEN], path[LEASE_PATH];
	struct holders holders;
};

static int64_t
boot_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* n 0: nothing of it runs any more */
static int
write_beat(const struct beat *b, int spool, unsigned long long n)
{
	char text[48];
	int fd = io_open(spool, b->path, O_WRONLY | O_CREAT, 0600), x;
	int broken = 0;
	/* as long as any other: it is overwritten in one */
	int len = snprintf(text, sizeof text, "%u %020llu\n", b->attempt, n);

	if (fd < 0)
		return -1;
	x = pwrite(fd, text, (size_t)len, 0) != len ||
	    io_sync(fd, &broken) < 0 ? -1 : 0;
	return close(fd) < 0 ? -1 : x;
}

/* all of it is to be found without asking the spool, which may not answer */
static struct holders *
find_all(struct beat *b)
{
	b->holders.sid = b->seen->process;
	b->holders.away = true;
	return &b->holders;
}

static void
kill_all(struct beat *b)
{
	pid_t pid = b->seen->process;

	b->seen->late = true;
	if (pid > 0)
		kill(-pid, SIGKILL);
	(void)holders_end(find_all(b));
}

int
beat_every(const struct beat *b)
{
	int64_t ms = b->lease / LOOKS;

	return !ms || ms > LOOK_MOST ? LOOK_MOST :
	    ms < LOOK_LEAST ? LOOK_LEAST : (int)ms;
}

static bool
late(const struct beat *b)
{
	return b->seen->late || (b->lease && boot_ms() - b->seen->last >
	    b->lease * 2 / 3);
}

/* has somebody given the attempt up, or asked that it be killed? */
static void
look_for_requests(struct beat *b, off_t *size)
{
	struct buf text = BUF_INIT;
	struct marker_sum sum;
	struct stat st;

	if (io_exists(FD_RUN, b->fate) > 0)
		b->seen->late = true;
	if (fstatat(FD_RUN, b->marker, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		/* recovered, and perhaps archived since */
		b->seen->late |= errno == ENOENT;
		return;
	}
	if (st.st_size == *size)
		return;
	*size = st.st_size;
	if (io_read(FD_RUN, b->marker, &text, MARKER_MAX) == 0) {
		marker_sum(buf_cstr(&text), &sum);
		if (sum.killed && sum.victim == b->attempt)
			b->seen->asked = true;
	}
	buf_free(&text);
}

/* the process that may hang, until it is killed with its parent */
static void
write_beats(struct beat *b)
{
	int64_t now, looked = 0;
	off_t size = 0;

	for (unsigned long long n = 2; !late(b); poll(NULL, 0,
	    beat_every(b))) {
		now = boot_ms();
		if (now - looked >= REQUESTS) {
			look_for_requests(b, &size);
			looked = now;
		}
		if (b->lease && now - b->seen->last >= b->lease / BEATS &&
		    !b->seen->late && write_beat(b, FD_SPOOL, n++) == 0)
			b->seen->last = now;
	}
	_exit(0);
}

/* the process that watches that */
static void
keep(struct beat *b)
{
	struct pollfd p = {FD_LIFE, POLLIN, 0};
	pid_t keeper = getpid(), writer = fork();

	if (writer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == keeper)
			write_beats(b);
		_exit(1);
	}
	while (poll(&p, 1, beat_every(b)) <= 0 && !late(b))
		;
	kill_all(b);
	if (p.revents && writer > 0) {
		/* nobody records it: but who waits for it need not any more */
		kill(writer, SIGKILL);
		waitpid(writer, NULL, 0);
		if (b->lease)
			(void)write_beat(b, FD_SPOOL, 0);
	}
	_exit(0);
}

/* of the supervisor nothing is kept: its lock on the marker ends with it */
static void
keep_clean(struct beat *b, int life)
{
	int fd[FDS - FD_LIFE] = {life, b->run->spool->fd, b->run->fd};

	for (int i = 0; i < FDS - FD_LIFE; i++)
		fd[i] = fcntl(fd[i], F_DUPFD, 2 * FDS);
	for (int i = 0; i < FDS - FD_LIFE; i++)
		if (fd[i] < 0 || dup2(fd[i], FD_LIFE + i) < 0)
			_exit(1);
	close_range(FDS, ~0U, 0);
	prctl(PR_SET_NAME, "dagexec-lease");
	/* an engine may tell all to stop: it goes on until they have */
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, sig == SIGTERM || sig == SIGINT || sig == SIGHUP ?
		    SIG_IGN : SIG_DFL);
	keep(b);
}

static int
start_keeper(struct beat *b)
{
	int life[2];
	pid_t pid;

	if (pipe2(life, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		keep_clean(b, life[0]);
	close(life[0]);
	b->life = life[1];
	b->keeper = pid > 0 ? pid : 0;
	return pid < 0 ? -1 : 0;
}

int
beat_begin(struct beat **beat, struct run *r, uint32_t task, unsigned attempt,
    int fd, const struct marker_sum *before)
{
	char name[TASK_LEN + 1];
	struct buf stop = BUF_INIT;
	struct beat *b;
	const char *v;

	*beat = NULL;
	if (!r->spool->shared)
		return 0;
	b = calloc(1, sizeof *b);
	if (!b)
		return -1;
	b->run = r;
	b->lease = r->spool->batch ? lease_of(r, task) * 1000 : 0;
	b->attempt = attempt;
	b->life = -1;
	v = plan_get(r->plan, task, "stop-signal", &stop);
	b->signal = v && cause_signal(v) ? cause_signal(v) : SIGTERM;
	buf_free(&stop);
	plan_name(r->plan, task, name);
	marker_file(b->marker, name, (struct instance){STATE_RUNNING,
	    attempt});
	lease_fate(b->fate, name, attempt, before);
	if (b->lease)
		lease_path(b->path, r, name, r->spool->batch);
	b->seen = mmap(NULL, sizeof *b->seen, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b->seen != MAP_FAILED) {
		b->seen->last = boot_ms();
		if (holders_of(&b->holders, r, name, attempt, fd, NULL) == 0 &&
		    (!b->lease || write_beat(b, r->spool->fd, 1) == 0) &&
		    start_keeper(b) == 0) {
			*beat = b;
			return 0;
		}
		beat_end(b, false);
	} else
		free(b);
	/* as if there were too few processes: it is ready again */
	errno = EAGAIN;
	return -1;
}

void
beat_process(struct beat *b, pid_t pid)
{
	b->seen->process = pid;
}

bool
beat_late(struct beat *b)
{
	if (!late(b))
		return false;
	kill_all(b);
	return true;
}

bool
beat_asked(struct beat *b)
{
	if (b->told || !b->seen->asked)
		return false;
	b->told = true;
	holders_signal(find_all(b), b->signal);
	holders_signal(&b->holders, SIGCONT);
	return true;
}

void
beat_sweep(struct beat *b)
{
	(void)holders_end(find_all(b));
}

bool
beat_stop(struct beat *b)
{
	b->seen->process = 0;
	if (b->keeper)
		kill(b->keeper, SIGKILL);
	return b->seen->late;
}

void
beat_end(struct beat *b, bool said)
{
	if (!b)
		return;
	(void)beat_stop(b);
	if (b->life >= 0)
		close(b->life);
	while (b->keeper && waitpid(b->keeper, NULL, 0) < 0 && errno == EINTR)
		;
	if (said && b->lease)
		(void)write_beat(b, b->run->spool->fd, 0);
	munmap(b->seen, sizeof *b->seen);
	free(b);
}
