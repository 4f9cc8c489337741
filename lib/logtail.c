/* logtail: the end of an attempt's log, as its marker keeps it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "logtail.h"

enum { LOG_TAIL = 2048 };	/* bytes */

void
logtail_put(const struct run *r, const char *task, unsigned n,
    struct buf *out)
{
	char text[LOG_TAIL], file[FILE_LEN], *line, *end;
	struct stat st;
	ssize_t len;
	int fd;

	snprintf(file, sizeof file, "log/%s.%u", task, n);
	fd = io_open_file(r->fd, file, O_RDONLY, 0);
	if (fd < 0)
		return;
	len = fstat(fd, &st) < 0 ? -1 : pread(fd, text, sizeof text,
	    st.st_size > LOG_TAIL ? st.st_size - LOG_TAIL : 0);
	close(fd);
	line = text;
	end = len > 0 ? text + len : text;
	if (len > 0 && st.st_size > LOG_TAIL)
		while (line < end && *line++ != '\n')
			;
	while (line < end) {
		char *nl = memchr(line, '\n', (size_t)(end - line));

		if (!nl)
			nl = end;
		buf_str(out, "| ");
		for (; line < nl; line++)
			buf_ch(out, *line ? *line : '?');
		buf_ch(out, '\n');
		line = nl + 1;
	}
}
