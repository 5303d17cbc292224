/* parse.c - tests of request lines, fields and chunks, whole and byte by byte; what is accepted was compared
 * with nginx.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/h1/parse.c"

#include <check.h>

#define EQ(s, text)  ck_assert_msg(mw_str_eq((s), mw_str_of(text)), "\"%.*s\", not \"%s\"", MW_S(s), text)
#define COUNT(list)  ((int)(sizeof (list) / sizeof (list)[0]))

typedef struct line_case {
    const char *text;
    mw_h1_fault fault;
    const char *method, *target;
    mw_version  version;
} line_case;

static const line_case lines[] = {
    { "GET / HTTP/1.1\r\n", MW_H1_FINE, "GET", "/", MW_HTTP_11 },
    { "\r\n\n\rPOST  /x  HTTP/1.0 \n", MW_H1_FINE, "POST", "/x", MW_HTTP_10 },
    { "G_T-X * HTTP/1.100\r\n", MW_H1_FINE, "G_T-X", "*", MW_HTTP_11 },
    { "GET /\r\n", MW_H1_FINE, "GET", "/", MW_HTTP_09 },
    { "GET / \n", MW_H1_FINE, "GET", "/", MW_HTTP_09 },
    { "POST /\r\n", MW_H1_BAD_09_METHOD, "", "", MW_HTTP_09 },
    { "get / HTTP/1.1\r\n", MW_H1_BAD_METHOD, "", "", MW_HTTP_09 },
    { "G3T / HTTP/1.1\r\n", MW_H1_BAD_METHOD, "", "", MW_HTTP_09 },
    { "GET\r\n", MW_H1_BAD_METHOD, "", "", MW_HTTP_09 },
    { "\026\003\001", MW_H1_BAD_METHOD, "", "", MW_HTTP_09 },
    { "GET  \r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET /\tHTTP/1.1\r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET /a b HTTP/1.1\r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET /\177 HTTP/1.1\r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET / http/1.1\r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET / HTTP/0.9\r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET / HTTP/1\r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET / HTTP/1.\r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET / HTTP/.1\r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET / HTTP/01.1\r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET / HTTP/1.1000\r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET / HTTP/1.1\r\r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET / HTTP/1.1 x\r\n", MW_H1_BAD_LINE, "", "", MW_HTTP_09 },
    { "GET / HTTP/2.0\r\n", MW_H1_BAD_VERSION, "", "", MW_HTTP_09 },
    { "PRI * HTTP/2.0\r\n", MW_H1_BAD_VERSION, "", "", MW_HTTP_09 },
};

START_TEST(line)
{
    const line_case *c = &lines[_i];
    mw_str           text = mw_str_of(c->text);
    mw_h1_line       got;
    mw_h1_fault      fault;
    size_t           used, n = 0;
    mw_rc            rc;

    do
        rc = mw_h1_request_line(mw_str_take(text, n++), &got, &used, &fault);
    while (rc == MW_AGAIN && n <= text.len);
    ck_assert_int_eq(rc, c->fault == MW_H1_FINE ? MW_OK : MW_ERR);
    ck_assert_int_eq(fault, c->fault);
    if (rc != MW_OK)
        return;
    EQ(got.method, c->method);
    EQ(got.target, c->target);
    ck_assert_int_eq(got.version, c->version);
    ck_assert_uint_eq(used, text.len);
    ck_assert(mw_str_starts(got.whole, got.method) && mw_str_index(got.whole, '\r') == got.whole.len);
}
END_TEST

typedef struct field_case { const char *text; mw_rc rc; const char *name, *value; bool invalid; } field_case;

static const field_case fields[] = {
    { "Host: a\r\n", MW_OK, "Host", "a", false }, { "x:\t a b \t\n", MW_OK, "x", "a b", false },
    { "X\r\n", MW_OK, "X", "", false }, { "X:\r\n", MW_OK, "X", "", false },
    { "X_a: v\r\n", MW_OK, "X_a", "v", false },
    { "X.a: v\r\n", MW_OK, "X.a", "v", true }, { "X\303: \377\r\n", MW_OK, "X\303", "\377", true },
    { "\r\n", MW_END, "", "", false }, { "\n", MW_END, "", "", false },
    { " folded\r\n", MW_ERR, "", " ", false }, { "X : a\r\n", MW_ERR, "X", " ", false },
    { ": v\r\n", MW_ERR, "", ":", false },
    { "X: a\rb\r\n", MW_ERR, "X: a", "\r", false }, { "X\r: a\r\n", MW_ERR, "X", "\r", false },
    { "X: \1\177\r\n", MW_OK, "X", "\1\177", false }, { "X\2: a\r\n", MW_ERR, "X", "\2", false },
    { "\rX\r\n", MW_ERR, "", "\r", false }, { "X: a\r\r\n", MW_ERR, "X: a", "\r", false },
};

START_TEST(field)
{
    const field_case *c = &fields[_i];
    mw_str            text = mw_str_of(c->text);
    mw_h1_field       f;
    mw_h1_fault       fault;
    size_t            used, n = 0;
    mw_rc             rc;

    do
        rc = mw_h1_header(mw_str_take(text, n++), &f, &used, &fault);
    while (rc == MW_AGAIN && n <= text.len);
    ck_assert_int_eq(rc, c->rc);
    EQ(f.name, c->name);
    EQ(f.value, c->value);
    ck_assert_int_eq(f.invalid, c->invalid);
    if (rc != MW_ERR)
        ck_assert_uint_eq(used, text.len);
    else
        ck_assert_int_ne(fault, MW_H1_FINE);
}
END_TEST

START_TEST(nul_breaks)
{
    mw_h1_field f;
    mw_h1_fault fault;
    size_t      used;

    ck_assert_int_eq(mw_h1_header(MW_STR("X: a\0b\r\nY"), &f, &used, &fault), MW_ERR);
    ck_assert_uint_eq(used, 8);
}
END_TEST

/* What ends a value is found wherever it stands, and what does not is not. */
START_TEST(values_of_any_length)
{
    static const char ends[] = { '\n', '\r', '\0' };
    static const char others[] = { '\t', 1, 14, 15, 16, 'a', 127, (char)128, (char)141, (char)255 };
    char              bytes[80];
    mw_h1_field       f;
    mw_h1_fault       fault;
    size_t            used;

    for (size_t n = 1; n < 40; n++)
        for (size_t i = 0; i < sizeof others; i++)
            for (size_t e = 0; e < sizeof ends; e++) {
                memset(bytes, 'x', sizeof bytes);
                memcpy(bytes, "N:", 2);
                bytes[2 + n / 2] = others[i];
                bytes[1 + n] = 'x';
                bytes[2 + n] = ends[e];
                bytes[3 + n] = '\n';
                ck_assert_int_eq(mw_h1_header((mw_str){ bytes, sizeof bytes }, &f, &used, &fault),
                                 ends[e] == '\0' ? MW_ERR : MW_OK);
                ck_assert_uint_eq(used, n + (ends[e] == '\n' ? 3 : 4));
                if (ends[e] != '\0' && n > 2) ck_assert_uint_eq(f.value.len, n);
            }
}
END_TEST

typedef struct status_case { const char *text; mw_rc rc; int status; const char *phrase; } status_case;

static const status_case statuses[] = {
    { "HTTP/1.1 200 OK\r\n", MW_OK, 200, "OK" }, { "HTTP/1.0 404 Not Here\n", MW_OK, 404, "Not Here" },
    { "HTTP/1.1 204\r\n", MW_OK, 204, "" }, { "HTTP/1.1 200 O", MW_AGAIN, 200, "" },
    { "HTT", MW_AGAIN, 0, "" },
    { "HTTP/2 200\r\n", MW_ERR, 0, "" }, { "<html>", MW_ERR, 0, "" },
    { "HTTP/1.1 099 x\r\n", MW_ERR, 99, "" },
    { "HTTP/1.1 2000 x\r\n", MW_ERR, 200, "" }, { "HTTP/1.1 20x\r\n", MW_ERR, 20, "" },
    { "HTTP/1.1  \r\n", MW_ERR, 0, "" },
};

START_TEST(status_line)
{
    const status_case *c = &statuses[_i];
    mw_h1_status       s;
    size_t             used = 0;

    ck_assert_int_eq(mw_h1_status_line(mw_str_of(c->text), &s, &used), c->rc);
    if (c->rc != MW_OK)
        return;
    ck_assert_int_eq(s.status, c->status);
    EQ(s.phrase, c->phrase);
    ck_assert(mw_str_ends(s.line, s.phrase) && s.line.len >= 3);
    ck_assert_uint_eq(used, strlen(c->text));
}
END_TEST

typedef struct chunk_case { const char *text; mw_rc rc; const char *data; bool lax; } chunk_case;

static const chunk_case chunks[] = {
    { "3\r\nabc\r\n0\r\n\r\n", MW_END, "abc", false },
    { "3;x=\"y\" \r\nabc\r\n2 \r\nde\r\n0;z\r\nTr: x\r\n\r\n", MW_END, "abcde", false },
    { "00000000000000003\r\nabc\r\n000\r\n\r\n", MW_END, "abc", false },
    { "A\r\n0123456789\r\n0\r\n\r\n", MW_END, "0123456789", false },
    { "3\nabc\n0\n\n", MW_END, "abc", true },
    { "3\r\nabc\r\n", MW_AGAIN, "abc", false },
    { "3\nabc\r\n0\r\n\r\n", MW_ERR, "", false }, { "3\r\nabc\n0\r\n\r\n", MW_ERR, "abc", false },
    { "0\r\n\n", MW_ERR, "", false }, { "0\r\nTr: x\n\r\n", MW_ERR, "", false },
    { "0x3\r\nabc", MW_ERR, "", false }, { "\r\n3\r\nabc", MW_ERR, "", false },
    { "-3\r\nabc", MW_ERR, "", false },
    { "4\r\nSEE-THIS\r\n0\r\n\r\n", MW_ERR, "SEE-", false }, { "8000000000000000\r\n", MW_ERR, "", false },
    { "10000000000000000\r\n", MW_ERR, "", false }, { "3;\1\r\nabc", MW_ERR, "", false },
    { " 3\r\nabc", MW_ERR, "", false },
    { "3 x\r\nabc", MW_ERR, "", false }, { ";\r\nabc", MW_ERR, "", false },
};

/* In pieces of one size after the other. */
START_TEST(chunked)
{
    const chunk_case *c = &chunks[_i];
    mw_str            text = mw_str_of(c->text);

    for (size_t size = 1; size <= text.len; size++) {
        mw_chunked x = { .strict = !c->lax };
        mw_str     rest = text, in, data;
        char       room[64];
        mw_out     o = mw_out_on(room, sizeof room);
        mw_rc      rc = MW_AGAIN;

        while (rest.len > 0 && rc == MW_AGAIN) {
            in = mw_str_take(rest, size);
            rest = mw_str_drop(rest, in.len);
            while ((rc = mw_chunked_next(&x, &in, &data, NULL, NULL)) == MW_OK)
                mw_out_str(&o, data);
            ck_assert(rc != MW_AGAIN || in.len == 0);
        }
        ck_assert_int_eq(rc, c->rc);
        EQ(mw_out_done(&o), c->data);
    }
}
END_TEST

START_TEST(trailers)
{
    mw_arena  *a = mw_arena_new(4096);
    mw_fields  l = { .n = 0 };
    mw_chunked x = { .strict = true };
    mw_str     in = MW_STR("0\r\nX-A: 1\r\nETag: 2\r\n\r\nGET"), data;

    ck_assert_int_eq(mw_chunked_next(&x, &in, &data, a, &l), MW_END);
    EQ(in, "GET");
    EQ(mw_fields_value(&l, MW_T_ETAG), "2");
    EQ(mw_fields_find(&l, MW_STR("x-a"))->value, "1");
    mw_arena_free(a);
}
END_TEST

static const char *const bad_trailers[] = {
    "0\r\nX-A: 1\r\n 2\r\n\r\n", "0\r\nX-A : 1\r\n\r\n", "0\r\n: 1\r\n\r\n", "0\r\nX-A: 1\n\r\n",
    "0\r\nX\tA: 1\r\n\r\n",
};

/* Also when nobody reads them. */
START_TEST(trailers_are_lines_of_fields)
{
    mw_chunked x = { .strict = true };
    mw_str     in = mw_str_of(bad_trailers[_i]), data;

    ck_assert_int_eq(mw_chunked_next(&x, &in, &data, NULL, NULL), MW_ERR);
}
END_TEST

START_TEST(what_is_coming)
{
    mw_chunked x = { .strict = true };
    mw_str     in = MW_STR("1f"), data;

    ck_assert_int_eq(mw_chunked_next(&x, &in, &data, NULL, NULL), MW_AGAIN);
    ck_assert_uint_eq(mw_chunked_coming(&x), 0);            /* its size may have more digits */
    in = MW_STR("\r\n0123");
    ck_assert_int_eq(mw_chunked_next(&x, &in, &data, NULL, NULL), MW_OK);
    ck_assert_uint_eq(mw_chunked_coming(&x), 0x1f - 4);
}
END_TEST

START_TEST(framing_is_bounded)
{
    static char long_one[2 * SKIP_MOST];
    mw_chunked  x = { .strict = true };
    mw_str      in = MW_STR("3;"), data;

    memset(long_one, 'x', sizeof long_one);
    ck_assert_int_eq(mw_chunked_next(&x, &in, &data, NULL, NULL), MW_AGAIN);
    in = (mw_str){ long_one, sizeof long_one };
    ck_assert_int_eq(mw_chunked_next(&x, &in, &data, NULL, NULL), MW_ERR);
}
END_TEST

START_TEST(content_length)
{
    int64_t n;

    ck_assert(mw_h1_content_length(MW_STR("9223372036854775807"), &n) && n == INT64_MAX);
    ck_assert(!mw_h1_content_length(MW_STR("9223372036854775808"), &n));
    ck_assert(!mw_h1_content_length(MW_STR("+3"), &n));
    ck_assert(!mw_h1_content_length(MW_STR("3,3"), &n));
    ck_assert(!mw_h1_content_length(MW_STR(""), &n));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/h1/parse");
    TCase *t = tcase_create("parse");

    tcase_add_loop_test(t, line, 0, COUNT(lines));
    tcase_add_loop_test(t, field, 0, COUNT(fields));
    tcase_add_loop_test(t, status_line, 0, COUNT(statuses));
    tcase_add_loop_test(t, chunked, 0, COUNT(chunks));
    tcase_add_test(t, nul_breaks);
    tcase_add_test(t, values_of_any_length);
    tcase_add_test(t, trailers);
    tcase_add_loop_test(t, trailers_are_lines_of_fields, 0, COUNT(bad_trailers));
    tcase_add_test(t, what_is_coming);
    tcase_add_test(t, framing_is_bounded);
    tcase_add_test(t, content_length);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
