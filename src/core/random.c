/* random.c - bytes from the kernel, ids, fair choice.
 *
 * The fast numbers are xoshiro256** (Blackman, Vigna 2018), one state per thread, seeded from the kernel.
 * A forked child counts up `family`; a state of an older count seeds itself anew, so that workers do not
 * say the same.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/random.h"

#include <errno.h>
#include <pthread.h>
#include <sys/random.h>

#include "core/must.h"

/* Rule 21 broken: what fork() does to the process can only be noted in the process. */
static unsigned       family = 1;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void forked(void) { family++; }

static void watch_forks(void) { MW_MUST(pthread_atfork(NULL, NULL, forked) == 0); }

void mw_random_bytes(void *to, size_t n)
{
    unsigned char *bytes = to;

    for (size_t done = 0; done < n;) {
        ssize_t got = getrandom(&bytes[done], n - done, 0);

        MW_MUST(got > 0 || (got < 0 && errno == EINTR));
        done += got > 0 ? (size_t)got : 0;
    }
}

static uint64_t rotated(uint64_t x, unsigned by) { return x << by | x >> (64 - by); }

uint64_t mw_random_u64(void)
{
    static _Thread_local uint64_t s[4];
    static _Thread_local unsigned seeded;       /* the family it was seeded in; 0: never */
    uint64_t                      result, t;

    if (seeded != family) {
        (void)pthread_once(&once, watch_forks);
        do
            mw_random_bytes(s, sizeof s);
        while ((s[0] | s[1] | s[2] | s[3]) == 0);       /* the one state it cannot leave */
        seeded = family;
    }
    result = rotated(s[1] * 5, 7) * 9;
    t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotated(s[3], 45);
    return result;
}

uint64_t mw_random_below(uint64_t n)
{
    uint64_t x, odd;

    MW_MUST(n > 0);
    odd = (0 - n) % n;          /* 2^64 mod n: so many numbers would favour the small results */
    do
        x = mw_random_u64();
    while (x < odd);
    return x % n;
}
