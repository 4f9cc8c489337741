/* who: whose doing it is, for the record. */
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "who.h"

const char *
who_acts(void)
{
	static const char *const names[] = { "SUDO_USER", "LOGNAME" };
	const struct passwd *pw;
	const char *s;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if ((s = getenv(names[i])) && *s)
			return s;
	pw = getpwuid(getuid());
	return pw ? pw->pw_name : NULL;
}
