/* state: states and markers by their names. */
#include <stdio.h>
#include <string.h>

#include "num.h"
#include "spool.h"

static const char *const state_names[STATES] = {
	"waiting", "held", "ready", "running",
	"success", "failed", "skipped", "upstream-failed",
};

static const char *const run_state_names[RUN_STATES] = {
	"waiting", "active", "success", "failed",
};

const char *
state_name(enum state s)
{
	return s == STATE_NONE ? "none" : state_names[s];
}

enum state
state_parse(const char *s, size_t n)
{
	for (int i = 0; i < STATES; i++)
		if (strlen(state_names[i]) == n &&
		    memcmp(s, state_names[i], n) == 0)
			return (enum state)i;
	return STATE_NONE;
}

bool
state_ended(enum state s)
{
	return s >= STATE_SUCCESS;
}

const char *
run_state_name(enum run_state s)
{
	return s == RUN_NONE ? "none" : run_state_names[s];
}

static char *
put(char *to, const char *end, const char *s, char behind)
{
	size_t n = strlen(s), room = (size_t)(end - to) - 1;

	if (n > room)
		n = room;
	memcpy(to, s, n);
	to[n] = n < room ? behind : '\0';
	return to + n + (n < room);
}

/* three names, and what is between them; names are looked up all the time */
static void
join(char file[FILE_LEN], const char *a, char ab, const char *b, char bc,
    const char *c)
{
	const char *end = file + FILE_LEN;
	char *p = put(file, end, a, ab);

	p = put(p, end, b, bc);
	if (bc)
		put(p, end, c, '\0');
}

void
marker_file(char file[FILE_LEN], const char *task, struct instance in)
{
	if (in.state == STATE_RUNNING)
		snprintf(file, FILE_LEN, "%s.running.%u", task, in.attempt);
	else
		join(file, task, '.', state_name(in.state), 0, "");
}

/* a task's name, or that of a mapped instance: TASK+KEY */
static bool
task_ok(const char *s, size_t n)
{
	const char *plus = memchr(s, '+', n);

	if (!plus)
		return name_ok(s, n);
	return name_ok(s, (size_t)(plus - s)) &&
	    name_ok(plus + 1, n - (size_t)(plus - s) - 1);
}

int
marker_parse(const char *file, char task[TASK_LEN + 1], struct instance *in)
{
	const char *dot = strchr(file, '.'), *more;
	int64_t n = 0;

	if (!dot || !task_ok(file, (size_t)(dot - file)))
		return -1;
	more = strchr(dot + 1, '.');
	in->state = state_parse(dot + 1,
	    more ? (size_t)(more - dot - 1) : strlen(dot + 1));
	if (in->state == STATE_NONE || in->state == STATE_READY ||
	    (in->state == STATE_RUNNING) != (more != NULL))
		return -1;
	if (more && (more[1] == '0' ||
	    num_parse(more + 1, 1, 1000000000, &n) < 0))
		return -1;
	in->attempt = (unsigned)n;
	memcpy(task, file, (size_t)(dot - file));
	task[dot - file] = '\0';
	return 0;
}

void
queue_file(char file[FILE_LEN], const char *dag, const char *run,
    const char *task)
{
	join(file, dag, '@', run, '.', task);
}

int
queue_parse(const char *file, char dag[NAME_LEN + 1], char run[RUN_LEN + 1],
    char task[TASK_LEN + 1])
{
	const char *at = strchr(file, '@'), *dot = at ? strchr(at, '.') : NULL;

	if (!dot || !name_ok(file, (size_t)(at - file)) ||
	    dot - at - 1 > RUN_LEN || !task_ok(dot + 1, strlen(dot + 1)))
		return -1;
	memcpy(dag, file, (size_t)(at - file));
	dag[at - file] = '\0';
	memcpy(run, at + 1, (size_t)(dot - at - 1));
	run[dot - at - 1] = '\0';
	memcpy(task, dot + 1, strlen(dot + 1) + 1);
	return run_name_parse(run, NULL, NULL, NULL);
}

/* where a marker in that state lies, and its name there */
int
marker_place(const struct run *r, const char *task, struct instance in,
    char file[FILE_LEN])
{
	if (in.state == STATE_READY) {
		queue_file(file, r->dag, r->name, task);
		return r->spool->queue;
	}
	marker_file(file, task, in);
	return r->fd;
}
