/* fillfile: a backfill's file: written, changed, one after the other. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "backfills.h"
#include "io.h"
#include "who.h"

enum { FILE_MAX = 64 << 20 };

/* the directory, locked against others who change what is in it; or -1 */
static int
lock_dir(struct spool *sp)
{
	int dir = io_open(sp->fd, "backfills", O_RDONLY | O_DIRECTORY, 0), e;

	if (dir < 0 || flock(dir, LOCK_EX) == 0)
		return dir;
	e = errno;
	close(dir);
	errno = e;
	return -1;
}

static int
unlock(int dir, int x)
{
	int e = errno;

	close(dir);
	errno = e;
	return x;
}

/* does each line of a file begin as it did when it was new? what became of it
 * stands behind that */
static bool
begin_alike(const char *now, const struct buf *new)
{
	const char *p = new->p, *end = new->p + new->n, *nl;

	while (p < end) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl || strncmp(now, p, (size_t)(nl - p)) != 0)
			return false;
		now += nl - p;
		if (*now != '\t' && *now != '\n')
			return false;
		now += strcspn(now, "\n") + 1;
		p = nl + 1;
	}
	return *now == '\0';
}

int
backfills_write(struct spool *sp, const char *name, const struct buf *text)
{
	struct buf there = BUF_INIT;
	int dir = lock_dir(sp), x;
	struct backfills old;
	bool same;

	if (dir < 0)
		return -1;
	x = backfills_load(sp, &old);
	/* who asks for the same once more has it already */
	same = x == 0 && backfills_has(&old, name) &&
	    io_read(dir, name, &there, FILE_MAX) == 0 &&
	    begin_alike(buf_cstr(&there), text);
	if (x == 0 && !same && backfills_has(&old, name)) {
		errno = EEXIST;
		x = -1;
	}
	backfills_free(&old);
	buf_free(&there);
	return unlock(dir, x < 0 || same ? x :
	    io_write_file(sp->tmp, dir, name, text, spool_durable(sp)));
}

/* a record of a file without some of its fields, which come anew behind it */
static void
put_without(struct buf *b, const struct rec *r, const char *const *key)
{
	rec_begin(b, "backfill", r->id);
	for (size_t i = 0; i < r->nfield; i++) {
		const char *const *k = key;

		while (*k && strcmp(*k, r->field[i].key) != 0)
			k++;
		if (!*k)
			rec_put(b, r->field[i].key, r->field[i].value);
	}
}

/* with another state, that a person wants */
static void
put_state(struct buf *b, const struct rec *r, enum backfills_state state,
    const char *note)
{
	static const char *const ours[] = { "state", "at", "user", "note",
	    NULL };
	const char *user = who_acts();
	char at[INSTANT_LEN];

	put_without(b, r, ours);
	instant_format(at, clock_seconds(), 0);
	rec_put(b, "state", backfills_state_name(state));
	rec_put(b, "at", at);
	rec_put(b, "user", user);
	if (note)
		rec_put(b, "note", note);
	rec_end(b);
}

/* with the state, and the slot, to which it has come */
static void
put_going(struct buf *b, const struct rec *r, enum backfills_state state,
    const char *reached)
{
	const char *const ours[] = { "state", reached ? "reached" : NULL,
	    NULL };

	put_without(b, r, ours);
	if (reached)
		rec_put(b, "reached", reached);
	rec_put(b, "state", backfills_state_name(state));
	rec_end(b);
}

int
backfills_set(struct spool *sp, const char *name, enum backfills_state state,
    const char *note)
{
	struct backfills b = {NULL, 0};
	struct buf text = BUF_INIT;
	bool other = false;
	int dir = lock_dir(sp), x;

	if (dir < 0)
		return -1;
	x = backfills_read(sp, name, &b);
	if (x == 0 && b.n == 0) {
		errno = ENOENT;
		x = -1;
	}
	for (size_t i = 0; i < b.n; i++) {
		/* a part that is done is not begun anew */
		if (b.part[i].state == BACKFILL_DONE) {
			put_going(&text, &b.part[i].rec, BACKFILL_DONE, NULL);
			continue;
		}
		other |= b.part[i].state != state;
		put_state(&text, &b.part[i].rec, state, note);
	}
	if (x == 0 && other)
		x = io_write_file(sp->tmp, dir, name, &text,
		    spool_durable(sp)) < 0 ? -1 : 1;
	buf_free(&text);
	backfills_free(&b);
	return unlock(dir, x);
}

int
backfills_go_on(struct spool *sp, const struct rec *r)
{
	const char *slash = strchr(r->id, '/'), *state = rec_get(r, "state");
	const char *reached = rec_get(r, "reached");
	bool done = state && strcmp(state, "done") == 0;
	struct backfills b = {NULL, 0};
	struct buf text = BUF_INIT;
	char name[NAME_LEN + 1];
	int dir = lock_dir(sp), x;

	if (dir < 0)
		return -1;
	snprintf(name, sizeof name, "%.*s", (int)(slash - r->id), r->id);
	x = backfills_read(sp, name, &b);
	for (size_t i = 0; i < b.n; i++) {
		bool it = strcmp(b.part[i].dag, slash + 1) == 0;

		/* what a person says of it meanwhile counts */
		put_going(&text, &b.part[i].rec, it && done &&
		    b.part[i].state == BACKFILL_ACTIVE ? BACKFILL_DONE :
		    b.part[i].state, it ? reached : NULL);
	}
	if (x == 0 && b.n > 0)
		x = io_write_file(sp->tmp, dir, name, &text, spool_durable(sp));
	buf_free(&text);
	backfills_free(&b);
	return unlock(dir, x);
}
