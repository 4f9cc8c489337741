/* prog: what every program does alike: messages, exit codes, options. */
#ifndef PROG_H
#define PROG_H

#include <stdbool.h>
#include <stddef.h>

#include "spool.h"

#define DAG_VERSION "0.1"

/* the exit codes, dagtools(7); EXIT_OK when all is well */
enum exit_code {
	EXIT_OK = 0,
	EXIT_BAD = 1,		/* the input or a task is bad */
	EXIT_USAGE = 2,
	EXIT_SYSTEM = 111,	/* the system failed; a retry may help */
};

/* options that all programs have; getopt_long values above any letter */
enum { OPT_SPOOL = 256, OPT_HELP, OPT_VERSION, OPT_OWN };

extern const char *prog_name;
extern int prog_verbose;	/* -1 with -q, 0, 1 with -v */

/* first call of main: takes the name, opens 0-2 if closed, sets the clock */
void prog_start(int argc, char **argv);
/* one message, one write: "NAME: TEXT"; for errno's text see warn_errno */
void prog_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
/* "NAME: TEXT: strerror(errno)" */
void prog_warn_errno(const char *, ...) __attribute__((format(printf, 1, 2)));
/* warns (as above) and exits with code */
void prog_die(enum exit_code, const char *, ...)
	__attribute__((format(printf, 2, 3), noreturn));
void prog_die_errno(const char *, ...)	/* exits with EXIT_SYSTEM */
	__attribute__((format(printf, 1, 2), noreturn));
/* "usage: TEXT" on stderr, exit 2; on stdout, exit 0, for --help */
void prog_usage(const char *text, bool help) __attribute__((noreturn));
void prog_version(void) __attribute__((noreturn));
/* flushes stdout, looks for errors; the exit code: code, or EXIT_SYSTEM */
int prog_end(enum exit_code);

/* opens the spool that --spool, $DAG_SPOOL or the default names, or dies */
void prog_spool(struct spool *, const char *path, enum spool_mode);
/* dies of errno, with which spool_open failed */
_Noreturn void prog_spool_die(const char *path);
/* --sync full|none: true for full; else a usage error */
bool prog_sync(const char *mode);

/*
 * The one loop over names, for all programs: f is called with each argument;
 * without arguments, or for "-", with the first field of each line of stdin,
 * lines that begin with # and empty ones skipped. The worst of what f
 * returned.
 */
enum exit_code prog_each(int argc, char **argv,
	enum exit_code (*f)(const char *name, void *), void *arg);

#endif
