/* memory.c - unit tests of tls/memory.c: slots for large buffers, the heap for all else.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/memory.c"

#include <check.h>

static void *get(size_t n) { return take(n, "", 0); }

static void put(void *p) { give(p, "", 0); }

START_TEST(large_ones_take_slots_again)
{
    void *small, *a, *b;

    mw_tls_memory_ready();
    if (row == NULL)                    /* a sanitizer watches the heap itself */
        return;
    small = get(100);
    a = get(17000);
    b = get(SLOT);
    ck_assert(!is_slot(small) && is_slot(a) && is_slot(b) && a != b);
    memset(b, 1, SLOT);
    put(a);
    ck_assert_ptr_eq(get(16000), a);
    put(a);
    put(b);
    put(small);
    ck_assert_ptr_eq(get(0), NULL);
    put(NULL);
}
END_TEST

START_TEST(growing_keeps_bytes)
{
    char *p;

    mw_tls_memory_ready();
    if (row == NULL)                    /* a sanitizer watches the heap itself */
        return;
    p = resize(NULL, 16384, "", 0);
    ck_assert_ptr_nonnull(p);
    memcpy(p, "begin", 5);
    ck_assert_ptr_eq(resize(p, 20000, "", 0), p);
    p = resize(p, SLOT + 1, "", 0);
    ck_assert(!is_slot(p));
    ck_assert_mem_eq(p, "begin", 5);
    ck_assert_ptr_eq(resize(p, 0, "", 0), NULL);
}
END_TEST

START_TEST(no_slot_is_left)
{
    static void *all[SLOTS + 1];

    mw_tls_memory_ready();

    if (row == NULL)
        return;
    for (size_t i = 0; i <= SLOTS; i++)
        all[i] = get(LEAST);
    ck_assert(is_slot(all[SLOTS - 1]) && !is_slot(all[SLOTS]));
    for (size_t i = 0; i <= SLOTS; i++) {
        memset(all[i], 7, LEAST);
        put(all[i]);
    }
    ck_assert_uint_eq(warm.n, WARM);
    ck_assert_uint_eq(warm.n + cold.n, SLOTS);
    for (size_t i = 0; i < SLOTS; i++)
        ck_assert(is_slot(all[i] = get(LEAST)));
    ck_assert_int_eq(((char *)all[SLOTS - 1])[0], 0);   /* its page was given back */
    for (size_t i = 0; i < SLOTS; i++)
        put(all[i]);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("tls/memory");
    TCase *c = tcase_create("slots");

    tcase_add_test(c, large_ones_take_slots_again);
    tcase_add_test(c, growing_keeps_bytes);
    tcase_add_test(c, no_slot_is_left);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
