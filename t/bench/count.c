/* count.c - the numbers of a run: responses, latencies in buckets of about one percent, CPU time of the server
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A bucket is the place of the highest bit and the seven bits below it. */
enum { FINE_BITS = 7, FINE = 1 << FINE_BITS, BUCKETS = 48 * FINE };

uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000000000u + (uint64_t) t.tv_nsec;
}

static uint64_t bucket_of(uint64_t ns)
{
    unsigned shift = 0;
    uint64_t i;

    while (ns >> shift >= 2 * FINE)
        shift++;
    i = ((uint64_t) shift << FINE_BITS) + (ns >> shift);
    return i < BUCKETS ? i : BUCKETS - 1;
}

/* The middle of a bucket. */
static double time_of(uint64_t i)
{
    uint64_t shift = i < 2 * FINE ? 0 : (i >> FINE_BITS) - 1;

    return ((double) (i - (shift << FINE_BITS)) + .5) * (double) ((uint64_t) 1 << shift);
}

/* The first number of a schedstat: nanoseconds on a CPU. */
static uint64_t cpu_of_thread(const char *name)
{
    char     text[128];
    uint64_t ns = 0;
    FILE    *file = fopen(name, "r");

    if (file == NULL)
        return 0;
    if (fgets(text, sizeof text, file) != NULL)
        ns = strtoull(text, NULL, 10);
    fclose(file);
    return ns;
}

static uint64_t cpu_of(const options *o)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < o->pid_count; i++) {
        char   pattern[64];
        glob_t threads;

        snprintf(pattern, sizeof pattern, "/proc/%ld/task/*/schedstat", (long) o->pids[i]);
        if (glob(pattern, 0, NULL, &threads) != 0)
            continue;
        for (size_t n = 0; n < threads.gl_pathc; n++)
            sum += cpu_of_thread(threads.gl_pathv[n]);
        globfree(&threads);
    }
    return sum;
}

void count_begin(count *c, const options *o)
{
    uint32_t *buckets = c->buckets;

    free(buckets);
    *c = (count) { .buckets = calloc(BUCKETS, sizeof *buckets), .errors = c->errors, .wrong_status = c->wrong_status };
    if (c->buckets == NULL)
        abort();
    c->cpu_ns = cpu_of(o);
    c->began_ns = now_ns();
}

void count_latency(count *c, uint64_t ns)
{
    c->buckets[bucket_of(ns)]++;
}

void count_finish(count *c, const options *o)
{
    c->ended_ns = now_ns();
    c->cpu_ns = cpu_of(o) - c->cpu_ns;
}

static double percentile_us(const count *c, double share)
{
    double wanted = share * (double) c->responses;
    double seen = 0;

    for (uint64_t i = 0; i < BUCKETS; i++) {
        seen += c->buckets[i];
        if (c->buckets[i] > 0 && seen >= wanted)
            return time_of(i) / 1000;
    }
    return 0;
}

void count_print(const count *c)
{
    double seconds = (double) (c->ended_ns - c->began_ns) / 1e9;

    printf("responses=%" PRIu64 " seconds=%.3f rate=%.1f", c->responses, seconds, (double) c->responses / seconds);
    printf(" p50_us=%.1f p90_us=%.1f", percentile_us(c, .5), percentile_us(c, .9));
    printf(" p99_us=%.1f max_us=%.1f", percentile_us(c, .99), percentile_us(c, 1));
    printf(" body_bytes=%" PRIu64 " cpu_ns=%" PRIu64, c->body_bytes, c->cpu_ns);
    printf(" errors=%" PRIu64 " wrong_status=%u\n", c->errors, c->wrong_status);
}
