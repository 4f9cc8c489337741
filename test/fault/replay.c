/*
 * replay: what a power cut may leave: the unsynced writes, any legal part.
 *
 *	replay STATES [SEED]
 *
 * A run is queued, run, rerun and archived; preload.c writes down each change
 * of the spool. Then spools are built as a crash at some change may leave
 * them: what a sync covers is there, the rest or not, as chance has it (but
 * nothing without what it builds on), the last unsynced write of a file
 * perhaps torn. From each, recovery must lead where it leads after a kill.
 *
 * The rules are those of POSIX, not of one file system: fsync of a directory
 * covers the names in it, of a file its bytes and times, syncfs all.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger.h"
#include "work.h"

enum { OPS = 2000, NONE = -1 };

/* objects are numbered by the op that made them; the spool itself is OPS */
struct op {
	char what;
	long ledger;
	char a[300], b[300];	/* as it was called then */
	int who, in, to;	/* object; directory of a, of b */
	char *data;
	size_t n;
};

static struct op ops[OPS];
static int nops;
static struct kase live, k;
static char *name_of[OPS + 1];	/* while the log is read: its path, or NULL */

static int
object(const char *path)
{
	if (strcmp(path, ".") == 0)
		return OPS;
	for (int i = nops; i >= 0; i--)
		if (name_of[i] && strcmp(name_of[i], path) == 0)
			return i;
	return NONE;
}

static int
parent(const char *path)
{
	char dir[300];
	char *slash;

	snprintf(dir, sizeof dir, "%s", path);
	slash = strrchr(dir, '/');
	if (!slash)
		return OPS;
	*slash = '\0';
	return object(dir);
}

static const char *
base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* an object has another path, and so has all beneath it */
static void
rename_all(const char *from, const char *to)
{
	size_t n = strlen(from);
	char *new;

	for (int i = 0; i <= nops; i++) {
		if (!name_of[i] || strncmp(name_of[i], from, n) != 0 ||
		    (name_of[i][n] && name_of[i][n] != '/'))
			continue;
		if (asprintf(&new, "%s%s", to, name_of[i] + n) < 0)
			abort();
		free(name_of[i]);
		name_of[i] = new;
	}
}

static void
take_op(char *line)
{
	struct op *o = &ops[nops];
	unsigned byte;
	int at = 0;
	char *p;

	if (nops == OPS || sscanf(line, "%c %ld %299s %299s %n", &o->what,
	    &o->ledger, o->a, o->b, &at) < 4)
		return;
	for (p = line + at, o->data = malloc(strlen(p) / 2 + 1);
	    sscanf(p, "%2x", &byte) == 1; p += 2)
		o->data[o->n++] = (char)byte;
	o->in = parent(o->a);
	o->to = strchr("RL", o->what) ? parent(o->b) : NONE;
	if (strchr("CM", o->what)) {
		o->who = nops;
		name_of[nops] = strdup(o->a);
	} else
		o->who = o->what == 'X' ? NONE : object(o->a);
	if (o->what == 'R') {
		/* what it replaces has no name any more */
		int old = object(o->b);

		if (old >= 0 && old != OPS) {
			free(name_of[old]);
			name_of[old] = NULL;
		}
		rename_all(o->a, o->b);
	} else if (o->what == 'U' && o->who >= 0) {
		free(name_of[o->who]);
		name_of[o->who] = NULL;
	}
	nops++;
}

static bool
names(const struct op *o)
{
	return strchr("CMRLU", o->what) != NULL;
}

/* does op i (a later one) build on op j? */
static bool
needs(const struct op *i, const struct op *j)
{
	if (i->what == 'X' || j->what == 'X' || strchr("SA", j->what))
		return false;
	if (!names(j))		/* bytes are appended one after the other */
		return i->what == 'W' && j->what == 'W' && i->who == j->who;
	if (j->who == i->who && (names(i) || strchr("CM", j->what)))
		return true;
	if (j->what == 'M' && (j->who == i->in || j->who == i->to))
		return true;
	/* the same place in the same directory */
	return names(i) && ((j->in == i->in && !strcmp(base(j->a),
	    base(i->a))) || (i->to != NONE && ((j->in == i->to &&
	    !strcmp(base(j->a), base(i->b))) || (j->to == i->to &&
	    !strcmp(base(j->b), base(i->b))))) || (j->to != NONE &&
	    j->to == i->in && !strcmp(base(j->b), base(i->a))));
}

/* is op j on disk once that sync is done? */
static bool
covers(const struct op *s, const struct op *j)
{
	if (s->what == 'A')
		return true;
	return names(j) ? j->in == s->who || (j->to != NONE &&
	    j->to == s->who) : j->who == s->who;
}

/* what is left of the first cut ops: kept[]; must[]: by a sync */
static void
choose(int cut, bool *kept, bool *must)
{
	int percent = (rand() % 5) * 25;

	memset(must, 0, OPS);
	for (int s = 0; s < cut; s++)
		if (strchr("SA", ops[s].what))
			for (int j = 0; j < s; j++)
				must[j] |= covers(&ops[s], &ops[j]);
	for (int i = 0; i < cut; i++)
		kept[i] = must[i] || rand() % 100 < percent;
	for (int i = cut; i-- > 0;)
		for (int j = 0; j < i; j++) {
			if (kept[i] && needs(&ops[i], &ops[j]))
				kept[j] = true;
			if (must[i] && needs(&ops[i], &ops[j]))
				must[j] = true;
		}
}

static int fds[OPS + 1];

/* does it; what cannot be done any more is as if it had been lost */
static void
apply(const struct op *o, int i, bool torn)
{
	struct timespec zero[2] = {{0, 0}, {0, 0}};
	int in = o->in >= 0 ? fds[o->in] : -1;
	int to = o->to >= 0 ? fds[o->to] : -1;
	int fd = o->who >= 0 ? fds[o->who] : -1;

	switch (o->what) {
	case 'M':
		if (mkdirat(in, base(o->a), 0700) == 0)
			fds[i] = openat(in, base(o->a), O_RDONLY | O_DIRECTORY);
		break;
	case 'C':
		fds[i] = openat(in, base(o->a), O_RDWR | O_CREAT | O_EXCL,
		    strncmp(base(o->a), "plan.", 5) ? 0600 : 0400);
		break;
	case 'W':
		if (fd >= 0 && (lseek(fd, 0, SEEK_END) < 0 || write(fd,
		    o->data, torn ? o->n / 2 : o->n) < 0))
			abort();
		break;
	case 'Z':
		if (fd >= 0)
			futimens(fd, zero);
		break;
	case 'R':
		renameat(in, base(o->a), to, base(o->b));
		break;
	case 'L':
		if (linkat(in, base(o->a), to, base(o->b), 0) < 0)
			abort();
		break;
	case 'U':
		if (unlinkat(in, base(o->a), 0) < 0)
			unlinkat(in, base(o->a), AT_REMOVEDIR);
		break;
	}
}

static void
build(int cut, const bool *kept, const bool *must)
{
	char path[300], *text;
	long size = cut < nops ? ops[cut].ledger : ops[nops - 1].ledger;

	case_reset(&k, NULL);
	snprintf(path, sizeof path, "%s/spool", k.dir);
	if (mkdir(path, 0700) < 0)
		abort();
	for (int i = 0; i < OPS; i++)
		fds[i] = -1;
	fds[OPS] = open(path, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < cut; i++) {
		bool last = true;

		for (int j = i + 1; j < cut && last; j++)
			last = !(kept[j] && ops[j].what == 'W' &&
			    ops[j].who == ops[i].who);
		if (kept[i])
			apply(&ops[i], i, ops[i].what == 'W' && last &&
			    !must[i] && rand() % 4 == 0);
	}
	for (int i = 0; i <= OPS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	text = slurp("%s/ledger", live.dir);
	if (text) {
		if ((long)strlen(text) > size)
			text[size] = '\0';
		snprintf(path, sizeof path, "%s/ledger", k.dir);
		spit(path, text);
	}
	free(text);
}

/* what dagq had acknowledged: was it synced? NULL, or what was not */
static char *
acknowledged(int cut, const bool *must)
{
	char *s = NULL;
	int last = -1;

	for (int i = 0; i < cut; i++)
		if (ops[i].what == 'X')
			last = i;
	for (int i = 0; i < last && !s; i++)
		if (ops[i].what == 'R' && strncmp(ops[i].b, "runs/", 5) == 0 &&
		    strncmp(ops[i].a, "tmp/", 4) == 0 && !must[i] &&
		    asprintf(&s, "%s was acknowledged, and not synced",
		    ops[i].b) < 0)
			abort();
	return s;
}

static bool
live_through(const char *log)
{
	static const char *const parse[] = {"dagparse", "r", NULL};
	static const char *const dagq[] = {"dagq", NULL};
	static const char *const exec[] = {"dagexec", "-qj1", "--drain", NULL};
	static const char *const rerun[] = {"dagq", "-q", "--rerun",
	    "r/2026-01-01/b", NULL};
	static const char *const archive[] = {"dagq", "-q", "--archive",
	    "r/2026-01-02", NULL};
	struct fault f = {.ops = log};
	char path[300], *plan, *text;
	bool done;

	snprintf(path, sizeof path, "%.250s/dags/r.dag", case_root);
	spit(path, "[default]\nretries = 5\n[task a]\nrun = body value k=v\n"
	    "[task b]\nafter = a\nonce = no\n"
	    "run = body want DAG_FROM_a_k=v tries 1\n"
	    "[task c]\nafter = a\nrun = body\n[task d]\nafter = b c\n"
	    "run = body\n");
	setenv("BODY_OPS", log, 1);
	if (case_run(&live, parse, NULL, NULL, 5000) != 0)
		return false;
	plan = case_output(&live);
	if (asprintf(&text, "%srun\tr/2026-01-01T0000Z\t"
	    "time=2026-01-01T00:00:00Z\tcause=schedule\n"
	    "run\tr/2026-01-02T0000Z\ttime=2026-01-02T00:00:00Z\t"
	    "cause=schedule\n", plan) < 0)
		abort();
	snprintf(path, sizeof path, "%.250s/in", case_root);
	spit(path, text);
	free(plan);
	free(text);
	done = case_run(&live, dagq, "in", &f, 9000) == 0 &&
	    case_run(&live, exec, NULL, &f, 9000) == 0 &&
	    case_run(&live, rerun, NULL, &f, 9000) == 0 &&
	    case_run(&live, exec, NULL, &f, 9000) == 0 &&
	    case_run(&live, archive, NULL, &f, 9000) == 0;
	unsetenv("BODY_OPS");
	return done;
}

/* no value was lost: with one b fails */
static char *
all_well(void)
{
	char *states = case_states(&k), *s = NULL;

	if ((strstr(states, "failed") || strstr(states, "skipped")) &&
	    asprintf(&s, "not all are a success:\n%s", states) < 0)
		abort();
	free(states);
	return s;
}

/* what an interrupted rerun left held */
static char *
release(void)
{
	static const char *const dagq[] = {"dagq", "-q", "--release",
	    "r/2026-01-01", NULL};
	char *states = case_states(&k);
	bool held = strstr(states, ".held");

	free(states);
	if (!held)
		return NULL;
	if (case_run(&k, dagq, NULL, NULL, 9000) != 0)
		return strdup("dagq --release fails");
	return work_recover(&k, NULL);
}

int
main(int argc, char **argv)
{
	int states = argc > 1 ? atoi(argv[1]) : 500, n, cut, second = 0;
	static bool kept[OPS], must[OPS];
	char log[300], *text, *p, *save, *wrong = NULL;
	struct seen *seen;

	srand(argc > 2 ? (unsigned)atol(argv[2]) : 1);
	case_begin();
	case_make(&live, "live");
	case_make(&k, "w");
	snprintf(log, sizeof log, "%.250s/ops", case_root);
	if (!live_through(log) || !(text = slurp("%s", log)))
		return 1;
	case_stop(&live);
	for (p = strtok_r(text, "\n", &save); p; p = strtok_r(NULL, "\n",
	    &save))
		take_op(p);
	free(text);
	for (int i = 0, x = 0; i < nops && !second; i++)
		if (ops[i].what == 'X' && ++x == 1)
			second = i;
	/* before the rerun no task may run again once its success is there */
	for (second++; second < nops && ops[second].what != 'X'; second++)
		;
	for (n = 0; n < states && !wrong; n++) {
		cut = 13 + rand() % (nops - 12);
		choose(cut, kept, must);
		build(cut, kept, must);
		wrong = acknowledged(cut, must);
		seen = ledger_see(&k);
		if (!wrong)
			wrong = work_recover(&k, NULL);
		if (!wrong)
			wrong = release();
		if (!wrong)
			wrong = work_verify(NULL, &k, seen, LEDGER_ENDED |
			    (cut >= second - 40 ? LEDGER_RERUNS : 0));
		if (!wrong)
			wrong = all_well();
		ledger_forget(seen);
		if (wrong)
			printf("cut at %d of %d\n", cut, nops);
	}
	printf("%d states of %d changes%s%s\n", n, nops,
	    wrong ? ": " : ", all recovered", wrong ? wrong : "");
	case_stop(&k);
	if (!wrong)
		case_end();
	return wrong != NULL;
}
