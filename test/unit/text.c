/* text: numbers, durations, names, words and escapes, right and wrong. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "name.h"
#include "num.h"
#include "rec.h"
#include "words.h"

#include "tap.h"

static const struct {
	const char *text;
	int64_t value;		/* -1: not to be read */
} number[] = {
	{"0", 0}, {"7", 7}, {"99", 99}, {"100", 100}, {"101", -1},
	{"", -1}, {" 1", -1}, {"1 ", -1}, {"+1", -1}, {"-1", -1}, {"1.0", -1},
	{"0x10", -1}, {"1e1", -1}, {"ten", -1},
	{"99999999999999999999999", -1},
}, duration[] = {
	{"0s", 0}, {"30s", 30}, {"5m", 300}, {"1h30m", 5400}, {"2d", 172800},
	{"1w", 604800}, {"1w2d3h4m5s", 604800 + 2 * 86400 + 3 * 3600 + 245},
	{"90m", 5400}, {"007s", 7},
	{"", -1}, {"5", -1}, {"m", -1}, {"5 m", -1}, {"5m ", -1}, {"-5m", -1},
	{"30m1h", -1}, {"1h1h", -1}, {"1.5h", -1}, {"5M", -1}, {"1y", -1},
	{"101y", -1}, {"99999999999999999999w", -1}, {"5300w", -1},
};

static void
numbers(void)
{
	struct buf b = BUF_INIT;
	int64_t v, again;
	int r;

	for (size_t i = 0; i < sizeof number / sizeof *number; i++) {
		r = num_parse(number[i].text, 0, 100, &v);
		ok(number[i].value < 0 ? r < 0 : r == 0 &&
		    v == number[i].value, "number \"%s\"", number[i].text);
	}
	for (size_t i = 0; i < sizeof duration / sizeof *duration; i++) {
		r = dur_parse(duration[i].text, &v);
		ok(duration[i].value < 0 ? r < 0 : r == 0 &&
		    v == duration[i].value, "duration \"%s\"",
		    duration[i].text);
		if (r < 0)
			continue;
		buf_reset(&b);
		dur_format(&b, v);
		ok(dur_parse(buf_cstr(&b), &again) == 0 && again == v,
		    "duration \"%s\" is \"%s\"", duration[i].text,
		    buf_cstr(&b));
	}
	buf_free(&b);
}

static void
names(void)
{
	static const char *const good[] = {"a", "A-b_c9", "_", "9", "a-"};
	static const char *const bad[] = {"", "-a", "a/b", "..", ".", "a b",
		"a.b", "a\n", "\303\244", "a+b", "@", "\177"};
	static const char *const keys[] = {"retries", "run", "after", NULL};
	char name[NAME_LEN + 2], var[NAME_LEN + 1], longer[201];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ok(name_ok(good[i], strlen(good[i])), "name %s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!name_ok(bad[i], strlen(bad[i])), "no name, case %zu", i);
	memset(name, 'x', sizeof name);
	ok(name_ok(name, NAME_LEN), "a name of 64 bytes");
	ok(!name_ok(name, NAME_LEN + 1), "no name of 65 bytes");
	ok(!name_ok("a\0b", 3), "no name with a NUL in it");
	name_to_var(var, "a-b_c", 5);
	ok(strcmp(var, "a_b_c") == 0, "a name as a variable");
	ok(name_nearest("retrys", keys) == keys[0], "retrys: retries");
	ok(name_nearest("rum", keys) == keys[1], "rum: run");
	ok(name_nearest("elephant", keys) == NULL, "elephant: nothing");
	memset(longer, 'x', 200);
	longer[200] = '\0';
	ok(name_nearest(longer, keys) == NULL, "200 bytes: nothing");
}

static const struct {
	const char *text;
	const char *words;	/* separated by |; NULL: a quote is open */
} list[] = {
	{"", ""}, {" \t\n", ""}, {"a", "a|"}, {" a  b ", "a|b|"},
	{"A=1 B=\"two words\"", "A=1|B=two words|"}, {"'a b'c", "a bc|"},
	{"\"\"", "|"}, {"'' \"\"", "||"}, {"a'\"'b", "a\"b|"},
	{"a\\ b", "a\\|b|"}, {"a\\\"b c\"", "a\\b c|"},
	{"\"a", NULL}, {"a '", NULL}, {"it's", NULL},
};

static void
lists(void)
{
	struct buf b = BUF_INIT;
	char **words;
	size_t n;

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		buf_reset(&b);
		words = words_split(list[i].text, &n);
		for (size_t k = 0; words && k < n; k++)
			buf_fmt(&b, "%s|", words[k]);
		ok(words ? list[i].words && words[n] == NULL &&
		    strcmp(buf_cstr(&b), list[i].words) == 0 :
		    !list[i].words && errno == EINVAL, "words, case %zu", i);
		free(words);
	}
	buf_free(&b);
}

static const struct {
	const char *line;
	bool good;
} line[] = {
	{"dag\ta", true}, {"dag\ta\tk=v\tk=w", true}, {"x\ty\tk=", true},
	{"run\ta/b\tk=a\\tb\\\\\\n", true}, {"task\ta/b\tk=x=y", true},
	{"", false}, {"dag", false}, {"dag\t", false}, {"\ta", false},
	{"dag\t\tk=v", false}, {"dag\ta\tk", false}, {"dag\ta\t", false},
	{"dag\ta\t=v", false}, {"dag\ta\tk=\\x", false},
	{"dag\ta\tk=\\", false},
};

static void
records(void)
{
	static const char odd[] = "a\tb\\c\nd\re\303\244\1";
	struct buf b = BUF_INIT, back = BUF_INIT;
	struct rec rec = {0};

	for (size_t i = 0; i < sizeof line / sizeof *line; i++)
		ok((rec_parse(&rec, line[i].line, strlen(line[i].line)) ==
		    REC_OK) == line[i].good, "record, case %zu", i);
	ok(rec_parse(&rec, "a\tb\tk=v\0w", 10) == REC_BAD,
	    "no record with a NUL in it");
	ok(rec_parse(&rec, "a\tb\tk=v\tk=w\te=\\t", 16) == REC_OK &&
	    strcmp(rec.kind, "a") == 0 && strcmp(rec.id, "b") == 0 &&
	    strcmp(rec_get(&rec, "k"), "v") == 0 &&
	    strcmp(rec_get(&rec, "e"), "\t") == 0 && !rec_get(&rec, "x"),
	    "a record's fields");
	rec_escape(&b, odd, strlen(odd));
	ok(strcmp(buf_cstr(&b), "a\\tb\\\\c\\nd\\re\303\244\1") == 0,
	    "what is escaped");
	ok(rec_unescape(&back, b.p, b.n) == 0 &&
	    strcmp(buf_cstr(&back), odd) == 0, "and back");
	rec_free(&rec);
	buf_free(&b);
	buf_free(&back);
}

int
main(void)
{
	numbers();
	names();
	lists();
	records();
	return tap_end();
}
