/* become: gives up all that root may, for what a user may, for good. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "become.h"

static int
copy(char *to, size_t size, const char *from)
{
	size_t n = strlen(from);

	if (n >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(to, from, n + 1);
	return 0;
}

int
become_find(struct become *u, const char *name)
{
	struct passwd *p;

	errno = 0;
	p = getpwnam(name);
	if (!p || strcmp(p->pw_name, name) != 0) {
		if (p || !errno)
			errno = ENOENT;
		return -1;
	}
	if (p->pw_uid == 0) {
		errno = EPERM;
		return -1;
	}
	u->uid = p->pw_uid;
	u->gid = p->pw_gid;
	if (copy(u->name, sizeof u->name, name) < 0 ||
	    copy(u->home, sizeof u->home, p->pw_dir) < 0)
		return -1;
	return copy(u->shell, sizeof u->shell, p->pw_shell[0] ? p->pw_shell :
	    "/bin/sh");
}

const char *
become_fault(const char *name)
{
	struct become u;

	if (geteuid() != 0)
		return "only root can run a task as another user";
	if (become_find(&u, name) == 0)
		return NULL;
	return errno == ENOENT ? "there is no such user" :
	    errno == EPERM ? "it is root, as who tasks run anyway: leave it "
	    "out" : strerror(errno);
}

/* is nothing left of root, and no way back? */
static bool
for_good(const struct become *u)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	if (getresuid(&r, &e, &s) < 0 || getresgid(&rg, &eg, &sg) < 0)
		return false;
	if (r != u->uid || e != u->uid || s != u->uid || rg != u->gid ||
	    eg != u->gid || sg != u->gid)
		return false;
	return setuid(0) < 0 && seteuid(0) < 0 &&
	    (u->gid == 0 || setgid(0) < 0) && setgroups(0, NULL) < 0;
}

int
become_user(const struct become *u)
{
	sigset_t none;

	if (u->uid == 0 || initgroups(u->name, u->gid) < 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    setresgid(u->gid, u->gid, u->gid) < 0 ||
	    setresuid(u->uid, u->uid, u->uid) < 0)
		return -1;
	if (!for_good(u)) {
		errno = EPERM;
		return -1;
	}
	if (setsid() < 0 && getsid(0) != getpid())
		return -1;
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return -1;
	umask(022);
	return chdir(u->home) < 0 ? chdir("/") : 0;
}

int
become_environment(const struct become *u)
{
	static const char *const kept[] = {"LANG", "TZ"};
	char *value[sizeof kept / sizeof *kept] = {NULL};
	int x = 0;

	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (getenv(kept[i]) && !(value[i] = strdup(getenv(kept[i]))))
			return -1;
	clearenv();
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (value[i])
			x |= setenv(kept[i], value[i], 1);
	x |= setenv("HOME", u->home, 1) | setenv("USER", u->name, 1) |
	    setenv("LOGNAME", u->name, 1) | setenv("SHELL", u->shell, 1) |
	    setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		free(value[i]);
	return x;
}
