/*
 * trigger: every rule, with every combination of up to four upstream states,
 * as Airflow 3.1 counts them; teardowns, and what is bound to setups, as it
 * does. With the argument "mdoc": the table as dag(5) has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "decide.h"
#include "plan.h"
#include "scope.h"
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
make(struct plan *p, struct buf *text)
{
	if (plan_make(p, buf_cstr(text), text->n, NULL) < 0 ||
	    scope_make(p) < 0)
		exit(1);
}

/* sets n states as the digits of c are */
static void
set(enum state *up, int n, int c)
{
	for (int i = 0; i < n; i++, c /= KINDS)
		up[i] = kinds[c % KINDS];
}

/* a teardown waits for all; what decides is its setups, the first of up */
static enum state
airflow_teardown(const enum state *up, int upstream, int setups)
{
	int success = 0, skipped = 0;

	for (int i = 0; i < upstream; i++) {
		if (up[i] == STATE_NONE)
			return STATE_NONE;
		success += i < setups && up[i] == STATE_SUCCESS;
		skipped += i < setups && up[i] == STATE_SKIPPED;
	}
	return skipped >= setups ? STATE_SKIPPED :
	    success == 0 ? STATE_UPSTREAM_FAILED : STATE_READY;
}

static void
check_teardowns(int setups, int works)
{
	int n = setups + works, all = 1, bad = 0;
	struct buf text = BUF_INIT;
	enum state up[MOST] = {0};
	struct plan p;

	buf_fmt(&text, "dag\td\ttasks=%d\n", n + 1);
	for (int i = 0; i < n; i++, all *= KINDS)
		buf_fmt(&text, "task\td/t%d\trun=true\n", i);
	buf_str(&text, "task\td/down\tafter=");
	for (int i = n; i-- > 0;)
		buf_fmt(&text, "t%d%s", i, i ? " " : "\tteardown=");
	for (int i = 0; i < setups; i++)
		buf_fmt(&text, "t%d%s", i, i < setups - 1 ? " " : "");
	buf_str(&text, "\trun=true\n");
	make(&p, &text);
	for (int c = 0; c < all; c++) {
		set(up, n, c);
		bad += decide_task(of, up, &p, (uint32_t)n, (uint32_t)n, 0) !=
		    airflow_teardown(up, n, setups);
	}
	ok(bad == 0, "a teardown of %d, after %d others: %d of %d", setups,
	    works, all - bad, all);
	plan_free(&p);
	buf_free(&text);
}

/* a task with that rule, after t2, between the setups t0 and t1 and their
 * teardown: they come first, and it does not run until they have done well */
static void
check_bound(unsigned rule)
{
	const char *name = trigger_names[rule];
	struct buf text = BUF_INIT;
	enum state up[3], want;
	int bad = 0, all = KINDS * KINDS * KINDS;
	bool fails, skips, good;
	struct plan p;

	buf_fmt(&text, "dag\td\ttasks=5\ntask\td/t0\trun=true\n"
	    "task\td/t1\trun=true\ntask\td/t2\tafter=t0 t1\twhen=all-done"
	    "\trun=true\ntask\td/t3\tafter=t2\twhen=%s\trun=true\n"
	    "task\td/down\tafter=t3 t0 t1\tteardown=t0 t1\trun=true\n", name);
	make(&p, &text);
	for (int c = 0; c < all; c++) {
		set(up, 3, c);
		want = airflow(name, up + 2, 1);
		fails = skips = false;
		good = true;
		for (int i = 0; i < 2; i++) {
			fails |= up[i] == STATE_FAILED ||
			    up[i] == STATE_UPSTREAM_FAILED;
			skips |= up[i] == STATE_SKIPPED;
			good &= up[i] == STATE_SUCCESS;
		}
		if (rule != TRIGGER_ALWAYS)
			want = fails ? STATE_UPSTREAM_FAILED :
			    skips ? STATE_SKIPPED :
			    want == STATE_READY && !good ? STATE_NONE : want;
		bad += decide_task(of, up, &p, 3, 3, 0) != want;
	}
	ok(bad == 0, "%s, between setups and their teardown: %d of %d", name,
	    all - bad, all);
	plan_free(&p);
	buf_free(&text);
}

/* what goes by its setup anyway is bound to none */
static void
check_unbound(void)
{
	static const char text[] = "dag\td\ttasks=5\ntask\td/up\trun=true\n"
	    "task\td/a\tafter=up\trun=true\ntask\td/b\tafter=a\trun=true\n"
	    "task\td/c\tafter=up\twhen=one-done\trun=true\n"
	    "task\td/down\tafter=b c up\tteardown=up\trun=true\n";
	struct plan p;

	if (plan_make(&p, text, sizeof text - 1, NULL) < 0 ||
	    scope_make(&p) < 0)
		exit(1);
	ok(p.nbound == 0, "plain tasks, and one right after a setup: %u bound",
	    (unsigned)p.nbound);
	plan_free(&p);
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
	for (int setups = 1; setups <= 3; setups++)
		for (int works = 0; works + setups <= MOST; works++)
			check_teardowns(setups, works);
	for (unsigned r = 0; r < TRIGGER_RULES; r++)
		check_bound(r);
	check_unbound();
	return tap_end();
}
