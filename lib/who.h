/* who: whose doing it is, for the record. */
#ifndef WHO_H
#define WHO_H

/* the person behind this program: who called sudo(8), else LOGNAME, else root,
 * or a number such as "uid 1000"; valid until the next call */
const char *who_acts(void);

#endif
