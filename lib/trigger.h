/* trigger: when a task may run, by the states of those it comes after. */
#ifndef TRIGGER_H
#define TRIGGER_H

/* states of upstreams, as bits: those that have ended are in the order of
 * enum state, from STATE_SUCCESS */
enum {
	TRIGGER_SUCCESS = 1,
	TRIGGER_FAILED = 2,
	TRIGGER_SKIPPED = 4,
	TRIGGER_UPSTREAM_FAILED = 8,
	TRIGGER_PENDING = 16,	/* has not ended */
};

enum trigger_then { TRIGGER_WAIT, TRIGGER_RUN, TRIGGER_SKIP, TRIGGER_FAIL };

enum { TRIGGER_RULES = 12, TRIGGER_CLAUSES = 3,
	TRIGGER_ALWAYS = 11	/* the number of that rule */
};

/* one condition of a rule; the first of them that is met decides */
struct trigger_clause {
	enum { TRIGGER_NEVER, TRIGGER_ANY, TRIGGER_ALL } quantity;
	unsigned of;		/* any, or all, upstreams are among these */
	enum trigger_then then;
};

/* the table: rules by number, 0 the default; names ended by NULL */
extern const struct trigger_clause
    trigger_rules[TRIGGER_RULES][TRIGGER_CLAUSES];
extern const char *const trigger_names[TRIGGER_RULES + 1];

/*
 * What a rule makes of upstreams whose states together are seen; 0: there is
 * no upstream.
 */
enum trigger_then trigger_decide(unsigned rule, unsigned seen);

#endif
