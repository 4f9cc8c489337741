/* lang: the keys of a DAG file, in one table, and which values they take. */
#ifndef LANG_H
#define LANG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "langword.h"

/* sections, as bits: a key may belong in several */
enum {
	LANG_DAG = 1,
	LANG_DEFAULT = 2,
	LANG_TASK = 4,
	LANG_PARAM = 8,
	LANG_GROUP = 16,
};

enum {
	LANG_NKEYS = 50,
	/* numbers of keys in lang_keys */
	LANG_AFTER = 0,
	LANG_GROUP_OF = 1,
	LANG_GROUP_RETRIES = 2,
};

/* ended by a key without a name; records have their keys in this order */
extern const struct lang_key lang_keys[LANG_NKEYS + 1];

/* the key of that name in any of the sections, or NULL */
const struct lang_key *lang_find(const char *name, size_t n,
	unsigned sections);
/*
 * Says in why what is wrong with a key that lang_find does not find in the
 * section: with the likely one, or where it belongs.
 */
void lang_unknown(const char *name, size_t n, unsigned section,
	struct buf *why);
/*
 * Checks a value (not empty, trimmed). NULL: it is good; else what is wrong,
 * as a string in why (reset before); in why->err, if memory failed.
 */
const char *lang_check_value(const struct lang_key *, const char *value,
	struct buf *why);
/*
 * The same by names, for records: the section is LANG_DAG or LANG_TASK; a key
 * that is not in it is good, since unknown keys pass through.
 */
const char *lang_check(unsigned section, const char *key, const char *value,
	struct buf *why);

#endif
