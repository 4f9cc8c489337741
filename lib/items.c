/* items: what a mapped task is mapped over, as a list. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "each.h"
#include "io.h"
#include "items.h"
#include "planmap.h"
#include "rec.h"
#include "words.h"

enum {
	VALUES_MAX = 256 << 20,	/* bytes of what one task leaves */
	ITEM_MAX = 128 << 10,	/* bytes of an item: execve(2) */
};

/* strings, one behind the other, each with a NUL */
struct strings {
	struct buf text;
	size_t n;
};

/* the items of a task: its lists, or, unless NULL, why there are none */
struct items {
	struct strings list[EACH_LISTS];
	unsigned lists;
	size_t n;		/* of the product */
	const char *fault;
};

static void
add_string(struct strings *s, const char *p, size_t n)
{
	buf_add(&s->text, p, n);
	buf_ch(&s->text, '\0');
	s->n++;
}

/* are n bytes that key, in which '-' is as '_'? */
static bool
is_key(const char *s, size_t n, const char *key)
{
	if (strlen(key) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((s[i] == '-' ? '_' : s[i]) !=
		    (key[i] == '-' ? '_' : key[i]))
			return false;
	return true;
}

/* adds what a task has left under a key */
static int
add_values(struct run *r, uint32_t task, const char *key, struct strings *to)
{
	char name[TASK_LEN + 1], file[TASK_LEN + 8];
	struct buf b = BUF_INIT;
	const char *s, *end, *nl, *eq;
	int x;

	snprintf(file, sizeof file, "out/%s", plan_name(r->plan, task, name));
	x = io_read(r->fd, file, &b, VALUES_MAX);
	if (x < 0 && errno == ENOENT)
		x = 0;
	for (s = b.p, end = s + b.n; x == 0 && s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (!nl)
			nl = end;
		eq = memchr(s, '=', (size_t)(nl - s));
		if (eq && is_key(s, (size_t)(eq - s), key))
			add_string(to, eq + 1, (size_t)(nl - eq - 1));
	}
	buf_free(&b);
	return x;
}

/* the values of a task, or of all its instances, in their order */
static int
add_reference(struct run *r, const char *list, size_t n, struct strings *to)
{
	int64_t t = plan_find(r->plan, list, n);
	const struct graph *g = &r->plan->graph;
	int x = 0;

	if (t < 0)
		return 0;
	if (!planmap_joint(r->plan, (uint32_t)t))
		return add_values(r, (uint32_t)t, list + n + 1, to);
	for (uint32_t e = g->upat[t]; e < g->upat[t + 1] && x == 0; e++)
		if (!planmap_gone(r->plan, g->up[e]))
			x = add_values(r, g->up[e], list + n + 1, to);
	return x;
}

static int
read_items(struct run *r, uint32_t task, struct items *it)
{
	struct buf b = BUF_INIT;
	char key[EACH_KEY], **word;
	const char *list;
	size_t n;
	int x = 0;

	*it = (struct items){.n = 1};
	while (x == 0 && it->lists < EACH_LISTS && (list = plan_get(r->plan,
	    task, each_key(key, it->lists), &b))) {
		struct strings *to = &it->list[it->lists++];

		if (each_reference(list, &n)) {
			x = add_reference(r, list, n, to);
		} else {
			word = words_split(list, NULL);
			for (size_t i = 0; word && word[i]; i++)
				add_string(to, word[i], strlen(word[i]));
			x = word || errno == EINVAL ? 0 : -1;
			free(word);
		}
		for (size_t i = 0, len; x == 0 && i < to->text.n;
		    i += len + 1) {
			len = strlen(to->text.p + i);
			if (len > ITEM_MAX)
				it->fault = "an item has more than 128 KiB";
		}
		if (to->text.err) {
			errno = to->text.err;
			x = -1;
		}
		if (to->n > EACH_ITEMS || it->n * to->n > EACH_ITEMS)
			it->fault = "there are more than 10000 items";
		it->n = it->fault ? 0 : it->n * to->n;
	}
	/* a list that cannot be had is not none */
	if (x == 0 && b.err) {
		errno = b.err;
		x = -1;
	}
	buf_free(&b);
	return x;
}

static void
free_items(struct items *it)
{
	for (unsigned i = 0; i < it->lists; i++)
		buf_free(&it->list[i].text);
}

/* the strings of a list as pointers; malloc'ed */
static const char **
pointers(const struct strings *s)
{
	const char **p = malloc((s->n + 1) * sizeof *p), *at = s->text.p;

	for (size_t i = 0; p && i < s->n; i++, at += strlen(at) + 1)
		p[i] = at;
	return p;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* are all keys names, and none there twice? */
static int
usable(const char *keys, size_t n, bool *good)
{
	const char **p = malloc((n + 1) * sizeof *p);

	*good = true;
	for (size_t i = 0; p && i < n; i++, keys += strlen(keys) + 1) {
		p[i] = keys;
		*good &= name_ok(keys, strlen(keys));
	}
	if (p && n > 0 && *good)
		qsort(p, n, sizeof *p, compare);
	for (size_t i = 1; p && i < n && *good; i++)
		*good = strcmp(p[i - 1], p[i]) != 0;
	free(p);
	return p ? 0 : -1;
}

/* keys and items of the product, the last list the fastest: the keys with a
 * NUL behind each, the items with a tab before each */
static int
multiply(const struct items *it, struct buf *keys, struct strings *rows)
{
	const char **item[EACH_LISTS] = {NULL};
	size_t at, left;
	int x = 0;

	for (unsigned k = 0; k < it->lists; k++)
		if (!(item[k] = pointers(&it->list[k])))
			x = -1;
	for (size_t i = 0; i < it->n && x == 0; i++) {
		at = it->n;
		left = i;
		for (unsigned k = 0; k < it->lists; k++) {
			at /= it->list[k].n;
			if (k > 0)
				buf_ch(keys, '-');
			buf_str(keys, item[k][left / at]);
			buf_ch(&rows->text, '\t');
			rec_escape(&rows->text, item[k][left / at],
			    strlen(item[k][left / at]));
			left %= at;
		}
		buf_ch(keys, '\0');
		buf_ch(&rows->text, '\0');
		rows->n++;
	}
	for (unsigned k = 0; k < it->lists; k++)
		free(item[k]);
	return x < 0 || keys->err || rows->text.err ? -1 : 0;
}

/* the list as text: what there is, in order */
static int
make_list(const struct items *it, struct buf *out)
{
	struct buf keys = BUF_INIT;
	struct strings rows = {BUF_INIT, 0};
	const char *key, *row;
	bool good = false;
	int x = multiply(it, &keys, &rows);

	if (x == 0)
		x = usable(keys.p, it->n, &good);
	key = keys.p;
	row = rows.text.p;
	for (size_t i = 0; i < it->n && x == 0; i++) {
		if (good)
			buf_str(out, key);
		else
			buf_fmt(out, "%zu", i + 1);
		buf_str(out, row);
		buf_ch(out, '\n');
		key += strlen(key) + 1;
		row += strlen(row) + 1;
	}
	buf_free(&keys);
	buf_free(&rows.text);
	return x < 0 || out->err ? -1 : 0;
}

int
items_list(struct run *r, uint32_t task, struct buf *list, const char **fault)
{
	struct items it;
	int x = read_items(r, task, &it);

	*fault = it.fault;
	if (x == 0 && !it.fault)
		x = make_list(&it, list);
	free_items(&it);
	return x;
}
