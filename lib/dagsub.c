/* dagsub: what a task has not that runs a DAG in place of a command. */
#include <string.h>

#include "dagsub.h"

/* of a process, or of what is held as long as there is one */
static const char *const command[] = {"each", "if", "run", "shell",
    "kill-after", "stop-signal", "nice", "memory", "cpu-time", "open-files",
    "user", "pool", "env-file", "secret", "workdir", "inputs", "output",
    "poke"};

bool
dagsub_command(int key)
{
	for (size_t i = 0; i < sizeof command / sizeof *command; i++)
		if (strcmp(lang_keys[key].name, command[i]) == 0)
			return true;
	return false;
}

bool
dagsub_check(struct compiler *c, const struct daglex_section *s)
{
	int64_t at = c->first[LANG_SUB];

	if (at == DAGVALUE_NONE) {
		if (c->first[LANG_SUB_PARAMS] != DAGVALUE_NONE)
			dagvalue_blame(c, s, LANG_SUB_PARAMS, "params: they "
			    "are of a DAG that the task runs: it has no "
			    "\"dag\"");
		return false;
	}
	for (int k = 0; lang_keys[k].name; k++)
		if (c->first[k] != DAGVALUE_NONE && dagsub_command(k))
			dagvalue_blame(c, s, k, "%s: it is of a command, and "
			    "this task has \"dag\": it runs a DAG in place of "
			    "one", lang_keys[k].name);
	if (strcmp(dagvalue_text(c, &c->lex.value[at]), c->dag) == 0)
		dagvalue_blame(c, s, LANG_SUB, "dag: a DAG cannot run itself: "
		    "it would wait for its own end");
	return true;
}
