/* num: numbers, durations and booleans, read strictly. */
#ifndef NUM_H
#define NUM_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

/* A whole decimal number from min to max, nothing around it; 0, or -1. */
int num_parse(const char *, int64_t min, int64_t max, int64_t *);
/*
 * A duration: "30s" "5m" "1h30m" "2d" "0s", each unit (w d h m s, greatest
 * first) at most once; in seconds, at most 100 years; 0, or -1.
 */
int dur_parse(const char *, int64_t *seconds);
/* the shortest spelling of a duration that dur_parse reads back */
void dur_format(struct buf *, int64_t seconds);
/* "yes" or "no"; 0, or -1 */
int bool_parse(const char *, bool *);

#endif
