/* dagqpurge: dagq --purge: archived runs go, their slots stay decided. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dagqids.h"
#include "num.h"
#include "purge.h"

static enum exit_code
purge(const char *dag, const char *run, const char *reason)
{
	struct buf why = BUF_INIT;
	enum exit_code code = EXIT_OK;

	if (dagq.dry || purge_run(&dagq.spool, dag, run, reason, &why) == 0) {
		if (prog_verbose >= 0)
			printf("%s/%s\tpurged\n", dag, run);
		return EXIT_OK;
	}
	code = errno == EBUSY || errno == ENOENT ? EXIT_BAD : EXIT_SYSTEM;
	if (why.n)
		prog_warn("%s/%s: %s", dag, run, buf_cstr(&why));
	else
		prog_warn_errno("%s/%s", dag, run);
	buf_free(&why);
	return code;
}

/* of IDs: whole runs, and archived */
enum exit_code
dagqpurge_run(size_t from)
{
	const struct id *id = &dagq.ids.id[from];

	if (id->task[0]) {
		prog_warn("%s/%s/%s: a run is purged whole", id->dag, id->run,
		    id->task);
		return EXIT_BAD;
	}
	if (!id->archived) {
		prog_warn("%s/%s: it is not archived: dagq --archive",
		    id->dag, id->run);
		return EXIT_BAD;
	}
	return purge(id->dag, id->run, dagq.change.note ? dagq.change.note :
	    "by hand");
}

static void
purge_one(const char *dag, const char *run, void *arg)
{
	struct buf reason = BUF_INIT;
	enum exit_code *worst = arg, code;

	if (dagq.older < 0)
		buf_str(&reason, "keep");
	else {
		buf_str(&reason, "older than ");
		dur_format(&reason, dagq.older);
	}
	code = purge(dag, run, buf_cstr(&reason));
	*worst = code > *worst ? code : *worst;
	buf_free(&reason);
}

enum exit_code
dagqpurge_due(void)
{
	enum exit_code worst = EXIT_OK;

	if (purge_due(&dagq.spool, dagq.older, purge_one, &worst) < 0)
		prog_die_errno("%s", dagq.spool.path);
	return worst;
}
