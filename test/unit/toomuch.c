/* toomuch: of lines, errors, bytes: what is bounded, at its bound. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dagcompile.h"
#include "plan.h"
#include "rec.h"

#include "tap.h"

/* compiles; how many errors there are */
static size_t
errors(struct buf *text)
{
	struct buf out = BUF_INIT;
	struct dagerr err = {0};
	size_t n;

	buf_cstr(text);
	if (dagcompile("d", "/d.dag", text, &out, &err) < 0 ||
	    dagerr_put(&err, "d", "d.dag", &out) < 0)
		exit(111);
	n = err.total;
	dagerr_free(&err);
	buf_free(&out);
	buf_free(text);
	return n;
}

/* a value of 17 MB, in lines */
static void
put_lines(struct buf *b)
{
	static char line[900001];

	memset(line, 'x', sizeof line - 1);
	for (int i = 0; i < 19; i++)
		buf_fmt(b, "    %s\n", line);
}

static void
definitions(void)
{
	static char line[1000001];
	struct buf b = BUF_INIT;

	memset(line, 'x', sizeof line - 1);
	buf_fmt(&b, "[task a]\nrun = %s\n more\n[task b]\nrun = 1\n", line);
	ok(errors(&b) == 2, "a line of a megabyte, and no \"run\"");
	for (int i = 0; i < 150; i++)
		buf_fmt(&b, "[task a%d]\nrun = 1\nafter = b%d c\n[x]\ny = 1\n"
		    "[dag]\nz = 1\n", i, i);
	ok(errors(&b) > 600, "hundreds of errors");
	for (int i = 0; i < 40; i++)
		buf_fmt(&b, "[task a%d]\nrun = 1\nafter = b%d\n[task b%d]\n"
		    "run = 1\nafter = a%d\n", i, i, i, i);
	ok(errors(&b) == 10, "forty cycles, of which ten are told");
	buf_str(&b, "[task a]\nrun =\n");
	put_lines(&b);
	ok(errors(&b) == 1, "a task of 17 MB");
	buf_str(&b, "[task a]\nrun = 1\n[dag]\ndescription =\n");
	put_lines(&b);
	ok(errors(&b) == 1, "a DAG of 17 MB");
	buf_str(&b, "[task a]\nrun = 1\neach =\n");
	for (int i = 0; i < 101; i++)
		buf_fmt(&b, "    %d\n", i);
	buf_str(&b, "each =\n");
	for (int i = 0; i < 101; i++)
		buf_fmt(&b, "    %d\n", i);
	ok(errors(&b) == 1, "a task of 10201 instances");
	buf_str(&b, "[task a]\r\nrun = 1\r\n");
	ok(errors(&b) == 1, "CR LF, told once");
	buf_str(&b, "[task a]\nrun = \x01\n[task b]\nrun = \xe0\x80\x80\n"
	    "[task c]\nrun = \xed\xa0\x80\n[task d]\nrun = \xf0\x80\x80\x80\n"
	    "[task e]\nrun = \xf4\x90\x80\x80\n[task f]\nrun = \xc2\x80\n"
	    "[task g]\nrun = \xf8\n[task h]\nrun = \xe2\x82\n\x7f\n"
	    "[task i]\nrun = \xe2\x82x\n");
	ok(errors(&b) == 10, "bytes that are no text");
}

/* a plan of text: does it make one, or say what is wrong, or only that? */
static bool
makes(struct buf *text)
{
	struct buf why = BUF_INIT;
	struct plan p;
	bool is = plan_make(&p, text->p, text->n, &why) == 0;

	if (is)
		plan_free(&p);
	else if (why.n == 0 || plan_make(&p, text->p, text->n, NULL) == 0)
		exit(1);
	buf_free(&why);
	buf_free(text);
	return is;
}

static void
plans(void)
{
	struct buf b = BUF_INIT;

	buf_str(&b, "dag\td\ttasks=40\n");
	for (int i = 0; i < 40; i++) {
		buf_fmt(&b, "task\td/t%d\trun=x\tafter=", i);
		for (int j = 0; j < i; j++)
			buf_fmt(&b, " t%d", j);
		buf_ch(&b, '\n');
	}
	ok(makes(&b), "a plan of 40 tasks and 780 edges");
	buf_str(&b, "dag\td\ttasks=40\n");
	for (int i = 0; i < 40; i++)
		buf_fmt(&b, "task\td/t%d\trun=x\tafter=t%d\n", i,
		    (i + 39) % 40);
	ok(!makes(&b), "a cycle of 40");
	buf_str(&b, "dag\td\ttasks=1\ntask\td/a\trun=x\n");
	buf_ch(&b, '\0');
	ok(!makes(&b), "a plan with a NUL in it");
	buf_str(&b, "dag\td\ttasks=1\ntask\tdd/a\trun=x\n");
	ok(!makes(&b), "a plan with a task of another DAG");
	buf_str(&b, "dag\td\ttasks=1\ntask\td/a\trun=x\twhen=all-xxxx\n");
	ok(!makes(&b), "a rule that is as long as one");
}

/* a file of a plan, of that size: its text, and behind it a hole; what is wrong
 * with it is known */
static bool
refused(off_t size, const char *wanted)
{
	static const char text[] = "dag\td\ttasks=1\ntask\td/a\trun=x\n";
	int fd = memfd_create("plan", 0);
	struct buf why = BUF_INIT;
	struct plan p;
	bool is;

	if (fd < 0 || write_all(fd, text, sizeof text - 1) < 0 ||
	    ftruncate(fd, size) < 0)
		exit(111);
	is = plan_read(&p, fd, &why) < 0 && strstr(buf_cstr(&why), wanted);
	close(fd);
	buf_free(&why);
	return is;
}

static void
large(void)
{
	struct buf b = BUF_INIT, why = BUF_INIT;
	char name[] = "plan.XXXXXX";
	int fd = mkstemp(name), blind;
	struct plan p;

	ok(refused(1 << 29, "NUL"), "a plan with a hole of 512 MiB");
	ok(refused((off_t)3 << 30, "1 GiB"), "a plan of 3 GiB");
	ok(plan_make(&p, "", PLAN_MAX + 1UL, &why) < 0 &&
	    strstr(buf_cstr(&why), "1 GiB"), "a text of more than 1 GiB");
	buf_str(&b, "dag\td\ttasks=1\ntask\td/a\trun=");
	for (int i = 0; i < 3 << 20; i++)
		buf_ch(&b, 'x');
	buf_ch(&b, '\n');
	blind = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || unlink(name) < 0 || write_all(fd, b.p, b.n) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		exit(111);
	ok(plan_read(&p, blind, NULL) < 0 && errno == EBADF,
	    "one that cannot be read");
	ok(plan_read(&p, fd, NULL) == 0, "a plan of 3 MiB");
	plan_free(&p);
	close(blind);
	close(fd);
	buf_free(&b);
	buf_free(&why);
}

static void
pause_counted(void *arg)
{
	++*(int *)arg;
}

static void
records(void)
{
	static char big[17 << 20];
	struct rec_reader in = {.fd = memfd_create("big", 0)};
	int pauses = 0, p[2];
	enum rec_result x[3];
	struct rec r = {0};

	memset(big, 'x', sizeof big);
	ok(rec_parse(&r, big, sizeof big) == REC_BAD &&
	    strcmp(rec_fault(big, sizeof big), "longer than 16 MiB") == 0,
	    "a record of 17 MiB");
	ok(rec_parse(&r, "a\0b", 3) == REC_BAD && strcmp(rec_fault("a\0b", 3),
	    "a NUL byte in it") == 0, "a record with a NUL in it");
	if (write_all(in.fd, big, sizeof big) < 0 ||
	    write_all(in.fd, big, sizeof big) < 0 ||
	    write_all(in.fd, "\na\tb\n", 5) < 0 ||
	    lseek(in.fd, 0, SEEK_SET) < 0)
		exit(111);
	for (int i = 0; i < 3; i++)
		x[i] = rec_next(&in, &r);
	ok(x[0] == REC_BAD && x[1] == REC_OK && x[2] == REC_END,
	    "what comes after 34 MiB without a newline");
	close(in.fd);
	rec_reader_free(&in);
	if (pipe(p) < 0 || write_all(p[1], "a\tb\n", 4) < 0)
		exit(111);
	in = (struct rec_reader){.fd = p[0], .pause = pause_counted,
	    .arg = &pauses};
	x[0] = rec_next(&in, &r);
	close(p[1]);
	x[1] = rec_next(&in, &r);
	ok(x[0] == REC_OK && x[1] == REC_END && pauses == 0,
	    "no pause where there is none");
	close(p[0]);
	rec_reader_free(&in);
	rec_free(&r);
}

int
main(void)
{
	definitions();
	plans();
	large();
	records();
	return tap_end();
}
