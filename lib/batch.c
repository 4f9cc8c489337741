/* batch: tasks that were given to an engine together, a directory of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch.h"
#include "io.h"
#include "num.h"
#include "tree.h"
#include "who.h"

enum { TEXT_MAX = 256 << 20, DIGITS = 16 };

bool
batch_name_ok(const char *s)
{
	const char *dot = strchr(s, '.');

	return dot && name_ok(s, (size_t)(dot - s)) &&
	    strlen(dot + 1) == DIGITS &&
	    strspn(dot + 1, "0123456789abcdef") == DIGITS;
}

/* a file of a batch that is being built */
static int
put(struct spool *sp, int dir, const char *file, const struct buf *b)
{
	int fd, x;

	if (b->err) {
		errno = b->err;
		return -1;
	}
	fd = io_open(dir, file, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return -1;
	x = write_all(fd, b->p, b->n) < 0 || spool_sync(sp, fd) < 0 ? -1 : 0;
	return close(fd) < 0 ? -1 : x;
}

static int
fill(struct spool *sp, const char *tmp, const struct buf *line,
    const struct buf *tasks)
{
	int dir, x, e;

	if (mkdirat(sp->tmp, tmp, 0700) < 0)
		return -1;
	dir = io_open(sp->tmp, tmp, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return -1;
	x = put(sp, dir, "batch", line) < 0 ||
	    put(sp, dir, "tasks", tasks) < 0 || spool_sync(sp, dir) < 0 ?
	    -1 : 0;
	e = errno;
	close(dir);
	errno = e;
	return x;
}

static int
sync_all(struct spool *sp)
{
	int dir = io_open(sp->fd, "launch", O_RDONLY | O_DIRECTORY, 0), x;

	if (dir < 0)
		return -1;
	x = spool_sync(sp, dir);
	close(dir);
	return x;
}

int
batch_make(struct spool *sp, const char *launcher, const struct buf *fields,
    const struct buf *tasks, size_t n, unsigned pack, char name[BATCH_LEN])
{
	struct buf line = BUF_INIT;
	char tmp[64], path[BATCH_LEN + 16];
	unsigned long long id;
	int x;

	if (getrandom(&id, sizeof id, 0) != (ssize_t)sizeof id)
		return -1;
	snprintf(name, BATCH_LEN, "%.64s.%016llx", launcher, id);
	snprintf(path, sizeof path, "launch/%s", name);
	snprintf(tmp, sizeof tmp, "launch.%s", who_self());
	rec_begin(&line, "batch", name);
	rec_putf(&line, "tasks", "%zu", n);
	rec_putf(&line, "pack", "%u", pack);
	rec_putf(&line, "elements", "%zu", (n + pack - 1) / pack);
	buf_add(&line, fields->p, fields->n);
	rec_end(&line);
	tree_remove(sp->tmp, tmp);
	x = fill(sp, tmp, &line, tasks);
	if (x == 0)
		x = io_replace(sp->tmp, tmp, sp->fd, path);
	if (x == 0)
		x = sync_all(sp);
	buf_free(&line);
	return x;
}

/* the words of what is closed: INDEX WORD DETAIL, a line each; the first that
 * was said of an element counts */
static void
read_words(struct batch *b, char *text)
{
	char *line, *save, *end;
	unsigned long i;

	for (line = strtok_r(text, "\n", &save); line;
	    line = strtok_r(NULL, "\n", &save)) {
		i = strtoul(line, &end, 10);
		if (*end == ' ' && i >= 1 && i <= b->elements &&
		    !b->word[i - 1][0])
			snprintf(b->word[i - 1], BATCH_WORD, "%.*s",
			    (int)strcspn(end + 1, " "), end + 1);
	}
}

static int
read_tasks(struct batch *b)
{
	char *line, *save;
	size_t n = 0;

	if (io_read(b->fd, "tasks", &b->text, TEXT_MAX) < 0)
		return -1;
	for (size_t i = 0; i < b->text.n; i++)
		n += b->text.p[i] == '\n';
	b->task = calloc(n + 1, sizeof *b->task);
	if (!b->task)
		return -1;
	for (line = strtok_r(buf_cstr(&b->text), "\n", &save); line && b->n < n;
	    line = strtok_r(NULL, "\n", &save))
		b->task[b->n++] = line;
	return 0;
}

static int64_t
number(const struct batch *b, const char *key, int64_t most)
{
	const char *v = rec_get(&b->rec, key);
	int64_t n;

	return v && num_parse(v, 0, most, &n) == 0 ? n : 0;
}

static int
read_all(struct batch *b)
{
	struct buf t = BUF_INIT;
	struct stat st;
	int x = 0;

	if (io_read(b->fd, "batch", &b->line, REC_MAX) < 0)
		return -1;
	b->line.n = strcspn(buf_cstr(&b->line), "\n");
	if (rec_parse(&b->rec, buf_cstr(&b->line), b->line.n) != REC_OK)
		goto bad;
	b->pack = (unsigned)number(b, "pack", 1000000);
	if (read_tasks(b) < 0)
		return -1;
	if (!b->pack || b->n != (size_t)number(b, "tasks", INT32_MAX))
		goto bad;
	b->elements = (unsigned)((b->n + b->pack - 1) / b->pack);
	b->word = calloc(b->elements + 1, sizeof *b->word);
	if (!b->word)
		return -1;
	if (io_read(b->fd, "closed", &t, TEXT_MAX) == 0)
		read_words(b, buf_cstr(&t));
	else if (errno != ENOENT)
		x = -1;
	buf_reset(&t);
	if (x == 0 && fstatat(b->fd, "id", &st, AT_SYMLINK_NOFOLLOW) == 0)
		b->submitted = st.st_mtime;
	if (x == 0 && io_read(b->fd, "id", &t, BATCH_ID) == 0)
		snprintf(b->id, sizeof b->id, "%.*s",
		    (int)strcspn(buf_cstr(&t), "\n"), buf_cstr(&t));
	buf_free(&t);
	return x;
bad:
	errno = EINVAL;
	return -1;
}

int
batch_open(struct spool *sp, const char *name, struct batch *b)
{
	char path[BATCH_LEN + 16];
	int e;

	*b = (struct batch){.spool = sp, .fd = -1};
	if (!batch_name_ok(name)) {
		errno = EINVAL;
		return -1;
	}
	snprintf(b->name, sizeof b->name, "%s", name);
	snprintf(b->launcher, sizeof b->launcher, "%.*s",
	    (int)strcspn(name, "."), name);
	snprintf(path, sizeof path, "launch/%s", name);
	b->fd = io_open(sp->fd, path, O_RDONLY | O_DIRECTORY, 0);
	if (b->fd >= 0 && read_all(b) == 0)
		return 0;
	e = errno;
	batch_close(b);
	errno = e;
	return -1;
}

void
batch_close(struct batch *b)
{
	if (b->fd >= 0)
		close(b->fd);
	rec_free(&b->rec);
	buf_free(&b->line);
	buf_free(&b->text);
	free(b->task);
	free(b->word);
	*b = (struct batch){.fd = -1};
}

int
batch_submitted(struct batch *b, const char *id)
{
	struct buf t = BUF_INIT;
	int x;

	buf_fmt(&t, "%.*s\n", BATCH_ID - 1, id);
	x = io_write_file(b->spool->tmp, b->fd, "id", &t,
	    spool_durable(b->spool));
	buf_free(&t);
	if (x == 0) {
		snprintf(b->id, sizeof b->id, "%s", id);
		b->submitted = clock_seconds();
	}
	return x;
}

int
batch_end(struct batch *b, unsigned element, const char *word,
    const char *detail)
{
	struct buf t = BUF_INIT;
	int fd, x;

	if (element < 1 || element > b->elements || b->word[element - 1][0])
		return 0;
	fd = io_open(b->fd, "closed", O_WRONLY | O_APPEND | O_CREAT, 0600);
	if (fd < 0)
		return -1;
	buf_fmt(&t, "%u %s %s\n", element, word, detail);
	x = t.err ? -1 : write_all(fd, t.p, t.n);
	buf_free(&t);
	close(fd);
	if (x == 0)
		snprintf(b->word[element - 1], BATCH_WORD, "%s", word);
	return x;
}

int
batch_say(struct batch *b, const struct buf *lines)
{
	return io_write_file(b->spool->tmp, b->fd, "said", lines, false);
}

int
batch_remove(struct batch *b)
{
	char tmp[64], path[BATCH_LEN + 16];

	snprintf(path, sizeof path, "launch/%s", b->name);
	snprintf(tmp, sizeof tmp, "launch.%s", who_self());
	tree_remove(b->spool->tmp, tmp);
	if (io_replace(b->spool->fd, path, b->spool->tmp, tmp) < 0)
		return -1;
	return tree_remove(b->spool->tmp, tmp);
}

int
batch_word(struct spool *sp, const char *name, unsigned element,
    char word[BATCH_WORD])
{
	struct batch b;
	int x;

	word[0] = '\0';
	if (batch_open(sp, name, &b) < 0)
		return -1;
	x = 1;
	if (element >= 1 && element <= b.elements) {
		snprintf(word, BATCH_WORD, "%s", b.word[element - 1]);
		x = word[0] != '\0';
	}
	batch_close(&b);
	return x;
}

unsigned
batch_element(const struct batch *b, size_t task)
{
	return (unsigned)(task / b->pack) + 1;
}

int
batch_list(struct spool *sp, struct names *all)
{
	size_t n = 0;

	if (names_list(sp->fd, "launch", all) < 0)
		return -1;
	for (size_t i = 0; i < all->n; i++)
		if (batch_name_ok(all->name[i]))
			all->name[n++] = all->name[i];
	all->n = n;
	return 0;
}
