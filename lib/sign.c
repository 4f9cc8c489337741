/* sign: how states are seen on a terminal: a colour and a sign each. */
#include <string.h>

#include "sign.h"

static const struct {
	enum term_hue hue;
	const char *utf8, *ascii;
} signs[STATES] = {
	[STATE_WAITING] = {HUE_DIM, "\xc2\xb7", "."},
	[STATE_HELD] = {HUE_HELD, "\xe2\x80\x96", "H"},
	[STATE_READY] = {HUE_DUE, "\xe2\x97\x8b", "o"},
	[STATE_RUNNING] = {HUE_BUSY, "\xe2\x96\xb8", ">"},
	[STATE_SUCCESS] = {HUE_GOOD, "\xe2\x9c\x93", "+"},
	[STATE_FAILED] = {HUE_BAD, "\xe2\x9c\x97", "X"},
	[STATE_SKIPPED] = {HUE_DIM, "\xe2\x86\xb7", "-"},
	[STATE_UPSTREAM_FAILED] = {HUE_BAD, "\xe2\x8a\x98", "x"},
};

/* the state of a task that a run's is most like */
static enum state
like(enum run_state s)
{
	static const enum state states[RUN_STATES] = {
		[RUN_WAITING] = STATE_WAITING, [RUN_ACTIVE] = STATE_RUNNING,
		[RUN_SUCCESS] = STATE_SUCCESS, [RUN_FAILED] = STATE_FAILED,
	};

	return s < 0 ? STATE_NONE : states[s];
}

enum term_hue
sign_hue(enum state s)
{
	return s < 0 ? HUE_PLAIN : signs[s].hue;
}

enum term_hue
sign_run_hue(enum run_state s)
{
	return sign_hue(like(s));
}

enum term_hue
sign_named(const char *name)
{
	if (strcmp(name, run_state_name(RUN_ACTIVE)) == 0)
		return sign_run_hue(RUN_ACTIVE);
	return sign_hue(state_parse(name, strlen(name)));
}

const char *
sign_of(enum state s, bool utf8)
{
	return s < 0 ? " " : utf8 ? signs[s].utf8 : signs[s].ascii;
}

const char *
sign_of_run(enum run_state s, bool utf8)
{
	return sign_of(like(s), utf8);
}

void
sign_legend(struct buf *b, const struct term *t, unsigned states)
{
	const char *sign;

	buf_str(b, "#");
	for (int s = STATES - 1; s >= 0; s--) {
		if (!(states & 1u << s))
			continue;
		sign = sign_of((enum state)s, t->utf8);
		buf_ch(b, ' ');
		term_paint(b, t, signs[s].hue, sign, strlen(sign));
		buf_fmt(b, " %s", state_name((enum state)s));
	}
	buf_ch(b, '\n');
}
