/* serve: what is said to a program that waits before main(): preload.c. */
#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>
#include <sys/types.h>

enum { SERVE_ASK = 198, SERVE_TELL = 199 };

/* start a copy in dir, on dir/spool, with dir/out for its output */
struct serve_ask {
	char dir[256], in[256];		/* in: its stdin, or "" */
	char at[64], log[256], ops[256];	/* FAULT_AT …, or "" */
};

/* twice for each: it was started, it has ended */
struct serve_tell {
	pid_t pid;
	bool ended;
	int status;
};

#endif
