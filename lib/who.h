/* who: whose doing it is, for the record. */
#ifndef WHO_H
#define WHO_H

/* the person behind this program, or NULL: who called sudo(8), else LOGNAME,
 * else the user that it runs as; valid until the next call */
const char *who_acts(void);

#endif
