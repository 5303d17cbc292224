/* location.c - tests of finding a location: nginx's order, nesting, the redirect to a slash.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/location.c"

#include <check.h>

static mw_arena *arena;
static mw_place  places[16];
static mw_scope  scope;

static void setup(void)
{
    arena = mw_arena_new(4096);
    scope = (mw_scope){ .arena = arena };
}

static void teardown(void) { mw_arena_free(arena); }

static const mw_regex *regex(const char *text)
{
    mw_regex *re;
    mw_str    why;

    ck_assert_int_eq(mw_regex_new(arena, mw_str_of(text), false, false, &re, &why), MW_OK);
    return re;
}

static bool add(mw_locations *l, mw_location_kind kind, const char *name, unsigned place, mw_locations *inner)
{
    mw_location_row row = {
        .kind = kind, .name = mw_str_of(name), .place = &places[place], .inner = inner,
        .regex = kind == MW_LOC_REGEX ? regex(name) : NULL, .auto_slash = place == 9,
    };

    return mw_locations_add(l, arena, &row);
}

static int find(const mw_locations *l, const char *uri)
{
    mw_found f = mw_locations_find(l, &scope, mw_str_of(uri));

    return f.add_slash ? 100 : f.place == NULL ? -1 : (int)(f.place - places);
}

START_TEST(exact_then_prefix_then_regex)
{
    mw_locations *l = mw_locations_new(arena);

    ck_assert(add(l, MW_LOC_PREFIX, "/", 1, NULL));
    ck_assert(add(l, MW_LOC_EXACT, "/", 2, NULL));
    ck_assert(add(l, MW_LOC_PREFIX, "/images/", 3, NULL));
    ck_assert(add(l, MW_LOC_NOREGEX, "/images/raw/", 4, NULL));
    ck_assert(add(l, MW_LOC_REGEX, "\\.(gif|jpg)$", 5, NULL));
    ck_assert(add(l, MW_LOC_REGEX, "\\.gif$", 6, NULL));
    mw_locations_freeze(l);
    ck_assert_int_eq(find(l, "/"), 2);
    ck_assert_int_eq(find(l, "/index.html"), 1);
    ck_assert_int_eq(find(l, "/images/x.png"), 3);
    ck_assert_int_eq(find(l, "/images/x.gif"), 5);          /* the first expression, not the best */
    ck_assert_int_eq(find(l, "/images/raw/x.gif"), 4);      /* ^~ keeps expressions out */
    ck_assert_int_eq(find(l, "/image"), 1);
}
END_TEST

START_TEST(siblings_that_are_no_prefixes)
{
    mw_locations *l = mw_locations_new(arena);

    ck_assert(add(l, MW_LOC_PREFIX, "/a", 1, NULL));
    ck_assert(add(l, MW_LOC_PREFIX, "/a/b", 2, NULL));
    ck_assert(add(l, MW_LOC_PREFIX, "/a/b/c", 3, NULL));
    ck_assert(add(l, MW_LOC_PREFIX, "/a/bz", 4, NULL));
    mw_locations_freeze(l);
    ck_assert_int_eq(find(l, "/a/bx"), 2);                  /* sorts behind /a/b/c, but that is no prefix of it */
    ck_assert_int_eq(find(l, "/a/b/d"), 2);
    ck_assert_int_eq(find(l, "/a/bzz"), 4);
    ck_assert_int_eq(find(l, "/ab"), 1);
    ck_assert_int_eq(find(l, "/b"), -1);
    ck_assert_int_eq(find(l, ""), -1);
}
END_TEST

START_TEST(nested)
{
    mw_locations *l = mw_locations_new(arena), *inner = mw_locations_new(arena);

    ck_assert(add(inner, MW_LOC_PREFIX, "/a/in/", 2, NULL));
    ck_assert(add(inner, MW_LOC_REGEX, "\\.php$", 3, NULL));
    ck_assert(add(l, MW_LOC_PREFIX, "/a/", 1, inner));
    ck_assert(add(l, MW_LOC_REGEX, "\\.php$", 4, NULL));
    mw_locations_freeze(l);
    ck_assert_int_eq(find(l, "/a/x"), 1);
    ck_assert_int_eq(find(l, "/a/in/x"), 2);
    ck_assert_int_eq(find(l, "/a/x.php"), 3);               /* the inner expression, though an outer one fits too */
    ck_assert_int_eq(find(l, "/x.php"), 4);
}
END_TEST

START_TEST(slash_is_added)
{
    mw_locations *l = mw_locations_new(arena);

    ck_assert(add(l, MW_LOC_PREFIX, "/", 1, NULL));
    ck_assert(add(l, MW_LOC_PREFIX, "/app/", 9, NULL));
    mw_locations_freeze(l);
    ck_assert_int_eq(find(l, "/app"), 100);
    ck_assert_int_eq(find(l, "/app/"), 9);
    ck_assert_int_eq(find(l, "/apple"), 1);
}
END_TEST

START_TEST(names_and_duplicates)
{
    mw_locations *l = mw_locations_new(arena);

    ck_assert(add(l, MW_LOC_NAMED, "@x", 1, NULL));
    ck_assert(!add(l, MW_LOC_NAMED, "@x", 2, NULL));
    ck_assert(add(l, MW_LOC_PREFIX, "/x", 3, NULL));
    ck_assert(!add(l, MW_LOC_NOREGEX, "/x", 4, NULL));
    ck_assert(add(l, MW_LOC_EXACT, "/x", 5, NULL));
    mw_locations_freeze(l);
    ck_assert_ptr_eq(mw_locations_named(l, MW_STR("@x")), &places[1]);
    ck_assert_ptr_null(mw_locations_named(l, MW_STR("@y")));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/location");
    TCase *c = tcase_create("all");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, exact_then_prefix_then_regex);
    tcase_add_test(c, siblings_that_are_no_prefixes);
    tcase_add_test(c, nested);
    tcase_add_test(c, slash_is_added);
    tcase_add_test(c, names_and_duplicates);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
