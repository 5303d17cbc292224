/* alloc.c - tests of the only malloc.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/alloc.c"

#include <check.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

/* AddressSanitizer asks: what the system would refuse shall be refused, not end the test. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

static size_t too_much(void)            /* of any machine; not known to a compiler, which would warn */
{
    static volatile size_t much = PTRDIFF_MAX;

    return much;
}

START_TEST(zeroed_and_grown)
{
    unsigned char *p = mw_alloc(64);

    for (unsigned i = 0; i < 64; i++)
        ck_assert_uint_eq(p[i], 0);
    memset(p, 'x', 64);
    p = mw_alloc_grow(p, 4096);
    ck_assert_uint_eq(p[63], 'x');
    p[4095] = 'y';
    mw_free(p);
    p = mw_alloc_raw(1);
    p[0] = 'z';
    mw_free(p);
}
END_TEST

START_TEST(nothing_is_something)
{
    void *a = mw_alloc(0), *b = mw_alloc_raw(0), *c = mw_alloc_try(0);

    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    ck_assert_ptr_nonnull(c);
    c = mw_alloc_grow(c, 0);
    ck_assert_ptr_nonnull(c);
    mw_free(a);
    mw_free(b);
    mw_free(c);
    mw_free(NULL);
}
END_TEST

START_TEST(too_big_is_refused)
{
    ck_assert_ptr_null(mw_alloc_try(too_much()));
}
END_TEST

START_TEST(must_have_stops)
{
    (void)must_have(NULL);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/alloc");
    TCase *t = tcase_create("alloc");

    tcase_add_test(t, zeroed_and_grown);
    tcase_add_test(t, nothing_is_something);
    tcase_add_test(t, too_big_is_refused);
    tcase_add_test_raise_signal(t, must_have_stops, SIGABRT);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
