/* marker: what the lines in a marker say. */
#ifndef MARKER_H
#define MARKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instant.h"

/* an event: WHEN \t EVENT \t key=value… ; "| " begins a line of a log's end */
struct marker_line {
	const char *when, *event;	/* strings within the text */
	const char *fields;		/* "key=value\tkey=value", or "" */
};

/*
 * Takes the next event line of text (NUL-terminated, changed in place);
 * lines that are no events are skipped. false at the end.
 */
bool marker_next(char **text, struct marker_line *);
/* a field's value, copied and unescaped into out (n bytes); false: absent */
bool marker_field(const struct marker_line *, const char *key, char *out,
	size_t n);

/* what all lines of a marker add up to */
struct marker_sum {
	unsigned attempt;	/* the last one started, 0: none */
	unsigned spent;		/* attempts since the last rerun */
	bool poking;		/* the last attempt said "not yet" */
	unsigned looks;		/* how often it has said so in a row */
	bool killed;		/* the last attempt was to be killed */
	unsigned victim;	/* which one was, last */
	bool ended;		/* the last attempt's end is written */
	char first[INSTANT_LEN];	/* when a sensor was ready, others were
					 * started, since the last rerun */
	/* of the last attempt */
	char start[INSTANT_LEN], end[INSTANT_LEN];
	char exit[8], signal[16], wall[24], user[24], sys[24], rss[24];
	char cgroup[256], host[64], pid[16], boot[40], reason[64], note[256];
	char made[52];		/* the mark of the last success: target.h */
	char cause[40];		/* why it ran, if it has targets */
	char child[160];	/* DAG/RUN that the last attempt waits for */
	bool begun;		/* that had not ended when it was joined */
	char lend[32];		/* what the attempt was lent: lend.h */
	char batch[96];		/* what started it: BATCH/ELEMENT, or "" */
	bool late;		/* a deadline has ended it */
	bool forced;		/* it is to run, up to date or not */
};

/* adds a marker's text up (the text is changed) */
void marker_sum(char *text, struct marker_sum *);

#endif
