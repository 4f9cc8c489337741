/* param: a run's parameters, changed. */
#include <errno.h>
#include <string.h>

#include "io.h"
#include "param.h"
#include "params.h"
#include "runfile.h"

/* is this key of a record one of those to be set? */
static bool
among(const char *key, const struct rec_field *f, size_t n)
{
	if (strncmp(key, "param.", 6) != 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(key + 6, f[i].key) == 0)
			return true;
	return false;
}

static void
put_all(struct buf *b, const struct rec *r, const struct rec_field *f,
    size_t n)
{
	struct buf key = BUF_INIT;

	rec_begin(b, r->kind, r->id);
	for (size_t i = 0; i < r->nfield; i++)
		if (!among(r->field[i].key, f, n))
			rec_put(b, r->field[i].key, r->field[i].value);
	for (size_t i = 0; i < n; i++) {
		buf_reset(&key);
		buf_fmt(&key, "param.%s", f[i].key);
		rec_put(b, buf_cstr(&key), f[i].value);
	}
	rec_end(b);
	buf_free(&key);
}

/* the record of a run with these parameters: its text, appended to out */
static int
changed(const struct run *r, const struct rec_field *f, size_t n,
    struct buf *out)
{
	struct runfile file;
	int x = runfile_read(&file, r);

	if (x == 0)
		put_all(out, &file.rec, f, n);
	if (x > 0)
		errno = EINVAL;
	runfile_free(&file);
	return x == 0 ? 0 : -1;
}

int
param_try(const struct run *r, const struct rec_field *f, size_t n,
    struct buf *why)
{
	struct buf out = BUF_INIT;
	struct rec rec = {0};
	int x = changed(r, f, n, &out), e;

	if (x == 0 && rec_parse(&rec, buf_cstr(&out), out.n - 1) == REC_OK)
		x = params_check(r->plan, &rec, why);
	e = errno;
	rec_free(&rec);
	buf_free(&out);
	errno = e;
	return x;
}

int
param_set(const struct run *r, const struct rec_field *f, size_t n)
{
	struct buf out = BUF_INIT;
	int x = changed(r, f, n, &out), e;

	if (x == 0)
		x = io_write_file(r->spool->tmp, r->fd, "run", &out,
		    spool_durable(r->spool));
	e = errno;
	buf_free(&out);
	errno = e;
	return x;
}

void
param_text(struct buf *b, const struct rec_field *f, size_t n)
{
	struct buf all = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_fmt(&all, "%s%s=%s", i ? " " : "", f[i].key, f[i].value);
	if (n)
		rec_put(b, "params", buf_cstr(&all));
	buf_free(&all);
}
