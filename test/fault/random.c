/*
 * random: kill -9 of a dagexec, a supervisor or a task, again and again,
 * while two dagexecs of eight slots each run DAGs of many tasks.
 *
 *	random KILLS [SEED]
 *
 * A killed dagexec is started again. In the end all is drained; then the
 * ledger must show no task lost, none overlapping, none before its upstreams,
 * none again after its success was recorded. Prints a line of figures.
 */
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"
#include "victim.h"
#include "work.h"

enum { WIDTH = 10, DEPTH = 10, RUNS_AT_ONCE = 4, EXECS = 2 };

static const char *const names[EXECS][6] = {
	{"dagexec", "-q", "-j8"}, {"dagexec", "-q", "-j", "8"},
};
static struct kase k;
static bool begun[EXECS];
static unsigned day;

static long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

/* layers of tasks, each after two of the layer before */
static void
write_dag(void)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof path, "%.250s/dags/load.dag", case_root);
	f = fopen(path, "w");
	fprintf(f, "[dag]\nmax-active-runs = %d\n[default]\nretries = 50\n"
	    "run = body nap 3\n", RUNS_AT_ONCE);
	for (int d = 0; d < DEPTH; d++)
		for (int w = 0; w < WIDTH; w++) {
			fprintf(f, "[task t%d-%d]\n", d, w);
			if (d > 0)
				fprintf(f, "after = t%d-%d t%d-%d\n", d - 1,
				    w, d - 1, (w + 1) % WIDTH);
		}
	fclose(f);
}

/* puts another run in, by dagq; it must be there when dagq says 0 */
static bool
more_work(void)
{
	char run[RUN_NAME], *text;
	bool is;

	if (!work_more(&k, day++, run))
		return false;
	text = slurp("%s/spool/runs/load/%s/run", k.dir, run);
	is = text != NULL;
	free(text);
	return is;
}

static void
keep_running(void)
{
	for (int i = 0; i < EXECS; i++) {
		if (begun[i] && case_runs(&k, names[i], 0))
			continue;
		case_start(&k, names[i], NULL, NULL);
		begun[i] = true;
	}
}

/* --check in the middle of it all must not cry wolf */
static char *
look(void)
{
	static const char *const check[] = {"dagq", "--check", NULL};
	char path[300], *out, *s = NULL;
	int x;

	snprintf(path, sizeof path, "%s/out", k.dir);
	unlink(path);
	x = case_run(&k, check, NULL, NULL, 20000);
	out = case_output(&k);
	/* a dagexec may have had something to say meanwhile */
	if (x != 0 && asprintf(&s, "--check on a live spool: %s", out) < 0)
		abort();
	free(out);
	return s;
}

static size_t
active(void)
{
	char path[400];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/spool/runs/load", k.dir);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		char at[700];

		snprintf(at, sizeof at, "%s/%s/@success", path, e->d_name);
		n += e->d_name[0] != '.' && access(at, F_OK) < 0;
	}
	if (d)
		closedir(d);
	return n;
}

int
main(int argc, char **argv)
{
	long kills = argc > 1 ? atol(argv[1]) : 500, done = 0, began;
	unsigned seed = argc > 2 ? (unsigned)atol(argv[2]) : 1;
	char *wrong = NULL;
	struct seen *seen = NULL;
	size_t starts;
	double rate;

	case_begin();
	unsetenv("FAULT_EPOCH");
	srand(seed);
	case_make(&k, "w");
	write_dag();
	victim_begin();
	for (int i = 0; i < RUNS_AT_ONCE; i++)
		if (!more_work())
			return 1;
	began = now_ms();
	while (done < kills && !wrong) {
		pid_t p;

		keep_running();
		if (active() < RUNS_AT_ONCE && !more_work()) {
			wrong = slurp("%s/out", k.dir);
			wrong = wrong ? wrong : strdup("dagq failed");
			break;
		}
		poll(NULL, 0, 1 + rand() % 30);
		if (done % 25 == 24) {
			wrong = look();
			if (!wrong)
				wrong = ledger_check(&k, seen, LEDGER_LIVE);
			/* what is a success by now is not to run again */
			ledger_forget(seen);
			seen = ledger_see(&k);
		}
		if ((p = victim()) > 0 && kill(p, SIGKILL) == 0)
			done++;
	}
	starts = ledger_count(&k, "start");
	rate = (double)starts * 1000 / (double)(now_ms() - began);
	for (int i = 0; i < EXECS; i++)
		case_runs(&k, names[i], SIGKILL);
	for (int i = 0; i < EXECS; i++)
		case_wait(&k, names[i], 20000);
	if (!wrong)
		wrong = work_recover(&k, NULL);
	if (!wrong)
		wrong = work_verify(NULL, &k, seen, LEDGER_ENDED);
	printf("%ld kills, seed %u, %zu tasks started, %.0f a second, "
	    "%u runs%s%s\n", done, seed, starts, rate, day,
	    wrong ? ": " : ", all whole", wrong ? wrong : "");
	case_stop(&k);
	if (!wrong)
		case_end();
	return wrong != NULL;
}
