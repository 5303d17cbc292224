/* sni.c - unit tests of tls/sni.c: the name in the extension of a hello.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/sni.c"

#include <check.h>

#define BYTES(text)  MW_STR_C(text)

static const struct { mw_str extension, name; } cases[] = {
    { BYTES("\0\6\0\0\3a.b"), BYTES("a.b") },
    { BYTES("\0\4\0\0\1*"), BYTES("*") },
    { BYTES("\0\3\0\0\0"), BYTES("") },
    { BYTES(""), BYTES("") },                           /* nothing */
    { BYTES("\0"), BYTES("") },                         /* half a length */
    { BYTES("\0\7\0\0\3a.b"), BYTES("") },              /* the list is longer than the extension */
    { BYTES("\0\5\0\0\3a.b"), BYTES("") },              /* or shorter */
    { BYTES("\0\6\1\0\3a.b"), BYTES("") },              /* not a host name */
    { BYTES("\0\6\0\0\4a.b"), BYTES("") },              /* the name is longer than the list */
    { BYTES("\0\6\0\377\377a.b"), BYTES("") },
    { BYTES("\0\6\0\0\3a\0b"), BYTES("") },             /* a NUL in it */
    { BYTES("\0\2\0\0"), BYTES("") },                   /* half a length of the name */
};

START_TEST(a_name_is_read)
{
    mw_str name = name_in(cases[_i].extension);

    ck_assert_uint_eq(name.len, cases[_i].name.len);
    ck_assert(mw_str_eq(name, cases[_i].name));
}
END_TEST

START_TEST(a_name_has_a_limit)
{
    char bytes[5 + 256] = { 0 };

    for (size_t n = 255; n <= 256; n++) {
        memset(&bytes[5], 'a', n);
        bytes[0] = (char)((n + 3) >> 8);
        bytes[1] = (char)((n + 3) & 255);
        bytes[3] = (char)(n >> 8);
        bytes[4] = (char)(n & 255);
        ck_assert_uint_eq(name_in((mw_str){ bytes, 5 + n }).len, n == 255 ? 255 : 0);
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("tls/sni");
    TCase *t = tcase_create("names");

    tcase_add_loop_test(t, a_name_is_read, 0, sizeof cases / sizeof *cases);
    tcase_add_test(t, a_name_has_a_limit);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
