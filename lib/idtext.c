/* idtext: the text of an ID taken apart; what it names is not looked up. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "idtext.h"
#include "spool.h"

enum { PARTS = 64, TEXT_MAX = 4096 };

bool
idtext_glob(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

void
idtext_free(struct idtext *t)
{
	free(t->copy);
	*t = (struct idtext){0};
}

static bool
run_ok(const char *s)
{
	return strlen(s) <= RUN_LEN &&
	    run_name_parse(s, NULL, NULL, NULL) == 0;
}

static bool
dag_ok(const char *s)
{
	return name_ok(s, strlen(s));
}

/* cuts TASK.STATE or TASK.N to TASK, true if it is one */
static bool
cut_marker(char *s)
{
	char task[TASK_LEN + 1];
	struct instance in;

	if (marker_parse(s, task, &in) < 0)
		return false;
	s[strlen(task)] = '\0';
	return true;
}

static bool
cut_suffix(char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	if (n <= m || strcmp(s + n - m, suffix) != 0)
		return false;
	s[n - m] = '\0';
	return true;
}

/* what follows DAG/RUN in a path: n parts at p */
static bool
in_run(struct idtext *t, char **p, size_t n)
{
	if (n == 0)
		return true;
	if (n == 1 && (p[0][0] == '@' || strcmp(p[0], "plan") == 0 ||
	    strcmp(p[0], "run") == 0))
		return true;
	if (n == 1 && cut_marker(p[0])) {
		t->task = p[0];
		return true;
	}
	if (n == 2 && (strcmp(p[0], "log") == 0 || strcmp(p[0], "out") == 0)) {
		p[1][strcspn(p[1], ".")] = '\0';
		t->task = p[1];
		return true;
	}
	return false;
}

/* DAG@RUN.TASK, the name of a ready marker */
static bool
in_queue(struct idtext *t, char *s)
{
	char dag[NAME_LEN + 1], run[RUN_LEN + 1], task[TASK_LEN + 1];

	if (queue_parse(s, dag, run, task) < 0)
		return false;
	t->dag = s;
	s[strlen(dag)] = '\0';
	t->run = s + strlen(dag) + 1;
	s[strlen(dag) + 1 + strlen(run)] = '\0';
	t->task = t->run + strlen(run) + 1;
	return true;
}

/* is it a path, with "runs", "queue" or "archive" as part i? */
static bool
path_at(struct idtext *t, char **p, size_t n, size_t i)
{
	if (strcmp(p[i], "queue") == 0)
		return i + 2 == n && in_queue(t, p[i + 1]);
	if (n < i + 3 || !dag_ok(p[i + 1]))
		return false;
	if (strcmp(p[i], "archive") == 0) {
		if (n != i + 3 || !cut_suffix(p[i + 2], ".tar.gz"))
			return false;
	} else if (strcmp(p[i], "runs") != 0 || !run_ok(p[i + 2]) ||
	    !in_run(t, p + i + 3, n - i - 3))
		return false;
	t->dag = p[i + 1];
	t->run = p[i + 2];
	return true;
}

/* parts of an ID that may be written as names of files are */
static bool
bare_file(struct idtext *t, char **p, size_t n)
{
	if (n == 1)
		return in_queue(t, p[0]);
	if (n == 2)
		cut_suffix(p[1], ".tar.gz");
	if (n == 3)
		cut_marker(p[2]);
	return false;
}

static int
bad(struct buf *why, const char *what, const char *name, const char *fault)
{
	buf_fmt(why, "\"%s\" is no name of a %s%s%s", name, what,
	    fault ? ": " : "", fault ? fault : "");
	errno = EINVAL;
	return -1;
}

static int
check(const struct idtext *t, struct buf *why)
{
	static const char run_chars[] = "0123456789TZ+-"
	    "abcdefghijklmnopqrstuv";
	const char *s, *plus;
	size_t n;

	if (!dag_ok(t->dag) && !idtext_glob(t->dag))
		return bad(why, "DAG", t->dag, name_fault(t->dag,
		    strlen(t->dag)));
	s = t->run;
	if (s && strcmp(s, "@") != 0 && !idtext_glob(s) &&
	    (!*s || strlen(s) > RUN_LEN || s[strspn(s, run_chars)]))
		return bad(why, "run", s, NULL);
	s = t->task;
	if (!s || idtext_glob(s))
		return 0;
	plus = strchr(s, '+');
	n = plus ? (size_t)(plus - s) : strlen(s);
	if (!name_ok(s, n))
		return bad(why, "task", s, name_fault(s, n));
	if (plus && !name_ok(plus + 1, strlen(plus + 1)))
		return bad(why, "task", s, name_fault(plus + 1,
		    strlen(plus + 1)));
	return 0;
}

/* splits at slashes; a path's parts beyond PARTS are no ID's business */
static size_t
split(char *s, char **part)
{
	size_t n = 0;

	while (n < PARTS) {
		while (*s == '/')
			*s++ = '\0';
		if (!*s)
			break;
		part[n++] = s;
		s += strcspn(s, "/");
	}
	return n;
}

int
idtext_parse(struct idtext *t, const char *text, struct buf *why)
{
	char *part[PARTS];
	size_t n;

	*t = (struct idtext){0};
	t->copy = strlen(text) > TEXT_MAX ? NULL : strdup(text);
	if (!t->copy) {
		if (strlen(text) <= TEXT_MAX)
			return -1;
		buf_str(why, "it is too long to be an ID");
		errno = EINVAL;
		return -1;
	}
	n = split(t->copy, part);
	for (size_t i = n; i-- > 0; ) {
		if (i + 1 == n || !path_at(t, part, n, i))
			continue;
		/* the path up to "runs", restored from the text */
		memcpy(t->copy, text, (size_t)(part[i] - t->copy));
		*part[i] = '\0';
		t->root = part[i] > t->copy ? t->copy : ".";
		return check(t, why);
	}
	if (bare_file(t, part, n))
		return check(t, why);
	if (n == 0 || n > 3 || *text == '/') {
		buf_str(why, "not an ID such as DAG, DAG/RUN, DAG/RUN/TASK");
		errno = EINVAL;
		return -1;
	}
	t->dag = part[0];
	t->run = n > 1 ? part[1] : NULL;
	t->task = n > 2 ? part[2] : NULL;
	return check(t, why);
}
