/* alarm: sleeping until an instant of the program's clock: timerfd(2). */
#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "alarm.h"
#include "instant.h"

enum { FAR = 100 * 366 };	/* days: what is further away never rings */

int
alarm_open(void)
{
	return timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
}

int
alarm_set(int fd, int64_t t)
{
	struct itimerspec it = {0};
	struct timespec now = clock_now(), real;
	int64_t wait;

	clock_gettime(CLOCK_REALTIME, &real);
	/* the timer is armed in any case, to be told of a clock that is set;
	 * the program's clock may be another than the system's (DAG_NOW) */
	wait = t > now.tv_sec + INT64_C(86400) * FAR ? INT64_C(86400) * FAR :
	    t - now.tv_sec;
	it.it_value.tv_sec = real.tv_sec + (wait > 0 ? wait : 0);
	it.it_value.tv_nsec = real.tv_nsec - now.tv_nsec;
	if (it.it_value.tv_nsec < 0) {
		it.it_value.tv_nsec += 1000000000;
		it.it_value.tv_sec--;
	}
	if (it.it_value.tv_sec == 0 && it.it_value.tv_nsec == 0)
		it.it_value.tv_nsec = 1;
	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
	    &it, NULL);
}

enum alarm_event
alarm_read(int fd)
{
	uint64_t times;

	if (read(fd, &times, sizeof times) == (ssize_t)sizeof times)
		return ALARM_RANG;
	if (errno == ECANCELED)
		return ALARM_CLOCK_SET;
	return errno == EAGAIN || errno == EINTR ? ALARM_NONE : ALARM_ERROR;
}
