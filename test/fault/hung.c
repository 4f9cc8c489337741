/*
 * hung: a process that has a directory open whose file system does not answer:
 * whoever asks about it, by stat(2), waits for ever.
 *
 *	hung DIRECTORY
 *
 * Mounts there, in a mount namespace of its own, a FUSE file system that
 * nobody serves; says "ready", and lives until it is killed. Exit 77 where
 * that cannot be done.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	int fd = open("/dev/fuse", O_RDWR);
	char how[100];

	if (argc != 2)
		return 2;
	snprintf(how, sizeof how, "fd=%d,rootmode=40000,user_id=0,group_id=0",
	    fd);
	if (fd < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("hung", argv[1], "fuse", 0, how) < 0 ||
	    open(argv[1], O_PATH) < 0) {
		perror("no FUSE");
		return 77;
	}
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
