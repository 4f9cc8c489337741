/* shelved: the plan of an archived run, with its instances. */
#ifndef SHELVED_H
#define SHELVED_H

#include "spool.h"

struct shelved {
	const struct plan *plan;
	struct plan own;
	struct buf text;
	struct maps *maps;
};

/* reads it; -1 and errno, why what is damaged. shelved_free in any case */
int shelved_read(struct spool *, const char *dag, const char *run,
	struct shelved *, struct buf *why);
void shelved_free(struct shelved *);

#endif
