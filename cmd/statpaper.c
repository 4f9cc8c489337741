/* statpaper: dagstat's pictures and numbers for other programs. */
#include <string.h>

#include "badge.h"
#include "dagstat.h"
#include "metrics.h"

static enum exit_code worst = EXIT_OK;

static void
damaged(const char *dag)
{
	worst = dagstat_damaged(dag);
}

enum exit_code
statpaper_metrics(void)
{
	struct buf out = BUF_INIT;

	if (dagstat.ids.n > 0)
		prog_die(EXIT_USAGE, "--metrics is of the whole spool");
	if (metrics_put(&dagstat.spool, &out, damaged) < 0)
		prog_die_errno("%s", dagstat.spool.path);
	dagstat_put(&out);
	buf_free(&out);
	return worst;
}

enum exit_code
statpaper_badge(void)
{
	const struct id *id = dagstat.ids.id;
	struct buf out = BUF_INIT;

	if (dagstat.ids.n != 1 || id->run[0])
		prog_die(EXIT_USAGE, "--badge: one DAG is wanted");
	if (badge_put(&dagstat.spool, id->dag, &out) < 0)
		prog_die_errno("%s", id->dag);
	dagstat_put(&out);
	buf_free(&out);
	return EXIT_OK;
}
