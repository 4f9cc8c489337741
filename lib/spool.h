/* spool: where state lives: its directories, and every move of a marker. */
#ifndef SPOOL_H
#define SPOOL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instant.h"
#include "name.h"
#include "names.h"
#include "plan.h"

/*
 * dagspool(5) is the specification: the state table, the moves, the crashes.
 * The bodies: spool.c (directories, moves, locks), state.c (names), run.c (a
 * run), scan.c (looks at tasks), runs.c (lists).
 */

enum state {
	STATE_NONE = -1,	/* no marker */
	STATE_WAITING, STATE_HELD, STATE_READY, STATE_RUNNING,
	STATE_SUCCESS, STATE_FAILED, STATE_SKIPPED, STATE_UPSTREAM_FAILED,
	STATES
};

enum run_state {
	RUN_NONE = -1, RUN_WAITING, RUN_ACTIVE, RUN_SUCCESS, RUN_FAILED,
	RUN_STATES
};

enum spool_mode { SPOOL_READ, SPOOL_WRITE };

enum { TASK_LEN = 2 * NAME_LEN + 1, FILE_LEN = 256,
	RUN_MAX = 16 << 20	/* bytes in the file "run", REC_MAX */ };

struct plan_cached;
struct leases;
struct maps;

struct spool {
	int fd;			/* the spool's directory */
	int queue, runs, tmp;	/* in it; -1 if they are not there (reading) */
	char *path;		/* absolute */
	bool counts;		/* a directory's links tell how many are in
				 * it: 2, none */
	bool durable;		/* sync; false: --sync none */
	int64_t alarm;		/* the next deadline of the runs that were
				 * evaluated, 0: none */
	int broken;		/* errno of a sync that failed, or 0 */
	struct buf *cancelled;	/* gets the runs that were evaluated in which
				 * what runs is to be ended, see ender.h; or
				 * NULL */
	struct plan_cached *plans;
	/* what an engine has started us for, BATCH/ELEMENT, or NULL; and is
	 * not 0 once it wants us gone */
	const char *batch;
	volatile sig_atomic_t *told;
	/* other machines may have it too, whose locks we do not see for sure;
	 * and what is heard of them, lease.h, or NULL */
	bool shared;
	struct leases *leases;
};

/* one run of a DAG, its directory open */
struct run {
	struct spool *spool;
	char dag[NAME_LEN + 1], name[RUN_LEN + 1];
	int fd;
	uint64_t ino;		/* of the directory */
	const struct plan *plan;	/* NULL until run_plan; planmap.h */
	const struct plan *own;	/* the same without instances */
	struct maps *maps;	/* its lists, if it has mapped tasks */
	uint32_t seen;		/* eval.c: how many have ended for sure, */
	bool stuck;		/* and that the next had not, when looked at */
	unsigned char *ended;	/* eval.c: states seen, a task each; or NULL */
	int err;		/* errno of a look that failed: task_glimpse */
	struct buf *watch;	/* gate.h: gets what it waits for, or NULL */
	bool stopped;		/* stop.h: as the last look at it found */
	bool out;		/* attempt.c: out/ is there */
};

/* a marker as its name says it; attempt is 0 where the state has none */
struct instance {
	enum state state;
	unsigned attempt;
};

/*
 * Opens the spool at path (NULL: $DAG_SPOOL, else /var/spool/dag for root and
 * ~/.local/state/dag for others). SPOOL_WRITE makes it and its directories
 * where missing, mode 0700. -1 and errno: ENOENT not there (reading), EPERM
 * not ours or writable by others, EREMOTE not on a local file system
 * ($DAG_REMOTE in the environment: it may be).
 */
int spool_open(struct spool *, const char *path, enum spool_mode);
void spool_close(struct spool *);
/* is that the name of one of its directories, or of its file system's? */
bool spool_has(const char *name);
/* where spool_open would look: malloc'ed, or NULL with errno */
char *spool_path(const char *path);
/* what an errno of spool_open means for the user, in words */
const char *spool_reason(int err);

const char *state_name(enum state);
enum state state_parse(const char *, size_t n);
/* has it ended, however? */
bool state_ended(enum state);
const char *run_state_name(enum run_state);

/*
 * The name of a marker's file in its run: TASK.STATE, TASK.running.N; of a
 * ready one in queue/: DAG@RUN.TASK. marker_parse: 0, or -1 if it is none.
 */
void marker_file(char [FILE_LEN], const char *task, struct instance);
int marker_parse(const char *file, char task[TASK_LEN + 1],
	struct instance *);
void queue_file(char [FILE_LEN], const char *dag, const char *run,
	const char *task);
int queue_parse(const char *file, char dag[NAME_LEN + 1],
	char run[RUN_LEN + 1], char task[TASK_LEN + 1]);

/* where a marker in that state lies: a directory's descriptor, and its name */
int marker_place(const struct run *, const char *task, struct instance,
	char [FILE_LEN]);

/* frees the plans that are kept in memory; no run is open */
void run_plans_free(struct spool *);
/* opens a run; -1 and errno: ENOENT there is none */
int run_open(struct spool *, const char *dag, const char *name, struct run *);
void run_close(struct run *);
/* does an errno of opening it or its plan mean that it is damaged? Who looks
 * at all runs passes those over: dagq --check names them */
bool run_damaged(int err);
/* is the directory that is open still the run of that name? 1, 0, -1 */
int run_in_place(const struct run *);
/* loads its plan (shared by all runs of one definition); -1, errno; EINVAL
 * it is damaged and why says how (why may be NULL) */
int run_plan(struct run *, struct buf *why);
/*
 * Looks whether lists of its mapped tasks have come since: 1 the plan is now
 * another (the one before lives on until run_close), 0 it is the same, -1. A
 * run without mapped tasks costs nothing.
 */
int run_fresh(struct run *);
/* its own state; RUN_NONE with errno if it cannot be told */
enum run_state run_state(const struct run *);
/* the record in its file "run": the text is appended to b */
int run_record(const struct run *, struct buf *b);

/*
 * The state of one task (by exact names), STATE_NONE if it has no marker
 * (ENOENT) or it cannot be told (errno); and
 * of all tasks of the plan, into inst[plan->n]. Neither locks: what moves
 * meanwhile is seen before or after, never not at all (spool-model rule 22).
 */
struct instance task_state(const struct run *, const char *task);
int run_states(const struct run *, struct instance *inst);
/* the same, but what is in queue/ is not looked for there: STATE_NONE. What is
 * claimed just now may be missed */
int run_begun(const struct run *, struct instance *inst);
/* the same at one look: names only, first that of the state it is probably in;
 * STATE_NONE also while it moves, in a later attempt than its first, or if it
 * cannot be told: then run.err says why */
enum state task_glimpse(struct run *, const char *task, enum state first);

/* makes an empty one, which is due at once when it is ready; -1, EEXIST */
int marker_make(int dirfd, const char *file);
/* opens a task's marker wherever it is now, to read or (O_RDWR|O_APPEND) */
int marker_open(const struct run *, const char *task, struct instance,
	int flags);

/*
 * THE move: one rename (RENAME_NOREPLACE) of the marker of task from one
 * state to another; those not in the table of dagspool(5) are a caller's bug.
 * 0; -1 and errno: ENOENT somebody else was first, EEXIST.
 */
int task_move(const struct run *, const char *task, struct instance from,
	struct instance to);
/* the same for the run itself */
int run_move(const struct run *, enum run_state from, enum run_state to);
/* @waiting to @active, of a run that is not open, beneath runs/DAG */
int run_admit(int dirfd, const char *name);

/* Sets what a marker's mtime says: due at at (0: at once). Before the move */
int marker_due(int fd, int64_t at);
/* Appends an event's line "WHEN\tEVENT\tkey=value…\n" (fields: a buf of
 * "\tkey=value", or NULL) and then extra (or NULL), in one write; how many
 * bytes; 0 and errno: the disk is full, and nothing of it is there: a success
 * without its line is one whose details were lost; -1 and errno */
int marker_event(int fd, const char *event, const struct buf *fields,
	const struct buf *extra);
/* the same, where the last line is known to be whole */
int marker_add(int fd, const char *event, const struct buf *fields,
	const struct buf *extra);
/* Of a last line that a crash has torn nothing stays: the next would be taken
 * for its rest. fd is open for reading, too */
int marker_mend(int fd);

/* is it by what NFS keeps a file that is open, and has no name any more? */
bool spool_silly(const struct spool *, const char *name);
/* what io_sync wants: NULL, or where a failure is remembered, which is final */
int *spool_durable(struct spool *);
/* fsync, if the spool is durable; spool_sync_all: syncfs */
int spool_sync(struct spool *, int fd);
int spool_sync_all(struct spool *);

/* locks a run, waiting (flock on its directory); run_unlock */
int run_lock(const struct run *);
void run_unlock(const struct run *);
/* opens and locks runs/DAG, made if need be; close(2) unlocks. -1, errno */
int dag_lock(struct spool *, const char *dag);

/* has it anything of this DAG: runs, or since when its schedule is known? */
bool spool_knows(struct spool *, const char *dag);
/* DAGs with runs (in runs/ or archive/) */
int spool_dags(struct spool *, struct names *);

/* a run, as listed: live in runs/, or only in archive/ */
struct run_entry {
	char name[RUN_LEN + 1];
	int64_t time;
	bool manual, archived;	/* manual: of no slot */
};
/* the runs of a DAG, by instant; malloc'ed. archived: also those only in
 * archive/ (runs/ is read first, archive/ then). -1, errno */
int spool_runs(struct spool *, const char *dag, bool archived,
	struct run_entry **, size_t *n);

#endif
