/* calfile: calendars as files: a date a line, include, exclude, weekly. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "calfile.h"
#include "instant.h"
#include "name.h"
#include "value.h"

enum {
	FILE_MAX = 4 << 20,
	DEPTH = 16,		/* calendars that include one another */
	UPWARDS = 3,		/* from the program's directory */
};

static const char *const weekdays[] = {"sun", "mon", "tue", "wed", "thu",
    "fri", "sat"};

/* a file being read; beneath it those that it includes */
struct level {
	struct calfile *cal;	/* malloc'ed */
	char name[NAME_LEN + 1];
	struct buf text;
	char *at;		/* the next line */
	unsigned line;
	bool exclude;		/* from the one above */
	bool said;		/* until is given */
	bool any, includes;
	int64_t last;		/* the last of its own dates */
};

void
calfile_dirs(struct buf *b)
{
	const char *env = getenv("DAG_CALENDARS");
	char exe[PATH_MAX], *slash;
	ssize_t n;
	size_t len;

	for (; env && *env; env += len + (env[len] == ':')) {
		len = strcspn(env, ":");
		if (len > 0) {
			buf_add(b, env, len);
			buf_ch(b, '\n');
		}
	}
	n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	exe[n > 0 ? n : 0] = '\0';
	if ((slash = strrchr(exe, '/')))
		*slash = '\0';
	for (int i = 0; i < UPWARDS && (slash = strrchr(exe, '/')); i++) {
		*slash = '\0';
		buf_fmt(b, "%s/share/calendars\n", exe);
	}
}

/* opens a calendar wherever it is found first; -1 and errno */
static int
open_file(const char *name)
{
	struct buf dirs = BUF_INIT, path = BUF_INIT;
	char *dir, *save;
	struct stat st;
	int fd = -1;

	calfile_dirs(&dirs);
	for (dir = strtok_r(buf_cstr(&dirs), "\n", &save); dir && fd < 0;
	    dir = strtok_r(NULL, "\n", &save)) {
		buf_reset(&path);
		buf_fmt(&path, "%s/%s", dir, name);
		buf_ch(&path, '\0');
		fd = path.err ? -1 : open(path.p, O_RDONLY | O_NONBLOCK |
		    O_CLOEXEC);
		if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
			close(fd);
			fd = -1;
			errno = ENOENT;
		} else if (fd < 0 && errno != ENOENT && errno != ENOTDIR) {
			break;
		}
	}
	if (dirs.err)
		errno = dirs.err;
	buf_free(&dirs);
	buf_free(&path);
	return fd;
}

/* the system's failure, not the calendar's */
static int
refused(const char *name, int error, struct buf *why)
{
	buf_fmt(why, "calendar \"%s\": %s", name, strerror(error));
	if (error == ENOMEM || error == EIO || error == EMFILE ||
	    error == ENFILE || error == EINTR)
		why->err = error;
	return -1;
}

/* begins a file; 0, or -1 and why: why->err, if the system failed */
static int
enter(struct level *l, const char *name, bool exclude, struct buf *why)
{
	const char *fault = name_fault(name, strlen(name));
	int fd, r, e;

	*l = (struct level){.exclude = exclude, .last = INT64_MIN};
	if (fault) {
		buf_fmt(why, "calendar \"%.80s\": not a name: %s", name, fault);
		return -1;
	}
	memcpy(l->name, name, strlen(name) + 1);
	fd = open_file(name);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		buf_fmt(why, "calendar \"%s\": there is none of this name in "
		    "DAG_CALENDARS, nor in share/calendars", name);
		return -1;
	}
	if (fd < 0)
		return refused(name, errno, why);
	r = buf_read(&l->text, fd, FILE_MAX);
	e = errno;
	close(fd);
	if (r < 0)
		return refused(name, e, why);
	l->cal = calloc(1, sizeof *l->cal);
	l->at = buf_cstr(&l->text);
	if (!l->cal || l->text.err)
		return refused(name, ENOMEM, why);
	l->cal->until = INT64_MAX;
	return 0;
}

/* adds what was read, or takes it away; the lesser until counts */
static void
join(struct calfile *to, const struct calfile *from, bool exclude)
{
	for (size_t i = 0; i < CALFILE_BYTES; i++) {
		if (exclude)
			to->day[i] &= (uint8_t)~from->day[i];
		else
			to->day[i] |= from->day[i];
	}
	if (from->until < to->until)
		to->until = from->until;
}

static int
fault(const struct level *l, struct buf *why, const char *text,
    const char *what)
{
	buf_fmt(why, "calendar %s:%u: ", l->name, l->line);
	value_quote(why, text, strlen(text));
	buf_fmt(why, " %s", what);
	return -1;
}

/* a date as the number of its day; -1 and why */
static int64_t
read_date(const struct level *l, const char *text, struct buf *why)
{
	struct civil c;
	int64_t day;

	if (day_parse(text, &c) < 0)
		return fault(l, why, text, day_like(text) ?
		    "is not a day of the calendar" :
		    "is not a date such as 2026-12-25, nor include, exclude, "
		    "weekly or until");
	day = civil_days(c.year, c.mon, c.day);
	if (day < 0 || day >= CALFILE_DAYS)
		return fault(l, why, text, "is not from 1970 to 2199");
	return day;
}

static int
read_weekly(struct level *l, char *names, struct buf *why)
{
	char *word, *save;
	int d;

	for (word = strtok_r(names, " \t", &save); word;
	    word = strtok_r(NULL, " \t", &save)) {
		for (d = 0; d < 7 && strcmp(word, weekdays[d]); d++)
			;
		if (d == 7)
			return fault(l, why, word, "is none of sun mon tue wed "
			    "thu fri sat");
		for (int64_t i = 0; i < CALFILE_DAYS; i++)
			if (weekday(i) == d)
				l->cal->day[i / 8] |= (uint8_t)(1 << i % 8);
		l->any = l->includes = true;
	}
	return 0;
}

/* the next line without comment and blanks around it; NULL: no more */
static char *
next_line(struct level *l)
{
	char *line = l->at, *end;

	if (!*line)
		return NULL;
	end = strchr(line, '\n');
	l->at = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	l->line++;
	line += strspn(line, " \t");
	line[strcspn(line, "#\r")] = '\0';
	for (size_t n = strlen(line); n > 0 && strchr(" \t", line[n - 1]); n--)
		line[n - 1] = '\0';
	return line;
}

/* behind a word and blanks: the rest of a line that begins with it, or NULL */
static char *
rest_of(char *line, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(line, word, n) != 0 || !line[n] || !strchr(" \t", line[n]))
		return NULL;
	return line + n + strspn(line + n, " \t");
}

/* a file is at its end: it becomes part of the one above */
static int
leave(struct level *l, struct calfile *to, struct buf *why)
{
	if (!l->any) {
		buf_fmt(why, "calendar \"%s\": there is no date in it",
		    l->name);
		return -1;
	}
	/* dates of its own are more than what it includes speaks of */
	if (!l->said && !l->includes)
		l->cal->until = l->last;
	join(to, l->cal, l->exclude);
	return 0;
}

static int
include(struct level *stack, int *depth, const char *name, bool exclude,
    struct buf *why)
{
	for (int i = 0; i <= *depth; i++)
		if (strcmp(stack[i].name, name) == 0) {
			buf_fmt(why, "calendar %s:%u: \"%s\" includes itself",
			    stack[*depth].name, stack[*depth].line, name);
			return -1;
		}
	if (*depth + 1 == DEPTH)
		return fault(&stack[*depth], why, name, "is one include too "
		    "deep");
	stack[*depth].includes = stack[*depth].any = true;
	return enter(&stack[++*depth], name, exclude, why);
}

/* one line of the file on top */
static int
take_line(struct level *stack, int *depth, char *line, struct buf *why)
{
	struct level *l = &stack[*depth];
	int64_t day;
	char *rest;

	if (!*line)
		return 0;
	if ((rest = rest_of(line, "include")))
		return include(stack, depth, rest, false, why);
	if ((rest = rest_of(line, "exclude")))
		return include(stack, depth, rest, true, why);
	if ((rest = rest_of(line, "weekly")))
		return read_weekly(l, rest, why);
	rest = rest_of(line, "until");
	day = read_date(l, rest ? rest : line, why);
	if (day < 0)
		return -1;
	if (rest) {
		l->said = true;
		l->cal->until = day;
		return 0;
	}
	l->any = true;
	l->cal->day[day / 8] |= (uint8_t)(1 << day % 8);
	if (day > l->last)
		l->last = day;
	return 0;
}

int
calfile_apply(struct calfile *cal, const char *name, int exclude,
    struct buf *why)
{
	struct level stack[DEPTH];
	int depth = 0, r = enter(&stack[0], name, exclude, why);
	char *line;

	while (r == 0 && depth >= 0) {
		line = next_line(&stack[depth]);
		if (line) {
			r = take_line(stack, &depth, line, why);
			continue;
		}
		r = leave(&stack[depth], depth > 0 ? stack[depth - 1].cal :
		    cal, why);
		if (r < 0)
			break;
		buf_free(&stack[depth].text);
		free(stack[depth--].cal);
	}
	for (; depth >= 0; depth--) {
		buf_free(&stack[depth].text);
		free(stack[depth].cal);
	}
	return r;
}
