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

static void
blame(struct compiler *c, int key, const char *text)
{
	uint32_t line, col;

	dagtext_place(c->lex.text, &c->lex.value[c->first[key]], 0, &line,
	    &col);
	dagerr_add(c->err, line, col, "%s: %s", lang_keys[key].name, text);
}

bool
dagsub_check(struct compiler *c)
{
	int64_t at = c->first[LANG_SUB];

	if (at == DAGVALUE_NONE) {
		if (c->first[LANG_SUB_PARAMS] != DAGVALUE_NONE)
			blame(c, LANG_SUB_PARAMS, "they are of a DAG that the "
			    "task runs: it has no \"dag\"");
		return false;
	}
	for (int k = 0; lang_keys[k].name; k++)
		if (c->first[k] != DAGVALUE_NONE && dagsub_command(k))
			blame(c, k, "it is of a command, and this task has "
			    "\"dag\": it runs a DAG in place of one");
	if (strcmp(dagvalue_text(c, &c->lex.value[at]), c->dag) == 0)
		blame(c, LANG_SUB, "a DAG cannot run itself: it would wait "
		    "for its own end");
	return true;
}
