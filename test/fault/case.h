/* case: a spool to break, the programs that work on it, what came of it. */
#ifndef CASE_H
#define CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { CASE_ARGS = 12, RAN_LATE = -1 };

/* the clock of all that a case starts runs so fast, from FAULT_EPOCH on, unless
 * that is unset: preload.so; files have the time of the machine */
enum { SPEED = 50 };

/* one directory: spool/, ledger, out (what programs printed), lock.* */
struct kase {
	char dir[256];
	struct server *servers;
	int crashed;		/* the signal that one of them died of, or 0 */
};

/* what is to go wrong, and what is to be noted; NULL or "": nothing */
struct fault {
	const char *at, *log, *ops;
};

/* where programs, bodies and cases are: $DAG_BIN, $FAULT_BIN; a new root */
void case_begin(void);
void case_end(void);
extern char case_root[256], case_bin[256], case_tools[256];
/* says what cannot be done, and errno; exit 111 */
void case_die(const char *what) __attribute__((noreturn));

/* makes the directory root/name, and one case in it */
void case_make(struct kase *, const char *name);
/* as another one is now, or (NULL) as when it was made */
void case_reset(struct kase *, const struct kase *from);

/* actors.c: the programs of a case */

/*
 * Runs a program to its end: its wait status, RAN_LATE when it had to be
 * killed. in is a file in the root, or NULL.
 */
int case_run(struct kase *, const char *const *argv, const char *in,
	const struct fault *, int ms);
/* starts it; case_wait for the end of the last one started */
pid_t case_start(struct kase *, const char *const *argv, const char *in,
	const struct fault *);
int case_wait(struct kase *, const char *const *argv, int ms);
/* does the last one started still run? kills it then, if sig is not 0: its
 * number may be another's by now, so nobody else is to */
bool case_runs(struct kase *, const char *const *argv, int sig);
/* does anything of what was started still live? */
bool case_lives(struct kase *);
/* waits until nothing of what was started lives; false: it had to be killed */
bool case_quiet(struct kase *, int ms);
void case_stop(struct kase *);

/* case.c again: what there is to read of it */

/* what programs printed since the last reset: malloc'ed */
char *case_output(struct kase *);
/* a file's text, malloc'ed; NULL: it is not there */
char *slurp(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void spit(const char *path, const char *text);
/* every name in runs/ and queue/ that says a state, and what is in archive/,
 * sorted, a line each; malloc'ed. Attempts are left out. */
char *case_states(struct kase *);
/* names in a directory of the spool, but "." and ".." */
size_t case_count(struct kase *, const char *dir);

#endif
