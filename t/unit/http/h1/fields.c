/* fields.c - unit test of what a request line and its fields mean, and what of them is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/h1/fields.c"

#include "house.h"

static mw_h1_work work;
static mw_h1      wire;

/* A request of which nothing is known yet, on the address of the first server. */
static void fresh(void)
{
    const mw_door *door = MW_OWNER(cycle->wants.listens.next, mw_listen, all)->door;

    let_go();
    got.parted = false;
    mw_chain_init(&got.body);
    wire = (mw_h1){ .conn = &conn, .at = &door->addrs[0] };
    work = (mw_h1_work){ .h1 = &wire, .server = first_server() };
    r = work.r = mw_request_new(worker.loop, first_server()->site, &house_wire, NULL, visit);
    mw_request_hold(r);
    r->server = work.server;
    r->log.sinks = work.server->core->errors;
    r->length = -1;
}

/* Takes a whole head, as read.c does; the status to refuse it with. */
static int take(const char *text)
{
    mw_str      left = mw_arena_copy(arena, mw_str_of(text));
    mw_h1_line  line;
    mw_h1_field f;
    mw_h1_fault fault;
    size_t      used;
    mw_rc       rc;
    int         status;

    fresh();
    rc = mw_h1_request_line(left, &line, &used, &fault);
    ck_assert(rc == MW_OK || rc == MW_ERR);
    r->line = line.whole;
    if (rc == MW_ERR)
        return mw_h1_take_fault(&work, fault, NULL);
    left = mw_str_drop(left, used);
    status = mw_h1_take_line(&work, &line);
    while (status == 0 && (rc = mw_h1_header(left, &f, &used, &fault)) != MW_END) {
        ck_assert(rc == MW_OK || rc == MW_ERR);
        left = mw_str_drop(left, used);
        status = rc == MW_OK ? mw_h1_take_field(&work, &f) : mw_h1_take_fault(&work, fault, &f);
    }
    return status != 0 ? status : mw_h1_take_end(&work);
}

START_TEST(targets)
{
    house("");
    ck_assert_int_eq(take("GET /a/../b%20c?x=y HTTP/1.1\r\nHost: House.Test:81\r\n\r\n"), 0);
    EQ(r->uri, "/b c");
    EQ(r->args, "x=y");
    EQ(r->target, "/a/../b%20c?x=y");
    EQ(r->host, "house.test");
    EQ(r->host_port, "81");
    ck_assert(r->method == MW_GET && r->version == MW_HTTP_11 && r->keep_alive && !r->plain_target);
    ck_assert_int_eq(take("GET http://other.test/p?q HTTP/1.1\r\nHost: house.test\r\n\r\n"), 0);
    EQ(r->host, "other.test");                  /* RFC 9112 3.2.2 */
    EQ(r->target, "/p?q");
    ck_assert_int_eq(take("GET http://other.test?q HTTP/1.0\r\n\r\n"), 0);
    EQ(r->target, "/?q");
    EQ(r->uri, "/");
}
END_TEST

START_TEST(keeps_or_closes)
{
    house("");
    ck_assert(take("GET / HTTP/1.0\r\n\r\n") == 0 && !r->keep_alive);
    ck_assert(take("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n") == 0 && r->keep_alive);
    ck_assert(take("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n") == 0 && !r->keep_alive);
    ck_assert(take("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n") == 0 && !r->upgrade);
    ck_assert(take("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: w\r\n\r\n") == 0 && r->upgrade);
    ck_assert(take("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: w\r\n\r\n") == 0 && !r->upgrade);
    ck_assert(take("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n") == 0 && r->expects);
    ck_assert(take("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n") == 0 && !r->expects);
}
END_TEST

START_TEST(frames)
{
    house("");
    ck_assert(take("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n") == 0 && work.body == MW_H1_LENGTH);
    ck_assert_uint_eq(work.left, 7);
    ck_assert(take("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n") == 0 && work.body == MW_H1_NO_BODY);
    ck_assert(take("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n") == 0 && r->chunked);
    ck_assert(work.body == MW_H1_CHUNKED && work.chunked.strict);
    ck_assert(take("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == 0 && work.body == MW_H1_NO_BODY && r->length == -1);
}
END_TEST

static const struct { const char *head; int status; const char *said; } refused[] = {
    { "GET / HTTP/1.1\r\n\r\n", 400, "HTTP/1.1 request without \"Host\" header" },
    { "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "duplicate host header: \"Host: a\", previous value" },
    { "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "invalid host header" },
    { "GET http://a@b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "client sent invalid request" },
    { "GET http://a..b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid host in request line" },
    { "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "client sent invalid request" },
    { "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "client sent invalid request" },
    { "GET /../x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "client sent invalid request" },
    { "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "invalid version" },
    { "G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid method" },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, "duplicate header line" },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400, "invalid \"Content-Length\"" },
    { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
      "at the same time" },
    { "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "HTTP/1.0 request with \"Transfer-Encoding\"" },
    { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, "unknown \"Transfer-Encoding\"" },
    { "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n folded\r\n\r\n", 400, "invalid header line" },
    { "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "client sent TRACE method" },
    { "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 405, "client sent CONNECT method" },
    { "CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "client sent invalid request" },
    { "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n", 400, "too many header lines" },
};

START_TEST(refuses)
{
    house("max_headers 4;");
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        ck_assert_msg(take(refused[i].head) == refused[i].status, "%s", refused[i].head);
        ck_assert_msg(!r->keep_alive, "%s", refused[i].head);
        ck_assert_msg(logged(refused[i].said), "%s: %s", refused[i].head, refused[i].said);
    }
}
END_TEST

START_TEST(odd_names)
{
    house("");
    ck_assert_int_eq(take("GET / HTTP/1.1\r\nHost: a\r\nA_B: 1\r\nC: 2\r\n\r\n"), 0);
    ck_assert(mw_fields_find(&r->head, MW_STR("A_B")) == NULL && mw_fields_find(&r->head, MW_STR("C")) != NULL);
    ck_assert(logged("client sent invalid header line: \"A_B: 1\""));
    finish();
    begin();
    house("underscores_in_headers on;");
    ck_assert_int_eq(take("GET / HTTP/1.1\r\nHost: a\r\nA_B: 1\r\n\r\n"), 0);
    ck_assert_ptr_nonnull(mw_fields_find(&r->head, MW_STR("A_B")));
}
END_TEST

START_TEST(old_ones)
{
    house("");
    ck_assert_int_eq(take("GET /\r\n\r\n"), 0);
    ck_assert(r->version == MW_HTTP_09 && !r->keep_alive);
    ck_assert_int_eq(take("GET nothing\r\n\r\n"), 400);
    ck_assert(r->version == MW_HTTP_10);        /* it gets a head */
    ck_assert_int_eq(take("POST /\r\n\r\n"), 400);
    ck_assert(r->version == MW_HTTP_09);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/h1/fields");

    CASE(s, targets);
    CASE(s, keeps_or_closes);
    CASE(s, frames);
    CASE(s, refuses);
    CASE(s, odd_names);
    CASE(s, old_ones);
    return s;
}

#include "run.h"
