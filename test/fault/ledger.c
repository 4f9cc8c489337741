/* ledger: what the tasks wrote down themselves, against what they should. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "book.h"

struct seen {
	char **id;
	size_t n, cap, lines;
};

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

enum {
	WHEN = 24,		/* of a marker's line: so many characters */
	TICK = 10,		/* ms that a file's time may be too early */
};

/* when the last line of that kind before another was written; "": none */
static void
last_line(const char *text, const char *kind, const char *before, char *when)
{
	when[0] = '\0';
	for (const char *p = text, *end; p && *p; p = end + 1) {
		end = strchrnul(p, '\n');
		if (end - p > WHEN && p[WHEN] == '\t' &&
		    memmem(p + WHEN, (size_t)(end - p) - WHEN, kind,
		    strlen(kind)) && strncmp(p, before, WHEN) < 0)
			snprintf(when, WHEN + 1, "%s", p);
		if (!*end)
			break;
	}
}

/* when that attempt was claimed, and so many ms later, by the clock of those
 * who wrote the markers: its log was made then, and body has no output; "":
 * nobody knows */
static void
claimed(const struct book *b, const struct task *t, int attempt, int later,
    char *when)
{
	const char *task = strrchr(t->id, '/') + 1;
	const char *epoch = getenv("FAULT_EPOCH");
	long long from = epoch ? atoll(epoch) : 0, ms;
	char path[800], text[64];
	struct stat st;
	struct tm tm;
	time_t at;

	when[0] = '\0';
	snprintf(path, sizeof path, "%s/spool/runs/%.*slog/%s.%d",
	    b->kase->dir, (int)(task - t->id), t->id, task, attempt);
	if (stat(path, &st) < 0)
		return;
	ms = ((long long)st.st_mtim.tv_sec - from) * 1000 +
	    st.st_mtim.tv_nsec / 1000000 + later;
	ms = from * 1000 + (epoch ? ms * SPEED : ms);
	at = ms / 1000;
	if (!gmtime_r(&at, &tm))
		return;
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + 19, sizeof text - 19, ".%03dZ",
	    (int)(ms % 1000));
	memcpy(when, text, WHEN + 1);
}

/* had a person said that it is a success, when that attempt was claimed? What
 * has begun since goes by itself */
static bool
marked(const struct book *b, const struct task *u, const struct task *t,
    int attempt)
{
	char claim[WHEN + 1], mark[WHEN + 1], start[WHEN + 1];
	char *text = text_of(b->kase, u);

	claimed(b, t, attempt, TICK, claim);
	last_line(text, "\tmark\t", claim[0] ? claim : "9", mark);
	last_line(text, "\tstart\t", claim[0] ? claim : "9", start);
	free(text);
	return mark[0] && strcmp(start, mark) <= 0;
}

/*
 * Was what it comes after run anew behind its back? By a rerun after it had
 * been claimed; or by one of a run that a task waits for, after that task had
 * ended: what comes after goes by the task.
 */
static bool
behind(const struct book *b, const struct task *t, int attempt,
    const struct up *up)
{
	const struct task *u = &b->task[up->task], *via = &b->task[up->via];
	char claim[WHEN + 1], start[WHEN + 1], anew[WHEN + 1], end[WHEN + 1],
	    again[WHEN + 1], kind[48], *text = text_of(b->kase, u);
	bool is;

	claimed(b, t, attempt, 0, claim);
	snprintf(kind, sizeof kind, "\tstart\tattempt=%d\t", u->attempt);
	last_line(text, kind, "9", start);
	/* killed before it was written: another rerun, later, is none of it */
	if (!start[0])
		claimed(b, u, u->attempt, TICK, start);
	last_line(text, "\trerun\t", start[0] ? start : "9", anew);
	free(text);
	is = claim[0] && anew[0] && strcmp(claim, anew) <= 0;
	if (is || !via->sub || !claim[0] || !anew[0])
		return is;
	text = text_of(b->kase, via);
	last_line(text, "\tstate=success\t", claim, end);
	last_line(text, "\trerun\t", claim, again);
	free(text);
	return end[0] && strcmp(again, end) <= 0 && strcmp(end, anew) <= 0;
}

static void
began(struct book *b, struct task *t, int attempt, bool reruns, size_t line)
{
	struct task *u;

	for (size_t i = 0; i < t->nup; i++) {
		u = &b->task[t->up[i].task];
		if ((u->open || u->last != 0) && !marked(b, u, t, attempt) &&
		    !marked(b, &b->task[t->up[i].via], t, attempt) &&
		    !(reruns && behind(b, t, attempt, &t->up[i])))
			book_wrong(b, "ledger:%zu: %s began before %s had "
			    "ended well", line, t->id, u->id);
		u->passed = true;
	}
	if (t->passed && !reruns)
		book_wrong(b, "ledger:%zu: %s began after what comes after it",
		    line, t->id);
	t->open = t->began = true;
	t->attempt = attempt;
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
			book_wrong(b, "ledger: a torn line");
			break;
		}
		*next++ = '\0';
		number++;
		if (sscanf(line, "%15s %299s %d %ld", what, id, &attempt,
		    &n) != 4) {
			book_wrong(b, "ledger:%zu: %s", number, line);
			continue;
		}
		t = book_find(b, id);
		if (!t)
			continue;	/* archived by now */
		if (what[0] == 'o')
			book_wrong(b, "ledger:%zu: two of %s at once", number,
			    id);
		else if (what[0] == 'e') {
			t->open = false;
			t->last = (int)n;
		} else {
			if (seen && number > seen->lines && is_seen(seen, id))
				book_wrong(b, "ledger:%zu: %s began again "
				    "after its success was recorded", number,
				    id);
			began(b, t, attempt, rules & LEDGER_RERUNS, number);
		}
	}
}

/* does the marker say why it is not as the task ended? Its last attempt may
 * have been killed before it wrote a line; that it was to be killed, and had
 * ended then, may be all that a full disk had room for */
static bool
excused(struct kase *k, const struct task *t)
{
	char *text = text_of(k, t), *last, *p, killed[40];
	int attempt;
	bool is;

	if (!text)
		return false;
	for (last = text; (p = strstr(last, "\tend\t")); last = p + 1)
		;
	snprintf(killed, sizeof killed, "\tkill\tattempt=%d", t->attempt);
	is = strstr(text, "\tmark") || strstr(text, "\tlost\t") ||
	    strstr(last, "exit=127") || strstr(last, "reason=") ||
	    (strcmp(t->state, "failed") == 0 && (strstr(last, killed) ||
	    (sscanf(last, "\tend\tattempt=%d", &attempt) == 1 &&
	    attempt > t->attempt)));
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
			book_wrong(b, "%s: %u markers", t->id, t->markers);
		if ((rules & LEDGER_ENDED) && (strcmp(t->state, "ready") == 0 ||
		    strcmp(t->state, "waiting") == 0 ||
		    strcmp(t->state, "running") == 0))
			book_wrong(b, "%s: is %s", t->id, t->state);
		if (t->joint)
			continue;
		if (strcmp(t->state, "success") == 0 && (t->open ||
		    t->last != 0) && !excused(k, t))
			book_wrong(b, "%s: a success, but it %s", t->id,
			    t->open ? "did not end" :
			    t->last < 0 ? "never ran" : "ended badly");
		if (strcmp(t->state, "failed") == 0 && !t->open &&
		    t->last == 0 && !excused(k, t))
			book_wrong(b, "%s: failed, but it ended well", t->id);
	}
}

char *
ledger_check(struct kase *k, const struct seen *seen, int rules)
{
	char *text = slurp("%s/ledger", k->dir);
	struct book b;

	book_load(&b, k, rules);
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
	book_free(&b);
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

	book_load(&b, k, 0);
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
	book_free(&b);
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
