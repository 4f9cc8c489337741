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

int
names_list(int fd, const char *dir, struct names *out)
{
	struct buf text = BUF_INIT;
	struct dirent *e;
	size_t n = 0;
	char *p;
	DIR *d;
	int dfd;

	*out = (struct names){0};
	dfd = io_open(fd, dir, O_RDONLY | O_DIRECTORY, 0);
	if (dfd < 0)
		return errno == ENOENT ? 0 : -1;
	d = fdopendir(dfd);
	if (!d) {
		close(dfd);
		return -1;
	}
	for (errno = 0; (e = readdir(d)); errno = 0) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		buf_add(&text, e->d_name, strlen(e->d_name) + 1);
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
