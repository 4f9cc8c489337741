/* source: DAG definitions one by one, from files or from records. */
#include <errno.h>
#include <string.h>

#include "num.h"
#include "plan.h"
#include "source.h"

static enum source_result
next_file(struct source *s, struct buf *text, struct buf *why)
{
	const char *path;

	do {
		if (s->at == s->n)
			return SOURCE_END;
		path = s->path[s->at++];
	} while (s->passes && s->passes(path, s->arg));
	switch (dagfile_read(path, s->passes ? &s->mark : NULL, text, why)) {
	case 0:
		return SOURCE_DAG;
	case 1:
		buf_reset(text);
		buf_add(text, why->p, why->n);
		buf_reset(why);
		return SOURCE_FAULTY;
	}
	buf_reset(why);
	buf_str(why, path);
	return SOURCE_ERROR;
}

/* the next record in s->rec, unless one is held */
static void
read_record(struct source *s)
{
	if (!s->held)
		s->result = rec_next(&s->in, &s->rec);
	s->held = false;
}

static bool
is_task_of(const struct rec *r, const char *dag, size_t n)
{
	return strcmp(r->kind, "task") == 0 && strncmp(r->id, dag, n) == 0 &&
	    r->id[n] == '/';
}

/* a dag record was read: its tasks, and a check of them all together */
static enum source_result
read_tasks(struct source *s, struct buf *text, struct buf *why)
{
	const char *value = rec_get(&s->rec, "tasks");
	struct buf dag = BUF_INIT;
	struct plan plan;
	int64_t tasks = 0, got = 0;
	enum source_result r = SOURCE_BAD;

	buf_str(&dag, s->rec.id);
	buf_cstr(&dag);
	if (!value || num_parse(value, 0, UINT32_MAX, &tasks) < 0) {
		buf_fmt(why, "%.64s: tasks= is missing in its dag record, or "
		    "no number", s->rec.id);
		goto out;
	}
	do {
		buf_add(text, s->rec.raw, s->rec.rawlen);
		buf_ch(text, '\n');
		if (got == tasks)
			break;
		read_record(s);
	} while (s->result == REC_OK && is_task_of(&s->rec, dag.p, dag.n) &&
	    ++got);
	if (got < tasks) {
		s->held = true;
		buf_fmt(why, "%.64s: %lld of its %lld tasks came",
		    buf_cstr(&dag), (long long)got, (long long)tasks);
	} else if (plan_make(&plan, text->p, text->n, why) == 0) {
		plan_free(&plan);
		r = SOURCE_DAG;
	} else if (errno != EINVAL) {
		r = SOURCE_ERROR;
	}
out:
	s->lost = r != SOURCE_DAG;
	buf_free(&dag);
	return r;
}

static enum source_result
next_records(struct source *s, struct buf *text, struct buf *why)
{
	for (;;) {
		read_record(s);
		switch (s->result) {
		case REC_END:
			s->records = false;
			return SOURCE_END;
		case REC_ERROR:
			s->records = false;
			buf_str(why, "stdin");
			return SOURCE_ERROR;
		case REC_CUT:
			buf_fmt(why, "stdin:%lu: cut short: no newline at its "
			    "end", s->in.line);
			return SOURCE_BAD;
		case REC_BAD:
			buf_fmt(why, "stdin:%lu: %s", s->in.line,
			    rec_fault(s->rec.raw, s->rec.rawlen));
			return SOURCE_BAD;
		case REC_OK:
			break;
		}
		if (strcmp(s->rec.kind, "dag") == 0)
			return read_tasks(s, text, why);
		if (strcmp(s->rec.kind, "error") == 0) {
			buf_add(text, s->rec.raw, s->rec.rawlen);
			buf_ch(text, '\n');
			return SOURCE_FAULTY;
		}
		if (strcmp(s->rec.kind, "task") == 0 && s->lost)
			continue;
		s->lost = true;
		buf_fmt(why, "stdin:%lu: a %.20s record, where a dag record "
		    "is expected", s->in.line, s->rec.kind);
		return SOURCE_BAD;
	}
}

enum source_result
source_next(struct source *s, struct buf *text, struct buf *why)
{
	enum source_result r;

	buf_reset(text);
	buf_reset(why);
	if (!s->records)
		r = next_file(s, text, why);
	else if ((r = next_records(s, text, why)) == SOURCE_END)
		r = next_file(s, text, why);
	if (text->err || why->err) {
		errno = ENOMEM;
		return SOURCE_ERROR;
	}
	return r;
}

void
source_free(struct source *s)
{
	rec_free(&s->rec);
	rec_reader_free(&s->in);
}
