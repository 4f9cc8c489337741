/* slotless: schedules that have no slots: of files, of assets. */
#include <string.h>

#include "arrival.h"
#include "assetrule.h"
#include "buf.h"
#include "rec.h"
#include "slotless.h"

bool
slotless_is(const char *schedule)
{
	return arrival_is(schedule) || assetrule_is(schedule);
}

int
slotless_check(const char *schedule, struct buf *why)
{
	struct assetrule rule;
	struct arrival file;
	int r;

	if (assetrule_is(schedule))
		return assetrule_parse(&rule, schedule, why);
	r = arrival_parse(&file, schedule, why);
	arrival_free(&file);
	return r;
}

/* none of these can mean anything */
static int
refuse_keys(const struct rec *dag, const char *by, struct buf *why)
{
	static const char *const slots[] = {"start", "end", "delay",
	    "dst-gap", "dst-overlap", "calendar", "nth", "on-holiday",
	    "catchup-window", "overlap", "pipeline"};

	for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
		if (rec_get(dag, slots[i])) {
			buf_fmt(why, "%s: it is about slots, but what comes "
			    "by %s has none", slots[i], by);
			return -1;
		}
	return 0;
}

int
slotless_any(const struct rec *dag, struct buf *why)
{
	const char *catchup = rec_get(dag, "catchup");
	size_t files = 0, assets = 0, all = 0;
	const char *v;

	for (size_t i = 0; i < dag->nfield; i++) {
		v = dag->field[i].value;
		if (strcmp(dag->field[i].key, "schedule") != 0)
			continue;
		all++;
		files += arrival_is(v);
		assets += assetrule_is(v);
	}
	if (files + assets == 0)
		return SLOTLESS_NONE;
	if (assets > 1)
		buf_str(why, "there is one \"on\" in a DAG: say \"or\" in it");
	else if (all > files + assets || (files && assets))
		buf_fmt(why, "what comes by %s has no slots: another schedule "
		    "beside that needs a DAG of its own", files ? "files" :
		    "assets");
	else if (refuse_keys(dag, files ? "files" : "assets", why) < 0)
		return -1;
	else if (catchup && files && strcmp(catchup, "all") != 0 &&
	    strcmp(catchup, "none") != 0)
		buf_fmt(why, "catchup: \"%.20s\" is about slots; of files "
		    "there are all, the default, and none", catchup);
	else if (catchup && assets && strcmp(catchup, "all") != 0)
		buf_fmt(why, "catchup: \"%.20s\" is about slots; of assets "
		    "there is all", catchup);
	else
		return files ? SLOTLESS_FILES : SLOTLESS_ASSETS;
	return -1;
}
