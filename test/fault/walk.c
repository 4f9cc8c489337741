/*
 * walk: all that people do to a spool, at random, all at once, and killed.
 *
 *	walk STEPS [SEED]
 *
 * Three dagexecs run a DAG of all kinds of tasks (mapped, grouped, sub-DAGs,
 * setups, sensors, pools, stages); at each step a dagq with a verb is begun, or
 * one that still works is killed, or a dagexec, a supervisor, a task is, while
 * dagq --check looks at it all, and is to see nothing wrong. Every so many
 * steps all are stopped, paused DAGs resumed, held tasks released, what is left
 * is drained, and the ledger is looked at. In the end the spool is damaged, and
 * put right: a second dagq --repair is to do nothing. Prints a line of figures.
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"
#include "memo.h"
#include "victim.h"
#include "work.h"

enum { ROUND = 60, EXECS = 3, IDS = 3, LONG = 120000, DAMAGES = 24 };

static const char dag[] = "[dag]\nmax-active-runs = 4\nrun-retries = 1\n"
    "[default]\nretries = 40\nrun = body nap 2\n"
    "[group g]\nafter = a\ngroup-retries = 2\n"
    "[task a]\nrun = body value k=v && echo k=w >>\"$DAG_OUT\"\n"
    "[task m]\nafter = a\neach = a.k\n"
    "[task j]\nafter = m\n"
    "[task g1]\ngroup = g\n"
    "[task g2]\ngroup = g\nafter = g1\nretries = 0\nrun = body tries 1\n"
    "[task s]\nafter = a\ndag = sub\n"
    "[task b]\nafter = s j\n"
    "[task set]\n[task use]\nafter = set\nrun = body nap 9\n"
    "[task tear]\nafter = use\nteardown = set\n"
    "[task sens]\npoke = 1s\nrun = body looks 1\n"
    "[task st]\nafter = sens\noutput = made.$DAG_RUN\n"
    "run = body && echo x >\"$DAG_STAGE/made.$DAG_RUN\"\n"
    "[task p]\npool = p:2 q\n[task p2]\npool = p\nafter = p\n"
    "[task f]\nproduces = x\nretry-delay = 2s\nrun = body tries 1\n"
    "[task o]\nonce = yes\n"
    "[task c]\nafter = b g tear st p2 f o\nwhen = all-done\n";
static const char sub[] = "[default]\nretries = 40\nrun = body nap 2\n"
    "[task x]\n[task y]\nafter = x\nrun = body tries 1\n";
static const char *const tasks[] = {"a", "m", "j", "g1", "g2", "s", "b", "set",
    "use", "tear", "sens", "st", "p", "p2", "f", "o", "c", "m+v", "m+w"};

#define DAGQ "dagq", "-q"
static const char *const execs[EXECS][5] = {
	{"dagexec", "-q", "-j4"}, {"dagexec", "-qj4"}, {"dagexec", "-q", "-j3"},
};
static const struct {
	const char *argv[6];
	enum { PLAIN, TASKS, RUNS } of;
} verbs[] = {
	{{DAGQ, "--rerun"}, TASKS}, {{DAGQ, "--rerun", "-D"}, TASKS},
	{{DAGQ, "--rerun", "-Dk"}, TASKS}, {{DAGQ, "--rerun", "-U"}, TASKS},
	{{DAGQ, "--rerun", "--failed"}, RUNS}, {{DAGQ, "--rerun", "-k"}, RUNS},
	{{DAGQ, "--rerun", "--latest"}, RUNS}, {{DAGQ, "--hold"}, TASKS},
	{{DAGQ, "--hold"}, RUNS}, {{DAGQ, "--release"}, TASKS},
	{{DAGQ, "--release", "-"}, RUNS}, {{DAGQ, "--kill"}, TASKS},
	{{DAGQ, "--kill", "-"}, RUNS}, {{DAGQ, "--mark", "success"}, TASKS},
	{{DAGQ, "--mark", "failed"}, TASKS},
	{{DAGQ, "--mark", "skipped"}, TASKS}, {{DAGQ, "--archive"}, RUNS},
	{{DAGQ, "--pause", "load"}, PLAIN}, {{DAGQ, "--resume", "load"}, PLAIN},
	{{DAGQ, "--pool", "p=2"}, PLAIN}, {{DAGQ, "--pool", "p=4"}, PLAIN},
	{{DAGQ, "--repair"}, PLAIN}, {{"dagstat", "-q"}, PLAIN},
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static struct kase k;
static const char *const check[] = {"dagq", "--check", NULL};
static const char *const repair[] = {"dagq", "--repair", NULL};
static bool begun[EXECS], asked[VERBS], looking;
static unsigned day, killed, done, looks, damages;

static int
chance(int n)
{
	return rand() % n;
}

/* the day of a run, as work_more has it */
static const char *
date(unsigned d)
{
	time_t t = 1767225600 + 86400L * d;
	static char text[RUN_NAME];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof text, "%Y-%m-%d", &tm);
	return text;
}

/* some of the last runs, or tasks of them, for the verb's stdin; its file */
static const char *
choose(size_t v, char name[32])
{
	static char ids[4096];
	char path[300];
	size_t n = 0;

	for (int i = 0; i < 1 + chance(IDS); i++) {
		unsigned d = day - 1 - (unsigned)chance(day < 6 ? (int)day : 6);
		bool child = verbs[v].of == RUNS && chance(5) == 0;

		n += (size_t)snprintf(ids + n, sizeof ids - n,
		    "%s/%sT0000Z%s%s\n", child ? "sub" : "load",
		    date(d),
		    verbs[v].of == TASKS ? "/" : "", verbs[v].of == TASKS ?
		    tasks[chance(sizeof tasks / sizeof *tasks)] : "");
	}
	snprintf(name, 32, "ids.%zu", v);
	snprintf(path, sizeof path, "%.250s/%s", case_root, name);
	spit(path, ids);
	return name;
}

static void
ask(void)
{
	size_t v = (size_t)chance(VERBS);
	char name[32];

	if (asked[v] && case_runs(&k, verbs[v].argv, 0)) {
		if (chance(2) == 0)
			killed += case_runs(&k, verbs[v].argv, SIGKILL);
		return;
	}
	case_start(&k, verbs[v].argv, verbs[v].of == PLAIN ? NULL :
	    choose(v, name), NULL);
	asked[v] = true;
	done++;
	/* most die in the midst of it */
	if (chance(2) == 0) {
		poll(NULL, 0, chance(12));
		killed += case_runs(&k, verbs[v].argv, SIGKILL);
	}
}

static void
keep_running(void)
{
	for (int i = 0; i < EXECS; i++) {
		if (begun[i] && case_runs(&k, execs[i], 0))
			continue;
		case_start(&k, execs[i], NULL, NULL);
		begun[i] = true;
	}
}

/* a look that has ended: it saw nothing wrong? then the next is begun */
static char *
look(bool again)
{
	char *out, *s = NULL;
	int x;

	if (looking && again && case_runs(&k, check, 0))
		return NULL;
	x = looking ? case_wait(&k, check, LONG) : 0;
	looks += looking;
	looking = again;
	if (x != 0) {
		/* others have had something to say, too */
		out = case_output(&k);
		if (asprintf(&s, "--check of a live spool: %x: %s",
		    (unsigned)x, out) < 0)
			abort();
		free(out);
	}
	if (!s && again)
		case_start(&k, check, NULL, NULL);
	return s;
}

static bool
run(const char *a, const char *b, const char *c, const char *d)
{
	const char *const argv[] = {"dagq", "-q", a, b, c, d, NULL};

	return case_run(&k, argv, NULL, NULL, LONG) != RAN_LATE;
}

/* all that hinders is taken away; what is left runs to its end */
static char *
settle(void)
{
	char *wrong;

	for (size_t v = 0; v < VERBS; v++)
		if (asked[v] && case_wait(&k, verbs[v].argv, LONG) == RAN_LATE)
			return strdup("a dagq does not end");
	for (int i = 0; i < EXECS; i++) {
		case_runs(&k, execs[i], SIGKILL);
		case_wait(&k, execs[i], LONG);
		begun[i] = false;
	}
	if ((wrong = look(false)))
		return wrong;
	memset(asked, 0, sizeof asked);
	/* a child of a run may come only after its parent was released */
	for (int i = 0; i < 3; i++) {
		if (!run("--resume", "load", NULL, NULL) ||
		    !run("--yes", "--release", "load/*", "sub/*"))
			return strdup("a dagq does not end");
		if ((wrong = work_recover(&k, NULL)))
			return wrong;
	}
	return work_verify(NULL, &k, NULL, LEDGER_ENDED | LEDGER_RERUNS);
}

static bool
spoil(const char *dir, const char *name)
{
	static const char *const states[] = {"waiting", "failed", "running.9"};
	char old[700], new[1000];
	int fd;

	snprintf(old, sizeof old, "%.400s/%.200s", dir, name);
	snprintf(new, sizeof new, "%.400s/%.*s.%s", dir,
	    (int)strcspn(name, "."), name, states[chance(3)]);
	switch (chance(4)) {
	case 0:
		return unlink(old) == 0;
	case 1:
		return rename(old, new) == 0;
	case 2:
		snprintf(new, sizeof new, "%.400s/junk.%u", dir, damages);
	}
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 && close(fd) == 0;
}

/* markers of runs that have ended vanish, have another name, have a second one;
 * there are names of nobody */
static void
damage(void)
{
	char dir[400];
	struct dirent *e;
	DIR *d;

	for (unsigned i = 0; i < day; i++) {
		snprintf(dir, sizeof dir, "%s/spool/runs/load/%sT0000Z", k.dir,
		    date(i));
		d = opendir(dir);
		while (d && (e = readdir(d)))
			if (strchr(e->d_name, '.') && e->d_name[0] != '.' &&
			    damages < DAMAGES && chance(4) == 0)
				damages += spoil(dir, e->d_name);
		if (d)
			closedir(d);
	}
}

/* does that end so, and say something, or nothing? */
static bool
says(const char *const *argv, int code, bool something)
{
	char path[300], *out;
	bool good;
	int x;

	snprintf(path, sizeof path, "%s/out", k.dir);
	unlink(path);
	x = case_run(&k, argv, NULL, NULL, LONG);
	out = case_output(&k);
	good = x == code << 8 && (out[0] != '\0') == something;
	free(out);
	return good;
}

/* the damage is seen, and put right; then there is nothing to do */
static char *
mend(void)
{
	uint64_t state;

	damage();
	if (damages == 0)
		return strdup("nothing was there to be damaged");
	if (!says(check, 1, true))
		return strdup("damage is not seen");
	if (!says(repair, 0, true))
		return strdup("damage is not put right");
	state = memo_state(&k, 0);
	if (!says(repair, 0, false) || memo_state(&k, 0) != state)
		return strdup("a second --repair does a thing");
	if (!says(check, 0, false))
		return strdup("--check sees what --repair left");
	return NULL;
}

/* one step */
static void
step(void)
{
	char name[RUN_NAME];
	pid_t p;

	keep_running();
	if (chance(12) == 0 && work_more(&k, day, name))
		day++;
	if (chance(3) == 0 && (p = victim()) > 0)
		killed += kill(p, SIGKILL) == 0;
	ask();
	poll(NULL, 0, chance(20));
}

int
main(int argc, char **argv)
{
	int steps = argc > 1 ? atoi(argv[1]) : 300, n;
	unsigned seed = argc > 2 ? (unsigned)atol(argv[2]) : 1;
	char path[300], name[RUN_NAME], *wrong = NULL;

	case_begin();
	srand(seed);
	case_make(&k, "w");
	victim_begin();
	snprintf(path, sizeof path, "%.250s/dags/load.dag", case_root);
	spit(path, dag);
	snprintf(path, sizeof path, "%.250s/dags/sub.dag", case_root);
	spit(path, sub);
	run("--pool", "p=3", NULL, NULL);
	run("--pool", "q=1", NULL, NULL);
	for (day = 0; day < 3; day++)
		if (!work_more(&k, day, name))
			wrong = case_output(&k);
	for (n = 0; n < steps && !wrong; n++) {
		step();
		wrong = look(true);
		if (!wrong && (n % ROUND == ROUND - 1 || n == steps - 1))
			wrong = settle();
		if (!wrong && k.crashed)
			wrong = strdup("a program crashed");
	}
	if (!wrong)
		wrong = mend();
	printf("%d steps, seed %u: %u verbs, %u kills, %u runs, %u looks, %u "
	    "damages%s%s\n", n, seed, done, killed, day, looks, damages,
	    wrong ? ": " : ", all whole", wrong ? wrong : "");
	case_stop(&k);
	if (!wrong)
		case_end();
	return wrong != NULL;
}
