/* trigger: when a task may run, by the states of those it comes after. */
#include "trigger.h"

#define S	TRIGGER_SUCCESS
#define F	(TRIGGER_FAILED | TRIGGER_UPSTREAM_FAILED)
#define K	TRIGGER_SKIPPED
#define ONE_F	TRIGGER_FAILED
#define DONE	(S | F | K)
#define ANY(of, then)	{TRIGGER_ANY, of, TRIGGER_##then}
#define ALL(of, then)	{TRIGGER_ALL, of, TRIGGER_##then}

/*
 * Airflow's rules, name by name. Whatever has ended, one clause is met when
 * all have. RUN and FAIL of ANY come first, so that they are certain before.
 */
#define TABLE \
RULE("all-success",	ANY(F, FAIL), ANY(K, SKIP), ALL(S, RUN)) \
RULE("all-failed",	ANY(S | K, SKIP), ALL(F, RUN)) \
RULE("all-done",	ALL(DONE, RUN)) \
RULE("all-done-min-one-success", ANY(K, SKIP), ALL(F, FAIL), ALL(S | F, RUN)) \
RULE("all-skipped",	ANY(S | F, SKIP), ALL(K, RUN)) \
RULE("one-failed",	ANY(F, RUN), ALL(S | K, SKIP)) \
RULE("one-success",	ANY(S, RUN), ALL(K, SKIP), ALL(F | K, FAIL)) \
RULE("one-done",	ANY(S | ONE_F, RUN), ALL(DONE, SKIP)) \
RULE("none-failed",	ANY(F, FAIL), ALL(S | K, RUN)) \
RULE("none-failed-min-one-success", ANY(F, FAIL), ALL(K, SKIP), \
    ALL(S | K, RUN)) \
RULE("none-skipped",	ANY(K, SKIP), ALL(DONE, RUN)) \
RULE("always",		ANY(DONE | TRIGGER_PENDING, RUN))

#define RULE(name, ...) name,
const char *const trigger_names[TRIGGER_RULES + 1] = {TABLE};
#undef RULE
#define RULE(name, ...) {__VA_ARGS__},
const struct trigger_clause
    trigger_rules[TRIGGER_RULES][TRIGGER_CLAUSES] = {TABLE};

enum trigger_then
trigger_decide(unsigned rule, unsigned seen)
{
	const struct trigger_clause *c = trigger_rules[rule];

	if (seen == 0)
		return TRIGGER_RUN;
	for (int i = 0; i < TRIGGER_CLAUSES; i++)
		if ((c[i].quantity == TRIGGER_ANY && (seen & c[i].of)) ||
		    (c[i].quantity == TRIGGER_ALL && !(seen & ~c[i].of)))
			return c[i].then;
	return TRIGGER_WAIT;
}
