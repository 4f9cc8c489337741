/* statlog: dagstat --log: the logs of tasks, onto stdout. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "logs.h"
#include "statlog.h"
#include "text.h"

/* a piece of a log: as it is into a file, made harmless on a terminal */
static int
put(const char *s, size_t n)
{
	struct buf b = BUF_INIT;

	if (isatty(STDOUT_FILENO)) {
		text_lines(&b, s, n);
		fwrite(b.p, 1, b.n, stdout);
		buf_free(&b);
	} else
		fwrite(s, 1, n, stdout);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : -1;
}

static int
copy(int fd)
{
	static char chunk[64 << 10];
	ssize_t n;
	int x = 0;

	while (x == 0 && (n = read(fd, chunk, sizeof chunk)) != 0)
		if (n > 0)
			x = put(chunk, (size_t)n);
		else if (errno != EINTR)
			x = -1;
	close(fd);
	return x;
}

/* there is none: what to say; 0 if nothing */
static enum exit_code
none(const char *id, const struct statlog *o, const struct buf *why)
{
	if (why->n > 0)
		prog_warn("%s: %.*s", id, (int)why->n, why->p);
	else if (errno != ENOENT)
		prog_die_errno("%s", id);
	else if (o->some)
		return EXIT_OK;
	else if (o->attempt)
		prog_warn("%s: attempt %u has no log", id, o->attempt);
	else
		prog_warn("%s: it has no log", id);
	return EXIT_BAD;
}

static enum exit_code
show(struct spool *sp, const struct id *id, const struct statlog *o,
    const char *name, bool head)
{
	struct buf why = BUF_INIT;
	unsigned attempt = o->attempt;
	enum exit_code r = EXIT_OK;
	int fd, x;

	fd = logs_open(sp, id, &attempt, &why);
	/* one that has not begun can be waited for */
	if (fd < 0 && !(o->follow && !o->attempt && !id->archived &&
	    errno == ENOENT && why.n == 0))
		r = none(name, o, &why);
	else {
		if (head)
			printf("==> %s attempt %u <==\n", name, attempt);
		if (fd >= 0 && o->tail && logs_tail(fd, o->lines) < 0)
			prog_die_errno("%s", name);
		x = o->follow ? logs_follow(sp, id, fd, attempt,
		    o->attempt > 0, put) : copy(fd);
		if (x < 0)
			prog_die_errno("%s", name);
	}
	buf_free(&why);
	return r;
}

enum exit_code
statlog(struct spool *sp, const struct ids *ids, const struct statlog *o)
{
	struct buf name = BUF_INIT;
	enum exit_code worst = EXIT_OK, r;

	if (o->follow && ids->n > 1)
		prog_die(EXIT_USAGE, "-f follows one task at a time");
	for (size_t i = 0; i < ids->n; i++) {
		buf_reset(&name);
		id_text(&name, &ids->id[i]);
		r = show(sp, &ids->id[i], o, buf_cstr(&name), ids->n > 1);
		worst = r > worst ? r : worst;
	}
	buf_free(&name);
	return worst;
}
