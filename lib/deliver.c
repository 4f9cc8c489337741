/* deliver: carries out what is due in the outbox. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deliver.h"
#include "io.h"
#include "notify.h"
#include "num.h"
#include "outbox.h"

extern char **environ;

enum { FACTS = 16, SAID = 500, FIRST = 30, MOST = 3600 };

/* NAME=VALUE, into a text that entries point into later */
static void
fact(struct buf *b, const char *name, const char *value)
{
	buf_fmt(b, "%s=%s", name, value ? value : "");
	buf_ch(b, '\0');
}

static void
facts(struct buf *b, const struct spool *sp, const struct rec *r)
{
	char dag[NAME_LEN + 1] = "", run[RUN_LEN + 1] = "";
	const char *slash = strchr(r->id, '/'), *last = strrchr(r->id, '/');

	if (slash) {
		snprintf(dag, sizeof dag, "%.*s", (int)(slash - r->id), r->id);
		snprintf(run, sizeof run, "%.*s",
		    (int)strcspn(slash + 1, "/"), slash + 1);
	}
	fact(b, "DAG_ID", r->id);
	fact(b, "DAG_NAME", dag);
	fact(b, "DAG_RUN", run);
	fact(b, "DAG_TASK", last != slash ? last + 1 : "");
	fact(b, "DAG_TIME", rec_get(r, "time"));
	fact(b, "DAG_EVENT", rec_get(r, "event"));
	fact(b, "DAG_STATE", rec_get(r, "state"));
	fact(b, "DAG_ATTEMPT", rec_get(r, "attempt"));
	fact(b, "DAG_EXIT", rec_get(r, "exit"));
	fact(b, "DAG_CAUSE", rec_get(r, "cause"));
	fact(b, "DAG_LOG", rec_get(r, "log"));
	fact(b, "DAG_SPOOL", sp->path);
}

/* the facts, and of what we have what does not look like them; malloc'ed */
static char **
environment(struct buf *text)
{
	size_t n = FACTS, i = 0;
	char **envp, *p;

	for (char **e = environ; *e; e++)
		n++;
	envp = calloc(n + 1, sizeof *envp);
	for (p = text->p; envp && p < text->p + text->n; p += strlen(p) + 1)
		envp[i++] = p;
	for (char **e = environ; envp && *e; e++)
		if (strncmp(*e, "DAG_", 4) != 0 ||
		    strncmp(*e, "DAG_NOW=", 8) == 0)
			envp[i++] = *e;
	return envp;
}

static void
become(const struct rec *r, char **envp, int out)
{
	char sh[] = "sh", c[] = "-c", *argv[] = {sh, c, NULL, NULL};
	const char *dir = rec_get(r, "dir"), *run = rec_get(r, "run");
	int null = open("/dev/null", O_RDONLY);

	argv[2] = (char *)(uintptr_t)(run ? run : "exit 1");
	setsid();
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	close_range(3, ~0U, 0);
	if (dir && chdir(dir) < 0)
		_exit(127);
	execve("/bin/sh", argv, envp);
	_exit(127);
}

/* the last of what it wrote */
static void
hear(int out, char said[SAID + 1])
{
	struct stat st;
	ssize_t n = -1;

	if (fstat(out, &st) == 0)
		n = pread(out, said, SAID, st.st_size > SAID ?
		    st.st_size - SAID : 0);
	while (n > 0 && said[n - 1] == '\n')
		n--;
	said[n > 0 ? n : 0] = '\0';
	for (char *p = said; n > 0 && p < said + n; p++)
		if (*p == '\0')
			*p = '?';
}

/* runs its command; 0 it is delivered, 1 not, and said is what it said */
static int
send_it(struct spool *sp, const struct rec *r, char said[SAID + 1])
{
	struct buf text = BUF_INIT;
	int out = memfd_create("notice", MFD_CLOEXEC), status = -1;
	struct pollfd p = {.fd = -1, .events = POLLIN};
	char **envp;
	pid_t pid;

	facts(&text, sp, r);
	envp = environment(&text);
	pid = envp && out >= 0 && !text.err ? fork() : -1;
	if (pid == 0)
		become(r, envp, out);
	snprintf(said, SAID + 1, "%s", strerror(errno));
	if (pid > 0) {
		p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
		if (p.fd < 0 || poll(&p, 1, DELIVER_TIME * 1000) != 1)
			kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		hear(out, said);
		if (WIFSIGNALED(status) && !said[0])
			snprintf(said, SAID + 1, "signal %s",
			    sigabbrev_np(WTERMSIG(status)));
	}
	if (p.fd >= 0)
		close(p.fd);
	if (out >= 0)
		close(out);
	free(envp);
	buf_free(&text);
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ?
	    0 : 1;
}

/* writes down that it was in vain, and when it is tried again */
static int
in_vain(struct spool *sp, const char *file, const struct rec *r,
    const char *said)
{
	const char *before = rec_get(r, "tries");
	struct buf b = BUF_INIT;
	int64_t n = 0, delay = FIRST;
	int x;

	if (before && num_parse(before, 0, 1000000, &n) < 0)
		n = 0;
	rec_begin(&b, "notice", r->id);
	for (size_t i = 0; i < r->nfield; i++)
		if (strcmp(r->field[i].key, "tries") != 0 &&
		    strcmp(r->field[i].key, "said") != 0)
			rec_put(&b, r->field[i].key, r->field[i].value);
	rec_putf(&b, "tries", "%lld", (long long)++n);
	rec_put(&b, "said", said);
	rec_end(&b);
	for (int64_t i = 1; i < n && delay < MOST; i++)
		delay *= 2;
	if (delay > MOST)
		delay = MOST;
	x = outbox_again(sp, file, &b, n % OUTBOX_TRIES == 0 ? 0 :
	    clock_seconds() + delay);
	buf_free(&b);
	return x;
}

static int
deliver(struct spool *sp, const char *file)
{
	struct buf text = BUF_INIT;
	struct rec r = {0};
	char said[SAID + 1];
	const char *v, *event, *cause;
	int64_t attempt = 0;
	int x = outbox_read(sp, "outbox", file, &text, &r), is;

	if (x < 0) {
		/* dagq --check tells of it */
		x = errno == ENOENT ? 0 :
		    outbox_later(sp, file, clock_seconds() + MOST);
		goto end;
	}
	if ((v = rec_get(&r, "attempt")) && num_parse(v, 0, INT32_MAX,
	    &attempt) < 0)
		attempt = 0;
	event = rec_get(&r, "event");
	cause = rec_get(&r, "cause");
	is = notify_true(sp, file, r.id, (unsigned)attempt, event ? event : "",
	    cause ? cause : "");
	if (is == 0)
		x = outbox_later(sp, file, clock_seconds() + 1);
	else if (is < 0 || send_it(sp, &r, said) == 0)
		x = outbox_remove(sp, file);
	else
		x = in_vain(sp, file, &r, said);
end:
	rec_free(&r);
	buf_free(&text);
	return x;
}

int
deliver_due(struct spool *sp)
{
	int dir = io_open(sp->fd, "outbox", O_RDONLY | O_DIRECTORY, 0), x, e;
	char dag[NAME_LEN + 1], run[RUN_LEN + 1];
	struct names in = {0};
	struct stat st;

	if (dir < 0)
		return errno == ENOENT ? 0 : -1;
	do
		x = flock(dir, LOCK_EX);
	while (x < 0 && errno == EINTR);
	if (x == 0)
		x = names_list(dir, ".", &in);
	for (size_t i = 0; i < in.n && x == 0; i++)
		if (outbox_name(in.name[i], dag, run) &&
		    fstatat(dir, in.name[i], &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_mtime <= clock_seconds())
			x = deliver(sp, in.name[i]);
	e = errno;
	names_free(&in);
	close(dir);
	errno = e;
	return x;
}
