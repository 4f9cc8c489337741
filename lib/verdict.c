/* verdict: what an engine said of an attempt that it had started. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cause.h"
#include "num.h"
#include "verdict.h"

int
verdict_parse(const char *text, char batch[BATCH_LEN], unsigned *element)
{
	const char *slash = strchr(text, '/');
	int64_t n;

	if (!slash || slash - text >= BATCH_LEN ||
	    num_parse(slash + 1, 1, INT32_MAX, &n) < 0)
		return -1;
	snprintf(batch, BATCH_LEN, "%.*s", (int)(slash - text), text);
	*element = (unsigned)n;
	return batch_name_ok(batch) ? 0 : -1;
}

int
verdict_of(struct spool *sp, const struct marker_sum *sum, unsigned attempt,
    char word[BATCH_WORD])
{
	char batch[BATCH_LEN];
	unsigned element;
	int x;

	word[0] = '\0';
	if (sum->attempt != attempt || !sum->batch[0] ||
	    verdict_parse(sum->batch, batch, &element) < 0)
		return 1;
	x = batch_word(sp, batch, element, word);
	return x < 0 && (errno == ENOENT || run_damaged(errno)) ? 1 : x;
}

bool
verdict_final(const struct plan *p, uint32_t task, const char *word)
{
	struct cause c = {.code = -1};
	struct buf b = BUF_INIT;
	const char *list;
	bool in;

	if (strcmp(word, "lost-cancelled") == 0)
		return true;
	if (strcmp(word, "lost-timeout") == 0)
		c.timeout = true;
	else if (strcmp(word, "lost-memory") == 0)
		c.signal = SIGKILL;
	else
		return false;
	list = plan_get(p, task, "retry-on", &b);
	in = !list || cause_in(&c, list);
	buf_free(&b);
	return !in;
}

bool
verdict_free(const char *word)
{
	return strcmp(word, "lost-node") == 0 || strcmp(word, "over") == 0;
}

bool
verdict_engine(const struct plan *p, uint32_t task, char name[NAME_LEN + 1])
{
	struct buf b = BUF_INIT;
	const char *v;

	if (!(p->task[task].keys & PLAN_LAUNCH) ||
	    p->task[task].keys & PLAN_SUB)
		return false;
	v = plan_get(p, task, "launch", &b);
	snprintf(name, NAME_LEN + 1, "%s", v ? v : "local");
	buf_free(&b);
	return strcmp(name, "local") != 0;
}
