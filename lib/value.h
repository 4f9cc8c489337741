/* value: the compound values of a DAG file, taken apart. */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instant.h"

struct buf;

/* "30s", then *max is *min, or "30s..5m", not falling; seconds; 0, or -1 */
int range_parse(const char *, int64_t *min, int64_t *max);
/* give-up: "2h", "2h fail" or "2h skip"; 0, or -1 */
int give_up_parse(const char *, int64_t *seconds, bool *skip);
/* "512M", with K, M, G, T of 1024, or bytes: 1M to 1024T; 0, or -1 */
int size_parse(const char *, int64_t *bytes);
/* start-by, end-by: what happens when it has passed */
enum deadline_then { DEADLINE_WARN, DEADLINE_SKIP, DEADLINE_FAIL };

struct deadline_value {
	bool clock;		/* seconds of the day, else of waiting */
	int64_t seconds;
	enum deadline_then then;
};

/* "2h", "06:00", "06:00 fail": warn unless said; 0, or -1 */
int deadline_parse(const char *, struct deadline_value *);
enum { POOL_WEIGHT = 64 };	/* slots that a task may have in all */

/*
 * A word of a pool list, "sqlite" or "cpu:4": the length of the name, the
 * weight (1 to POOL_WEIGHT, 1 unless said). 0, or -1.
 */
int pool_parse(const char *word, size_t *namelen, int64_t *weight);
/* how many slots all these words are to give */
int64_t pool_slots(char *const *word, size_t n);
/* a day, 2012-01-31, that the calendar has; its time of day is 0; 0, or -1 */
int day_parse(const char *, struct civil *);
/* has it the form of a day, 9999-99-99, if not a day of the calendar? */
bool day_like(const char *);
/* what is wrong with what is to be a day, or an instant; NULL: nothing */
const char *day_fault(const char *);
/* the length of the variable's name in "NAME=VALUE"; 0 if it is not that */
size_t assignment_name(const char *word);
/* are two words of a list, NAME, NAME:WEIGHT or NAME=VALUE, of one name? */
bool same_name(const char *, const char *);
/*
 * Appends those words of list, as they are written, whose names are not in
 * own (both are lists with all quotes closed), each with a blank behind it.
 */
void list_others(struct buf *, const char *list, const char *own);
/*
 * Appends n bytes in quotes, for a message; of a long value its beginning,
 * cut between characters of UTF-8.
 */
void value_quote(struct buf *, const char *, size_t n);

#endif
