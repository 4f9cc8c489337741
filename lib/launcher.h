/* launcher: the programs that talk to engines, dag-launch(5): called. */
#ifndef LAUNCHER_H
#define LAUNCHER_H

#include "buf.h"

/* what a call came to: its exit code */
enum launched {
	LAUNCHED_OK = 0,
	LAUNCHED_NOT = 1,	/* find: there is none */
	LAUNCHED_AWAY = 69,	/* the engine cannot be asked now */
	LAUNCHED_REFUSED = 70,	/* submit, cancel: and never will do that */
};

/*
 * Runs DIR/NAME VERB in the directory that fd is (-1: any), with in on its
 * stdin; what it writes is appended to out, what it complains of, in one line,
 * is put into why. It has a minute. Anything that is none of the above, or not
 * of that verb, is that the engine is away.
 */
enum launched launcher_call(const char *name, const char *verb, int dir,
	const struct buf *in, struct buf *out, struct buf *why);

#endif
