/* progress: how far something is that takes longer than a second. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "num.h"
#include "progress.h"
#include "prog.h"
#include "term.h"

enum { FIRST_MS = 1000, EACH_MS = 200 };

static struct {
	bool on, shown;
	const char *what;
	uint64_t of, done;
	uint64_t (*left)(void);
	int64_t begun, next;	/* milliseconds */
	struct term term;
} p;

static int64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

void
progress_begin(const char *what, uint64_t of, uint64_t (*left)(void))
{
	p.on = prog_verbose >= 0 && isatty(STDERR_FILENO);
	if (!p.on)
		return;
	term_look(&p.term, STDERR_FILENO, TERM_NEVER);
	p.what = what;
	p.done = 0;
	p.left = left;
	p.of = of ? of : left ? left() : 0;
	p.begun = milliseconds();
	p.next = p.begun + FIRST_MS;
}

/* "dagexec: 1200 of 5000 tasks, 310/s, 12s left" */
static void
show(int64_t now)
{
	struct buf line = BUF_INIT, out = BUF_INIT;
	uint64_t more;
	double rate;

	/* more may have come than there were */
	if (p.left && p.done >= p.of) {
		more = p.left();
		p.of = more ? p.done + more : p.of;
	}
	rate = (double)p.done * 1000 / (double)(now - p.begun);
	buf_fmt(&line, "%s: %llu", prog_name, (unsigned long long)p.done);
	if (p.of >= p.done)
		buf_fmt(&line, " of %llu", (unsigned long long)p.of);
	buf_fmt(&line, rate < 10 ? " %s, %.1f/s" : " %s, %.0f/s", p.what,
	    rate);
	if (p.of >= p.done && rate > 0) {
		buf_str(&line, ", ");
		dur_format(&line, (int64_t)((double)(p.of - p.done) / rate +
		    0.999));
		buf_str(&line, " left");
	}
	progress_hide();
	term_cut(&out, &p.term, buf_cstr(&line), line.n, p.term.cols - 1);
	p.shown = !out.err && write_all(STDERR_FILENO, out.p, out.n) == 0;
	buf_free(&line);
	buf_free(&out);
}

void
progress_add(uint64_t n)
{
	int64_t now;

	if (!p.on)
		return;
	p.done += n;
	now = milliseconds();
	if (now < p.next)
		return;
	show(now);
	p.next = milliseconds() + EACH_MS;
}

void
progress_hide(void)
{
	struct buf b = BUF_INIT;

	if (!p.shown)
		return;
	p.shown = false;
	/* no escapes: any terminal knows these */
	buf_fmt(&b, "\r%*s\r", (int)p.term.cols - 1, "");
	if (b.err || write_all(STDERR_FILENO, b.p, b.n) < 0)
		p.on = false;
	buf_free(&b);
}

void
progress_end(void)
{
	progress_hide();
	p.on = false;
}
