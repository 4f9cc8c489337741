/* pace: how many runs a backfill may make now. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "instant.h"
#include "io.h"
#include "pace.h"
#include "runfile.h"
#include "tz.h"

enum { DAY = 1440, SOON = 30 };		/* SOON: seconds until a second look */

/* the first number behind a text in a file of /proc; -1: it is not there */
static double
read_number(const char *path, const char *behind)
{
	struct buf text = BUF_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	double v = -1;
	char *at;

	if (fd < 0)
		return -1;
	if (buf_read(&text, fd, 4096) == 0 &&
	    (at = strstr(buf_cstr(&text), behind)))
		v = strtod(at + strlen(behind), NULL);
	close(fd);
	buf_free(&text);
	return v;
}

static double
pressure(void)
{
	static const char *const of[] = {"/proc/pressure/cpu",
	    "/proc/pressure/io", "/proc/pressure/memory"};
	double most = 0, v;

	for (size_t i = 0; i < sizeof of / sizeof of[0]; i++)
		if ((v = read_number(of[i], "avg10=")) > most)
			most = v;
	return most;
}

/* is it time by the clock? else wake is when it will be */
static bool
within(const struct pace *p, const struct backfills_part *b, int64_t *wake)
{
	int64_t local = p->now + tz_offset(p->zone, p->now);
	int minute = (int)((local % 86400 + 86400) % 86400 / 60);
	struct civil c;
	int64_t t[2];

	if (b->begin < 0 || (b->begin < b->end ?
	    minute >= b->begin && minute < b->end :
	    minute >= b->begin || minute < b->end))
		return true;
	local -= (local % 86400 + 86400) % 86400;
	if (minute >= b->begin)
		local += 86400;
	civil_from_seconds(&c, local + b->begin * 60);
	tz_instants(p->zone, &c, t);
	*wake = t[0];
	return false;
}

/* does the file "run" of a run say that it is of this backfill? */
static bool
is_of(struct spool *sp, const char *dag, const char *run, const char *name)
{
	struct runfile file;
	const char *v;
	bool is;

	runfile_open(&file, sp, dag, run);
	v = rec_get(&file.rec, "backfill");
	is = v && strcmp(v, name) == 0;
	runfile_free(&file);
	return is;
}

/* has it come to this slot, as far as it says? */
static bool
taken(const struct backfills_part *b, int64_t t)
{
	return b->begun && (b->reverse ? t >= b->reached :
	    t <= b->reached);
}

int64_t
pace_failed(struct spool *sp, const struct backfills_part *b)
{
	struct run_entry *list;
	char path[FILE_LEN];
	int64_t failed = 0;
	size_t n;

	if (!sp || sp->runs < 0)
		return 0;
	if (spool_runs(sp, b->dag, false, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (list[i].manual || list[i].time < b->from ||
		    list[i].time > b->to)
			continue;
		snprintf(path, sizeof path, "%s/%s/@failed", b->dag,
		    list[i].name);
		failed += io_exists(sp->runs, path) == 1 &&
		    (taken(b, list[i].time) ||
		    is_of(sp, b->dag, list[i].name, b->name));
	}
	free(list);
	return failed;
}

int64_t
pace_room(const struct pace *p, const struct backfills_part *b,
    const char **why, int64_t *wake)
{
	/* one place is left to the schedule */
	int64_t all = p->runs > 1 ? p->runs - 1 : 1, own = b->active ?
	    b->active : all, failed, live = (int64_t)p->nlive + p->due;

	*wake = INT64_MAX;
	*why = "it is paused";
	if (b->state == BACKFILL_PAUSED)
		return 0;
	*why = "it is cancelled";
	if (b->state == BACKFILL_CANCELLED)
		return 0;
	*why = "it is done";
	if (b->state == BACKFILL_DONE || b->once)
		return 0;
	*why = "it is not the time of day for it (between)";
	if (!within(p, b, wake))
		return 0;
	for (size_t i = 0; i < p->nlive; i++)
		own -= p->live[i].time >= b->from && p->live[i].time <= b->to;
	*why = "as many runs as it may have at a time have not ended";
	if (own <= 0 || all - live <= 0)
		return 0;
	*wake = p->now + SOON;
	*why = "the load of the machine is above max-load";
	if (b->load >= 0 && read_number("/proc/loadavg", "") > b->load)
		return 0;
	*why = "the pressure on the machine is above max-pressure";
	if (b->pressure >= 0 && pressure() > b->pressure)
		return 0;
	*wake = INT64_MAX;
	*why = "too many of its runs have failed (stop-after)";
	failed = b->stop_after ? pace_failed(p->spool, b) : 0;
	if (failed < 0 || (b->stop_after && failed >= b->stop_after))
		return failed < 0 ? -1 : 0;
	*why = NULL;
	return own < all - live ? own : all - live;
}
