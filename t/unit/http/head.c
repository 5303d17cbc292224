/* head.c - tests of lists of fields.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/head.c"

#include <check.h>

static mw_arena *a;
static mw_fields l;

static void begin(void)
{
    a = mw_arena_new(4096);
    l = (mw_fields){ .n = 0 };
}

static void end(void) { mw_arena_free(a); }

#define EQ(s, text)  ck_assert(mw_str_eq((s), MW_STR(text)))

START_TEST(finds_and_joins)
{
    mw_fields_add(a, &l, MW_STR("x-a"), MW_STR("1"));
    mw_fields_add(a, &l, MW_STR("COOKIE"), MW_STR("a"));
    mw_fields_add(a, &l, MW_STR("X-A"), MW_STR("2"));
    mw_fields_add_token(a, &l, MW_T_COOKIE, MW_STR("b"));
    EQ(mw_fields_value(&l, MW_T_COOKIE), "a");
    EQ(mw_fields_next(&l, mw_fields_get(&l, MW_T_COOKIE))->value, "b");
    ck_assert_ptr_null(mw_fields_next(&l, mw_fields_next(&l, mw_fields_get(&l, MW_T_COOKIE))));
    EQ(mw_fields_joined(a, &l, MW_STR("x-A"), ','), "1, 2");
    EQ(mw_fields_joined(a, &l, MW_STR("cookie"), ';'), "a; b");
    EQ(mw_fields_find(&l, MW_STR("X-a"))->value, "1");
    ck_assert_ptr_null(mw_fields_find(&l, MW_STR("X-b")));
    ck_assert_ptr_null(mw_fields_joined(a, &l, MW_STR("X-b"), ',').at);
    ck_assert_ptr_null(mw_fields_get(&l, MW_T_HOST));
}
END_TEST

START_TEST(sets_and_drops)
{
    unsigned n = 0;

    mw_fields_add(a, &l, MW_STR("etag"), MW_STR("1"));
    mw_fields_add(a, &l, MW_STR("X-A"), MW_STR("x"));
    mw_fields_add(a, &l, MW_STR("ETag"), MW_STR("2"));
    mw_fields_set(a, &l, MW_T_ETAG, MW_STR("3"));
    EQ(mw_fields_joined(a, &l, MW_STR("etag"), ','), "3");
    mw_fields_drop_name(&l, MW_STR("x-a"));
    MW_FIELDS_EACH(f, &l) n++;
    ck_assert_uint_eq(n, 1);
    mw_fields_set(a, &l, MW_T_ETAG, MW_STR(""));
    ck_assert_ptr_null(mw_fields_get(&l, MW_T_ETAG));
    mw_fields_add(a, &l, MW_STR("etag"), MW_STR("4"));
    EQ(mw_fields_value(&l, MW_T_ETAG), "4");
    mw_fields_clear(&l);
    ck_assert_uint_eq(l.n, 0);
    MW_FIELDS_EACH(f, &l) ck_abort();
}
END_TEST

START_TEST(grows_to_its_limit)
{
    for (unsigned i = 0; i < UINT16_MAX; i++)
        ck_assert_ptr_nonnull(mw_fields_add_parsed(a, &l, MW_STR("x"), MW_STR("y"), MW_T_NONE));
    ck_assert_ptr_null(mw_fields_add(a, &l, MW_STR("x"), MW_STR("y")));
    ck_assert_uint_eq(l.n, UINT16_MAX);
}
END_TEST

START_TEST(lists)
{
    ck_assert(mw_list_has(MW_STR("a, Close ,b"), MW_STR("close")));
    ck_assert(mw_list_has(MW_STR("close"), MW_STR("close")));
    ck_assert(!mw_list_has(MW_STR("closed, xclose"), MW_STR("close")));
    ck_assert(!mw_list_has(MW_STR(""), MW_STR("close")));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/head");
    TCase *t = tcase_create("fields");

    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, finds_and_joins);
    tcase_add_test(t, sets_and_drops);
    tcase_add_test(t, grows_to_its_limit);
    tcase_add_test(t, lists);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
