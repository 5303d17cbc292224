/* vars.c - unit test of the variables of a request.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/vars.c"

#include "house.h"

typedef struct row { const char *name, *text; } row;

START_TEST(texts)
{
    static const row rows[] = {
        { "$uri", "/a b" }, { "$document_uri", "/a b" }, { "$request_uri", "/a b?x=1&Y=2&z" }, { "$args", "x=1&Y=2&z" },
        { "$query_string", "x=1&Y=2&z" }, { "$is_args", "?" }, { "$arg_x", "1" }, { "$arg_y", "2" }, { "$arg_none",
            "" },
        { "$request_method", "GET" }, { "$request", "GET /a b?x=1&Y=2&z HTTP/1.1" }, { "$server_protocol", "HTTP/1.1" },
        { "$host", "house.test" }, { "$server_name", "house.test" }, { "$scheme", "http" }, { "$https", "" },
        { "$http_x_own", "one, two" }, { "$http_user_agent", "me" }, { "$http_none", "" }, { "$cookie_a", "1" },
        { "$cookie_b", "2=3" }, { "$cookie_none", "" }, { "$content_type", "text/x" }, { "$pipe", "." },
        { "$remote_addr", "192.0.2.1" }, { "$remote_port", "4711" }, { "$server_addr", "192.0.2.2" },
            { "$server_port", "80" },
        { "$connection", "7" }, { "$nginx_version", MW_NGINX_VERSION }, { "$remote_user", "me" }, { "$request_body",
            "" },
        { "$http_referer", "" }, { "$binary_remote_addr", "\300\000\002\001" },
    };
    mw_out o = mw_arena_pen(arena, 8192);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        mw_out_fmt(&o, "add_header X-%u \"[%s]\" always; ", (unsigned)i, rows[i].name);
    mw_out_str(&o, MW_STR("return 204;"));
    house(mw_arena_z(arena, mw_out_done(&o)));
    ck_assert_int_eq(ask("GET /a b?x=1&Y=2&z", "X-Own: one", "x-own: two", "User-Agent: me", "Cookie: a=1; b=2=3",
                         "Content-Type: text/x", "Authorization: Basic bWU6c2VjcmV0", NULL), 204);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mw_str name = mw_arena_fmt(arena, "X-%u", (unsigned)i), want = mw_str_of(rows[i].text);
        mw_str has = mw_fields_find(&r->res.head, name)->value;

        if (mw_str_eq(mw_str_of(rows[i].name), MW_STR("$binary_remote_addr")))
            want = (mw_str){ "\300\000\002\001", 4 };
        has = mw_str_take(mw_str_drop(has, 1), has.len - 2);
        ck_assert_msg(mw_str_eq(has, want), "%s: \"%.*s\"", rows[i].name, MW_S(has));
    }
}
END_TEST

START_TEST(places)
{
    house("location /a { root /srv/$arg_x; return 200 \"$document_root $request_filename\"; }"
          "location /b { alias /data; return 200 \"$document_root $request_filename\"; }"
          "location /id { return 200 \"$request_id-$request_id\"; } location /s { return 201 $status; }"
          "location /set { set $args new=1; set $limit_rate 5k; return 200 \"$args $limit_rate\"; }");
    (void)ask("GET /a/f?x=y", NULL);
    BODY("/srv/y /srv/y/a/f");
    (void)ask("GET /b/f", NULL);
    BODY("/data /data/f");
    (void)ask("GET /id", NULL);
    ck_assert_uint_eq(got.bytes.len, 65);
    ck_assert_int_eq(memcmp(got.text, &got.text[33], 32), 0);
    (void)ask("GET /set", NULL);
    BODY("new=1 5120");
    ck_assert_uint_eq(r->limit_rate, 5120);
}
END_TEST

START_TEST(cookies)
{
    static const struct { const char *header, *name, *text; } rows[] = {
        { "a=1; b=2", "b", "2" }, { "a=1;b=2", "b", "2" }, { " a = 1 ", "a", "1" }, { "A=1", "a", "1" }, { "a", "a",
            NULL },
        { "", "a", NULL }, { "ab=1", "a", NULL }, { "a=", "a", "" }, { ";;=;a=1", "a", "1" }, { "a=1; a=2", "a", "1" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mw_str text;
        bool   found = cookie_in(mw_str_of(rows[i].header), mw_str_of(rows[i].name), &text);

        ck_assert_msg(found == (rows[i].text != NULL), "%s", rows[i].header);
        if (found)
            ck_assert_msg(mw_str_eq(text, mw_str_of(rows[i].text)), "%s: %.*s", rows[i].header, MW_S(text));
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/vars");

    CASE(s, texts);
    CASE(s, places);
    CASE(s, cookies);
    return s;
}

#include "run.h"
