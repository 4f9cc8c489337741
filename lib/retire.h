/* retire: whole runs leave runs/ for their archive, and come back. */
#ifndef RETIRE_H
#define RETIRE_H

#include "spool.h"

/*
 * Archives a run: packed, published, synced, then taken out of runs/ and
 * deleted. Takes the locks of runs/DAG and of the run. -1 and errno, and why
 * in words where errno's text will not do: ENOENT there is no such run, EBUSY
 * it has not ended, EINVAL its plan is damaged, EBADMSG something in it is no
 * regular file; else the system's. If it failed the run is where it was, or
 * else is archived and perhaps in tmp/ still.
 */
int retire_run(struct spool *, const char *dag, const char *run,
	struct buf *why);
/*
 * The same for n runs of a DAG, which share what has to be synced; told is
 * called for each, with the errno (0: it is archived) and why, or NULL. -1
 * and errno: not all were tried.
 */
int retire_runs(struct spool *, const char *dag, const char *const *run,
	size_t n, void (*told)(const char *dag, const char *run, int error,
	const char *why, void *), void *);
/* has a run ended, so that it could be archived? 0; -1 and errno, and why, as
 * retire_run */
int retire_check(struct spool *, const char *dag, const char *run,
	struct buf *why);
/*
 * Brings an archived run back, ended as it was; the archive stays. EEXIST: it
 * is in runs/ (not touched); ENOENT: there is no archive; EBADMSG: damaged.
 */
int retire_restore(struct spool *, const char *dag, const char *run,
	struct buf *why);
/* is an archive whole, and that of a run, as far as can be said without
 * bringing it back? 1, 0, -1 and errno: EBADMSG and others damaged, ENOENT */
int retire_sound(struct spool *, const char *dag, const char *run);

#endif
