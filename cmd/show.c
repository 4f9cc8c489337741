/* show: when slots are: dagsched --next. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "prog.h"
#include "show.h"
#include "slots.h"
#include "tz.h"

struct show show;

static enum exit_code
print_next(const struct slots *s, const char *what)
{
	char text[INSTANT_LEN];
	int64_t t = clock_seconds(), i;

	for (i = 0; i < show.next && slots_next(s, t, &t) == 0; i++) {
		if (slots_beyond(s, t)) {
			prog_warn("%s: more is beyond the last date of its "
			    "calendar", what);
			return i > 0 ? EXIT_OK : EXIT_BAD;
		}
		instant_format(text, t, tz_offset(s->zone, t));
		puts(text);
	}
	if (i > 0)
		return EXIT_OK;
	prog_warn("%s: %s", what, s->n == 0 ? "it has no schedule" :
	    s->once ? "it is due once, when dagq first sees it" :
	    "it is never due again");
	return EXIT_BAD;
}

enum exit_code
show_dag(const struct rec *dag)
{
	struct buf why = BUF_INIT;
	enum exit_code code = EXIT_BAD;
	struct slots s;

	if (slots_make(&s, dag, &why) == 0)
		code = print_next(&s, dag->id);
	else
		prog_warn("%s: %s", dag->id, why.n ? buf_cstr(&why) :
		    strerror(errno));
	slots_free(&s);
	buf_free(&why);
	return code;
}

enum exit_code
show_cron(void)
{
	struct buf why = BUF_INIT;
	enum exit_code code = EXIT_BAD;
	struct slots s;

	if (slots_init(&s, show.timezone, &why) < 0 ||
	    slots_add(&s, show.dialect, show.cron, &why) < 0)
		prog_warn("%s", why.n ? buf_cstr(&why) : strerror(errno));
	else
		code = print_next(&s, show.cron);
	slots_free(&s);
	buf_free(&why);
	return code;
}

void
show_dialect(const char *name)
{
	static const char *const dialects[] = {"crontab", "quartz", "oozie",
	    "cron4j"};

	for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
		if (strcmp(name, dialects[i]) == 0) {
			show.dialect = (enum cron_dialect)i;
			return;
		}
	}
	prog_die(EXIT_USAGE, "--dialect: \"%s\" is not crontab, quartz, oozie "
	    "or cron4j", name);
}
