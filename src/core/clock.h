/* clock.h - wall and monotonic time, read once per turn of a loop, and their texts.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_CLOCK_H
#define MW_CORE_CLOCK_H

#include "core/out.h"

typedef struct mw_clock {       /* one in every loop; texts are renewed when the second changes */
    mw_time  sec;               /* wall */
    unsigned msec;              /* 0..999 of that second */
    uint64_t now;               /* ms, monotonic */
    long     zone;              /* seconds east of Greenwich */
    char     http[30];          /* Sun, 06 Nov 1994 08:49:37 GMT   (29 bytes) */
    char     log[27];           /* 06/Nov/1994:08:49:37 +0000      (26 bytes) */
    char     iso[26];           /* 1994-11-06T08:49:37+00:00       (25 bytes) */
    char     error[20];         /* 1994/11/06 08:49:37             (19 bytes) */
    char     syslog[16];        /* Nov  6 08:49:37                 (15 bytes) */
} mw_clock;

void    mw_clock_read(mw_clock *c);                 /* asks the system; rewrites texts only when the second changed */
const mw_clock *mw_clock_here(void);                /* the same for who has no loop: read now, this thread's own */
bool    mw_http_date(mw_str text, mw_time *t);      /* RFC 9110 5.6.7: all three forms; false: none of them */
mw_time mw_time_from_utc(int year, unsigned month, unsigned day, unsigned hour, unsigned minute, unsigned second);
void    mw_out_strftime(mw_out *o, const char *format, mw_time t, bool local);     /* as strftime(3) */

#endif
