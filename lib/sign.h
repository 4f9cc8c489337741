/* sign: how states are seen on a terminal: a colour and a sign each. */
#ifndef SIGN_H
#define SIGN_H

#include "spool.h"
#include "term.h"

enum term_hue sign_hue(enum state);
enum term_hue sign_run_hue(enum run_state);
/* of the state, of a task or a run, of that name */
enum term_hue sign_named(const char *);
/* one column for a state, for none a blank; without UTF-8 a letter of ASCII */
const char *sign_of(enum state, bool utf8);
const char *sign_of_run(enum run_state, bool utf8);
/* appends what the signs of these states (bits 1 << STATE) mean, in a line */
void sign_legend(struct buf *, const struct term *, unsigned states);

#endif
