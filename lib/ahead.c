/* ahead: what a supervisor does next, in memory that its dagexec shares. */
#include <string.h>
#include <sys/mman.h>

#include "ahead.h"

enum {
	NONE,			/* the dagexec may give one */
	MADE,			/* the supervisor may take it */
	TAKEN,			/* it has, until its dagexec knows */
};

struct ahead *
ahead_new(void)
{
	void *p = mmap(NULL, sizeof(struct ahead), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void
ahead_free(struct ahead *a)
{
	if (a)
		munmap(a, sizeof *a);
}

unsigned
ahead_place(const struct ahead *a, unsigned n)
{
	return (a->first + n) % AHEAD;
}

void
ahead_make(struct ahead *a, const char *file, bool follows)
{
	struct ahead_order *o = &a->order[ahead_place(a, a->n++)];

	memcpy(o->file, file, strlen(file) + 1);
	o->follows = follows;
	atomic_store(&o->state, MADE);
}

/* the order goes from MADE to that; false: the other one was first */
static bool
end(struct ahead_order *o, int state)
{
	int made = MADE;

	return atomic_compare_exchange_strong(&o->state, &made, state);
}

bool
ahead_withdraw(struct ahead *a)
{
	if (!end(&a->order[ahead_place(a, a->n - 1)], NONE))
		return false;
	a->n--;
	return true;
}

bool
ahead_taken(const struct ahead *a, unsigned n)
{
	return atomic_load(&a->order[ahead_place(a, n)].state) == TAKEN;
}

void
ahead_took(struct ahead *a)
{
	atomic_store(&a->order[ahead_place(a, 0)].state, NONE);
	a->first++;
	a->n--;
}

void
ahead_clear(struct ahead *a)
{
	while (a->n > 0)
		atomic_store(&a->order[ahead_place(a, --a->n)].state, NONE);
}

const struct supervisor_reply *
ahead_reply(struct ahead *a)
{
	return a->got == atomic_load(&a->put) ? NULL :
	    &a->reply[a->got++ % (2 * AHEAD)];
}

const struct ahead_order *
ahead_next(struct ahead *a)
{
	const struct ahead_order *o = &a->order[a->next % AHEAD];

	return atomic_load(&o->state) == MADE ? o : NULL;
}

bool
ahead_enough(const struct ahead *a)
{
	unsigned n = 0;

	while (n < AHEAD_LOW && atomic_load(&a->order[(a->next + n) %
	    AHEAD].state) == MADE)
		n++;
	return n == AHEAD_LOW;
}

bool
ahead_take(struct ahead *a, char file[FILE_LEN])
{
	struct ahead_order *o = &a->order[a->next % AHEAD];

	if (!end(o, TAKEN))
		return false;
	memcpy(file, o->file, FILE_LEN);
	a->next++;
	return true;
}

void
ahead_leave(struct ahead *a)
{
	a->next--;
}

void
ahead_put(struct ahead *a, const struct supervisor_reply *r)
{
	unsigned put = atomic_load(&a->put);

	a->reply[put % (2 * AHEAD)] = *r;
	atomic_store(&a->put, put + 1);
}

void
ahead_be_calm(struct ahead *a, bool calm)
{
	if (atomic_load(&a->calm) != calm)
		atomic_store(&a->calm, calm);
}

bool
ahead_calm(const struct ahead *a)
{
	return atomic_load(&a->calm);
}
