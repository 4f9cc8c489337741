/*
 * run: a fuzz target without libFuzzer: the corpus, and all that is near it.
 *
 *	TARGET FILE...
 *
 * Gives the target each file as it is, cut off at each byte, and with each
 * single bit of it flipped (of the first 512 bytes). Prints a line of figures.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fuzz.h"

enum { NEAR = 512 };

static unsigned long count;

static void
give(const uint8_t *data, size_t n)
{
	/* of its very size, so that a byte beyond is noticed */
	uint8_t *copy = malloc(n ? n : 1);

	MUST(copy);
	memcpy(copy, data, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	count++;
}

static int
one(const char *path)
{
	struct stat st;
	uint8_t *data;
	int fd = open(path, O_RDONLY);
	size_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	n = (size_t)st.st_size;
	data = malloc(n + 1);
	if (!data || read(fd, data, n) != (ssize_t)n)
		return -1;
	close(fd);
	give(data, n);
	for (size_t i = 0; i < n; i++)
		if (i < NEAR || i % (n / NEAR) == 0)
			give(data, i);
	for (size_t i = 0; i < n && i < NEAR; i++)
		for (int bit = 0; bit < 8; bit++) {
			data[i] ^= (uint8_t)(1 << bit);
			give(data, n);
			data[i] ^= (uint8_t)(1 << bit);
		}
	free(data);
	return 0;
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (one(argv[i]) < 0) {
			perror(argv[i]);
			return 1;
		}
	printf("%d seeds, %lu inputs\n", argc - 1, count);
	return argc == 1;
}
