/* buf: a growable string of bytes. */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * err is sticky: it holds the errno of the first failure (ENOMEM), after
 * which every addition does nothing. So a text is built without a test a
 * line and err is looked at once, before the text is used.
 */
struct buf {
	char *p;
	size_t n, cap;
	int err;
};

#define BUF_INIT {NULL, 0, 0, 0}

/* makes room for n more bytes; 0, or -1 with errno (and err) ENOMEM */
int buf_need(struct buf *, size_t n);
/* appends n bytes */
void buf_add(struct buf *, const void *, size_t n);
/* appends a string */
void buf_str(struct buf *, const char *);
/* appends one byte */
void buf_ch(struct buf *, char);
/* appends what printf would print */
void buf_fmt(struct buf *, const char *, ...)
	__attribute__((format(printf, 2, 3)));
/* empties it and forgets err; keeps the memory */
void buf_reset(struct buf *);
/* frees the memory; the buffer can be used again */
void buf_free(struct buf *);
/* the text, terminated by a NUL that is not counted; "" if memory failed */
char *buf_cstr(struct buf *);
/* reads fd to its end; at most max bytes (EFBIG); 0, or -1 and errno */
int buf_read(struct buf *, int fd, size_t max);
/* the same of a regular file of at least size bytes: behind these a read that
 * brings less than there is room for has met its end, and none is made in
 * vain to be told so */
int buf_read_file(struct buf *, int fd, size_t size, size_t max);
/* of a file that is long: is there no NUL in it? Nothing of it is kept, so one
 * with holes takes no memory, whatever its size. 1, 0, or -1 and errno */
int file_is_text(int fd, size_t size);
/* writes all n bytes, whatever the signals; 0, or -1 and errno */
int write_all(int fd, const void *, size_t n);

#endif
