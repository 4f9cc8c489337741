/* book: what a spool's plans and markers say, for the ledger to be held to. */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book.h"

void
book_wrong(struct book *b, const char *fmt, ...)
{
	va_list ap;

	if (b->wrong)
		return;
	va_start(ap, fmt);
	if (vasprintf(&b->wrong, fmt, ap) < 0)
		abort();
	va_end(ap);
}

static int
by_id(const void *a, const void *b)
{
	return strcmp(((const struct task *)a)->id,
	    ((const struct task *)b)->id);
}

struct task *
book_find(struct book *b, const char *id)
{
	struct task key = {.id = (char *)(size_t)id};

	return b->n ? bsearch(&key, b->task, b->n, sizeof key, by_id) : NULL;
}

static void
add_task(struct book *b, const char *dag, const char *run, const char *task,
    const char *after)
{
	struct task *t;

	if (b->n == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 16;
		b->task = realloc(b->task, b->cap * sizeof *b->task);
		if (!b->task)
			abort();
	}
	t = &b->task[b->n++];
	*t = (struct task){.last = -1, .after = strdup(after)};
	if (asprintf(&t->id, "%s/%s/%s", dag, run, task) < 0)
		abort();
}

/* the tasks of a run's plan */
static void
read_plan(struct book *b, const char *dag, const char *run, char *plan)
{
	char *line, *next, *end, *after, *sub;

	for (line = plan; *line; line = next) {
		end = line + strcspn(line, "\n");
		next = *end ? end + 1 : end;
		if (strncmp(line, "task\t", 5) != 0)
			continue;
		*end = '\0';
		sub = strstr(line, "\tdag=");
		sub = sub ? strndup(sub + 5, strcspn(sub + 5, "\t")) : NULL;
		after = strstr(line, "\tafter=");
		/* what may well begin after a failure */
		if (strstr(line, "\twhen=") || strstr(line, "\tteardown="))
			after = NULL;
		if (after) {
			after += 7;
			after[strcspn(after, "\t")] = '\0';
		}
		line[5 + strcspn(line + 5, "\t")] = '\0';
		add_task(b, dag, run, strchr(line, '/') + 1,
		    after ? after : "");
		b->task[b->n - 1].sub = sub;
		b->task[b->n - 1].joint = sub;
	}
}

/* the instances of the mapped tasks of a run, as its lists say: they come
 * after what their task does, and what comes after that after them all */
static void
read_lists(struct book *b, const char *dag, const char *run, const char *dir)
{
	char path[1400], id[400], *text, *line, *save;
	size_t n = b->n, i;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof path, "%s/map", dir);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		snprintf(id, sizeof id, "%s/%s/%s", dag, run, e->d_name);
		for (i = 0; i < n && strcmp(b->task[i].id, id) != 0; i++)
			;
		text = i < n ? slurp("%s/%s", path, e->d_name) : NULL;
		if (!text)
			continue;
		b->task[i].joint = true;
		for (line = strtok_r(text, "\n", &save); line;
		    line = strtok_r(NULL, "\n", &save)) {
			line += *line == '-';
			snprintf(id, sizeof id, "%s+%.*s", e->d_name,
			    (int)strcspn(line, "\t"), line);
			add_task(b, dag, run, id, b->task[i].after);
		}
		free(text);
	}
	if (d)
		closedir(d);
}

/* is that an instance of the mapped task u, or of the run that it waits for,
 * which has the name of its own? */
static bool
instance(const struct task *t, const struct task *u)
{
	size_t n = u->sub ? strlen(u->sub) : strlen(u->id), run;

	if (u->sub) {
		run = strcspn(strchr(u->id, '/') + 1, "/") + 2;
		return strncmp(t->id, u->sub, n) == 0 &&
		    strncmp(t->id + n, strchr(u->id, '/'), run) == 0;
	}

	return strncmp(t->id, u->id, n) == 0 && t->id[n] == '+';
}

static void
add_up(struct task *t, size_t up, size_t via)
{
	t->up = realloc(t->up, (t->nup + 1) * sizeof *t->up);
	if (!t->up)
		abort();
	t->up[t->nup++] = (struct up){up, via};
}

static void
link_up(struct book *b)
{
	char id[400], *list, *word, *save;
	struct task *t, *u;
	int n;

	for (size_t i = 0; i < b->n; i++) {
		t = &b->task[i];
		list = strdup(t->after);
		n = (int)(strrchr(t->id, '/') - t->id);
		for (word = strtok_r(list, " ", &save); word;
		    word = strtok_r(NULL, " ", &save)) {
			snprintf(id, sizeof id, "%.*s/%s", n, t->id, word);
			u = book_find(b, id);
			if (!u) {
				book_wrong(b, "%s: no task %s", t->id, word);
				continue;
			}
			if (!u->joint)
				add_up(t, (size_t)(u - b->task),
				    (size_t)(u - b->task));
			for (size_t k = 0; u->joint && k < b->n; k++)
				if (instance(&b->task[k], u))
					add_up(t, k, (size_t)(u - b->task));
		}
		free(list);
	}
}

/* a marker was seen: of what, in which state? */
static void
marker(struct book *b, const char *dag, const char *run, const char *file)
{
	const char *dot = strchr(file, '.');
	struct task *t;
	char id[400];

	if (!dot)
		return;
	snprintf(id, sizeof id, "%s/%s/%.*s", dag, run, (int)(dot - file),
	    file);
	t = book_find(b, id);
	if (!t) {
		book_wrong(b, "%s: a marker without a task", id);
		return;
	}
	t->markers++;
	snprintf(t->state, sizeof t->state, "%.*s",
	    (int)strcspn(dot + 1, "."), dot + 1);
}

static void
queued(struct book *b, struct kase *k)
{
	char path[512], id[400], *p;
	struct dirent *e;
	struct task *t;
	DIR *d;

	snprintf(path, sizeof path, "%s/spool/queue", k->dir);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(id, sizeof id, "%s", e->d_name);
		if ((p = strchr(id, '@')))
			*p = '/';
		if ((p = strchr(id, '.')))
			*p = '/';
		t = book_find(b, id);
		if (!t) {
			book_wrong(b, "queue/%s: of no task", e->d_name);
			continue;
		}
		t->markers++;
		snprintf(t->state, sizeof t->state, "ready");
	}
	if (d)
		closedir(d);
}

/* for each run: f(book, dag, run, its directory) */
static void
each_run(struct book *b, struct kase *k, int rules, void (*f)(struct book *,
    const char *, const char *, const char *, int))
{
	char runs[400], dag[700], run[1000];
	struct dirent *e, *r;
	DIR *d, *in;

	snprintf(runs, sizeof runs, "%s/spool/runs", k->dir);
	d = opendir(runs);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(dag, sizeof dag, "%s/%s", runs, e->d_name);
		in = opendir(dag);
		while (in && (r = readdir(in))) {
			if (r->d_name[0] == '.')
				continue;
			snprintf(run, sizeof run, "%s/%s", dag, r->d_name);
			f(b, e->d_name, r->d_name, run, rules);
		}
		if (in)
			closedir(in);
	}
	if (d)
		closedir(d);
}

static void
load_plan(struct book *b, const char *dag, const char *run, const char *dir,
    int rules)
{
	char *plan = slurp("%s/plan", dir);

	(void)rules;
	if (!plan)
		book_wrong(b, "%s/%s: no plan", dag, run);
	else
		read_plan(b, dag, run, plan);
	free(plan);
	read_lists(b, dag, run, dir);
}

static void
load_markers(struct book *b, const char *dag, const char *run,
    const char *dir, int rules)
{
	unsigned states = 0;
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '@') {
			states++;
			if ((rules & LEDGER_ENDED) &&
			    strcmp(e->d_name, "@success") != 0 &&
			    strcmp(e->d_name, "@failed") != 0)
				book_wrong(b, "%s/%s: is %s", dag, run,
				    e->d_name);
		} else if (e->d_name[0] != '.')
			marker(b, dag, run, e->d_name);
	}
	if (d)
		closedir(d);
	if (states != 1)
		book_wrong(b, "%s/%s: %u states", dag, run, states);
}

void
book_load(struct book *b, struct kase *k, int rules)
{
	*b = (struct book){.kase = k};
	each_run(b, k, rules, load_plan);
	if (b->n)
		qsort(b->task, b->n, sizeof *b->task, by_id);
	link_up(b);
	each_run(b, k, rules, load_markers);
	queued(b, k);
}

void
book_free(struct book *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->task[i].id);
		free(b->task[i].after);
		free(b->task[i].sub);
		free(b->task[i].up);
	}
	free(b->task);
}
