/* headers.c - unit test of a response's head on its way to the client: passed, hidden, ours, leading elsewhere.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/headers.c"

#include "origin.h"

START_TEST(passed_and_not)
{
    origin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: x\r\nServer: theirs\r\nX-Pad: 1\r\nX-Accel-Expires: 3\r\n"
           "X-Kept: 1\r\nX-Own: 1\r\nx-own: 2\r\nConnection: x-named, close\r\nX-Named: 1\r\nKeep-Alive: 5\r\n"
           "Expires: a\r\nExpires: b\r\nContent-Type: text/x; charset=y\r\n"
           "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nok");
    behind("location / { proxy_pass http://%; proxy_hide_header x-OWN; proxy_pass_header Server; }");
    ck_assert_int_eq(ask("GET /", NULL), 200);
    BODY("ok");
    ck_assert_str_eq(field("X-Kept"), "1");
    ck_assert_str_eq(field("Server"), "theirs");
    ck_assert_str_eq(field("Expires"), "a");
    ck_assert_str_eq(field("X-Own"), "");
    ck_assert_str_eq(field("X-Named"), "");
    ck_assert_str_eq(field("X-Pad"), "");
    ck_assert_str_eq(field("X-Accel-Expires"), "");
    ck_assert_str_eq(field("Keep-Alive"), "");
    EQ(r->res.type, "text/x; charset=y");
    EQ(r->res.modified_text, "Sun, 06 Nov 1994 08:49:37 GMT");
    ck_assert_int_eq(r->res.modified, 784111777);
}
END_TEST

START_TEST(for_us)
{
    origin("HTTP/1.1 200 OK\r\nX-Accel-Limit-Rate: 77\r\nX-Accel-Buffering: no\r\nX-Accel-Charset: koi8-r\r\n"
           "Content-Length: 0\r\n\r\n");
    behind("location / { proxy_pass http://%; } location /deaf { proxy_pass http://%; proxy_ignore_headers "
           "X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset; }");
    ck_assert_int_eq(ask("GET /", NULL), 200);
    ck_assert_uint_eq(r->limit_rate, 77);
    ck_assert(r->res.live);
    EQ(r->res.charset, "koi8-r");
    ck_assert_int_eq(ask("GET /deaf", NULL), 200);
    ck_assert_uint_ne(r->limit_rate, 77);
    ck_assert(!r->res.live);
    ck_assert_uint_eq(r->res.charset.len, 0);
}
END_TEST

START_TEST(events_are_live)
{
    origin("HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; x\r\nContent-Length: 0\r\n\r\n");
    behind("location / { proxy_pass http://%; }");
    ck_assert_int_eq(ask("GET /", NULL), 200);
    ck_assert(r->res.live);
}
END_TEST

static const struct { const char *to; int status; const char *body; } elsewhere[] = {
    { "/inside/x?a=b", 200, "in /inside/x a=b GET" }, { "/inside/%41", 200, "in /inside/A  GET" },
    { "@named", 200, "named POST" }, { "/../etc", 404, NULL }, { "nowhere", 404, NULL }, { "/a/%2e%2e/b", 404, NULL },
    { "@none", 500, NULL },
};

START_TEST(accelerated)
{
    origin(mw_arena_z(arena, mw_arena_fmt(arena, "HTTP/1.1 200 OK\r\nX-Accel-Redirect: %s\r\nSet-Cookie: a\r\n"
        "X-Other: 1\r\nContent-Type: text/theirs\r\nContent-Length: 4\r\n\r\nlost", elsewhere[_i].to)));
    behind("location / { proxy_pass http://%; } location /inside { internal; return 200 "
           "\"in $uri $args $request_method\"; } location @named { return 200 \"named $request_method\"; }");
    ck_assert_int_eq(ask("POST /", "Content-Length: 0", NULL), elsewhere[_i].status);
    if (elsewhere[_i].body == NULL)
        return;
    ck_assert_msg(mw_str_eq(got.bytes, mw_str_of(elsewhere[_i].body)), "%.*s", MW_S(got.bytes));
    ck_assert_str_eq(field("Set-Cookie"), "a");
    ck_assert_str_eq(field("X-Other"), "");
}
END_TEST

START_TEST(intercepted)
{
    origin("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nWWW-Authenticate: Own\r\nX-Other: 1\r\nContent-Length: 6\r\n"
           "\r\ntheirs");
    behind("error_page 401 /ours; location = /ours { return 200 ours; } location / { proxy_pass http://%; "
           "proxy_intercept_errors on; } location /plain { proxy_pass http://%; }");
    ck_assert_int_eq(ask("GET /", NULL), 401);
    BODY("ours");
    ck_assert_str_eq(field("X-Other"), "");
    ck_assert_int_eq(ask("GET /plain", NULL), 401);
    BODY("theirs");
    ck_assert_str_eq(field("X-Other"), "1");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/proxy/headers");
    TCase *t = tcase_create("accelerated");

    ORIGIN_CASE(s, passed_and_not);
    ORIGIN_CASE(s, for_us);
    ORIGIN_CASE(s, events_are_live);
    ORIGIN_CASE(s, intercepted);
    tcase_add_checked_fixture(t, begin, end_of_origin);
    tcase_add_loop_test(t, accelerated, 0, sizeof elsewhere / sizeof *elsewhere);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
