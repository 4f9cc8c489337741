/* names: what is in a directory, sorted. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "io.h"
#include "names.h"

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* NULL and errno */
static DIR *
open_dir(int fd, const char *dir)
{
	int dfd = io_open(fd, dir, O_RDONLY | O_DIRECTORY, 0);
	DIR *d = dfd < 0 ? NULL : fdopendir(dfd);

	if (dfd >= 0 && !d)
		close(dfd);
	return d;
}

/* the next but . and ..; NULL: none, or errno */
static const char *
next_name(DIR *d)
{
	struct dirent *e;

	do {
		errno = 0;
		e = readdir(d);
	} while (e && (strcmp(e->d_name, ".") == 0 ||
	    strcmp(e->d_name, "..") == 0));
	return e ? e->d_name : NULL;
}

int
names_any(int fd, const char *dir)
{
	DIR *d = open_dir(fd, dir);
	int any, e;

	if (!d)
		return errno == ENOENT ? 0 : -1;
	any = next_name(d) ? 1 : errno ? -1 : 0;
	e = errno;
	closedir(d);
	errno = e;
	return any;
}

int
names_list(int fd, const char *dir, struct names *out)
{
	struct buf text = BUF_INIT;
	DIR *d = open_dir(fd, dir);
	const char *name;
	size_t n = 0;
	char *p;

	*out = (struct names){0};
	if (!d)
		return errno == ENOENT ? 0 : -1;
	while ((name = next_name(d))) {
		buf_add(&text, name, strlen(name) + 1);
		n++;
	}
	if (errno || text.err) {
		if (text.err)
			errno = text.err;
		goto fail;
	}
	/* one allocation: the pointers, then what they point to */
	out->name = malloc((n + 1) * sizeof *out->name + text.n + 1);
	if (!out->name)
		goto fail;
	p = (char *)(out->name + n + 1);
	if (text.n)
		memcpy(p, text.p, text.n);
	for (size_t i = 0; i < n; i++, p += strlen(p) + 1)
		out->name[i] = p;
	out->name[n] = NULL;
	out->n = n;
	if (n)
		qsort(out->name, n, sizeof *out->name, by_bytes);
	buf_free(&text);
	closedir(d);
	return 0;
fail:
	buf_free(&text);
	closedir(d);
	return -1;
}

void
names_free(struct names *n)
{
	free(n->name);
	*n = (struct names){0};
}
