/* notify: what is to be told of a task, or a run, into the outbox. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "marker.h"
#include "notify.h"
#include "outbox.h"
#include "rec.h"
#include "runfile.h"
#include "words.h"

enum { MARKER_MAX = 64 << 20, NAMED = 10 };

const char *const notify_events[] = {"success", "failure", "retry", "skip",
    "deadline", "lost", NULL};

/* is it among those asked for? without a list failures are */
static bool
asked(const char *list, const char *event)
{
	char **word = words_split(list ? list : "failure", NULL);
	bool is = false;

	for (size_t i = 0; word && word[i] && !is; i++)
		is = strcmp(word[i], event) == 0;
	free(word);
	return is;
}

/* is that event to be told, of a task, or (-1) of the run? then the command */
static bool
wanted(const struct run *r, int64_t task, const char *event,
    struct buf *command)
{
	const struct plan *p = r->plan;
	uint32_t t = task < 0 ? 0 : (uint32_t)task;
	struct buf list = BUF_INIT;
	bool is;

	if (!((task < 0 ? p->keys : p->task[t].keys) & PLAN_NOTIFY))
		return false;
	buf_reset(command);
	if (task < 0)
		is = plan_dag_get(p, "notify", command) &&
		    asked(plan_dag_get(p, "notify-on", &list), event);
	else
		is = plan_get(p, t, "notify", command) &&
		    asked(plan_get(p, t, "notify-on", &list), event);
	buf_free(&list);
	return is;
}

static const char *
event_of(enum state s)
{
	return s == STATE_SUCCESS ? "success" : s == STATE_SKIPPED ? "skip" :
	    s == STATE_FAILED ? "failure" : "retry";
}

/* where its command is run, when it was asked for, the command */
static int
put_common(struct buf *b, const struct run *r, const char *command)
{
	char now[INSTANT_LEN];
	struct runfile file;
	const char *v;
	int x = runfile_read(&file, r);

	if ((v = rec_get(&file.rec, "dir")))
		rec_put(b, "dir", v);
	if ((v = rec_get(&file.rec, "time")))
		rec_put(b, "time", v);
	instant_format_ms(now, clock_now());
	rec_put(b, "at", now);
	rec_put(b, "run", command);
	rec_end(b);
	runfile_free(&file);
	return x < 0 ? -1 : 0;
}

/* the notice b into the outbox, as file; both buffers are freed */
static int
post(const struct run *r, const char *file, struct buf *b,
    struct buf *command)
{
	int x = put_common(b, r, buf_cstr(command));

	if (x == 0)
		x = outbox_put(r->spool, file, b);
	buf_free(command);
	buf_free(b);
	return x;
}

int
notify_task(const struct run *r, uint32_t task, const struct notify *n)
{
	struct buf command = BUF_INIT, b = BUF_INIT;
	char name[TASK_LEN + 1], file[FILE_LEN + 32], id[FILE_LEN];
	const char *event = event_of(n->state);

	if (!wanted(r, task, event, &command)) {
		event = "lost";
		if (!n->lost || !wanted(r, task, event, &command)) {
			buf_free(&command);
			return 0;
		}
	}
	plan_name(r->plan, task, name);
	snprintf(file, sizeof file, "%s@%s.%s.%u.%s", r->dag, r->name, name,
	    n->attempt, event);
	snprintf(id, sizeof id, "%s/%s/%s", r->dag, r->name, name);
	rec_begin(&b, "notice", id);
	rec_put(&b, "event", event);
	rec_put(&b, "state", n->state == STATE_READY ? "failed" :
	    state_name(n->state));
	rec_putf(&b, "attempt", "%u", n->attempt);
	rec_put(&b, "exit", n->exit ? n->exit : "");
	rec_put(&b, "cause", n->cause ? n->cause : "");
	rec_putf(&b, "log", "%s/runs/%s/%s/log/%s.%u", r->spool->path, r->dag,
	    r->name, name, n->attempt);
	return post(r, file, &b, &command);
}

/* the tasks that failed, and the log of the first of them */
static void
put_failed(struct buf *b, struct run *r, const struct instance *inst)
{
	struct buf names = BUF_INIT, text = BUF_INIT;
	char name[TASK_LEN + 1];
	struct marker_sum sum;
	unsigned n = 0;
	int fd;

	for (uint32_t t = 0; t < r->plan->n; t++) {
		if (inst[t].state != STATE_FAILED)
			continue;
		plan_name(r->plan, t, name);
		if (n < NAMED)
			buf_fmt(&names, "%s%s", n ? " " : "", name);
		if (n++ > 0)
			continue;
		fd = marker_open(r, name, inst[t], O_RDONLY);
		if (fd >= 0 && buf_read(&text, fd, MARKER_MAX) == 0) {
			marker_sum(buf_cstr(&text), &sum);
			rec_putf(b, "log", "%s/runs/%s/%s/log/%s.%u",
			    r->spool->path, r->dag, r->name, name,
			    sum.attempt);
		}
		if (fd >= 0)
			close(fd);
	}
	if (n > NAMED)
		buf_fmt(&names, " and %u more", n - NAMED);
	rec_put(b, "cause", buf_cstr(&names));
	buf_free(&names);
	buf_free(&text);
}

int
notify_run(struct run *r, enum run_state state, const struct instance *inst,
    unsigned n)
{
	struct buf command = BUF_INIT, b = BUF_INIT;
	const char *event = state == RUN_ACTIVE ? "retry" :
	    state == RUN_SUCCESS ? "success" : "failure";
	char file[FILE_LEN], id[FILE_LEN];

	if (!wanted(r, -1, event, &command)) {
		buf_free(&command);
		return 0;
	}
	snprintf(file, sizeof file, "%s@%s.@%s", r->dag, r->name, event);
	snprintf(id, sizeof id, "%s/%s", r->dag, r->name);
	rec_begin(&b, "notice", id);
	rec_put(&b, "event", event);
	rec_put(&b, "state", state == RUN_ACTIVE ? "failed" :
	    run_state_name(state));
	if (n > 0)
		rec_putf(&b, "attempt", "%u", n);
	put_failed(&b, r, inst);
	return post(r, file, &b, &command);
}

int
notify_deadline(const struct run *r, const char *task, const char *state,
    const char *reason)
{
	struct buf command = BUF_INIT, b = BUF_INIT;
	int64_t t = task ? plan_find(r->plan, task, strlen(task)) : -1;
	char file[FILE_LEN + 32], id[FILE_LEN];

	if ((task && t < 0) || !wanted(r, t, "deadline", &command)) {
		buf_free(&command);
		return 0;
	}
	snprintf(file, sizeof file, "%s@%s.%s%sdeadline", r->dag, r->name,
	    task ? task : "@", task ? ".0." : "");
	snprintf(id, sizeof id, "%s/%s%s%s", r->dag, r->name, task ? "/" : "",
	    task ? task : "");
	rec_begin(&b, "notice", id);
	rec_put(&b, "event", "deadline");
	rec_put(&b, "state", state);
	rec_put(&b, "cause", reason);
	return post(r, file, &b, &command);
}

/* what the marker of a task says of an attempt */
static int
attempt_true(struct run *r, const char *task, unsigned attempt, bool lost)
{
	struct instance in = task_state(r, task);
	struct buf text = BUF_INIT;
	struct marker_line l;
	char *rest, n[16];
	bool was_lost = false;
	int fd;

	if (in.state == STATE_RUNNING && in.attempt == attempt)
		return 0;
	fd = in.state == STATE_NONE ? -1 : marker_open(r, task, in, O_RDONLY);
	if (fd < 0)
		return 0;
	rest = buf_read(&text, fd, MARKER_MAX) < 0 ? NULL : buf_cstr(&text);
	close(fd);
	while (rest && marker_next(&rest, &l)) {
		if (strcmp(l.event, "lost") == 0 &&
		    marker_field(&l, "attempt", n, sizeof n))
			was_lost |= strtoul(n, NULL, 10) == attempt;
	}
	buf_free(&text);
	return was_lost == lost ? 1 : -1;
}

int
notify_true(struct spool *sp, const char *file, const char *id,
    unsigned attempt, const char *event, const char *cause)
{
	char dag[NAME_LEN + 1], name[RUN_LEN + 1];
	const char *slash = strchr(id, '/');
	enum run_state state;
	struct run r;
	int x;

	if (!outbox_name(file, dag, name))
		return -1;
	if (strcmp(event, "deadline") == 0)
		return 1;
	/* archived or purged: so it had ended */
	if (run_open(sp, dag, name, &r) < 0)
		return errno == ENOENT ? 1 : -1;
	slash = slash ? strchr(slash + 1, '/') : NULL;
	if (slash) {
		x = attempt_true(&r, slash + 1, attempt,
		    strcmp(cause, "lost") == 0);
	} else {
		state = run_state(&r);
		x = strcmp(event, "retry") == 0 || state == RUN_SUCCESS ||
		    state == RUN_FAILED;
	}
	run_close(&r);
	return x;
}
