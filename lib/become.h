/* become: gives up all that root may, for what a user may, for good. */
#ifndef BECOME_H
#define BECOME_H

#include <stdbool.h>
#include <sys/types.h>

enum { BECOME_NAME = 64, BECOME_PATH = 512 };

/* a user, as the system knows him */
struct become {
	uid_t uid;
	gid_t gid;
	char name[BECOME_NAME], home[BECOME_PATH], shell[BECOME_PATH];
};

/*
 * Looks a user up. 0; -1 and errno: ENOENT there is none of exactly that
 * name, EPERM it is root under some name, ENAMETOOLONG, or the system's.
 */
int become_find(struct become *, const char *name);
/* why a task cannot be run as the user of that name: in words, or NULL; only
 * root can, and only as another */
const char *become_fault(const char *name);
/*
 * Becomes that user: groups, gid, uid, and then tries to be root again: only
 * if that fails it is done. Then the session is a new one, signals and umask
 * are as at a login, the working directory is the home, or /. What fails
 * leaves nobody anybody should go on as: exit. 0, or -1 and errno.
 */
int become_user(const struct become *);
/* the environment as at a login, and no more, in place of the one there is
 * (but LANG and TZ, if root has them). 0, or -1 with ENOMEM */
int become_environment(const struct become *);

#endif
