/* prog: what every program does alike: messages, exit codes, options. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "instant.h"
#include "prog.h"
#include "progress.h"
#include "text.h"

const char *prog_name;
int prog_verbose;

/* a signal that is only to fail a call; at its default in what we execute */
static void
nothing(int sig)
{
	(void)sig;
}

void
prog_start(int argc, char **argv)
{
	const char *slash;
	int fd;

	prog_name = argc > 0 ? argv[0] : "dag";
	slash = strrchr(prog_name, '/');
	if (slash)
		prog_name = slash + 1;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
	/* too large a file is an error of write(2), not the end of us */
	signal(SIGXFSZ, nothing);
	if (clock_init() < 0)
		prog_die(EXIT_USAGE, "DAG_NOW: \"%s\" is not an instant such "
		    "as 2026-03-08T09:00:00Z", getenv("DAG_NOW"));
}

static void
message(const char *fmt, va_list ap, const char *reason)
{
	struct buf b = BUF_INIT;
	char text[4096];

	vsnprintf(text, sizeof text, fmt, ap);
	buf_fmt(&b, "%s: ", prog_name);
	/* control characters of hostile names must not reach a terminal */
	text_plain(&b, text, strlen(text));
	buf_fmt(&b, "%s%s\n", reason ? ": " : "", reason ? reason : "");
	progress_hide();
	if (b.err)
		dprintf(2, "%s: %s\n", prog_name, strerror(b.err));
	else if (write_all(2, b.p, b.n) < 0) {
		/* nobody is left to be told */
	}
	buf_free(&b);
}

void
prog_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap, NULL);
	va_end(ap);
}

/* what errno says, in our terms where it has a meaning of ours */
static const char *
errno_text(void)
{
	return errno == EBADMSG ? "not a plain file with one link" :
	    strerror(errno);
}

void
prog_warn_errno(const char *fmt, ...)
{
	const char *reason = errno_text();
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap, reason);
	va_end(ap);
}

void
prog_die(enum exit_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap, NULL);
	va_end(ap);
	exit(code);
}

void
prog_die_errno(const char *fmt, ...)
{
	const char *reason = errno_text();
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap, reason);
	va_end(ap);
	exit(EXIT_SYSTEM);
}

void
prog_usage(const char *text, bool help)
{
	fprintf(help ? stdout : stderr, "usage: %s\n", text);
	exit(help ? prog_end(EXIT_OK) : EXIT_USAGE);
}

void
prog_version(void)
{
	printf("%s %s\n", prog_name, DAG_VERSION);
	exit(prog_end(EXIT_OK));
}

int
prog_end(enum exit_code code)
{
	progress_end();
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	prog_warn_errno("stdout");
	return EXIT_SYSTEM;
}

void
prog_spool(struct spool *sp, const char *path, enum spool_mode mode)
{
	if (path && !*path)
		prog_die(EXIT_USAGE, "--spool: a directory is wanted, not an "
		    "empty name");
	if (spool_open(sp, path, mode) < 0)
		prog_spool_die(path);
}

void
prog_spool_die(const char *path)
{
	int e = errno;
	char *shown = spool_path(path);
	bool bad = e == EPERM || e == EREMOTE || e == ENOTDIR ||
	    e == ENOTEMPTY || e == EACCES || e == EROFS;

	prog_die(bad ? EXIT_BAD : EXIT_SYSTEM, "spool %s: %s",
	    shown ? shown : "(no HOME)", spool_reason(e));
}

bool
prog_sync(const char *mode)
{
	if (strcmp(mode, "full") != 0 && strcmp(mode, "none") != 0)
		prog_die(EXIT_USAGE, "--sync %s: full or none", mode);
	return strcmp(mode, "full") == 0;
}

enum { FIELD_MAX = 8192 };	/* longer than any ID, or marker's path */

/* the first field of a line of stdin, the rest is passed over; -1 at the end,
 * 0, or 1 and *fault */
static int
read_field(char field[FIELD_MAX], const char **fault)
{
	size_t n = 0;
	bool in = true;
	int c;

	*fault = NULL;
	while ((c = getchar_unlocked()) != EOF && c != '\n') {
		if (c == '\0')
			*fault = "a NUL byte in a line";
		if (n == 0 && (c == ' ' || c == '\t'))
			continue;
		in = in && c != ' ' && c != '\t' && c != '\r';
		if (in && n < FIELD_MAX - 1)
			field[n++] = (char)c;
		else if (in && !*fault)
			*fault = "a line whose first field is too long";
	}
	field[n] = '\0';
	return c == EOF && n == 0 ? -1 : *fault && field[0] != '#';
}

static enum exit_code
each_line(enum exit_code (*f)(const char *, void *), void *arg)
{
	static char field[FIELD_MAX];
	enum exit_code worst = EXIT_OK, r;
	const char *fault;
	int x;

	while ((x = read_field(field, &fault)) >= 0) {
		if (x == 0 && (field[0] == '#' || !field[0]))
			continue;
		if (x > 0) {
			prog_warn("stdin: %s", fault);
			r = EXIT_BAD;
		} else
			r = f(field, arg);
		if (r > worst)
			worst = r;
	}
	if (ferror(stdin)) {
		prog_warn_errno("stdin");
		worst = EXIT_SYSTEM;
	}
	return worst;
}

enum exit_code
prog_each(int argc, char **argv, enum exit_code (*f)(const char *, void *),
    void *arg)
{
	enum exit_code worst = EXIT_OK, r;

	if (argc == 0)
		return each_line(f, arg);
	for (int i = 0; i < argc; i++) {
		r = strcmp(argv[i], "-") == 0 ? each_line(f, arg) :
		    f(argv[i], arg);
		if (r > worst)
			worst = r;
	}
	return worst;
}
