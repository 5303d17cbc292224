/* compress.c - unit test of gzip: who gets it, what it does to the head, and that it can be read again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/compress.c"

#include <stdio.h>

#include <zlib.h>

#include "house.h"

static void inflates_to(const char *text, size_t n)
{
    z_stream z = { .next_in = (Bytef *)got.text, .avail_in = (unsigned)got.bytes.len };
    char    *room = mw_arena_zalloc(arena, n + 1);

    z.next_out = (Bytef *)room;
    z.avail_out = (unsigned)n + 1;
    ck_assert_int_eq(inflateInit2(&z, 31), Z_OK);
    ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
    ck_assert_uint_eq(z.total_out, n);
    ck_assert_int_eq(memcmp(room, text, n), 0);
    inflateEnd(&z);
}

START_TEST(body_and_head)
{
    char *text = mw_arena_zalloc(arena, 60001);

    for (size_t i = 0; i < 60000; i++)
        text[i] = (char)('a' + i % 7);
    write_file("a.html", text);
    write_file("small.html", "short");
    house("root .; gzip on; gzip_vary on; default_type text/x; location /c { return 200 $gzip_ratio; }");
    ck_assert_int_eq(ask("GET /a.html", "Accept-Encoding: gzip", NULL), 200);
    ck_assert_str_eq(field("Content-Encoding"), "gzip");
    ck_assert_str_eq(field("Vary"), "Accept-Encoding");
    ck_assert_int_eq(r->res.length, -1);
    ck_assert(mw_str_starts(mw_str_of(field("ETag")), MW_STR("W/\"")));
    ck_assert(got.bytes.len > 0 && got.bytes.len < 10000);
    inflates_to(text, 60000);
    ck_assert_int_eq(ask("GET /a.html", NULL), 200);
    ck_assert_str_eq(field("Content-Encoding"), "");
    ck_assert_str_eq(field("Vary"), "Accept-Encoding");
    ck_assert_int_eq(ask("GET /small.html", "Accept-Encoding: gzip", NULL), 200);
    ck_assert_str_eq(field("Content-Encoding"), "");
    ck_assert_int_eq(ask("GET /c", "Accept-Encoding: gzip", NULL), 200);    /* not a type that is compressed */
    ck_assert_str_eq(field("Vary"), "");
}
END_TEST

START_TEST(for_whom)
{
    static const struct { const char *uri, *field; bool zipped; } rows[] = {
        { "GET /t", "X: y", true }, { "GET /t", "Via: 1.1 x", false }, { "GET /any", "Via: 1.1 x", true },
        { "GET /auth", "Via: 1.1 x", true }, { "GET /auth/public", "Via: 1.1 x", false },
        { "GET /expired/soon", "Via: 1.1 x", false }, { "GET /expired/past", "Via: 1.1 x", true },
        { "GET /t", "User-Agent: Mozilla/4.0 (compatible; MSIE 6.0)", true },
        { "GET /old", "User-Agent: Mozilla/4.0 (compatible; MSIE 6.0)", false },
        { "GET /old", "User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; SV1)", true },
        { "GET /old", "User-Agent: odd thing", false }, { "GET /encoded", "X: y", false },
    };

    house("gzip on; gzip_types *; gzip_min_length 0; location = /t { return 200 text; }"
          "location = /any { gzip_proxied any; return 200 text; } location = /auth { gzip_proxied auth; return 200 "
          "text; }"
          "location = /auth/public { gzip_proxied auth; add_header Cache-Control public; return 200 text; }"
          "location = /expired/soon { gzip_proxied expired; expires 1h; return 200 text; }"
          "location = /expired/past { gzip_proxied expired; expires -1h; return 200 text; }"
          "location = /old { gzip_disable msie6 ^odd; return 200 text; }"
          "location = /encoded { gzip off; add_header Content-Encoding x; return 200 text; }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(ask(rows[i].uri, "Accept-Encoding: gzip", rows[i].field, NULL), 200);
        ck_assert_msg((strcmp(field("Content-Encoding"), "gzip") == 0) == rows[i].zipped, "%s, %s", rows[i].uri,
                      rows[i].field);
    }
    ck_assert_int_eq(ask("GET /auth/public", "Accept-Encoding: gzip", "Via: x", "Authorization: y", NULL), 200);
    ck_assert_str_eq(field("Content-Encoding"), "gzip");
    ck_assert_int_eq(ask("HEAD /t", "Accept-Encoding: gzip", NULL), 200);      /* it has the fields of GET */
    ck_assert_str_eq(field("Content-Encoding"), "gzip");
    ck_assert_int_eq(r->res.length, -1);
}
END_TEST

/* One negotiation: the client's qualities, and of equals brotli, zstd, gzip. */
START_TEST(the_best_one)
{
    static const struct { const char *uri, *accepts, *coding; } rows[] = {
        { "GET /all", "gzip, br, zstd", "br" }, { "GET /all", "gzip, zstd", "zstd" }, { "GET /all", "gzip", "gzip" },
        { "GET /all", "gzip;q=1, br;q=0.9, zstd;q=0.95", "gzip" }, { "GET /all", "br;q=0, zstd;q=0.2", "zstd" },
        { "GET /all", "*", "gzip" }, { "GET /all", "identity", "" }, { "GET /br", "gzip, zstd", "" },
        { "GET /br", "gzip, br;q=0.1", "br" }, { "GET /long", "gzip, br, zstd", "gzip" },
    };

    house("gzip on; gzip_types *; gzip_min_length 0; brotli_types *; brotli_min_length 0; zstd_types *; "
          "zstd_min_length 0; location /all { brotli on; zstd on; return 200 text; }"
          "location /br { gzip off; brotli on; return 200 text; }"
          "location /long { brotli on; brotli_min_length 5; zstd on; zstd_min_length 5; return 200 text; }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char accepts[80];

        snprintf(accepts, sizeof accepts, "Accept-Encoding: %s", rows[i].accepts);
        ck_assert_int_eq(ask(rows[i].uri, accepts, NULL), 200);
        ck_assert_msg(strcmp(field("Content-Encoding"), rows[i].coding) == 0, "%s of %s: %s", rows[i].accepts,
                      rows[i].uri, field("Content-Encoding"));
    }
    ck_assert_int_eq(ask("GET /all", "Accept-Encoding: gzip, br", "Via: x", NULL), 200);
    ck_assert_str_eq(field("Content-Encoding"), "br");          /* gzip_proxied is about gzip */
    ck_assert_int_eq(ask("GET /all", "Accept-Encoding: gzip", "Via: x", NULL), 200);
    ck_assert_str_eq(field("Content-Encoding"), "");
}
END_TEST

START_TEST(bad_rows)
{
    ck_assert_uint_eq(bind_house("events { } http { gzip_comp_level 0; server { gzip_comp_level 10; gzip_disable (; "
        "} }"), 3);
    ck_assert_uint_eq(bind_house("events { } http { brotli_comp_level 12; zstd_comp_level 0; zstd x; "
        "server { brotli_window 3k; } }"), 4);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/compress");

    CASE(s, body_and_head);
    CASE(s, for_whom);
    CASE(s, the_best_one);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
