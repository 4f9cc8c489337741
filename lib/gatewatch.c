/* gatewatch: the runs that wait for others, looked at when these go on. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval.h"
#include "gate.h"
#include "gatewatch.h"
#include "io.h"

int
gatewatch_add(struct gatewatch *g, const char *file)
{
	struct gated **grown, *one;

	if (nameset_has(&g->known, file)) {
		for (size_t i = 0; i < g->n; i++)
			g->gate[i]->look |= strcmp(g->gate[i]->file,
			    file) == 0;
		return 0;
	}
	grown = realloc(g->gate, (g->n + 1) * sizeof *grown);
	if (grown)
		g->gate = grown;
	one = grown ? calloc(1, sizeof *one) : NULL;
	if (!one)
		return -1;
	snprintf(one->file, sizeof one->file, "%s", file);
	if (nameset_add(&g->known, one->file) < 0) {
		free(one);
		return -1;
	}
	one->look = true;
	g->gate[g->n++] = one;
	return 0;
}

int
gatewatch_all(struct gatewatch *g, struct spool *sp)
{
	struct names files = {NULL, 0};
	int x = 0;

	for (size_t i = 0; i < g->n; i++)
		g->gate[i]->look = true;
	if (sp && names_list(sp->fd, "gates", &files) < 0)
		return -1;
	for (size_t i = 0; i < files.n && x == 0; i++)
		if (!nameset_has(&g->known, files.name[i]))
			x = gatewatch_add(g, files.name[i]);
	names_free(&files);
	return x;
}

void
gatewatch_event(struct gatewatch *g, const struct watch_event *e)
{
	static const unsigned over = WATCH_SELF | WATCH_LOST;
	struct gated_by *b;

	for (size_t i = 0; i < g->nby;) {
		b = &g->by[i];
		if (b->wd == e->wd && (e->mask & over ||
		    strncmp(e->name, b->name, strlen(b->name)) == 0))
			b->gate->look = true;
		if (b->wd == e->wd && e->mask & WATCH_LOST)
			*b = g->by[--g->nby];
		else
			i++;
	}
}

/* it does not wait any more */
static void
drop(struct gatewatch *g, struct watch *w, size_t at)
{
	struct gated *one = g->gate[at];
	struct gated_by gone;
	bool used;

	g->gate[at] = g->gate[--g->n];
	nameset_remove(&g->known, one->file);
	for (size_t i = 0; i < g->nby;) {
		if (g->by[i].gate != one) {
			i++;
			continue;
		}
		gone = g->by[i];
		g->by[i] = g->by[--g->nby];
		used = !gone.own;
		for (size_t k = 0; k < g->nby; k++)
			used |= g->by[k].wd == gone.wd;
		if (!used)
			watch_remove(w, gone.wd);
	}
	free(one);
}

int64_t
gatewatch_next(const struct gatewatch *g)
{
	int64_t at = 0;

	for (size_t i = 0; i < g->n; i++)
		if (g->gate[i]->at && (!at || g->gate[i]->at < at))
			at = g->gate[i]->at;
	return at;
}

void
gatewatch_ring(struct gatewatch *g, int64_t now)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->gate[i]->at && g->gate[i]->at <= now)
			g->gate[i]->look = true;
}

/* watches a directory of the spool, or (*ours false) any other: what cannot be
 * watched there is looked at from time to time; a wd, -1, or -2 and errno */
static int
watch_dir(struct watch *w, struct spool *sp, const char *dir, bool *ours)
{
	static const unsigned own = WATCH_ARRIVE | WATCH_WRITE | WATCH_SELF |
	    WATCH_ADD, other = WATCH_ARRIVE | WATCH_SELF | WATCH_ADD;
	size_t n = strlen(sp->path);
	int fd, wd;

	*ours = dir[0] != '/';
	if (*ours) {
		wd = watch_add(w, sp->fd, dir, own);
		return wd < 0 && !run_damaged(errno) ? -2 : wd;
	}
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	wd = fd < 0 ? -1 : watch_add(w, fd, NULL, other);
	if (fd >= 0)
		close(fd);
	/* in the spool somebody else may watch it */
	*ours = strncmp(dir, sp->path, n) == 0 && (!dir[n] || dir[n] == '/');
	return wd;
}

/* watches what the lines say; 1 something was not watched before, 0, -1 */
static int
watch_lines(struct gatewatch *g, struct gated *one, struct spool *sp,
    struct watch *w, struct buf *lines)
{
	struct gated_by *grown;
	char *line, *name, *save;
	int fresh = 0, wd;
	int64_t at;
	bool ours;
	size_t i;

	for (line = strtok_r(buf_cstr(lines), "\n", &save); line;
	    line = strtok_r(NULL, "\n", &save)) {
		name = strchr(line, '\t');
		*name++ = '\0';
		if (!*line) {
			at = strtoll(name, NULL, 10);
			one->at = one->at && one->at < at ? one->at : at;
			continue;
		}
		wd = watch_dir(w, sp, line, &ours);
		if (wd < -1)
			return -1;
		for (i = 0; wd >= 0 && i < g->nby; i++)
			if (g->by[i].wd == wd && g->by[i].gate == one &&
			    strcmp(g->by[i].name, name) == 0)
				break;
		if (wd < 0 || i < g->nby)
			continue;
		grown = realloc(g->by, (g->nby + 1) * sizeof *grown);
		if (!grown)
			return -1;
		g->by = grown;
		grown += g->nby++;
		*grown = (struct gated_by){.gate = one, .wd = wd,
		    .own = !ours || (strncmp(line, "runs/", 5) == 0 &&
		    strchr(line + 5, '/'))};
		snprintf(grown->name, sizeof grown->name, "%s", name);
		fresh = 1;
	}
	return fresh;
}

/* evaluates its run; 1 it waits on, 0 it does not, -1 */
static int
evaluate(struct gatewatch *g, struct gated *one, struct spool *sp,
    struct watch *w)
{
	char dag[FILE_LEN], path[FILE_LEN + 8], *at;
	struct buf lines = BUF_INIT;
	struct run r;
	int x = 0;

	snprintf(dag, sizeof dag, "%s", one->file);
	at = strchr(dag, '@');
	if (at)
		*at++ = '\0';
	if (!at || run_open(sp, dag, at, &r) < 0) {
		if (at && !run_damaged(errno))
			return -1;
		gate_forget(sp, one->file);
		return 0;
	}
	r.watch = &lines;
	one->at = 0;
	if (eval_run(&r) < 0)
		x = run_damaged(errno) ? 0 : -1;
	else if (run_state(&r) != RUN_ACTIVE)
		gate_forget(sp, one->file);
	run_close(&r);
	snprintf(path, sizeof path, "gates/%s", one->file);
	if (x == 0)
		x = io_exists(sp->fd, path);
	/* what is watched only now may have changed before that */
	if (x == 1 && (x = watch_lines(g, one, sp, w, &lines)) >= 0) {
		one->look |= x == 1;
		x = 1;
	}
	buf_free(&lines);
	return x;
}

bool
gatewatch_due(const struct gatewatch *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->gate[i]->look)
			return true;
	return false;
}

int
gatewatch_look(struct gatewatch *g, struct spool *sp, struct watch *w)
{
	int err = 0, x;

	for (size_t i = 0; i < g->n;) {
		if (!g->gate[i]->look) {
			i++;
			continue;
		}
		g->gate[i]->look = false;
		x = evaluate(g, g->gate[i], sp, w);
		if (x == 0)
			drop(g, w, i);
		if (x < 0) {
			err = errno;
			i++;
		}
	}
	errno = err;
	return err ? -1 : 0;
}

void
gatewatch_free(struct gatewatch *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->gate[i]);
	free(g->gate);
	free(g->by);
	nameset_free(&g->known);
	*g = (struct gatewatch){0};
}
