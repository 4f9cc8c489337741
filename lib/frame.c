/* frame: what all pages of a site share: their head and foot, small parts. */
#include <stdio.h>
#include <string.h>

#include "frame.h"
#include "html.h"
#include "row.h"

void
frame_key(const char *key, struct buf *b)
{
	buf_fmt(b, "<!DOCTYPE html>\n<!-- %s -->\n", key);
}

static void
crumb(const char *root, const char *path, const char *name, bool here,
    struct buf *b)
{
	buf_str(b, "<li>");
	if (here)
		buf_str(b, "<span aria-current=\"page\">");
	else {
		buf_fmt(b, "<a href=\"%s", root);
		buf_str(b, path);
		buf_str(b, "\">");
	}
	html_str(b, name);
	buf_str(b, here ? "</span></li>\n" : "</a></li>\n");
}

static void
crumbs(const struct frame *f, const char *root, struct buf *b)
{
	struct buf path = BUF_INIT;

	buf_str(b, "<header><nav aria-label=\"Where this is\"><ol>\n");
	crumb(root, "index.html", "All DAGs", !f->dag, b);
	if (f->dag) {
		html_url(&path, f->dag);
		buf_str(&path, "/index.html");
		crumb(root, buf_cstr(&path), f->dag, !f->run, b);
	}
	if (f->run) {
		buf_reset(&path);
		html_url(&path, f->dag);
		buf_ch(&path, '/');
		html_url(&path, f->run);
		buf_str(&path, ".html");
		crumb(root, buf_cstr(&path), f->run, !f->task, b);
	}
	if (f->task)
		crumb(root, "", f->task, true, b);
	buf_str(b, "</ol></nav></header>\n");
	buf_free(&path);
}

void
frame_begin(const struct frame *f, struct buf *b)
{
	const char *root = f->task ? "../../" : f->dag ? "../" : "";

	if (f->key)
		frame_key(f->key, b);
	else
		buf_str(b, "<!DOCTYPE html>\n");
	buf_str(b, "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\"/>\n<meta name=\"color-scheme\" "
	    "content=\"light dark\"/>\n<title>");
	html_str(b, f->title);
	buf_fmt(b, "</title>\n<link rel=\"stylesheet\" href=\"%sstyle.css\"/>\n"
	    "<link rel=\"icon\" href=\"data:,\"/>\n"
	    "<script src=\"%sscript.js\" defer=\"defer\"></script>\n</head>\n"
	    "<body%s>\n<a class=\"skip\" href=\"#main\">To the content</a>\n",
	    root, root, f->live ? " class=\"live\"" : "");
	crumbs(f, root, b);
	buf_str(b, "<main id=\"main\">\n");
}

void
frame_end(struct buf *b)
{
	buf_str(b, "</main>\n</body>\n</html>\n");
}

static void
state(const char *name, const char *sign, struct buf *b)
{
	buf_fmt(b, "<span class=\"state s-%s\"><span aria-hidden=\"true\">%s"
	    "</span> %s</span>", name, sign, name);
}

void
frame_state(enum state s, struct buf *b)
{
	state(state_name(s), sight_sign(s), b);
}

void
frame_run_state(enum run_state s, struct buf *b)
{
	state(run_state_name(s), sight_run_sign(s), b);
}

void
frame_time(const char *instant, struct buf *b)
{
	char text[INSTANT_LEN];
	char *p;

	if (!instant[0]) {
		buf_ch(b, '-');
		return;
	}
	row_instant(text, instant);
	buf_str(b, "<time datetime=\"");
	html_str(b, text);
	buf_str(b, "\">");
	if ((p = strchr(text, 'T')))
		*p = ' ';
	html_str(b, text);
	buf_str(b, "</time>");
}

void
frame_seconds(double s, struct buf *b)
{
	char text[32];

	snprintf(text, sizeof text, "%.3f", s);
	if (s < 0)
		buf_ch(b, '-');
	else
		row_put_seconds(b, text);
}

void
frame_fact(const char *name, const struct buf *value, struct buf *b)
{
	if (value->n == 0)
		return;
	buf_fmt(b, "<li><span>%s</span> ", name);
	buf_add(b, value->p, value->n);
	buf_str(b, "</li>\n");
}
