/* alarm: sleeping until an instant of the program's clock: timerfd(2). */
#ifndef ALARM_H
#define ALARM_H

#include <stdint.h>

enum alarm_event {
	ALARM_ERROR = -1,	/* errno */
	ALARM_NONE,		/* it has not rung */
	ALARM_RANG,
	ALARM_CLOCK_SET,	/* the clock was set: look at all again */
};

/* a descriptor for poll(2), readable when it rings; -1 and errno */
int alarm_open(void);
/* lets it ring at t (at once, if that is past); INT64_MAX: never */
int alarm_set(int fd, int64_t t);
/* what has happened, without waiting; afterwards it must be set again */
enum alarm_event alarm_read(int fd);

#endif
