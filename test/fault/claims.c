/*
 * claims: many dagexecs want the same tasks: each is had by one.
 *
 *	claims TASKS
 *
 * Runs of a thousand tasks each, without upstreams; in turn 2, 4, 8 dagexecs
 * of four slots start at the same instant on all that is ready. Each
 * task must have been begun once: a claim that two won shows in the ledger.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"
#include "work.h"

enum { EACH = 1000, RUNS = 5, MOST = 8 };

static struct kase k;

static const char *const execs[MOST][6] = {
	{"dagexec", "-qj4", "--drain", "--sync=none"},
	{"dagexec", "-q", "-j4", "--drain", "--sync=none"},
	{"dagexec", "-j4", "-q", "--drain", "--sync=none"},
	{"dagexec", "-j4", "--drain", "-q", "--sync=none"},
	{"dagexec", "--drain", "-j4", "-q", "--sync=none"},
	{"dagexec", "--drain", "-q", "-j4", "--sync=none"},
	{"dagexec", "--drain", "-qj4", "--sync=none"},
	{"dagexec", "--sync=none", "--drain", "-qj4"},
};

static void
write_dag(void)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof path, "%.250s/dags/many.dag", case_root);
	f = fopen(path, "w");
	fprintf(f, "[default]\nrun = body\n");
	for (int i = 0; i < EACH; i++)
		fprintf(f, "[task t%d]\n", i);
	fclose(f);
}

static bool
queue(unsigned runs)
{
	static const char *const parse[] = {"dagparse", "many", NULL};
	static const char *const dagq[] = {"dagq", "--sync=none", NULL};
	char path[300], when[40];
	time_t t = 1767225600;
	struct tm tm;
	char *plan;
	FILE *f;

	if (case_run(&k, parse, NULL, NULL, 5000) != 0)
		return false;
	plan = case_output(&k);
	snprintf(path, sizeof path, "%.250s/in", case_root);
	f = fopen(path, "w");
	fputs(plan, f);
	free(plan);
	for (unsigned i = 0; i < runs; i++, t += 86400) {
		gmtime_r(&t, &tm);
		strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
		fprintf(f, "run\tmany/%.10sT0000Z\ttime=%s\tcause=schedule\n",
		    when, when);
	}
	fclose(f);
	return case_run(&k, dagq, "in", NULL, 60000) == 0;
}

/* each ID that began, began once: NULL, or one that did not */
static char *
begun_once(size_t wanted)
{
	size_t n = ledger_count(&k, "start"), ends = ledger_count(&k, "end");
	char *s = NULL;

	if ((n != wanted || ends != wanted || ledger_count(&k, "overlap")) &&
	    asprintf(&s, "%zu tasks, %zu begun, %zu ended", wanted, n,
	    ends) < 0)
		abort();
	return s;
}

static char *
round_of(unsigned n)
{
	char *wrong = NULL;

	case_reset(&k, NULL);
	if (!queue(RUNS))
		return strdup("dagq failed");
	for (unsigned i = 0; i < n; i++)
		case_start(&k, execs[i], NULL, NULL);
	for (unsigned i = 0; i < n; i++)
		if (case_wait(&k, execs[i], 120000) != 0)
			wrong = strdup("a dagexec failed");
	if (!wrong)
		wrong = work_verify(NULL, &k, NULL, LEDGER_ENDED);
	return wrong ? wrong : begun_once(RUNS * EACH);
}

int
main(int argc, char **argv)
{
	size_t wanted = argc > 1 ? (size_t)atol(argv[1]) : 100000, done = 0;
	char *wrong = NULL;

	case_begin();
	unsetenv("FAULT_EPOCH");
	case_make(&k, "w");
	write_dag();
	for (unsigned n = MOST; done < wanted && !wrong;) {
		n = n == MOST ? 2 : 2 * n;
		wrong = round_of(n);
		done += RUNS * EACH;
	}
	printf("%zu tasks claimed by 2, 4 and 8 dagexecs%s%s\n", done,
	    wrong ? ": " : ", each once", wrong ? wrong : "");
	case_stop(&k);
	if (!wrong)
		case_end();
	return wrong != NULL;
}
