/* hash: FNV-1a, 64 bits: whether bytes are the same as they were. */
#include "hash.h"

uint64_t
hash_add(uint64_t h, const void *p, size_t n)
{
	const unsigned char *s = p;

	while (n--)
		h = (h ^ *s++) * UINT64_C(1099511628211);
	return h;
}
