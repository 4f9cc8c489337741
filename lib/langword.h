/* langword: a word of a list in a DAG file, checked. */
#ifndef LANGWORD_H
#define LANGWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum lang_type {
	LANG_TEXT,		/* anything */
	LANG_LINE,		/* anything without a newline */
	LANG_SCRIPT,		/* a command or a script */
	LANG_DURATION,		/* 1h30m; min in seconds */
	LANG_RANGE,		/* 30s or 30s..5m; min in seconds */
	LANG_GIVE_UP,		/* 2h, 2h fail, 2h skip */
	LANG_NUMBER,		/* min to max */
	LANG_SIGNAL,		/* TERM */
	LANG_BOOL,		/* yes, no */
	LANG_CHOICE,		/* one of choices */
	LANG_PATH,		/* a line in which variables are replaced */
	LANG_WORDS,		/* a list of words, at least one */
	LANG_PATHS,		/* the same, of paths with variables */
	LANG_NAME,		/* a name */
	LANG_NAMES,		/* a list of names */
	LANG_POOLS,		/* a list of NAME or NAME:WEIGHT */
	LANG_ENV,		/* a list of NAME=VALUE */
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

/* all of these append to why what is wrong, or nothing */

/* the i-th word, and whether it goes with those before it */
void langword_check(const struct lang_key *, char *const *word, size_t i,
	struct buf *why);
void langword_name(const char *, struct buf *why);
void langword_choice(const struct lang_key *, const char *, struct buf *why);
/* the "$" in a value in which variables are replaced */
void langword_variables(const char *, struct buf *why);
/* begins a message about a value, or about a word of it */
void lang_blame(struct buf *why, const char *, const char *what);
extern const char lang_no_comment[];

#endif
