/* cgroup: a control group of version 2 for an attempt, where one can be had. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "buf.h"
#include "cgroup.h"

enum { INFO_MAX = 1 << 20, PATIENCE = 5000, STEP = 5 };

/* what the unit's DelegateSubgroup= is called: the groups of attempts are
 * beside it, since one with processes of its own cannot be divided further */
static const char leaf[] = "/dagexec";

/* where cgroup v2 is mounted, or NULL */
static const char *
mount_point(void)
{
	static const char *const places[] = {"/sys/fs/cgroup",
	    "/sys/fs/cgroup/unified"};
	struct statfs fs;

	for (unsigned i = 0; i < sizeof places / sizeof *places; i++)
		if (statfs(places[i], &fs) == 0 &&
		    fs.f_type == CGROUP2_SUPER_MAGIC)
			return places[i];
	errno = ENOENT;
	return NULL;
}

/* the path of the group that we are in; -1: none, or it is too long */
static int
own_path(char path[CGROUP_LEN])
{
	int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC), x = -1;
	struct buf b = BUF_INIT;
	const char *p;
	size_t n;

	if (fd < 0)
		return -1;
	if (buf_read(&b, fd, INFO_MAX) == 0 &&
	    (p = strstr(buf_cstr(&b), "0::/"))) {
		n = strcspn(p + 3, "\n");
		if (n < CGROUP_LEN - CGROUP_NAME - 1) {
			memcpy(path, p + 3, n);
			path[n] = '\0';
			x = 0;
		}
	}
	close(fd);
	buf_free(&b);
	return x;
}

/* where groups of ours are made: our own, or the one above that leaf */
static int
base_path(char path[CGROUP_LEN])
{
	size_t n;

	if (own_path(path) < 0)
		return -1;
	n = strlen(path);
	if (n >= sizeof leaf - 1 &&
	    strcmp(path + n - (sizeof leaf - 1), leaf) == 0)
		n -= sizeof leaf - 1;
	while (n > 0 && path[n - 1] == '/')
		n--;
	path[n] = '\0';
	return 0;
}

void
cgroup_name(char name[CGROUP_NAME], const struct stat *st, unsigned attempt)
{
	snprintf(name, CGROUP_NAME, "dag.%llx.%llx.%u",
	    (unsigned long long)st->st_dev, (unsigned long long)st->st_ino,
	    attempt);
}

static int
open_file(const char *path, const char *file, int flags)
{
	char full[CGROUP_LEN + 64];
	const char *root = mount_point();

	if (!root)
		return -1;
	snprintf(full, sizeof full, "%s%s/%s", root, path, file);
	return open(full, flags | O_CLOEXEC | O_NOFOLLOW);
}

static int
put(const char *path, const char *file, const char *text)
{
	int fd = open_file(path, file, O_WRONLY), e;
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	e = errno;
	close(fd);
	errno = e;
	return n < 0 ? -1 : 0;
}

static int
take_away(const char *path)
{
	char full[CGROUP_LEN + 64];
	const char *root = mount_point();

	if (!root)
		return -1;
	snprintf(full, sizeof full, "%s%s", root, path);
	return rmdir(full);
}

int
cgroup_make(struct cgroup *c, const char *name)
{
	const char *root = mount_point();
	char full[CGROUP_LEN + 64];
	size_t n;

	*c = (struct cgroup){.procs = -1};
	if (!root || base_path(c->path) < 0) {
		c->path[0] = '\0';
		return -1;
	}
	n = strlen(c->path);
	snprintf(c->path + n, sizeof c->path - n, "/%.*s", CGROUP_NAME - 1,
	    name);
	snprintf(full, sizeof full, "%s%s", root, c->path);
	if ((mkdir(full, 0755) == 0 || errno == EEXIST) &&
	    (c->procs = open_file(c->path, "cgroup.procs", O_RDWR)) >= 0)
		return 0;
	c->path[0] = '\0';
	return -1;
}

/* what still lives in it comes to us, and goes on */
static void
move_home(struct cgroup *c)
{
	char own[CGROUP_LEN], *p, *end;
	struct buf b = BUF_INIT;

	if (own_path(own) == 0 && lseek(c->procs, 0, SEEK_SET) == 0 &&
	    buf_read(&b, c->procs, INFO_MAX) == 0)
		for (p = buf_cstr(&b); (end = strchr(p, '\n')); p = end + 1) {
			*end = '\0';
			put(own, "cgroup.procs", p);
		}
	buf_free(&b);
}

void
cgroup_drop(struct cgroup *c)
{
	/* again: one may have been in the middle of a fork */
	for (int i = 0; c->path[0] && take_away(c->path) < 0 &&
	    errno == EBUSY && i < 10; i++)
		move_home(c);
	if (c->procs >= 0)
		close(c->procs);
	*c = (struct cgroup){.procs = -1};
}

int
cgroup_kill(const char *path)
{
	/* a group of ours, whatever somebody wrote somewhere */
	if (!strstr(path, "/dag.")) {
		errno = EINVAL;
		return -1;
	}
	for (int waited = 0; waited < PATIENCE; waited += STEP) {
		if (put(path, "cgroup.kill", "1") < 0)
			return errno == ENOENT || errno == ENODEV ? 0 : -1;
		if (take_away(path) == 0 || errno == ENOENT)
			return 0;
		poll(NULL, 0, STEP);
	}
	errno = ETIMEDOUT;
	return -1;
}

void
cgroup_of(struct cgroup *group, int marker, unsigned attempt)
{
	char name[CGROUP_NAME];
	struct stat st;

	if (fstat(marker, &st) < 0)
		return;
	cgroup_name(name, &st, attempt);
	(void)cgroup_make(group, name);
}
