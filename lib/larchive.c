/* larchive: libarchive(3), loaded when it is first needed. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "larchive.h"

/* dlsym(3) gives an object's pointer for a function's: POSIX has it so */
#define LOAD(f) \
	*(void **)&la.f = dlsym(handle, #f); \
	whole &= la.f != NULL;

const struct larchive *
larchive_load(void)
{
	static struct larchive la;
	static bool whole;
	void *handle;

	if (whole)
		return &la;
	handle = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
	if (handle) {
		whole = true;
		LARCHIVE_EACH(LOAD)
	}
	if (!whole)
		errno = ENOPKG;
	return whole ? &la : NULL;
}
