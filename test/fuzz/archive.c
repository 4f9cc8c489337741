/* archive: any bytes as an archive: read to its end, or refused. */
#include <errno.h>

#include "buf.h"
#include "fuzz.h"
#include "tar.h"

static int
member(const struct tar_member *m, void *arg)
{
	char chunk[4096];
	int64_t got = 0;
	ssize_t n;

	(void)arg;
	MUST(m->name[0] && m->name[0] != '/' && !strstr(m->name, "../") &&
	    m->size >= 0);
	while ((n = tar_read(m, chunk, sizeof chunk)) > 0) {
		got += n;
		if (got > 1 << 22)
			return 1;
	}
	MUST(n < 0 || got <= m->size);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf why = BUF_INIT;
	int fd = fuzz_file(data, n);

	if (tar_each(fd, member, NULL, &why) < 0)
		MUST(why.n > 0 || errno == ENOMEM);
	close(fd);
	buf_free(&why);
	return 0;
}
