/* launching: the process of a dagexec that gives tasks to engines. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "launching.h"

enum {
	/* ms that what is ready waits for company; and a step, that uses a
	 * hundredth of a processor at most */
	GATHER = 200, SHARE = 100,
	LOOK_EACH = 1,		/* seconds between two looks at all */
	PAUSE_MOST = 64,	/* when steps end badly */
};

void
launching_add(struct launching *l, const char *file, int64_t due,
    bool arrived)
{
	int64_t now = clock_steady();

	if (due > clock_seconds()) {
		if (!l->due || due < l->due)
			l->due = due;
	} else if (arrived || !l->used) {
		if (!l->look && l->not_before < now + GATHER)
			l->not_before = now + GATHER;
		l->look = true;
	}
	l->used = true;
	l->last = false;
	memcpy(l->seen, file, strlen(file) + 1);
}

void
launching_scan(struct launching *l)
{
	l->seen[0] = '\0';
}

int
launching_found(struct launching *l, struct spool *sp)
{
	struct names batches;

	if (!l->used) {
		if (batch_list(sp, &batches) < 0)
			return -1;
		l->used = batches.n > 0;
		names_free(&batches);
	}
	l->look |= l->used;
	return 0;
}

void
launching_left(struct launching *l, bool left)
{
	l->look |= left && l->left;
}

/* launchers are told where the spool is, and what their engines are to run */
static int
work(struct spool *sp, void *arg)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	self[n > 0 ? n : 0] = '\0';
	if (setenv("DAG_SPOOL", sp->path, 1) < 0 ||
	    setenv("DAGEXEC", self, 0) < 0)
		return -1;
	return launch_step(sp, arg);
}

/* what a step that has been made says */
static int
heed(struct launching *l, bool failed, unsigned *count)
{
	int64_t now = clock_seconds();

	l->not_before = clock_steady() + l->step->cpu * SHARE;
	l->due = l->step->due;
	l->left = l->step->left;
	l->open = l->step->open;
	*count += l->step->failed;
	if (!failed) {
		l->tries = 0;
		return 0;
	}
	l->due = now + (1 << l->tries);
	if (1 << l->tries < PAUSE_MOST)
		l->tries++;
	errno = EAGAIN;
	return -1;
}

int
launching_step(struct launching *l, struct spool *sp, const char *only_dag,
    const char *only_run, bool only_family, unsigned *failed)
{
	bool badly = false;
	int x = 0;

	if (!l->used)
		return 0;
	if (!l->step) {
		l->step = mmap(NULL, sizeof *l->step, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (l->step == MAP_FAILED) {
			l->step = NULL;
			return -1;
		}
	}
	if (beside_left(&l->beside, &badly))
		x = heed(l, badly, failed);
	if (l->due && l->due <= clock_seconds()) {
		l->look = true;
		l->due = 0;
	}
	if (l->beside.pid > 0 || !l->look || l->not_before > clock_steady())
		return x;
	l->look = false;
	*l->step = (struct launch_step){.only_dag = only_dag,
	    .only_run = only_run, .only_family = only_family};
	return beside_start(&l->beside, sp, "launch", work, l->step) < 0 ?
	    -1 : x;
}

int64_t
launching_due(const struct launching *l, bool drain)
{
	int64_t now = clock_seconds(), due = l->due;

	if (!l->used || l->look || l->beside.pid > 0)
		return 0;
	if (drain && (!due || l->looked + LOOK_EACH < due))
		due = l->looked + LOOK_EACH > now ? l->looked + LOOK_EACH :
		    now + 1;
	return due;
}

int
launching_patience(const struct launching *l, int ms)
{
	int64_t left = l->not_before - clock_steady();

	if (!l->used || !l->look || l->beside.pid > 0)
		return ms;
	left = left < 0 ? 0 : left + 1;
	return ms >= 0 && ms < left ? ms : (int)left;
}

bool
launching_busy(struct launching *l, const struct spool *sp)
{
	int64_t now = clock_seconds();

	if (!l->used)
		return false;
	if (l->beside.pid > 0 || l->look || (l->seen[0] && faccessat(sp->queue,
	    l->seen, F_OK, AT_SYMLINK_NOFOLLOW) == 0))
		return true;
	if (l->looked + LOOK_EACH > now)
		return true;
	l->looked = now;
	return false;
}

bool
launching_over(struct launching *l, struct spool *sp, unsigned *failed)
{
	struct launch_step s = {.settle_only = true};

	if (!l->used)
		return true;
	/* what stands in an engine's queue for nothing is taken out of it: once
	 * more when nothing is ready any more */
	if (l->open > 0 && !l->last) {
		l->look = true;
		l->last = !l->seen[0];
	}
	if (l->seen[0] || l->look || l->beside.pid > 0 ||
	    launch_step(sp, &s) < 0 || s.busy)
		return false;
	*failed += s.failed;
	return true;
}
