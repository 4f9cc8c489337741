/* partname: which names there may be in the parts of a spool. */
#ifndef PARTNAME_H
#define PARTNAME_H

#include <stdbool.h>

/* dagspool(5), Files; in the order in which these are there */
bool partname_name(const char *);	/* of a DAG, a pool, a backfill */
bool partname_hash(const char *);	/* plans/DAG/HASH */
bool partname_number(const char *);	/* pools/POOL/1 */
bool partname_history(const char *);	/* DAG.tsv */
bool partname_archive(const char *);	/* RUN.tar.gz */
/* PID; of another machine PID~MACHINE, and .served */
bool partname_worker(const char *);
bool partname_assets(const char *);	/* log */
bool partname_gate(const char *);	/* DAG@RUN */
/* what launchers keep beside the batches: WORD.MORE; a machine's .ended */
bool partname_launchers(const char *);
bool partname_any(const char *);
bool partname_notice(const char *);
/* what is being built in tmp/: KIND.PID, and more behind it */
bool partname_built(const char *);
/* of a run: a task's, TASK.N, what is in log/, out/, map/ and fate/ */
bool partname_attempt(const char *);
bool partname_log(const char *);
bool partname_values(const char *);
bool partname_list(const char *);
bool partname_fate(const char *);

#endif
