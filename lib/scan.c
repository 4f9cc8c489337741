/* scan: what state tasks are in: looks that do not lock. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "spool.h"

static bool
there(const struct run *r, const char *task, enum state s, unsigned attempt)
{
	char file[FILE_LEN];
	int dir = marker_place(r, task, (struct instance){s, attempt}, file);

	return faccessat(dir, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

enum state
task_glimpse(struct run *r, const char *task, enum state first)
{
	/* the most likely first: each name that is not there costs a look */
	static const enum state order[] = {STATE_RUNNING, STATE_READY,
	    STATE_SUCCESS, STATE_WAITING, STATE_FAILED, STATE_SKIPPED,
	    STATE_UPSTREAM_FAILED};

	if (there(r, task, first, 1))
		return first;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		if (errno != ENOENT)
			r->err = errno;
		if (order[i] != first && there(r, task, order[i], 1))
			return order[i];
	}
	if (errno != ENOENT)
		r->err = errno;
	return STATE_NONE;
}

/* reads the run's directory into inst; how many tasks were found, or -1 */
static int64_t
list_states(const struct run *r, struct instance *inst)
{
	char task[TASK_LEN + 1];
	struct instance in;
	struct dirent *e;
	int64_t t, found = 0;
	DIR *d;
	int fd, err;

	fd = io_open(r->fd, ".", O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return -1;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -1;
	}
	for (errno = 0; (e = readdir(d)); errno = 0) {
		if (e->d_name[0] == '@' || marker_parse(e->d_name, task,
		    &in) < 0)
			continue;
		t = plan_find(r->plan, task, strlen(task));
		if (t < 0)
			continue;
		if (inst[t].state == STATE_NONE)
			found++;
		/* seen twice, the later state counts */
		if (in.state > inst[t].state)
			inst[t] = in;
	}
	if (errno)
		found = -1;
	err = errno;
	closedir(d);
	errno = err;
	return found;
}

int
run_begun(const struct run *r, struct instance *inst)
{
	for (uint32_t t = 0; t < r->plan->n; t++)
		inst[t] = (struct instance){STATE_NONE, 0};
	return list_states(r, inst) < 0 ? -1 : 0;
}

int
run_states(const struct run *r, struct instance *inst)
{
	char task[TASK_LEN + 1];
	int64_t found = 0, n;

	for (uint32_t t = 0; t < r->plan->n; t++)
		inst[t] = (struct instance){STATE_NONE, 0};
	for (int look = 0; look < 3 && found < r->plan->n; look++) {
		n = list_states(r, inst);
		if (n < 0)
			return -1;
		found += n;
		for (uint32_t t = 0; found < r->plan->n && t < r->plan->n;
		    t++) {
			if (inst[t].state != STATE_NONE)
				continue;
			if (there(r, plan_name(r->plan, t, task),
			    STATE_READY, 0)) {
				inst[t].state = STATE_READY;
				found++;
			} else if (errno != ENOENT)
				return -1;
		}
	}
	return 0;
}

/* running: its attempt is known from the name alone; 0, or -1 and errno */
static int
find_running(const struct run *r, const char *task, struct instance *in)
{
	char name[TASK_LEN + 1];
	struct instance seen;
	struct dirent *e;
	int fd, err;
	DIR *d;

	fd = io_open(r->fd, ".", O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return -1;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -1;
	}
	for (errno = 0; (e = readdir(d)); errno = 0)
		if (marker_parse(e->d_name, name, &seen) == 0 &&
		    strcmp(name, task) == 0 && seen.state > in->state)
			*in = seen;
	err = errno;
	closedir(d);
	errno = err;
	return err ? -1 : 0;
}

struct instance
task_state(const struct run *r, const char *task)
{
	static const enum state order[] = {
		STATE_WAITING, STATE_READY, STATE_SUCCESS, STATE_FAILED,
		STATE_HELD, STATE_SKIPPED, STATE_UPSTREAM_FAILED,
	};
	struct instance in = {STATE_NONE, 0};

	for (int look = 0; look < 3 && in.state == STATE_NONE; look++) {
		for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
			if (there(r, task, order[i], 0))
				return (struct instance){order[i], 0};
			if (errno != ENOENT)
				return in;
		}
		if (find_running(r, task, &in) < 0)
			return (struct instance){STATE_NONE, 0};
	}
	if (in.state == STATE_NONE)
		errno = ENOENT;
	return in;
}
