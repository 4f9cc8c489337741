/* plankind: the kinds of keys that most tasks have none of. */
#include <string.h>

#include "plankind.h"

unsigned
plankind(const char *key, size_t n)
{
	static const struct {
		const char *name;
		unsigned kind;
	} kinds[] = {
		{"timeout", PLAN_LIMITS}, {"give-up", PLAN_LIMITS},
		{"kill-after", PLAN_LIMITS}, {"notify", PLAN_NOTIFY},
		{"start-by", PLAN_DEADLINES}, {"end-by", PLAN_DEADLINES},
		{"nice", PLAN_RESOURCES}, {"memory", PLAN_RESOURCES},
		{"cpu-time", PLAN_RESOURCES}, {"open-files", PLAN_RESOURCES},
		{"on-failure", PLAN_ON_FAILURE},
		{"when", PLAN_RULED}, {"each", PLAN_MAPPED},
		{"group-retries", PLAN_GROUPED}, {"teardown", PLAN_TEARDOWN},
		{"pause-after-failures", PLAN_FUSE},
		{"output", PLAN_TARGETS}, {"inputs", PLAN_TARGETS},
		{"needs", PLAN_NEEDS}, {"produces", PLAN_PRODUCES},
		{"depends-on-past", PLAN_PAST}, {"pipeline", PLAN_PIPELINE},
		{"dag", PLAN_SUB}, {"user", PLAN_USER},
		{"launch", PLAN_LAUNCH}, {"poke", PLAN_SENSOR},
	};

	/* what most have is none of these: run, after */
	if ((n == 3 && *key == 'r') || (n == 5 && *key == 'a'))
		return 0;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (*key == *kinds[i].name &&
		    strncmp(key, kinds[i].name, n) == 0 &&
		    kinds[i].name[n] == '\0')
			return kinds[i].kind;
	return 0;
}
