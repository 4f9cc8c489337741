/* ender: the process of a dagexec that ends what runs in runs that failed. */
#include <errno.h>
#include <string.h>

#include "ender.h"
#include "eval.h"
#include "kill.h"

static int
end(struct spool *sp, char *id)
{
	char *name = strchr(id, '/');
	struct run r;
	int x;

	*name++ = '\0';
	if (run_open(sp, id, name, &r) < 0)
		return errno == ENOENT ? 0 : -1;
	x = run_plan(&r, NULL) < 0 || kill_running(&r, "on-failure") < 0 ||
	    eval_run(&r) < 0 ? -1 : 0;
	run_close(&r);
	return x;
}

static int
end_all(struct spool *sp, void *arg)
{
	struct buf *runs = arg;
	char *save, *id;
	int x = 0;

	for (id = strtok_r(buf_cstr(runs), "\n", &save); id;
	    id = strtok_r(NULL, "\n", &save))
		if (end(sp, id) < 0)
			x = -1;
	return x;
}

int
ender_step(struct ender *e, struct spool *sp)
{
	bool failed = false;
	int x = 0;

	beside_left(&e->beside, &failed);
	if (e->beside.pid == 0 && (e->runs.n > 0 || e->runs.err)) {
		errno = e->runs.err;
		x = e->runs.err ? -1 : beside_start(&e->beside, sp, "ender",
		    end_all, &e->runs);
		buf_reset(&e->runs);
	}
	if (failed && x == 0) {
		errno = ETIMEDOUT;
		x = -1;
	}
	return x;
}

bool
ender_busy(const struct ender *e)
{
	return e->beside.pid > 0 || e->runs.n > 0 || e->runs.err;
}
