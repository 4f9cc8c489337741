/* fuzz: what the fuzz targets have in common. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* libFuzzer calls it, or run.c */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* a promise that must hold whatever the input is */
#define MUST(x) do { if (!(x)) abort(); } while (0)

/* a file that holds the input */
static inline int
fuzz_file(const uint8_t *data, size_t n)
{
	int fd = memfd_create("fuzz", 0);

	if (fd < 0 || (n && write(fd, data, n) != (ssize_t)n) ||
	    lseek(fd, 0, SEEK_SET) < 0)
		abort();
	return fd;
}

/* the input as a string */
static inline char *
fuzz_string(const uint8_t *data, size_t n)
{
	char *s = malloc(n + 1);

	MUST(s);
	if (n)
		memcpy(s, data, n);
	s[n] = '\0';
	return s;
}

#endif
