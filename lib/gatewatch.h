/* gatewatch: the runs that wait for others, looked at when these go on. */
#ifndef GATEWATCH_H
#define GATEWATCH_H

#include "nameset.h"
#include "spool.h"
#include "watch.h"

/* those in gates/ that a dagexec knows of; all zero at first */
struct gatewatch {
	struct gated {
		char file[FILE_LEN];	/* DAG@RUN */
		bool look;		/* something has happened */
		int64_t at;		/* to be looked at then, 0: not */
	} **gate;
	size_t n;
	struct nameset known;		/* their files */
	struct gated_by {
		struct gated *gate;
		int wd;			/* of a directory, in which */
		char name[FILE_LEN];	/* what begins so matters */
		bool own;		/* nobody else watches it */
	} *by;
	size_t nby;
};

/* a file has come into gates/; -1 and errno */
int gatewatch_add(struct gatewatch *, const char *file);
/* all that are there now (NULL spool: that are known) are to be looked at */
int gatewatch_all(struct gatewatch *, struct spool *);
/* something was told of a directory: does it matter to any? */
void gatewatch_event(struct gatewatch *, const struct watch_event *);
/* is any to be looked at? */
bool gatewatch_due(const struct gatewatch *);
/* when one is to be looked at though nothing happens, 0: none is */
int64_t gatewatch_next(const struct gatewatch *);
/* it is that time: of which ones? */
void gatewatch_ring(struct gatewatch *, int64_t now);
/* evaluates those that are to be looked at; -1 and errno, of one of them */
int gatewatch_look(struct gatewatch *, struct spool *, struct watch *);
void gatewatch_free(struct gatewatch *);

#endif
