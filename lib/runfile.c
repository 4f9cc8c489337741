/* runfile: the record in a run's file "run". */
#include <errno.h>
#include <string.h>

#include "runfile.h"

int
runfile_read(struct runfile *f, const struct run *r)
{
	*f = (struct runfile){.text = BUF_INIT};
	if (run_record(r, &f->text) < 0)
		return -1;
	switch (rec_parse(&f->rec, buf_cstr(&f->text),
	    strcspn(buf_cstr(&f->text), "\n"))) {
	case REC_OK:
		return 0;
	case REC_ERROR:
		return -1;
	default:
		rec_free(&f->rec);
		return 1;
	}
}

int
runfile_open(struct runfile *f, struct spool *sp, const char *dag,
    const char *run)
{
	struct run r;
	int x, e;

	*f = (struct runfile){.text = BUF_INIT};
	if (run_open(sp, dag, run, &r) < 0)
		return -1;
	x = runfile_read(f, &r);
	e = errno;
	run_close(&r);
	errno = e;
	return x;
}

void
runfile_free(struct runfile *f)
{
	int e = errno;

	rec_free(&f->rec);
	buf_free(&f->text);
	errno = e;
}
