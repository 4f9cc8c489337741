/* statvalues: dagstat --values: what tasks have left, live or archived. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "dagstat.h"
#include "io.h"
#include "rec.h"

enum { VALUES_MAX = 256 << 20 };

/* one task's lines are gathered */
struct leaves {
	char id[NAME_LEN + RUN_LEN + TASK_LEN + 3];
	const char *task;
	struct buf out;
};

/* "ID KEY VALUE" for each line that is one */
static void
put_values(struct leaves *l, const struct buf *text)
{
	const char *s = text->p, *end = s + text->n, *nl, *eq;

	for (; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (!nl)
			nl = end;
		eq = memchr(s, '=', (size_t)(nl - s));
		if (!eq || !name_ok(s, (size_t)(eq - s)))
			continue;
		buf_fmt(&l->out, "%s\t%.*s\t", l->id, (int)(eq - s), s);
		rec_escape(&l->out, eq + 1, (size_t)(nl - eq - 1));
		buf_ch(&l->out, '\n');
	}
}

/* "ID files/TASK/NAME SIZE": where it is in the run, and its bytes */
static void
put_file(struct leaves *l, const char *name, int64_t size)
{
	buf_fmt(&l->out, "%s\tfiles/%s/", l->id, l->task);
	rec_escape(&l->out, name, strlen(name));
	buf_fmt(&l->out, "\t%lld\n", (long long)size);
}

static int
live(struct leaves *l, const struct id *id)
{
	char path[TASK_LEN + 8];
	struct buf text = BUF_INIT;
	struct names in = {0};
	struct stat st;
	struct run r;
	int x, fd;

	if (run_open(&dagstat.spool, id->dag, id->run, &r) < 0)
		return -1;
	snprintf(path, sizeof path, "out/%s", l->task);
	x = io_read(r.fd, path, &text, VALUES_MAX);
	if (x == 0)
		put_values(l, &text);
	else if (errno == ENOENT)
		x = 0;
	snprintf(path, sizeof path, "files/%s", l->task);
	fd = x == 0 ? io_open(r.fd, path, O_RDONLY | O_DIRECTORY, 0) : -1;
	if (fd >= 0) {
		x = names_list(fd, ".", &in);
		for (size_t i = 0; x == 0 && i < in.n; i++)
			if (fstatat(fd, in.name[i], &st,
			    AT_SYMLINK_NOFOLLOW) == 0)
				put_file(l, in.name[i], st.st_size);
		names_free(&in);
		close(fd);
	}
	buf_free(&text);
	run_close(&r);
	return x;
}

static int
member(const struct tar_member *m, void *arg)
{
	struct leaves *l = arg;
	size_t n = strlen(l->task);
	struct buf text = BUF_INIT;
	char chunk[8192];
	ssize_t got = 0;

	if (strncmp(m->name, "files/", 6) == 0 &&
	    strncmp(m->name + 6, l->task, n) == 0 && m->name[6 + n] == '/')
		put_file(l, m->name + 7 + n, m->size);
	if (strncmp(m->name, "out/", 4) != 0 ||
	    strcmp(m->name + 4, l->task) != 0)
		return 0;
	while (text.n < VALUES_MAX && (got = tar_read(m, chunk,
	    sizeof chunk)) > 0)
		buf_add(&text, chunk, (size_t)got);
	put_values(l, &text);
	buf_free(&text);
	return got < 0 ? -1 : 0;
}

enum exit_code
statvalues(void)
{
	enum exit_code r = dagstat_expand(true);
	struct leaves l = {.out = BUF_INIT};
	struct buf why = BUF_INIT;
	int x;

	for (size_t i = 0; i < dagstat.ids.n; i++) {
		const struct id *id = &dagstat.ids.id[i];

		snprintf(l.id, sizeof l.id, "%s/%s/%s", id->dag, id->run,
		    id->task);
		l.task = id->task;
		buf_reset(&l.out);
		buf_reset(&why);
		x = id->archived ? archive_each(&dagstat.spool, id->dag,
		    id->run, member, &l, &why) : live(&l, id);
		if (x < 0)
			r = dagstat_bad_id(l.id, &why);
		dagstat_put(&l.out);
	}
	buf_free(&l.out);
	buf_free(&why);
	return r;
}
