/* statscene: what dagstat --watch looks at, and no more than is seen of it. */
#ifndef STATSCENE_H
#define STATSCENE_H

#include "glance.h"
#include "look.h"
#include "watch.h"

enum { SCENE_ROWS = 512, SCENE_FILTER = 64 };

/* only runs, or tasks, that are so */
enum scene_only { ONLY_ALL, ONLY_ACTIVE, ONLY_FAILED, ONLY_KINDS };

struct scene_dag {
	char name[NAME_LEN + 1];
	struct run_entry *run;
	size_t n;
	int wd;
	bool stale;		/* its directory has changed */
};

/* a list of which a window is seen, a line of it chosen */
struct scene_list {
	size_t n, top, at;
	char filter[SCENE_FILTER];
	enum scene_only only;
};

struct scene_run {
	uint32_t dag, run;	/* dag[dag].run[run] */
};

/* what is known of a run that is seen */
struct scene_seen {
	struct id id;
	int wd;
	bool stale;
	struct glance now;
	uint32_t tasks;
};

struct scene {
	struct spool *spool;
	const struct ids *only;		/* these DAGs; NULL: all */
	struct watch watch;
	int queue_wd, runs_wd, workers_wd, dags_wd;
	bool blind;			/* something could not be watched */

	struct scene_dag *dag;
	size_t dags;
	struct scene_run *all, *run;	/* newest first; those that pass */
	size_t runs_all;
	struct scene_list runs;
	struct scene_seen seen[SCENE_ROWS];
	size_t nseen;
	bool stale_dags, stale_runs;
	bool stay;			/* at this run, though a newer comes */

	struct id id;			/* the run that is chosen, or "" */
	bool open, stale_tasks, stale_sums;
	bool fresh;			/* no task of it was chosen yet */
	struct look look;
	int run_wd, log_wd;
	uint32_t *task;			/* those that pass */
	struct scene_list tasks;
	struct marker_sum sum[SCENE_ROWS];	/* of those that are seen */

	struct names queue;
	bool stale_queue, stale_log, stale_facts, stale_pools;
	bool served;
	unsigned paused;
	struct buf pools;		/* a line a pool */
	struct buf log;			/* the end of the chosen task's */
	unsigned log_attempt;
	size_t log_back;		/* lines from its end */
};

/* begins to watch a spool; -1 and errno */
int scene_open(struct scene *, struct spool *, const struct ids *only);
void scene_close(struct scene *);
/* takes what has happened; true if something has, and is to be looked at */
bool scene_events(struct scene *);
/* looks at what is stale, as far as it is seen: so many lines of runs, of
 * tasks and of the log; -1 and errno */
int scene_look(struct scene *, size_t runs, size_t tasks, size_t log);
/* chooses another line of a list, down (or up) by so many */
void scene_move(struct scene *, struct scene_list *, long by);
/* what passes has changed */
void scene_filter(struct scene *, struct scene_list *);

/* statdetail.c: the chosen run, queue, pools and log */
int scene_take_run(struct scene *);
void scene_drop_run(struct scene *);
int scene_take_tasks(struct scene *, size_t rows);
int scene_take_log(struct scene *, size_t rows);
int scene_take_facts(struct scene *);
/* a marker of the chosen run has come to a name */
void scene_arrived(struct scene *, const char *file, bool queued);
/* the chosen task: its ID; false: there is none */
bool scene_task(const struct scene *, struct id *);
/* keeps the chosen line among n, and among the rows that are seen */
void scene_clamp(struct scene_list *, size_t rows);

#endif
