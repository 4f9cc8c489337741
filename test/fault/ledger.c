/* ledger: what the tasks wrote down themselves, against what they should. */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger.h"

/* a task of a run, and what is known of it */
struct task {
	char *id;		/* DAG/RUN/TASK */
	char *after;		/* names of those before it */
	size_t *up, nup;
	unsigned markers;
	bool joint;		/* mapped, or runs a DAG: not itself */
	char *sub;		/* that DAG, or NULL */
	char state[24];
	/* while the ledger is read */
	bool open, began, passed;
	int last;		/* how it ended last, -1: it did not yet */
};

struct book {
	struct kase *kase;
	struct task *task;
	size_t n, cap;
	char *wrong;
};

struct seen {
	char **id;
	size_t n, cap, lines;
};

static void __attribute__((format(printf, 2, 3)))
wrong(struct book *b, const char *fmt, ...)
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

static struct task *
find(struct book *b, const char *id)
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
add_up(struct task *t, size_t up)
{
	t->up = realloc(t->up, (t->nup + 1) * sizeof *t->up);
	t->up[t->nup++] = up;
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
			u = find(b, id);
			if (!u) {
				wrong(b, "%s: no task %s", t->id, word);
				continue;
			}
			if (!u->joint)
				add_up(t, (size_t)(u - b->task));
			for (size_t k = 0; u->joint && k < b->n; k++)
				if (instance(&b->task[k], u))
					add_up(t, k);
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
	t = find(b, id);
	if (!t) {
		wrong(b, "%s: a marker without a task", id);
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
		t = find(b, id);
		if (!t) {
			wrong(b, "queue/%s: of no task", e->d_name);
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
		wrong(b, "%s/%s: no plan", dag, run);
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
				wrong(b, "%s/%s: is %s", dag, run, e->d_name);
		} else if (e->d_name[0] != '.')
			marker(b, dag, run, e->d_name);
	}
	if (d)
		closedir(d);
	if (states != 1)
		wrong(b, "%s/%s: %u states", dag, run, states);
}

static bool
is_seen(const struct seen *s, const char *id)
{
	for (size_t i = 0; s && i < s->n; i++)
		if (strcmp(s->id[i], id) == 0)
			return true;
	return false;
}

/* the text of its marker, if it has ended */
static char *
text_of(struct kase *k, const struct task *t)
{
	const char *task = strrchr(t->id, '/') + 1;

	return slurp("%s/spool/runs/%.*s%s.%s", k->dir, (int)(task - t->id),
	    t->id, task, t->state);
}

/* did a person say that it is a success? */
static bool
marked(const struct book *b, const struct task *t)
{
	char *text = text_of(b->kase, t);
	bool is = text && strstr(text, "\tmark");

	free(text);
	return is;
}

static void
began(struct book *b, struct task *t, bool reruns, size_t line)
{
	struct task *u;

	for (size_t i = 0; i < t->nup; i++) {
		u = &b->task[t->up[i]];
		if ((u->open || u->last != 0) && !marked(b, u))
			wrong(b, "ledger:%zu: %s began before %s had ended "
			    "well", line, t->id, u->id);
		u->passed = true;
	}
	if (t->passed && !reruns)
		wrong(b, "ledger:%zu: %s began after what comes after it",
		    line, t->id);
	t->open = t->began = true;
}

static void
read_ledger(struct book *b, char *text, const struct seen *seen, int rules)
{
	char what[16], id[300], *line, *next;
	size_t number = 0;
	struct task *t;
	int attempt;
	long n;

	for (line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (!*next) {
			wrong(b, "ledger: a torn line");
			break;
		}
		*next++ = '\0';
		number++;
		if (sscanf(line, "%15s %299s %d %ld", what, id, &attempt,
		    &n) != 4) {
			wrong(b, "ledger:%zu: %s", number, line);
			continue;
		}
		t = find(b, id);
		if (!t)
			continue;	/* archived by now */
		if (what[0] == 'o')
			wrong(b, "ledger:%zu: two of %s at once", number, id);
		else if (what[0] == 'e') {
			t->open = false;
			t->last = (int)n;
		} else {
			if (seen && number > seen->lines && is_seen(seen, id))
				wrong(b, "ledger:%zu: %s began again after "
				    "its success was recorded", number, id);
			began(b, t, rules & LEDGER_RERUNS, number);
		}
	}
}

/* does the marker say why it is not as the task ended? */
static bool
excused(struct kase *k, const struct task *t)
{
	char *text = text_of(k, t), *last, *p;
	bool is;

	if (!text)
		return false;
	for (last = text; (p = strstr(last, "\tend\t")); last = p + 1)
		;
	is = strstr(text, "\tmark") || strstr(text, "\tlost\t") ||
	    strstr(last, "exit=127") || strstr(last, "reason=");
	free(text);
	return is;
}

static void
check_ends(struct book *b, struct kase *k, int rules)
{
	struct task *t;

	for (size_t i = 0; i < b->n; i++) {
		t = &b->task[i];
		if (t->markers != 1)
			wrong(b, "%s: %u markers", t->id, t->markers);
		if ((rules & LEDGER_ENDED) && (strcmp(t->state, "ready") == 0 ||
		    strcmp(t->state, "waiting") == 0 ||
		    strcmp(t->state, "running") == 0))
			wrong(b, "%s: is %s", t->id, t->state);
		if (t->joint)
			continue;
		if (strcmp(t->state, "success") == 0 && (t->open ||
		    t->last != 0) && !excused(k, t))
			wrong(b, "%s: a success, but it %s", t->id, t->open ?
			    "did not end" : t->last < 0 ? "never ran" :
			    "ended badly");
		if (strcmp(t->state, "failed") == 0 && !t->open &&
		    t->last == 0 && !excused(k, t))
			wrong(b, "%s: failed, but it ended well", t->id);
	}
}

static void
load(struct book *b, struct kase *k, int rules)
{
	*b = (struct book){.kase = k};
	each_run(b, k, rules, load_plan);
	if (b->n)
		qsort(b->task, b->n, sizeof *b->task, by_id);
	link_up(b);
	each_run(b, k, rules, load_markers);
	queued(b, k);
}

static void
unload(struct book *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->task[i].id);
		free(b->task[i].after);
		free(b->task[i].sub);
		free(b->task[i].up);
	}
	free(b->task);
}

char *
ledger_check(struct kase *k, const struct seen *seen, int rules)
{
	char *text = slurp("%s/ledger", k->dir);
	struct book b;

	load(&b, k, rules);
	if (rules & LEDGER_LIVE) {
		/* what moves may be seen twice, or not */
		free(b.wrong);
		b.wrong = NULL;
	}
	if (text)
		read_ledger(&b, text, seen, rules);
	if (!(rules & LEDGER_LIVE))
		check_ends(&b, k, rules);
	free(text);
	unload(&b);
	return b.wrong;
}

static size_t
lines(struct kase *k)
{
	char *text = slurp("%s/ledger", k->dir);
	size_t n = 0;

	for (char *p = text; p && *p; p++)
		n += *p == '\n';
	free(text);
	return n;
}

struct seen *
ledger_see(struct kase *k)
{
	struct seen *s = calloc(1, sizeof *s);
	struct book b;

	load(&b, k, 0);
	for (size_t i = 0; i < b.n; i++) {
		if (strcmp(b.task[i].state, "success") != 0)
			continue;
		if (s->n == s->cap) {
			s->cap = s->cap ? s->cap * 2 : 16;
			s->id = realloc(s->id, s->cap * sizeof *s->id);
		}
		s->id[s->n++] = strdup(b.task[i].id);
	}
	/* after the names: what began before was not against them */
	s->lines = lines(k);
	free(b.wrong);
	unload(&b);
	return s;
}

void
ledger_forget(struct seen *s)
{
	for (size_t i = 0; s && i < s->n; i++)
		free(s->id[i]);
	if (s)
		free(s->id);
	free(s);
}

size_t
ledger_count(struct kase *k, const char *what)
{
	char *text = slurp("%s/ledger", k->dir), *p = text;
	size_t n = 0, len = strlen(what);

	while (p && *p) {
		n += strncmp(p, what, len) == 0;
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	free(text);
	return n;
}
