/* cause: how an attempt ended, and lists of such: 1 KILL !3 timeout. */
#ifndef CAUSE_H
#define CAUSE_H

#include <stdbool.h>

struct cause {
	int code;		/* of exit, or -1 */
	int signal;		/* that ended it, or 0 */
	bool timeout;		/* it was us who sent that */
};

/* the number of a signal, called KILL; 0: there is none */
int cause_signal(const char *name);
/* is a word one: a code from 1 to 255, a signal, or "timeout", behind '!' or
 * not? 0, or -1 */
int cause_check(const char *word);
/*
 * Is it in a list? A word behind '!' takes it out, wherever it stands; a list
 * of only such has all others in it.
 */
bool cause_in(const struct cause *, const char *list);

#endif
