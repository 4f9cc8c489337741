/* preload: what the parts of preload.so have in common. */
#ifndef PRELOAD_H
#define PRELOAD_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* what is to go wrong in this process, and how far it is */
struct fault_now {
	bool on;
	char spool[512], class[32], log[512], ops[512], ledger[512];
	size_t nspool;
	unsigned long k, at, allocations;
	bool armed, kill, cut, forever, memory;
	int err;
	unsigned storm, forks;
	long pid;
	char want[32];
	time_t epoch;		/* see clock_gettime */
};

extern struct fault_now f HIDDEN;
extern long (*real_syscall)(long, ...) HIDDEN;

/* in a function of that name: the C library's own, as real */
#define REAL(name) \
	static __typeof__(&name) real; \
	if (!real) \
		*(void **)&real = dlsym(RTLD_NEXT, #name)

enum { CUT = -1 };	/* in a list of errnos: it can be short */

/* does this descriptor, or this path beneath it, lie in the spool? */
bool touches(int fd, const char *path) HIDDEN;
/* these descriptors are closed, or others now */
void forget(unsigned from, unsigned to) HIDDEN;
/* it was opened by that path beneath that descriptor */
void learn(int opened, int fd, const char *path) HIDDEN;
/* a path beneath a descriptor, from the spool on, or "" */
const char *within(int fd, const char *path, char out[1024]) HIDDEN;
/* a change was made: WHAT, how long the ledger is, the names, then bytes */
void op(char what, const char *a, const char *b, const void *data, size_t n)
	HIDDEN;
/* the next call on the spool: 0 go on, CUT, or the errno it is to fail with */
int hit(const char *name, const int *can, const char *path) HIDDEN;
/* the next allocation, made by what calls from there: is it to fail? */
bool hit_memory(const void *caller) HIDDEN;

#define CAN(...) ((const int []){__VA_ARGS__, 0})
/* fails, if this call is to fail */
#define FAIL(name, fd, path, ...) do { \
	int e_ = touches(fd, path) ? \
	    hit(name, CAN(__VA_ARGS__), path) : 0; \
	if (e_ > 0) { \
		errno = e_; \
		return -1; \
	} \
} while (0)
#define CHANGES ENOSPC, EIO, EACCES, EROFS, ENOMEM

#endif
