/* follow: the state of dagsched --follow, and the files it follows. */
#ifndef FOLLOW_H
#define FOLLOW_H

#include <sys/stat.h>

#include "backfills.h"
#include "dagsched.h"
#include "watch.h"

/* a DAG file, and the last definition in it that was good */
struct file {
	char *path;
	char dag[NAME_LEN + 1];
	struct stat st;		/* of what was compiled; zeros: nothing was */
	struct buf text;	/* empty: it never was good */
	int64_t wake;
	bool due;		/* to be decided about in this pass */
};

/* a directory that may decide something of a DAG */
struct wait {
	int wd;
	char dag[NAME_LEN + 1];
	bool outside;		/* no run: files, or assets, come there */
};

enum { CALENDARS = 8 };		/* directories of calendars, watched */

struct follow {
	char *const *name;	/* the arguments */
	size_t nname;
	struct file *file;	/* sorted by path */
	size_t n;
	char **dir;		/* where they are */
	int *wd;		/* of each; -1: it is not watched */
	size_t ndir;
	struct watch watch;
	int timer, signals;
	int dags;		/* the wd of dags/; -1: not yet */
	int cal[CALENDARS];	/* wds */
	size_t ncal;
	struct wait *wait;
	size_t nwait;
	char *path;		/* the spool's, without a '/' at its end */
	int born[2];		/* until then, of where it is to come */
	int fills;		/* the wd of backfills/ */
	struct backfills backfills;
	struct spool spool;
	bool look;		/* for files that came, went, changed */
	bool all;		/* decide about all DAGs */
	bool again;		/* something is due at once */
	bool complained, unwatched;	/* said so already */
};

extern struct follow follow_state;

/* the name of a file in its directory */
const char *follow_base(const char *path);
/* watches a directory for a mask of watch.h; its wd, or -1, which was said */
int follow_watch(const char *dir, unsigned mask);
/* finds the files, and compiles what is new or has changed */
enum exit_code follow_look(void);
/* compiles a file again, if it has changed */
void follow_refresh(struct file *);
/* an event that may be of a DAG file: then look is set */
void follow_event(const struct watch_event *);
void follow_free(void);

#endif
