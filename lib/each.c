/* each: what a mapped task is mapped over: lists, or another's values. */
#include <stdio.h>
#include <string.h>

#include "each.h"
#include "name.h"

const char *
each_key(char key[EACH_KEY], unsigned k)
{
	if (k == 0)
		snprintf(key, EACH_KEY, "each");
	else
		snprintf(key, EACH_KEY, "each.%u", k + 1);
	return key;
}

bool
each_reference(const char *list, size_t *n)
{
	const char *dot = strchr(list, '.');

	if (!dot)
		return false;
	*n = (size_t)(dot - list);
	return name_ok(list, *n) && name_ok(dot + 1, strlen(dot + 1));
}
