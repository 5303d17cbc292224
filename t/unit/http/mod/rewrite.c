/* rewrite.c - unit test of rewrite, return, set, if and break.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/rewrite.c"

#include "house.h"

START_TEST(uris)
{
    house("rewrite ^/server/(.*)$ /place/$1; rewrite_log on;"
          "location /place/ { return 200 \"$uri $args\"; }"
          "location /last/ { rewrite ^/last/(.*)$ /place/$1?a=$1 last; return 200 no; }"
          "location /break/ { rewrite ^ /x break; return 200 no; }"
          "location /drop { rewrite ^ /place/d? last; }"
          "location /circle { rewrite ^ /circle last; }"
          "location /none { rewrite ^/other$ /x; return 200 stayed; }");
    ck_assert_int_eq(ask("GET /server/a?b=c", NULL), 200);
    BODY("/place/a b=c");
    ck_assert(logged("rewritten data: \"/place/a\""));
    ck_assert_int_eq(ask("GET /last/z?b=c", NULL), 200);
    BODY("/place/z a=z&b=c");
    ck_assert_int_eq(ask("GET /break/z", NULL), 404);       /* nothing behind it is run: a file is looked for */
    EQ(r->uri, "/x");
    ck_assert_int_eq(ask("GET /drop?b=c", NULL), 200);
    BODY("/place/d ");
    ck_assert_int_eq(ask("GET /circle", NULL), 500);
    ck_assert(logged("rewrite or internal redirection cycle"));
    ck_assert_int_eq(ask("GET /none", NULL), 200);
    BODY("stayed");
}
END_TEST

START_TEST(redirects)
{
    static const struct { const char *uri; int status; const char *location; } rows[] = {
        { "GET /r/a+b?c=d", 302, "/to/a+b?c=d" }, { "GET /h/a+b", 302, "/q?x=a%2Bb" },
        { "GET /h/a&b", 302, "/q?x=a&b" }, { "GET /p/a", 301, "https://other/a" },
        { "GET /q/a?c=d", 302, "http://other/?x=1&c=d" }, { "GET /url", 302, "http://other/" },
        { "GET /code", 308, "/there" }, { "GET /bare", 301, "" },
    };

    house("rewrite ^/r/(.*)$ /to/$1 redirect; rewrite ^/p/(.*)$ https://other/$1 permanent; rewrite ^/q/ "
        "http://other/?x=1; rewrite ^/h/(.*)$ /q?x=$1 redirect;"
          "location = /url { return http://other/; } location = /code { return 308 /there; } location = /bare { "
          "return 301; }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(ask(rows[i].uri, NULL), rows[i].status);
        ck_assert_str_eq(field("Location"), rows[i].location);
    }
}
END_TEST

START_TEST(programs)
{
    house("set $a server; if ($request_method = PUT) { set $a put; }"
          "location = /v { set $b \"$a-${arg_x}\"; return 200 $b; }"
          "location = /if { set $c 1; if ($arg_x) { set $c 2; } if ($arg_x ~ ^(.)z$) { set $c $1; } return 200 $c; }"
          "location = /in { if ($arg_x = 1) { return 201 one; } if ($arg_x != 1) { return 202 other; } }"
          "location = /break { break; return 200 no; }"
          "location = /close { return 444; } location = /empty { return 204; } location = /what { return 599 odd; }");
    ck_assert_int_eq(ask("GET /v?x=y", NULL), 200);
    BODY("server-y");
    ck_assert_int_eq(ask("PUT /v", NULL), 200);
    BODY("put-");
    ck_assert_int_eq(ask("GET /if", NULL), 200);
    BODY("1");
    ck_assert_int_eq(ask("GET /if?x=0", NULL), 200);
    BODY("1");
    ck_assert_int_eq(ask("GET /if?x=q", NULL), 200);
    BODY("2");
    ck_assert_int_eq(ask("GET /if?x=qz", NULL), 200);
    BODY("q");
    ck_assert_int_eq(ask("GET /in?x=1", NULL), 201);
    ck_assert_int_eq(ask("GET /in?x=2", NULL), 202);
    ck_assert_int_eq(ask("GET /break", NULL), 404);
    ck_assert_int_eq(ask("GET /close", NULL), 0);
    ck_assert_int_eq(ask("GET /empty", NULL), 204);
    ck_assert_int_eq(ask("GET /what", NULL), 599);
    BODY("odd");
}
END_TEST

START_TEST(an_if_is_a_place)
{
    write_file("z", "zed");
    house("root .; location / { add_header X-In outer; if ($arg_a) { add_header X-In a; } if ($arg_b) { add_header "
        "X-In b; }"
          " try_files /none =410; }"
          "location /t/ { if ($arg_a) { rewrite ^ /x break; } return 200 no; }");
    ck_assert_int_eq(ask("GET /z", NULL), 410);
    ck_assert_int_eq(ask("GET /z?a=1", NULL), 200);         /* try_files is not inherited into it */
    ck_assert_str_eq(field("X-In"), "a");
    ck_assert_int_eq(ask("GET /z?a=1&b=1", NULL), 200);     /* the last one entered wins */
    ck_assert_str_eq(field("X-In"), "b");
    ck_assert_int_eq(ask("GET /t/?a=1", NULL), 404);
    ck_assert_int_eq(ask("GET /t/", NULL), 200);
}
END_TEST

START_TEST(bad_rows)
{
    ck_assert_uint_eq(bind_house("events { } http { server { return x; return 1000; rewrite ( a; rewrite a b c; set "
        "a b;\n"
                                 /* names: when all else is good */
                                 "if ($a ~ () { } if x { } return 200 $none; } }"), 7);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/rewrite");

    CASE(s, uris);
    CASE(s, redirects);
    CASE(s, programs);
    CASE(s, an_if_is_a_place);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
