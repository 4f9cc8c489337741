/* partname: which names there may be in the parts of a spool. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "num.h"
#include "outbox.h"
#include "partname.h"

bool
partname_name(const char *s)
{
	return name_ok(s, strlen(s));
}

/* a name, and this behind it */
static bool
ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n > k && strcmp(s + n - k, end) == 0 && name_ok(s, n - k);
}

bool
partname_number(const char *s)
{
	int64_t n;

	return *s != '0' && num_parse(s, 1, INT32_MAX, &n) == 0;
}

bool
partname_hash(const char *s)
{
	return strlen(s) == 16 && strspn(s, "0123456789abcdef") == 16;
}

bool
partname_history(const char *s)
{
	return ends_in(s, ".tsv");
}

bool
partname_archive(const char *s)
{
	size_t n = strlen(s);
	char run[RUN_LEN + 1];

	if (n <= 7 || n - 7 > RUN_LEN || strcmp(s + n - 7, ".tar.gz") != 0)
		return false;
	snprintf(run, sizeof run, "%.*s", (int)(n - 7), s);
	return run_name_parse(run, NULL, NULL, NULL) == 0;
}

/* a process, of this machine or, behind "~", of another's; .served is a
 * machine's */
bool
partname_worker(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return strcmp(s, ".served") == 0 || (n > 0 && *s != '0' &&
	    (!s[n] || (s[n] == '~' && s[n + 1])));
}

bool
partname_assets(const char *s)
{
	return strcmp(s, "log") == 0;
}

bool
partname_gate(const char *s)
{
	const char *at = strchr(s, '@');

	return at && name_ok(s, (size_t)(at - s)) && strlen(at) <= RUN_LEN &&
	    run_name_parse(at + 1, NULL, NULL, NULL) == 0;
}

/* what launchers keep beside the batches, as down.HOST */
bool
partname_launchers(const char *s)
{
	const char *dot = strchr(s, '.');

	return dot && name_ok(s, (size_t)(dot - s)) && dot[1];
}

/* a launcher may keep there what it wants */
bool
partname_any(const char *s)
{
	return *s != '\0';
}

bool
partname_notice(const char *s)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1];

	return outbox_name(s, dag, run);
}

/* what is being built, with the number of its builder */
bool
partname_built(const char *s)
{
	static const char *const kinds[] = {"run", "plan", "write", "archive",
	    "renew", "drop", "launch", "worker", "script", "share"};
	size_t n = strcspn(s, ".");

	if (!s[n] || !isdigit((unsigned char)s[n + 1]))
		return false;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strlen(kinds[i]) == n && strncmp(s, kinds[i], n) == 0)
			return true;
	return false;
}

static bool
is_task(const char *s)
{
	char file[FILE_LEN], task[TASK_LEN + 1];
	struct instance in;

	return strlen(s) <= TASK_LEN &&
	    (size_t)snprintf(file, sizeof file, "%s.success", s) <
	    sizeof file && marker_parse(file, task, &in) == 0;
}

/* TASK.N */
bool
partname_attempt(const char *s)
{
	const char *dot = strchr(s, '.');
	char file[FILE_LEN], task[TASK_LEN + 1];
	struct instance in;

	return dot && strlen(s) < sizeof file - 10 &&
	    snprintf(file, sizeof file, "%.*s.running%s", (int)(dot - s), s,
	    dot) > 0 && marker_parse(file, task, &in) == 0;
}

/* also the marker of a task that a newer definition has not */
bool
partname_log(const char *s)
{
	char task[TASK_LEN + 1];
	struct instance in;

	return partname_attempt(s) || marker_parse(s, task, &in) == 0;
}

bool
partname_values(const char *s)
{
	return is_task(s) || partname_attempt(s);
}

bool
partname_list(const char *s)
{
	return partname_name(s) || ends_in(s, ".new");
}

/* TASK.N, of a sensor TASK.N.LOOK; one that is being made begins with a dot */
bool
partname_fate(const char *s)
{
	const char *last = strrchr(s, '.');
	char file[FILE_LEN];

	if (*s == '.' || partname_attempt(s))
		return true;
	if (!last || !partname_number(last + 1) || strlen(s) >= sizeof file)
		return false;
	snprintf(file, sizeof file, "%.*s", (int)(last - s), s);
	return partname_attempt(file);
}
