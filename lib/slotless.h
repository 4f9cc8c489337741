/* slotless: schedules that have no slots: of files, of assets. */
#ifndef SLOTLESS_H
#define SLOTLESS_H

#include <stdbool.h>

struct buf;
struct rec;

enum slotless { SLOTLESS_NONE, SLOTLESS_FILES, SLOTLESS_ASSETS };

/* is a schedule= one without slots? */
bool slotless_is(const char *schedule);
/* what is wrong with such a one, in why; -1 */
int slotless_check(const char *schedule, struct buf *why);
/* has a dag record such schedules, and which? -1 and in why what does not go
 * with them */
int slotless_any(const struct rec *dag, struct buf *why);

#endif
