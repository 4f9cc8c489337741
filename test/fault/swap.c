/*
 * swap: directories of a spool that are links to elsewhere, and themselves
 * again, all the time, while programs work on it.
 *
 *	swap SPOOL ELSEWHERE
 *
 * ELSEWHERE has what the spool has, and links to that are kept in SPOOL.links:
 * each directory of the spool, down to those of the runs, is exchanged with its
 * link for a moment, one after the other, until stdin ends. Prints how often.
 */
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 256, PATH = 600, MOMENT = 20000 };	/* ns */

static struct {
	char path[PATH], link[PATH];
} all[MOST];
static size_t n;
static const char *spool, *elsewhere;

static int
add(const char *path, const struct stat *st, int type, struct FTW *w)
{
	char to[PATH];

	(void)st;
	if (type != FTW_D || w->level == 0 || n == MOST)
		return 0;
	snprintf(to, sizeof to, "%.250s%.300s", elsewhere,
	    path + strlen(spool));
	snprintf(all[n].path, PATH, "%s", path);
	snprintf(all[n].link, PATH, "%.250s.links/%zu", spool, n);
	if (symlink(to, all[n].link) < 0)
		return -1;
	n++;
	return 0;
}

static bool
told_to_end(void)
{
	struct pollfd p = {.fd = 0, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

int
main(int argc, char **argv)
{
	const struct timespec moment = {0, MOMENT};
	char links[PATH];
	unsigned long swaps = 0;

	if (argc != 3)
		return 2;
	spool = argv[1];
	elsewhere = argv[2];
	snprintf(links, sizeof links, "%.250s.links", spool);
	if (mkdir(links, 0700) < 0 || nftw(spool, add, 16, FTW_PHYS) != 0) {
		perror(links);
		return 111;
	}
	for (size_t i = 0; !told_to_end(); i = (i + 1) % n) {
		/* it may be gone by now */
		if (renameat2(AT_FDCWD, all[i].path, AT_FDCWD, all[i].link,
		    RENAME_EXCHANGE) < 0)
			continue;
		nanosleep(&moment, NULL);
		/* the link may have been moved elsewhere */
		if (renameat2(AT_FDCWD, all[i].path, AT_FDCWD, all[i].link,
		    RENAME_EXCHANGE) < 0 &&
		    rename(all[i].link, all[i].path) < 0) {
			perror(all[i].path);
			return 111;
		}
		swaps++;
	}
	printf("%lu\n", swaps);
	return 0;
}
