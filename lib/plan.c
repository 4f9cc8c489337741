/* plan: a DAG as compiled: its records in memory, checked, with its graph. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "name.h"
#include "num.h"
#include "plan.h"
#include "planline.h"
#include "rec.h"
#include "trigger.h"

static int
bad(struct buf *why, const char *what, const char *s, size_t n)
{
	return planline_bad(why, what, s, n);
}

static uint32_t
hash(const char *s, size_t n)
{
	uint32_t h = 2166136261u;	/* FNV-1a */

	while (n--)
		h = (h ^ (unsigned char)*s++) * 16777619u;
	return h ^ h >> 15;
}

/* the place of a name in the table: its own, or the empty one to fill */
static uint32_t *
lookup(const struct plan *p, const char *name, size_t n)
{
	uint32_t i = hash(name, n) & p->hashmask, t;

	while ((t = p->hash[i]) != 0) {
		if (p->task[t - 1].namelen == n &&
		    memcmp(p->task[t - 1].name, name, n) == 0)
			break;
		i = (i + 1) & p->hashmask;
	}
	return &p->hash[i];
}

bool
plan_enter(struct plan *p, uint32_t task)
{
	uint32_t *place = lookup(p, p->task[task].name, p->task[task].namelen);

	if (*place)
		return false;
	*place = task + 1;
	return true;
}

static int
read_dag(struct plan *p, const char **rest, struct buf *why)
{
	const char *nl = memchr(p->text, '\n', p->size), *id;
	unsigned keys = 0;
	char text[64];
	size_t idlen;
	int64_t n;

	if (!nl)
		return bad(why, "the plan is cut short", "", 0);
	p->line = p->text;
	p->linelen = (uint32_t)(nl - p->text);
	*rest = nl + 1;
	if (planline_form(p->line, p->linelen, "dag", &id, &idlen, &keys,
	    why) < 0)
		return -1;
	p->keys = keys;
	if (keys & PLAN_LIMITS)		/* its timeout is one of all tasks */
		p->keys = (keys & ~PLAN_LIMITS) | PLAN_DEADLINES;
	if (!name_ok(id, idlen))
		return bad(why, "not a name for a DAG:", id, idlen);
	memcpy(p->dag, id, idlen);
	p->dag[idlen] = '\0';
	if (!planline_short(p->line, p->linelen, "tasks", text) ||
	    num_parse(text, 1, 10000000, &n) < 0)
		return bad(why, "the dag record has no tasks=N", "", 0);
	p->n = p->base = (uint32_t)n;
	return 0;
}

/* its trigger rule; -1: there is none of that name */
static int
read_when(struct plan_task *t)
{
	const char *name;
	size_t n;

	name = planline_value(t->line, t->len, "when", &n);
	for (t->when = 0; name && t->when < TRIGGER_RULES; t->when++)
		if (strlen(trigger_names[t->when]) == n &&
		    memcmp(trigger_names[t->when], name, n) == 0)
			break;
	return t->when < TRIGGER_RULES ? 0 : -1;
}

static int
read_tasks(struct plan *p, const char *at, struct buf *why)
{
	const char *end = p->text + p->size, *nl, *id, *slash;
	uint32_t size = 16;
	struct plan_task *t;
	size_t idlen, n;
	unsigned keys;

	if (p->n > p->size / 8)
		return bad(why, "the plan is cut short", "", 0);
	while (size < p->n * 2u)
		size *= 2;
	p->task = calloc(p->n, sizeof *p->task);
	p->hash = calloc(size, sizeof *p->hash);
	p->hashmask = size - 1;
	if (!p->task || !p->hash)
		return -1;
	for (uint32_t i = 0; i < p->n; i++, at = nl + 1) {
		nl = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
		if (!nl)
			return bad(why, "the plan is cut short", "", 0);
		t = &p->task[i];
		t->line = at;
		t->len = (uint32_t)(nl - at);
		keys = 0;
		if (planline_form(at, t->len, "task", &id, &idlen, &keys,
		    why) < 0)
			return -1;
		t->keys = keys & 0xffffff;
		p->keys |= keys;
		slash = memchr(id, '/', idlen);
		if (!slash || (size_t)(slash - id) != strlen(p->dag) ||
		    memcmp(id, p->dag, strlen(p->dag)) != 0)
			return bad(why, "not a task of this DAG:", id, idlen);
		t->name = slash + 1;
		t->namelen = (uint32_t)(id + idlen - t->name);
		if (!name_ok(t->name, t->namelen))
			return bad(why, "not a name for a task:", t->name,
			    t->namelen);
		if ((!planline_value(at, t->len, "run", &n) || n == 0) ==
		    !(keys & PLAN_SUB))
			return bad(why, keys & PLAN_SUB ? "a task with run "
			    "and dag:" : "a task without run:", id, idlen);
		if ((keys & PLAN_RULED) && read_when(t) < 0)
			return bad(why, "an unknown trigger rule:", id, idlen);
		if (!plan_enter(p, i))
			return bad(why, "two tasks of the same name:", id,
			    idlen);
	}
	if (at != end)
		return bad(why, "more in it than its tasks", "", 0);
	return 0;
}

static int
read_edges(struct plan *p, struct buf *why)
{
	uint32_t *at = malloc(((size_t)p->n + 1) * sizeof *at);
	uint32_t *from = NULL, *grown, m = 0, cap = 0;
	const char *s, *end, *w;
	size_t n;
	int64_t u;

	if (!at)
		return -1;
	for (uint32_t i = 0; i < p->n; i++) {
		at[i] = m;
		s = planline_value(p->task[i].line, p->task[i].len, "after",
		    &n);
		end = s ? s + n : NULL;
		while (s && s < end) {
			if (*s == ' ') {
				s++;
				continue;
			}
			for (w = s; s < end && *s != ' '; s++)
				;
			if (name_other(w, (size_t)(s - w))) {
				p->task[i].keys |= PLAN_OTHERS;
				p->keys |= PLAN_OTHERS;
				continue;
			}
			u = plan_find(p, w, (size_t)(s - w));
			if (u < 0) {
				free(at);
				free(from);
				return bad(why, "an unknown upstream:", w,
				    (size_t)(s - w));
			}
			if (m == cap) {
				cap = cap ? cap * 2 : 256;
				grown = realloc(from, cap * sizeof *from);
				if (!grown) {
					free(at);
					free(from);
					return -1;
				}
				from = grown;
			}
			from[m++] = (uint32_t)u;
		}
	}
	at[p->n] = m;
	return graph_make(&p->graph, p->n, at, from);
}

/* which tasks are mapped */
static int
read_each(struct plan *p)
{
	p->each = calloc(p->n, 1);
	for (uint32_t t = 0; p->each && t < p->n; t++)
		if (p->task[t].keys & PLAN_MAPPED)
			p->each[t] = PLAN_EACH;
	return p->each ? 0 : -1;
}

/* the group of a task, from its record, if it may start again */
static const char *
group_of(const struct plan_task *t, size_t *n)
{
	const char *retries = planline_value(t->line, t->len,
	    "group-retries", n);

	if (!retries || *n == 0 || *retries == '0')
		return NULL;
	return planline_value(t->line, t->len, "group", n);
}

/* numbers the groups that may start again */
static int
read_groups(struct plan *p)
{
	const char **name = NULL, *s, **grown;
	size_t *len = NULL, n, *grownlen;
	uint32_t g;

	p->again = calloc(p->n, sizeof *p->again);
	if (!p->again)
		return -1;
	for (uint32_t t = 0; t < p->n; t++) {
		s = group_of(&p->task[t], &n);
		for (g = 0; s && g < p->nagain; g++)
			if (len[g] == n && memcmp(name[g], s, n) == 0)
				break;
		if (s && g == p->nagain) {
			grown = realloc(name, (g + 1) * sizeof *name);
			name = grown ? grown : name;
			grownlen = realloc(len, (g + 1) * sizeof *len);
			len = grownlen ? grownlen : len;
			if (!grown || !grownlen) {
				free(p->again);
				p->again = NULL;
				break;
			}
			name[g] = s;
			len[g] = n;
			p->nagain++;
		}
		p->again[t] = s ? g + 1 : 0;
	}
	free(name);
	free(len);
	return p->again ? 0 : -1;
}

static int
check_cycle(struct plan *p, struct buf *why)
{
	size_t len;
	uint32_t *cycle = graph_cycle(&p->graph, &len);

	if (!cycle) {
		errno = ENOMEM;
		return len == 0 ? 0 : -1;
	}
	if (why) {
		buf_str(why, "a cycle: ");
		for (size_t i = 0; i <= len && i < 20; i++)
			buf_fmt(why, "%s%.*s", i ? " -> " : "",
			    (int)p->task[cycle[i % len]].namelen,
			    p->task[cycle[i % len]].name);
	}
	free(cycle);
	errno = EINVAL;
	return -1;
}

int
plan_make(struct plan *p, const char *text, size_t n, struct buf *why)
{
	const char *rest = NULL;
	int e;

	*p = (struct plan){.text = text, .size = n};
	if (n > PLAN_MAX || memchr(text, '\0', n)) {
		bad(why, n > PLAN_MAX ? "larger than 1 GiB" :
		    "a NUL byte in it", "", 0);
		return -1;
	}
	errno = ENOMEM;
	if (read_dag(p, &rest, why) < 0 ||
	    read_tasks(p, rest, why) < 0 ||
	    ((p->keys & PLAN_GROUPED) && read_groups(p) < 0) ||
	    ((p->keys & PLAN_MAPPED) && read_each(p) < 0) ||
	    read_edges(p, why) < 0 || check_cycle(p, why) < 0) {
		e = errno;
		plan_free(p);
		errno = e;
		return -1;
	}
	return 0;
}

/* all of a file, malloc'ed; NULL and errno */
static char *
read_text(int fd, size_t size)
{
	char *text = malloc(size);
	ssize_t r = 1;
	size_t n;
	int e;

	if (!text)
		return NULL;
	for (n = 0; n < size && r != 0; n += r > 0 ? (size_t)r : 0) {
		r = read(fd, text + n, size - n);
		if (r < 0 && errno != EINTR)
			break;
	}
	if (n == size)
		return text;
	/* it has become shorter since it was looked at: nothing of ours */
	e = r < 0 ? errno : EINVAL;
	free(text);
	errno = e;
	return NULL;
}

int
plan_read(struct plan *p, int fd, struct buf *why)
{
	struct stat st;
	char *text;
	int x, e;

	*p = (struct plan){0};
	if (fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return bad(why, "an empty plan", "", 0);
	if (st.st_size > PLAN_MAX)
		return bad(why, "larger than 1 GiB", "", 0);
	x = file_is_text(fd, (size_t)st.st_size);
	if (x <= 0)
		return x < 0 ? -1 : bad(why, "a NUL byte in it", "", 0);
	text = read_text(fd, (size_t)st.st_size);
	if (!text && errno == EINVAL)
		return bad(why, "the plan is cut short", "", 0);
	if (!text)
		return -1;
	if (plan_make(p, text, (size_t)st.st_size, why) < 0) {
		e = errno;
		free(text);
		errno = e;
		return -1;
	}
	p->own = text;
	return 0;
}

void
plan_free(struct plan *p)
{
	if (!p->borrowed)
		free(p->own);
	free(p->task);
	free(p->hash);
	free(p->again);
	free(p->each);
	free(p->item);
	free(p->names);
	free(p->bound);
	graph_free(&p->graph);
	*p = (struct plan){0};
}

int64_t
plan_find(const struct plan *p, const char *name, size_t n)
{
	return (int64_t)*lookup(p, name, n) - 1;
}

const char *
plan_name(const struct plan *p, uint32_t task, char *name)
{
	memcpy(name, p->task[task].name, p->task[task].namelen);
	name[p->task[task].namelen] = '\0';
	return name;
}
