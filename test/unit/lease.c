/* lease: an attempt that is silent too long is given up, and no other. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
#include "lease.h"

#include "tap.h"

enum { LEASE = 8000, GAP = 100 };	/* ms */

static const char text[] = "dag\td\ttasks=1\n"
    "task\td/a\trun=true\tlaunch=here\tlease=8s\n";
static const char run[] = "2026-01-01T0000Z";

static struct timespec now = {1000, 0};

/* the only clock that there is */
int
clock_gettime(clockid_t id, struct timespec *t)
{
	(void)id;
	*t = now;
	return 0;
}

static void
pass(int64_t ms)
{
	int64_t ns = now.tv_nsec + ms % 1000 * 1000000;

	now.tv_sec += ms / 1000 + ns / 1000000000;
	now.tv_nsec = ns % 1000000000;
}

/* its heartbeat, as beat.c writes it */
static void
beat(const struct run *r, const struct marker_sum *sum, unsigned long long n)
{
	char path[LEASE_PATH], line[48];
	int fd;

	lease_path(path, r, "a", sum->batch);
	snprintf(line, sizeof line, "%u %020llu\n", sum->attempt, n);
	fd = io_open(r->spool->fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write_all(fd, line, strlen(line)) < 0)
		abort();
	close(fd);
}

/* looks every gap ms: after how many it is given up; -1 in most ms it is not,
 * -2 it has no lease. after: each time, what moves meanwhile (or NULL) */
static int64_t
given_up(struct run *r, struct marker_sum *sum, int64_t gap, int64_t most,
    void (*after)(struct run *, struct marker_sum *, int64_t ms))
{
	for (int64_t ms = 0; ms <= most; ms += gap) {
		switch (lease_look(r, 0, sum->attempt, sum)) {
		case LEASE_OVER:
			return ms;
		case LEASE_NONE:
			return -2;
		case LEASE_HELD:
			break;
		}
		if (after)
			after(r, sum, ms);
		pass(gap);
	}
	return -1;
}

/* a sensor that looks once a second: the first heartbeat of each look is 1, and
 * it has ended before there is a second one */
static void
look_again(struct run *r, struct marker_sum *sum, int64_t ms)
{
	sum->looks += ms % 1000 == 0;
	beat(r, sum, 1);
}

static void
beat_on(struct run *r, struct marker_sum *sum, int64_t ms)
{
	beat(r, sum, 2 + (unsigned long long)ms / 1000);
}

static void
check(struct run *r)
{
	struct marker_sum sum = {.attempt = 1, .batch = "here.0/1"};
	int64_t ms;

	beat(r, &sum, 1);
	ms = given_up(r, &sum, GAP, 3 * LEASE, NULL);
	ok(ms == LEASE + GAP, "no heartbeat: given up after %lld ms",
	    (long long)ms);

	sum = (struct marker_sum){.attempt = 2, .batch = "here.0/1"};
	ms = given_up(r, &sum, GAP, 10 * LEASE, beat_on);
	ok(ms == -1, "heartbeats: held");
	ms = given_up(r, &sum, GAP, 3 * LEASE, NULL);
	ok(ms > LEASE - 1000 && ms <= LEASE + GAP, "the last was %lld ms ago",
	    (long long)ms);

	sum = (struct marker_sum){.attempt = 3, .poking = true,
	    .batch = "here.0/1"};
	beat(r, &sum, 1);
	ms = given_up(r, &sum, GAP, 10 * LEASE, look_again);
	ok(ms == -1, "a sensor, each look shorter than a heartbeat: held");
	ok(sum.looks == 10 * LEASE / 1000 + 1, "%u looks", sum.looks);
	ms = given_up(r, &sum, GAP, 3 * LEASE, NULL);
	ok(ms > LEASE - 1000 && ms <= LEASE + GAP,
	    "its last look was %lld ms ago", (long long)ms);

	/* of what passed while nobody looked a quarter of the lease counts */
	sum = (struct marker_sum){.attempt = 4, .batch = "here.0/1"};
	beat(r, &sum, 1);
	ms = given_up(r, &sum, 10 * LEASE, 100 * LEASE, NULL);
	ok(ms == 50 * LEASE, "who was away: not at once");
}

static void
check_others(struct run *r)
{
	struct marker_sum sum = {.attempt = 5, .batch = "here.0/1"}, none = sum;
	struct leases *leases = r->spool->leases;

	beat(r, &sum, 0);
	ok(lease_look(r, 0, 5, &sum) == LEASE_OVER, "it says itself: over");
	beat(r, &none, 7);
	sum.attempt = 6;
	ok(lease_look(r, 0, 6, &sum) == LEASE_HELD, "another's heartbeat");
	ok(given_up(r, &none, GAP, 3 * LEASE, NULL) > LEASE &&
	    lease_look(r, 0, 6, &sum) == LEASE_HELD, "each has its own");
	ok(given_up(r, &(struct marker_sum){.attempt = 6}, GAP, 3 * LEASE,
	    NULL) == -2, "begun, by no engine: none");
	ok(lease_look(r, 0, 7, &none) == LEASE_HELD, "not begun: held");
	r->spool->leases = NULL;
	ok(given_up(r, &none, GAP, 3 * LEASE, NULL) == -1,
	    "who keeps none sees nothing");
	beat(r, &none, 0);
	ok(lease_look(r, 0, 5, &none) == LEASE_OVER, "but what it says");
	r->spool->leases = leases;
	r->spool->shared = false;
	ok(lease_look(r, 0, 5, &none) == LEASE_NONE, "it is not shared: none");
}

int
main(void)
{
	char dir[] = "leases.XXXXXX";
	struct spool sp = {.shared = true, .leases = leases_new()};
	struct run r = {.spool = &sp, .dag = "d"};
	struct buf why = BUF_INIT;
	struct plan p;

	snprintf(r.name, sizeof r.name, "%s", run);
	if (!mkdtemp(dir) || !sp.leases ||
	    (sp.fd = open(dir, O_RDONLY | O_DIRECTORY)) < 0 ||
	    mkdirat(sp.fd, "launch", 0700) < 0 ||
	    mkdirat(sp.fd, "launch/here.0", 0700) < 0 ||
	    plan_make(&p, text, strlen(text), &why) < 0)
		abort();
	r.plan = &p;
	check(&r);
	check_others(&r);
	plan_free(&p);
	buf_free(&why);
	free(sp.leases);
	return tap_end();
}
