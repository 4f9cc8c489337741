/* backfills: backfills/NAME: what is asked of a backfill, and how far it is. */
#ifndef BACKFILLS_H
#define BACKFILLS_H

#include "rec.h"
#include "spool.h"

enum backfills_state { BACKFILL_ACTIVE, BACKFILL_PAUSED, BACKFILL_CANCELLED,
    BACKFILL_DONE };

/* which slots that have a run are to have it once more, if it has ended */
enum backfills_again { AGAIN_NONE, AGAIN_FAILED, AGAIN_ALL };

/* a part of a backfill: of one DAG; a line of its file, and a record */
struct backfills_part {
	char name[NAME_LEN + 1], dag[NAME_LEN + 1];
	enum backfills_state state;
	int64_t from, to;	/* slots, both included */
	int64_t slots;		/* how many these are */
	bool once;		/* all of its runs were made at once */
	enum backfills_again again;
	int64_t reached;	/* with again: the slot that was taken last */
	bool begun;		/* there was one */
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

/* takes a record apart, and copies it; 0, or -1 and errno: EINVAL and in why
 * what is wrong, ENOMEM. backfills_part_free in any case */
int backfills_parse(struct backfills_part *, const struct rec *,
	struct buf *why);
void backfills_part_free(struct backfills_part *);
/* adds the parts of one; 0 also if there is none, -1 and errno */
int backfills_read(struct spool *, const char *name, struct backfills *);
/* all parts of all backfills; what is damaged is left out. NULL spool: none.
 * 0, or -1 and errno; backfills_free in any case */
int backfills_load(struct spool *, struct backfills *);
void backfills_free(struct backfills *);
/* is there one of that name that is active, or paused? */
bool backfills_has(const struct backfills *, const char *name);
/* is there one that makes runs as time goes by? */
bool backfills_at_work(const struct backfills *);
/* the word that says again, or -1 */
int backfills_again(const char *word);

/* "22:00-06:00" in minutes of the day; 0, -1 */
int between_parse(const char *, int *begin, int *end);
/* a number such as 1.5, from 0; 0, -1 */
int limit_parse(const char *, double *);

/* fillfile.c: writes the parts of a new one; -1 and errno: EEXIST */
int backfills_write(struct spool *, const char *name, const struct buf *);
/* takes over reached= and state=done of a record of one that is there; 0 also
 * if it is not, -1 and errno */
int backfills_go_on(struct spool *, const struct rec *);
/* and why (or NULL); 1 it is so now, 0 it was so before, -1 and errno: ENOENT
 * there is none */
int backfills_set(struct spool *, const char *name, enum backfills_state,
	const char *note);
const char *backfills_state_name(enum backfills_state);

#endif
