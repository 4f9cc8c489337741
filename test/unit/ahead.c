/*
 * ahead: orders that one gives, and withdraws, and another takes, at once: each
 * is done by one of them, in turn, and its reply is there before its place is
 * used again.
 *
 *	ahead [ORDERS]		default: 200,000
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ahead.h"
#include "tap.h"

struct both {
	_Atomic unsigned first;	/* order + 1 that is given directly, 0: none */
	_Atomic bool over;
	unsigned twice;		/* orders that were done before */
	unsigned char done[];
};

static struct ahead *a;
static struct both *both;

/* does them, until it is told that it is over */
static void
supervise(void)
{
	struct supervisor_reply r = {.kind = REPLY_DONE};
	const struct ahead_order *o;
	char file[FILE_LEN];
	unsigned order, next;

	for (;;) {
		while ((order = atomic_exchange(&both->first, 0)) == 0)
			if (atomic_load(&both->over))
				_exit(0);
			else
				sched_yield();
		for (r.took = true; r.took; order = next) {
			both->twice += both->done[order - 1]++;
			snprintf(r.text, sizeof r.text, "%u", order);
			/* one in eight looks at it, and leaves it */
			next = 0;
			o = ahead_next(a);
			r.took = o && ahead_take(a, file);
			if (r.took && order % 8 == 0) {
				ahead_leave(a);
				r.took = false;
			} else if (r.took)
				next = (unsigned)atoi(file);
			ahead_put(a, &r);
		}
	}
}

/* what both of them had, and has become of it */
struct count {
	unsigned given, replies, withdrawn, full, wrong;
};

/* the order that the next reply is about */
static unsigned
hear(struct count *c, unsigned *queue, bool *busy, unsigned has)
{
	const struct supervisor_reply *r;

	while ((r = ahead_reply(a))) {
		c->replies++;
		c->wrong += (unsigned)atoi(r->text) != has;
		if (r->took) {
			has = queue[ahead_place(a, 0)];
			ahead_took(a);
		} else {
			/* those come again */
			c->given -= a->n;
			ahead_clear(a);
			*busy = false;
		}
	}
	return has;
}

static void
lead(unsigned orders, struct count *c)
{
	unsigned queue[AHEAD], has = 0;
	char file[FILE_LEN];
	bool busy = false;

	while (c->replies < orders) {
		has = hear(c, queue, &busy, has);
		if (!busy && c->given < orders) {
			busy = true;
			has = ++c->given;
			atomic_store(&both->first, has);
		} else if (rand() % 3 == 0 && a->n > 0) {
			if (ahead_withdraw(a)) {
				c->given--;
				c->withdrawn++;
			}
		} else if (a->n < AHEAD && c->given < orders && busy) {
			c->given++;
			snprintf(file, sizeof file, "%u", c->given);
			queue[ahead_place(a, a->n)] = c->given;
			ahead_make(a, file, false);
			c->full += a->n == AHEAD;
		} else
			sched_yield();
	}
}

/* when a supervisor need not call */
static void
check_enough(void)
{
	char file[FILE_LEN];

	for (int i = 0; i < 3; i++)
		ahead_make(a, "x", false);
	ok(ahead_take(a, file) && ahead_enough(a), "two are left: enough");
	ok(ahead_taken(a, 0) && !ahead_taken(a, 1), "one of three is taken");
	ok(ahead_withdraw(a) && !ahead_enough(a), "one is left: too few");
	ok(!ahead_calm(a), "at first nobody is calm");
	ahead_be_calm(a, true);
	ok(ahead_calm(a), "and then is");
	ahead_took(a);
	ahead_clear(a);
	ok(a->n == 0 && !ahead_next(a), "none is left");
	ok(!ahead_reply(a), "and nothing was said");
}

int
main(int argc, char **argv)
{
	unsigned orders = argc > 1 ? (unsigned)atoi(argv[1]) : 200000;
	struct count c = {0};
	size_t once = 0;
	pid_t pid;
	int status;

	a = ahead_new();
	both = mmap(NULL, sizeof *both + orders, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!a || both == MAP_FAILED)
		return 111;
	check_enough();
	if ((pid = fork()) < 0)
		return 111;
	if (pid == 0)
		supervise();
	lead(orders, &c);
	atomic_store(&both->over, true);
	waitpid(pid, &status, 0);
	for (unsigned i = 0; i < orders; i++)
		once += both->done[i] == 1;
	ok(once == orders && both->twice == 0, "each order is done once");
	ok(c.wrong == 0, "replies come in the order of the orders");
	ok(c.withdrawn > 0 && c.full > 0,
	    "some are withdrawn, and there have been as many as may be");
	ahead_free(a);
	return tap_end();
}
