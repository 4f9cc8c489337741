/* lend: what a task that runs as another user may write into, and what of it
 * becomes the run's. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io.h"
#include "lend.h"
#include "outdir.h"
#include "rec.h"
#include "tree.h"

static const char place[] = "/tmp/dag.";

static int
find_groups(struct lend *l)
{
	gid_t *grown;
	int n = 32;

	do {
		grown = realloc(l->group, (size_t)n * sizeof *grown);
		if (!grown)
			return -1;
		l->group = grown;
		l->ngroup = n;
		n *= 2;
	} while (getgrouplist(l->who.name, l->who.gid, l->group,
	    &l->ngroup) < 0 && n < 1 << 20);
	return 0;
}

int
lend_begin(struct lend *l, const struct plan *p, uint32_t task, int marker,
    struct buf *why)
{
	struct buf b = BUF_INIT;
	const char *name = plan_get(p, task, "user", &b), *fault;
	int x = -1;

	*l = (struct lend){.fd = -1};
	fault = become_fault(name ? name : "");
	if (fault) {
		buf_fmt(why, "user %s: %s", name, fault);
		errno = EPERM;
	} else if (become_find(&l->who, name) == 0 && find_groups(l) == 0) {
		snprintf(l->dir, sizeof l->dir, "%sXXXXXX", place);
		if (!mkdtemp(l->dir))
			l->dir[0] = '\0';
		else if ((l->fd = open(l->dir, O_RDONLY | O_DIRECTORY |
		    O_NOFOLLOW | O_CLOEXEC)) >= 0)
			x = outdir_wanted(p, task) ? mkdirat(l->fd, "files",
			    0700) : 0;
	}
	if (x == 0 && outdir_wanted(p, task))
		x = fchownat(l->fd, "files", l->who.uid, l->who.gid,
		    AT_SYMLINK_NOFOLLOW);
	buf_reset(&b);
	rec_put(&b, "dir", l->dir);
	if (x == 0)
		x = marker_event(marker, "lend", &b, NULL);
	buf_free(&b);
	if (x < 0) {
		int e = errno;

		if (why->n == 0)
			buf_fmt(why, "user: %s", strerror(e));
		lend_end(l);
		errno = e;
	}
	return x;
}

int
lend_file(const struct lend *l, int fd)
{
	return fchown(fd, l->who.uid, l->who.gid);
}

int
lend_give(const struct lend *l)
{
	return lend_file(l, l->fd);
}

int
lend_become(const struct lend *l)
{
	gid_t g = l->who.gid;
	uid_t u = l->who.uid;

	/* the C library's own would tell the threads of a process */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    syscall(SYS_setgroups, l->ngroup, l->group) < 0 ||
	    syscall(SYS_setresgid, g, g, g) < 0 ||
	    syscall(SYS_setresuid, u, u, u) < 0)
		return -1;
	if (syscall(SYS_setresuid, 0, 0, 0) == 0) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

static void
put(struct buf *b, const char *name, const char *value)
{
	size_t n = strlen(name);

	for (const char *p = b->p; p < b->p + b->n; p += strlen(p) + 1)
		if (strncmp(p, name, n) == 0 && p[n] == '=')
			return;
	buf_fmt(b, "%s=%s", name, value);
	buf_ch(b, '\0');
}

void
lend_environment(const struct lend *l, struct buf *b)
{
	put(b, "HOME", l->who.home);
	put(b, "USER", l->who.name);
	put(b, "LOGNAME", l->who.name);
	put(b, "SHELL", l->who.shell);
}

bool
lend_passes(const char *variable)
{
	static const char *const known[] = {"PATH=", "LANG=", "LC_", "TZ=",
	    "DAG_"};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strncmp(variable, known[i], strlen(known[i])) == 0)
			return true;
	return false;
}

static int
copy(int from, int to)
{
	static char text[65536];
	ssize_t n;

	while ((n = read(from, text, sizeof text)) > 0)
		if (write_all(to, text, (size_t)n) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

/* copies a file of his, if it is one: no link, of no kind */
static int
take(const struct lend *l, int from, const char *name, int to,
    const char *as)
{
	int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC), out, x = -1, e;
	struct stat st;

	if (in < 0)
		return 0;
	if (fstat(in, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1 ||
	    st.st_uid != l->who.uid) {
		close(in);
		return 0;
	}
	out = io_open(to, as, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (out >= 0)
		x = copy(in, out);
	e = errno;
	close(in);
	if (out >= 0 && close(out) < 0)
		return -1;
	errno = e;
	return x;
}

static int
take_files(const struct lend *l, const struct run *r, const char *task)
{
	char path[FILE_LEN];
	int from = openat(l->fd, "files", O_RDONLY | O_DIRECTORY |
	    O_NOFOLLOW | O_CLOEXEC), to, x = -1, e;
	struct names in = {NULL, 0};

	if (from < 0)
		return 0;
	snprintf(path, sizeof path, "files/%s", task);
	to = io_open(r->fd, path, O_RDONLY | O_DIRECTORY, 0);
	if (to >= 0)
		x = names_list(from, ".", &in);
	for (size_t i = 0; x == 0 && i < in.n; i++)
		x = take(l, from, in.name[i], to, in.name[i]);
	e = errno;
	names_free(&in);
	close(from);
	if (to >= 0)
		close(to);
	errno = e;
	return x;
}

int
lend_take(const struct lend *l, const struct run *r, const char *task)
{
	char path[FILE_LEN];

	snprintf(path, sizeof path, "out/%s", task);
	if (take(l, l->fd, "out", r->fd, path) < 0)
		return -1;
	return outdir_wanted(r->plan, (uint32_t)plan_find(r->plan, task,
	    strlen(task))) ? take_files(l, r, task) : 0;
}

void
lend_lost(const char *dir)
{
	int tmp;

	if (strncmp(dir, place, sizeof place - 1) != 0 ||
	    strchr(dir + sizeof place - 1, '/'))
		return;
	tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tmp < 0)
		return;
	(void)tree_remove(tmp, dir + strlen("/tmp/"));
	close(tmp);
}

void
lend_end(struct lend *l)
{
	if (l->dir[0])
		lend_lost(l->dir);
	if (l->fd >= 0)
		close(l->fd);
	free(l->group);
	*l = (struct lend){.fd = -1};
}
