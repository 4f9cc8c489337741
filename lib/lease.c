/* lease: how long a task elsewhere may be silent before it is given up. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "io.h"
#include "lease.h"
#include "verdict.h"

enum {
	OTHERWISE = 300,	/* seconds, of what is to run once */
	SLOTS = 1 << 14, NEAR = 64,
	STALE = 3600 * 1000,	/* ms without a look: it is no more */
	TEXT_MAX = 64,
};

/* an attempt, in one of the NEAR slots behind its hash */
struct heard {
	uint64_t id;		/* 0: the slot is free */
	unsigned long long beat;
	int64_t looked, silent;	/* ms */
};

struct leases {
	struct heard slot[SLOTS];
};

struct leases *
leases_new(void)
{
	return calloc(1, sizeof(struct leases));
}

int64_t
lease_of(const struct run *r, uint32_t task)
{
	char engine[NAME_LEN + 1];

	if (!r->spool->shared || !verdict_engine(r->plan, task, engine))
		return 0;
	return plan_duration(r->plan, task, "lease",
	    plan_yes(r->plan, task, "once") ? OTHERWISE : 0);
}

void
lease_path(char path[LEASE_PATH], const struct run *r, const char *task,
    const char *batch)
{
	char file[FILE_LEN];

	queue_file(file, r->dag, r->name, task);
	snprintf(path, LEASE_PATH, "launch/%.*s/%s", (int)strcspn(batch, "/"),
	    batch, file);
}

void
lease_fate(char path[FILE_LEN], const char *task, unsigned attempt,
    const struct marker_sum *before)
{
	int n = snprintf(path, FILE_LEN, "fate/%s.%u", task, attempt);

	if (before->attempt == attempt && before->looks > 0)
		snprintf(path + n, FILE_LEN - (size_t)n, ".%u", before->looks);
}

/* the last heartbeat; 0 there was none yet; -1 it cannot be told */
static int
read_beat(struct run *r, const char *name, unsigned attempt,
    const char *batch, unsigned long long *beat, bool *over)
{
	struct buf b = BUF_INIT;
	char path[LEASE_PATH];
	unsigned n;
	int x;

	*beat = 0;
	*over = false;
	if (!batch[0])
		return 0;
	lease_path(path, r, name, batch);
	x = io_read(r->spool->fd, path, &b, TEXT_MAX);
	if (x < 0)
		x = errno == ENOENT ? 0 : -1;
	else if (sscanf(buf_cstr(&b), "%u %llu\n", &n, beat) == 2 &&
	    n == attempt)
		*over = *beat == 0;
	else
		*beat = 0;
	buf_free(&b);
	return x;
}

/* its slot, or one that it may have; NULL: there is none */
static struct heard *
slot_of(struct leases *l, uint64_t id, int64_t now)
{
	struct heard *h, *free = NULL;

	for (unsigned i = 0; i < NEAR; i++) {
		h = &l->slot[(id + i) % SLOTS];
		if (h->id == id)
			return h;
		if (!free && (!h->id || now - h->looked > STALE))
			free = h;
	}
	return free;
}

/* for how many ms it has been silent, as far as was seen */
static int64_t
silence(struct leases *l, uint64_t id, unsigned long long beat, int64_t most)
{
	int64_t now = clock_steady(), gap;
	struct heard *h = slot_of(l, id, now);

	if (!h)
		return 0;
	gap = now - h->looked;
	if (h->id != id || h->beat != beat)
		*h = (struct heard){.id = id, .beat = beat};
	else
		h->silent += gap < most ? gap : most;
	h->looked = now;
	return h->silent;
}

enum lease
lease_look(struct run *r, uint32_t task, unsigned attempt,
    const struct marker_sum *sum)
{
	bool started = sum->attempt == attempt, over;
	int64_t lease = lease_of(r, task), again;
	char name[TASK_LEN + 1];
	unsigned long long beat;
	uint64_t id = HASH_EMPTY;

	/* whose start is not written yet may be an engine's as well */
	if (!lease || (started && !sum->batch[0]))
		return LEASE_NONE;
	plan_name(r->plan, task, name);
	if (read_beat(r, name, attempt, started ? sum->batch : "", &beat,
	    &over) < 0)
		return LEASE_HELD;
	if (over)
		return LEASE_OVER;
	if (!r->spool->leases)
		return LEASE_HELD;
	id = hash_add(id, &r->ino, sizeof r->ino);
	id = hash_add(id, r->dag, strlen(r->dag) + 1);
	id = hash_add(id, r->name, strlen(r->name) + 1);
	id = hash_add(id, &attempt, sizeof attempt);
	/* each look has heartbeats of its own, from the first on */
	id = hash_add(id, &sum->looks, sizeof sum->looks);
	if (started)
		id = hash_add(id, sum->batch, strlen(sum->batch) + 1);
	id = hash_add(id, name, strlen(name)) | 1;
	if (silence(r->spool->leases, id, beat, lease * 250) > lease * 1000)
		return LEASE_OVER;
	again = clock_seconds() + 1 + lease / 8;
	if (!r->spool->alarm || again < r->spool->alarm)
		r->spool->alarm = again;
	return LEASE_HELD;
}
