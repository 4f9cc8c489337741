/*
 * trigger: every rule, with every combination of up to four upstream states,
 * as Airflow 3.1 counts them. With the argument "mdoc": the table as dag(5)
 * has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "decide.h"
#include "plan.h"
#include "trigger.h"

#include "tap.h"

enum { MOST = 4, KINDS = 5 };

/* what an upstream may be; NONE: it has not ended */
static const enum state kinds[KINDS] = {
	STATE_NONE, STATE_SUCCESS, STATE_FAILED, STATE_SKIPPED,
	STATE_UPSTREAM_FAILED,
};

/* Airflow's own conditions, over counts: first what it sets, then what it
 * lets run */
static enum state
airflow(const char *rule, const enum state *up, int upstream)
{
	int success = 0, failed = 0, skipped = 0, upfailed = 0, done;

	for (int i = 0; i < upstream; i++) {
		success += up[i] == STATE_SUCCESS;
		failed += up[i] == STATE_FAILED;
		skipped += up[i] == STATE_SKIPPED;
		upfailed += up[i] == STATE_UPSTREAM_FAILED;
	}
	done = success + failed + skipped + upfailed;
#define RULE(s) (strcmp(rule, s) == 0)
	if (upstream == 0 || RULE("always"))
		return STATE_READY;
	if (RULE("all-success"))
		return upfailed || failed ? STATE_UPSTREAM_FAILED :
		    skipped ? STATE_SKIPPED :
		    upstream - success > 0 ? STATE_NONE : STATE_READY;
	if (RULE("all-failed"))
		return success || skipped ? STATE_SKIPPED :
		    upstream - failed - upfailed > 0 ? STATE_NONE :
		    STATE_READY;
	if (RULE("all-done"))
		return done >= upstream ? STATE_READY : STATE_NONE;
	if (RULE("all-done-min-one-success"))
		return skipped > 0 ? STATE_SKIPPED :
		    done >= upstream && success == 0 ? STATE_UPSTREAM_FAILED :
		    done >= upstream ? STATE_READY : STATE_NONE;
	if (RULE("all-skipped"))
		return success || failed || upfailed ? STATE_SKIPPED :
		    upstream - skipped > 0 ? STATE_NONE : STATE_READY;
	if (RULE("one-failed"))
		return failed || upfailed ? STATE_READY :
		    done >= upstream ? STATE_SKIPPED : STATE_NONE;
	if (RULE("one-success"))
		return success > 0 ? STATE_READY :
		    done < upstream ? STATE_NONE :
		    done == skipped ? STATE_SKIPPED : STATE_UPSTREAM_FAILED;
	if (RULE("one-done"))
		return success + failed > 0 ? STATE_READY :
		    done >= upstream ? STATE_SKIPPED : STATE_NONE;
	if (RULE("none-failed"))
		return upfailed || failed ? STATE_UPSTREAM_FAILED :
		    upstream - success - skipped > 0 ? STATE_NONE :
		    STATE_READY;
	if (RULE("none-failed-min-one-success"))
		return upfailed || failed ? STATE_UPSTREAM_FAILED :
		    skipped == upstream ? STATE_SKIPPED :
		    upstream - success - skipped > 0 ? STATE_NONE :
		    STATE_READY;
	if (RULE("none-skipped"))
		return skipped ? STATE_SKIPPED :
		    done < upstream ? STATE_NONE : STATE_READY;
	exit(1);
}

static enum state
of(void *arg, uint32_t task)
{
	return ((const enum state *)arg)[task];
}

/* a plan of n tasks, and one after them all with that rule */
static void
make_plan(struct plan *p, struct buf *text, const char *rule, int n)
{
	buf_fmt(text, "dag\td\ttasks=%d\n", n + 1);
	for (int i = 0; i < n; i++)
		buf_fmt(text, "task\td/t%d\trun=true\n", i);
	buf_str(text, "task\td/join");
	for (int i = 0; i < n; i++)
		buf_fmt(text, "%st%d", i ? " " : "\tafter=", i);
	buf_fmt(text, "\twhen=%s\trun=true\n", rule);
	if (plan_make(p, buf_cstr(text), text->n, NULL) < 0)
		exit(1);
}

/* one combination: a look at all, and one from each that has ended */
static bool
good(const struct plan *p, const char *rule, enum state *up, int n)
{
	enum state want = airflow(rule, up, n), before, was, got;
	uint32_t join = (uint32_t)n;

	if (decide_task(of, up, p, join, join, 0) != want)
		return false;
	for (int i = 0; i < n; i++) {
		was = up[i];
		if (was == STATE_NONE)
			continue;
		got = decide_task(of, up, p, join, (uint32_t)i, 0);
		up[i] = STATE_NONE;
		before = airflow(rule, up, n);
		up[i] = was;
		/* who makes it decided must see that; nobody may see else
		 * than it is, but for a failure behind a skip, which who
		 * failed has seen, and a look at all of them sees */
		if (got == want || (got == STATE_SKIPPED &&
		    want == STATE_UPSTREAM_FAILED && before == want))
			continue;
		if (got != STATE_NONE || before == STATE_NONE)
			return false;
	}
	return true;
}

static void
check(unsigned rule)
{
	const char *name = trigger_names[rule];
	enum state up[MOST] = {0};
	int combinations = 0, bad = 0, left;

	for (int n = 0; n <= MOST; n++) {
		struct buf text = BUF_INIT;
		struct plan p;
		int all = 1;

		make_plan(&p, &text, name, n);
		for (int i = 0; i < n; i++)
			all *= KINDS;
		for (int c = 0; c < all; c++) {
			left = c;
			for (int i = 0; i < n; i++, left /= KINDS)
				up[i] = kinds[left % KINDS];
			combinations++;
			bad += !good(&p, name, up, n);
		}
		plan_free(&p);
		buf_free(&text);
	}
	ok(bad == 0 && combinations == 781, "%s: %d of %d", name,
	    combinations - bad, combinations);
}

static void
print_clause(const struct trigger_clause *c)
{
	static const char *const then[] = {
		[TRIGGER_RUN] = "it runs", [TRIGGER_SKIP] = "skipped",
		[TRIGGER_FAIL] = "upstream-failed",
	};
	bool both = c->of & TRIGGER_UPSTREAM_FAILED;
	const char *sep = "";

	printf("%s ", then[c->then]);
	if (c->of & TRIGGER_PENDING) {
		printf("at once");
		return;
	}
	printf("%s ", c->quantity == TRIGGER_ANY ? "as soon as one is" :
	    "when all are");
	if (c->of == 15) {
		printf("done");
		return;
	}
	if (c->of & TRIGGER_SUCCESS) {
		printf("success");
		sep = " or ";
	}
	if (c->of & TRIGGER_FAILED) {
		printf("%sfailed%s", sep, both ? "" : " itself");
		sep = " or ";
	}
	if (c->of & TRIGGER_SKIPPED)
		printf("%sskipped", sep);
}

static int
print_table(void)
{
	const struct trigger_clause *c;

	for (unsigned r = 0; r < TRIGGER_RULES; r++) {
		printf(".It Cm %s\n", trigger_names[r]);
		for (c = trigger_rules[r]; c < trigger_rules[r] +
		    TRIGGER_CLAUSES && c->quantity != TRIGGER_NEVER; c++) {
			print_clause(c);
			puts(c < trigger_rules[r] + TRIGGER_CLAUSES - 1 &&
			    c[1].quantity != TRIGGER_NEVER ? ";" : ".");
		}
	}
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		return strcmp(argv[1], "mdoc") != 0 || print_table();
	for (unsigned r = 0; r < TRIGGER_RULES; r++)
		check(r);
	return tap_end();
}
