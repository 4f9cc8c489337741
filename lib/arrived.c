/* arrived: the files there are that the schedule of a DAG is about. */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arrived.h"
#include "hist.h"
#include "rec.h"

static const char mark[] = "-file-";

static int
by_key(const void *a, const void *b)
{
	return memcmp(a, b, ARRIVAL_KEY);
}

static int
by_time(const void *a, const void *b)
{
	const struct arrived_file *x = a, *y = b;

	return x->time != y->time ? (x->time > y->time) - (x->time < y->time) :
	    strcmp(x->path, y->path);
}

/* the run of that name is of a file */
static int
add_run(struct arrived *a, const char *name)
{
	const char *key = strstr(name, mark);
	void *grown;

	if (!key || strlen(key + strlen(mark)) != ARRIVAL_KEY - 1)
		return 0;
	if (a->nrun == a->caprun) {
		a->caprun = a->caprun ? 2 * a->caprun : 64;
		grown = realloc(a->run, a->caprun * sizeof *a->run);
		if (!grown)
			return -1;
		a->run = grown;
	}
	memcpy(a->run[a->nrun++], key + strlen(mark), ARRIVAL_KEY);
	return 0;
}

static int
add_passed(const struct rec *r, void *arg)
{
	const char *slash = strchr(r->id, '/');

	if (!slash || (strcmp(r->kind, "missed") != 0 &&
	    strcmp(r->kind, "purged") != 0))
		return 0;
	return add_run(arg, slash + 1);
}

static void
sort_runs(struct arrived *a)
{
	if (a->nrun)
		qsort(a->run, a->nrun, sizeof *a->run, by_key);
}

bool
arrived_decided(const struct arrived *a, const struct arrived_file *f)
{
	return a->nrun && bsearch(f->key, a->run, a->nrun, sizeof *a->run,
	    by_key);
}

/* what was decided; the history is read only if it matters */
static int
load_runs(struct arrived *a, struct spool *sp, const char *dag)
{
	struct run_entry *list;
	size_t n;
	bool more = false;

	if (spool_runs(sp, dag, true, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (add_run(a, list[i].name) < 0) {
			free(list);
			return -1;
		}
	free(list);
	sort_runs(a);
	for (size_t i = 0; i < a->n && !more; i++)
		more = !arrived_decided(a, &a->file[i]);
	if (more && hist_each(sp, dag, add_passed, a) < 0)
		return -1;
	sort_runs(a);
	return 0;
}

/* is it complete, as its rule has it? */
static void
judge(struct arrived_file *f, const struct arrival *rule, bool flagged,
    int64_t now)
{
	f->at = INT64_MAX;
	f->whole = true;
	if (rule->done) {
		f->whole = flagged;
		f->flag = flagged ? NULL : rule->done;
	} else if (rule->settle != ARRIVAL_NONE && now - f->changed <
	    rule->settle) {
		f->whole = false;
		f->at = f->changed + rule->settle;
	}
}

/* a name that matches: of a directory it is the flag in it that counts */
static int
add_file(struct arrived *a, const char *path, const struct arrival *rule,
    int64_t now)
{
	struct buf flag = BUF_INIT;
	size_t n = strlen(path), tail = rule->done ? strlen(rule->done) : 0;
	struct arrived_file f = {0}, *grown;
	struct stat st, done;
	bool flagged = false, dir;

	if (stat(path, &st) < 0 || (tail && n > tail &&
	    strcmp(path + n - tail, rule->done) == 0))
		return 0;
	dir = S_ISDIR(st.st_mode) && rule->done && rule->done[0] == '/';
	if (!S_ISREG(st.st_mode) && !dir)
		return 0;
	if (rule->done) {
		buf_fmt(&flag, "%s%s", path, rule->done);
		flagged = stat(buf_cstr(&flag), &done) == 0;
		buf_free(&flag);
	}
	if (dir && flagged)
		st = done;
	if (a->n == a->cap) {
		a->cap = a->cap ? 2 * a->cap : 64;
		grown = realloc(a->file, a->cap * sizeof *grown);
		if (!grown)
			return -1;
		a->file = grown;
	}
	f.path = strdup(path);
	if (!f.path)
		return -1;
	f.time = st.st_mtim.tv_sec < 0 ? 0 : st.st_mtim.tv_sec;
	f.changed = st.st_ctim.tv_sec;
	f.size = st.st_size;
	arrival_key(f.key, path, st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
	    st.st_size);
	judge(&f, rule, flagged, now);
	a->file[a->n++] = f;
	return 0;
}

/* where names come that match: the directories of those that do, and the one
 * that is sure, or the nearest above it that is there */
static void
note_dirs(struct arrived *a, const char *pattern, const glob_t *g)
{
	size_t n = strcspn(pattern, "*?["), last = 0;
	const char *slash, *before = "";
	struct buf dir = BUF_INIT;

	buf_add(&dir, pattern, n);
	do {
		while (n > 1 && dir.p[n - 1] != '/')
			n--;
		n -= n > 1;
		dir.n = n;
	} while (n > 1 && access(buf_cstr(&dir), F_OK) != 0);
	buf_fmt(&a->dirs, "%s\n", n > 0 ? buf_cstr(&dir) : "/");
	for (size_t i = 0; i < g->gl_pathc; i++) {
		slash = strrchr(g->gl_pathv[i], '/');
		n = (size_t)(slash - g->gl_pathv[i]);
		if (n == last && strncmp(g->gl_pathv[i], before, n) == 0)
			continue;
		before = g->gl_pathv[i];
		last = n;
		if (n > 0 && !memchr(before, '\n', n))
			buf_fmt(&a->dirs, "%.*s\n", (int)n, before);
	}
	buf_free(&dir);
}

/* the directory's own name has no patterns in it */
static void
put_literal(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (strchr("*?[]\\", *s))
			buf_ch(b, '\\');
		buf_ch(b, *s);
	}
}

static int
find(struct arrived *a, const struct arrival *rule, const char *dir,
    int64_t now)
{
	struct buf pattern = BUF_INIT;
	glob_t g = {0};
	int r, x = 0;

	if (rule->glob[0] != '/') {
		put_literal(&pattern, dir);
		buf_ch(&pattern, '/');
	}
	buf_str(&pattern, rule->glob);
	r = pattern.err ? GLOB_NOSPACE : glob(buf_cstr(&pattern), GLOB_NOSORT,
	    NULL, &g);
	if (r == GLOB_NOSPACE) {
		errno = ENOMEM;
		x = -1;
	}
	for (size_t i = 0; r == 0 && i < g.gl_pathc && x == 0; i++)
		x = add_file(a, g.gl_pathv[i], rule, now);
	if (x == 0)
		note_dirs(a, buf_cstr(&pattern), &g);
	globfree(&g);
	buf_free(&pattern);
	return x;
}

/* two patterns may have the same file: the one that says it is whole counts */
static void
unite(struct arrived *a)
{
	size_t n = 0;

	if (a->n)
		qsort(a->file, a->n, sizeof *a->file, by_time);
	for (size_t i = 0; i < a->n; i++) {
		if (n > 0 && by_time(&a->file[i], &a->file[n - 1]) == 0) {
			if (a->file[i].whole)
				a->file[n - 1].whole = true;
			free(a->file[i].path);
		} else
			a->file[n++] = a->file[i];
	}
	a->n = n;
}

int
arrived_load(struct arrived *a, struct spool *sp, const struct rec *dag,
    const char *dir, int64_t now, struct buf *why)
{
	struct arrival *rule;

	*a = (struct arrived){0};
	a->rule = calloc(dag->nfield + 1, sizeof *a->rule);
	if (!a->rule)
		return -1;
	for (size_t i = 0; i < dag->nfield; i++) {
		if (strcmp(dag->field[i].key, "schedule") != 0)
			continue;
		rule = &a->rule[a->nrule++];
		if (arrival_parse(rule, dag->field[i].value, why) < 0)
			return why->n ? 1 : -1;
		if (find(a, rule, dir, now) < 0)
			return -1;
	}
	unite(a);
	errno = ENOMEM;
	return a->dirs.err || (sp && load_runs(a, sp, dag->id) < 0) ? -1 : 0;
}

void
arrived_free(struct arrived *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->file[i].path);
	for (size_t i = 0; i < a->nrule; i++)
		arrival_free(&a->rule[i]);
	free(a->file);
	free(a->run);
	free(a->rule);
	buf_free(&a->dirs);
	*a = (struct arrived){0};
}
