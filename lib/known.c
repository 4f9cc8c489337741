/* known: what the spool knows of a DAG: slots decided, since when, paused. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hist.h"
#include "instant.h"
#include "io.h"
#include "known.h"
#include "num.h"
#include "rec.h"
#include "spool.h"

enum { DAG_FILE_MAX = 1 << 20 };

void
known_list(struct known_there *t, struct spool *sp)
{
	if (names_list(sp->fd, "archive", &t->archive) < 0)
		t->archive.name = NULL;
	if (names_list(sp->fd, "history", &t->history) < 0)
		t->history.name = NULL;
}

void
known_unlist(struct known_there *t)
{
	names_free(&t->archive);
	names_free(&t->history);
}

static bool
is_there(const struct names *list, const char *name)
{
	size_t low = 0, high = list->n, mid;
	int c;

	while (low < high) {
		mid = (low + high) / 2;
		c = strcmp(list->name[mid], name);
		if (c == 0)
			return true;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return !list->name;
}

bool
known_archived(const struct known_there *t, const char *dag)
{
	return !t || is_there(&t->archive, dag);
}

bool
known_history(const struct known_there *t, const char *dag)
{
	char name[NAME_LEN + 8];

	if (!t || t->history.n == 0)
		return !t || !t->history.name;
	snprintf(name, sizeof name, "%s.tsv", dag);
	return is_there(&t->history, name);
}

/* may a DAG have runs in runs/? no: a look at its directory alone tells */
static bool
may_run(struct spool *sp, const char *dag)
{
	struct stat st;

	if (!sp->counts || sp->runs < 0)
		return true;
	return fstatat(sp->runs, dag, &st, AT_SYMLINK_NOFOLLOW) < 0 ?
	    errno != ENOENT : st.st_nlink != 2;
}

static int
load_runs(struct known *k, struct spool *sp, const char *dag, bool archived)
{
	struct run_entry *run = NULL;
	size_t n = 0;

	/* in this order: a run goes from runs to archive */
	if ((may_run(sp, dag) || archived) &&
	    spool_runs(sp, dag, archived, &run, &n) < 0)
		return -1;
	k->run = malloc((n + 1) * sizeof *k->run);
	for (size_t i = 0; k->run && i < n; i++)
		if (!run[i].manual)
			k->run[k->nrun++] = run[i].time;
	free(run);
	return k->run ? 0 : -1;
}

/* a record of the history: its slots, if it passes any over */
static int
add_passed(const struct rec *r, void *arg)
{
	struct known *k = arg;
	struct known_span s, *p;
	const char *slash, *v;
	bool manual = false;

	if (strcmp(r->kind, "missed") != 0 && strcmp(r->kind, "purged") != 0)
		return 0;
	slash = strchr(r->id, '/');
	if (!slash || run_name_parse(slash + 1, &s.from, NULL, &manual) < 0 ||
	    manual)
		return 0;
	s.to = s.from;
	if ((v = rec_get(r, "to")) && (instant_parse(v, &s.to, NULL) < 0 ||
	    s.to < s.from))
		return 0;
	if (k->npassed == k->cap) {
		k->cap = k->cap ? k->cap * 2 : 64;
		p = realloc(k->passed, k->cap * sizeof *p);
		if (!p)
			return -1;
		k->passed = p;
	}
	k->passed[k->npassed++] = s;
	return 0;
}

static int
by_from(const void *a, const void *b)
{
	const struct known_span *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* sorts the spans and joins those that overlap */
static void
join_passed(struct known *k)
{
	struct known_span *s = k->passed;
	size_t n = 0;

	if (k->npassed)
		qsort(s, k->npassed, sizeof *s, by_from);
	for (size_t i = 0; i < k->npassed; i++) {
		if (n == 0 || s[i].from > s[n - 1].to)
			s[n++] = s[i];
		else if (s[i].to > s[n - 1].to)
			s[n - 1].to = s[i].to;
	}
	k->npassed = n;
}

static void
keep(struct buf *b, const char *value)
{
	buf_reset(b);
	buf_str(b, value ? value : "");
}

void
known_slots(struct buf *b, const struct rec *r)
{
	static const char *const keys[] = {"schedule", "timezone", "start",
	    "end", "delay", "dst-gap", "dst-overlap", "calendar", "nth",
	    "on-holiday", NULL};

	for (size_t i = 0; i < r->nfield; i++)
		for (size_t k = 0; keys[k]; k++)
			if (strcmp(r->field[i].key, keys[k]) == 0)
				rec_put(b, keys[k], r->field[i].value);
}

/* one record of dags/DAG; one that is damaged is as if it were not there */
static void
take_record(struct known *k, const struct rec *r)
{
	const char *since, *first, *key, *paused, *at;

	if (strcmp(r->kind, "dag") == 0) {
		paused = rec_get(r, "paused");
		if (paused)
			bool_parse(paused, &k->paused);
		at = rec_get(r, "at");
		if (at && instant_parse(at, &k->paused_at, NULL) < 0)
			k->paused_at = 0;
		keep(&k->user, rec_get(r, "user"));
		keep(&k->note, rec_get(r, "note"));
	} else if (strcmp(r->kind, "schedule") == 0) {
		since = rec_get(r, "since");
		first = rec_get(r, "first");
		key = rec_get(r, "key");
		k->seen = since && first && key &&
		    instant_parse(since, &k->since, NULL) == 0 &&
		    bool_parse(first, &k->first) == 0;
		keep(&k->key, key);
		buf_reset(&k->slots);
		known_slots(&k->slots, r);
	}
}

int
known_dag(struct known *k, struct spool *sp, const char *dag)
{
	struct buf text = BUF_INIT;
	struct rec r = {0};
	enum rec_result got = REC_OK;
	char path[FILE_LEN], *line, *end;
	int x;

	*k = (struct known){0};
	snprintf(path, sizeof path, "dags/%s", dag);
	x = io_read(sp->fd, path, &text, DAG_FILE_MAX);
	k->listed = x == 0;
	for (line = buf_cstr(&text); x == 0 && got != REC_ERROR &&
	    (end = strchr(line, '\n')); line = end + 1) {
		got = rec_parse(&r, line, (size_t)(end - line));
		if (got == REC_OK)
			take_record(k, &r);
	}
	rec_free(&r);
	buf_free(&text);
	/* what was not taken in for want of memory is there all the same */
	if (got == REC_ERROR || k->user.err || k->note.err || k->key.err) {
		errno = ENOMEM;
		return -1;
	}
	return x == 0 || errno == ENOENT ? 0 : -1;
}

int
known_load(struct known *k, struct spool *sp, const char *dag,
    const struct known_there *there)
{
	*k = (struct known){0};
	if (!sp)
		return 0;
	if (known_dag(k, sp, dag) < 0 ||
	    load_runs(k, sp, dag, known_archived(there, dag)) < 0)
		return -1;
	if (known_history(there, dag) &&
	    hist_each(sp, dag, add_passed, k) < 0)
		return -1;
	join_passed(k);
	return k->key.err || k->slots.err ? -1 : 0;
}

void
known_free(struct known *k)
{
	free(k->run);
	free(k->passed);
	buf_free(&k->key);
	buf_free(&k->slots);
	buf_free(&k->user);
	buf_free(&k->note);
	*k = (struct known){0};
}

static bool
ended(struct spool *sp, const char *dag, const char *run)
{
	char path[FILE_LEN];

	for (enum run_state s = RUN_SUCCESS; s <= RUN_FAILED; s++) {
		snprintf(path, sizeof path, "%s/%s/@%s", dag, run,
		    run_state_name(s));
		if (io_exists(sp->runs, path) == 1)
			return true;
	}
	return false;
}

int
known_live(struct spool *sp, const char *dag, struct run_entry **list,
    size_t *n)
{
	struct run_entry *run;
	size_t all;

	*list = NULL;
	*n = 0;
	if (!sp || sp->runs < 0)
		return 0;
	if (spool_runs(sp, dag, false, &run, &all) < 0)
		return -1;
	for (size_t i = 0; i < all; i++)
		if (!run[i].manual && !ended(sp, dag, run[i].name))
			run[(*n)++] = run[i];
	*list = run;
	return 0;
}

bool
known_run(const struct known *k, int64_t t)
{
	size_t low = 0, high = k->nrun, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (k->run[mid] < t)
			low = mid + 1;
		else
			high = mid;
	}
	return low < k->nrun && k->run[low] == t;
}

bool
known_decided(const struct known *k, int64_t t)
{
	size_t low = 0, high = k->npassed, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (k->passed[mid].to < t)
			low = mid + 1;
		else
			high = mid;
	}
	return (low < k->npassed && k->passed[low].from <= t) ||
	    known_run(k, t);
}
