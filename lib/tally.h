/* tally: measured values by subject and week; their medians and the like. */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tally_what { TALLY_WALL, TALLY_CPU, TALLY_RSS };

/* the middle, what 95 of 100 do not exceed, the most; below 0: not known */
struct tally_range {
	double median, p95, max;
};

/* below 0: not known */
struct tally_value {
	float wall, cpu, rss;
};

struct tally_group {
	uint32_t subject;
	int64_t week;		/* since that of 1970-01-01, from Mondays */
	size_t count, good, retried;
	struct tally_value *value;
	size_t n, cap;
};

/* zero at first; tally_free. Private but for the two counts */
struct tally {
	size_t groups, subjects;
	struct tally_group **group, **sorted;
	size_t gcap;
	struct tally_subject {
		char *name;
		size_t len;
		struct tally_group *last, *before;
		size_t first, n;	/* in sorted */
	} *subject;
	size_t scap;
	uint32_t *hash;		/* of subjects, open addressing; 0: free */
	size_t mask;
	uint32_t recent;
};

/* the number of a name, new or not; -1 and errno ENOMEM */
int64_t tally_subject(struct tally *, const char *name, size_t n);
const char *tally_name(const struct tally *, uint32_t subject);
/* adds an end at ms since 1970, or an attempt before it; -1, ENOMEM */
int tally_add(struct tally *, uint32_t subject, int64_t ms,
	const struct tally_value *, bool good);
int tally_retry(struct tally *, uint32_t subject, int64_t ms);
/* when all is added: -1, ENOMEM. Then a subject's groups, by week */
int tally_sort(struct tally *);
size_t tally_groups(const struct tally *, uint32_t subject,
	struct tally_group ***);
/* how many values there are */
size_t tally_values(const struct tally *);
/* over groups; room for all their values is the caller's */
void tally_spread(struct tally_group *const *, size_t n, enum tally_what,
	float *room, struct tally_range *);
void tally_free(struct tally *);

#endif
