/* sharing: whether several machines can have a file system as their spool. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "io.h"
#include "sharing.h"
#include "who.h"

enum { TEXT_MAX = 16 << 20 };

/* is that word among those between commas? */
static bool
has(const char *options, size_t n, const char *word)
{
	size_t w = strlen(word), k;

	for (; n > 0; options += k, n -= k) {
		k = strcspn(options, ",");
		k = k < n ? k : n;
		if (k == w && strncmp(options, word, w) == 0)
			return true;
		k += k < n;
	}
	return false;
}

static const char *
nfs_fault(const char *options, size_t n)
{
	static const struct {
		const char *word, *fault;
	} faults[] = {
		{"vers=2", "it is NFS before 4.1"},
		{"vers=3", "it is NFS before 4.1"},
		{"vers=4.0", "it is NFS before 4.1"},
		{"soft", "it is mounted \"soft\""},
		{"softerr", "it is mounted \"softerr\""},
		{"nolock", "it is mounted \"nolock\""},
		{"local_lock=all", "it is mounted with local locks"},
		{"local_lock=posix", "it is mounted with local locks"},
		{"local_lock=flock", "it is mounted with local locks"},
		{"nocto", "it is mounted \"nocto\""},
	};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		if (has(options, n, faults[i].word))
			return faults[i].fault;
	return NULL;
}

/* its third word is that */
static bool
is_of(const char *line, size_t n, const char *device)
{
	for (int i = 0; i < 2; i++) {
		const char *space = memchr(line, ' ', n);

		if (!space)
			return false;
		n -= (size_t)(space + 1 - line);
		line = space + 1;
	}
	return strncmp(line, device, strlen(device)) == 0 &&
	    line[strlen(device)] == ' ';
}

const char *
sharing_fault(const char *mountinfo, const char *device)
{
	const char *type, *options;
	size_t n;

	for (const char *line = mountinfo; *line; line += n + (line[n] != 0)) {
		n = strcspn(line, "\n");
		type = memmem(line, n, " - nfs", 6);
		if (!type || !is_of(line, n, device))
			continue;
		/* " - TYPE SOURCE OPTIONS" */
		options = memrchr(line, ' ', n);
		options++;
		return nfs_fault(options, n - (size_t)(options - line));
	}
	return NULL;
}

/* the first that is not as it is to be; NULL: all are */
static const char *
try_calls(struct spool *sp, const char *one, const char *two, int fd,
    time_t *at)
{
	struct stat st;
	int broken = 0;

	if (io_open(sp->tmp, one, O_WRONLY | O_CREAT | O_EXCL, 0600) >= 0)
		return "O_EXCL makes a file that is there";
	if (write_all(fd, "?\n", 2) < 0 && errno != ENOSPC && errno != EDQUOT)
		return "a write fails";
	if (io_sync(fd, &broken) < 0 || io_sync(sp->tmp, &broken) < 0)
		return "a sync fails";
	if (io_lock(fd, 0, false) < 0)
		return "fcntl(2) does not lock";
	if (linkat(sp->tmp, one, sp->tmp, two, 0) < 0)
		return "link(2) fails";
	if (linkat(sp->tmp, one, sp->tmp, two, 0) == 0)
		return "link(2) replaces a file";
	if (fstat(fd, &st) < 0 || st.st_nlink != 2)
		return "link(2) is not counted";
	*at = st.st_mtime;
	if (unlinkat(sp->tmp, two, 0) < 0 ||
	    io_place(sp->tmp, one, sp->tmp, two) < 0 ||
	    io_place(sp->tmp, one, sp->tmp, two) == 0)
		return "rename(2) does not take a name away";
	return fstat(fd, &st) < 0 || st.st_nlink != 1 ?
	    "unlink(2) is not counted" : NULL;
}

static int
try_all(struct spool *sp, struct buf *why, int64_t *ahead)
{
	char one[64], two[64];
	const char *fault;
	int64_t now = clock_seconds();
	time_t at = now;
	int fd;

	snprintf(one, sizeof one, "share.%s", who_self());
	snprintf(two, sizeof two, "share.%s.2", who_self());
	unlinkat(sp->tmp, one, 0);
	unlinkat(sp->tmp, two, 0);
	fd = io_open(sp->tmp, one, O_RDWR | O_CREAT | O_EXCL, 0600);
	/* a full one says nothing of what it can do */
	if (fd < 0)
		return errno == ENOSPC || errno == EDQUOT ? 0 : -1;
	fault = try_calls(sp, one, two, fd, &at);
	if (fault)
		buf_str(why, fault);
	*ahead = at - now;
	close(fd);
	unlinkat(sp->tmp, one, 0);
	unlinkat(sp->tmp, two, 0);
	return fault ? 1 : 0;
}

int
sharing_check(struct spool *sp, struct buf *why, int64_t *ahead)
{
	struct buf b = BUF_INIT;
	const char *fault = NULL;
	char device[32];
	struct stat st;
	int fd, x = -1;

	*ahead = 0;
	if (fstat(sp->fd, &st) < 0)
		return -1;
	snprintf(device, sizeof device, "%u:%u", major(st.st_dev),
	    minor(st.st_dev));
	fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && buf_read(&b, fd, TEXT_MAX) == 0)
		fault = sharing_fault(buf_cstr(&b), device);
	if (fault)
		buf_str(why, fault);
	if (fd >= 0)
		close(fd);
	buf_free(&b);
	if (fault)
		return 1;
	/* who cleans tmp/ does not know us yet, and may take away what we try
	 * it with: a fault is one that stays */
	for (int i = 0; i < 5 && x != 0; i++) {
		buf_reset(why);
		x = try_all(sp, why, ahead);
	}
	return x;
}
