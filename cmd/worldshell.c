/* worldshell: dagexec --shell: the world as a task would see it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "look.h"
#include "world.h"
#include "worldshell.h"

/* the one task that is meant; EXIT_BAD: it is said what is wrong */
static enum exit_code
find(struct spool *sp, const char *text, struct ids *ids)
{
	struct buf why = BUF_INIT;

	if (ids_resolve(sp, text, 0, ids, &why) != 0) {
		if (why.n == 0)
			prog_die_errno("%s", text);
		prog_warn("%s: %s", text, buf_cstr(&why));
	} else if (ids->n == 1 && ids->id[0].task[0]) {
		buf_free(&why);
		return EXIT_OK;
	} else
		prog_warn("%s: one task is wanted, DAG/RUN/TASK", text);
	buf_free(&why);
	ids_free(ids);
	return EXIT_BAD;
}

/* the attempt that it is at, or was at last; 1 if it has had none */
static unsigned
attempt_of(struct look *l, uint32_t task)
{
	struct marker_sum sum;

	if (l->inst[task].attempt)
		return l->inst[task].attempt;
	look_marker(l, task, &sum);
	return sum.attempt ? sum.attempt : 1;
}

static void
enter(const struct world *w, const char *id, unsigned attempt)
{
	const char *shell = world_getenv(w->envp, "SHELL");
	char *argv[] = {NULL, NULL};

	if (!shell || !*shell)
		shell = "/bin/sh";
	if (chdir(w->dir) < 0)
		prog_die_errno("%s: %s", id, w->dir);
	if (prog_verbose >= 0)
		prog_warn("%s: as attempt %u sees it, in %s", id, attempt,
		    w->dir);
	argv[0] = strdup(shell);
	umask(022);
	if (argv[0])
		execve(shell, argv, w->envp);
	prog_die_errno("%s", shell);
}

enum exit_code
worldshell(struct spool *sp, const char *text)
{
	struct ids ids = IDS_INIT;
	struct buf why = BUF_INIT, id = BUF_INIT;
	struct world_run wr;
	struct world w = {0};
	struct look l;
	const char *task;
	unsigned attempt;
	int64_t t;

	if (find(sp, text, &ids) != EXIT_OK)
		return EXIT_BAD;
	id_text(&id, &ids.id[0]);
	task = ids.id[0].task;
	if (look_open(sp, &ids.id[0], &l, &why) < 0) {
		prog_warn("%s: %s", buf_cstr(&id), why.n ? buf_cstr(&why) :
		    strerror(errno));
		return EXIT_BAD;
	}
	t = plan_find(l.plan, task, strlen(task));
	if (t < 0 || l.id.archived) {
		prog_warn("%s: it has gone", buf_cstr(&id));
		return EXIT_BAD;
	}
	attempt = attempt_of(&l, (uint32_t)t);
	if (world_run_load(&wr, &l.run) < 0 || world_make(&w, &wr, &l.run,
	    (uint32_t)t, attempt, &why) < 0) {
		prog_warn("%s: %s", buf_cstr(&id), why.n ? buf_cstr(&why) :
		    errno == EINVAL ? "the run's record is damaged" :
		    strerror(errno));
		return EXIT_BAD;
	}
	enter(&w, buf_cstr(&id), attempt);
	return EXIT_SYSTEM;
}
