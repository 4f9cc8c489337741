/* html: any text made fit for a page: HTML or SVG. */
#include <string.h>

#include "html.h"
#include "text.h"

void
html_text(struct buf *b, const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	uint32_t c = 0;
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		len = text_character(s + i, n - i, &c);
		if (s[i] == '&')
			buf_str(b, "&amp;");
		else if (s[i] == '<')
			buf_str(b, "&lt;");
		else if (s[i] == '>')
			buf_str(b, "&gt;");
		else if (s[i] == '"')
			buf_str(b, "&quot;");
		else if (s[i] == '\'')
			buf_str(b, "&#39;");
		else if (s[i] == '\t' || s[i] == '\n')
			buf_ch(b, (char)s[i]);
		else if (s[i] < 0x20)	/* U+2400 and on */
			buf_fmt(b, "\xe2\x90%c", 0x80 + s[i]);
		else if (s[i] == 0x7f)
			buf_str(b, "\xe2\x90\xa1");
		else if (len == 0 || (c >= 0x80 && c < 0xa0) ||
		    (c & 0xfffe) == 0xfffe || text_turns(c))
			buf_str(b, "\xef\xbf\xbd");
		else
			buf_add(b, text + i, len);
		len = len ? len : 1;
	}
}

/* the bytes of a sequence that is left out of a log, 0: it is none */
static size_t
unseen(const char *s, size_t n)
{
	size_t i = 2;

	if (n > 1 && s[0] == '\r' && s[1] == '\n')
		return 1;
	if (n < 3 || s[0] != '\033' || s[1] != '[')
		return 0;
	while (i < n && ((s[i] >= '0' && s[i] <= '9') || s[i] == ';'))
		i++;
	return i < n && (s[i] == 'm' || s[i] == 'K') ? i + 1 : 0;
}

void
html_log(struct buf *b, const char *text, size_t n)
{
	size_t from = 0, len;

	for (size_t i = 0; i < n; i += len ? len : 1) {
		len = unseen(text + i, n - i);
		if (len) {
			html_text(b, text + from, i - from);
			from = i + len;
		}
	}
	html_text(b, text + from, n - from);
}

void
html_str(struct buf *b, const char *s)
{
	html_text(b, s, strlen(s));
}

void
html_url(struct buf *b, const char *s)
{
	for (; *s; s++)
		if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		    (*s >= '0' && *s <= '9') || strchr("-._~", *s))
			buf_ch(b, *s);
		else
			buf_fmt(b, "%%%02X", (unsigned char)*s);
}
