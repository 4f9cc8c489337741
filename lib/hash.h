/* hash: FNV-1a, 64 bits: whether bytes are the same as they were. */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_EMPTY UINT64_C(14695981039346656037)

/* the hash of what h is the hash of, and n bytes more */
uint64_t hash_add(uint64_t h, const void *, size_t n);

#endif
