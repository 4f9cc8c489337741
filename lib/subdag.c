/* subdag: a task that runs another DAG: an attempt at it, or a look. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cancel.h"
#include "eval.h"
#include "io.h"
#include "limit.h"
#include "made.h"
#include "others.h"
#include "rec.h"
#include "redo.h"
#include "spawn.h"
#include "subdag.h"
#include "submake.h"

enum { FAILED = 1 << 8 };	/* of wait(2), as exit code 1 */

struct sub {
	struct attempt *a;
	struct limit limit;
	struct child child;
	struct ended end;
	struct buf log;
};

/* its log: what its attempts came to, a line each */
static void
say(struct sub *s, const char *what)
{
	buf_fmt(&s->log, "%s/%s %s\n", s->child.dag, s->child.run, what);
}

/* how long it has waited, by the line of its beginning */
static void
take_time(struct sub *s)
{
	const char *start = s->a->before.start, *dot = strchr(start, '.');
	struct timespec now = clock_now();
	int64_t t;

	if (instant_parse(start, &t, NULL) == 0)
		s->end.wall = (double)(now.tv_sec - t) +
		    (double)now.tv_nsec / 1e9 - (dot ? strtod(dot, NULL) : 0);
	if (s->end.wall < 0)
		s->end.wall = 0;
}

/* that run has ended, however: so has the task; 1 */
static int
take_end(struct sub *s, enum state state)
{
	take_time(s);
	say(s, state == STATE_SUCCESS ? "has succeeded" :
	    state == STATE_FAILED ? "has failed" : "is not there any more");
	if (state != STATE_SUCCESS) {
		s->end.status = FAILED;
		s->end.want = "dag";
	}
	return 1;
}

/* writes down what is waited for, and whether it had begun before this attempt,
 * and not ended; a full disk is an error here */
static int
note_child(struct sub *s, bool begun)
{
	struct attempt *a = s->a;
	struct buf b = BUF_INIT;
	int x;

	rec_putf(&b, "attempt", "%u", a->n);
	buf_fmt(&b, "\trun=%s/%s", s->child.dag, s->child.run);
	if (begun)
		rec_put(&b, "state", "active");
	x = marker_event(a->fd, "child", &b, NULL);
	buf_free(&b);
	if (x == 0)
		errno = ENOSPC;
	return x > 0 ? 0 : -1;
}

/*
 * What failed in it is tried again with the task; 1, 0 nothing, -1. One that
 * has not ended may end for what came before this attempt: it was killed, say,
 * with the one before. So that is looked at once more when it has: begun.
 */
static int
again(struct sub *s, bool *begun)
{
	struct attempt *a = s->a;
	char note[NAME_LEN + RUN_LEN + TASK_LEN + 16];
	enum state state;
	int x = others_state(a->run->spool, s->child.dag,
	    s->child.run, "", &state);

	*begun = x == 0 && state == STATE_NONE;
	/* of one that has not ended, a rerun may have been interrupted */
	if (x < 0 || (state != STATE_FAILED && state != STATE_NONE))
		return x;
	snprintf(note, sizeof note, "attempt %u of %s/%s/%s", a->n,
	    a->run->dag, a->run->name, a->name);
	x = redo_named(a->run->spool, s->child.dag, s->child.run, true, note);
	if (x > 0)
		say(s, "runs again, what failed in it");
	return x;
}

/* 1 the attempt has ended, 0 it waits, -1 */
static int
begin(struct sub *s, const struct world_run *wr)
{
	struct attempt *a = s->a;
	struct buf why = BUF_INIT;
	bool made, begun = false;
	int x = submake_run(a, wr, &s->child, &made, &why);

	if (x == 0 && a->n > 1 && !made && again(s, &begun) < 0)
		x = -1;
	if (x == 0)
		say(s, made ? "is made" : "is waited for");
	if (x == 0)
		x = note_child(s, begun);
	/* two that begin to wait for each other: the later one sees both */
	if (x == 0)
		x = submake_cycle(a, &s->child, &why);
	if (x > 0) {
		buf_fmt(&s->log, "%s\n", buf_cstr(&why));
		s->end.status = FAILED;
		s->end.want = "dag";
	}
	buf_free(&why);
	return x;
}

/* has this attempt, or have all, had their time? */
static bool
late(const struct sub *s)
{
	const struct limit *l = &s->limit;
	int64_t start;

	return s->a->before.late || limit_left(l) < 0 || (l->attempt &&
	    instant_parse(s->a->before.start, &start, NULL) == 0 &&
	    clock_seconds() > start + l->attempt);
}

/* ends the run, if it was made for the task */
static int
end_child(struct sub *s, const char *note)
{
	struct attempt *a = s->a;
	int x = child_ours(a->run, a->name, &s->child);

	if (x > 0)
		x = cancel_run(a->run->spool, s->child.dag, s->child.run,
		    note);
	if (x >= 0)
		say(s, x ? "is ended with it" : "is let alone");
	return x < 0 ? -1 : 0;
}

/* has it ended meanwhile, or is it to be ended? 1, 0, -1 */
static int
look(struct sub *s)
{
	struct attempt *a = s->a;
	bool killed = a->before.killed, too_late = late(s), begun;
	enum state state;
	int x = others_state(a->run->spool, s->child.dag,
	    s->child.run, "", &state);

	/* what was written before it was claimed counts here */
	a->written = 0;
	if (x < 0)
		return -1;
	if (state == STATE_FAILED && a->before.begun && !killed && !too_late &&
	    (x = again(s, &begun)) != 0)
		return x < 0 ? -1 : note_child(s, false);
	if (state != STATE_NONE && !killed)
		return take_end(s, state);
	if (!killed && !too_late)
		return 0;
	if (end_child(s, killed ? "killed" : "timeout") < 0)
		return -1;
	take_time(s);
	s->end.timed_out = too_late && !killed;
	s->end.status = FAILED;
	return 1;
}

/* with no process: who evaluates its run then sees whether it is over */
static int
wait_for(struct attempt *a, struct outcome *o)
{
	struct instance running = {STATE_RUNNING, a->n},
	    waiting = {STATE_WAITING, 0};

	if (marker_due(a->fd, 0) < 0 ||
	    task_move(a->run, a->name, running, waiting) < 0)
		return -1;
	attempt_close(a);
	*o = (struct outcome){STATE_WAITING, 0};
	return eval_run(a->run);
}

/* the system failed: it is tried again, and nothing is spent */
static int
give_back(struct attempt *a)
{
	struct buf b = BUF_INIT;
	int e = errno, x = 1;

	rec_putf(&b, "attempt", "%u", a->n);
	if (!a->look)
		x = marker_event(a->fd, "poke", &b, NULL);
	buf_free(&b);
	if (x > 0 && marker_due(a->fd, 0) == 0)
		attempt_back(a);
	errno = e;
	return -1;
}

int
subdag_run(struct attempt *a, const struct world_run *wr, struct outcome *o)
{
	struct sub s = {.a = a, .end = {.never = true}};
	struct made made = {0};
	int x = 0;

	limit_of(&s.limit, a);
	if (!a->look)
		x = attempt_start(a);
	if (x == 0)
		x = child_in(&a->before, &s.child) ? look(&s) : begin(&s, wr);
	if (s.log.n && write_all(a->log, s.log.p, s.log.n) < 0) {
		/* the marker says what there is to know */
	}
	buf_free(&s.log);
	if (x < 0)
		return give_back(a);
	io_unlock(a->childfd, 1);
	pool_give(&a->pool);
	return x > 0 ? attempt_record(a, &s.end, &s.limit, &made, o) :
	    wait_for(a, o);
}
