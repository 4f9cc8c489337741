/*
 * oldcalls: system calls that valgrind does not know, made of older ones.
 *
 * Preloaded into what is counted. Valgrind 3.19 answers ENOSYS to openat2(2),
 * whose promise about links is not what is measured, and to close_range(2).
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

long
syscall(long number, ...)
{
	static long (*next)(long, ...);
	const struct open_how *how;
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_openat2) {
		how = (const struct open_how *)a[2];
		return openat((int)a[0], (const char *)a[1], (int)how->flags,
		    (mode_t)how->mode);
	}
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int
close_range(unsigned first, unsigned last, int flags)
{
	(void)flags;
	for (unsigned fd = first; fd <= last && fd < 256; fd++)
		close((int)fd);
	return 0;
}
