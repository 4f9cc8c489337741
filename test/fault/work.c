/* work: what is done to a spool while it is broken: scripts, a few lines each.
 */
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"
#include "work.h"

/* a run of a DAG, as a record, behind the definition */
#define QUEUE(dag, run) \
	"{ dagparse " dag "; printf 'run\\t" dag "/" run "\\ttime=%s" \
	"\\tcause=schedule\\n' 2026-01-01T00:00:00Z; } >" dag ".in\n" \
	"dagq <" dag ".in\n"
#define RUN "2026-01-01T0000Z"
#define DRAIN "dagexec -q -j1 --drain || :\n"
#define FILL "[dag]\nschedule = @daily\nstart = 2026-01-01\n" \
	"max-active-runs = 1\n[task a]\nretries = 3\nrun = body\n"
#define DAGEXEC {STEP_RUN, {"dagexec", "-q", "-j1", "--drain"}, NULL}

const struct work works[] = {
	{"queue", "[default]\nretries = 3\n"
	    "[task a]\nrun = body\n[task b]\nafter = a\nrun = body\n",
	    "dagparse queue >queue.in\n"
	    "for d in 01 02; do printf 'run\\tqueue/2026-01-%sT0000Z\\t"
	    "time=2026-01-%sT00:00:00Z\\tcause=schedule\\n' $d $d; done "
	    ">>queue.in\n",
	    {{STEP_RUN, {"dagq"}, "queue.in"}}, .reruns = false},
	{"one", "[task a]\nretries = 3\nrun = body value k=v\n",
	    QUEUE("one", RUN), {DAGEXEC}},
	{"join", "[default]\nretries = 3\n[task a]\nrun = body value k=v\n"
	    "[task b]\nafter = a\nrun = body want DAG_FROM_a_k=v\n"
	    "[task c]\nafter = a\nrun = body\n"
	    "[task d]\nafter = b c\nrun = body\n",
	    QUEUE("join", RUN), {DAGEXEC}},
	{"map", "[default]\nretries = 3\n[task a]\n"
	    "run = body value k=v && echo k=w >>\"$DAG_OUT\"\n"
	    "[task m]\nafter = a\neach = a.k\n"
	    "run = body value \"i=$DAG_ITEM\"\n"
	    "[task j]\nafter = m\n"
	    "run = test \"$DAG_FROM_m_i\" = \"$(printf 'v\\nw')\" && body\n",
	    QUEUE("map", RUN), {DAGEXEC}},
	{"remap", "[default]\nretries = 3\n[task a]\n"
	    "run = body value k=v && test $DAG_ATTEMPT = 1 || "
	    "echo k=w >>\"$DAG_OUT\"\n"
	    "[task m]\nafter = a\neach = a.k\nrun = body\n",
	    QUEUE("remap", RUN) DRAIN
	    "dagq -q --rerun --downstream remap/" RUN "/a\n",
	    {DAGEXEC}, .reruns = true},
	{"subdag", "[default]\nretries = 3\n[task a]\nrun = body value k=v\n"
	    "[task s]\nafter = a\ndag = sub\nparams = k=$DAG_FROM_a_k\n"
	    "[task b]\nafter = s\nrun = body\n",
	    "printf '%s\\n' '[param k]' '[task x]' 'retries = 3' "
	    "'run = body want DAG_PARAM_k=v' >dags/sub.dag\n"
	    QUEUE("subdag", RUN), {DAGEXEC}},
	{"resub", "[default]\nretries = 3\n[task s]\ndag = again\n"
	    "[task b]\nafter = s\nrun = body\n",
	    "printf '%s\\n' '[task y]' 'retries = 0' 'run = body tries 1' "
	    "'[task z]' 'retries = 3' 'after = y' 'run = body' "
	    ">dags/again.dag\n"
	    QUEUE("resub", RUN), {DAGEXEC}},
	{"retry", "[default]\nretries = 3\n[task a]\nretries = 6\n"
	    "run = body tries 1\n[task b]\nretries = 4\n"
	    "retry-delay = 0s\nrun = body fail\n"
	    "[task c]\nafter = b\nrun = body\n[task s]\nrun = body skip\n"
	    "[task t]\nafter = s\nrun = body\n",
	    QUEUE("retry", RUN), {DAGEXEC}},
	{"sensor", "[default]\nretries = 3\n[task a]\npoke = 1s\n"
	    "run = body looks 2\n[task b]\nafter = a\n"
	    "run =\n    #!/bin/sh\n    body\n",
	    QUEUE("sensor", RUN), {DAGEXEC}},
	{"pool", "[default]\nretries = 3\n[task a]\npool = p:2\nrun = body\n"
	    "[task b]\nafter = a\npool = p q\nrun = body\n",
	    "dagq --pool p=2; dagq --pool q=1\n" QUEUE("pool", RUN),
	    {DAGEXEC}},
	{"once", "[default]\nretries = 3\n[task a]\nonce = yes\n"
	    "run = body\n[task b]\nafter = a\nrun = body\n",
	    QUEUE("once", RUN), {DAGEXEC}, .loose = true},
	{"rerun", "[default]\nretries = 3\n[task a]\nrun = body\n"
	    "[task b]\nretries = 0\nafter = a\nrun = body tries 1\n"
	    "[task c]\nafter = b\nrun = body\n[task d]\nafter = a\n"
	    "run = body\n",
	    QUEUE("rerun", RUN) DRAIN,
	    {{STEP_RUN, {"dagq", "-q", "--rerun", "--downstream",
	    "rerun/" RUN "/b"}, NULL}}, .reruns = true, .loose = true},
	{"recall", "[default]\nretries = 3\n[task a]\nrun = body\n"
	    "[task b]\nafter = a\nrun = body\n",
	    QUEUE("recall", RUN) "dagq -q --hold recall/" RUN "/b\n" DRAIN
	    "dagq -q --release recall/" RUN "/b\n",
	    {{STEP_RUN, {"dagq", "-q", "--rerun", "recall/" RUN "/a"},
	    NULL}}, .reruns = true, .loose = true},
	{"mark", "[default]\nretries = 3\n[task a]\nrun = body fail\n"
	    "retries = 0\n[task b]\nafter = a\nrun = body\n"
	    "[task c]\nafter = b\nrun = body\n",
	    QUEUE("mark", RUN) DRAIN,
	    {{STEP_RUN, {"dagq", "-q", "--mark", "success",
	    "mark/" RUN "/b"}, NULL}}, .reruns = true},
	{"hold", "[default]\nretries = 3\n[task a]\nrun = body\n"
	    "[task b]\nafter = a\nrun = body\n[task c]\nrun = body\n",
	    QUEUE("hold", RUN),
	    {{STEP_RUN, {"dagq", "-q", "--hold", "hold/" RUN "/a",
	    "hold/" RUN "/b"}, NULL},
	    {STEP_RUN, {"dagq", "-q", "--release", "hold/" RUN}, NULL}},
	    .once_only = true},
	{"kill", "[task a]\nretries = 3\nrun = body nap 200\n"
	    "[task b]\nrun = body\nretries = 3\n"
	    "[task c]\nafter = a\nrun = body\n",
	    QUEUE("kill", RUN),
	    {{STEP_START, {"dagexec", "-q", "-j1", "--drain"}, NULL},
	    {STEP_BEGUN, {NULL}, NULL},
	    {STEP_RUN, {"dagq", "-q", "--kill", "kill/" RUN "/a"}, NULL},
	    {STEP_JOIN, {"dagexec", "-q", "-j1", "--drain"}, NULL}},
	    .loose = true},
	{"assets", "[default]\nretries = 3\n[task a]\nproduces = x\n"
	    "run = body\n[task b]\nafter = a\nproduces = y z\n"
	    "needs = $DAG_RUNDIR/out/c\n"
	    "run = test $(grep -c '^asset\tx\t' \"$DAG_SPOOL/assets/log\") "
	    "= 1 && body\n[task c]\nafter = a\nrun = body value k=v\n"
	    "[task d]\nafter = b\nrun = test $(grep -c '^asset\t[xyz]\t' "
	    "\"$DAG_SPOOL/assets/log\") = 3 && body\n",
	    QUEUE("assets", RUN), {DAGEXEC}},
	{"archive", "[default]\nretries = 3\n"
	    "[task a]\nrun = body value k=v\n[task b]\nafter = a\n"
	    "run = body\n",
	    QUEUE("archive", RUN) DRAIN,
	    {{STEP_RUN, {"dagq", "-q", "--archive", "archive/" RUN}, NULL}},
	    .once_only = true},
	{"restore", "[default]\nretries = 3\n[task a]\nrun = body\n"
	    "[task b]\nafter = a\nrun = body\n",
	    QUEUE("restore", RUN) DRAIN "dagq -q --archive 'restore/*'\n",
	    {{STEP_RUN, {"dagq", "-q", "--rerun", "restore/" RUN "/b"},
	    NULL}}, .reruns = true},
	{"repair", "[default]\nretries = 3\n"
	    "[task a]\nrun = body\n[task b]\nafter = a\nrun = body\n"
	    "[task c]\nrun = body\n",
	    QUEUE("repair", RUN) DRAIN
	    "cd $DAG_SPOOL/runs/repair/" RUN "; rm b.success; touch "
	    "nobody.failed c.waiting junk; touch $DAG_SPOOL/queue/junk; "
	    "touch $DAG_SPOOL/runs/.junk\n",
	    {{STEP_RUN, {"dagq", "-q", "--repair"}, NULL}},
	    .sets_aside = true},
	{"settings", "[default]\nretries = 3\n[task a]\nrun = body\npool = p\n",
	    "dagq --pool p=1\n" QUEUE("settings", RUN),
	    {{STEP_RUN, {"dagq", "-q", "--pause", "settings"}, NULL},
	    {STEP_RUN, {"dagq", "-q", "--pool", "p=3"}, NULL},
	    {STEP_RUN, {"dagq", "-q", "--pool", "p=2"}, NULL},
	    {STEP_RUN, {"dagq", "-q", "--resume", "settings"}, NULL}}},
	{"sched", "[dag]\nschedule = @daily\nstart = 2026-01-01\n"
	    "end = 2026-01-04\ncatchup = all\n[task a]\nrun = body\n",
	    "dagsched sched >sched.in; dagq <sched.in; dagq --pause sched\n",
	    {{STEP_RUN, {"dagsched", "sched"}, NULL},
	    {STEP_RUN, {"dagstat", "--why", "sched/2026-01-01"}, NULL},
	    {STEP_RUN, {"dagstat", "sched"}, NULL},
	    {STEP_RUN, {"dagparse", "sched"}, NULL}}, .only_reads = true},
	{"fill", FILL, "dagsched -q --backfill 2026-01-01..2026-01-03 "
	    "--name b fill >fill.in\n",
	    {{STEP_RUN, {"dagq"}, "fill.in"},
	    {STEP_RUN, {"dagq", "-q", "--backfill", "pause", "b"}, NULL},
	    {STEP_RUN, {"dagq", "-q", "--backfill", "resume", "b"},
	    NULL}}},
	{"unfill", FILL, "dagsched -q --backfill 2026-01-01..2026-01-03 "
	    "--name b unfill >unfill.in; dagq <unfill.in\n"
	    "dagq -q --backfill pause b\n",
	    {{STEP_RUN, {"dagq", "-q", "--backfill", "cancel", "b"}, NULL}}},
	{"file", "[default]\nretries = 3\n[task a]\nrun = body\n"
	    "[task b]\nafter = a\nrun = body\n", "true",
	    {{STEP_RUN, {"dagexec", "-q", "-j1", "dags/file.dag"}, NULL}},
	    .loose = true},
};

const size_t nworks = sizeof works / sizeof *works;

bool
work_prepare(const struct work *w, struct kase *base)
{
	char path[600], *script = NULL;
	int status;
	pid_t pid;

	snprintf(path, sizeof path, "%s/dags/%s.dag", case_root, w->name);
	spit(path, w->dag);
	snprintf(path, sizeof path, "%s/spool", base->dir);
	setenv("DAG_SPOOL", path, 1);
	setenv("LEDGER", base->dir, 1);
	if (asprintf(&script, "set -e\ncd %s\n%s", case_root, w->before) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		execlp("sh", "sh", "-c", script, NULL);
		_exit(127);
	}
	free(script);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 &&
	    case_quiet(base, 5000);
}

/* until a task has begun, or the fault has struck before */
static void
await_start(struct kase *k)
{
	char hit[300];

	snprintf(hit, sizeof hit, "%s/spool.hit", k->dir);
	for (int i = 0; i < 1000 && ledger_count(k, "start") == 0 &&
	    access(hit, F_OK) < 0; i++)
		poll(NULL, 0, 2);
}

enum { PATIENCE = 20000 };	/* ms: others may be at work */

int
work_act(const struct work *w, struct kase *k, const struct fault *f)
{
	const struct step *s;
	int worst = 0, x;

	for (s = w->act; s < w->act + WORK_STEPS; s++) {
		if (s->kind == STEP_BEGUN)
			await_start(k);
		else if (!s->argv[0])
			break;
		else if (s->kind == STEP_START)
			case_start(k, s->argv, s->in, f);
		else {
			x = s->kind == STEP_RUN ? case_run(k, s->argv, s->in,
			    f, PATIENCE) : case_wait(k, s->argv, PATIENCE);
			if (x == RAN_LATE)
				return 2;
			/* tasks that fail are not the fault's doing */
			if (x && !(strcmp(s->argv[0], "dagexec") == 0 &&
			    WIFEXITED(x) && WEXITSTATUS(x) == 1))
				worst = 1;
		}
	}
	return worst;
}

bool
work_more(struct kase *k, unsigned day, char run[RUN_NAME])
{
	static const char *const dagq[] = {"dagq", NULL};
	static const char *const parse[] = {"dagparse", "load", NULL};
	static char *plan;
	time_t t = 1767225600 + 86400L * day;
	char path[300], *text, when[RUN_NAME];
	struct tm tm;

	if (!plan) {
		if (case_run(k, parse, NULL, NULL, 5000) != 0)
			return false;
		plan = slurp("%s/out", k->dir);
	}
	gmtime_r(&t, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
	strftime(run, RUN_NAME, "%Y-%m-%dT%H%MZ", &tm);
	if (asprintf(&text, "%srun\tload/%s\ttime=%s\tcause=schedule\n", plan,
	    run, when) < 0)
		abort();
	snprintf(path, sizeof path, "%.250s/more", case_root);
	spit(path, text);
	free(text);
	return case_run(k, dagq, "more", NULL, 20000) == 0;
}

static char *
failure(struct kase *k, const char *what)
{
	char *out = case_output(k), *s = NULL;

	if (asprintf(&s, "%s: %s", what, out) < 0)
		abort();
	free(out);
	return s;
}

char *
work_recover(struct kase *k, const struct fault *f)
{
	static const char *const drain[] = {"dagexec", "-j1", "--drain", NULL};
	int x = case_run(k, drain, NULL, f, PATIENCE);

	if (x == RAN_LATE)
		return failure(k, "recovery does not end");
	if (!f && (!WIFEXITED(x) || WEXITSTATUS(x) > 1))
		return failure(k, "recovery failed");
	if (!case_quiet(k, PATIENCE))
		return failure(k, "processes are left behind");
	return NULL;
}

char *
work_verify(const struct work *w, struct kase *k, const struct seen *seen,
    int rules)
{
	static const char *const check[] = {"dagq", "--check", NULL};
	char path[512], *wrong;
	int x;

	snprintf(path, sizeof path, "%s/out", k->dir);
	unlink(path);
	x = case_run(k, check, NULL, NULL, PATIENCE);
	wrong = case_output(k);
	if (x != 0 || wrong[0]) {
		free(wrong);
		return failure(k, "--check");
	}
	free(wrong);
	if (case_count(k, "tmp"))
		return strdup("something is left in tmp/");
	if (case_count(k, "workers"))
		return strdup("something is left in workers/");
	if (case_count(k, "bad") && !(w && w->sets_aside))
		return strdup("something was set aside in bad/");
	return ledger_check(k, seen, rules);
}
