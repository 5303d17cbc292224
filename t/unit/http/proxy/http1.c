/* http1.c - unit test of HTTP/1 towards upstreams: names, values, and how an answer is framed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/http1.c"

#include <check.h>

#include "core/must.h"

static const mw_sinks quiet = { .most = MW_LOG_STDERR };

START_TEST(names)
{
    ck_assert(is_token(MW_STR("X-A_b.c!#$%&'*+^`|~9")));
    ck_assert(!is_token(MW_STR("X(A")));
    ck_assert(!is_token(MW_STR("X A")));
    ck_assert(!is_token(MW_STR("X\xe9")));
    ck_assert(only_usual(MW_STR("")) && only_usual(MW_STR("Keep-Alive")) && only_usual(MW_STR("close")));
    ck_assert(!only_usual(MW_STR("close, X-A")));
}
END_TEST

START_TEST(values_stay_in_their_line)
{
    char   room[64];
    mw_out o = mw_out_on(room, sizeof room);

    put_field(&o, MW_STR("A"), MW_STR("b\r\nX: c\0d"));
    ck_assert(mw_str_eq(mw_out_done(&o), MW_STR("A: b  X: c d\r\n")));
}
END_TEST

/* length: -1: none; framing: -1: refused */
static const struct { const char *head; bool asked_head; int framing; int64_t length; bool keep; } answers[] = {
    { "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false, MW_FRAMED_LENGTH, 3, true },
    { "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true, MW_FRAMED_NONE, 3, true },
    { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, MW_FRAMED_NONE, 0, true },
    { "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: x, Close\r\n\r\n", false, MW_FRAMED_LENGTH, 3, false },
    { "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", false, MW_FRAMED_LENGTH, 3, false },
    { "HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n", false, MW_FRAMED_LENGTH, 3, true },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", false, MW_FRAMED_CHUNKS, -1, true },
    { "HTTP/1.1 200 OK\r\n\r\n", false, MW_FRAMED_EOF, -1, false },
    { "HTTP/1.1 204 No\r\n\r\n", false, MW_FRAMED_NONE, -1, true },
    { "HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", false, MW_FRAMED_NONE, 9, true },
    { "HTTP/1.1 101 No\r\nUpgrade: x\r\n\r\n", false, MW_FRAMED_NONE, -1, false },
    { "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 204 No\r\n\r\n", false, MW_FRAMED_NONE, -1, true },
    { "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", false, -1, 0, false },
    { "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", false, -1, 0, false },
    { "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\n", false, -1, 0, false },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n", false, -1, 0, false },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", false, -1, 0, false },
    { "ICY 200 OK\r\n\r\n", false, -1, 0, false },
};

START_TEST(framing)
{
    mw_arena     *a = mw_arena_new(4096);
    mw_request    r = { .arena = a, .log.sinks = &quiet };
    mw_proxy_conf c = { .version = MW_HTTP_11 };
    mw_http1      h = { .conf = &c, .head_asked = answers[_i].asked_head };
    mw_exchange   x = { .r = &r, .way = &c.way, .speak = &mw_speak_http1, .speaker = &h, .stage = MW_X_HEAD };
    mw_str        text = mw_str_of(answers[_i].head);
    size_t        used = 0;
    mw_rc         rc = head(&x, text, &used);

    if (answers[_i].framing < 0) {
        ck_assert_int_eq(rc, MW_ERR);
    } else {
        ck_assert_int_eq(rc, MW_OK);
        ck_assert_uint_eq(used, text.len);
        ck_assert_int_eq(h.state.framing, answers[_i].framing);
        ck_assert_int_eq(h.state.length, answers[_i].length);
        ck_assert(reusable(&x) == answers[_i].keep);
    }
    mw_arena_free(a);
}
END_TEST

START_TEST(said_twice)
{
    mw_arena     *a = mw_arena_new(4096);
    mw_request    r = { .arena = a, .log.sinks = &quiet };
    mw_proxy_conf c = { .version = MW_HTTP_11 };
    mw_http1      h = { .conf = &c };
    mw_exchange   x = { .r = &r, .way = &c.way, .speak = &mw_speak_http1, .speaker = &h, .stage = MW_X_HEAD };
    size_t        used = 0;

    ck_assert_int_eq(head(&x, MW_STR("HTTP/1.1 200 OK\r\nExpires: a\r\nExpires: b\r\nX: 1\r\nX: 2\r\n\r\n"), &used),
                     MW_OK);
    ck_assert_uint_eq(x.head.n, 3);
    ck_assert(mw_str_eq(mw_fields_value(&x.head, MW_T_EXPIRES), MW_STR("a")));
    mw_arena_free(a);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http1");
    TCase *c = tcase_create("http1");

    tcase_add_test(c, names);
    tcase_add_test(c, values_stay_in_their_line);
    tcase_add_loop_test(c, framing, 0, sizeof answers / sizeof *answers);
    tcase_add_test(c, said_twice);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
