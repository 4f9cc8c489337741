/* schedfile: the records of runs that files make. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arrived.h"
#include "due.h"
#include "plan.h"
#include "runrec.h"
#include "schedfile.h"
#include "tz.h"
#include "workdir.h"

enum {
	NAMED = 5,		/* files that are told one by one */
	REST = 1,		/* seconds until what is too much for a pass */
};

/* the files, relative to where the DAG's tasks work */
static int
load(struct sched_job *j, struct arrived *a)
{
	struct plan plan;
	char *dir;
	int r;

	*a = (struct arrived){0};
	if (plan_make(&plan, j->text->p, j->text->n, j->why) < 0)
		return j->why->n ? 1 : -1;
	dir = workdir_of_dag(&plan);
	plan_free(&plan);
	if (!dir)
		return -1;
	r = arrived_load(a, j->sched->spool, &j->dag, dir, j->sched->now,
	    j->why);
	free(dir);
	return r;
}

static void
put_file(struct sched_job *j, const struct arrived_file *f, bool passed)
{
	char suffix[ARRIVAL_KEY + 8], path[] = "file", size[] = "size",
	    bytes[24];
	struct rec_field key[] = {{path, f->path}, {size, bytes}};
	struct runrec r = {.cause = "file", .key = key, .nkey = 2};

	snprintf(suffix, sizeof suffix, "-file-%s", f->key);
	snprintf(bytes, sizeof bytes, "%lld", (long long)f->size);
	if (passed)
		r.reason = "it was there longer than grace "
		    "(catchup = none)";
	runrec_named(sched_output(j), j->dag.id, &j->slots, f->time, suffix,
	    &r);
}

/* decides about those that are new and complete */
static void
put_new(struct sched_job *j, const struct arrived *a,
    const struct due_policy *p)
{
	struct sched *s = j->sched;
	const char *catchup = rec_get(&j->dag, "catchup");
	bool none = catchup && strcmp(catchup, "none") == 0, passed;

	for (size_t i = 0; i < a->n; i++) {
		const struct arrived_file *f = &a->file[i];

		if (arrived_decided(a, f))
			continue;
		if (!f->whole) {
			if (f->at < s->wake)
				s->wake = f->at;
			continue;
		}
		if (s->runs + s->missed == SCHEDFILE_MAX) {
			buf_fmt(&s->notes, "more than %d files are new, "
			    "these are the oldest: the next call has more\n",
			    SCHEDFILE_MAX);
			s->wake = s->now + REST;
			return;
		}
		passed = none && s->now - f->changed > p->grace;
		put_file(j, f, passed);
		s->missed += passed;
		s->runs += !passed;
	}
}

int
schedfile_due(struct sched_job *j)
{
	struct due_policy policy;
	struct arrived a;
	int r, e;

	if (due_policy(&policy, &j->dag, j->why) < 0)
		return 1;
	if (j->sched->spool &&
	    known_dag(&j->known, j->sched->spool, j->dag.id) < 0)
		return -1;
	if (j->known.paused)
		return 0;
	r = load(j, &a);
	if (r == 0) {
		put_new(j, &a, &policy);
		buf_add(&j->sched->watch, a.dirs.p, a.dirs.n);
	}
	e = errno;
	arrived_free(&a);
	errno = e;
	return r;
}

static void
say(struct sched_job *j, struct buf *out, bool holds, const char *what,
    const char *remedy)
{
	buf_fmt(out, "%s\t%s\t", j->dag.id, holds ? "yes" : "no");
	rec_escape(out, what, strlen(what));
	buf_fmt(out, "\t%s\n", holds ? "-" : remedy);
}

/* those that have no run yet, the first of them one by one */
static void
say_files(struct sched_job *j, const struct arrived *a, struct buf *out)
{
	struct buf what = BUF_INIT, remedy = BUF_INIT;
	size_t fresh = 0, part = 0;
	char when[INSTANT_LEN];

	for (size_t i = 0; i < a->n; i++)
		fresh += !arrived_decided(a, &a->file[i]);
	buf_fmt(&what, "there is a file that it is about: %zu", a->n);
	say(j, out, a->n > 0, buf_cstr(&what), "a file in its place");
	buf_reset(&what);
	buf_fmt(&what, "one of them has had no run, as it is now: %zu", fresh);
	if (a->n > 0)
		say(j, out, fresh > 0, buf_cstr(&what), "another file, or one "
		    "of them changed; dagsched --run makes a run by hand");
	for (size_t i = 0; i < a->n && part < NAMED; i++) {
		const struct arrived_file *f = &a->file[i];

		if (arrived_decided(a, f))
			continue;
		part++;
		buf_reset(&what);
		buf_reset(&remedy);
		buf_fmt(&what, "%s is complete", f->path);
		if (f->flag)
			buf_fmt(&remedy, "its flag, %s behind its name",
			    f->flag);
		else if (!f->whole) {
			instant_format(when, f->at, tz_offset(j->slots.zone,
			    f->at));
			buf_fmt(&remedy, "at %s, if it does not change", when);
		}
		say(j, out, f->whole, buf_cstr(&what), buf_cstr(&remedy));
	}
	buf_free(&what);
	buf_free(&remedy);
}

int
schedfile_why(struct sched_job *j, struct buf *out)
{
	char remedy[NAME_LEN + 64];
	struct arrived a;
	int r, e;

	if (j->sched->spool &&
	    known_dag(&j->known, j->sched->spool, j->dag.id) < 0)
		return -1;
	if (j->sched->why) {
		buf_fmt(j->why, "%s: what comes by files has no slots",
		    j->sched->why);
		return 1;
	}
	say(j, out, true, "it has a schedule", "");
	snprintf(remedy, sizeof remedy, "dagq --resume %s", j->dag.id);
	say(j, out, !j->known.paused, "it is not paused", remedy);
	r = load(j, &a);
	if (r == 0)
		say_files(j, &a, out);
	e = errno;
	arrived_free(&a);
	errno = e;
	return r;
}
