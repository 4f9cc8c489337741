/* launchers: batches and the engines that have them: submitted, asked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instant.h"
#include "launcher.h"
#include "launchers.h"
#include "num.h"

enum { EVERY = 30, MOST = 1000, GRACE = 10 };

/* was there an answer? notes it */
static bool
answered(struct launcher *l, enum launched x, struct buf *why)
{
	engine_note(&l->engine, x == LAUNCHED_AWAY ? buf_cstr(why) : NULL);
	l->failed = x == LAUNCHED_AWAY;
	return !l->failed;
}

static void
cap(const struct rec *r, const char *key, int64_t *n)
{
	const char *v = rec_get(r, key);
	int64_t value;

	if (v && num_parse(v, 1, INT32_MAX, &value) == 0)
		*n = value;
}

bool
launcher_caps(struct launcher *l)
{
	struct buf out = BUF_INIT, why = BUF_INIT;
	struct rec r = {0};
	bool ok;

	if (l->known || l->failed)
		return l->known;
	l->most = MOST;
	l->queued = INT32_MAX;
	l->usual = EVERY;
	ok = answered(l, launcher_call(l->engine.name, "caps", -1, NULL, &out,
	    &why), &why);
	if (ok && rec_parse(&r, buf_cstr(&out), strcspn(buf_cstr(&out),
	    "\n")) == REC_OK) {
		cap(&r, "max-batch", &l->most);
		cap(&r, "max-queued", &l->queued);
		cap(&r, "poll", &l->usual);
	}
	l->known = ok;
	rec_free(&r);
	buf_free(&out);
	buf_free(&why);
	return ok;
}

/* what the engine calls it, of a record "submitted B id=…" */
static int
note_id(struct batch *b, struct buf *out)
{
	struct rec r = {0};
	const char *id = NULL;
	int x;

	if (rec_parse(&r, buf_cstr(out), strcspn(buf_cstr(out), "\n")) ==
	    REC_OK && strcmp(r.kind, "submitted") == 0)
		id = rec_get(&r, "id");
	x = batch_submitted(b, id && *id ? id : b->name);
	rec_free(&r);
	return x;
}

static void
put_line(struct buf *b, const struct batch *batch)
{
	buf_add(b, batch->line.p, batch->line.n);
	if (batch->id[0])
		rec_put(b, "id", batch->id);
	buf_ch(b, '\n');
}

int
launcher_submit(struct batch_state *s, bool first)
{
	const char *name = s->batch.launcher;
	struct buf in = BUF_INIT, out = BUF_INIT, why = BUF_INIT;
	enum launched x = LAUNCHED_NOT;
	int r = 0;

	put_line(&in, &s->batch);
	if (!first)
		x = launcher_call(name, "find", s->batch.fd, &in, &out, &why);
	if (x == LAUNCHED_NOT) {
		buf_reset(&out);
		x = launcher_call(name, "submit", s->batch.fd, &in, &out,
		    &why);
	}
	if (answered(s->launcher, x, &why) && x == LAUNCHED_OK)
		r = note_id(&s->batch, &out) < 0 ? -1 : 1;
	else if (x == LAUNCHED_REFUSED) {
		s->refused = why;
		why = (struct buf)BUF_INIT;
		r = 1;
	}
	buf_free(&why);
	buf_free(&in);
	buf_free(&out);
	return r;
}

/* what is said of "N", "N-M" or "*" */
static void
take(struct batch_state *s, const char *which, const char *state,
    const char *detail)
{
	int64_t from = 1, to = s->batch.elements;
	char *dash, copy[32];

	snprintf(copy, sizeof copy, "%s", which);
	dash = strchr(copy, '-');
	if (dash)
		*dash = '\0';
	if (strcmp(which, "*") != 0) {
		if (num_parse(copy, 1, to, &from) < 0)
			return;
		if (!dash)
			to = from;
		else if (num_parse(dash + 1, from, to, &to) < 0)
			return;
	}
	for (int64_t i = from; i <= to; i++)
		snprintf(s->said[i - 1], sizeof *s->said, "%s%s%s", state,
		    *detail ? " " : "", detail);
}

static void
take_line(struct batch_state *s, size_t n, const struct launcher *l,
    struct rec *r)
{
	const char *slash = strchr(r->id, '/'), *state = rec_get(r, "state"),
	    *detail = rec_get(r, "detail");

	if (strcmp(r->kind, "element") != 0 || !slash || !state)
		return;
	/* a launcher that has lost its own notes has said nothing */
	if (!*state)
		state = "unknown";
	for (size_t i = 0; i < n; i++)
		if (s[i].launcher == l && s[i].said && strncmp(r->id,
		    s[i].batch.name, (size_t)(slash - r->id)) == 0 &&
		    !s[i].batch.name[slash - r->id])
			take(&s[i], slash + 1, state, detail ? detail : "");
}

/* for dagstat: what was said of what is not closed, and since when */
static void
keep(struct batch_state *s)
{
	struct buf b = BUF_INIT;

	for (unsigned i = 0; i < s->batch.elements; i++)
		if (!s->batch.word[i][0] && s->said[i][0])
			buf_fmt(&b, "%u %s\n", i + 1, s->said[i]);
	if (batch_say(&s->batch, &b) < 0) {
		/* the next one may be */
	}
	buf_free(&b);
}

static bool
is_open(const struct batch_state *s)
{
	for (unsigned i = 0; i < s->batch.elements; i++)
		if (!s->batch.word[i][0])
			return true;
	return false;
}

bool
launcher_poll(struct launcher *l, struct batch_state *s, size_t n)
{
	struct buf in = BUF_INIT, out = BUF_INIT, why = BUF_INIT;
	char *line, *save;
	struct rec r = {0};
	bool ok;

	for (size_t i = 0; i < n; i++)
		if (s[i].launcher == l && s[i].batch.id[0] && is_open(&s[i])) {
			put_line(&in, &s[i].batch);
			free(s[i].said);
			s[i].said = calloc(s[i].batch.elements,
			    sizeof *s[i].said);
		}
	ok = answered(l, launcher_call(l->engine.name, "poll", -1, &in, &out,
	    &why), &why);
	for (line = strtok_r(buf_cstr(&out), "\n", &save); ok && line;
	    line = strtok_r(NULL, "\n", &save))
		if (rec_parse(&r, line, strlen(line)) == REC_OK)
			take_line(s, n, l, &r);
	for (size_t i = 0; i < n; i++) {
		if (s[i].launcher != l || !s[i].said)
			continue;
		if (ok)
			keep(&s[i]);
		/* nothing said is no answer when there was none; and of what
		 * was submitted just now it may not know yet */
		if (!ok || s[i].batch.submitted + GRACE > clock_seconds()) {
			for (unsigned k = 0; k < s[i].batch.elements; k++)
				if (!s[i].said[k][0])
					snprintf(s[i].said[k],
					    sizeof *s[i].said, "unknown");
		}
	}
	rec_free(&r);
	buf_free(&in);
	buf_free(&out);
	buf_free(&why);
	return ok;
}

bool
launcher_cancel(struct batch_state *s, const struct buf *elements)
{
	struct buf in = BUF_INIT, out = BUF_INIT, why = BUF_INIT;
	bool ok;

	put_line(&in, &s->batch);
	buf_add(&in, elements->p, elements->n);
	/* what it does not cancel finds nothing to do when it is started: so
	 * what else is to be asked of it in this step is asked all the same */
	ok = launcher_call(s->batch.launcher, "cancel", s->batch.fd, &in, &out,
	    &why) != LAUNCHED_AWAY;
	engine_note(&s->launcher->engine, ok ? NULL : buf_cstr(&why));
	buf_free(&in);
	buf_free(&out);
	buf_free(&why);
	return ok;
}

bool
launcher_rests(const struct launcher *l)
{
	return l->failed || (l->engine.away && engine_due(&l->engine,
	    l->every, false) > clock_seconds());
}

bool
launcher_end(const char *said, char word[BATCH_WORD])
{
	snprintf(word, BATCH_WORD, "%.*s", (int)strcspn(said, " "), said);
	if (!word[0])
		snprintf(word, BATCH_WORD, "lost");
	else if (strcmp(word, "ended") == 0)
		snprintf(word, BATCH_WORD, "lost");
	return strncmp(word, "lost", 4) == 0;
}
