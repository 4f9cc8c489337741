/*
 * statwatch: dagstat --watch: a full screen of runs, tasks, pools, the queue
 * and a log, as they change.
 *
 * It sleeps until inotify, a key, or the next second of the clock that is
 * shown wakes it; a second alone is no reason to look at the spool. What it
 * changes it has dagq change.
 */
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dagstat.h"
#include "statdagq.h"
#include "statview.h"
#include "text.h"

/* looks take at most about this part of the time, and rest at least that */
enum { REST_FACTOR = 8, REST_MS = 40 };

static struct statview view;
static struct statdagq dagq;
static const char *asked;	/* a dagq option that waits for a y */
static char target[NAME_LEN + RUN_LEN + TASK_LEN + 3];

static void
say(bool bad, const char *text)
{
	snprintf(view.message, sizeof view.message, "%s", text);
	view.bad = bad;
}

static int64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static void
start(void)
{
	struct buf b = BUF_INIT;

	buf_fmt(&b, "%s %s ...", asked + 2, target);
	say(false, buf_cstr(&b));
	if (statdagq_start(&dagq, asked, dagstat.spool.path, target) < 0)
		say(true, strerror(errno));
	asked = NULL;
	buf_free(&b);
}

/* what dagq said first, or that all is well */
static void
finish(int status)
{
	const char *p = buf_cstr(&dagq.said);
	struct buf b = BUF_INIT;

	text_plain(&b, p, strcspn(p, "\n"));
	if (b.n == 0)
		buf_fmt(&b, "%s: %s", target, status ? "dagq failed" : "done");
	say(status != 0, buf_cstr(&b));
	buf_free(&b);
}

/* begins an operation on the line in focus; ask: only after a y */
static void
operate(const char *option, bool ask)
{
	struct buf b = BUF_INIT;
	struct id id = view.scene.id;

	if (view.focus != PANEL_RUNS && !scene_task(&view.scene, &id))
		id.run[0] = '\0';
	if (!id.run[0]) {
		say(true, "there is nothing to do that to");
		return;
	}
	if (dagq.pid > 0) {
		say(true, "dagq is still at work");
		return;
	}
	id_text(&b, &id);
	snprintf(target, sizeof target, "%s", buf_cstr(&b));
	asked = option;
	buf_reset(&b);
	buf_fmt(&b, "%s %s? y n", option + 2, target);
	if (ask)
		say(false, buf_cstr(&b));
	else
		start();
	buf_free(&b);
}

/* the list in focus; a log has none */
static struct scene_list *
focused(void)
{
	return view.focus == PANEL_RUNS ? &view.scene.runs :
	    view.focus == PANEL_TASKS ? &view.scene.tasks : NULL;
}

static void
move(long by)
{
	struct scene *s = &view.scene;

	if (focused())
		scene_move(s, focused(), by);
	else if (view.third == THIRD_LOG) {
		s->log_back = by > 0 && (size_t)by > s->log_back ? 0 :
		    by < 0 && s->log_back > 1000000 ? s->log_back :
		    s->log_back - (size_t)by;
		s->stale_log = true;
	}
}

static void
third(enum third what)
{
	view.third = what;
	view.focus = PANEL_THIRD;
}

static void
type(int key)
{
	size_t n = strlen(view.typed);
	struct scene_list *l = focused();

	if (key == KEY_IS_ENTER || key == KEY_IS_ESCAPE) {
		view.typing = false;
		if (key == KEY_IS_ESCAPE || !l)
			return;
		memcpy(l->filter, view.typed, sizeof l->filter);
		scene_filter(&view.scene, l);
	} else if (key == KEY_IS_ERASE && n > 0)
		view.typed[n - 1] = '\0';
	else if (key < 256 && isgraph(key) && n + 1 < sizeof view.typed) {
		view.typed[n] = (char)key;
		view.typed[n + 1] = '\0';
	}
}

static void
only(void)
{
	struct scene_list *l = focused();

	if (!l)
		return;
	l->only = (enum scene_only)((l->only + 1) % ONLY_KINDS);
	scene_filter(&view.scene, l);
}

static void
begin_typing(void)
{
	if (view.focus == PANEL_THIRD)
		view.focus = PANEL_RUNS;
	view.typing = true;
	view.typed[0] = '\0';
}

/* the keys that move about */
static void
go(int key)
{
	size_t room = view.room[view.focus];
	long page = room > 1 ? (long)room - 1 : 1;

	switch (key) {
	case KEY_IS_UP: case 'k': move(-1); break;
	case KEY_IS_DOWN: case 'j': move(1); break;
	case KEY_IS_PAGEUP: move(-page); break;
	case KEY_IS_PAGEDOWN: case ' ': move(page); break;
	case KEY_IS_HOME: case 'g': move(-1000000000); break;
	case KEY_IS_END: case 'G': move(1000000000); break;
	case KEY_IS_ENTER: view.zoom = !view.zoom; break;
	case KEY_IS_ESCAPE: view.zoom = false; break;
	case '\t': view.focus = (view.focus + 1) % PANELS; break;
	}
}

/* false: that is all */
static bool
press(int key)
{
	if (view.typing) {
		type(key);
		return true;
	}
	view.message[0] = '\0';
	if (asked && (key == 'y' || key == 'Y')) {
		start();
		return true;
	}
	if (asked || view.help) {
		asked = NULL;
		view.help = false;
		return true;
	}
	switch (key) {
	case 'q': return false;
	case '?': view.help = true; break;
	case '/': begin_typing(); break;
	case '!': only(); break;
	case 'l': third(THIRD_LOG); break;
	case 'p': third(THIRD_POOLS); break;
	case 'w': third(THIRD_QUEUE); break;
	case 'r': operate("--rerun", true); break;
	case 'K': operate("--kill", true); break;
	case 'h': operate("--hold", false); break;
	case 'u': operate("--release", false); break;
	default: go(key);
	}
	return true;
}

/* until a key, an event, dagq's words, or the next second; 1: an event */
static int
wait_for(int ms)
{
	struct timespec now = clock_now();
	int left = 1000 - (int)(now.tv_nsec / 1000000);
	struct pollfd p[3] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = view.scene.watch.fd, .events = POLLIN },
		{ .fd = dagq.pid > 0 ? dagq.fd : -1, .events = POLLIN },
	};
	int status = 0;

	if (poll(p, 3, ms >= 0 && ms < left ? ms : left) < 0 && errno != EINTR)
		return -1;
	/* the terminal is gone */
	if (p[0].revents & (POLLHUP | POLLERR))
		return -1;
	if (p[2].revents && statdagq_read(&dagq, &status) > 0)
		finish(status);
	/* of what other machines do nothing is told */
	return p[1].revents || dagstat.spool.shared ?
	    scene_events(&view.scene) : 0;
}

static int
look(void)
{
	statview_layout(&view);
	view.scene.stay = view.focus != PANEL_RUNS;
	return scene_look(&view.scene, view.room[PANEL_RUNS],
	    view.room[PANEL_TASKS], view.third == THIRD_LOG ?
	    view.room[PANEL_THIRD] : 0);
}

/* looks and draws as often as there is something, but not all the time */
static int
watch(void)
{
	int64_t next = 0, before, now;
	bool stale = true;
	int key, x;

	for (;;) {
		before = milliseconds();
		if (stale && before >= next) {
			if (look() < 0)
				return -1;
			now = milliseconds();
			next = now + REST_MS + REST_FACTOR * (now - before);
			stale = false;
		}
		statview_draw(&view);
		x = wait_for(stale ? (int)(next - milliseconds()) < 0 ? 0 :
		    (int)(next - milliseconds()) : -1);
		if (x < 0)
			return -1;
		stale = stale || x > 0;
		while ((key = screen_key(&view.screen)) != SCREEN_NONE) {
			if (key != KEY_IS_RESIZE && !press(key))
				return 0;
			/* who presses a key waits for what it does */
			stale = true;
			next = 0;
		}
	}
}

enum exit_code
statwatch(void)
{
	int x, e;

	if (screen_open(&view.screen, &dagstat.term) < 0)
		prog_die(EXIT_SYSTEM, "--watch: %s", errno == ENOSYS ?
		    "this dagstat was built without ncurses" :
		    errno == ENOPKG ? "ncurses, libncursesw.so.6, is not on "
		    "this machine" : errno == ENOTTY ?
		    "a terminal is wanted, of a kind that TERM names" :
		    strerror(errno));
	view.term = &dagstat.term;
	if (scene_open(&view.scene, &dagstat.spool, dagstat.restricted ?
	    &dagstat.ids : NULL) < 0) {
		e = errno;
		screen_close(&view.screen);
		errno = e;
		prog_die_errno("inotify");
	}
	x = watch();
	e = errno;
	screen_close(&view.screen);
	scene_close(&view.scene);
	buf_free(&dagq.said);
	errno = e;
	if (x < 0)
		prog_die_errno("%s", dagstat.spool.path);
	return EXIT_OK;
}
