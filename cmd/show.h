/* show: when slots are: dagsched --next, dagsched --calendar. */
#ifndef SHOW_H
#define SHOW_H

#include "cron.h"
#include "dagsched.h"
#include "rec.h"

/* what is to be shown */
struct show {
	int64_t next;		/* so many slots; 0: none */
	int64_t year;		/* this one at a glance; 0: none */
	const char *cron, *timezone;
	enum cron_dialect dialect;
};

extern struct show show;

/* the slots of a DAG; those of --cron */
enum exit_code show_dag(const struct rec *dag);
enum exit_code show_cron(void);
/* --dialect */
void show_dialect(const char *name);

#endif
