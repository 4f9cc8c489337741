/* lang: the keys of a DAG file, in one table, and which values they take. */
#ifndef LANG_H
#define LANG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* sections, as bits: a key may belong in several */
enum {
	LANG_DAG = 1,
	LANG_DEFAULT = 2,
	LANG_TASK = 4,
	LANG_PARAM = 8,
	LANG_GROUP = 16,
};

enum lang_type {
	LANG_TEXT,		/* anything */
	LANG_LINE,		/* anything without a newline */
	LANG_SCRIPT,		/* a command or a script */
	LANG_DURATION,		/* 1h30m; min in seconds */
	LANG_RANGE,		/* 30s or 30s..5m; min in seconds */
	LANG_GIVE_UP,		/* 2h, 2h fail, 2h skip */
	LANG_DEADLINE,		/* 2h, 06:00, 06:00 fail */
	LANG_NUMBER,		/* min to max */
	LANG_SIZE,		/* 512M */
	LANG_SIGNAL,		/* TERM */
	LANG_BOOL,		/* yes, no */
	LANG_CHOICE,		/* one of choices */
	LANG_PATH,		/* a line in which variables are replaced */
	LANG_WORDS,		/* a list of words, at least one */
	LANG_OPTIONS,		/* the same, for an engine: launchwords.h */
	LANG_PATHS,		/* the same, of paths with variables */
	LANG_NEEDS,		/* paths, and how many of them: need.h */
	LANG_NAME,		/* a name */
	LANG_USER,		/* a user that root may become */
	LANG_NAMES,		/* a list of names */
	LANG_ASSETS,		/* the same, none twice */
	LANG_POOLS,		/* a list of NAME or NAME:WEIGHT */
	LANG_ENV,		/* a list of NAME=VALUE */
	LANG_PARAMS,		/* the same, of parameters */
	LANG_SECRETS,		/* a list of NAME=file:… or NAME=command:… */
	LANG_EVENTS,		/* a list of choices */
	LANG_CAUSES,		/* a list of codes and signals */
	LANG_CRON,		/* a schedule */
	LANG_ZONE,		/* a time zone */
	LANG_DAY,		/* a day, or an instant */
};

struct lang_key {
	const char *name;
	unsigned sections;
	enum lang_type type;
	bool repeats;		/* may stand several times, and adds */
	int64_t min, max;	/* LANG_NUMBER; LANG_DURATION, min only */
	const char *const *choices;
};

enum {
	LANG_NKEYS = 74,
	/* numbers of keys in lang_keys */
	LANG_AFTER = 0,
	LANG_GROUP_OF = 1,
	LANG_GROUP_RETRIES = 2,
	LANG_EACH_OF = 3,
	LANG_TEARDOWN = 4,
	LANG_WHEN = 5,
	LANG_SUB = 8,
	LANG_SUB_PARAMS = 9,
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
