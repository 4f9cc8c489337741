/* foreground: one run, made of a file and run before your eyes. */
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cancel.h"
#include "dagfile.h"
#include "dagpath.h"
#include "eval.h"
#include "foreground.h"
#include "intake.h"
#include "io.h"
#include "kill.h"
#include "runrec.h"
#include "slots.h"

static void
made(const char *dag, const char *run, void *arg)
{
	struct foreground *f = arg;

	snprintf(f->dag, sizeof f->dag, "%s", dag);
	snprintf(f->name, sizeof f->name, "%s", run);
}

static void
fault(unsigned long line, const char *text, void *arg)
{
	(void)line;
	(void)arg;
	prog_warn("%s", text);
}

/* NAME=VALUE arguments as fields; they live in argv */
static struct rec_field *
parameters(int argc, char **argv)
{
	struct rec_field *p = calloc((size_t)argc + 1, sizeof *p);
	char *eq;

	if (!p)
		prog_die_errno("parameters");
	for (int i = 0; i < argc; i++) {
		eq = strchr(argv[i], '=');
		if (!eq || !name_ok(argv[i], (size_t)(eq - argv[i])))
			prog_die(EXIT_USAGE, "%s: a parameter is wanted here, "
			    "NAME=VALUE", argv[i]);
		*eq = '\0';
		p[i] = (struct rec_field){argv[i], eq + 1};
	}
	return p;
}

/* reads the file into its records; EXIT_OK, or what was wrong is said */
static enum exit_code
compile(const char *name, struct buf *records)
{
	struct buf errs = BUF_INIT, text = BUF_INIT;
	enum exit_code code = EXIT_OK;
	const char *why;
	char **paths;
	size_t n, at = 0;
	int x;

	x = dagpath_list((char *const *)&name, 1, &paths, &n, &text);
	if (x != 0 || n != 1) {
		if (x < 0)
			prog_die_errno("%s", name);
		why = x ? buf_cstr(&text) : "one DAG file is wanted";
		prog_die(EXIT_BAD, "%.*s", (int)strcspn(why, "\n"), why);
	}
	if (dagfile_compile(paths[0], records, &errs) < 0)
		prog_die_errno("%s", paths[0]);
	while (dagfile_error(&errs, &at, &text) > 0) {
		prog_warn("%s", buf_cstr(&text));
		code = EXIT_BAD;
	}
	dagpath_free(paths, n);
	buf_free(&errs);
	buf_free(&text);
	return code;
}

enum exit_code
foreground_make(struct foreground *f, const char *file, int argc,
    char **argv)
{
	struct buf records = BUF_INIT, why = BUF_INIT;
	struct rec_field *params = parameters(argc, argv);
	enum exit_code code = compile(file, &records);
	static struct intake in;
	struct slots slots;
	struct rec r = {0};
	char *line, *end;

	if (code != EXIT_OK)
		return code;
	line = buf_cstr(&records);
	if (rec_parse(&r, line, strcspn(line, "\n")) != REC_OK ||
	    slots_make(&slots, &r, &why) < 0)
		prog_die(EXIT_BAD, "%s: %s", file, buf_cstr(&why));
	/* rec_parse of the loop below overwrites r */
	snprintf(f->dag, sizeof f->dag, "%.64s", r.id);
	runrec_manual(&records, f->dag, &slots, clock_seconds(),
	    &(struct runrec){.cause = "manual", .param = params,
	    .nparam = (size_t)argc});
	slots_free(&slots);
	in = (struct intake){.spool = f->spool, .made = made, .fault = fault,
	    .arg = f};
	for (line = buf_cstr(&records); (end = strchr(line, '\n'));
	    line = end + 1)
		if (rec_parse(&r, line, (size_t)(end - line)) != REC_OK ||
		    intake_record(&in, &r, 0) < 0)
			prog_die_errno("%s", f->spool->path);
	if (intake_end(&in) < 0)
		prog_die_errno("%s", f->spool->path);
	rec_free(&r);
	free(params);
	buf_free(&records);
	buf_free(&why);
	return in.bad ? EXIT_BAD : EXIT_OK;
}

/* prints what has come since, line by line; all: also one that is begun */
static void
show(struct foreground *f, struct foreground_log *l, int fd, bool all)
{
	char text[4096], *p, *nl;
	ssize_t n;

	while ((n = pread(fd, text, sizeof text, l->shown)) > 0) {
		l->shown += n;
		for (p = text; p < text + n; p = nl + 1) {
			nl = memchr(p, '\n', (size_t)(text + n - p));
			buf_add(&l->line, p, nl ? (size_t)(nl - p) :
			    (size_t)(text + n - p));
			if (!nl)
				break;
			printf("%-*s | %s\n", (int)f->width, l->task,
			    buf_cstr(&l->line));
			buf_reset(&l->line);
		}
	}
	if (all && l->line.n) {
		printf("%-*s | %s\n", (int)f->width, l->task,
		    buf_cstr(&l->line));
		buf_reset(&l->line);
	}
	if (fflush(stdout) != 0 && !f->lost)
		f->lost = errno;
}

static int
by_task(const void *a, const void *b)
{
	const struct foreground_log *x = a, *y = b;

	return strcmp(x->task, y->task);
}

/* what was shown of that task's; it is made */
static struct foreground_log *
find(struct foreground *f, const char *task, size_t n)
{
	struct foreground_log key = {0}, *l;
	void **at;

	if (n > TASK_LEN)
		return NULL;
	memcpy(key.task, task, n);
	if (!(at = tsearch(&key, &f->logs, by_task)))
		prog_die_errno("%s", key.task);
	if (*at != &key)
		return *at;
	if (!(*at = l = malloc(sizeof *l)))
		prog_die_errno("%s", key.task);
	*l = key;
	return l;
}

/* the log of that attempt, what of it has not been shown; false: there is
 * none. It is not kept open: a run may have more tasks than we descriptors. */
static bool
show_attempt(struct foreground *f, struct foreground_log *l, unsigned attempt,
    bool all)
{
	char path[FILE_LEN];
	int fd;

	snprintf(path, sizeof path, "log/%s.%u", l->task, attempt);
	fd = io_open_file(f->run.fd, path, O_RDONLY, 0);
	if (fd < 0) {
		if (errno != ENOENT && !f->unread)
			f->unread = errno;
		return false;
	}
	if (attempt != l->attempt) {
		l->attempt = attempt;
		l->shown = 0;
	}
	show(f, l, fd, all);
	close(fd);
	return true;
}

/* what has not been shown of its attempts, which have ended; a sensor's next
 * look appends to the last one */
static void
show_task(struct foreground *f, struct foreground_log *l)
{
	for (unsigned n = l->attempt ? l->attempt : 1;
	    show_attempt(f, l, n, true); n++)
		;
}

/* a file of log/: of this attempt, and first of those before it */
static void
show_file(struct foreground *f, const char *file, bool all)
{
	const char *dot = strrchr(file, '.');
	unsigned long attempt = dot ? strtoul(dot + 1, NULL, 10) : 0;
	struct foreground_log *l = attempt ?
	    find(f, file, (size_t)(dot - file)) : NULL;

	if (!l || attempt < l->attempt)
		return;
	for (unsigned n = l->attempt ? l->attempt : 1; n < attempt; n++)
		show_attempt(f, l, n, true);
	show_attempt(f, l, (unsigned)attempt, all);
}

void
foreground_event(struct foreground *f, const struct watch_event *e)
{
	if (e->wd == f->wd)
		show_file(f, e->name, false);
}

/* whatever is in log/ and has not been shown */
static void
show_rest(struct foreground *f)
{
	struct names files;

	if (names_list(f->run.fd, "log", &files) < 0)
		prog_die_errno("%s/%s: log", f->dag, f->name);
	for (size_t i = 0; i < files.n; i++)
		show_file(f, files.name[i], true);
	names_free(&files);
	if (!f->unread)
		return;
	errno = f->unread;
	prog_warn_errno("%s/%s: not all that was written could be shown",
	    f->dag, f->name);
}

static void
free_log(void *log)
{
	struct foreground_log *l = log;

	buf_free(&l->line);
	free(l);
}

void
foreground_ran(struct foreground *f, const char *file, enum state state)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];
	char id[FILE_LEN + TASK_LEN];

	if (queue_parse(file, dag, run, task) < 0)
		return;
	/* else of a run that was made for one of its tasks */
	if (strcmp(dag, f->dag) == 0 && strcmp(run, f->name) == 0) {
		show_task(f, find(f, task, strlen(task)));
		snprintf(id, sizeof id, "%s", task);
	} else
		snprintf(id, sizeof id, "%s/%s/%s", dag, run, task);
	if (state == STATE_READY && prog_verbose >= 0)
		prog_warn("%s: again later", id);
	else if (state != STATE_SUCCESS && state != STATE_WAITING &&
	    prog_verbose >= 0)
		prog_warn("%s: %s", id, state_name(state));
	else if (prog_verbose > 0)
		prog_warn("%s: %s", id, state_name(state));
}

/* ^C: what runs is killed, what was to come is failed, the run ends */
static void
interrupt(struct foreground *f)
{
	struct instance *inst;
	uint32_t n;

	prog_warn("interrupted: the run is killed");
	if (cancel_run(f->spool, f->dag, f->name, "interrupted") < 0)
		prog_warn_errno("%s/%s", f->dag, f->name);
	/* a teardown that has begun: one that has not is for the next */
	n = run_fresh(&f->run) < 0 ? 0 : f->run.plan->n;
	inst = calloc(n, sizeof *inst);
	if (n == 0 || !inst || run_states(&f->run, inst) < 0)
		prog_die_errno("%s/%s", f->dag, f->name);
	for (uint32_t t = 0; t < n; t++)
		if (inst[t].state == STATE_RUNNING &&
		    kill_attempt(&f->run, t, inst[t].attempt,
		    "interrupted") < 0)
			prog_warn_errno("%s/%s", f->dag, f->name);
	if (eval_run(&f->run) < 0)
		prog_warn_errno("%s/%s", f->dag, f->name);
	free(inst);
}

/* how it ended, in words and as an exit code */
static enum exit_code
verdict(struct foreground *f)
{
	enum run_state s = run_state(&f->run);
	const char *words = f->spool_words ? f->spool_words : "";

	if (s == RUN_SUCCESS) {
		if (prog_verbose > 0)
			prog_warn("%s/%s: success", f->dag, f->name);
		return EXIT_OK;
	}
	if (s == RUN_FAILED)
		prog_warn("%s/%s: failed; dagstat %s%s/%s shows it, "
		    "dagq %s--rerun %s/%s/TASK goes on", f->dag, f->name,
		    words, f->dag, f->name, words, f->dag, f->name);
	else
		prog_warn("%s/%s: not ended: something in it is held, or "
		    "waits; dagstat --why says for what", f->dag, f->name);
	return EXIT_BAD;
}

enum exit_code
foreground_run(struct foreground *f)
{
	char task[TASK_LEN + 1];
	enum exit_code code;
	size_t n;

	if (run_open(f->spool, f->dag, f->name, &f->run) < 0 ||
	    run_plan(&f->run, NULL) < 0)
		prog_die_errno("%s/%s", f->dag, f->name);
	for (uint32_t t = 0; t < f->run.plan->n; t++) {
		n = strlen(plan_name(f->run.plan, t, task));
		f->width = n > f->width ? n : f->width;
	}
	f->executor->only_dag = f->dag;
	f->executor->only_run = f->name;
	f->executor->only_family = f->run.plan->keys & PLAN_SUB;
	if ((mkdirat(f->run.fd, "log", 0700) < 0 && errno != EEXIST) ||
	    (mkdirat(f->run.fd, "out", 0700) < 0 && errno != EEXIST))
		prog_die_errno("%s/%s", f->dag, f->name);
	f->executor->follow = f->run.fd;
	f->executor->follow_wd = &f->wd;
	if (executor_run(f->executor) < 0)
		prog_die_errno("%s", f->spool->path);
	if (f->executor->stopped)
		interrupt(f);
	show_rest(f);
	code = verdict(f);
	if (f->lost) {
		errno = f->lost;
		prog_warn_errno("stdout");
		clearerr(stdout);
		code = EXIT_SYSTEM;
	}
	tdestroy(f->logs, free_log);
	free(f->spool_words);
	run_close(&f->run);
	return code;
}
