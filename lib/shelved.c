/* shelved: the plan of an archived run, with its instances. */
#include <errno.h>
#include <string.h>

#include "archive.h"
#include "maps.h"
#include "shelved.h"

static int
add_list(const struct tar_member *m, void *arg)
{
	struct shelved *s = arg;
	struct buf b = BUF_INIT;
	char chunk[8192];
	ssize_t n = 0;
	int x = -1;

	if (strncmp(m->name, "map/", 4) != 0)
		return 0;
	while (b.n < PLAN_MAX && (n = tar_read(m, chunk, sizeof chunk)) > 0 &&
	    !memchr(chunk, '\0', (size_t)n))
		buf_add(&b, chunk, (size_t)n);
	errno = n > 0 ? EBADMSG : errno;
	if (n == 0 && !b.err)
		x = maps_add(s->maps, &s->own, m->name + 4, b.p, b.n);
	buf_free(&b);
	return x;
}

int
shelved_read(struct spool *sp, const char *dag, const char *run,
    struct shelved *s, struct buf *why)
{
	*s = (struct shelved){0};
	if (archive_get(sp, dag, run, "plan", PLAN_MAX, &s->text, why) < 0 ||
	    plan_make(&s->own, s->text.p, s->text.n, why) < 0)
		return -1;
	s->plan = &s->own;
	if (!s->own.each)
		return 0;
	s->maps = maps_begin();
	if (!s->maps || archive_each(sp, dag, run, add_list, s, why) < 0 ||
	    maps_made(s->maps, &s->own, why) < 0)
		return -1;
	s->plan = maps_plan(s->maps);
	return 0;
}

void
shelved_free(struct shelved *s)
{
	int e = errno;

	maps_free(s->maps);
	plan_free(&s->own);
	buf_free(&s->text);
	errno = e;
}
