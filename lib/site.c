/* site: a spool as pages of HTML in a directory, kept as the spool is. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive.h"
#include "dagpath.h"
#include "frame.h"
#include "html.h"
#include "io.h"
#include "site.h"
#include "sitehead.h"
#include "siterun.h"
#include "sitesearch.h"
#include "sitetask.h"

/* one DAG, and what the overview says of it */
struct part {
	struct site *site;
	const char *dag;
	struct run_entry *list;
	struct timespec *stamp;	/* of each run: when its directory changed */
	size_t n;
	int64_t now;
	struct siteall *all;
	struct buf *search;
};

/* when a run last changed: markers that move do so in its directory */
static struct timespec
stamp_of(struct spool *sp, const char *dag, const struct run_entry *e)
{
	char path[ARCHIVE_PATH];
	struct stat st;

	if (e->archived)
		archive_path(path, dag, e->name);
	else
		snprintf(path, sizeof path, "runs/%s/%s", dag, e->name);
	if (io_stat(sp->fd, path, &st) < 0)
		return (struct timespec){0};
	return st.st_mtim;
}

/* what cannot be read has a page that says so */
static int
put_damaged(struct part *p, const char *run, const char *path,
    const struct buf *why)
{
	struct buf id = BUF_INIT, b = BUF_INIT;
	struct frame f = { .dag = p->dag, .run = run };
	int x;

	if (errno == ENOMEM || errno == EMFILE || errno == ENFILE)
		return -1;
	/* archived and deleted meanwhile: the next look sees it */
	if (errno == ENOENT && why->n == 0)
		return 0;
	buf_add(&b, why->n ? why->p : "", why->n);
	if (why->n == 0)
		buf_str(&b, strerror(errno));
	buf_fmt(&id, "%s/%s", p->dag, run);
	p->site->faults++;
	p->site->fault(buf_cstr(&id), buf_cstr(&b));
	buf_reset(&b);
	f.title = buf_cstr(&id);
	frame_begin(&f, &b);
	buf_str(&b, "<h1>");
	html_str(&b, run);
	buf_str(&b, "</h1>\n<p>It cannot be read: <code>dagq --check</code> "
	    "says more.</p>\n");
	frame_end(&b);
	x = page_put(&p->site->dir, path, &b, NULL);
	buf_free(&b);
	buf_free(&id);
	return x < 0 ? -1 : 0;
}

static void
done(const struct part *p)
{
	if (p->site->done)
		p->site->done();
}

/* are the pages of a run as it is? */
static bool
fresh(const struct part *p, size_t i)
{
	char path[2 * FILE_LEN];

	snprintf(path, sizeof path, "%s/%s.html", p->dag, p->list[i].name);
	return !p->site->all && page_fresh(&p->site->dir, path,
	    &p->stamp[i]);
}

/* the pages of one run, if it has changed; s NULL: it cannot be read */
static int
put_run(const struct run_entry *e, struct sight *s, const struct buf *why,
    void *arg)
{
	struct part *p = arg;
	char path[2 * FILE_LEN];
	size_t i = (size_t)(e - p->list);
	bool ended;
	int x, error = errno;

	done(p);
	if (fresh(p, i))
		return 0;
	snprintf(path, sizeof path, "%s/%s.html", p->dag, e->name);
	errno = error;
	if (!s)
		return put_damaged(p, e->name, path, why);
	p->site->runs++;
	ended = s->look.state == RUN_SUCCESS || s->look.state == RUN_FAILED;
	if (!ended && p->site->live)
		p->site->live(p->dag, e->name, p->site->arg);
	x = sitetask_put(p->site->spool, &p->site->dir, s);
	if (x == 0)
		x = siterun_put(&p->site->dir, &p->site->graphviz, s, p->now,
		    ended ? &p->stamp[i] : NULL);
	return x;
}

/* the same of runs of which nothing else is to be told now */
static int
put_runs(struct part *p, size_t from, size_t to)
{
	struct buf why = BUF_INIT;
	struct id id = {0};
	struct sight s;
	int x = 0;

	snprintf(id.dag, sizeof id.dag, "%s", p->dag);
	for (size_t i = from; x == 0 && i < to; i++) {
		if (fresh(p, i)) {
			done(p);
			continue;
		}
		snprintf(id.run, sizeof id.run, "%s", p->list[i].name);
		if (sight_open(p->site->spool, &id, p->now, &s, &why) < 0) {
			x = put_run(&p->list[i], NULL, &why, p);
			continue;
		}
		x = put_run(&p->list[i], &s, NULL, p);
		sight_close(&s);
	}
	buf_free(&why);
	return x;
}

/* tells runs and their states apart */
static void
make_key(const struct part *p, size_t from, size_t to, size_t pages,
    char key[40])
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = from; i < to; i++) {
		for (const char *s = p->list[i].name; *s; s++)
			h = (h ^ (unsigned char)*s) * 0x100000001b3;
		h = (h ^ (uint64_t)p->stamp[i].tv_sec) * 0x100000001b3;
		h = (h ^ (uint64_t)p->stamp[i].tv_nsec) * 0x100000001b3;
	}
	snprintf(key, 40, "%016llx %zu", (unsigned long long)h, pages);
}

/* the pages of runs, 1 the oldest: so only the last one changes; and those
 * of each run. What is read is read once for both */
static int
put_pages(struct part *p, size_t pages)
{
	const struct sitedag_each each = { put_run, p };
	struct buf begins = BUF_INIT, about = BUF_INIT;
	struct sitedag d;
	char key[40], path[FILE_LEN];
	size_t from, to;
	int x = 0;

	for (size_t i = 1; x == 0 && i <= pages && pages > 1; i++) {
		from = (i - 1) * SITEDAG_RUNS;
		to = from + SITEDAG_RUNS < p->n ? from + SITEDAG_RUNS : p->n;
		make_key(p, from, to, pages, key);
		buf_reset(&begins);
		frame_key(key, &begins);
		snprintf(path, sizeof path, "%s/page-%zu.html", p->dag, i);
		if (!p->site->all && page_begins(&p->site->dir, path,
		    buf_cstr(&begins))) {
			x = put_runs(p, from, to);
			continue;
		}
		x = sitedag_read(p->site->spool, p->dag, p->list + from,
		    to - from, p->now, &each, &d);
		if (x == 0) {
			x = sitedag_put(&p->site->dir, &p->site->graphviz, &d,
			    i, pages, key, &about);
			sitedag_free(&d);
		}
	}
	buf_free(&begins);
	return x;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* is it a page of a run, or of a number, that there is no more? */
static bool
stale(const char *name, char *const *runs, size_t n, size_t pages)
{
	size_t number;

	if (strncmp(name, "page-", 5) == 0) {
		number = strtoul(name + 5, NULL, 10);
		return number > pages || pages < 2;
	}
	return run_name_parse(name, NULL, NULL, NULL) == 0 &&
	    !bsearch(&name, runs, n, sizeof *runs, by_name);
}

static int
take_away(struct part *p, size_t pages)
{
	char **runs = malloc((p->n + 1) * sizeof *runs), name[RUN_LEN + 1];
	struct names files;
	size_t n;

	if (!runs || names_list(p->site->dir.fd, p->dag, &files) < 0) {
		free(runs);
		return -1;
	}
	for (size_t i = 0; i < p->n; i++)
		runs[i] = p->list[i].name;
	qsort(runs, p->n, sizeof *runs, by_name);
	for (size_t i = 0; i < files.n; i++) {
		n = strlen(files.name[i]);
		if (n < 6 || n - 5 > RUN_LEN ||
		    strcmp(files.name[i] + n - 5, ".html") != 0)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)n - 5,
		    files.name[i]);
		if (stale(name, runs, p->n, pages))
			page_remove(&p->site->dir, p->dag, name);
	}
	names_free(&files);
	free(runs);
	return 0;
}

static int
put_dag(struct part *p)
{
	size_t pages = (p->n + SITEDAG_RUNS - 1) / SITEDAG_RUNS, from;
	const struct sitedag_each each = { put_run, p };
	struct buf about = BUF_INIT;
	struct sitehead h;
	struct sitedag d;
	int x;

	if (put_pages(p, pages) < 0)
		return -1;
	from = p->n > SITEDAG_RUNS ? p->n - SITEDAG_RUNS : 0;
	if (sitedag_read(p->site->spool, p->dag, p->list + from, p->n - from,
	    p->now, pages > 1 ? NULL : &each, &d) < 0)
		return -1;
	sitehead_make(&h, p->site->spool, &d, p->n, p->now);
	sitehead_about(&h, &about);
	x = sitedag_put(&p->site->dir, &p->site->graphviz, &d, 0, pages, NULL,
	    &about);
	sitehead_row(&h, p->site->spool, p->all);
	sitesearch_add(p->search, &d, p->list, p->n);
	sitedag_free(&d);
	buf_free(&about);
	return x < 0 ? -1 : take_away(p, pages);
}

/* a row of the overview for a DAG that has no run yet */
static void
put_other(struct site *s, const char *dag, struct siteall *all)
{
	struct sitedag none = { .dag = dag };
	struct sitehead h;

	sitehead_make(&h, s->spool, &none, 0, clock_seconds());
	sitehead_row(&h, s->spool, all);
}

static int
read_dag(struct part *p)
{
	struct spool *sp = p->site->spool;
	int x;

	if (spool_runs(sp, p->dag, true, &p->list, &p->n) < 0) {
		if (!run_damaged(errno))
			return -1;
		p->site->faults++;
		p->site->fault(p->dag, strerror(errno));
		return 0;
	}
	if (p->n == 0) {
		free(p->list);
		put_other(p->site, p->dag, p->all);
		return 0;
	}
	x = page_mkdir(&p->site->dir, p->dag);
	graphviz_dag(&p->site->graphviz, p->dag);
	p->stamp = calloc(p->n + 1, sizeof *p->stamp);
	for (size_t i = 0; p->stamp && i < p->n; i++)
		p->stamp[i] = stamp_of(sp, p->dag, &p->list[i]);
	x = x < 0 || !p->stamp ? -1 : put_dag(p);
	free(p->stamp);
	free(p->list);
	return x;
}

/* the stylesheet and the script: as they are in this program? or, if put,
 * they are made so; -1 and errno */
static int
put_texts(struct site *s, bool put)
{
	const struct {
		const char *path, *text;
	} file[] = {{"style.css", site_style}, {"script.js", site_script}};
	struct buf b = BUF_INIT;
	int x = 1;

	for (size_t i = 0; i < sizeof file / sizeof *file && x > 0; i++) {
		buf_reset(&b);
		buf_str(&b, file[i].text);
		if (put)
			x = page_put(&s->dir, file[i].path, &b, NULL) < 0 ?
			    -1 : 1;
		else
			x = page_is(&s->dir, file[i].path, &b);
	}
	buf_free(&b);
	return x;
}

/* of $DAG_PATH, DAGs that no run is of, by their files */
static void
put_others(struct site *s, const struct names *dags, struct siteall *all)
{
	char **path = NULL, name[NAME_LEN + 1];
	const char *key = name;
	struct buf why = BUF_INIT;
	size_t n = 0;

	if (dagpath_list(NULL, 0, &path, &n, &why) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++)
		if (dagpath_name(path[i], name) == 0 && !bsearch(&key,
		    dags->name, dags->n, sizeof *dags->name, by_name))
			put_other(s, name, all);
	if (path)
		dagpath_free(path, n);
	buf_free(&why);
}

uint64_t
site_runs(struct spool *sp)
{
	struct run_entry *list;
	struct names dags;
	uint64_t all = 0;
	size_t n;

	if (spool_dags(sp, &dags) < 0)
		return 0;
	for (size_t i = 0; i < dags.n; i++)
		if (spool_runs(sp, dags.name[i], true, &list, &n) == 0) {
			all += n;
			free(list);
		}
	names_free(&dags);
	return all;
}

int
site_update(struct site *s)
{
	struct buf search = BUF_INIT;
	struct siteall all = {0};
	struct names dags;
	struct part p;
	int x = 0, e;

	if (spool_dags(s->spool, &dags) < 0)
		return -1;
	/* pages of another version are written anew: so long as not all are,
	 * these two are the other version's */
	s->all = s->all || !put_texts(s, false);
	s->dir.error = 0;
	for (size_t i = 0; i < dags.n && x == 0; i++) {
		p = (struct part){ .site = s, .dag = dags.name[i],
		    .now = clock_seconds(), .all = &all, .search = &search };
		x = read_dag(&p);
	}
	e = errno;
	put_others(s, &dags, &all);
	errno = e;
	if (x == 0)
		x = sitehead_put(s->spool, &s->dir, &all);
	if (x == 0)
		x = sitesearch_put(&s->dir, &search);
	if (x == 0 && put_texts(s, true) < 0)
		x = -1;
	s->all = s->all && x < 0;
	e = s->dir.error ? s->dir.error : errno;
	graphviz_end(&s->graphviz);
	names_free(&dags);
	sitehead_free(&all);
	buf_free(&search);
	errno = e;
	return x;
}
