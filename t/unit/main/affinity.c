/* affinity.c - unit test of worker_processes and worker_cpu_affinity: masks, and who gets which.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/affinity.c"

#include "house.h"

static const mw_main_conf *conf_of(const char *text)
{
    ck_assert_uint_eq(bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "%s events { }", text))), 0);
    return cycle->main;
}

START_TEST(masks)
{
    const mw_affinity *a = &conf_of("worker_processes 3; worker_cpu_affinity 0001 10;")->affinity;
    mw_cpus            room;

    ck_assert(mw_cpus_has(mw_affinity_of(a, 0, &room), 0) && !mw_cpus_has(mw_affinity_of(a, 0, &room), 1));
    ck_assert(mw_cpus_has(mw_affinity_of(a, 1, &room), 1));
    ck_assert_ptr_eq(mw_affinity_of(a, 2, &room), mw_affinity_of(a, 1, &room));     /* the last mask for the rest */
}
END_TEST

START_TEST(automatic)
{
    const mw_affinity *a = &conf_of("worker_processes 2; worker_cpu_affinity auto;")->affinity;
    mw_cpus            usable, room;
    unsigned           n = mw_cpus_usable(&usable);

    ck_assert_uint_gt(n, 0);
    for (unsigned i = 0; i < 2 * n; i++) {
        const mw_cpus *mine = mw_affinity_of(a, i, &room);
        unsigned       bits = 0;

        for (unsigned k = 0; k < CPUS_MOST; k++)
            bits += mw_cpus_has(mine, k) ? 1 : 0;
        ck_assert_uint_eq(bits, 1);
    }
}
END_TEST

START_TEST(unwritten)
{
    mw_cpus room;

    ck_assert_ptr_null(mw_affinity_of(&conf_of("")->affinity, 0, &room));
    ck_assert_uint_eq(cycle->main->workers, 1);
}
END_TEST

START_TEST(auto_workers)
{
    ck_assert_uint_eq(conf_of("worker_processes auto;")->workers, (unsigned)sysconf(_SC_NPROCESSORS_ONLN));
}
END_TEST

START_TEST(bad_rows)
{
    ck_assert_uint_eq(bind_house("worker_processes 1024; worker_cpu_affinity auto 1 1; events { }"), 2);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/affinity");

    CASE(s, masks);
    CASE(s, automatic);
    CASE(s, unwritten);
    CASE(s, auto_workers);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
