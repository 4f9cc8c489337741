/* who: whose doing it is, for the record. */
#ifndef WHO_H
#define WHO_H

#include <stdbool.h>

/* the person behind this program: who called sudo(8), else LOGNAME, else root,
 * or a number such as "uid 1000"; valid until the next call */
const char *who_acts(void);
/* this process, among those that make files in a spool: its number; PID~MACHINE
 * since who_share() has said that other machines have it too. Valid until the
 * next call */
const char *who_self(void);
void who_share(void);
/* the number of a name so made, 0: it is none; *end: what is behind it, from a
 * dot on or "". *here: it is of this machine */
long who_parse(const char *name, const char **end, bool *here);
/* what comes after a number so made: "", "~MACHINE" */
const char *who_machine(void);

#endif
