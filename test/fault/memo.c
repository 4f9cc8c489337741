/* memo: states of a spool that have been put right once already. */
#include <ctype.h>
#include <ftw.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "memo.h"

enum { SLOTS = 1 << 18 };

static struct table {
	atomic_size_t n;
	_Atomic uint64_t slot[SLOTS];
} *table;

void
memo_begin(void)
{
	table = mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED)
		case_die("mmap");
}

static uint64_t
mix(uint64_t h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * UINT64_C(1099511628211);
	return h;
}

/*
 * The text, each number in it that may be a time, a size or a process's as #:
 * those of one digit are kept (attempts, states), and what is an exit code.
 */
static uint64_t
mix_text(uint64_t h, const char *p, size_t n)
{
	const char *end = p + n, *from, *start = p;
	bool keep;

	while (p < end) {
		for (from = p; p < end && !isdigit((unsigned char)*p); p++)
			;
		h = mix(h, from, (size_t)(p - from));
		for (from = p; p < end && isdigit((unsigned char)*p); p++)
			;
		if (p == from)
			continue;
		keep = from - start >= 5 && memcmp(from - 5, "exit=", 5) == 0;
		keep |= p - from == 1 && from > start && from[-1] != '.' &&
		    (p == end || *p != '.');
		h = keep ? mix(h, from, (size_t)(p - from)) : mix(h, "#", 1);
	}
	return h;
}

static struct {
	const char *dir;
	uint64_t sum;
} walk;

static int
look(const char *path, const struct stat *st, int type, struct FTW *w)
{
	const char *name = path + strlen(walk.dir);
	uint64_t h = UINT64_C(14695981039346656037);
	bool numbered = strncmp(name, "/spool/tmp", 10) == 0 ||
	    strncmp(name, "/spool/workers", 14) == 0;
	time_t t = st->st_mtim.tv_sec;
	char *text, kind[3] = {(char)type, t == 0 ? '0' : t == 1 ? '1' : 't'};

	/* what programs said, and where a fault struck */
	if (w->level == 1 && (strcmp(name, "/out") == 0 ||
	    strcmp(name, "/spool.hit") == 0))
		return 0;
	h = numbered ? mix_text(h, name, strlen(name)) :
	    mix(h, name, strlen(name));
	h = mix(h, kind, type == FTW_F ? 2 : 1);
	h = mix(h, (const char *)&st->st_mode, sizeof st->st_mode);
	if (type == FTW_F && (text = slurp("%s", path))) {
		h = mix_text(h, text, strlen(text));
		free(text);
	}
	walk.sum += h;	/* in whatever order the names come */
	return 0;
}

uint64_t
memo_state(struct kase *k, uint64_t salt)
{
	walk.dir = k->dir;
	walk.sum = 0;
	nftw(k->dir, look, 16, FTW_PHYS);
	return mix(walk.sum, (const char *)&salt, sizeof salt) | 1;
}

bool
memo_has(uint64_t state)
{
	for (size_t i = 0; i < SLOTS; i++) {
		uint64_t is = table->slot[(state + i) % SLOTS];

		if (is == state || is == 0)
			return is == state;
	}
	return false;
}

bool
memo_add(uint64_t state)
{
	for (size_t i = 0; i < SLOTS / 2; i++) {
		uint64_t is = 0;

		if (atomic_compare_exchange_strong(
		    &table->slot[(state + i) % SLOTS], &is, state)) {
			table->n++;
			return true;
		}
		if (is == state)
			return false;
	}
	return false;
}

size_t
memo_count(void)
{
	return table->n;
}
