/*
 * failparse: each allocation and each call that fails while a definition is
 * read, or records are. The arguments are definitions that are good.
 */
#include <sys/mman.h>

#include "dagcompile.h"
#include "dagfile.h"
#include "plan.h"
#include "rec.h"

#include "fail.h"

/* definitions with all the errors there are */
static const char *const bad[] = {
	"[dag]\nnotify-on = skip lost success\n[group g]\nafter = e/l b e/l\n"
	    "[task b]\nrun = 1\nafter = d/c e//l e/l/k e/l e/l\n"
	    "notify-on = success\n[task c]\nrun = 1\ngroup = g\n"
	    "after = f/ f/ no-such e/l\n[task d]\nrun = 1\ngroup = g\n"
	    "after = b b e/m\nonce = yes\n[task e-1]\nrun = 1\n",
	"",
	" x\n\x80[dag\n[dag] # no\n[dag x] y\n[ task b]\n[tasks a]\n[\n"
	    "[a_name_that_is_longer_than_any_that_there_can_be_in_a_file_of_"
	    "ours_is_no_name]\n[task]\n[task -a]\n[param]\n[param -x]\n",
	"a = b\n[dag]\nend = 2025-01-01\nstart = 2026-01-01\nschedul = 1\n"
	    "schedule =\n    @daily \n\n    * *\n= b\nneither\nstart = x\n"
	    "timezone = UTC\ntimezone = UTC\n  more\n more\r\n",
	"[dag]\nstart = 2026-01-01T00:00:00Z\nend = 2025-01-01T00:00:00Z\n"
	    "[task a]\nrun = x\n",
	"[dag]\nstart = 2026-01-01\nend = 2025-01-01T00:00:00Z\n"
	    "[task a]\nrun = x\n[task a]\n[task a-b]\nrun=\n\trun\n[task a_b]\n"
	    "run = 1\n[task c]\nafter = a a c d # 'x y' -x \"\nrun = 1\n"
	    "[task aa]\nrun = 1\nafter = aaa bcdefgh\nretries = x # y\n",
	"[dag]\nschedule = 0 0 30 2 *\nstart = x\nend = y\ndays = ~x\n"
	    "[task a]\nrun = x\n",
	"[dag]\nschedule = @daily\ncalendar = nowhere\n[task a]\nrun = x\n",
	"[task a]\nafter = c\nrun = 1\n[task b]\nafter =\n    a\n# c\n    d\n"
	    "run = 1\n[task c]\nafter = b\nafter = c2\nrun = 1\n[task d]\n"
	    "after = b\nrun = 1\n[task c2]\nrun = 1\n",
	"[task a]\nafter = b\nrun = 1\n[task b]\nafter = a\nrun = 1\n",
	"[group g]\nafter = h g x\ngroup-retries = 3\n[group h]\nafter = g\n"
	    "[group g]\n[group e]\n[group -x]\n[group a]\n[task a]\n"
	    "group = g\nonce = yes\nrun = 1\n[task b]\ngroup = gg\n"
	    "after = g h\nrun = 1\n[task c]\ngroup = h\nafter = h e\nrun = 1\n"
	    "[task d]\ngroup = -\nrun = 1\n[task i]\ngroup = g\nafter = a a\n"
	    "run = 1\n[task j]\ngroup = zzzzzzz\nrun = 1\n",
	"[group g]\nafter = h\n[group h]\nafter = g\n[task a]\ngroup = g\n"
	    "run = 1\n[task b]\ngroup = h\nrun = 1\n",
	"[task a]\nrun = 1\n[task b]\neach = 1 \"2\neach = # x\neach = c.x\n"
	    "each = a.x\neach = x #\nrun = 1\n",
	"[task b]\nrun = 1\neach = 1\neach = 2\neach = 3\neach = 4\neach = 5\n"
	    "each = 6\neach = 7\neach = 8\neach = 9\neach = 10\n",
	"[group g]\n[task a]\nrun = 1\ngroup = g\n[task b]\nteardown = a a\n"
	    "when = all-done\nrun = 1\n[task c]\nteardown = c x g\nrun = 1\n"
	    "[task d]\nafter = b\nteardown = b \"\nrun = 1\n",
	"[default]\nwhen = all-done\n[task a]\nrun = 1\n[task b]\n"
	    "teardown = a\nrun = 1\n",
	"[group g]\n[group empty]\n[task a]\ngroup = g\nrun = 1\n[task g]\n"
	    "group =\nrun = 1\n",
	"[task a]\ngroup = g\nrun = 1\n[dag]\nschedule = @daily\n",
	"[group g]\nafter =\n[group -]\n[group -]\n[task a]\ngroup = g\n"
	    "after = b b\nrun = 1\n[task b]\nrun = 1\nafter = g\n[task c]\n"
	    "group = g\nafter = a\nrun = 1\n",
	"[group g]\n[group -]\n[task a]\ngroup = g\nrun = 1\n",
	"[group g]\ngroup-retries = 2\n[task a]\ngroup = g\nonce = yes\n"
	    "run = 1\n[task b]\ngroup = g\nafter = a a\nrun = 1\n",
	"[task a]\nrun = 1\nonce = yes\nretries = 2\nenv = A=1 B=2\nenv = C=3\n"
	    "secret = A=file:x B=file:y\noutput = x y x\neach = 1 2\n"
	    "start-by = 2h\nend-by = 1h\n[task b]\ndag = x\n"
	    "params = a-b=1 c=2 a_b=3\n[task c]\nrun = 1\nteardown = a a\n"
	    "[task d]\nrun = 1\nteardown = c\n[param p]\ntype = number\n"
	    "choices = 1 x\n",
	"[task a-b]\nrun = 1\n[task b]\nrun = 1\nafter = a_b a_name_that_is_"
	    "longer_than_any_that_there_can_be_in_a_file_of_ours_is_no_name\n",
	"[default]\nenv = A=1 B=2\nretries = 3\nshell = bash\n[default]\n"
	    "[param p]\ntype = number\ndefault = x\nchoices = 1 2\n"
	    "[param q]\ntype = what\n[param p]\n[param r]\nmatch = [\n"
	    "[dag]\nschedule = @daily\n[task a]\nenv = B=3\nenv = C=4\n"
	    "env =\n    D=5\n    E=6\nretries =\nrun = x\n",
};

/* and good ones, of what the seeds do not have */
static const char *const good[] = {
	"[dag]\nnotify = a\nnotify-on = failure\n[group g]\nafter = e/l b\n"
	    "group-retries = 1\n[task b]\nrun = 1\nafter = e/l f/\n"
	    "notify = b\nnotify-on = skip lost\nonce = yes\n"
	    "[task c]\nrun = 1\ngroup = g\nafter = e/l e/m\nonce = no\n"
	    "[task c-1]\nrun = 1\nafter = c b\n",
	"\xef\xbb\xbf# x\n[default]\nenv = A=1 B=2\nretries = 3\n"
	    "[param p]\ntype = number\ndefault = 1\nchoices =\n    1\n    2\n"
	    "[param q]\nmatch = [a-z]*\ndefault = a\n"
	    "[dag]\nstart = 2026-01-01T00:00:00Z\nend = 2027-01-01\n"
	    "schedule =\n    @daily \n\n    0 5 * * *\nschedule = 1 1 * * *\n"
	    "timezone = UTC\n[task a]\nenv = B=3\nenv = C=4\nretries =\n"
	    "run =\n    x\n\n      y\n# z\n  \n[task b]\nafter =\nrun = 1\n"
	    "[task c]\nafter = a\nafter =\n    \"b\"\nrun = 1",
	"[task a]\nrun =\n[task a]\nrun = x",
	"[dag]\nend = 2026-01-01\n[param p]\ndefault =\n[task a]\nrun =\n"
	    "    \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \xed\x80\x80\xe0\xa0\x80"
	    "\xf0\x90\x80\x80\xf4\x80\x80\x80\n  \tx\n    \ty\n",
	"[dag]\nstart = x\nend = 2026-01-01\n[task a]\nrun = x\n",
	"[task a]\nrun = 1\n[task b]\nafter = a\neach = 1\neach =\n"
	    "each = x y\neach =\n    a\n    b\neach = a.key\nrun = 1\n",
	"[group g]\n[task up]\nrun = 1\ngroup = g\n[task up2]\nrun = 1\n"
	    "[task work]\nafter = up up2\nrun = 1\n[task in]\ngroup = g\n"
	    "after = up\nrun = 1\n[task down]\nafter = work\n"
	    "teardown = up\nteardown =\n    up2\nrun = 1\n[task end]\n"
	    "group = g\nteardown = up\nrun = 1\n[task last]\nteardown =\n"
	    "after = g\nrun = 1\n",
	"[task get]\nrun = 1\n[group copy]\nafter = get\nenv = LEVEL=9\n"
	    "group-retries = 2\n[group two]\nafter = copy\n[default]\n"
	    "env = A=1\n[task zip]\ngroup = copy\nafter = get\nrun = 1\n"
	    "[task send]\n"
	    "group = copy\nafter = zip\nenv =\nrun = 2\n[task tell]\n"
	    "after = copy get\nrun = 3\n[task t1]\ngroup = two\nrun = 1\n"
	    "[task t2]\ngroup = two\nrun = 2\n[task t3]\ngroup =\n"
	    "after = two\nrun = 3\n",
};

/* a definition's records, or its errors */
static int
compile(struct buf *out, const void *arg)
{
	struct buf text = BUF_INIT, made = BUF_INIT;
	struct dagerr err = {0};
	int x, e;

	buf_str(&text, arg);
	buf_cstr(&text);
	errno = text.err;
	x = text.err ? -1 : dagcompile("d", "/d.dag", &text, &made, &err);
	if (x == 0)
		x = dagerr_put(&err, "d", "d.dag", &made);
	e = errno;
	fail.on = false;
	buf_add(out, made.p, made.n);
	buf_free(&made);
	buf_free(&text);
	dagerr_free(&err);
	errno = e;
	return x;
}

/* the same of a file */
static int
compile_file(struct buf *out, const void *arg)
{
	struct buf made = BUF_INIT, errs = BUF_INIT, message = BUF_INIT;
	struct dagfile_mark mark;
	size_t at = 0;
	int x, r = 0, e;

	x = dagfile_read(arg, &mark, &made, &errs);
	while (x == 1 && (r = dagfile_error(&errs, &at, &message)) > 0)
		;
	x = r < 0 ? -1 : x < 0 ? -1 : 0;
	e = errno;
	fail.on = false;
	buf_add(out, made.p, made.n);
	buf_add(out, message.p, message.n);
	buf_free(&made);
	buf_free(&errs);
	buf_free(&message);
	errno = e;
	return x;
}

/* a plan, all that can be asked of it; its text is arg */
static int
plan(struct buf *out, const void *arg)
{
	struct buf why = BUF_INIT, b = BUF_INIT;
	struct plan p;
	int fd = memfd_create("plan", 0), x, e;

	if (fd < 0 || write_all(fd, arg, strlen(arg)) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0) {
		e = errno;
		close(fd);
		errno = e;
		return -1;
	}
	x = plan_read(&p, fd, &why);
	e = errno;
	close(fd);
	if (x == 0) {
		for (uint32_t t = 0; t < p.n; t++) {
			char name[65];

			plan_name(&p, t, name);
			x |= plan_find(&p, name, strlen(name)) != t;
		}
		fail.on = false;
		buf_fmt(out, "%u %d%d %lld %lld %lld %s", (unsigned)p.n,
		    plan_yes(&p, 0, "once"), plan_yes(&p, 0, "run"),
		    (long long)plan_find(&p, "nobody", 6),
		    (long long)plan_duration(&p, 0, "timeout", 7),
		    (long long)plan_number(&p, 0, "retries", 8),
		    plan_get(&p, 0, "run", &b));
		buf_fmt(out, "%d", plan_get(&p, 0, "none", &b) != NULL);
		plan_free(&p);
	} else if (e == EINVAL && !why.err)
		x = 0;	/* it is bad, which is what is to be said of it */
	else if (why.err)
		e = why.err;
	fail.on = false;
	buf_add(out, why.p, why.n);
	buf_free(&why);
	buf_free(&b);
	errno = e;
	return x;
}

static const char *const plans[] = {
	"dag\td\ttasks=3\n"
	    "task\td/a\ttimeout=5s\tretries=2\trun=yes\tonce=yes\n"
	    "task\td/b\tafter=a\trun=x\twhen=all-done\n"
	    "task\td/c\tafter= a  b\trun=x\n",
	"dag\td\ttasks=1\ntask\td/a\ttimeout=x\tretries=x\trun=a\\n\n",
	"dag\td\ttasks=1\ntask\td/a\trun=true\\q\ttimeout=123456789012345"
	    "012345678901234567890123456789012345678901234567890123456789s\n",
	"dag\td\ttasks=2\ntask\td/a\teach=1 2\trun=x\n"
	    "task\td/b\trun=x\n",
	"dag\td\ttasks=4\ntask\td/a\tgroup=g\tgroup-retries=2\trun=x\n"
	    "task\td/b\tgroup=h\tgroup-retries=1\trun=x\n"
	    "task\td/c\tgroup=g\tgroup-retries=2\trun=x\n"
	    "task\td/e\tgroup=i\tgroup-retries=0\trun=x\n",
	"dag\td\ttasks=1", "dog\td\ttasks=1\n", "dag\t\t\n", "dag\td\tx\n",
	"dag\td\tx=y\n", "dag\t-d\ttasks=1\n", "dag\td\ttasks=x\n",
	"dag\td\ttasks=9\ntask\td/a\trun=1\n",
	"dag\td\ttasks=1\ntask\td/a\trun=1",
	"dag\td\ttasks=1\n\ntask\td/a\trun=1\n",
	"dag\td\ttasks=1\ntask\ta\trun=1\n",
	"dag\td\ttasks=1\ntask\te/a\trun=1\n",
	"dag\td\ttasks=1\ntask\td/-a\trun=1\n",
	"dag\td\ttasks=1\ntask\td/a\trun=\n",
	"dag\td\ttasks=1\ntask\td/a\tx=1\n",
	"dag\td\ttasks=1\ntask\td/a\trun=1\twhen=never\n",
	"dag\td\ttasks=2\ntask\td/a\trun=1\ntask\td/a\trun=1\n",
	"dag\td\ttasks=1\ntask\td/a\trun=1\ntask\td/b\trun=1\n",
	"dag\td\ttasks=1\ntask\td/a\tafter=x\trun=1\n",
	"dag\td\ttasks=2\ntask\td/a\tafter=b\trun=1\n"
	    "task\td/b\tafter=a\trun=1\n",
	"",
};

/* records, from a descriptor; arg is the text */
static int
records(struct buf *out, const void *arg)
{
	struct rec_reader in = {.fd = memfd_create("records", 0)};
	struct buf got = BUF_INIT, raw = BUF_INIT;
	enum rec_result x = REC_ERROR;
	struct rec r = {0};
	int e;

	if (write_all(in.fd, arg, strlen(arg)) == 0 &&
	    lseek(in.fd, 0, SEEK_SET) == 0)
		while ((x = rec_next(&in, &r)) != REC_END && x != REC_ERROR) {
			buf_fmt(&got, "%d %lu\n", x, in.line);
			if (x == REC_BAD || x == REC_CUT)
				buf_str(&got, rec_fault(r.raw, r.rawlen));
			if (x != REC_OK)
				continue;
			rec_begin(&got, r.kind, r.id);
			for (size_t i = 0; i < r.nfield; i++)
				rec_put(&got, r.field[i].key,
				    r.field[i].value);
			rec_putf(&got, "n", "%s%d", rec_get(&r, "k") ? "k" :
			    "", rec_unescape(&raw, r.raw, r.rawlen));
			rec_end(&got);
		}
	e = errno;
	if (x == REC_END && (got.err || raw.err)) {
		x = REC_ERROR;
		e = got.err ? got.err : raw.err;
	}
	fail.on = false;
	buf_add(out, got.p, got.n);
	buf_free(&got);
	buf_free(&raw);
	rec_free(&r);
	rec_reader_free(&in);
	close(in.fd);
	errno = e;
	return x == REC_END ? 0 : -1;
}

static void
sweep_file(const char *path)
{
	struct buf b = BUF_INIT;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || buf_read(&b, fd, 1 << 20) < 0)
		exit(111);
	close(fd);
	fail_sweep(strrchr(path, '/') + 1, compile, buf_cstr(&b), NULL);
	buf_free(&b);
}

static void
put_file(const char *path, const char *text, mode_t mode)
{
	int fd = creat(path, mode);

	if (fd < 0 || write_all(fd, text, strlen(text)) < 0 || close(fd) < 0)
		exit(111);
}

/* files of all kinds, at path */
static void
files(void)
{
	static const struct {
		const char *what, *script, *path;
	} kind[] = {
		{"an empty file", ">bad.dag", "./bad.dag"},
		{"two bytes", "printf x >two.dag", "./two.dag"},
		{"no program", "echo '#!/bin/sh' >not.dag", "./not.dag"},
		{"a good one in hashes", "printf '#!\n[task a]\nrun = 1\n' "
		    ">hash.dag", "./hash.dag"},
		{"a directory", "mkdir dir.dag", "./dir.dag"},
		{"a fifo", "mkfifo fifo.dag", "./fifo.dag"},
		{"a huge file", "truncate -s 257M huge.dag", "./huge.dag"},
	}, program[] = {
		{"a program", "printf '#!/bin/sh\necho [task a];echo run=1\n'"
		    ">p.dag;chmod 700 p.dag", "./p.dag"},
		{"one that is wrong", "printf '#!/bin/sh\necho [task]\n'"
		    ">w.dag;chmod 700 w.dag", "./w.dag"},
		{"one that is silent", "printf '#!/bin/sh\n'"
		    ">s.dag;chmod 700 s.dag", "./s.dag"},
		{"one that fails", "printf '#!/bin/sh\nexit 3\n'"
		    ">f.dag;chmod 700 f.dag", "./f.dag"},
	};
	struct buf out = BUF_INIT;

	put_file("good.dag", good[0], 0600);
	fail_sweep("a file", compile_file, "./good.dag", NULL);
	fail_sweep("no file", compile_file, "./none.dag", NULL);
	fail_sweep("no name", compile_file, "./-x.dag", NULL);
	for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
		if (system(kind[i].script) != 0)
			exit(111);
		fail_sweep(kind[i].what, compile_file, kind[i].path, NULL);
	}
	for (size_t i = 0; i < sizeof program / sizeof *program; i++) {
		if (system(program[i].script) != 0)
			exit(111);
		ok(compile_file(&out, program[i].path) == 0, "%s",
		    program[i].what);
	}
	buf_free(&out);
}

/* error records as a pipe may bring them: the message, or none */
static void
messages(void)
{
	static const char *const record[][2] = {
		{"error\td\tfile=f\tline=1\tcol=2\ttext=x\n", "f:1:2: x"},
		{"error\td\tline=1\n", "d:1: an error"},
		{"\nbad\ndag\td\nerror\td\tcol=1\ttext=x\n", "d: x"},
		{"error\td", ""},
	};
	struct buf errs = BUF_INIT, message = BUF_INIT;
	size_t at;

	for (size_t i = 0; i < sizeof record / sizeof *record; i++) {
		buf_reset(&errs);
		buf_reset(&message);
		buf_str(&errs, record[i][0]);
		at = 0;
		ok(dagfile_error(&errs, &at, &message) == (i < 3) &&
		    strcmp(buf_cstr(&message), record[i][1]) == 0,
		    "an error: %s", record[i][1]);
	}
	buf_free(&errs);
	buf_free(&message);
}

int
main(int argc, char **argv)
{
	static char big[70000 + 512];
	char name[40];

	for (int i = 1; i < argc; i++)
		sweep_file(argv[i]);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		snprintf(name, sizeof name, "good %zu", i);
		fail_sweep(name, compile, good[i], NULL);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(name, sizeof name, "bad %zu", i);
		fail_sweep(name, compile, bad[i], NULL);
	}
	for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
		snprintf(name, sizeof name, "plan %zu", i);
		fail_sweep(name, plan, plans[i], NULL);
	}
	/* more than is read at once, more fields than there is room for */
	memset(big, 'x', 70000);
	strcpy(big, "a\tb\tk=v\\\\\\t\\n\\r\n#\n\nno\n\tx\na\t\na\t\tb\n"
	    "a\tb\tx\na\tb\t=\na\tb\tk=\\\na\tb\tk=\\q\na\tb");
	for (char *p = big + strlen(big); p < big + 400; p += 6)
		memcpy(p, "\tk=v\\\\", 6);
	big[60000] = '\n';
	memcpy(big + 60001, "a\tb\tk=", 6);
	fail_sweep("records", records, big, NULL);
	big[69990] = '\n';
	big[69991] = '\0';
	fail_sweep("whole records", records, big, NULL);
	fail_enter();
	files();
	messages();
	return tap_end();
}
