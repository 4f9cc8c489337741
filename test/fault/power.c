/*
 * power: the power fails, again and again, under load.
 *
 *	power CUTS [ext4 | xfs]
 *
 * The spool lies on a loop-mounted file system; FS_IOC_SHUTDOWN takes it away
 * from one instant to the next, its journal flushed in every other cut. Then
 * all that ran is killed, the file system is mounted again, its journal is
 * replayed, and the next dagexec recovers. What dagq had acknowledged must be
 * there; the ledger lies elsewhere, and is checked as ever. Exit 77 and a
 * reason where it cannot be made. The first line says which kinds of cut.
 *
 * All in a mount namespace of its own: where any other process has a copy of
 * ours (unshare -m), umount(2) here leaves the file system there, dead, and
 * the next mount(2) of its device gives that one back, without a replay.
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"
#include "work.h"

#define SHUTDOWN _IOR('X', 125, uint32_t)
enum { LOG_FLUSH = 1, NO_LOG_FLUSH = 2, SKIPPED = 77, LOOKS = 4000 };

static struct kase k;
static char image[300], where[300], loop[64];
static unsigned day, acknowledged;

static int __attribute__((format(printf, 1, 2)))
sh(const char *fmt, ...)
{
	char command[1200];
	va_list ap;
	pid_t pid;
	int status = -1;

	va_start(ap, fmt);
	vsnprintf(command, sizeof command, fmt, ap);
	va_end(ap);
	pid = fork();
	if (pid == 0) {
		execlp("sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		;
	return status;
}

/* a mount namespace that nobody copies */
static bool
alone(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* gives it all back, whatever happens */
static void
clean(void)
{
	umount2(where, MNT_DETACH);
	if (loop[0])
		sh("losetup -d %s 2>/dev/null", loop);
}

static int
skip(const char *why)
{
	printf("%s\n", why);
	clean();
	case_stop(&k);
	case_end();
	return SKIPPED;
}

static void
write_dag(void)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof path, "%.250s/dags/load.dag", case_root);
	f = fopen(path, "w");
	fprintf(f, "[dag]\nmax-active-runs = 8\n[default]\nretries = 90\n"
	    "run = body value k=v\n");
	for (int d = 0; d < 5; d++)
		for (int w = 0; w < 5; w++) {
			fprintf(f, "[task t%d-%d]\n", d, w);
			if (d > 0)
				fprintf(f, "after = t%d-%d t%d-%d\n", d - 1,
				    w, d - 1, (w + 1) % 5);
		}
	fclose(f);
}

/* asks for a run; counts it when dagq says that it is there */
static bool
more(void)
{
	char path[300], run[RUN_NAME];

	if (!work_more(&k, day, run))
		return false;
	snprintf(path, sizeof path, "%s/asked", k.dir);
	sh("echo %s >>%s", run, path);
	acknowledged++;
	day++;
	return true;
}

/* the same, where dagq may not fail; NULL, or that it did, and all that was
 * said */
static char *
must_be_had(void)
{
	char *out, *s;

	if (more())
		return NULL;
	out = case_output(&k);
	if (asprintf(&s, "dagq fails before the cut: %s", out) < 0)
		abort();
	free(out);
	return s;
}

/* all runs that were acknowledged are there; NULL, or which is not */
static char *
all_there(void)
{
	char *asked = slurp("%s/asked", k.dir), *p, *save, path[900], *s = NULL;

	for (p = asked ? strtok_r(asked, "\n", &save) : NULL; p && !s;
	    p = strtok_r(NULL, "\n", &save)) {
		snprintf(path, sizeof path, "%s/spool/runs/load/%s/run",
		    k.dir, p);
		if (access(path, F_OK) < 0 && asprintf(&s,
		    "%s was acknowledged, and is not there", p) < 0)
			abort();
	}
	free(asked);
	return s;
}

static bool
mounted(const char *type)
{
	return mount(loop, where, type, 0, NULL) == 0;
}

/* one cut, and what comes after it; NULL or what is wrong */
static char *
cut(const char *type, int n)
{
	static const char *const exec[] = {"dagexec", "-q", "-j4", NULL};
	uint32_t how = n % 2 ? LOG_FLUSH : NO_LOG_FLUSH;
	struct seen *seen;
	char *wrong = NULL;
	int fd, last = n % 4 == 3;

	case_start(&k, exec, NULL, NULL);
	wrong = must_be_had();
	poll(NULL, 0, rand() % 60);
	if (!wrong)
		wrong = must_be_had();
	poll(NULL, 0, rand() % 30);
	fd = open(where, O_RDONLY | O_DIRECTORY);
	if (fd < 0 || ioctl(fd, SHUTDOWN, &how) < 0)
		wrong = strdup("no cut");
	close(fd);
	/* nobody outlives it */
	case_wait(&k, exec, 0);
	case_quiet(&k, 0);
	/* who is dead holds it until he is gone */
	for (int i = 0; !wrong && umount(where) < 0; i++) {
		if (i == LOOKS)
			wrong = strdup("it cannot be unmounted");
		poll(NULL, 0, 5);
	}
	if (wrong || !mounted(type))
		return wrong ? wrong : strdup("it cannot be mounted again");
	wrong = all_there();
	/* what is on disk by now has been recorded */
	seen = ledger_see(&k);
	if (!wrong && last) {
		wrong = work_recover(&k, NULL);
		if (!wrong)
			wrong = work_verify(NULL, &k, seen, LEDGER_ENDED);
	} else if (!wrong)
		wrong = ledger_check(&k, seen, LEDGER_LIVE);
	ledger_forget(seen);
	return wrong;
}

int
main(int argc, char **argv)
{
	int cuts = argc > 1 ? atoi(argv[1]) : 100, n;
	const char *type = argc > 2 ? argv[2] : "ext4";
	char *wrong = NULL, *got;
	char path[300];

	srand(7);
	case_begin();
	unsetenv("FAULT_EPOCH");
	case_make(&k, "w");
	snprintf(image, sizeof image, "%.250s/image", case_root);
	/* the case's spool is on it; its ledger is not */
	snprintf(where, sizeof where, "%.250s/spool", k.dir);
	if (geteuid() != 0)
		return skip("only root can mount");
	if (!alone())
		return skip("there are no mount namespaces");
	snprintf(path, sizeof path, "%.250s/loop", case_root);
	/* with inodes for two runs a cut */
	if (sh("truncate -s %dM %s && mkfs.%s -q %s >/dev/null 2>&1", 4 * cuts +
	    (strcmp(type, "xfs") == 0 ? 320 : 64), image, type, image) != 0)
		return skip("there is no mkfs for it");
	if (sh("losetup -f --show %s >%s 2>/dev/null", image, path) != 0)
		return skip("there are no loop devices");
	got = slurp("%s", path);
	snprintf(loop, sizeof loop, "%.*s", (int)strcspn(got, "\n"), got);
	free(got);
	if (mkdir(where, 0700) < 0 || !mounted(type))
		return skip("the kernel cannot mount it");
	if (chmod(where, 0700) < 0)
		return skip("no rights on it");
	write_dag();
	for (n = 0; n < cuts && !wrong; n++)
		wrong = cut(type, n);
	if (!wrong)
		wrong = work_recover(&k, NULL);
	if (!wrong)
		wrong = work_verify(NULL, &k, NULL, LEDGER_ENDED);
	printf("%d cuts of %s, %u runs acknowledged%s%s\n", n, type,
	    acknowledged, wrong ? ": " : ", none lost, all whole",
	    wrong ? wrong : "");
	case_stop(&k);
	clean();
	if (!wrong)
		case_end();
	return wrong != NULL;
}
