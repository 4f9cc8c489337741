/* engine: what is known of an engine: when it was asked, whether it is away. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "io.h"
#include "num.h"
#include "rec.h"

enum { TEXT_MAX = 1 << 16, SOON = 2, DOUBLINGS = 5 };

static int64_t
number(const struct rec *r, const char *key)
{
	const char *v = rec_get(r, key);
	int64_t n;

	return v && num_parse(v, 0, INT64_MAX / 2, &n) == 0 ? n : 0;
}

int
engine_read(struct spool *sp, const char *name, struct engine *e)
{
	char path[NAME_LEN + 16];
	struct buf b = BUF_INIT;
	struct rec r = {0};
	const char *text;
	int x = 0;

	*e = (struct engine){0};
	snprintf(e->name, sizeof e->name, "%s", name);
	snprintf(path, sizeof path, "launch/%s", name);
	if (io_read(sp->fd, path, &b, TEXT_MAX) < 0)
		x = errno == ENOENT ? 0 : -1;
	else if (rec_parse(&r, buf_cstr(&b), strcspn(buf_cstr(&b), "\n")) ==
	    REC_OK) {
		e->asked = number(&r, "asked");
		e->away = number(&r, "away");
		e->tries = (unsigned)number(&r, "tries") % 1000;
		text = rec_get(&r, "text");
		snprintf(e->text, sizeof e->text, "%s", text ? text : "");
	}
	rec_free(&r);
	buf_free(&b);
	return x;
}

int
engine_write(struct spool *sp, const struct engine *e)
{
	int dir = io_open(sp->fd, "launch", O_RDONLY | O_DIRECTORY, 0), x;
	struct buf b = BUF_INIT;

	if (dir < 0)
		return -1;
	rec_begin(&b, "engine", e->name);
	rec_putf(&b, "asked", "%lld", (long long)e->asked);
	rec_putf(&b, "away", "%lld", (long long)e->away);
	rec_putf(&b, "tries", "%u", e->tries);
	rec_put(&b, "text", e->text);
	rec_end(&b);
	x = io_write_file(sp->tmp, dir, e->name, &b, false);
	buf_free(&b);
	close(dir);
	return x;
}

void
engine_note(struct engine *e, const char *text)
{
	bool was = e->away != 0;

	e->asked = clock_seconds();
	e->tries = was == (text != NULL) ? e->tries + 1 : 0;
	if (!text)
		e->away = 0;
	else if (!was)
		e->away = e->asked;
	snprintf(e->text, sizeof e->text, "%s", text ? text : "");
}

int64_t
engine_due(const struct engine *e, int64_t every, bool happened)
{
	int64_t soon = (int64_t)SOON << (e->tries < DOUBLINGS ? e->tries :
	    DOUBLINGS);

	return e->asked + (e->away || happened ? soon < every ? soon : every :
	    every);
}
