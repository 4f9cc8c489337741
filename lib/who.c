/* who: whose doing it is, for the record. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hash.h"
#include "who.h"

/* as much of a name as there is room for, and what tells it from others */
enum { MACHINE = 20, HEAD = 11 };

static char machine[MACHINE + 2];

const char *
who_acts(void)
{
	static const char *const names[] = { "SUDO_USER", "LOGNAME" };
	static char number[24];
	const char *s;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if ((s = getenv(names[i])) && *s)
			return s;
	/* not getpwuid, which aborts where memory is short */
	if (getuid() == 0)
		return "root";
	snprintf(number, sizeof number, "uid %lu", (unsigned long)getuid());
	return number;
}

void
who_share(void)
{
	char host[256] = "";
	size_t n;

	if (gethostname(host, sizeof host - 1) < 0 || !host[0])
		host[0] = '-';
	n = strlen(host);
	for (char *p = host; *p; p++)
		if (*p == '/' || *p == '.' || *p == '~')
			*p = '-';
	if (n <= MACHINE)
		snprintf(machine, sizeof machine, "~%.*s", MACHINE, host);
	else
		snprintf(machine, sizeof machine, "~%.*s-%08x", HEAD, host,
		    (unsigned)hash_add(HASH_EMPTY, host, n));
}

const char *
who_machine(void)
{
	return machine;
}

long
who_parse(const char *name, const char **end, bool *here)
{
	char *of;
	long n = strtol(name, &of, 10);
	size_t len = strcspn(of, ".");

	*end = of + len;
	*here = len == strlen(machine) && strncmp(of, machine, len) == 0;
	return *name < '1' || *name > '9' || n > INT32_MAX ||
	    (len > 0 && *of != '~') ? 0 : n;
}

const char *
who_self(void)
{
	static char self[MACHINE + 16];

	snprintf(self, sizeof self, "%ld%s", (long)getpid(), machine);
	return self;
}
