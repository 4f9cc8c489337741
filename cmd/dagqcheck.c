/* dagqcheck: dagq --check, --repair: what is wrong in the spool. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "dagqids.h"
#include "progress.h"
#include "text.h"

static void
wrong(const char *where, const char *what, void *arg)
{
	struct buf b = BUF_INIT;

	(void)arg;
	text_plain(&b, where, strlen(where));
	progress_hide();
	printf("%s\t%s\n", buf_cstr(&b), what);
	buf_free(&b);
}

static uint64_t checked;

static void
looked(void *arg)
{
	(void)arg;
	checked++;
	progress_add(1);
}

/* how many runs there are */
static uint64_t
all_runs(void)
{
	struct names dags, runs;
	char path[FILE_LEN];
	uint64_t n = 0;

	if (names_list(dagq.spool.fd, "runs", &dags) < 0)
		return 0;
	for (size_t i = 0; i < dags.n; i++) {
		snprintf(path, sizeof path, "runs/%s", dags.name[i]);
		if (names_list(dagq.spool.fd, path, &runs) < 0)
			continue;
		n += runs.n;
		names_free(&runs);
	}
	names_free(&dags);
	return n > checked ? n - checked : 0;
}

enum exit_code
dagqcheck(void)
{
	bool repair = dagq.verb == VERB_REPAIR, refused;
	int n;

	progress_begin("runs", 0, all_runs);
	n = check_spool(&dagq.spool, repair, wrong, looked, NULL, &refused);
	progress_end();

	if (n < 0)
		prog_die_errno("%s", dagq.spool.path);
	if (n && prog_verbose >= 0)
		prog_warn(!repair ? "%d wrong; --repair puts it right or sets "
		    "it aside" : refused ? "%d wrong: put right or set aside "
		    "in bad/, but for what is not ours" :
		    "%d put right or set aside in bad/", n);
	return repair && refused ? EXIT_SYSTEM : n && !repair ? EXIT_BAD :
	    EXIT_OK;
}
