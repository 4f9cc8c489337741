/* whylaunch: what an engine has of a task, and whether it answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "io.h"
#include "verdict.h"
#include "whylaunch.h"

enum { SAID_MAX = 64 << 20 };

/* what was said last of an element: a line "NUMBER STATE DETAIL" */
static void
said(const struct batch *b, unsigned element, struct buf *out)
{
	struct buf text = BUF_INIT;
	char *line, *save, *end;

	if (io_read(b->fd, "said", &text, SAID_MAX) == 0)
		for (line = strtok_r(buf_cstr(&text), "\n", &save); line;
		    line = strtok_r(NULL, "\n", &save))
			if (strtoul(line, &end, 10) == element && *end == ' ') {
				buf_str(out, ":");
				buf_str(out, end);
				break;
			}
	buf_free(&text);
}

/* is it in that batch, and may be started by it yet? says so */
static bool
in_batch(const struct asked *a, const struct batch *b, const char *engine,
    struct buf *out)
{
	char since[INSTANT_LEN];
	struct buf id = BUF_INIT;
	unsigned element = 0;

	id_text(&id, &a->id);
	for (size_t i = 0; i < b->n && !element; i++)
		if (strcmp(b->task[i], buf_cstr(&id)) == 0)
			element = batch_element(b, i);
	buf_free(&id);
	if (!element || b->word[element - 1][0])
		return false;
	if (!b->id[0])
		buf_fmt(out, "it is in batch %s, but that %s has it is not "
		    "known yet", b->name, engine);
	else {
		instant_format(since, b->submitted, 0);
		buf_fmt(out, "%s has it", engine);
		said(b, element, out);
		buf_fmt(out, " (job %s, batch %s/%u, since %s)", b->id, b->name,
		    element, since);
	}
	asked_say(a, out);
	return true;
}

static void
away(const struct asked *a, const char *name, struct buf *b)
{
	char since[INSTANT_LEN];
	struct engine e;

	if (engine_read(a->sp, name, &e) < 0 || !e.away)
		return;
	instant_format(since, e.away, 0);
	buf_fmt(b, "%s is away since %s: %s", name, since, e.text);
	asked_say(a, b);
}

bool
whylaunch_ready(const struct asked *a, struct buf *b)
{
	char name[NAME_LEN + 1];
	struct names names;
	struct batch batch;
	bool found = false;

	if (!verdict_engine(a->look->plan, a->task, name))
		return false;
	if (batch_list(a->sp, &names) < 0)
		return true;
	for (size_t i = 0; i < names.n && !found; i++)
		if (batch_open(a->sp, names.name[i], &batch) == 0) {
			found = in_batch(a, &batch, name, b);
			batch_close(&batch);
		}
	names_free(&names);
	if (!found) {
		buf_fmt(b, "%s has not been given it yet: a dagexec does, "
		    "when it is due and %s will have more", name, name);
		asked_say(a, b);
	}
	away(a, name, b);
	return true;
}

bool
whylaunch_elsewhere(const struct asked *a)
{
	char word[BATCH_WORD];

	return a->sp->shared && a->sum.batch[0] &&
	    verdict_of(a->sp, &a->sum, a->in.attempt, word) == 0;
}

bool
whylaunch_running(const struct asked *a, bool lost, struct buf *b)
{
	char word[BATCH_WORD], name[NAME_LEN + 1];

	if (!a->sum.batch[0])
		return false;
	if (!lost) {
		buf_fmt(b, ", started by %s", a->sum.batch);
		return false;
	}
	if (verdict_of(a->sp, &a->sum, a->in.attempt, word) != 0)
		return false;
	snprintf(name, sizeof name, "%.*s",
	    (int)strcspn(a->sum.batch, "."), a->sum.batch);
	buf_fmt(b, "it is lost, nobody holds its lock: %s, which started it "
	    "(%s), has not said yet why", name, a->sum.batch);
	asked_say(a, b);
	away(a, name, b);
	return true;
}
