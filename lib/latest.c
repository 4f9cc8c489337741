/* latest: what the DAG file of a run says today. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dagfile.h"
#include "dagpath.h"
#include "latest.h"

/* malloc'ed; NULL and errno ENOENT: there is none */
static char *
file_of(const struct run *r)
{
	char *name[] = {(char *)r->dag}, *path = NULL, **list = NULL;
	struct buf b = BUF_INIT, why = BUF_INIT;
	const char *said = plan_dag_get(r->plan, "file", &b);
	size_t n = 0;

	if (said && access(said, F_OK) == 0)
		path = strdup(said);
	else if (dagpath_list(name, 1, &list, &n, &why) == 0 && n == 1)
		path = dagpath_absolute(list[0]);
	else
		errno = ENOENT;
	if (list)
		dagpath_free(list, n);
	buf_free(&b);
	buf_free(&why);
	return path;
}

static enum latest_result
compile(struct latest *l)
{
	struct buf errs = BUF_INIT;
	size_t at = 0;
	int x = dagfile_compile(l->path, &l->text, &errs);

	if (x == 1)
		dagfile_error(&errs, &at, &l->why);
	buf_free(&errs);
	if (x == 0 && plan_make(&l->plan, l->text.p, l->text.n, &l->why) == 0) {
		l->made = true;
		return LATEST_CHANGED;
	}
	return x == 1 || (x == 0 && errno == EINVAL) ? LATEST_BAD :
	    errno == ENOENT ? LATEST_GONE : LATEST_ERROR;
}

enum latest_result
latest_look(struct latest *l, const struct run *r)
{
	char *path = file_of(r);

	if (!path)
		return errno == ENOENT ? LATEST_GONE : LATEST_ERROR;
	if (l->path && strcmp(path, l->path) == 0) {
		free(path);
	} else {
		latest_free(l);
		l->path = path;
		l->found = compile(l);
	}
	if (l->found == LATEST_CHANGED && l->text.n == r->plan->size &&
	    memcmp(l->text.p, r->plan->text, l->text.n) == 0)
		return LATEST_SAME;
	return l->found;
}

void
latest_free(struct latest *l)
{
	if (l->made)
		plan_free(&l->plan);
	free(l->path);
	buf_free(&l->text);
	buf_free(&l->why);
	*l = (struct latest){0};
}
