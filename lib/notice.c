/* notice: what whoever looks at a spool should know first. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dagfile.h"
#include "dagpath.h"
#include "dagprog.h"
#include "io.h"
#include "known.h"
#include "notice.h"
#include "outbox.h"
#include "text.h"

/* is this file that of a living dagexec or supervisor? */
static bool
serves(struct spool *sp, const char *file)
{
	char path[FILE_LEN], role[32] = "";
	bool yes = false;
	int fd;

	/* PID, PID~MACHINE */
	if (file[0] < '1' || file[0] > '9')
		return false;
	snprintf(path, sizeof path, "workers/%s", file);
	fd = io_open_file(sp->fd, path, O_RDONLY, 0);
	if (fd < 0)
		return false;
	if (io_locked(fd, 0) == 1 && pread(fd, role, sizeof role - 1, 0) > 0) {
		role[strcspn(role, " \n")] = '\0';
		yes = strcmp(role, "dagexec") == 0 ||
		    strcmp(role, "supervisor") == 0;
	}
	close(fd);
	return yes;
}

bool
notice_served(struct spool *sp)
{
	struct names files;
	bool yes = false;

	if (names_list(sp->fd, "workers", &files) < 0)
		return false;
	for (size_t i = 0; i < files.n && !yes; i++)
		yes = serves(sp, files.name[i]);
	names_free(&files);
	return yes;
}

bool
notice_paused(struct spool *sp, const char *dag, struct buf *b)
{
	char at[INSTANT_LEN];
	struct known k;
	bool yes;

	yes = known_dag(&k, sp, dag) == 0 && k.paused;
	if (yes && b && k.paused_at) {
		instant_format(at, k.paused_at, 0);
		buf_fmt(b, " since %s", at);
	}
	if (yes && b && k.user.n)
		buf_fmt(b, " by %s", buf_cstr(&k.user));
	if (yes && b && k.note.n)
		buf_fmt(b, " (%s)", buf_cstr(&k.note));
	known_free(&k);
	return yes;
}

static int
ready(struct spool *sp, struct buf *b)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	struct names files;
	size_t n = 0;

	if (names_list(sp->fd, "queue", &files) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++)
		n += queue_parse(files.name[i], dag, run, task) == 0;
	names_free(&files);
	if (n > 0 && !notice_served(sp))
		buf_fmt(b, "# %zu task%s ready, and no dagexec serves this "
		    "spool\n", n, n == 1 ? " is" : "s are");
	return 0;
}

static int
paused(struct spool *sp, struct buf *b)
{
	struct names dags;

	if (names_list(sp->fd, "dags", &dags) < 0)
		return -1;
	for (size_t i = 0; i < dags.n; i++)
		if (name_ok(dags.name[i], strlen(dags.name[i])) &&
		    notice_paused(sp, dags.name[i], NULL))
			buf_fmt(b, "# %s is paused\n", dags.name[i]);
	names_free(&dags);
	return 0;
}

static int
untold(struct spool *sp, struct buf *b)
{
	size_t waiting, undelivered;
	int64_t due;

	if (outbox_count(sp, &waiting, &undelivered, &due) < 0)
		return -1;
	if (waiting > 0)
		buf_fmt(b, "# %zu notice%s not delivered yet: outbox/\n",
		    waiting, waiting == 1 ? " is" : "s are");
	if (undelivered > 0)
		buf_fmt(b, "# %zu notice%s could not be delivered: "
		    "undelivered/\n", undelivered, undelivered == 1 ? "" :
		    "s");
	return 0;
}

bool
notice_program(const char *path)
{
	struct stat st;
	bool yes;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	yes = fd >= 0 && fstat(fd, &st) == 0 && dagprog_is(fd, &st);
	if (fd >= 0)
		close(fd);
	return yes;
}

/* the errors of one file, a line each */
static void
broken_file(const char *path, struct buf *b)
{
	struct buf out = BUF_INIT, errs = BUF_INIT, text = BUF_INIT;
	size_t at = 0;

	if (!notice_program(path) && dagfile_compile(path, &out, &errs) == 1)
		while (dagfile_error(&errs, &at, &text) == 1) {
			buf_str(b, "# ");
			text_plain(b, buf_cstr(&text), text.n);
			buf_ch(b, '\n');
			buf_reset(&text);
		}
	buf_free(&out);
	buf_free(&errs);
	buf_free(&text);
}

void
notice_files(struct buf *b)
{
	struct buf why = BUF_INIT;
	char **paths;
	size_t n;

	if (dagpath_list(NULL, 0, &paths, &n, &why) >= 0) {
		for (size_t i = 0; i < n; i++)
			broken_file(paths[i], b);
		dagpath_free(paths, n);
	}
	buf_free(&why);
}

int
notice_spool(struct spool *sp, struct buf *b)
{
	buf_str(b, "# spool ");
	text_plain(b, sp->path, strlen(sp->path));
	buf_ch(b, '\n');
	if (ready(sp, b) < 0 || paused(sp, b) < 0 || untold(sp, b) < 0)
		return -1;
	return b->err ? -1 : 0;
}
