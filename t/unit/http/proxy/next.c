/* next.c - unit test of proxy_next_upstream: what sends a request on, how often, and what may not be sent twice.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/next.c"

#include "origin.h"

static const struct { const char *answer, *rule, *line; int status; } rows[] = {
    { "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "", "GET /", 503 },
    { "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "proxy_next_upstream http_503;", "GET /", 200 },
    { "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "proxy_next_upstream http_502;", "GET /", 503 },
    { "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "proxy_next_upstream http_503;", "POST /", 503 },
    { "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "proxy_next_upstream http_503 non_idempotent;", "POST /", 200 },
    { "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "proxy_next_upstream http_503; proxy_next_upstream_tries 1;",
      "GET /", 503 },
    { "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "proxy_next_upstream http_404;", "GET /", 200 },
    { "HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n", "proxy_next_upstream http_429;", "GET /", 200 },
    { "nonsense\r\n\r\n", "", "GET /", 502 },
    { "nonsense\r\n\r\n", "proxy_next_upstream invalid_header;", "GET /", 200 },
    { "", "", "GET /", 200 },                               /* it closed: an error */
    { "", "", "POST /", 502 },
    { "", "proxy_next_upstream off;", "GET /", 502 },
    { "", "proxy_next_upstream error non_idempotent;", "POST /", 200 },
};

START_TEST(sent_on)
{
    origin(rows[_i].answer);
    origin_at("second", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    behind(mw_arena_z(arena, mw_arena_fmt(arena, "location / { proxy_pass http://u; %s } } server { listen "
        "127.0.0.2:8080; } upstream u { server %%; server unix:%s/second backup;", rows[_i].rule, folder)));
    ck_assert_int_eq(ask(rows[_i].line, "Content-Length: 0", NULL), rows[_i].status);
}
END_TEST

START_TEST(nobody_is_left)
{
    house("location / { proxy_pass http://u; } } upstream u { server unix:/nobody; server unix:/none;");
    ck_assert_int_eq(ask("GET /", NULL), 502);
    ck_assert_int_eq(ask("POST /", "Content-Length: 0", NULL), 502);
    ck_assert(logged("no live upstreams"));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/proxy/next");
    TCase *t = tcase_create("sent_on");

    tcase_add_checked_fixture(t, begin, end_of_origin);
    tcase_add_loop_test(t, sent_on, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(s, t);
    ORIGIN_CASE(s, nobody_is_left);
    return s;
}

#include "run.h"
