/* glance: a run's state and counts, from one listing of its directory. */
#include <dirent.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "glance.h"
#include "io.h"

enum { LISTING = 32 << 10 };

static void
count(struct glance *g, const char *file, unsigned states, struct buf *names)
{
	char task[TASK_LEN + 1];
	struct instance in;

	if (file[0] == '@') {
		for (int s = 0; s < RUN_STATES; s++)
			if (strcmp(file + 1, run_state_name((enum run_state)s))
			    == 0)
				g->state = (enum run_state)s;
	} else if (marker_parse(file, task, &in) == 0) {
		g->count[in.state]++;
		g->tasks++;
		if (states & 1u << in.state)
			buf_add(names, file, strlen(file) + 1);
	}
}

bool
glance(struct spool *sp, const char *dag, const char *run, struct glance *g)
{
	return glance_names(sp, dag, run, g, 0, NULL);
}

bool
glance_names(struct spool *sp, const char *dag, const char *run,
    struct glance *g, unsigned states, struct buf *names)
{
	alignas(struct dirent64) char listing[LISTING];
	char path[NAME_LEN + RUN_LEN + 2];
	const struct dirent64 *e;
	ssize_t n;
	int fd;

	*g = (struct glance){ .state = RUN_NONE };
	snprintf(path, sizeof path, "%s/%s", dag, run);
	fd = io_open(sp->runs, path, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return false;
	while ((n = getdents64(fd, listing, sizeof listing)) > 0)
		for (ssize_t at = 0; at < n; at += e->d_reclen) {
			e = (const void *)(listing + at);
			count(g, e->d_name, states, names);
		}
	close(fd);
	if (names && names->err)
		return false;
	return n == 0 && (g->state == RUN_WAITING || g->state == RUN_SUCCESS ||
	    g->state == RUN_FAILED);
}
