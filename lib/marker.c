/* marker: what the lines in a marker say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"
#include "rec.h"

bool
marker_next(char **text, struct marker_line *l)
{
	char *line, *end, *tab;

	while ((line = *text) && *line) {
		end = strchr(line, '\n');
		*text = end ? end + 1 : NULL;
		if (!end)
			return false;	/* torn: it was being written */
		*end = '\0';
		tab = strchr(line, '\t');
		if (!tab || line[0] == '|')
			continue;
		*tab = '\0';
		l->when = line;
		l->event = tab + 1;
		tab = strchr(l->event, '\t');
		l->fields = tab ? tab + 1 : "";
		if (tab)
			*tab = '\0';
		return true;
	}
	return false;
}

bool
marker_field(const struct marker_line *l, const char *key, char *out, size_t n)
{
	size_t klen = strlen(key), len;
	const char *p = l->fields;

	for (; *p; p += len + (p[len] == '\t')) {
		len = strcspn(p, "\t");
		if (len > klen && p[klen] == '=' && strncmp(p, key, klen) == 0)
			return rec_unescape_to(out, n, p + klen + 1,
			    len - klen - 1) == 0;
	}
	out[0] = '\0';
	return false;
}

static void
started(struct marker_sum *s, const struct marker_line *l)
{
	char n[16];
	unsigned attempt = s->attempt;

	if (marker_field(l, "attempt", n, sizeof n))
		attempt = (unsigned)strtoul(n, NULL, 10);
	/* of one that was given up for lost before it could say so */
	if (attempt < s->attempt)
		return;
	s->attempt = attempt;
	if (!s->poking) {
		s->spent++;
		s->looks = 0;
	}
	/* who kills may be faster than who writes that it has started */
	s->killed &= s->victim == s->attempt;
	s->poking = s->ended = s->late = false;
	s->child[0] = '\0';
	snprintf(s->start, sizeof s->start, "%s", l->when);
	if (!s->first[0])
		snprintf(s->first, sizeof s->first, "%s", l->when);
	s->end[0] = s->exit[0] = s->signal[0] = s->reason[0] = '\0';
	s->wall[0] = s->user[0] = s->sys[0] = s->rss[0] = '\0';
	marker_field(l, "cause", s->cause, sizeof s->cause);
	marker_field(l, "host", s->host, sizeof s->host);
	marker_field(l, "pid", s->pid, sizeof s->pid);
	marker_field(l, "cgroup", s->cgroup, sizeof s->cgroup);
	marker_field(l, "batch", s->batch, sizeof s->batch);
	marker_field(l, "boot", s->boot, sizeof s->boot);
}

/* an attempt goes on, whose start may not have been written (no room) */
static void
goes_on(struct marker_sum *s, const struct marker_line *l)
{
	char n[16] = "";
	unsigned attempt;

	marker_field(l, "attempt", n, sizeof n);
	attempt = (unsigned)strtoul(n, NULL, 10);
	if (attempt > s->attempt) {
		s->attempt = attempt;
		s->spent++;
		s->looks = 0;
		snprintf(s->start, sizeof s->start, "%s", l->when);
	}
}

static void
killed(struct marker_sum *s, const struct marker_line *l)
{
	char n[16];

	s->killed = true;
	if (marker_field(l, "attempt", n, sizeof n))
		s->victim = (unsigned)strtoul(n, NULL, 10);
}

/* an attempt whose supervisor died; maybe before it could write "start" */
static void
lost(struct marker_sum *s, const struct marker_line *l)
{
	char n[16] = "", batch[sizeof s->batch];
	unsigned attempt;

	if (marker_field(l, "batch", batch, sizeof batch))
		memcpy(s->batch, batch, sizeof batch);
	marker_field(l, "attempt", n, sizeof n);
	attempt = (unsigned)strtoul(n, NULL, 10);
	if (attempt > s->attempt) {
		s->attempt = attempt;
		s->spent++;
		s->start[0] = s->pid[0] = '\0';
	}
	s->poking = false;
}

static void
ended(struct marker_sum *s, const struct marker_line *l)
{
	char state[16];

	s->ended = true;
	s->lend[0] = '\0';
	s->poking = false;
	if (marker_field(l, "state", state, sizeof state) &&
	    strcmp(state, "success") == 0) {
		s->forced = false;
		marker_field(l, "made", s->made, sizeof s->made);
	}
	snprintf(s->end, sizeof s->end, "%s", l->when);
	marker_field(l, "exit", s->exit, sizeof s->exit);
	marker_field(l, "signal", s->signal, sizeof s->signal);
	marker_field(l, "wall", s->wall, sizeof s->wall);
	marker_field(l, "user", s->user, sizeof s->user);
	marker_field(l, "sys", s->sys, sizeof s->sys);
	marker_field(l, "rss", s->rss, sizeof s->rss);
	marker_field(l, "reason", s->reason, sizeof s->reason);
}

/* it has ended without an attempt: by a deadline, or a failure elsewhere */
static void
stopped(struct marker_sum *s, const struct marker_line *l)
{
	char then[8];

	if (marker_field(l, "then", then, sizeof then) &&
	    strcmp(then, "warn") == 0)
		return;
	s->late = true;
	marker_field(l, "reason", s->reason, sizeof s->reason);
	snprintf(s->end, sizeof s->end, "%s", l->when);
}

void
marker_sum(char *text, struct marker_sum *s)
{
	struct marker_line l;

	*s = (struct marker_sum){0};
	while (marker_next(&text, &l)) {
		if (strcmp(l.event, "start") == 0)
			started(s, &l);
		else if (strcmp(l.event, "end") == 0)
			ended(s, &l);
		else if (strcmp(l.event, "poke") == 0) {
			goes_on(s, &l);
			s->poking = true;
			s->looks++;
		} else if (strcmp(l.event, "ready") == 0) {
			if (!s->first[0])
				snprintf(s->first, sizeof s->first, "%s",
				    l.when);
		} else if (strcmp(l.event, "lend") == 0) {
			marker_field(&l, "dir", s->lend, sizeof s->lend);
		} else if (strcmp(l.event, "child") == 0) {
			char state[16];

			goes_on(s, &l);
			s->begun = marker_field(&l, "state", state,
			    sizeof state);
			s->poking = marker_field(&l, "run", s->child,
			    sizeof s->child);
		} else if (strcmp(l.event, "kill") == 0)
			killed(s, &l);
		else if (strcmp(l.event, "lost") == 0) {
			lost(s, &l);
			ended(s, &l);
			if (!marker_field(&l, "engine", s->reason,
			    sizeof s->reason))
				snprintf(s->reason, sizeof s->reason, "lost");
		} else if (strcmp(l.event, "rerun") == 0) {
			char force[8];

			s->forced = marker_field(&l, "force", force,
			    sizeof force);
			s->spent = s->victim = 0;
			s->poking = s->late = false;
			s->first[0] = s->child[0] = '\0';
		} else if (strcmp(l.event, "deadline") == 0 ||
		    strcmp(l.event, "stop") == 0)
			stopped(s, &l);
		else if (strcmp(l.event, "mark") == 0) {
			snprintf(s->reason, sizeof s->reason, "marked");
			snprintf(s->end, sizeof s->end, "%s", l.when);
		}
		marker_field(&l, "note", s->note, sizeof s->note);
	}
}
