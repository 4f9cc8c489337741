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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "beat.h"
#include "holders.h"
#include "io.h"

enum {
	BEATS = 8, LOOKS = 24, LOOK_LEAST = 20,	/* of a lease; ms */
	FD_LIFE = 3, FD_SPOOL, FD_RUN, FDS,
};

/* what the processes share; ms of CLOCK_BOOTTIME, which a machine's sleep is
 * part of */
struct beat_seen {
	_Atomic int64_t last;	/* began the last one that came through */
	_Atomic pid_t process;	/* 0: there is none */
	_Atomic bool late;
};

struct beat {
	struct run *run;
	int64_t lease;		/* ms */
	unsigned attempt;
	struct beat_seen *seen;
	pid_t keeper;		/* 0: there is none */
	int life;		/* closed when the supervisor dies */
	char fate[FILE_LEN], path[LEASE_PATH];
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
	/* as long as any other: it is overwritten in one */
	int len = snprintf(text, sizeof text, "%u %020llu\n", b->attempt, n);

	if (fd < 0)
		return -1;
	x = pwrite(fd, text, (size_t)len, 0) != len || fsync(fd) < 0 ? -1 : 0;
	return close(fd) < 0 ? -1 : x;
}

/* all of it, without asking the spool, which may not answer */
static void
kill_all(struct beat *b)
{
	b->holders.sid = b->seen->process;
	b->holders.away = true;
	b->seen->late = true;
	if (b->holders.sid > 0)
		kill(-b->holders.sid, SIGKILL);
	(void)holders_end(&b->holders);
}

int
beat_every(const struct beat *b)
{
	int64_t ms = b->lease / LOOKS;

	return ms < LOOK_LEAST ? LOOK_LEAST : (int)ms;
}

static bool
late(const struct beat *b)
{
	return b->seen->late || boot_ms() - b->seen->last > b->lease * 2 / 3;
}

/* the process that writes, until it is killed with its parent */
static void
write_beats(struct beat *b)
{
	int64_t now;

	for (unsigned long long n = 2; !late(b); poll(NULL, 0,
	    beat_every(b))) {
		now = boot_ms();
		if (now - b->seen->last < b->lease / BEATS)
			continue;
		if (io_exists(FD_RUN, b->fate) > 0)
			b->seen->late = true;
		else if (write_beat(b, FD_SPOOL, n++) == 0)
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
	if (p.revents) {
		/* nobody records it: but who waits for it need not any more */
		kill(writer, SIGKILL);
		waitpid(writer, NULL, 0);
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
	int64_t lease = r->spool->shared && r->spool->batch ?
	    lease_of(r, task) : 0;
	char name[TASK_LEN + 1];
	struct beat *b;

	*beat = NULL;
	if (!lease)
		return 0;
	b = calloc(1, sizeof *b);
	if (!b)
		return -1;
	b->run = r;
	b->lease = lease * 1000;
	b->attempt = attempt;
	b->life = -1;
	plan_name(r->plan, task, name);
	lease_fate(b->fate, name, attempt, before);
	lease_path(b->path, r, name, r->spool->batch);
	b->seen = mmap(NULL, sizeof *b->seen, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b->seen != MAP_FAILED) {
		b->seen->last = boot_ms();
		if (holders_of(&b->holders, r, name, attempt, fd, NULL) == 0 &&
		    write_beat(b, r->spool->fd, 1) == 0 &&
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
	if (said)
		(void)write_beat(b, b->run->spool->fd, 0);
	munmap(b->seen, sizeof *b->seen);
	free(b);
}
