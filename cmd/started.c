/* started: dagexec --task, --element: what an engine has started us for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ids.h"
#include "solo.h"
#include "started.h"
#include "verdict.h"
#include "worker.h"

/* the tasks that are wanted, as their markers are called in queue/ */
struct wanted {
	struct spool *spool;
	char (*file)[FILE_LEN];
	size_t n, cap, at;
};

static void
want(struct wanted *w, const char *dag, const char *run, const char *task)
{
	size_t cap = w->cap ? 2 * w->cap : 16;

	if (w->n == w->cap) {
		w->file = reallocarray(w->file, cap, sizeof *w->file);
		if (!w->file)
			prog_die_errno("%s/%s/%s", dag, run, task);
		w->cap = cap;
	}
	queue_file(w->file[w->n++], dag, run, task);
}

static enum exit_code
want_id(const char *text, void *arg)
{
	struct wanted *w = arg;
	struct ids ids = IDS_INIT;
	struct buf why = BUF_INIT;
	enum exit_code code = EXIT_OK;

	if (ids_resolve(w->spool, text, 0, &ids, &why) != 0) {
		if (why.n == 0)
			prog_die_errno("%s", text);
		prog_warn("%s: %s", text, buf_cstr(&why));
		code = EXIT_BAD;
	}
	for (size_t i = 0; i < ids.n; i++)
		if (ids.id[i].task[0])
			want(w, ids.id[i].dag, ids.id[i].run, ids.id[i].task);
		else {
			prog_warn("%s: one task is wanted, DAG/RUN/TASK", text);
			code = EXIT_BAD;
		}
	buf_free(&why);
	ids_free(&ids);
	return code;
}

/* those of an element; none, if its batch is done with */
static void
want_element(struct wanted *w, const char *text)
{
	char name[BATCH_LEN], *run, *task;
	struct batch b;
	unsigned element;

	if (verdict_parse(text, name, &element) < 0)
		prog_die(EXIT_USAGE, "--element %s: BATCH/NUMBER is wanted",
		    text);
	if (batch_open(w->spool, name, &b) < 0) {
		if (errno != ENOENT)
			prog_die_errno("launch/%s", name);
		prog_warn("%s: there is no such batch any more", text);
		return;
	}
	for (size_t i = (size_t)(element - 1) * b.pack; i < b.n &&
	    batch_element(&b, i) == element; i++) {
		run = strchr(b.task[i], '/');
		task = run ? strchr(run + 1, '/') : NULL;
		if (!task || task - b.task[i] > NAME_LEN + RUN_LEN + 1)
			continue;
		*run = *task = '\0';
		want(w, b.task[i], run + 1, task + 1);
	}
	batch_close(&b);
}

/* the element is closed, so that what it has left is given again: at no cost,
 * since it has not begun */
static void
close_element(struct spool *sp, const char *text, const char *pool)
{
	char name[BATCH_LEN], why[NAME_LEN + 32];
	struct batch b;
	unsigned element;

	snprintf(why, sizeof why, "the pool %s is full", pool);
	prog_warn("%s: %s", text, why);
	if (verdict_parse(text, name, &element) < 0 ||
	    (batch_open(sp, name, &b) < 0 && errno == ENOENT))
		return;
	if (b.fd < 0 || batch_end(&b, element, "over", why) < 0)
		prog_die_errno("launch/%s", name);
	batch_close(&b);
}

static bool
next(char file[FILE_LEN], void *arg)
{
	struct wanted *w = arg;

	if (w->at == w->n)
		return false;
	memcpy(file, w->file[w->at++], FILE_LEN);
	return true;
}

static void
trouble(const char *what, const char *why, void *arg)
{
	(void)arg;
	prog_warn("%s: %s", what, why);
}

static void
ran(const char *file, const char *how, void *arg)
{
	(void)arg;
	if (!how)
		prog_warn("%s: it is not to be had: somebody else has it, or "
		    "it is not ready", file);
	else if (prog_verbose > 0)
		prog_warn("%s: %s", file, how);
}

enum exit_code
started_run(struct spool *sp, unsigned nslot, int argc, char **argv,
    const char *element)
{
	static struct solo solo;
	struct wanted w = {.spool = sp};
	enum exit_code code = EXIT_OK;
	int worker;

	sp->batch = element;
	if (element)
		want_element(&w, element);
	else
		code = prog_each(argc, argv, want_id, &w);
	worker = worker_enter(sp, "dagexec-task");
	if (worker < 0)
		prog_die_errno("%s/workers", sp->path);
	solo.spool = sp;
	solo.nslot = nslot < SOLO_SLOTS ? nslot : SOLO_SLOTS;
	solo.next = next;
	solo.trouble = trouble;
	solo.ran = ran;
	solo.arg = &w;
	if (solo_run(&solo) < 0)
		prog_die_errno("cannot start a supervisor");
	if (element && solo.full[0])
		close_element(sp, element, solo.full);
	/* else it is seen that we have left something to be recovered */
	if (!solo.lost)
		worker_leave(sp, worker);
	free(w.file);
	return solo.failed > 0 ? EXIT_BAD : code;
}
