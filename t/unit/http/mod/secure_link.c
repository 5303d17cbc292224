/* secure_link.c - unit test of secure_link: both forms, what is broken, bad rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/secure_link.c"

#include "house.h"

START_TEST(with_secret)
{
    house("secure_link_md5 x; location /p/ { secure_link_secret secret; return 200 \"<$secure_link>\"; }"
          "location / { return 200 \"<$secure_link$secure_link_expires>\"; }");
    ck_assert_int_eq(ask("GET /p/5e814704a28d9bc1914ff19fa0c4a00a/link", NULL), 200);
    BODY("<link>");
    ck_assert_int_eq(ask("GET /p/5E814704A28D9BC1914FF19FA0C4A00A/link", NULL), 200);
    BODY("<link>");
    ck_assert_int_eq(ask("GET /p/5e814704a28d9bc1914ff19fa0c4a00b/link", NULL), 200);
    BODY("<>");
    ck_assert_int_eq(ask("GET /p/5e814704a28d9bc1914ff19fa0c4a00/link", NULL), 200);
    BODY("<>");
    ck_assert_int_eq(ask("GET /p/5e814704a28d9bc1914ff19fa0c4a00a/", NULL), 200);
    BODY("<>");
    ck_assert_int_eq(ask("GET /p/", NULL), 200);
    BODY("<>");
    ck_assert_int_eq(ask("GET /other", NULL), 200);
    BODY("<>");
}
END_TEST

START_TEST(with_checksum)
{
    house("secure_link $arg_md5,$arg_expires; secure_link_md5 \"$secure_link_expires$uri$remote_addr secret\";"
          "location /s/ { return 200 \"<$secure_link $secure_link_expires>\"; }"
          "location /plain { secure_link $arg_md5; secure_link_md5 abc; return 200 \"<$secure_link>\"; }");
    ck_assert_int_eq(ask("GET /plain?md5=kAFQmDzST7DWlj99KOF_cg", NULL), 200);
    BODY("<1>");
    ck_assert_int_eq(ask("GET /plain?md5=kAFQmDzST7DWlj99KOF_cg==", NULL), 200);
    BODY("<1>");
    ck_assert_int_eq(ask("GET /plain?md5=kAFQmDzST7DWlj99KOF_cgAA", NULL), 200);
    BODY("<>");
    ck_assert_int_eq(ask("GET /plain?md5=%%%", NULL), 200);
    BODY("<>");
    ck_assert_int_eq(ask("GET /s/link?md5=kAFQmDzST7DWlj99KOF_cg&expires=x", NULL), 200);
    BODY("< x>");
    ck_assert_int_eq(ask("GET /s/link?md5=kAFQmDzST7DWlj99KOF_cg&expires=2147483647", NULL), 200);
    BODY("< 2147483647>");
}
END_TEST

START_TEST(in_time)
{
    house("secure_link $arg_md5,$arg_expires; secure_link_md5 abc; return 200 \"<$secure_link>\";");
    ck_assert_int_eq(ask("GET /?md5=kAFQmDzST7DWlj99KOF_cg&expires=99999999999", NULL), 200);
    BODY("<1>");
    ck_assert_int_eq(ask("GET /?md5=kAFQmDzST7DWlj99KOF_cg&expires=1", NULL), 200);
    BODY("<0>");
}
END_TEST

START_TEST(mixed)
{
    ck_assert_uint_ge(bind_house("events { } http { server { location / { secure_link_secret a; secure_link b; } } }"),
                      1);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/secure_link");

    CASE(s, with_secret);
    CASE(s, with_checksum);
    CASE(s, in_time);
    CASE(s, mixed);
    return s;
}

#include "run.h"
