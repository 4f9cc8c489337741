/* assetrule: a schedule without slots: "on orders and (customers or leads)". */
#ifndef ASSETRULE_H
#define ASSETRULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "name.h"

struct buf;

enum { ASSETRULE_NAMES = 64, ASSETRULE_STEPS = 256 };

struct assetrule {
	char name[ASSETRULE_NAMES][NAME_LEN + 1];
	size_t n;
	/* the expression, operands first: a name's number, or one of these */
	signed char step[ASSETRULE_STEPS];
	size_t nstep;
};

/* is a schedule= one of assets? */
bool assetrule_is(const char *schedule);
/* takes one apart; 0, or -1 and what is wrong in why */
int assetrule_parse(struct assetrule *, const char *schedule, struct buf *why);
/* the number of a name (of n bytes), or -1 */
int assetrule_find(const struct assetrule *, const char *name, size_t n);
/* does it hold once those assets, as bits, have been updated? */
bool assetrule_holds(const struct assetrule *, uint64_t updated);

#endif
