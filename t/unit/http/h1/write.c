/* write.c - unit test of an answer's head and framing: which fields, in which order, and where the body ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/h1/write.c"

#include "house.h"

static mw_h1_out out;
static bool      chunked;
static char      text[65536];

/* All that was written, and forgets it. */
static mw_str written(void)
{
    size_t n;

    mw_h1_out_settle(&out);
    n = mw_chain_peek(&out.chain, text, sizeof text);
    mw_h1_out_end(&out);
    return (mw_str){ text, n };
}

static mw_str head_of(void)
{
    mw_h1_out_init(&out);
    mw_h1_write_head(r, &out, &chunked);
    return written();
}

static bool has(mw_str s, const char *part) { return mw_str_find(s, mw_str_of(part)) < s.len; }

static void place(const char *conf)
{
    house(conf);
    ck_assert_int_eq(ask("GET /", NULL), 200);
}

START_TEST(heads)
{
    mw_str head;

    place("location / { return 200 body; }");
    mw_fields_add(r->arena, &r->res.head, MW_STR("X-A"), MW_STR("one\r\ntwo"));
    head = head_of();
    ck_assert(mw_str_starts(head, MW_STR("HTTP/1.1 200 OK\r\nServer: nginx/1.31.5\r\nDate: ")));
    ck_assert(has(head, " GMT\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: keep-alive\r\n"
                  "X-A: one  two\r\n\r\n"));
    ck_assert(!chunked && r->keep_alive);
    mw_fields_add_token(r->arena, &r->res.head, MW_T_SERVER, MW_STR("other"));
    r->res.charset = MW_STR("utf-8");
    r->res.modified = 0;
    r->res.status_line = MW_STR("200 Very Well");
    head = head_of();
    ck_assert(mw_str_starts(head, MW_STR("HTTP/1.1 200 Very Well\r\nDate: ")) && has(head, "\r\nServer: other\r\n"));
    ck_assert(has(head, "Content-Type: text/plain; charset=utf-8\r\n"));
    ck_assert(has(head, "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n"));
    r->res.status_line = MW_STR("");
    r->res.status = 299;
    ck_assert(mw_str_starts(head_of(), MW_STR("HTTP/1.1 299 \r\n")));
}
END_TEST

START_TEST(ends_of_bodies)
{
    place("location / { return 200 body; }");
    r->res.length = -1;
    ck_assert(has(head_of(), "Transfer-Encoding: chunked\r\n") && chunked && r->keep_alive);
    r->version = MW_HTTP_10;
    ck_assert(has(head_of(), "Connection: close\r\n") && !chunked && !r->keep_alive);     /* the connection's end */
    r->version = MW_HTTP_11;
    r->keep_alive = true;
    r->res.status = 204;
    ck_assert(!has(head_of(), "Content-") && !chunked && r->keep_alive);
    r->res.status = 304;
    ck_assert(!has(head_of(), "Content-") && !chunked);
    r->res.status = 200;
    r->res.head_only = true;
    ck_assert(!chunked && !has(head_of(), "chunked"));
    r->res.head_only = false;
    r->res.length = 4;
    r->res.trailing = true;
    ck_assert(has(head_of(), "chunked\r\n") && chunked);                                /* trailers need chunks */
}
END_TEST

START_TEST(keeps_chunks_off)
{
    place("server_tokens off; keepalive_timeout 10s 9s; location / { chunked_transfer_encoding off; return 200 b; }");
    ck_assert(has(head_of(), "Server: nginx\r\n"));
    ck_assert(has(head_of(), "Connection: keep-alive\r\nKeep-Alive: timeout=9\r\n"));
    r->res.length = -1;
    ck_assert(!has(head_of(), "chunked") && !chunked && !r->keep_alive);
}
END_TEST

START_TEST(places_of_redirects)
{
    house("location = /a { return 301 /b; } location = /r { absolute_redirect off; return 301 /b; }"
          "location = /n { server_name_in_redirect on; port_in_redirect off; return 302 /b; }");
    ck_assert_int_eq(ask("GET /a", NULL), 301);
    ck_assert(has(head_of(), "Location: http://house.test/b\r\n"));         /* the test's port is 80 */
    EQ(mw_fields_value(&r->res.head, MW_T_LOCATION), "http://house.test/b");
    ck_assert_int_eq(ask("GET /r", NULL), 301);
    ck_assert(has(head_of(), "Location: /b\r\n"));
    ck_assert_int_eq(ask("GET /n", NULL), 302);
    ck_assert(has(head_of(), "Location: http://house.test/b\r\n"));
}
END_TEST

START_TEST(informs)
{
    mw_fields list = { 0 };

    mw_h1_out_init(&out);
    mw_h1_write_inform(100, NULL, &out);
    mw_fields_add(arena, &list, MW_STR("Link"), MW_STR("</a>"));
    mw_h1_write_inform(103, &list, &out);
    EQ(written(), "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
}
END_TEST

START_TEST(bodies)
{
    static const char long_text[] = "0123456789abcdef";
    mw_chain          body;
    mw_str            all;

    place("location / { return 200 body; }");
    mw_h1_out_init(&out);
    mw_chain_init(&body);
    mw_chain_add_static(&body, MW_STR("hello"));
    mw_h1_write_body(r, &body, &out, true, false);
    ck_assert(body.bytes == 0);
    mw_fields_add(r->arena, &r->res.trailers, MW_STR("X-T"), MW_STR("t"));
    mw_h1_write_body(r, &body, &out, true, true);
    ck_assert_uint_eq(mw_h1_out_bytes(&out), 23);
    EQ(written(), "5\r\nhello\r\n0\r\nX-T: t\r\n\r\n");
    mw_h1_out_init(&out);
    mw_chain_add_static(&body, MW_STR("hello"));
    mw_h1_write_body(r, &body, &out, false, true);
    EQ(written(), "hello");
    mw_h1_out_init(&out);                       /* longer than what is copied: views, in the right order */
    mw_h1_out_str(&out, MW_STR("<"));
    for (unsigned i = 0; i < 1000; i++)
        mw_chain_add_static(&body, (mw_str){ long_text, 16 });
    mw_h1_write_body(r, &body, &out, true, false);
    mw_h1_out_str(&out, MW_STR(">"));
    all = written();
    ck_assert_uint_eq(all.len, 16000 + 6 + 2 + 2);
    ck_assert(mw_str_starts(all, MW_STR("<3e80\r\n0123456789abcdef0")) && mw_str_ends(all, MW_STR("f\r\n>")));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/h1/write");

    CASE(s, heads);
    CASE(s, ends_of_bodies);
    CASE(s, keeps_chunks_off);
    CASE(s, places_of_redirects);
    CASE(s, informs);
    CASE(s, bodies);
    return s;
}

#include "run.h"
