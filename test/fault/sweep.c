/*
 * sweep: a fault at every call that touches the spool, one after the other.
 *
 *	sweep [-ae] [-j N] [-n N] [-o N] [-w WORK] [-p CLASS:K:WHAT]
 *	    kill | errno | memory | recover
 *
 *	kill	SIGKILL before each call of each program and supervisor
 *	errno	each call fails with each errno it can, once and for ever
 *	memory	each allocation fails, once, and with all that come after it
 *	recover	a kill that left things half done, then one at each call of the
 *		recovery
 *
 * After each fault: recovery, dagq --check, the ledger; what was not
 * acknowledged is asked for again; then all must be as if nothing had
 * happened. What a fault leaves that looks to the byte like what another left,
 * but for times and numbers of processes, and while nothing lives any more,
 * is not put right again.
 *
 * A kill strikes before those calls only that may change the spool, as others
 * leave what the next of these leaves. Calls that a program makes from one
 * place (what called it, what called that, up to main) are one, however often
 * and in however many works they are made, to all but the first kill. With -e
 * each call of each work is taken; with -a what looks alike is put right, too.
 * -n N takes every N-th point only, from the one on that -o says. Prints what
 * went wrong, and a line of figures.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger.h"
#include "memo.h"
#include "point.h"

static struct points points, halves;
static bool all, every;		/* -a, -e */
static size_t step = 1, first;	/* -n, -o */
static struct kase *bases;	/* of each work: before, and undisturbed */
static char **wanted;		/* the states, undisturbed */

/* what all workers share */
static struct shared {
	atomic_size_t next, done, hit, bad, known, nsnaps;
} *shared;

static bool
was_hit(struct kase *k)
{
	char path[300];

	snprintf(path, sizeof path, "%s/spool.hit", k->dir);
	return access(path, F_OK) == 0;
}

/* with what programs said */
static char *
failure(struct kase *k, const char *what)
{
	char *out = case_output(k), *s = NULL;

	if (asprintf(&s, "%s: %s", what, out) < 0)
		abort();
	free(out);
	return s;
}

static char *
say(const char *what)
{
	return strdup(what);
}

/* once recovered: is all as it would be undisturbed? */
static char *
compare(const struct point *p, struct kase *k)
{
	char *is = case_states(k), *s = NULL;
	const char *want = wanted[p->work - works];

	if (strcmp(is, want) != 0 &&
	    asprintf(&s, "it ends otherwise than undisturbed:\n%s", is) < 0)
		abort();
	free(is);
	return s;
}

/* what was done before has been recovered: is all well? */
static char *
judge(const struct point *p, struct kase *k, const struct seen *seen,
    int acted, bool loose)
{
	const struct work *w = p->work;
	bool ended = strcmp(w->name, "sched") != 0;
	int rules = (w->reruns ? LEDGER_RERUNS : 0) |
	    (ended ? LEDGER_ENDED : 0);
	char *wrong = NULL;

	if (acted && strcmp(w->name, "queue") == 0)
		wrong = work_verify(w, k, seen, rules);
	else if (!(acted && w->sets_aside))
		wrong = work_verify(w, k, seen, acted ?
		    rules & ~LEDGER_ENDED : rules);
	if (wrong)
		return wrong;
	if (acted && strcmp(w->act[0].argv[0], "dagexec") != 0) {
		if (work_act(w, k, NULL) != 0 && !w->once_only)
			return failure(k, "what was not acknowledged, asked "
			    "for again, fails");
		wrong = work_recover(k, NULL);
		if (!wrong)
			wrong = work_verify(w, k, NULL, rules);
	}
	return wrong || loose ? wrong : compare(p, k);
}

/* NULL, or what is wrong with that point */
static char *
try_point(const struct point *p, struct kase *k)
{
	const struct work *w = p->work;
	struct fault f = {.at = p->at};
	uint64_t state = 0, salt;
	bool loose = w->loose;
	char *wrong = NULL;
	struct seen *seen;
	int acted = 1;

	/* a task that could not be started for want of something has failed */
	loose |= !p->kill && (strstr(p->at, "supervisor") ||
	    strstr(p->at, "dagexec"));
	case_reset(k, p->from);
	if (p->half) {
		seen = ledger_see(k);
		wrong = work_recover(k, &f);
	} else {
		acted = work_act(w, k, &f);
		seen = ledger_see(k);
	}
	atomic_fetch_add(&shared->hit, was_hit(k));
	if (acted == 2)
		wrong = say("a program does not end");
	salt = (uint64_t)(w - works) * 8 + (uint64_t)acted * 2 + loose;
	/* a recovery while some still live is tried after kills */
	if (!wrong && !all && !p->kill)
		case_quiet(k, 20000);
	if (!wrong && !all && !case_lives(k)) {
		state = memo_state(k, salt);
		if (k->crashed == 0 && memo_has(state)) {
			atomic_fetch_add(&shared->known, 1);
			ledger_forget(seen);
			return NULL;
		}
	}
	if (!wrong)
		wrong = work_recover(k, NULL);
	if (k->crashed)
		wrong = say("a program crashed");
	if (!wrong)
		wrong = judge(p, k, seen, acted, loose);
	ledger_forget(seen);
	if (!wrong && state)
		memo_add(state);
	return wrong;
}

static void
try(size_t i, struct kase *k)
{
	const struct point *p = &points.point[i];
	char *wrong = try_point(p, k);

	if (wrong) {
		printf("%s %s%s%s: %s\n", p->work->name, p->half ? p->half : "",
		    p->half ? " then " : "", p->at, wrong);
		fflush(stdout);
		atomic_fetch_add(&shared->bad, 1);
		case_quiet(k, 0);
	}
	free(wrong);
}

/*
 * A kill that leaves what none before left: that is kept, as NUMBER.half, with
 * NUMBER.log of its recovery, and NUMBER.of, which says of what.
 */
static void
leave_half(size_t i, struct kase *k)
{
	const struct point *p = &halves.point[i];
	struct fault f = {.at = p->at}, g;
	struct kase snap;
	char path[300], log[300], of[24];
	size_t n;

	case_reset(k, p->from);
	if (work_act(p->work, k, &f) == 2 || !case_quiet(k, 8000) ||
	    !memo_add(memo_state(k, ~(uint64_t)(p->work - works))))
		return;
	n = atomic_fetch_add(&shared->nsnaps, 1);
	snprintf(path, sizeof path, "%zu.half", n);
	case_make(&snap, path);
	case_reset(&snap, k);
	snprintf(log, sizeof log, "%.250s/%zu.log", case_root, n);
	g = (struct fault){.log = log};
	free(work_recover(k, &g));
	snprintf(path, sizeof path, "%.250s/%zu.of", case_root, n);
	snprintf(of, sizeof of, "%zu", i);
	spit(path, of);
}

/* the points of the recoveries from what leave_half has left */
static void
take_halves(void)
{
	for (size_t i = 0; i < shared->nsnaps; i++) {
		struct kase *snap = calloc(1, sizeof *snap);
		char *of = slurp("%s/%zu.of", case_root, i);
		char *log = slurp("%s/%zu.log", case_root, i);
		struct point like;

		if (!snap || !of)
			abort();
		snprintf(snap->dir, sizeof snap->dir, "%.200s/%zu.half",
		    case_root, i);
		like = halves.point[strtoul(of, NULL, 10)];
		like.half = strdup(like.at);
		like.from = snap;
		if (log)
			points_add(&points, MODE_RECOVER, !all, log, &like);
		free(log);
		free(of);
	}
}

static void
worker(unsigned number, size_t n, void (*f)(size_t, struct kase *))
{
	struct kase k;
	char name[16];
	size_t i;

	snprintf(name, sizeof name, "w%u", number);
	case_make(&k, name);
	while ((i = atomic_fetch_add(&shared->next, step)) < n) {
		f(i, &k);
		atomic_fetch_add(&shared->done, 1);
	}
	case_stop(&k);
	case_reset(&k, NULL);
	rmdir(k.dir);
}

/* all n of them, by so many at a time; false: one has given up */
static bool
each(long jobs, size_t n, void (*f)(size_t, struct kase *))
{
	pid_t *workers = calloc((size_t)jobs, sizeof *workers);
	bool good = workers;
	int status;

	shared->next = first;
	shared->done = 0;
	fflush(stdout);
	for (long i = 0; good && i < jobs; i++) {
		workers[i] = fork();
		if (workers[i] == 0) {
			worker((unsigned)i, n, f);
			fflush(stdout);
			_exit(0);
		}
	}
	/* of them alone: what one that gives up leaves behind is ours, too */
	for (long i = 0; good && i < jobs; i++)
		good = waitpid(workers[i], &status, 0) == workers[i] &&
		    status == 0;
	free(workers);
	return good;
}

/* runs a work undisturbed; its points, and what it comes to */
static bool
explore(const struct work *w, enum mode mode)
{
	struct kase k, *base = &bases[w - works];
	struct point like = {.work = w, .from = base};
	char log[300], name[64], *text, *wrong = NULL;
	struct fault f = {.log = log, .at = mode == MODE_MEMORY ?
	    "nobody:0:mem" : NULL};

	snprintf(name, sizeof name, "base.%s", w->name);
	case_make(base, name);
	if (!work_prepare(w, base)) {
		printf("%s: cannot be prepared\n", w->name);
		return false;
	}
	snprintf(name, sizeof name, "try.%s", w->name);
	case_make(&k, name);
	case_reset(&k, base);
	snprintf(log, sizeof log, "%.250s/%s.log", case_root, w->name);
	if (work_act(w, &k, &f) != 0 || (wrong = work_recover(&k, NULL)) ||
	    (wrong = work_verify(w, &k, NULL, w->reruns ? LEDGER_RERUNS :
	    0))) {
		text = case_output(&k);
		printf("%s: undisturbed it fails: %s %s\n", w->name,
		    wrong ? wrong : "", text);
		free(text);
		return false;
	}
	wanted[w - works] = case_states(&k);
	text = slurp("%s", log);
	if (mode != MODE_RECOVER)
		points_add(&points, mode, mode == MODE_KILL && !every, text,
		    &like);
	else if (!w->only_reads)
		points_add(&halves, MODE_KILL, !all, text, &like);
	free(text);
	case_stop(&k);
	return true;
}

int
main(int argc, char **argv)
{
	const char *only = NULL, *one = NULL, *m;
	long jobs = sysconf(_SC_NPROCESSORS_ONLN), c;
	enum mode mode;
	size_t n;
	bool good;

	while ((c = getopt(argc, argv, "aej:n:o:p:w:")) != -1)
		switch (c) {
		case 'a': all = every = true; break;
		case 'e': every = true; break;
		case 'j': jobs = atol(optarg); break;
		case 'n': step = (size_t)atol(optarg); break;
		case 'o': first = (size_t)atol(optarg); break;
		case 'p': one = optarg; break;
		case 'w': only = optarg; break;
		default: return 2;
		}
	if (step == 0)
		return 2;
	first %= step;
	m = optind < argc ? argv[optind] : "kill";
	mode = strcmp(m, "errno") == 0 ? MODE_ERRNO :
	    strcmp(m, "memory") == 0 ? MODE_MEMORY :
	    strcmp(m, "recover") == 0 ? MODE_RECOVER : MODE_KILL;
	setvbuf(stdout, NULL, _IOLBF, 0);
	case_begin();
	memo_begin();
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bases = calloc(nworks, sizeof *bases);
	wanted = calloc(nworks, sizeof *wanted);
	for (size_t i = 0; i < nworks; i++)
		if ((!only || strcmp(only, works[i].name) == 0) &&
		    !explore(&works[i], mode))
			return 1;
	if (mode == MODE_RECOVER) {
		if (!each(jobs, halves.n, leave_half))
			return 1;
		printf("%zu of %zu kills left something of its own\n",
		    (size_t)shared->nsnaps, halves.n);
		take_halves();
	}
	if (!every && mode != MODE_KILL)
		points_choose(&points);
	if (one && points.n > 0) {
		points.n = 1;
		snprintf(points.point[0].at, sizeof points.point[0].at, "%s",
		    one);
		points.point[0].kill = strstr(one, "kill");
	}
	n = first < points.n ? (points.n - first + step - 1) / step : 0;
	good = each(jobs, points.n, try);
	printf("%zu of %zu points that stand for %zu calls, %zu struck, %zu "
	    "left what another had left, %zu recovered\n",
	    (size_t)shared->done, points.n, points.calls,
	    (size_t)shared->hit, (size_t)shared->known,
	    (size_t)(shared->done - shared->known - shared->bad));
	case_end();
	return !good || shared->bad || shared->done != n || n == 0;
}
