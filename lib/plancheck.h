/* plancheck: a plan's values, checked by the table of keys. */
#ifndef PLANCHECK_H
#define PLANCHECK_H

#include "plan.h"

/* 0; -1 with errno EINVAL and in why the first value that is wrong; ENOMEM */
int plancheck(const struct plan *, struct buf *why);

#endif
