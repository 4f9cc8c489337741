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
#include "mermaid.h"
#include "plancheck.h"
#include "prog.h"
#include "simulate.h"
#include "source.h"

/*
 * Reads the DAG files that the arguments name, else all of the search path,
 * one after the other, and for "-" records on stdin; writes dag, task and
 * error records (or a graph) on stdout, messages on stderr. A DAG program's
 * output is kept in the cache; nothing else is written, nothing locked.
 */

static const char usage[] =
    "dagparse [-cdqv] [--check | --dot | --mermaid | "
    "--simulate TASK=STATE ...]\n"
    "                [--spool DIR] [DAG ...]";

enum { OPT_SIMULATE = OPT_OWN, OPT_MERMAID };

enum mode { RECORDS, CHECK, DOT, MERMAID, SIMULATE };

struct job {
	enum mode mode;
	enum exit_code code;
	struct source source;
	struct buf text, why;
	struct simulate_end *ends;	/* SIMULATE */
	size_t nends;
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

/* error records, as messages too */
static void
show_errors(struct job *j)
{
	size_t at = 0;
	int r;

	while ((r = dagfile_error(&j->text, &at, &j->why)) > 0)
		prog_warn("%s", buf_cstr(&j->why));
	if (r < 0)
		prog_die_errno("memory");
	if (j->mode == RECORDS)
		fwrite(j->text.p, 1, j->text.n, stdout);
	worse(j, EXIT_BAD);
}

/* values from a pipe; those of files have been checked; 0, or -1 and why */
static int
check_values(struct job *j)
{
	struct plan plan;
	int r;

	if (plan_make(&plan, j->text.p, j->text.n, &j->why) < 0)
		return -1;
	r = plancheck(&plan, &j->why);
	plan_free(&plan);
	return r;
}

static int
show_mermaid(struct job *j)
{
	struct plan plan;

	if (plan_make(&plan, j->text.p, j->text.n, &j->why) < 0)
		return -1;
	mermaid_print(&plan, stdout);
	plan_free(&plan);
	return 0;
}

static int
show_simulated(struct job *j)
{
	struct buf out = BUF_INIT;
	struct plan plan;
	int r;

	if (plan_make(&plan, j->text.p, j->text.n, &j->why) < 0)
		return -1;
	r = simulate(&plan, j->ends, j->nends, &out);
	if (out.n)
		fwrite(out.p, 1, out.n, stdout);
	plan_free(&plan);
	buf_free(&out);
	return r;
}

static void
show(struct job *j)
{
	if (j->source.records && check_values(j) < 0) {
		if (errno != EINVAL)
			prog_die_errno("stdin");
		prog_warn("stdin: %s", buf_cstr(&j->why));
		worse(j, EXIT_BAD);
		return;
	}
	if (j->mode == RECORDS)
		fwrite(j->text.p, 1, j->text.n, stdout);
	else if (j->mode == DOT && dot_print(&j->text, stdout) < 0)
		prog_die_errno("memory");
	else if (j->mode == MERMAID && show_mermaid(j) < 0)
		prog_die_errno("memory");
	else if (j->mode == SIMULATE && show_simulated(j) < 0)
		prog_die_errno("memory");
	if (prog_verbose > 0 && !j->source.records)
		prog_warn("%s: is good", j->source.path[j->source.at - 1]);
}

static void
parse_all(struct job *j)
{
	while (!ferror(stdout)) {
		switch (source_next(&j->source, &j->text, &j->why)) {
		case SOURCE_END:
			return;
		case SOURCE_DAG:
			show(j);
			break;
		case SOURCE_FAULTY:
			show_errors(j);
			break;
		case SOURCE_BAD:
			prog_warn("%s", buf_cstr(&j->why));
			worse(j, EXIT_BAD);
			break;
		case SOURCE_ERROR:
			prog_warn_errno("%s", buf_cstr(&j->why));
			worse(j, EXIT_SYSTEM);
		}
	}
}

static void
add_end(struct job *j, const char *s)
{
	j->mode = SIMULATE;
	j->ends = reallocarray(j->ends, j->nends + 1, sizeof *j->ends);
	if (!j->ends)
		prog_die_errno("memory");
	if (simulate_parse(s, &j->ends[j->nends++]) < 0)
		prog_die(EXIT_USAGE, "--simulate %s: TASK=STATE is wanted, "
		    "with success, failed or skipped", s);
}

/* what is to be simulated and is in no DAG */
static void
check_ends(struct job *j)
{
	for (size_t i = 0; i < j->nends; i++)
		if (!j->ends[i].found) {
			prog_warn("--simulate %s: there is no such task",
			    j->ends[i].task);
			worse(j, EXIT_BAD);
		}
	free(j->ends);
}

/* the files that the arguments mean; "-" is records on stdin */
static void
find_files(struct job *j, char **names, size_t n, char ***paths,
    size_t *count)
{
	struct buf why = BUF_INIT;
	size_t left = 0;
	int r;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], "-") == 0)
			j->source.records = true;
		else
			names[left++] = names[i];
	}
	if (left == 0 && n > 0)
		return;
	r = dagpath_list(names, left, paths, count, &why);
	if (r < 0)
		prog_die_errno("DAG_PATH");
	if (r > 0) {
		warn_lines(buf_cstr(&why));
		worse(j, EXIT_BAD);
	}
	buf_free(&why);
}

static void
options(struct job *j, int argc, char **argv)
{
	static const struct option longs[] = {
		{"check", no_argument, NULL, 'c'},
		{"dot", no_argument, NULL, 'd'},
		{"mermaid", no_argument, NULL, OPT_MERMAID},
		{"simulate", required_argument, NULL, OPT_SIMULATE},
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
		case OPT_MERMAID: j->mode = MERMAID; break;
		case OPT_SIMULATE: add_end(j, optarg); break;
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
	char **paths = NULL;
	size_t n = 0;

	prog_start(argc, argv);
	options(&j, argc, argv);
	find_files(&j, argv + optind, (size_t)(argc - optind), &paths, &n);
	j.source.path = paths;
	j.source.n = n;
	parse_all(&j);
	check_ends(&j);
	source_free(&j.source);
	dagpath_free(paths, n);
	buf_free(&j.text);
	buf_free(&j.why);
	return prog_end(j.code);
}
