/* sharing: which mounts are refused; of those who end an attempt one does. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fence.h"
#include "io.h"
#include "sharing.h"

#include "tap.h"

enum { ROUNDS = 100, RACERS = 8 };

static const char others[] =
    "21 1 8:1 / / rw - ext4 /dev/sda1 rw,soft,vers=3\n"
    "22 21 0:5 / /proc rw - proc proc rw\n"
    "23 21 0:40 / /other rw - nfs4 s:/o rw,vers=4.0,soft\n";

static void
check_mount(const char *type, const char *options, const char *fault)
{
	char text[1024];
	const char *found;

	snprintf(text, sizeof text, "%s30 21 0:41 / /spool rw,noatime "
	    "shared:7 master:2 - %s server:/dir %s\n", others, type, options);
	found = sharing_fault(text, "0:41");
	ok(found && fault ? strcmp(found, fault) == 0 : !found && !fault,
	    "%s %s: %s", type, options, found ? found : "nothing");
}

static void
check_mounts(void)
{
	const char *old = "it is NFS before 4.1",
	    *local = "it is mounted with local locks";

	check_mount("nfs4", "rw,vers=4.2,hard,local_lock=none", NULL);
	check_mount("nfs4", "rw,vers=4.1,noac", NULL);
	check_mount("nfs4", "rw,vers=4.0,hard", old);
	check_mount("nfs", "rw,vers=3,hard", old);
	check_mount("nfs", "rw,vers=2", old);
	check_mount("nfs4", "vers=4.2,soft", "it is mounted \"soft\"");
	check_mount("nfs4", "softerr,vers=4.2", "it is mounted \"softerr\"");
	check_mount("nfs", "vers=4.2,nolock,hard", "it is mounted \"nolock\"");
	check_mount("nfs4", "vers=4.2,nocto", "it is mounted \"nocto\"");
	check_mount("nfs4", "vers=4.2,local_lock=all", local);
	check_mount("nfs4", "vers=4.2,local_lock=posix", local);
	check_mount("nfs4", "vers=4.2,local_lock=flock", local);
	check_mount("fuse.sshfs", "rw,soft", NULL);
	ok(!sharing_fault(others, "0:4"), "0:4: of none");
	ok(!sharing_fault("30\n31 1\n - nfs4 a soft", "0:41"), "cut lines");
	ok(!sharing_fault("", "0:41"), "nothing is mounted");
}

/* how many of them say that it was theirs; -1: one has failed */
static int
race(struct run *r, unsigned attempt)
{
	struct marker_sum sum = {0};
	int go[2], status, won = 0, lost = 0;
	char byte;

	if (pipe(go) < 0)
		return -1;
	for (int i = 0; i < RACERS; i++)
		if (fork() == 0) {
			close(go[1]);
			(void)!read(go[0], &byte, 1);
			_exit(1 + fence_lost(r, "a", attempt, &sum));
		}
	close(go[0]);
	close(go[1]);
	while (wait(&status) > 0) {
		won += status == 2 << 8;
		lost += status == 1 << 8;
	}
	return won + lost == RACERS ? won : -1;
}

static void
check_race(void)
{
	char dir[] = "fates.XXXXXX";
	struct spool sp = {.shared = true};
	struct run r = {.spool = &sp};
	unsigned good = 0;

	r.fd = mkdtemp(dir) ? open(dir, O_RDONLY | O_DIRECTORY) : -1;
	for (unsigned i = 1; i <= ROUNDS; i++)
		good += race(&r, i) == 1;
	ok(good == ROUNDS, "%d at once: one of them has it, %u of %d times",
	    RACERS, good, ROUNDS);
}

int
main(void)
{
	check_mounts();
	check_race();
	return tap_end();
}
