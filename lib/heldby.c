/* heldby: why a task is held. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "heldby.h"
#include "marker.h"

enum { MARKER_MAX = 64 << 20 };

int
heldby(const struct run *r, uint32_t task)
{
	static const struct instance held = {STATE_HELD, 0};
	char name[TASK_LEN + 1], *rest;
	struct buf text = BUF_INIT;
	struct marker_line l;
	int fd = marker_open(r, plan_name(r->plan, task, name), held,
	    O_RDONLY), x;

	if (fd < 0)
		return -1;
	x = buf_read(&text, fd, MARKER_MAX) < 0 ? -1 :
	    plan_yes(r->plan, task, "hold") ? HELDBY_PERSON :
	    text.n > 0 ? HELDBY_RERUN : HELDBY_NOBODY;
	rest = buf_cstr(&text);
	while (x >= 0 && marker_next(&rest, &l)) {
		if (strcmp(l.event, "hold") == 0)
			x = HELDBY_PERSON;
		else if (strcmp(l.event, "rerun") == 0)
			x = HELDBY_RERUN;
	}
	close(fd);
	buf_free(&text);
	return x;
}
