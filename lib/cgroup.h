/* cgroup: a control group of version 2 for an attempt, where one can be had. */
#ifndef CGROUP_H
#define CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum { CGROUP_LEN = 256, CGROUP_NAME = 64 };

struct cgroup {
	char path[CGROUP_LEN];	/* as in /proc/PID/cgroup; "": there is none */
	int procs;		/* who writes "0" here enters it; or -1 */
};

/* the name of the group of an attempt, which tells it from all others: by its
 * marker's file, and its number */
void cgroup_name(char [CGROUP_NAME], const struct stat *, unsigned attempt);
/*
 * Makes a group of that name beside our own processes, empty; 0. -1 and errno:
 * none can be had here, which is no fault: cgroup v2 is not there, or it is
 * not ours to divide.
 */
int cgroup_make(struct cgroup *, const char *name);
/* closes it; what still lives in it moves to where we are, and it is gone */
void cgroup_drop(struct cgroup *);
/* kills all that is in the group of that path, waits until it is empty, and
 * takes it away; 0 also if it is not there; -1 and errno */
int cgroup_kill(const char *path);
/* makes one for an attempt, whose marker is open, if one can be had */
void cgroup_of(struct cgroup *, int marker, unsigned attempt);

#endif
