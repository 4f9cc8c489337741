/* memo: states of a spool that have been put right once already. */
#ifndef MEMO_H
#define MEMO_H

#include <stdint.h>

#include "case.h"

/* to be called before the processes fork that are to have it in common */
void memo_begin(void);
/*
 * What a case looks like to who comes next: all names, bytes and modes of its
 * spool, and of what the tasks keep, but no times and numbers of processes.
 * More of what decides goes into salt.
 */
uint64_t memo_state(struct kase *, uint64_t salt);
bool memo_has(uint64_t state);
/* false: it was there, or there is no room */
bool memo_add(uint64_t state);
size_t memo_count(void);

#endif
