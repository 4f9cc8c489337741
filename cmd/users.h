/* users: a dagexec for each user of a system, as that user. */
#ifndef USERS_H
#define USERS_H

#include "prog.h"

/*
 * Reads the list, and serves each user's spool until told to stop: the
 * programs that are started, ended by NULL, get the options given, and
 * --spool. once: each is started once, and when all have ended it is over.
 */
enum exit_code users_serve(const char *list, const char *const *options,
	bool once);

#endif
