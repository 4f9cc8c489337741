/*
 * emptyfiles: makes directories of empty files, as fast as that can be done.
 *
 *	emptyfiles DIRECTORIES FILES		so many files in each
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int
fill(int dir, int n)
{
	char name[32];
	int fd;

	while (n > 0) {
		snprintf(name, sizeof name, "t%d.waiting", n--);
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd < 0 || close(fd) < 0)
			return -1;
	}
	return close(dir);
}

int
main(int argc, char **argv)
{
	char name[32];
	int dir;

	if (argc != 3) {
		fprintf(stderr, "usage: emptyfiles DIRECTORIES FILES\n");
		return 2;
	}
	for (int i = atoi(argv[1]); i > 0; i--) {
		snprintf(name, sizeof name, "d%d", i);
		if (mkdir(name, 0700) < 0 ||
		    (dir = open(name, O_RDONLY | O_DIRECTORY)) < 0 ||
		    fill(dir, atoi(argv[2])) < 0) {
			perror(name);
			return 111;
		}
	}
	return 0;
}
