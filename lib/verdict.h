/* verdict: what an engine said of an attempt that it had started. */
#ifndef VERDICT_H
#define VERDICT_H

#include "batch.h"
#include "marker.h"

/*
 * Of a lost attempt, with what its marker adds up to: 1 the word, "" if no
 * engine started it or none can say any more; 0 its engine has not said yet;
 * -1 and errno.
 */
int verdict_of(struct spool *, const struct marker_sum *, unsigned attempt,
	char word[BATCH_WORD]);
/* is a task that was lost so not to be tried again, though it has attempts
 * left? */
bool verdict_final(const struct plan *, uint32_t task, const char *word);
/* may it be tried again at no cost? its node was gone before it began */
bool verdict_free(const char *word);
/* the engine that starts a task; false: none does, a dagexec starts it */
bool verdict_engine(const struct plan *, uint32_t task,
	char name[NAME_LEN + 1]);
/* takes BATCH/ELEMENT apart; -1: it is none */
int verdict_parse(const char *text, char batch[BATCH_LEN], unsigned *element);

#endif
