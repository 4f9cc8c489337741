/*
 * body: what the tasks of the fault suite do: they keep a ledger, outside
 * of the spool, that says when each ran; a second copy of one is noticed.
 *
 *	body [ok | fail | skip | tries N | looks N | value K=V | nap MS]
 *
 * $LEDGER/ledger gets "start ID ATTEMPT PID" and "end ID ATTEMPT EXIT"; for
 * as long as it runs it holds a lock on $LEDGER/lock.ID.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *id, *attempt;
static int ledger;

static void
note(const char *what, long number)
{
	char line[512];
	int n = snprintf(line, sizeof line, "%s %s %s %ld\n", what, id,
	    attempt, number);

	if (write(ledger, line, (size_t)n) != n)
		_exit(98);
}

static const char *
need(const char *name)
{
	const char *v = getenv(name);

	if (!v)
		_exit(97);
	return v;
}

/* has this been done n times? counts by names, which a crash cannot tear */
static int
done(const char *dir, int n)
{
	char path[1024];

	for (int i = 1; i <= n; i++) {
		snprintf(path, sizeof path, "%s/count.%s.%d", dir, id, i);
		for (char *p = path + strlen(dir) + 1; *p; p++)
			if (*p == '/')
				*p = '@';
		if (mkdir(path, 0700) == 0)
			return 0;
	}
	return 1;
}

int
main(int argc, char **argv)
{
	const char *dir = need("LEDGER"), *how = argc > 1 ? argv[1] : "ok";
	const char *arg = argc > 2 ? argv[2] : "";
	char path[1024];
	int lock, code = 0, fd;

	id = need("DAG_ID");
	attempt = need("DAG_ATTEMPT");
	/* the lowest number: closed, so freed, before the spool's lock is */
	snprintf(path, sizeof path, "%s/lock.%s", dir, id);
	for (char *p = path + strlen(dir) + 1; *p; p++)
		if (*p == '/')
			*p = '@';
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	snprintf(path, sizeof path, "%s/ledger", dir);
	ledger = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0 || ledger < 0)
		return 96;
	if (flock(lock, LOCK_EX | LOCK_NB) < 0)
		note("overlap", errno);
	note("start", (long)getpid());
	if (strcmp(how, "fail") == 0)
		code = 3;
	else if (strcmp(how, "skip") == 0)
		code = 99;
	else if (strcmp(how, "tries") == 0)
		code = done(dir, atoi(arg)) ? 0 : 4;
	else if (strcmp(how, "looks") == 0)
		code = done(dir, atoi(arg)) ? 0 : 75;
	else if (strcmp(how, "nap") == 0)
		poll(NULL, 0, atoi(arg));
	else if (strcmp(how, "value") == 0) {
		fd = open(need("DAG_OUT"), O_WRONLY | O_APPEND | O_CREAT,
		    0600);
		if (fd < 0 || write(fd, arg, strlen(arg)) < 0 ||
		    write(fd, "\n", 1) < 0)
			code = 5;
	}
	note("end", code);
	return code;
}
