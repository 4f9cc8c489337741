/* launchlook: what became of the tasks of a batch, as the spool has it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attempt.h"
#include "eval.h"
#include "io.h"
#include "launchlook.h"
#include "notify.h"
#include "retry.h"
#include "verdict.h"

enum { MARKER_MAX = 64 << 20, DELAY = 5 };

void
launchlook_begin(struct launchlook *l, struct spool *sp)
{
	*l = (struct launchlook){.spool = sp, .run = {.fd = -1}};
}

static void
leave(struct launchlook *l)
{
	if (l->run.fd >= 0)
		run_close(&l->run);
	free(l->inst);
	l->inst = NULL;
	l->run.fd = -1;
}

void
launchlook_end(struct launchlook *l)
{
	leave(l);
}

/* the run, with the states of its tasks as they were when it was opened */
static int
enter(struct launchlook *l, const char *dag, const char *run)
{
	if (l->run.fd >= 0 && strcmp(l->run.dag, dag) == 0 &&
	    strcmp(l->run.name, run) == 0)
		return 0;
	leave(l);
	if (run_open(l->spool, dag, run, &l->run) < 0) {
		l->run.fd = -1;
		return -1;
	}
	if (run_plan(&l->run, NULL) < 0)
		return -1;
	l->inst = malloc(l->run.plan->n * sizeof *l->inst);
	return l->inst ? run_states(&l->run, l->inst) : -1;
}

int
launchlook_find(struct launchlook *l, const char *id)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1];
	const char *slash = strchr(id, '/'), *last = strrchr(id, '/');
	int64_t t;

	if (!slash || slash == last || slash - id > NAME_LEN ||
	    last - slash - 1 > RUN_LEN || strlen(last + 1) > TASK_LEN)
		return 0;
	snprintf(dag, sizeof dag, "%.*s", (int)(slash - id), id);
	snprintf(run, sizeof run, "%.*s", (int)(last - slash - 1), slash + 1);
	if (enter(l, dag, run) < 0) {
		int e = errno;

		leave(l);
		errno = e;
		return e == ENOENT || run_damaged(e) ? 0 : -1;
	}
	snprintf(l->task, sizeof l->task, "%s", last + 1);
	t = plan_find(l->run.plan, l->task, strlen(l->task));
	if (t < 0)
		return 0;
	l->number = (uint32_t)t;
	l->in = l->inst[t];
	return 1;
}

/* was its last attempt started, or given up, by that batch? and is it locked?
 * 1, 0; -1 and errno, ENOENT: it has moved */
static int
started_by(struct launchlook *l, const struct batch *b, bool *locked)
{
	char file[FILE_LEN];
	int dir = marker_place(&l->run, l->task, l->in, file), fd, x = -1;
	size_t n = strlen(b->name);
	struct buf text = BUF_INIT;
	struct marker_sum sum;
	struct stat st;

	if (l->in.state == STATE_READY && fstatat(dir, file, &st,
	    AT_SYMLINK_NOFOLLOW) == 0 && st.st_size == 0)
		return 0;
	fd = marker_open(&l->run, l->task, l->in, O_RDWR);
	if (fd < 0)
		return -1;
	*locked = io_locked(fd, 0) == 1;
	if (buf_read(&text, fd, MARKER_MAX) == 0) {
		marker_sum(buf_cstr(&text), &sum);
		x = strncmp(sum.batch, b->name, n) == 0 && sum.batch[n] == '/';
		/* who has not written its start yet may be of this batch:
		 * where its lock is not seen, that is all there is of it */
		if (l->in.state == STATE_RUNNING &&
		    sum.attempt != l->in.attempt)
			x = l->spool->shared;
	}
	buf_free(&text);
	close(fd);
	return x;
}

/* of a marker that could not be looked at: what is damaged is for dagq --check,
 * and holds nothing else up */
static int
unseen(void)
{
	return errno == ENOENT || run_damaged(errno) ? FATE_RUNS : -1;
}

int
launchlook_fate(struct launchlook *l, const struct batch *b, size_t task)
{
	bool locked = false;
	int x = launchlook_find(l, b->task[task]);

	if (x <= 0)
		return x < 0 ? -1 : FATE_OVER;
	switch (l->in.state) {
	case STATE_FAILED:
		return FATE_FAILED;
	case STATE_READY:
		x = started_by(l, b, &locked);
		/* just claimed: by whom is seen the next time */
		if (x < 0)
			return unseen();
		return x ? FATE_OVER : FATE_WAITS;
	case STATE_RUNNING:
		x = started_by(l, b, &locked);
		if (x < 0)
			return unseen();
		/* who has not written its start yet may be of this batch */
		return locked ? FATE_RUNS : x ? FATE_DEAD : FATE_OVER;
	default:
		return FATE_OVER;
	}
}

int
launchlook_began(struct launchlook *l, const struct batch *b, size_t task)
{
	bool locked;
	int x = launchlook_find(l, b->task[task]);

	if (x > 0)
		x = started_by(l, b, &locked);
	return x < 0 && (errno == ENOENT || run_damaged(errno)) ? 0 : x;
}

/* writes it, and moves the marker, which is ours; 1, 2 failed, -1 */
static int
give_up(struct launchlook *l, const struct batch *b, unsigned element, int fd,
    const struct marker_sum *sum, const char *word, const char *note,
    bool final)
{
	struct attempt a = {.run = &l->run, .task = l->number,
	    .n = sum->attempt + 1, .before = *sum};
	const struct plan *p = l->run.plan;
	struct buf f = BUF_INIT;
	bool over = final || verdict_final(p, l->number, word) ||
	    sum->spent + 1 >= attempt_limit(&l->run, l->number);
	int64_t at = retry_at(&a);
	int x;

	if (over && notify_task(&l->run, l->number, &(struct notify){
	    .attempt = a.n, .state = STATE_FAILED, .cause = "lost",
	    .lost = true}) < 0 && errno != ENOSPC && errno != EDQUOT)
		return -1;
	rec_putf(&f, "attempt", "%u", a.n);
	rec_put(&f, "reason", "lost");
	rec_put(&f, "engine", word);
	rec_putf(&f, "batch", "%s/%u", b->name, element);
	if (note[0])
		rec_put(&f, "note", note);
	x = marker_event(fd, "lost", &f, NULL);
	buf_free(&f);
	if (x < 0)
		return -1;
	if (!over)
		return marker_due(fd, at ? at : clock_seconds() + DELAY) < 0 ?
		    -1 : 1;
	return marker_due(fd, 0) < 0 || task_move(&l->run, l->task,
	    (struct instance){STATE_READY, 0},
	    (struct instance){STATE_FAILED, 0}) < 0 ? -1 : 2;
}

int
launchlook_spend(struct launchlook *l, const struct batch *b, size_t task,
    const char *word, const char *note, bool final)
{
	char file[FILE_LEN];
	struct marker_sum sum;
	struct buf text = BUF_INIT;
	struct stat st, named;
	int fd, x = launchlook_find(l, b->task[task]);

	if (x <= 0)
		return x;
	queue_file(file, l->run.dag, l->run.name, l->task);
	fd = io_open_stat(l->spool->queue, file, O_RDWR | O_APPEND, 0, &st);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	/* whoever has it, or has taken it meanwhile, has started after all */
	x = io_lock(fd, 0, false) == 0 && fstatat(l->spool->queue, file,
	    &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_ino == st.st_ino;
	if (x && buf_read(&text, fd, MARKER_MAX) < 0)
		x = -1;
	if (x > 0) {
		marker_sum(buf_cstr(&text), &sum);
		x = give_up(l, b, batch_element(b, task), fd, &sum, word,
		    note, final);
	}
	buf_free(&text);
	close(fd);
	if (x > 0 && eval_after(&l->run, l->number) < 0)
		x = -1;
	return x;
}
