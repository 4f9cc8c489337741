/* case: a spool to break, the programs that work on it, what came of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

char case_root[256];
char case_bin[256], case_tools[256];

void
case_die(const char *what)
{
	fprintf(stderr, "fault: %s: %s\n", what, strerror(errno));
	exit(111);
}

void
case_begin(void)
{
	const char *b = getenv("DAG_BIN"), *t = getenv("FAULT_BIN");
	const char *root = getenv("FAULT_DIR");
	char path[600], dags[300];

	if (!b || !t) {
		fprintf(stderr, "fault: DAG_BIN and FAULT_BIN must be set\n");
		exit(2);
	}
	snprintf(case_bin, sizeof case_bin, "%s", b);
	snprintf(case_tools, sizeof case_tools, "%s", t);
	/* programs are started elsewhere: no relative name is of use */
	if (!root || *root != '/')
		root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(case_root, sizeof case_root, "%s/dagfault.XXXXXX", root);
	if (!mkdtemp(case_root))
		case_die(case_root);
	snprintf(path, sizeof path, "%s:%s:/usr/bin:/bin:/usr/sbin:/sbin",
	    case_bin, case_tools);
	setenv("PATH", path, 1);
	snprintf(dags, sizeof dags, "%s/dags", case_root);
	if (mkdir(dags, 0700) < 0)
		case_die(dags);
	setenv("DAG_PATH", dags, 1);
	snprintf(dags, sizeof dags, "%s/cache", case_root);
	setenv("XDG_CACHE_HOME", dags, 1);
	setenv("LC_ALL", "C", 1);
	setenv("TZ", "UTC", 1);
	snprintf(dags, sizeof dags, "%ld", (long)time(NULL) - 1);
	setenv("FAULT_EPOCH", dags, 1);
	/* leaks are looked for elsewhere: one found would change the exit */
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0", 1);
	/* supervisors outlive those who started them: they become ours */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGPIPE, SIG_IGN);
}

/* it is done for each point: no more calls than that takes */
static void
remove_all_at(int at, const char *path)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (e->d_type == DT_DIR || unlinkat(fd, e->d_name, 0) < 0)
			remove_all_at(fd, e->d_name);
	}
	if (d)
		closedir(d);
	unlinkat(at, path, AT_REMOVEDIR);
}

static void
remove_all(const char *path)
{
	remove_all_at(AT_FDCWD, path);
}

void
case_end(void)
{
	if (!getenv("FAULT_KEEP"))
		remove_all(case_root);
}

void
case_make(struct kase *k, const char *name)
{
	*k = (struct kase){0};
	prctl(PR_SET_CHILD_SUBREAPER, 1);	/* of this very process */
	snprintf(k->dir, sizeof k->dir, "%.200s/%.40s", case_root, name);
	if (mkdir(k->dir, 0700) < 0)
		case_die(k->dir);
}

static const char *copy_from, *copy_to;

static int
copy_one(const char *path, const struct stat *st, int type, struct FTW *w)
{
	struct timespec ts[2] = {st->st_atim, st->st_mtim};
	char to[1024], chunk[16384];
	ssize_t n;
	int in, out;

	(void)type;
	(void)w;
	snprintf(to, sizeof to, "%s%s", copy_to, path + strlen(copy_from));
	if (S_ISDIR(st->st_mode))
		return mkdir(to, 0700) < 0 && errno != EEXIST;
	if (!S_ISREG(st->st_mode))
		return 0;
	in = open(path, O_RDONLY);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0600);
	while ((n = read(in, chunk, sizeof chunk)) > 0)
		if (write(out, chunk, (size_t)n) != n)
			case_die(to);
	if ((st->st_mode & 07777) != 0600)
		fchmod(out, st->st_mode & 07777);
	futimens(out, ts);
	close(in);
	close(out);
	return 0;
}

void
case_reset(struct kase *k, const struct kase *from)
{
	remove_all(k->dir);
	k->crashed = 0;
	if (!from) {
		if (mkdir(k->dir, 0700) < 0)
			case_die(k->dir);
		return;
	}
	copy_from = from->dir;
	copy_to = k->dir;
	if (nftw(from->dir, copy_one, 16, FTW_PHYS) != 0)
		case_die(k->dir);
}

char *
slurp(const char *fmt, ...)
{
	char path[1024], *text = NULL;
	size_t n = 0, cap = 0;
	va_list ap;
	ssize_t r;
	int fd;

	va_start(ap, fmt);
	vsnprintf(path, sizeof path, fmt, ap);
	va_end(ap);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	do {
		if (cap - n < 8192)
			text = realloc(text, cap += 16384);
		if (!text)
			case_die(path);
		r = read(fd, text + n, cap - n - 1);
		n += r > 0 ? (size_t)r : 0;
	} while (r > 0);
	close(fd);
	text[n] = '\0';
	return text;
}

void
spit(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t n = strlen(text);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n || close(fd) < 0)
		case_die(path);
}

char *
case_output(struct kase *k)
{
	char *s = slurp("%s/out", k->dir);

	return s ? s : strdup("");
}

size_t
case_count(struct kase *k, const char *dir)
{
	char path[512];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/spool/%s", k->dir, dir);
	d = opendir(path);
	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct list {
	char **line;
	size_t n;
	const char *dir;
};

static struct list listing;

static int
list_one(const char *path, const struct stat *st, int type, struct FTW *w)
{
	const char *name = path + strlen(listing.dir) + 1;
	char *line, *dot;

	(void)st;
	(void)w;
	if (type != FTW_F || !(strncmp(name, "queue/", 6) == 0 ||
	    strncmp(name, "archive/", 8) == 0 ||
	    (strncmp(name, "runs/", 5) == 0 && !strstr(name, "/log/") &&
	    !strstr(name, "/out/"))))
		return 0;
	line = strdup(name);
	dot = strstr(line, ".running.");
	if (dot)
		dot[8] = '\0';
	listing.line = realloc(listing.line, (listing.n + 1) * sizeof line);
	listing.line[listing.n++] = line;
	return 0;
}

char *
case_states(struct kase *k)
{
	char dir[300], *all = strdup(""), *more;

	snprintf(dir, sizeof dir, "%s/spool", k->dir);
	listing = (struct list){.dir = dir};
	nftw(dir, list_one, 16, FTW_PHYS);
	if (listing.n)
		qsort(listing.line, listing.n, sizeof *listing.line, by_text);
	for (size_t i = 0; i < listing.n; i++) {
		if (asprintf(&more, "%s%s\n", all, listing.line[i]) < 0)
			case_die("asprintf");
		free(all);
		free(listing.line[i]);
		all = more;
	}
	free(listing.line);
	return all;
}
