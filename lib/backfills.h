/* backfills: backfills/NAME: what is asked of one that takes its time. */
#ifndef BACKFILLS_H
#define BACKFILLS_H

#include "rec.h"
#include "spool.h"

enum backfills_state { BACKFILL_ACTIVE, BACKFILL_PAUSED, BACKFILL_CANCELLED };

/* a part of a backfill: of one DAG; a line of its file, and a record */
struct backfills_part {
	char name[NAME_LEN + 1], dag[NAME_LEN + 1];
	enum backfills_state state;
	int64_t from, to;	/* slots, both included */
	bool reverse;		/* the newest first */
	int64_t active;		/* runs at a time; 0: not said */
	int64_t stop_after;	/* failed runs; 0: not said */
	int begin, end;		/* minutes of the day; begin -1: any time */
	double load, pressure;	/* at most; -1: any */
	struct rec rec;		/* as it is written */
};

struct backfills {
	struct backfills_part *part;
	size_t n;
};

/* takes a record apart; 0, or -1 and in why what is wrong. Copies the record;
 * backfills_part_free in any case */
int backfills_parse(struct backfills_part *, const struct rec *,
	struct buf *why);
void backfills_part_free(struct backfills_part *);
/* all parts of all backfills; what is damaged is left out. NULL spool: none.
 * 0, or -1 and errno; backfills_free in any case */
int backfills_load(struct spool *, struct backfills *);
void backfills_free(struct backfills *);
/* is there one of that name that has not been cancelled? */
bool backfills_has(const struct backfills *, const char *name);

/* "22:00-06:00" in minutes of the day; 0, -1 */
int between_parse(const char *, int *begin, int *end);
/* a number such as 1.5, from 0; 0, -1 */
int limit_parse(const char *, double *);

/* writes the parts of a new one; -1 and errno: EEXIST */
int backfills_write(struct spool *, const char *name, const struct buf *);
/* and why (or NULL); 1 it is so now, 0 it was so before, -1 and errno: ENOENT
 * there is none */
int backfills_set(struct spool *, const char *name, enum backfills_state,
	const char *note);
const char *backfills_state_name(enum backfills_state);

#endif
