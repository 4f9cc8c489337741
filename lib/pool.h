/* pool: slots that are files; who holds a slot's lock has it. */
#ifndef POOL_H
#define POOL_H

#include "spool.h"
#include "value.h"

enum { POOL_SLOTS = POOL_WEIGHT, POOL_SIZE_MAX = 10000 };

/* slots that were taken: descriptors, for a task to inherit */
struct pool_hold {
	int fd[POOL_SLOTS];
	unsigned n;
	char full[NAME_LEN + 1];	/* which pool was, if EAGAIN */
};

/*
 * Takes slots for "NAME", "NAME:2 OTHER" …: all of them or none, of the pools
 * in the order of their names. 0; -1 and errno: EAGAIN hold->full says which
 * pool has none free, ENOENT hold->full says which there is not, EINVAL.
 */
int pool_take(struct spool *, const char *spec, struct pool_hold *);
/* gives them back, waking who waits; closes the descriptors */
void pool_give(struct pool_hold *);
/* makes a pool of n slots, or changes its size; only a free slot is taken
 * away: -1 with errno EBUSY and *held slots in use beyond n */
int pool_resize(struct spool *, const char *name, unsigned n, unsigned *held);
/* how many slots it has and how many of these are held; -1, ENOENT */
int pool_count(struct spool *, const char *name, unsigned *size,
	unsigned *held);
/* the pool of spec with that number (from 0), and how many slots it wants of
 * it; false: there is none */
bool pool_wanted(const char *spec, size_t i, char name[NAME_LEN + 1],
	int64_t *weight);
/* the first pool of spec that is not there, in name; false: all are */
bool pool_missing(struct spool *, const char *spec, char name[NAME_LEN + 1]);
/* the first pool of spec that has fewer slots than spec asks of it, and how
 * many it has, how many are wanted (both may be NULL) */
bool pool_short(struct spool *, const char *spec, char name[NAME_LEN + 1],
	unsigned *size, int64_t *want);

#endif
