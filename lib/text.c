/* text: bytes of others made fit to be shown: on a terminal, in JSON. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "text.h"

size_t
text_character(const unsigned char *s, size_t n, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 :
	    s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	if (len == 0 || len > n)
		return 0;
	*c = len == 1 ? s[0] : s[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (*c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return len;
}

bool
text_turns(uint32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static bool
control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || text_turns(c);
}

static void
plain(struct buf *b, const char *s, size_t n, const char *keep)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + n;
	uint32_t c = 0;
	size_t len;

	for (; p < end; p += len) {
		len = text_character(p, (size_t)(end - p), &c);
		if (len && (!control(c) || (c && strchr(keep, (int)c))))
			buf_add(b, p, len);
		else if (len && c == '\n')
			buf_str(b, "\\n");
		else if (len && c == '\t')
			buf_str(b, "\\t");
		else if (len && c == '\r')
			buf_str(b, "\\r");
		else {
			len = len ? len : 1;
			for (size_t i = 0; i < len; i++)
				buf_fmt(b, "\\x%02x", p[i]);
		}
	}
}

void
text_plain(struct buf *b, const char *s, size_t n)
{
	plain(b, s, n, "");
}

void
text_lines(struct buf *b, const char *s, size_t n)
{
	plain(b, s, n, "\n\t");
}

void
text_json(struct buf *b, const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + n;
	uint32_t c = 0;
	size_t len;

	buf_ch(b, '"');
	for (; p < end; p += len) {
		len = text_character(p, (size_t)(end - p), &c);
		if (len == 0) {
			buf_str(b, "\xef\xbf\xbd");
			len = 1;
		} else if (c == '"' || c == '\\')
			buf_fmt(b, "\\%c", (int)c);
		else if (control(c))
			buf_fmt(b, "\\u%04x", (unsigned)c);
		else
			buf_add(b, p, len);
	}
	buf_ch(b, '"');
}

void
text_json_str(struct buf *b, const char *key, const char *value)
{
	if (!*value)
		return;
	buf_fmt(b, ",\"%s\":", key);
	text_json(b, value, strlen(value));
}

/* is it a number as JSON spells them, without a sign or an exponent? */
static bool
number(const char *s)
{
	size_t n = strspn(s, "0123456789");

	if (n == 0 || (n > 1 && s[0] == '0'))
		return false;
	if (s[n] == '.') {
		s += n + 1;
		n = strspn(s, "0123456789");
	}
	return n > 0 && !s[n];
}

void
text_json_num(struct buf *b, const char *key, const char *value)
{
	if (number(value))
		buf_fmt(b, ",\"%s\":%s", key, value);
	else
		text_json_str(b, key, value);
}

size_t
text_width(const char *s, size_t n)
{
	size_t width = 0;

	for (size_t i = 0; i < n; i++)
		width += (s[i] & 0xc0) != 0x80;
	return width;
}
