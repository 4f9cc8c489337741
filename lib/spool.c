/* spool: where state lives: its directories, and every move of a marker. */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "io.h"
#include "num.h"
#include "spool.h"

enum { PLANS_KEPT = 64 };

/* plans in memory, by inode: all runs of one definition share one */
struct plan_cached {
	struct plan plan;
	dev_t dev;
	ino_t ino;
	unsigned users;
	struct plan_cached *next;
};

static const char *const state_names[STATES] = {
	"waiting", "held", "ready", "running",
	"success", "failed", "skipped", "upstream-failed",
};

static const char *const run_state_names[RUN_STATES] = {
	"waiting", "active", "success", "failed",
};

#define TO(s) (1u << STATE_##s)
/* which moves there are: dagspool(5), The states */
static const unsigned moves[STATES] = {
	[STATE_WAITING] = TO(READY) | TO(HELD) | TO(SUCCESS) | TO(FAILED) |
	    TO(SKIPPED) | TO(UPSTREAM_FAILED),
	[STATE_HELD] = TO(WAITING) | TO(SUCCESS) | TO(FAILED) | TO(SKIPPED),
	[STATE_READY] = TO(RUNNING) | TO(HELD) | TO(WAITING) | TO(SUCCESS) |
	    TO(FAILED) | TO(SKIPPED),
	[STATE_RUNNING] = TO(READY) | TO(HELD) | TO(SUCCESS) | TO(FAILED) |
	    TO(SKIPPED),
	[STATE_SUCCESS] = TO(HELD) | TO(FAILED) | TO(SKIPPED),
	[STATE_FAILED] = TO(HELD) | TO(SUCCESS) | TO(SKIPPED),
	[STATE_SKIPPED] = TO(HELD) | TO(SUCCESS) | TO(FAILED),
	[STATE_UPSTREAM_FAILED] = TO(WAITING) | TO(HELD) | TO(SUCCESS) |
	    TO(FAILED) | TO(SKIPPED),
};

static const char *const spool_dirs[] = {
	"queue", "runs", "plans", "dags", "backfills", "pools", "history",
	"archive", "workers", "bad", "tmp",
};

char *
spool_path(const char *path)
{
	const char *home;
	char *p = NULL;

	if (!path)
		path = getenv("DAG_SPOOL");
	if (path && *path)
		return strdup(path);
	if (geteuid() == 0)
		return strdup("/var/spool/dag");
	home = getenv("HOME");
	if (!home || !*home) {
		errno = ENOENT;
		return NULL;
	}
	return asprintf(&p, "%s/.local/state/dag", home) < 0 ? NULL : p;
}

const char *
spool_reason(int err)
{
	switch (err) {
	case EPERM:
		return "it is not ours, or others can write in it";
	case EREMOTE:
		return "it is on a network file system; locks and renames "
		    "are not to be trusted there";
	case ENOENT:
		return "there is no spool";
	case ENOTDIR:
		return "it is not a directory";
	default:
		return strerror(err);
	}
}

static bool
remote(int fd)
{
	static const unsigned long magic[] = {
		0x6969, 0xff534d42, 0xfe534d42, 0x517b, 0x01021997, 0xc36400,
		0x5346414f, 0x0bd00bd0, 0x65735546, 0x73757245, 0x6b414653,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < sizeof magic / sizeof magic[0]; i++)
		if (((unsigned long)fs.f_type & 0xffffffff) == magic[i])
			return true;
	return false;
}

/* mkdir -p: every missing directory of path, mode 0700 */
static int
make_path(const char *path)
{
	char *copy = strdup(path), *p;
	int r = 0;

	if (!copy)
		return -1;
	for (p = copy + 1; r == 0; p++) {
		if (*p && *p != '/')
			continue;
		char c = *p;

		*p = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			r = -1;
		*p = c;
		if (!c)
			break;
	}
	free(copy);
	return r;
}

static int
make_dirs(struct spool *sp)
{
	for (size_t i = 0; i < sizeof spool_dirs / sizeof *spool_dirs; i++)
		if (mkdirat(sp->fd, spool_dirs[i], 0700) < 0 &&
		    errno != EEXIST)
			return -1;
	return fsync(sp->fd);
}

static int
open_dirs(struct spool *sp)
{
	int flags = O_RDONLY | O_DIRECTORY;

	if (sp->queue < 0)
		sp->queue = io_open(sp->fd, "queue", flags, 0);
	if (sp->runs < 0)
		sp->runs = io_open(sp->fd, "runs", flags, 0);
	if (sp->tmp < 0)
		sp->tmp = io_open(sp->fd, "tmp", flags, 0);
	return sp->queue < 0 || sp->runs < 0 || sp->tmp < 0 ? -1 : 0;
}

int
spool_open(struct spool *sp, const char *path, enum spool_mode mode)
{
	char *wanted = spool_path(path);
	struct stat st;
	int e;

	*sp = (struct spool){.fd = -1, .queue = -1, .runs = -1, .tmp = -1,
	    .durable = true};
	if (!wanted)
		return -1;
	if (mode == SPOOL_WRITE && make_path(wanted) < 0)
		goto fail;
	sp->fd = open(wanted, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sp->fd < 0 || fstat(sp->fd, &st) < 0)
		goto fail;
	if (st.st_uid != geteuid() || (st.st_mode & 022)) {
		errno = EPERM;
		goto fail;
	}
	if (remote(sp->fd)) {
		errno = EREMOTE;
		goto fail;
	}
	sp->path = realpath(wanted, NULL);
	if (!sp->path)
		goto fail;
	if (open_dirs(sp) < 0) {
		if (mode == SPOOL_READ) {
			if (errno != ENOENT)
				goto fail;
		} else if (make_dirs(sp) < 0 || open_dirs(sp) < 0)
			goto fail;
	}
	free(wanted);
	return 0;
fail:
	e = errno;
	free(wanted);
	spool_close(sp);
	errno = e;
	return -1;
}

void
spool_close(struct spool *sp)
{
	struct plan_cached *c;
	int fds[] = {sp->fd, sp->queue, sp->runs, sp->tmp};

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	while ((c = sp->plans)) {
		sp->plans = c->next;
		plan_free(&c->plan);
		free(c);
	}
	free(sp->path);
	*sp = (struct spool){.fd = -1, .queue = -1, .runs = -1, .tmp = -1};
}

const char *
state_name(enum state s)
{
	return s >= 0 && s < STATES ? state_names[s] : "none";
}

enum state
state_parse(const char *s, size_t n)
{
	for (int i = 0; i < STATES; i++)
		if (strlen(state_names[i]) == n &&
		    memcmp(s, state_names[i], n) == 0)
			return (enum state)i;
	return STATE_NONE;
}

bool
state_ended(enum state s)
{
	return s >= STATE_SUCCESS;
}

const char *
run_state_name(enum run_state s)
{
	return s >= 0 && s < RUN_STATES ? run_state_names[s] : "none";
}

void
marker_file(char file[FILE_LEN], const char *task, struct instance in)
{
	if (in.state == STATE_RUNNING)
		snprintf(file, FILE_LEN, "%s.running.%u", task, in.attempt);
	else
		snprintf(file, FILE_LEN, "%s.%s", task, state_name(in.state));
}

/* a task's name, or that of a mapped instance: TASK+KEY */
static bool
task_ok(const char *s, size_t n)
{
	const char *plus = memchr(s, '+', n);

	if (!plus)
		return name_ok(s, n);
	return name_ok(s, (size_t)(plus - s)) &&
	    name_ok(plus + 1, n - (size_t)(plus - s) - 1);
}

int
marker_parse(const char *file, char task[TASK_LEN + 1], struct instance *in)
{
	const char *dot = strchr(file, '.'), *more;
	int64_t n = 0;

	if (!dot || !task_ok(file, (size_t)(dot - file)))
		return -1;
	more = strchr(dot + 1, '.');
	in->state = state_parse(dot + 1,
	    more ? (size_t)(more - dot - 1) : strlen(dot + 1));
	if (in->state == STATE_NONE || in->state == STATE_READY ||
	    (in->state == STATE_RUNNING) != (more != NULL))
		return -1;
	if (more && (more[1] == '0' ||
	    num_parse(more + 1, 1, 1000000000, &n) < 0))
		return -1;
	in->attempt = (unsigned)n;
	memcpy(task, file, (size_t)(dot - file));
	task[dot - file] = '\0';
	return 0;
}

void
queue_file(char file[FILE_LEN], const char *dag, const char *run,
    const char *task)
{
	snprintf(file, FILE_LEN, "%s@%s.%s", dag, run, task);
}

int
queue_parse(const char *file, char dag[NAME_LEN + 1], char run[RUN_LEN + 1],
    char task[TASK_LEN + 1])
{
	const char *at = strchr(file, '@'), *dot = at ? strchr(at, '.') : NULL;

	if (!dot || !name_ok(file, (size_t)(at - file)) ||
	    dot - at - 1 > RUN_LEN || !task_ok(dot + 1, strlen(dot + 1)))
		return -1;
	memcpy(dag, file, (size_t)(at - file));
	dag[at - file] = '\0';
	memcpy(run, at + 1, (size_t)(dot - at - 1));
	run[dot - at - 1] = '\0';
	memcpy(task, dot + 1, strlen(dot + 1) + 1);
	return run_name_parse(run, NULL, NULL, NULL);
}

int
run_open(struct spool *sp, const char *dag, const char *name, struct run *r)
{
	char path[NAME_LEN + RUN_LEN + 2];
	struct stat st;

	*r = (struct run){.spool = sp, .fd = -1};
	if (!name_ok(dag, strlen(dag)) || strlen(name) > RUN_LEN ||
	    run_name_parse(name, NULL, NULL, NULL) < 0 || sp->runs < 0) {
		errno = ENOENT;
		return -1;
	}
	snprintf(r->dag, sizeof r->dag, "%s", dag);
	snprintf(r->name, sizeof r->name, "%s", name);
	snprintf(path, sizeof path, "%s/%s", dag, name);
	r->fd = io_open(sp->runs, path, O_RDONLY | O_DIRECTORY, 0);
	if (r->fd < 0)
		return -1;
	if (fstat(r->fd, &st) < 0) {
		run_close(r);
		return -1;
	}
	r->ino = st.st_ino;
	return 0;
}

void
run_close(struct run *r)
{
	int e = errno;

	for (struct plan_cached *c = r->plan ? r->spool->plans : NULL; c;
	    c = c->next)
		if (&c->plan == r->plan)
			c->users--;
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	r->plan = NULL;
	errno = e;
}

/* drops the plan that was used longest ago, if there are too many */
static void
plans_trim(struct spool *sp)
{
	struct plan_cached **c, **last = NULL;
	unsigned n = 0;

	for (c = &sp->plans; *c; c = &(*c)->next, n++)
		if ((*c)->users == 0)
			last = c;
	if (n >= PLANS_KEPT && last) {
		struct plan_cached *old = *last;

		*last = old->next;
		plan_free(&old->plan);
		free(old);
	}
}

int
run_plan(struct run *r, struct buf *why)
{
	struct plan_cached *c, **at;
	struct stat st;
	int fd, e;

	if (r->plan)
		return 0;
	fd = io_open(r->fd, "plan", O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		goto fail;
	for (at = &r->spool->plans; (c = *at); at = &c->next)
		if (c->dev == st.st_dev && c->ino == st.st_ino)
			break;
	if (c) {
		*at = c->next;
	} else {
		plans_trim(r->spool);
		c = calloc(1, sizeof *c);
		if (!c || plan_map(&c->plan, fd, why) < 0) {
			e = errno;
			free(c);
			errno = e;
			goto fail;
		}
		c->dev = st.st_dev;
		c->ino = st.st_ino;
	}
	c->next = r->spool->plans;
	r->spool->plans = c;
	c->users++;
	r->plan = &c->plan;
	close(fd);
	if (strcmp(r->plan->dag, r->dag) != 0) {
		if (why)
			buf_fmt(why, "it is of another DAG, %s", r->plan->dag);
		errno = EINVAL;
		return -1;
	}
	return 0;
fail:
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

enum run_state
run_state(const struct run *r)
{
	static const enum run_state order[] = {
		RUN_ACTIVE, RUN_SUCCESS, RUN_FAILED, RUN_WAITING,
	};
	char file[16];

	for (int look = 0; look < 3; look++)
		for (int i = 0; i < RUN_STATES; i++) {
			snprintf(file, sizeof file, "@%s",
			    run_state_names[order[i]]);
			if (faccessat(r->fd, file, F_OK,
			    AT_SYMLINK_NOFOLLOW) == 0)
				return order[i];
			if (errno != ENOENT)
				return RUN_NONE;
		}
	return RUN_NONE;
}

int
run_record(const struct run *r, struct buf *b)
{
	return io_read(r->fd, "run", b, 1 << 20);
}

/* where a marker in that state lies, and its name there */
static int
place(const struct run *r, const char *task, struct instance in,
    char file[FILE_LEN])
{
	if (in.state == STATE_READY) {
		queue_file(file, r->dag, r->name, task);
		return r->spool->queue;
	}
	marker_file(file, task, in);
	return r->fd;
}

static bool
there(const struct run *r, const char *task, enum state s)
{
	char file[FILE_LEN];
	int dir = place(r, task, (struct instance){s, 0}, file);

	return faccessat(dir, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

enum state
task_ended(const struct run *r, const char *task)
{
	for (enum state s = STATE_SUCCESS; s < STATES; s++)
		if (there(r, task, s))
			return s;
	return STATE_NONE;
}

/* reads the run's directory into inst; how many tasks were found, or -1 */
static int64_t
list_states(const struct run *r, struct instance *inst, uint32_t only)
{
	char task[TASK_LEN + 1];
	struct instance in;
	struct dirent *e;
	int64_t t, found = 0;
	DIR *d;
	int fd;

	fd = io_open(r->fd, ".", O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return -1;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -1;
	}
	while ((e = readdir(d))) {
		if (e->d_name[0] == '@' || marker_parse(e->d_name, task,
		    &in) < 0)
			continue;
		t = plan_find(r->plan, task, strlen(task));
		if (t < 0 || (only != UINT32_MAX && (uint32_t)t != only))
			continue;
		if (inst[t].state == STATE_NONE)
			found++;
		/* seen twice, the later state counts */
		if (in.state > inst[t].state)
			inst[t] = in;
	}
	closedir(d);
	return found;
}

int
run_states(const struct run *r, struct instance *inst)
{
	char task[TASK_LEN + 1];
	int64_t found = 0, n;

	for (uint32_t t = 0; t < r->plan->n; t++)
		inst[t] = (struct instance){STATE_NONE, 0};
	for (int look = 0; look < 3 && found < r->plan->n; look++) {
		n = list_states(r, inst, UINT32_MAX);
		if (n < 0)
			return -1;
		found += n;
		for (uint32_t t = 0; found < r->plan->n && t < r->plan->n; t++)
			if (inst[t].state == STATE_NONE && there(r,
			    plan_name(r->plan, t, task), STATE_READY)) {
				inst[t].state = STATE_READY;
				found++;
			}
	}
	return 0;
}

struct instance
task_state(const struct run *r, const char *task)
{
	static const enum state order[] = {
		STATE_WAITING, STATE_READY, STATE_SUCCESS, STATE_FAILED,
		STATE_HELD, STATE_SKIPPED, STATE_UPSTREAM_FAILED,
	};
	struct instance in = {STATE_NONE, 0}, seen;
	char name[TASK_LEN + 1];
	struct dirent *e;
	DIR *d;
	int fd;

	for (int look = 0; look < 3 && in.state == STATE_NONE; look++) {
		for (size_t i = 0; i < sizeof order / sizeof *order; i++)
			if (there(r, task, order[i])) {
				in.state = order[i];
				return in;
			}
		/* running: its attempt is known from the name alone */
		fd = io_open(r->fd, ".", O_RDONLY | O_DIRECTORY, 0);
		d = fd < 0 ? NULL : fdopendir(fd);
		if (!d) {
			if (fd >= 0)
				close(fd);
			return in;
		}
		while ((e = readdir(d)))
			if (marker_parse(e->d_name, name, &seen) == 0 &&
			    strcmp(name, task) == 0 && seen.state > in.state)
				in = seen;
		closedir(d);
	}
	return in;
}

int
marker_make(int dirfd, const char *file)
{
	static const struct timespec zero[2];

	if (mknodat(dirfd, file, S_IFREG | 0600, 0) < 0)
		return -1;
	return utimensat(dirfd, file, zero, 0);
}

int
marker_open(const struct run *r, const char *task, struct instance in,
    int flags)
{
	char file[FILE_LEN];
	int dir = place(r, task, in, file);

	return io_open_file(dir, file, flags, 0);
}

int
task_move(const struct run *r, const char *task, struct instance from,
    struct instance to)
{
	char old[FILE_LEN], new[FILE_LEN];
	int olddir = place(r, task, from, old);
	int newdir = place(r, task, to, new);

	assert(from.state >= 0 && to.state >= 0 &&
	    (moves[from.state] & 1u << to.state));
	return renameat2(olddir, old, newdir, new, RENAME_NOREPLACE);
}

int
run_move(const struct run *r, enum run_state from, enum run_state to)
{
	char old[16], new[16];

	snprintf(old, sizeof old, "@%s", run_state_name(from));
	snprintf(new, sizeof new, "@%s", run_state_name(to));
	return renameat2(r->fd, old, r->fd, new, RENAME_NOREPLACE);
}

int
marker_due(int fd, int64_t at)
{
	struct timespec ts[2] = {{.tv_sec = at}, {.tv_sec = at}};

	return futimens(fd, ts);
}

int
marker_event(int fd, const char *event, const struct buf *fields,
    const struct buf *extra)
{
	struct buf b = BUF_INIT;
	char now[INSTANT_LEN];
	int r;

	instant_format_ms(now, clock_now());
	buf_fmt(&b, "%s\t%s", now, event);
	if (fields)
		buf_add(&b, fields->p, fields->n);
	buf_ch(&b, '\n');
	if (extra)
		buf_add(&b, extra->p, extra->n);
	if (b.err || (fields && fields->err)) {
		buf_free(&b);
		errno = ENOMEM;
		return -1;
	}
	r = write_all(fd, b.p, b.n);
	buf_free(&b);
	return r;
}

int
run_lock(const struct run *r)
{
	int x;

	do
		x = flock(r->fd, LOCK_EX);
	while (x < 0 && errno == EINTR);
	return x;
}

void
run_unlock(const struct run *r)
{
	flock(r->fd, LOCK_UN);
}

int
dag_lock(struct spool *sp, const char *dag)
{
	int fd, r, flags = O_RDONLY | O_DIRECTORY;

	fd = io_open(sp->runs, dag, flags, 0);
	if (fd < 0 && errno == ENOENT) {
		if (mkdirat(sp->runs, dag, 0700) < 0 && errno != EEXIST)
			return -1;
		if (sp->durable && fsync(sp->runs) < 0)
			return -1;
		fd = io_open(sp->runs, dag, flags, 0);
	}
	if (fd < 0)
		return -1;
	do
		r = flock(fd, LOCK_EX);
	while (r < 0 && errno == EINTR);
	if (r < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int
spool_dags(struct spool *sp, struct names *out)
{
	struct names live, old;
	size_t i = 0, j = 0, n = 0, bytes = 0;
	char **list, *p;
	int c;

	if (names_list(sp->fd, "runs", &live) < 0)
		return -1;
	if (names_list(sp->fd, "archive", &old) < 0) {
		names_free(&live);
		return -1;
	}
	for (size_t k = 0; k < live.n; k++)
		bytes += strlen(live.name[k]) + 1;
	for (size_t k = 0; k < old.n; k++)
		bytes += strlen(old.name[k]) + 1;
	list = malloc((live.n + old.n + 1) * sizeof *list + bytes);
	if (list) {
		p = (char *)(list + live.n + old.n + 1);
		while (i < live.n || j < old.n) {
			c = i == live.n ? 1 : j == old.n ? -1 :
			    strcmp(live.name[i], old.name[j]);
			const char *s = c <= 0 ? live.name[i] : old.name[j];

			i += c <= 0;
			j += c >= 0;
			if (!name_ok(s, strlen(s)))
				continue;
			list[n++] = p;
			p = stpcpy(p, s) + 1;
		}
		list[n] = NULL;
	}
	names_free(&live);
	names_free(&old);
	*out = (struct names){list, n};
	return list ? 0 : -1;
}

static int
by_time(const void *a, const void *b)
{
	const struct run_entry *x = a, *y = b;
	int c;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	c = strcmp(x->name, y->name);
	return c ? c : (int)x->archived - (int)y->archived;
}

/* adds a directory's runs to the list; names may end in .tar.gz */
static int
add_runs(const struct names *from, bool archived, struct run_entry **list,
    size_t *n)
{
	struct run_entry *l = realloc(*list, (*n + from->n + 1) * sizeof *l);
	struct run_entry *e;
	size_t len;

	if (!l)
		return -1;
	*list = l;
	for (size_t i = 0; i < from->n; i++) {
		e = &l[*n];
		len = strlen(from->name[i]);
		if (archived) {
			if (len < 7 || strcmp(from->name[i] + len - 7,
			    ".tar.gz") != 0)
				continue;
			len -= 7;
		}
		if (len > RUN_LEN)
			continue;
		memcpy(e->name, from->name[i], len);
		e->name[len] = '\0';
		e->archived = archived;
		if (run_name_parse(e->name, &e->time, NULL, &e->manual) == 0)
			++*n;
	}
	return 0;
}

int
spool_runs(struct spool *sp, const char *dag, bool archived,
    struct run_entry **out, size_t *n)
{
	struct run_entry *list = NULL;
	struct names names;
	char dir[NAME_LEN + 16];
	size_t kept = 0;
	int r;

	*n = 0;
	*out = NULL;
	for (int a = 0; a <= (int)archived; a++) {
		snprintf(dir, sizeof dir, "%s/%s", a ? "archive" : "runs", dag);
		if (names_list(sp->fd, dir, &names) < 0) {
			free(list);
			return -1;
		}
		r = add_runs(&names, a, &list, n);
		names_free(&names);
		if (r < 0) {
			free(list);
			return -1;
		}
	}
	if (*n)
		qsort(list, *n, sizeof *list, by_time);
	/* a run that is in both is the live one */
	for (size_t i = 0; i < *n; i++)
		if (kept == 0 || strcmp(list[kept - 1].name, list[i].name))
			list[kept++] = list[i];
	*n = kept;
	*out = list;
	return 0;
}
