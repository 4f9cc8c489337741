/* langkeys: the keys of a DAG file, in one table. */
#include "lang.h"
#include "trigger.h"

enum { EACH = LANG_DEFAULT | LANG_TASK | LANG_GROUP };

static const char *const types[] = {"text", "number", "boolean", "duration",
    "day", NULL};
static const char *const events[] = {"success", "failure", "retry", "skip",
    "deadline", "lost", NULL};
static const char *const gaps[] = {"run", "skip", NULL};
static const char *const overlaps[] = {"first", "second", "both", NULL};
static const char *const overlap[] = {"queue", "skip", "latest", "cancel",
    NULL};
static const char *const on_failure[] = {"continue", "finish-running",
    "cancel", NULL};
static const char *const holiday[] = {"skip", "before", "after", NULL};
static const char *const catchup[] = {"none", "last", "all", "merge",
    NULL};

const struct lang_key lang_keys[] = {
	{"after", LANG_TASK | LANG_GROUP, LANG_NAMES, true, 0, 0, NULL},
	{"group", LANG_TASK, LANG_NAME, false, 0, 0, NULL},
	{"group-retries", LANG_GROUP, LANG_NUMBER, false, 0, 1000, NULL},
	{"each", LANG_TASK, LANG_TEXT, true, 0, 0, NULL},
	{"teardown", LANG_TASK, LANG_NAMES, true, 0, 0, NULL},
	{"when", EACH, LANG_CHOICE, false, 0, 0, trigger_names},
	{"if", EACH, LANG_TEXT, false, 0, 0, NULL},
	{"run", EACH, LANG_SCRIPT, false, 0, 0, NULL},
	{"dag", LANG_TASK, LANG_NAME, false, 0, 0, NULL},
	{"params", LANG_TASK, LANG_PARAMS, true, 0, 0, NULL},
	{"schedule", LANG_DAG, LANG_CRON, true, 0, 0, NULL},
	{"timezone", LANG_DAG, LANG_ZONE, false, 0, 0, NULL},
	{"start", LANG_DAG, LANG_DAY, false, 0, 0, NULL},
	{"end", LANG_DAG, LANG_DAY, false, 0, 0, NULL},
	{"delay", LANG_DAG, LANG_DURATION, false, 0, 0, NULL},
	{"dst-gap", LANG_DAG, LANG_CHOICE, false, 0, 0, gaps},
	{"dst-overlap", LANG_DAG, LANG_CHOICE, false, 0, 0, overlaps},
	{"calendar", LANG_DAG, LANG_WORDS, false, 0, 0, NULL},
	{"nth", LANG_DAG, LANG_WORDS, false, 0, 0, NULL},
	{"on-holiday", LANG_DAG, LANG_CHOICE, false, 0, 0, holiday},
	{"catchup", LANG_DAG, LANG_CHOICE, false, 0, 0, catchup},
	{"catchup-window", LANG_DAG, LANG_DURATION, false, 0, 0, NULL},
	{"grace", LANG_DAG, LANG_DURATION, false, 0, 0, NULL},
	{"overlap", LANG_DAG, LANG_CHOICE, false, 0, 0, overlap},
	{"pipeline", LANG_DAG, LANG_NUMBER, false, 1, 3, NULL},
	{"max-active-runs", LANG_DAG, LANG_NUMBER, false, 1, 10000, NULL},
	{"run-retries", LANG_DAG, LANG_NUMBER, false, 0, 1000, NULL},
	{"on-failure", LANG_DAG, LANG_CHOICE, false, 0, 0, on_failure},
	{"pause-after-failures", LANG_DAG, LANG_NUMBER, false, 1, 1000, NULL},
	{"archive-after", LANG_DAG, LANG_DURATION, false, 0, 0, NULL},
	{"keep", LANG_DAG, LANG_DURATION, false, 0, 0, NULL},
	{"shell", EACH, LANG_WORDS, false, 0, 0, NULL},
	{"retries", EACH, LANG_NUMBER, false, 0, 1000, NULL},
	{"retry-delay", EACH, LANG_RANGE, false, 0, 0, NULL},
	{"retry-on", EACH, LANG_CAUSES, true, 0, 0, NULL},
	{"timeout", LANG_DAG | EACH, LANG_DURATION, false, 1, 0, NULL},
	{"kill-after", EACH, LANG_DURATION, false, 0, 0, NULL},
	{"stop-signal", EACH, LANG_SIGNAL, false, 0, 0, NULL},
	{"nice", EACH, LANG_NUMBER, false, -20, 19, NULL},
	{"memory", EACH, LANG_SIZE, false, 0, 0, NULL},
	{"cpu-time", EACH, LANG_DURATION, false, 1, 0, NULL},
	{"open-files", EACH, LANG_NUMBER, false, 8, 1048576, NULL},
	{"user", EACH, LANG_USER, false, 0, 0, NULL},
	{"pool", EACH, LANG_POOLS, true, 0, 0, NULL},
	{"priority", EACH, LANG_NUMBER, false, -1000, 1000, NULL},
	{"env", EACH, LANG_ENV, true, 0, 0, NULL},
	{"env-file", EACH, LANG_WORDS, true, 0, 0, NULL},
	{"secret", EACH, LANG_SECRETS, true, 0, 0, NULL},
	{"workdir", LANG_DAG | EACH, LANG_PATH, false, 0, 0, NULL},
	{"inputs", EACH, LANG_PATHS, true, 0, 0, NULL},
	{"output", EACH, LANG_PATHS, true, 0, 0, NULL},
	{"poke", EACH, LANG_RANGE, false, 1, 0, NULL},
	{"give-up", EACH, LANG_GIVE_UP, false, 0, 0, NULL},
	{"start-by", EACH, LANG_DEADLINE, false, 0, 0, NULL},
	{"end-by", LANG_DAG | EACH, LANG_DEADLINE, false, 0, 0, NULL},
	{"notify", LANG_DAG | EACH, LANG_TEXT, false, 0, 0, NULL},
	{"notify-on", LANG_DAG | EACH, LANG_EVENTS, true, 0, 0, events},
	{"depends-on-past", EACH, LANG_BOOL, false, 0, 0, NULL},
	{"once", EACH, LANG_BOOL, false, 0, 0, NULL},
	{"hold", EACH, LANG_BOOL, false, 0, 0, NULL},
	{"type", LANG_PARAM, LANG_CHOICE, false, 0, 0, types},
	{"default", LANG_PARAM, LANG_LINE, false, 0, 0, NULL},
	{"choices", LANG_PARAM, LANG_WORDS, false, 0, 0, NULL},
	{"match", LANG_PARAM, LANG_LINE, false, 0, 0, NULL},
	{"description", LANG_DAG | EACH | LANG_PARAM, LANG_TEXT, false, 0, 0,
	    NULL},
	{NULL, 0, LANG_TEXT, false, 0, 0, NULL},
};
