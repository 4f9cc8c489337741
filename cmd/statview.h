/* statview: the full screen of dagstat --watch, drawn. */
#ifndef STATVIEW_H
#define STATVIEW_H

#include "screen.h"
#include "statscene.h"

enum panel { PANEL_RUNS, PANEL_TASKS, PANEL_THIRD, PANELS };
enum third { THIRD_LOG, THIRD_POOLS, THIRD_QUEUE };

struct statview {
	struct screen screen;
	const struct term *term;
	struct scene scene;
	enum panel focus;
	enum third third;
	bool zoom;			/* only the panel in focus */
	bool help;
	size_t rows, cols;
	size_t room[PANELS];		/* lines of each, without its head */
	char message[256];		/* in the last line; or what is asked */
	bool bad;			/* it is one of a failure */
	char typed[SCENE_FILTER];	/* while a filter is typed */
	bool typing;
};

/* how many lines each panel has */
void statview_layout(struct statview *);
/* draws what is known now: looks at nothing */
void statview_draw(struct statview *);

#endif
