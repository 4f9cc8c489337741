/* retry: when a task that failed is tried, or a sensor looked at, again. */
#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "num.h"
#include "retry.h"
#include "value.h"

/* so long from now, or up to a second more: never earlier */
static int64_t
after(int64_t delay)
{
	struct timespec now = clock_now();

	return now.tv_sec + delay + (now.tv_nsec > 0);
}

/* 0 to n - 1, as chance has it for an attempt of a task of a run */
static int64_t
chance(const struct attempt *a, int64_t n)
{
	uint64_t h = hash_add(HASH_EMPTY, &a->n, sizeof a->n);

	h = hash_add(h, a->name, strlen(a->name));
	h = hash_add(h, a->run->name, strlen(a->run->name));
	h = hash_add(h, a->run->dag, strlen(a->run->dag));
	return (int64_t)(h % (uint64_t)n);
}

int64_t
retry_at(const struct attempt *a)
{
	struct buf b = BUF_INIT;
	const char *v = plan_get(a->run->plan, a->task, "retry-delay", &b);
	int64_t delay = 0, most;
	char *dots = v ? strstr(buf_cstr(&b), "..") : NULL;

	if (dots)
		*dots = '\0';
	if (v && dur_parse(v, &delay) == 0 && dots &&
	    dur_parse(dots + 2, &most) == 0) {
		for (unsigned i = 0; i < a->before.spent && delay < most; i++)
			delay *= 2;
		if (delay > most)
			delay = most;
		/* at most a tenth more or less, so that many do not come back
		 * at the same instant; what is over the longest is taken off */
		if (delay >= 10)
			delay += chance(a, delay / 5) - delay / 10;
		if (delay > most)
			delay = 2 * most - delay;
	}
	buf_free(&b);
	return delay > 0 ? after(delay) : 0;
}

bool
poke_at(const struct attempt *a, int64_t *at, enum state *state)
{
	struct buf b = BUF_INIT;
	int64_t give_up = 0, first, every = 60;
	const char *v = plan_get(a->run->plan, a->task, "poke", &b);
	bool up = false;
	char *rest;

	if (v) {
		int64_t most = 0;

		rest = strstr(buf_cstr(&b), "..");
		if (rest) {
			*rest = '\0';
			dur_parse(rest + 2, &most);
		}
		dur_parse(v, &every);
		for (unsigned i = 0; a->look && i < a->before.looks &&
		    every < most; i++)
			every *= 2;
		if (rest && every > most)
			every = most;
	}
	*at = after(every);
	*state = STATE_FAILED;
	v = plan_get(a->run->plan, a->task, "give-up", &b);
	if (v) {
		rest = strpbrk(buf_cstr(&b), " \t");
		if (rest) {
			*rest = '\0';
			if (strstr(rest + 1, "skip"))
				*state = STATE_SKIPPED;
		}
		dur_parse(v, &give_up);
		if (instant_parse(a->before.first, &first, NULL) < 0)
			first = clock_seconds();	/* this one */
		up = clock_seconds() >= first + give_up;
		/* the last look is when the time is up */
		if (*at > first + give_up)
			*at = first + give_up;
	}
	buf_free(&b);
	return !up;
}
