/*
 * body: what the tasks of the fault suite do: they keep a ledger, outside
 * of the spool, that says when each ran; a second copy of one is noticed.
 *
 *	body [want NAME=VALUE] [ok | fail | skip | tries N | looks N |
 *	    value K=V | nap MS]
 *
 * $LEDGER/ledger gets "start ID ATTEMPT PID" and "end ID ATTEMPT EXIT"; for
 * as long as it runs it holds a lock on $LEDGER/lock.ID. With want it exits
 * with 1 at once unless that variable is set so. $BODY_OPS is a file that gets
 * what it changes in the spool, as preload.c's FAULT_OPS has it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <time.h>

#include "bare.h"

enum { PATH = 1024 };

static char **vars, path[PATH];
static const char *id, *attempt;
static int ledger;

static bool
same(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return *a == *b;
}

static size_t
length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

/* appends to what has PATH bytes */
static char *
add(char *end, const char *text)
{
	while (*text && end < path + PATH - 1)
		*end++ = *text++;
	*end = '\0';
	return end;
}

static char *
add_number(char *end, long n)
{
	char digits[24], *p = digits + sizeof digits - 1;

	*p = '\0';
	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	return add(end, p);
}

static int
number(const char *s)
{
	int n = 0;

	while (*s >= '0' && *s <= '9')
		n = 10 * n + *s++ - '0';
	return n;
}

static const char *
get(const char *name)
{
	size_t n = length(name), i;

	for (char **v = vars; *v; v++) {
		for (i = 0; i < n && (*v)[i] == name[i]; i++)
			;
		if (i == n && (*v)[n] == '=')
			return *v + n + 1;
	}
	return NULL;
}

static const char *
need(const char *name)
{
	const char *v = get(name);

	if (!v)
		bare_exit(97);
	return v;
}

static bool
wanted(const char *setting)
{
	for (char **v = vars; *v; v++)
		if (same(*v, setting))
			return true;
	return false;
}

/* path is DIR/WHAT.ID, the ID's slashes as @; its end */
static char *
name_it(const char *dir, const char *what)
{
	char *p = add(add(path, dir), "/"), *end;

	end = add(add(p, what), id);
	for (; p < end; p++)
		if (*p == '/')
			*p = '@';
	return end;
}

static void
note(const char *what, long n)
{
	char *end = add(add(add(add(add(add(path, what), " "), id), " "),
	    attempt), " ");
	long len;

	end = add(add_number(end, n), "\n");
	len = end - path;
	if (bare_write(ledger, path, (size_t)len) != len)
		bare_exit(98);
}

/* has this been done n times? counts by names, which a crash cannot tear */
static bool
done(const char *dir, int n)
{
	for (int i = 1; i <= n; i++) {
		add_number(add(name_it(dir, "count."), "."), i);
		if (bare_mkdir(path, 0700) == 0)
			return false;
	}
	return true;
}

/* for replay.c: WHAT, how long the ledger is, the file's name, its bytes */
static void
op(const char *what, const char *file, const char *bytes)
{
	const char *ops = get("BODY_OPS");
	static const char hex[] = "0123456789abcdef";
	char *end, byte[3] = "";
	int fd;

	if (!ops)
		return;
	file += length(need("DAG_SPOOL")) + 1;
	end = add_number(add(add(path, what), " "), bare_size(ledger));
	end = add(add(add(end, " "), file), " - ");
	for (; bytes && *bytes; bytes++) {
		byte[0] = hex[(unsigned char)*bytes >> 4];
		byte[1] = hex[*bytes & 15];
		end = add(end, byte);
	}
	end = add(end, bytes ? "0a\n" : "\n");
	fd = (int)bare_open(ops, O_WRONLY | O_APPEND, 0);
	bare_write(fd, path, (size_t)(end - path));
}

static int
leave_value(const char *value)
{
	const char *out = need("DAG_OUT");
	size_t n = length(value);
	int how = O_WRONLY | O_APPEND | O_CREAT;
	int fd = (int)bare_open(out, how | O_EXCL, 0600);

	if (fd >= 0)
		op("C", out, NULL);
	else
		fd = (int)bare_open(out, how, 0600);
	if (fd < 0 || bare_write(fd, value, n) != (long)n ||
	    bare_write(fd, "\n", 1) != 1)
		return 5;
	op("W", out, value);
	return 0;
}

static int
act(const char *how, const char *arg, const char *dir)
{
	if (same(how, "fail"))
		return 3;
	if (same(how, "skip"))
		return 99;
	if (same(how, "tries"))
		return done(dir, number(arg)) ? 0 : 4;
	if (same(how, "looks"))
		return done(dir, number(arg)) ? 0 : 75;
	if (same(how, "nap"))
		bare_nap(number(arg));
	if (same(how, "value"))
		return leave_value(arg);
	return 0;
}

int
body(int argc, char **argv, char **env)
{
	const char *dir;
	int lock, code;

	vars = env;
	if (argc > 2 && same(argv[1], "want")) {
		if (!wanted(argv[2]))
			return 1;
		argv += 2;
		argc -= 2;
	}
	dir = need("LEDGER");
	id = need("DAG_ID");
	attempt = need("DAG_ATTEMPT");
	/* the lowest number: closed, so freed, before the spool's lock is */
	name_it(dir, "lock.");
	lock = (int)bare_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	add(add(path, dir), "/ledger");
	ledger = (int)bare_open(path, O_WRONLY | O_APPEND | O_CREAT |
	    O_CLOEXEC, 0600);
	if (lock < 0 || ledger < 0)
		return 96;
	if (bare_flock(lock, LOCK_EX | LOCK_NB) < 0)
		note("overlap", EWOULDBLOCK);
	note("start", bare_pid());
	code = act(argc > 1 ? argv[1] : "ok", argc > 2 ? argv[2] : "", dir);
	note("end", code);
	return code;
}
