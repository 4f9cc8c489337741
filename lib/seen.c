/* seen: writes dags/DAG: since when a schedule is known; paused or not. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "known.h"
#include "seen.h"
#include "slots.h"
#include "who.h"

static void
put(struct buf *b, const char *key, const struct buf *value)
{
	struct buf copy = BUF_INIT;

	buf_add(&copy, value->p, value->n);
	rec_put(b, key, buf_cstr(&copy));
	if (copy.err)
		b->err = copy.err;
	buf_free(&copy);
}

int
seen_write(struct spool *sp, const char *dag, const struct known *k)
{
	char since[INSTANT_LEN];
	struct buf b = BUF_INIT;
	int dir = io_open(sp->fd, "dags", O_RDONLY | O_DIRECTORY, 0), x, e;

	if (dir < 0)
		return -1;
	rec_begin(&b, "dag", dag);
	rec_put(&b, "paused", k->paused ? "yes" : "no");
	if (k->paused_at) {
		instant_format(since, k->paused_at, 0);
		rec_put(&b, "at", since);
	}
	if (k->user.n)
		put(&b, "user", &k->user);
	if (k->note.n)
		put(&b, "note", &k->note);
	rec_end(&b);
	if (k->seen) {
		instant_format(since, k->since, 0);
		rec_begin(&b, "schedule", dag);
		rec_put(&b, "since", since);
		rec_put(&b, "first", k->first ? "yes" : "no");
		put(&b, "key", &k->key);
		buf_add(&b, k->slots.p, k->slots.n);
		rec_end(&b);
	}
	errno = b.err;
	x = b.err ? -1 : io_write_file(sp->tmp, dir, dag, &b,
	    spool_durable(sp));
	e = errno;
	buf_free(&b);
	close(dir);
	errno = e;
	return x;
}

int
seen_schedule(struct spool *sp, const struct rec *dag)
{
	struct buf key = BUF_INIT, slots = BUF_INIT;
	struct known k;
	int x = known_dag(&k, sp, dag->id);
	bool same;

	slots_key(&key, dag);
	known_slots(&slots, dag);
	same = x == 0 && k.seen &&
	    strcmp(buf_cstr(&k.key), buf_cstr(&key)) == 0;
	if (x < 0 || (same && strcmp(buf_cstr(&k.slots),
	    buf_cstr(&slots)) == 0))
		goto out;
	buf_reset(&k.slots);
	buf_add(&k.slots, slots.p, slots.n);
	if (same) {
		x = seen_write(sp, dag->id, &k);
	} else {
		k.first = !k.seen;
		k.seen = true;
		k.since = clock_seconds();
		buf_reset(&k.key);
		buf_add(&k.key, key.p, key.n);
		x = seen_write(sp, dag->id, &k) < 0 ? -1 : 1;
	}
out:
	buf_free(&key);
	buf_free(&slots);
	known_free(&k);
	return x;
}

int
seen_pause(struct spool *sp, const char *dag, bool paused, bool before,
    const char *note, bool *now)
{
	const char *user = who_acts();
	struct known k;
	int lock = dag_lock(sp, dag), x, e;

	if (lock < 0)
		return -1;
	x = known_dag(&k, sp, dag);
	if (x == 0 && k.paused != paused && before != paused) {
		k.paused = paused;
		k.paused_at = clock_seconds();
		buf_reset(&k.user);
		buf_str(&k.user, user);
		buf_reset(&k.note);
		buf_str(&k.note, note ? note : "");
		x = seen_write(sp, dag, &k) < 0 ? -1 : 1;
	}
	e = errno;
	if (now)
		*now = k.paused;
	known_free(&k);
	close(lock);
	errno = e;
	return x;
}
