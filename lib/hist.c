/* hist: history/DAG.tsv, a line for each ended instance and missed slot. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hist.h"
#include "io.h"
#include "marker.h"
#include "runfile.h"

enum { MARKER_MAX = 64 << 20 };

static void
history_file(char path[FILE_LEN], const char *dag)
{
	snprintf(path, FILE_LEN, "history/%s.tsv", dag);
}

static int
sync_name(struct spool *sp)
{
	int dir, x, e;

	if (!sp->durable)
		return 0;
	dir = io_open(sp->fd, "history", O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return -1;
	x = spool_sync(sp, dir);
	e = errno;
	close(dir);
	errno = e;
	return x;
}

int
hist_append(struct spool *sp, const char *dag, const struct buf *records)
{
	char path[FILE_LEN], last;
	struct stat st;
	int fd, r = -1, e;

	if (records->err) {
		errno = records->err;
		return -1;
	}
	if (records->n == 0)
		return 0;
	history_file(path, dag);
	fd = io_open_file(sp->fd, path, O_RDWR | O_APPEND | O_CREAT, 0600);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		goto out;
	/* a line torn by a crash must not swallow the first of ours */
	if (st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) == 1 &&
	    last != '\n' && write_all(fd, "\n", 1) < 0)
		goto out;
	/* where there are bytes the name is on disk: whoever wrote them may
	 * have died before anything else */
	if ((st.st_size == 0 && sync_name(sp) < 0) ||
	    write_all(fd, records->p, records->n) < 0)
		goto out;
	r = spool_sync(sp, fd);
out:
	e = errno;
	close(fd);
	errno = e;
	return r;
}

static void
put_fields(struct buf *b, const struct marker_line *l, const char *skip)
{
	const char *p = l->fields;
	size_t n = strlen(skip), len;

	for (; *p; p += len + (p[len] == '\t')) {
		len = strcspn(p, "\t");
		if (len > n && p[n] == '=' && strncmp(p, skip, n) == 0)
			continue;
		buf_ch(b, '\t');
		buf_add(b, p, len);
	}
}

/* a record for each ended attempt in a marker's text, and for its state */
static void
put_task(struct buf *b, const char *id, struct instance in, char *text)
{
	char start[INSTANT_LEN] = "", host[64] = "", last[16] = "0";
	char then[8], reason[16] = "", batch[96] = "", own[8];
	bool state = false, marked = false;
	struct marker_line l;

	while (marker_next(&text, &l)) {
		if (strcmp(l.event, "start") == 0) {
			snprintf(start, sizeof start, "%s", l.when);
			marker_field(&l, "host", host, sizeof host);
			if (!marker_field(&l, "batch", batch, sizeof batch))
				batch[0] = '\0';
		}
		marked = strcmp(l.event, "mark") == 0;
		if (marked || strcmp(l.event, "rerun") == 0)
			state = false;
		if (strcmp(l.event, "stop") == 0 ||
		    (strcmp(l.event, "deadline") == 0 &&
		    marker_field(&l, "then", then, sizeof then) &&
		    strcmp(then, "warn") != 0)) {
			marker_field(&l, "reason", reason, sizeof reason);
			state = false;
		}
		if (strcmp(l.event, "end") != 0 && strcmp(l.event, "lost") != 0)
			continue;
		marker_field(&l, "attempt", last, sizeof last);
		rec_begin(b, "instance", id);
		if (l.event[0] == 'l')
			rec_put(b, "state", "lost");
		put_fields(b, &l, "");
		rec_put(b, "start", start);
		rec_put(b, "end", l.when);
		if (host[0])
			rec_put(b, "host", host);
		if (batch[0] && !marker_field(&l, "batch", own, sizeof own))
			rec_put(b, "batch", batch);
		rec_end(b);
		state = true;
	}
	if (!state) {
		/* it was marked, never ran, or its lines were lost */
		rec_begin(b, "instance", id);
		rec_put(b, "state", state_name(in.state));
		rec_put(b, "attempt", last);
		if (marked || reason[0])
			rec_put(b, "reason", marked ? "marked" : reason);
		rec_end(b);
	}
}

/* the run's own line: how it ended, when it began */
static void
put_run(struct buf *b, struct run *r, enum run_state state)
{
	static const char *const kept[] = {"time", "cause", "created"};
	char id[NAME_LEN + RUN_LEN + 2], now[INSTANT_LEN];
	struct runfile file;
	const char *v;

	snprintf(id, sizeof id, "%s/%s", r->dag, r->name);
	instant_format_ms(now, clock_now());
	rec_begin(b, "run", id);
	rec_put(b, "state", run_state_name(state));
	runfile_read(&file, r);
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if ((v = rec_get(&file.rec, kept[i])))
			rec_put(b, kept[i], v);
	rec_put(b, "end", now);
	rec_end(b);
	runfile_free(&file);
}

int
hist_of_run(struct run *r, enum run_state state, struct buf *b)
{
	struct instance *inst = malloc(r->plan->n * sizeof *inst);
	char id[NAME_LEN + RUN_LEN + TASK_LEN + 3], task[TASK_LEN + 1];
	struct buf text = BUF_INIT;
	int fd, x = -1;

	if (!inst || run_states(r, inst) < 0)
		goto out;
	for (uint32_t t = 0; t < r->plan->n; t++) {
		plan_name(r->plan, t, task);
		buf_reset(&text);
		fd = marker_open(r, task, inst[t], O_RDONLY);
		if (fd >= 0) {
			x = buf_read(&text, fd, MARKER_MAX);
			close(fd);
			if (x < 0)
				goto out;
		}
		snprintf(id, sizeof id, "%s/%s/%s", r->dag, r->name, task);
		put_task(b, id, inst[t], buf_cstr(&text));
	}
	put_run(b, r, state);
	x = 0;
out:
	buf_free(&text);
	free(inst);
	return x;
}

int
hist_each(struct spool *sp, const char *dag,
    int (*f)(const struct rec *, void *), void *arg)
{
	struct rec_reader in = {0};
	struct rec rec = {0};
	char path[FILE_LEN];
	enum rec_result x;
	int r = 0, e;

	history_file(path, dag);
	in.fd = io_open_file(sp->fd, path, O_RDONLY, 0);
	if (in.fd < 0)
		return errno == ENOENT ? 0 : -1;
	while (r == 0 && (x = rec_next(&in, &rec)) != REC_END &&
	    x != REC_CUT) {
		if (x == REC_ERROR)
			r = -1;
		else if (x == REC_OK)
			r = f(&rec, arg);
	}
	e = errno;
	close(in.fd);
	rec_free(&rec);
	rec_reader_free(&in);
	errno = e;
	return r;
}
