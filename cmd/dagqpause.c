/* dagqpause: dagq --pause, --resume: whole DAGs, by name or by glob. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dagpath.h"
#include "dagqids.h"
#include "idtext.h"
#include "known.h"
#include "seen.h"

/* is there a file for a DAG that the spool has not seen yet? */
static bool
has_file(const char *dag)
{
	char *name = strdup(dag), **paths;
	struct buf why = BUF_INIT;
	size_t n = 0;

	if (!name || dagpath_list(&name, 1, &paths, &n, &why) < 0)
		prog_die_errno("%s", dag);
	dagpath_free(paths, n);
	buf_free(&why);
	free(name);
	return n > 0;
}

/* the DAGs that are meant, and how they are before anybody waits for a lock */
static struct meant {
	char dag[NAME_LEN + 1];
	bool paused;
} *meant;
static size_t nmeant;

static void
add(const char *dag)
{
	struct meant *m = reallocarray(meant, nmeant + 1, sizeof *m);
	struct known k;

	if (!m || known_dag(&k, &dagq.spool, dag) < 0)
		prog_die_errno("%s", dag);
	meant = m;
	m += nmeant++;
	snprintf(m->dag, sizeof m->dag, "%s", dag);
	m->paused = k.paused;
	known_free(&k);
}

/* of those that the spool knows, and those that have a file */
static enum exit_code
add_matching(const char *glob, const struct names *known)
{
	size_t before = nmeant, n;
	struct buf why = BUF_INIT;
	char **paths, name[NAME_LEN + 1];

	for (size_t i = 0; i < known->n; i++)
		if (fnmatch(glob, known->name[i], 0) == 0)
			add(known->name[i]);
	if (dagpath_list(NULL, 0, &paths, &n, &why) < 0)
		prog_die_errno("DAG_PATH");
	for (size_t i = 0; i < n; i++)
		if (dagpath_name(paths[i], name) == 0 &&
		    !spool_knows(&dagq.spool, name) &&
		    fnmatch(glob, name, 0) == 0)
			add(name);
	dagpath_free(paths, n);
	buf_free(&why);
	if (nmeant > before)
		return EXIT_OK;
	prog_warn("%s: no DAG matches it", glob);
	return EXIT_BAD;
}

static enum exit_code
add_dag(const char *dag, void *arg)
{
	const struct names *known = arg;
	const char *near;

	if (strchr(dag, '/')) {
		prog_warn("%s: a DAG is paused whole; --hold keeps a run, or "
		    "a task", dag);
		return EXIT_BAD;
	}
	if (idtext_glob(dag))
		return add_matching(dag, known);
	if (!name_ok(dag, strlen(dag))) {
		prog_warn("%s: not a name for a DAG: %s", dag,
		    name_fault(dag, strlen(dag)));
		return EXIT_BAD;
	}
	if (spool_knows(&dagq.spool, dag) || has_file(dag)) {
		add(dag);
		return EXIT_OK;
	}
	near = name_nearest(dag, (const char *const *)known->name);
	prog_warn("%s: there is no DAG %s here, and no file for it%s%s%s", dag,
	    dag, near ? ", did you mean \"" : "", near ? near : "",
	    near ? "\"?" : "");
	return EXIT_BAD;
}

static enum exit_code
set(const struct meant *m, bool pause)
{
	bool now;
	int x = seen_pause(&dagq.spool, m->dag, pause, m->paused,
	    dagq.change.note, &now);

	if (x < 0)
		prog_die_errno("%s", m->dag);
	if (now != pause) {
		prog_warn("%s: somebody else was first: it was %s, now it is "
		    "%s", m->dag, pause ? "paused" : "active", pause ?
		    "active" : "paused");
		return EXIT_BAD;
	}
	if (prog_verbose >= 0)
		printf("%s\t%s%s\n", m->dag, x ? "" : "already ",
		    pause ? "paused" : x ? "resumed" : "active");
	return EXIT_OK;
}

enum exit_code
dagqpause(int argc, char **argv)
{
	enum exit_code code, r;
	struct names known;

	if (spool_dags(&dagq.spool, &known) < 0)
		prog_die_errno("%s", dagq.spool.path);
	code = prog_each(argc, argv, add_dag, &known);
	names_free(&known);
	/* one that means nothing: perhaps the others are not meant either */
	if (code != EXIT_OK)
		nmeant = 0;
	for (size_t i = 0; i < nmeant; i++) {
		r = set(&meant[i], dagq.verb == VERB_PAUSE);
		code = r > code ? r : code;
	}
	free(meant);
	return code;
}
