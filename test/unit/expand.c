/* expand: what is replaced in a path, and what is not; which names match. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expand.h"

#include "tap.h"

static const char world[] = "DAY=2026-01-31\0EMPTY=\0STAR=*.c\0_1=u\0D=$";

static const struct {
	const char *text, *wanted;	/* NULL: it cannot be replaced */
	const char *why;
} text[] = {
	{"", "", NULL}, {"/in/data.csv", "/in/data.csv", NULL},
	{"$DAY", "2026-01-31", NULL}, {"${DAY}", "2026-01-31", NULL},
	{"/in/$DAY/x", "/in/2026-01-31/x", NULL},
	{"a${DAY}b", "a2026-01-31b", NULL}, {"$DAY$DAY", "2026-01-312026-01-31",
	    NULL},
	{"$_1", "u", NULL}, {"${EMPTY}x", "x", NULL},
	{"$", "$", NULL}, {"a$", "a$", NULL}, {"$$", "$$", NULL},
	{"$5", "$5", NULL}, {"$-", "$-", NULL}, {"$(date)", "$(date)", NULL},
	{"`date`", "`date`", NULL}, {"\\$DAY", "\\2026-01-31", NULL},
	{"${D}DAY", "$DAY", NULL}, {"~/x", "~/x", NULL},
	{"$DAY.csv", "2026-01-31.csv", NULL},
	{"$DAYS", NULL, "$DAYS is not set"},
	{"x/${NO}/y", NULL, "$NO is not set"},
	{"${", NULL, "no name of a variable after \"${\""},
	{"${}", NULL, "no name of a variable after \"${\""},
	{"${1}", NULL, "no name of a variable after \"${\""},
	{"a/${DAY", NULL, "only ${NAME} is replaced here: after the name "
	    "comes \"}\"; what else there is, is the shell's"},
	{"${DAY:-x}", NULL, "only ${NAME} is replaced here: after the name "
	    "comes \"}\"; what else there is, is the shell's"},
};

/* in a directory with a.c b.c 'c*.c' [d] */
static const struct {
	const char *list;
	bool glob;
	const char *wanted;	/* DIR is the directory; a blank after each */
} paths[] = {
	{"a.c /etc/x", false, "DIR/a.c /etc/x "},
	{"*.c", false, "DIR/*.c "},
	{"*.c", true, "DIR/a.c DIR/b.c DIR/c*.c "},
	{"[ab].c ?.c", true, "DIR/a.c DIR/b.c DIR/a.c DIR/b.c "},
	{"$STAR", true, "DIR/*.c "},
	{"?$STAR", true, "DIR/c*.c "},
	{"$STAR*", true, "DIR/*.c* "},
	{"no*where 'no ${DAY}?'", true, "DIR/no*where DIR/no 2026-01-31? "},
	{"\"a.c\"", true, "DIR/a.c "},
	{"\\*.c", true, "DIR/\\*.c "},
	{"[[]d[]]", true, "DIR/[d] "},
};

static const char *
get(const char *name, size_t n, void *arg)
{
	return expand_find(arg, name, n);
}

static void
touch(const char *dir, const char *name)
{
	char file[256];

	snprintf(file, sizeof file, "%s/%s", dir, name);
	close(open(file, O_CREAT | O_WRONLY, 0600));
}

static void
globs(const struct expand *x)
{
	/* the directory is not a pattern either */
	char dir[] = "expand[*]XXXXXX", wanted[512];
	static const char *const names[] = {"a.c", "b.c", "c*.c", "[d]"};
	struct buf b = BUF_INIT, why = BUF_INIT;
	const char *p;

	if (!mkdtemp(dir))
		return;
	for (int i = 0; i < 4; i++)
		touch(dir, names[i]);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		wanted[0] = '\0';
		for (p = paths[i].wanted; *p;) {
			bool here = strncmp(p, "DIR", 3) == 0;
			size_t n = strlen(wanted);

			snprintf(wanted + n, sizeof wanted - n, "%.*s",
			    here ? 99 : 1, here ? dir : p);
			p += here ? 3 : 1;
		}
		buf_reset(&b);
		expand_paths(&b, paths[i].list, dir, paths[i].glob, x, &why);
		for (size_t k = 0; k < b.n; k++)
			if (b.p[k] == '\0')
				b.p[k] = ' ';
		ok(strcmp(buf_cstr(&b), wanted) == 0, "paths %s: %s",
		    paths[i].list, buf_cstr(&b));
	}
	ok(expand_paths(&b, "a 'b", dir, true, x, &why) < 0 &&
	    errno == EINVAL, "an open quote");
	ok(expand_paths(&b, "$EMPTY", dir, true, x, &why) < 0 &&
	    errno == EINVAL, "an empty path");
	for (int i = 0; i < 4; i++) {
		snprintf(wanted, sizeof wanted, "%s/%s", dir, names[i]);
		unlink(wanted);
	}
	rmdir(dir);
	buf_free(&b);
	buf_free(&why);
}

int
main(void)
{
	struct buf env = BUF_INIT, b = BUF_INIT, why = BUF_INIT;
	struct expand x = {get, &env};
	bool bad;
	int r;

	buf_add(&env, world, sizeof world);
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		buf_reset(&b);
		buf_reset(&why);
		r = expand_text(&b, text[i].text, &x, &why);
		ok(text[i].wanted ? r == 0 && strcmp(buf_cstr(&b),
		    text[i].wanted) == 0 : r < 0 && errno == EINVAL &&
		    strcmp(buf_cstr(&why), text[i].why) == 0, "text %s",
		    text[i].text);
		bad = text[i].why && text[i].why[0] != '$';
		ok((expand_fault(text[i].text) != NULL) == bad,
		    "fault %s", text[i].text);
		ok(expand_any(text[i].text) == (!text[i].wanted ||
		    strcmp(text[i].wanted, text[i].text) != 0),
		    "any %s", text[i].text);
	}
	globs(&x);
	buf_free(&env);
	buf_free(&b);
	buf_free(&why);
	return tap_end();
}
