/*
 * followdags: the DAG files that dagsched --follow follows: found, watched,
 * compiled again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dagfile.h"
#include "dagpath.h"
#include "follow.h"

#define f follow_state

struct follow follow_state;

const char *
follow_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int
by_path(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size && a->st_mode == b->st_mode &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

void
follow_refresh(struct file *x)
{
	struct buf text = BUF_INIT, errs = BUF_INIT;
	struct stat st = {0};
	int r;

	if (stat(x->path, &st) == 0 && same_file(&st, &x->st))
		return;
	x->st = st;
	/* gone without an event: it has no slots any more */
	if (st.st_ino == 0 && x->text.n > 0) {
		buf_free(&x->text);
		return;
	}
	r = dagfile_compile(x->path, &text, &errs);
	if (r == 0) {
		buf_free(&x->text);
		x->text = text;
		x->due = true;
		buf_free(&errs);
		return;
	}
	if (r < 0)
		prog_warn_errno("%s", x->path);
	else
		dagsched_errors(&errs, false);
	if (x->text.n)
		prog_warn("%s: its last good version stays in force", x->dag);
	buf_free(&text);
	buf_free(&errs);
}

static void
drop(struct file *x)
{
	free(x->path);
	buf_free(&x->text);
}

/* takes the list of files that there are now; those known before are kept */
static void
merge(char **path, size_t n)
{
	struct file *list = calloc(n + 1, sizeof *list);
	size_t old = 0;
	int order;

	if (!list)
		prog_die_errno("DAG files");
	for (size_t i = 0; i < n; i++) {
		list[i] = (struct file){.path = path[i], .wake = INT64_MAX};
		if (dagpath_name(path[i], list[i].dag) < 0)
			snprintf(list[i].dag, sizeof list[i].dag, "?");
	}
	if (n)
		qsort(list, n, sizeof *list, by_path);
	for (size_t i = 0; i < n || old < f.n;) {
		order = i == n ? 1 : old == f.n ? -1 :
		    strcmp(list[i].path, f.file[old].path);
		if (order > 0) {
			drop(&f.file[old++]);
		} else if (order < 0) {
			i++;
		} else {
			free(list[i].path);
			list[i++] = f.file[old++];
		}
	}
	free(f.file);
	f.file = list;
	f.n = n;
}

int
follow_watch(const char *dir, unsigned mask)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	int wd = -1, e;

	if (fd >= 0) {
		wd = watch_add(&f.watch, fd, NULL, mask);
		e = errno;
		close(fd);
		errno = e;
	}
	/* one that is not there is complained about when it is looked into */
	if (wd < 0 && errno != ENOENT && !f.unwatched) {
		prog_warn_errno("%s: it is not watched: what changes is seen "
		    "when a slot is due", dir);
		f.unwatched = true;
	}
	return wd;
}

/* watches where files are, and where such a directory would be replaced */
static void
watch_dirs(char **path, size_t n)
{
	struct buf parent = BUF_INIT;
	size_t len;

	dagpath_free(f.dir, f.ndir);
	free(f.wd);
	if (dagpath_dirs(f.name, f.nname, path, n, &f.dir, &f.ndir) < 0 ||
	    !(f.wd = malloc((f.ndir + 1) * sizeof *f.wd)))
		prog_die_errno("looking for DAG files");
	for (size_t i = 0; i < f.ndir; i++) {
		for (len = strlen(f.dir[i]); len > 1 &&
		    f.dir[i][len - 1] == '/';)
			f.dir[i][--len] = '\0';
		buf_reset(&parent);
		buf_fmt(&parent, "%.*s", (int)(follow_base(f.dir[i]) -
		    f.dir[i]), f.dir[i]);
		follow_watch(parent.n ? buf_cstr(&parent) : ".",
		    WATCH_ARRIVE | WATCH_ADD);
		f.wd[i] = follow_watch(f.dir[i], WATCH_ARRIVE | WATCH_LEAVE |
		    WATCH_ATTRIB | WATCH_WHOLE | WATCH_PLACED | WATCH_SELF);
	}
	buf_free(&parent);
}

enum exit_code
follow_look(void)
{
	enum exit_code code = EXIT_OK;
	struct buf why = BUF_INIT;
	char **path;
	size_t n;

	f.look = false;
	/* before they are listed, and then also where links lead to */
	watch_dirs(NULL, 0);
	if (dagpath_list(f.name, f.nname, &path, &n, &why) < 0)
		prog_die_errno("looking for DAG files");
	watch_dirs(path, n);
	if (why.n && !f.complained) {
		code = EXIT_BAD;
		dagsched_lines(NULL, &why);
	}
	f.complained = true;
	buf_free(&why);
	merge(path, n);
	free(path);
	for (size_t i = 0; i < f.n; i++)
		follow_refresh(&f.file[i]);
	return code;
}

/* has a name come that is all there, not one just made to be written to? */
static bool
complete(const struct watch_event *ev)
{
	struct stat st;
	int dir;
	bool whole = true;

	for (size_t i = 0; i < f.ndir; i++) {
		if (f.wd[i] != ev->wd)
			continue;
		dir = open(f.dir[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0)
			return true;
		whole = fstatat(dir, ev->name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode) || st.st_nlink > 1;
		close(dir);
	}
	return whole;
}

void
follow_event(const struct watch_event *ev)
{
	size_t n = strlen(ev->name);
	bool ours = n == 0 || (n > 4 && strcmp(ev->name + n - 4, ".dag") == 0);

	for (size_t i = 0; i < f.n && !ours; i++)
		ours = strcmp(follow_base(f.file[i].path), ev->name) == 0;
	for (size_t i = 0; i < f.ndir && !ours; i++)
		ours = strcmp(follow_base(f.dir[i]), ev->name) == 0;
	if (ours && (ev->mask != WATCH_ARRIVE || complete(ev)))
		f.look = true;
}

void
follow_free(void)
{
	for (size_t i = 0; i < f.n; i++)
		drop(&f.file[i]);
	free(f.file);
	dagpath_free(f.dir, f.ndir);
	free(f.wd);
	free(f.path);
	backfills_free(&f.backfills);
	free(f.wait);
}
