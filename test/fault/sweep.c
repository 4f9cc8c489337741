/*
 * sweep: a fault at every call that touches the spool, one after the other.
 *
 *	sweep [-j N] [-n N] [-o N] [-w WORK] [-p CLASS:K:WHAT]
 *	    kill | errno | memory | recover
 *
 *	kill	SIGKILL before each call of each program and supervisor
 *	errno	each call fails with each errno it can, once and for ever
 *	memory	each allocation fails, once, and with all that come after it
 *	recover	a kill that left things half done, then one at each call of the
 *		recovery
 *
 * -n N takes every N-th point only, from the one that -o says on. After each
 * fault: recovery, dagq --check, the ledger; what was not acknowledged is
 * asked for again; then all must be as if nothing had happened. Prints what
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
#include "work.h"

enum mode { MODE_KILL, MODE_ERRNO, MODE_MEMORY, MODE_RECOVER };

struct point {
	const struct work *work;
	char at[64], then[64];	/* then: in the recovery */
	bool kill;
};

static struct point *points;
static size_t npoints, cap;
static size_t thin = 1, met, offset;	/* of a slow work: each thin-th */
static struct kase *bases;	/* of each work: before, and undisturbed */
static char **wanted;		/* the states, undisturbed */

/* what all workers share */
static struct shared {
	atomic_size_t next, done, hit, bad;
} *shared;

static void
add_point(const struct work *w, const char *at, const char *then, bool kill)
{
	struct point *p;

	if (w->slow && met++ % thin != offset % thin)
		return;
	if (npoints == cap) {
		cap = cap ? cap * 2 : 1024;
		points = realloc(points, cap * sizeof *points);
		if (!points)
			abort();
	}
	p = &points[npoints++];
	*p = (struct point){.work = w, .kill = kill};
	snprintf(p->at, sizeof p->at, "%s", at);
	snprintf(p->then, sizeof p->then, "%s", then ? then : "");
}

static int
by_word(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * The points of a log: its lines, each once (a program that is run several
 * times has its first points in all runs: the fault strikes in each).
 */
static void
add_points(const struct work *w, enum mode mode, char *log,
    const char *before)
{
	char **line = NULL, *p, *save, class[32], at[64];
	unsigned long k, last = 0;
	size_t n = 0;

	for (p = strtok_r(log, "\n", &save); p; p = strtok_r(NULL, "\n",
	    &save)) {
		line = realloc(line, (n + 1) * sizeof *line);
		line[n++] = p;
	}
	if (n)
		qsort(line, n, sizeof *line, by_word);
	for (size_t i = 0; i < n; i++) {
		char seen[64] = "";

		if (sscanf(line[i], "%31s %lu %*s%n", class, &k,
		    (int *)&last) < 2)
			continue;
		snprintf(at, sizeof at, "%s:%lu:", class, k);
		if (i > 0) {
			char c2[32];
			unsigned long k2;

			if (sscanf(line[i - 1], "%31s %lu", c2, &k2) == 2)
				snprintf(seen, sizeof seen, "%s:%lu:", c2, k2);
		}
		if (mode == MODE_MEMORY) {
			if (strcmp(seen, at) == 0)
				continue;
			snprintf(at, sizeof at, "%s:%lu:mem", class, k);
			add_point(w, at, NULL, false);
			snprintf(at, sizeof at, "%s:%lu:mem+", class, k);
			add_point(w, at, NULL, false);
			continue;
		}
		if (mode != MODE_ERRNO) {
			if (strcmp(seen, at) == 0)
				continue;
			snprintf(at, sizeof at, "%s:%lu:kill", class, k);
			add_point(w, before ? before : at,
			    before ? at : NULL, true);
			continue;
		}
		if (strcmp(seen, at) == 0)
			continue;
		for (p = line[i] + (int)last; (p = strchr(p, ' ')); p++) {
			int e = atoi(p + 1);

			if (p[1] == '#')
				break;
			if (e < 0) {
				snprintf(at, sizeof at, "%s:%lu:short", class,
				    k);
				add_point(w, at, NULL, false);
				continue;
			}
			snprintf(at, sizeof at, "%s:%lu:%d", class, k, e);
			add_point(w, at, NULL, false);
			snprintf(at, sizeof at, "%s:%lu:%d+", class, k, e);
			add_point(w, at, NULL, false);
		}
	}
	free(line);
}

static bool
was_hit(struct kase *k)
{
	char path[300];

	snprintf(path, sizeof path, "%s/spool.hit", k->dir);
	return access(path, F_OK) == 0;
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

/* NULL, or what is wrong with that point */
static char *
try_point(const struct point *p, struct kase *k, bool *hit)
{
	const struct work *w = p->work;
	struct fault f = {.at = p->at}, then = {.at = p->then};
	int rules = (w->reruns ? LEDGER_RERUNS : 0);
	bool ended = strcmp(w->name, "sched") != 0, loose = w->loose;
	struct seen *seen;
	char *wrong;
	int acted;

	case_reset(k, &bases[w - works]);
	acted = work_act(w, k, &f);
	*hit = was_hit(k);
	if (k->crashed)
		return say("a program crashed");
	if (acted == 2 && p->at[0])
		return say("a program does not end");
	seen = ledger_see(k);
	if (p->then[0])
		wrong = work_recover(k, &then);
	else
		wrong = NULL;
	if (!wrong)
		wrong = work_recover(k, NULL);
	if (!wrong && k->crashed)
		wrong = say("a supervisor crashed");
	/* a task that could not be started for want of something has failed */
	loose |= !p->kill && (strstr(p->at, "supervisor") ||
	    strstr(p->at, "dagexec"));
	if (ended)
		rules |= LEDGER_ENDED;
	if (!wrong && acted && strcmp(w->name, "queue") == 0)
		wrong = work_verify(w, k, seen, rules);
	else if (!wrong && !(acted && w->sets_aside))
		wrong = work_verify(w, k, seen, rules & (acted ?
		    ~LEDGER_ENDED : ~0));
	ledger_forget(seen);
	if (wrong)
		return wrong;
	if (acted && strcmp(w->act[0].argv[0], "dagexec") != 0) {
		if (work_act(w, k, NULL) != 0 && !w->once_only)
			return say("what was not acknowledged, asked for "
			    "again, fails");
		wrong = work_recover(k, NULL);
		if (!wrong)
			wrong = work_verify(w, k, NULL, rules);
	}
	return wrong || loose ? wrong : compare(p, k);
}

static void
worker(unsigned number, size_t step)
{
	struct kase k;
	char name[16], *wrong;
	size_t i;
	bool hit;

	snprintf(name, sizeof name, "w%u", number);
	case_make(&k, name);
	while ((i = atomic_fetch_add(&shared->next, step)) < npoints) {
		hit = false;
		wrong = try_point(&points[i], &k, &hit);
		atomic_fetch_add(&shared->done, 1);
		atomic_fetch_add(&shared->hit, hit);
		if (wrong) {
			printf("%s %s%s%s: %s\n", points[i].work->name,
			    points[i].at, points[i].then[0] ? " then " : "",
			    points[i].then, wrong);
			fflush(stdout);
			atomic_fetch_add(&shared->bad, 1);
			case_quiet(&k, 0);
		}
		free(wrong);
	}
	case_stop(&k);
}

/* runs a work undisturbed; its points, and what it comes to */
static bool
explore(const struct work *w, enum mode mode)
{
	struct kase k, *base = &bases[w - works];
	char log[300], name[64], *text, *wrong = NULL;
	struct fault f = {.log = log, .at = mode == MODE_MEMORY ?
	    "nobody:0:mem" : NULL};
	struct seen *none = NULL;

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
	    (wrong = work_verify(w, &k, none, w->reruns ? LEDGER_RERUNS :
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
		add_points(w, mode, text, NULL);
	free(text);
	case_stop(&k);
	return true;
}

/*
 * The kills after which the spool looks different from all kills before, in
 * names: for each of these the points of its recovery.
 */
static void
explore_recovery(const struct work *w, size_t step)
{
	struct kase k;
	char log[300], name[64], *text, **looks = NULL, *look;
	struct fault f, g = {.log = log};
	size_t first = npoints, last, nlooks = 0, i;
	struct point *kills;
	bool known;

	snprintf(log, sizeof log, "%.250s/%s.log", case_root, w->name);
	text = slurp("%s", log);
	add_points(w, MODE_KILL, text, NULL);
	free(text);
	last = npoints;
	kills = malloc((last - first) * sizeof *kills);
	memcpy(kills, points + first, (last - first) * sizeof *kills);
	npoints = first;
	snprintf(name, sizeof name, "rec.%s", w->name);
	case_make(&k, name);
	/* one that is passed over looks like the one before, most often */
	for (i = 0; i < last - first; i += step < 8 ? 1 : 8) {
		case_quiet(&k, 8000);
		case_reset(&k, &bases[w - works]);
		f = (struct fault){.at = kills[i].at};
		if (work_act(w, &k, &f) == 2)
			continue;
		look = case_states(&k);
		known = false;
		for (size_t j = 0; j < nlooks && !known; j++)
			known = strcmp(looks[j], look) == 0;
		if (known) {
			free(look);
			continue;
		}
		looks = realloc(looks, (nlooks + 1) * sizeof *looks);
		looks[nlooks++] = look;
		unlink(log);
		free(work_recover(&k, &g));
		if ((text = slurp("%s", log)))
			add_points(w, MODE_RECOVER, text, kills[i].at);
		free(text);
	}
	while (nlooks > 0)
		free(looks[--nlooks]);
	free(looks);
	free(kills);
	case_stop(&k);
}

int
main(int argc, char **argv)
{
	const char *only = NULL, *one = NULL, *m;
	long jobs = sysconf(_SC_NPROCESSORS_ONLN), c;
	size_t step = 1, planned;
	enum mode mode;
	pid_t *workers;

	while ((c = getopt(argc, argv, "j:n:o:p:t:w:")) != -1)
		switch (c) {
		case 'j': jobs = atol(optarg); break;
		case 'n': step = (size_t)atol(optarg); break;
		case 'o': offset = strtoul(optarg, NULL, 10); break;
		case 'p': one = optarg; break;
		case 't': thin = strtoul(optarg, NULL, 10); break;
		case 'w': only = optarg; break;
		default: return 2;
		}
	m = optind < argc ? argv[optind] : "kill";
	mode = strcmp(m, "errno") == 0 ? MODE_ERRNO :
	    strcmp(m, "memory") == 0 ? MODE_MEMORY :
	    strcmp(m, "recover") == 0 ? MODE_RECOVER : MODE_KILL;
	setvbuf(stdout, NULL, _IOLBF, 0);
	case_begin();
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bases = calloc(nworks, sizeof *bases);
	wanted = calloc(nworks, sizeof *wanted);
	for (size_t i = 0; i < nworks; i++) {
		if (only && strcmp(only, works[i].name) != 0)
			continue;
		if (!explore(&works[i], mode))
			return 1;
		if (mode == MODE_RECOVER && !works[i].only_reads)
			explore_recovery(&works[i], step);
	}
	if (one && only) {
		npoints = 0;
		for (size_t i = 0; i < nworks; i++)
			if (strcmp(only, works[i].name) == 0)
				add_point(&works[i], one, NULL,
				    strstr(one, "kill"));
	}
	offset %= step;
	shared->next = one ? 0 : offset;
	planned = one ? npoints : npoints / step + (offset < npoints % step);
	workers = calloc((size_t)jobs, sizeof *workers);
	for (long i = 0; i < jobs; i++) {
		workers[i] = fork();
		if (workers[i] == 0) {
			worker((unsigned)i, step);
			fflush(stdout);
			_exit(0);
		}
	}
	/* of them alone: what one that gives up leaves behind is ours, too */
	for (long i = 0; i < jobs; i++)
		waitpid(workers[i], NULL, 0);
	printf("%zu of %zu points, %zu struck, %zu recovered\n",
	    (size_t)shared->done, npoints, (size_t)shared->hit,
	    (size_t)(shared->done - shared->bad));
	case_end();
	return shared->bad || shared->done != planned || planned == 0;
}
