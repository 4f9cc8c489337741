/*
 * prememory: the allocations that preload.so makes fail; none in a build where
 * a sanitizer has put its own in their place.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "preload.h"

#ifndef SANITIZED

/* the C library's own, by the names that need no dlsym(3), which allocates */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

void *
malloc(size_t n)
{
	if (!hit_memory(__builtin_return_address(0)))
		return __libc_malloc(n);
	errno = ENOMEM;
	return NULL;
}

void *
calloc(size_t n, size_t size)
{
	if (!hit_memory(__builtin_return_address(0)))
		return __libc_calloc(n, size);
	errno = ENOMEM;
	return NULL;
}

void *
realloc(void *p, size_t n)
{
	if (!hit_memory(__builtin_return_address(0)))
		return __libc_realloc(p, n);
	errno = ENOMEM;
	return NULL;
}

#endif
