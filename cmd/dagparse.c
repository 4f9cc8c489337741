/* dagparse: compiles DAG files into records, or says what is wrong. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dagfile.h"
#include "dagpath.h"
#include "dot.h"
#include "prog.h"
#include "rec.h"

/*
 * Reads the DAG files that the arguments name, else all of the search path,
 * one after the other; writes dag, task and error records (or a graph) on
 * stdout, messages on stderr. A DAG program's output is kept in the cache;
 * nothing else is written, nothing locked.
 */

static const char usage[] =
    "dagparse [-cdqv] [--check | --dot] [--spool DIR] [DAG ...]";

enum mode { RECORDS, CHECK, DOT };

struct job {
	enum mode mode;
	struct buf out, errs, message;
	enum exit_code code;
};

static void
worse(struct job *j, enum exit_code code)
{
	if (code > j->code)
		j->code = code;
}

/* a line of text is a message */
static void
warn_lines(char *lines)
{
	char *line;

	while ((line = strsep(&lines, "\n")))
		if (*line)
			prog_warn("%s", line);
}

static void
show_errors(struct job *j)
{
	size_t at = 0;
	int r;

	while ((r = dagfile_error(&j->errs, &at, &j->message)) > 0)
		prog_warn("%s", j->message.p);
	if (r < 0)
		prog_die_errno("memory");
	if (j->mode == RECORDS)
		fwrite(j->errs.p, 1, j->errs.n, stdout);
	worse(j, EXIT_BAD);
}

static void
show(struct job *j)
{
	if (j->mode == RECORDS)
		fwrite(j->out.p, 1, j->out.n, stdout);
	else if (j->mode == DOT && dot_print(&j->out, stdout) < 0)
		prog_die_errno("memory");
}

static void
parse(struct job *j, const char *path)
{
	buf_reset(&j->out);
	buf_reset(&j->errs);
	switch (dagfile_compile(path, &j->out, &j->errs)) {
	case 0:
		show(j);
		if (prog_verbose > 0)
			prog_warn("%s: is good", path);
		break;
	case 1:
		show_errors(j);
		break;
	default:
		prog_warn_errno("%s", path);
		worse(j, EXIT_SYSTEM);
	}
}

static void
parse_all(struct job *j, char **names, size_t n)
{
	struct buf why = BUF_INIT;
	size_t count;
	char **paths;
	int r = dagpath_list(names, n, &paths, &count, &why);

	if (r < 0)
		prog_die_errno("DAG_PATH");
	if (r > 0) {
		warn_lines(buf_cstr(&why));
		worse(j, EXIT_BAD);
	}
	for (size_t i = 0; i < count && !ferror(stdout); i++)
		parse(j, paths[i]);
	dagpath_free(paths, count);
	buf_free(&why);
}

static void
options(struct job *j, int argc, char **argv)
{
	static const struct option longs[] = {
		{"check", no_argument, NULL, 'c'},
		{"dot", no_argument, NULL, 'd'},
		{"quiet", no_argument, NULL, 'q'},
		{"verbose", no_argument, NULL, 'v'},
		{"spool", required_argument, NULL, OPT_SPOOL},
		{"help", no_argument, NULL, OPT_HELP},
		{"version", no_argument, NULL, OPT_VERSION},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "cdqv", longs, NULL)) != -1)
		switch (c) {
		case 'c': j->mode = CHECK; break;
		case 'd': j->mode = DOT; break;
		case 'q': prog_verbose = -1; break;
		case 'v': prog_verbose = 1; break;
		case OPT_SPOOL: break;	/* all programs take it */
		case OPT_HELP: prog_usage(usage, true);
		case OPT_VERSION: prog_version();
		default: prog_usage(usage, false);
		}
}

int
main(int argc, char **argv)
{
	struct job j = {.mode = RECORDS};

	prog_start(argc, argv);
	options(&j, argc, argv);
	parse_all(&j, argv + optind, (size_t)(argc - optind));
	buf_free(&j.out);
	buf_free(&j.errs);
	buf_free(&j.message);
	return prog_end(j.code);
}
