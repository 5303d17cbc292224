/* media.c - unit test of sets of media types.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/media.c"

#include "house.h"

START_TEST(what_is_in_them)
{
    mw_media  none = { 0 }, some = { 0 }, all = { 0 };
    mw_str    two[] = { MW_STR("text/css"), MW_STR("Image/X") }, star[] = { MW_STR("*") };
    mw_bind   b = { .arena = arena };
    mw_node   n = { .args = two, .nargs = 2 }, every = { .args = star, .nargs = 1 };

    ck_assert(mw_media_has(&none, MW_STR("text/html")));
    ck_assert(mw_media_has(&none, MW_STR("Text/HTML; charset=x")));
    ck_assert(!mw_media_has(&none, MW_STR("text/css")) && !mw_media_has(&none, MW_STR("")));
    ck_assert_int_eq(mw_set_media(&b, &n, NULL, &some), MW_OK);
    ck_assert(mw_media_has(&some, MW_STR("text/css")) && mw_media_has(&some, MW_STR("image/x ;q=1")));
    ck_assert(mw_media_has(&some, MW_STR("text/html")) && !mw_media_has(&some, MW_STR("text")));
    ck_assert_int_eq(mw_set_media(&b, &every, NULL, &all), MW_OK);
    ck_assert(mw_media_has(&all, MW_STR("a/b")) && !mw_media_has(&all, MW_STR("; charset=x")));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/media");

    CASE(s, what_is_in_them);
    return s;
}

#include "run.h"
