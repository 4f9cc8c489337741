/* dagpath: which DAG files are meant. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dagpath.h"

struct list {
	char **path;
	size_t n, cap;
	struct buf *why;
	bool bad;		/* why has a line */
	bool failed;		/* no memory */
};

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool
is_dag(const char *file)
{
	size_t n = strlen(file);

	return n > 4 && strcmp(file + n - 4, ".dag") == 0;
}

int
dagpath_name(const char *path, char name[NAME_LEN + 1])
{
	const char *file = base_name(path);
	size_t n = strlen(file);

	if (!is_dag(file) || !name_ok(file, n - 4))
		return -1;
	memcpy(name, file, n - 4);
	name[n - 4] = '\0';
	return 0;
}

/* dir, a '/' where one is needed, and file; malloc'ed */
static char *
join(const char *dir, const char *file, const char *end)
{
	size_t n = strlen(dir);
	struct buf b = BUF_INIT;

	buf_add(&b, dir, n);
	if (n > 0 && dir[n - 1] != '/')
		buf_ch(&b, '/');
	buf_str(&b, file);
	buf_str(&b, end);
	buf_cstr(&b);
	if (!b.err)
		return b.p;
	buf_free(&b);
	errno = ENOMEM;
	return NULL;
}

char *
dagpath_absolute(const char *path)
{
	char *cwd, *file;

	if (path[0] == '/')
		return strdup(path);
	while (path[0] == '.' && path[1] == '/')
		for (path++; *path == '/'; path++)
			;
	cwd = getcwd(NULL, 0);
	if (!cwd)
		return NULL;
	file = join(cwd, path, "");
	free(cwd);
	return file;
}

/* adds a path, which it takes */
static void
add(struct list *l, char *path)
{
	size_t cap = l->cap ? l->cap * 2 : 16;
	char **p;

	if (path && l->n == l->cap) {
		p = reallocarray(l->path, cap, sizeof *p);
		if (!p) {
			free(path);
			path = NULL;
		} else {
			l->path = p;
			l->cap = cap;
		}
	}
	if (path)
		l->path[l->n++] = path;
	else
		l->failed = true;
}

static void
complain(struct list *l, const char *what, const char *text)
{
	l->bad = true;
	buf_fmt(l->why, "%s: %s\n", what, text);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* adds the *.dag of a directory, sorted; the hidden ones are not meant */
static void
add_dir(struct list *l, const char *dir, bool optional)
{
	DIR *d = opendir(dir);
	size_t from = l->n;
	struct dirent *ent;

	if (!d) {
		if (!optional || errno != ENOENT)
			complain(l, dir, strerror(errno));
		return;
	}
	while (errno = 0, (ent = readdir(d)))
		if (ent->d_name[0] != '.' && is_dag(ent->d_name))
			add(l, join(dir, ent->d_name, ""));
	if (errno)
		complain(l, dir, strerror(errno));
	closedir(d);
	if (l->n > from)
		qsort(l->path + from, l->n - from, sizeof *l->path, compare);
}

/* an argument that is a path; what is wrong with a file is found later */
static void
add_path(struct list *l, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		add_dir(l, path, false);
	else
		add(l, strdup(path));
}

/* the directories to look in, separated by colons; *given: by the user */
static int
search_path(struct buf *path, bool *given)
{
	const char *env = getenv("DAG_PATH");
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	*given = env && *env;
	if (*given)
		buf_str(path, env);
	else if (geteuid() == 0)
		buf_str(path, "/etc/dag");
	else if (base && base[0] == '/')
		buf_fmt(path, "%s/dag", base);
	else if (home && home[0] == '/')
		buf_fmt(path, "%s/.config/dag", home);
	buf_cstr(path);
	return path->err ? -1 : 0;
}

/* takes the next directory that is not empty out of *path, or NULL */
static char *
next_dir(char **path)
{
	char *dir;

	while ((dir = strsep(path, ":")))
		if (*dir)
			return dir;
	return NULL;
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void
add_name(struct list *l, const char *name, const struct buf *dirs)
{
	const char *fault = name_fault(name, strlen(name));
	char *copy, *rest, *dir, *path;
	struct buf seen = BUF_INIT;
	bool found = false;

	if (fault) {
		buf_fmt(&seen, "this is no name of a DAG: %s", fault);
		complain(l, name, buf_cstr(&seen));
		buf_free(&seen);
		return;
	}
	copy = rest = strdup(dirs->p);
	if (!copy)
		l->failed = true;
	while (rest && !found && (dir = next_dir(&rest))) {
		path = join(dir, name, ".dag");
		if (!path) {
			l->failed = true;
			break;
		}
		found = exists(path);
		buf_fmt(&seen, "%s %s", seen.n ? "," : "", path);
		if (found)
			add(l, path);
		else
			free(path);
	}
	if (!found) {
		struct buf text = BUF_INIT;

		buf_fmt(&text, "there is no such DAG; looked for%s",
		    seen.n ? buf_cstr(&seen) :
		    " nothing: no DAG_PATH, no HOME");
		complain(l, name, buf_cstr(&text));
		buf_free(&text);
	}
	free(copy);
	buf_free(&seen);
}

/* by the name of the file, then in the order they came */
static int
compare_base(const void *pa, const void *pb, void *arg)
{
	size_t a = *(const size_t *)pa, b = *(const size_t *)pb;
	char **path = arg;
	int r = strcmp(base_name(path[a]), base_name(path[b]));

	return r ? r : a < b ? -1 : a > b;
}

/* of files of the same name takes all but the first away */
static void
drop_twins(struct list *l, const size_t *order, bool say)
{
	struct buf text = BUF_INIT;
	const char *first;
	char *path;

	for (size_t i = 0, j = 1; j < l->n; j++) {
		first = l->path[order[i]];
		path = l->path[order[j]];
		if (strcmp(base_name(first), base_name(path)) != 0) {
			i = j;
			continue;
		}
		if (say && strcmp(first, path) != 0) {
			buf_reset(&text);
			buf_fmt(&text, "the DAG of this name is %s", first);
			complain(l, path, buf_cstr(&text));
		}
		free(path);
		l->path[order[j]] = NULL;
	}
	buf_free(&text);
}

/*
 * Leaves one file for each name: in the order of the arguments, where another
 * is a fault; or, for the search path, sorted.
 */
static void
unique(struct list *l, bool arguments)
{
	size_t *order, n = 0, at;
	char **path;

	order = malloc((l->n + 1) * sizeof *order);
	path = malloc((l->n + 1) * sizeof *path);
	if (!order || !path) {
		free(order);
		free(path);
		l->failed = true;
		return;
	}
	for (size_t i = 0; i < l->n; i++)
		order[i] = i;
	/* of one directory they are in order */
	for (at = 1; at < l->n && compare_base(&order[at - 1], &order[at],
	    l->path) < 0; at++)
		;
	if (at < l->n)
		qsort_r(order, l->n, sizeof *order, compare_base, l->path);
	drop_twins(l, order, arguments);
	for (size_t i = 0; i < l->n; i++) {
		at = arguments ? i : order[i];
		if (l->path[at])
			path[n++] = l->path[at];
	}
	free(order);
	free(l->path);
	l->path = path;
	l->n = n;
}

static void
add_all(struct list *l, const struct buf *dirs, bool given)
{
	char *copy = strdup(dirs->p), *rest = copy, *dir;

	if (!copy)
		l->failed = true;
	while (rest && (dir = next_dir(&rest)))
		add_dir(l, dir, !given);
	free(copy);
}

int
dagpath_list(char *const *names, size_t n, char ***paths, size_t *count,
    struct buf *why)
{
	struct list l = {.why = why};
	struct buf dirs = BUF_INIT;
	bool given;

	if (search_path(&dirs, &given) < 0)
		l.failed = true;
	else if (n == 0)
		add_all(&l, &dirs, given);
	for (size_t i = 0; i < n && !l.failed; i++) {
		if (strchr(names[i], '/') || is_dag(names[i]))
			add_path(&l, names[i]);
		else
			add_name(&l, names[i], &dirs);
	}
	if (!l.failed)
		unique(&l, n > 0);
	buf_free(&dirs);
	if (l.failed || why->err) {
		dagpath_free(l.path, l.n);
		errno = ENOMEM;
		return -1;
	}
	*paths = l.path;
	*count = l.n;
	return l.bad;
}

/* adds the directory that a file is in */
static void
add_parent(struct list *l, const char *path)
{
	const char *base = base_name(path);

	add(l, base == path ? strdup(".") :
	    strndup(path, base - path > 1 ? (size_t)(base - path) - 1 : 1));
}

/* of each string leaves one */
static void
sort_strings(struct list *l)
{
	size_t n = 0;

	if (l->n)
		qsort(l->path, l->n, sizeof *l->path, compare);
	for (size_t i = 0; i < l->n; i++) {
		if (n == 0 || strcmp(l->path[n - 1], l->path[i]) != 0)
			l->path[n++] = l->path[i];
		else
			free(l->path[i]);
	}
	l->n = n;
}

int
dagpath_dirs(char *const *names, size_t n, char *const *paths, size_t count,
    char ***found, size_t *nfound)
{
	struct list l = {0};
	struct buf dirs = BUF_INIT;
	bool given, search = n == 0;
	struct stat st;
	char *rest, *dir, *real;

	if (search_path(&dirs, &given) < 0)
		l.failed = true;
	for (size_t i = 0; i < n && !l.failed; i++) {
		if (!strchr(names[i], '/') && !is_dag(names[i]))
			search = true;
		else if (stat(names[i], &st) == 0 && S_ISDIR(st.st_mode))
			add(&l, strdup(names[i]));
		else
			add_parent(&l, names[i]);
	}
	for (rest = dirs.p; search && !l.failed && (dir = next_dir(&rest));)
		add(&l, strdup(dir));
	for (size_t i = 0; i < count && !l.failed; i++) {
		if (lstat(paths[i], &st) < 0 || !S_ISLNK(st.st_mode) ||
		    !(real = realpath(paths[i], NULL)))
			continue;
		add_parent(&l, real);
		free(real);
	}
	buf_free(&dirs);
	if (l.failed) {
		dagpath_free(l.path, l.n);
		errno = ENOMEM;
		return -1;
	}
	sort_strings(&l);
	*found = l.path;
	*nfound = l.n;
	return 0;
}

void
dagpath_free(char **paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
}
