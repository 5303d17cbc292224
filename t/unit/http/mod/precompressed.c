/* precompressed.c - unit test of compressed files beside what they hold.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/precompressed.c"

#include <stdio.h>

#include "house.h"

static bool body_is(const char *text) { return mw_str_eq(got.bytes, mw_str_of(text)); }

START_TEST(which_file)
{
    static const struct { const char *uri, *accepts, *coding, *body, *vary; } rows[] = {
        { "GET /a.html", "gzip, br, zstd", "br", "of br", "Accept-Encoding" },
        { "GET /a.html", "gzip;q=1, br;q=0.5", "gzip", "of gzip", "Accept-Encoding" },
        { "GET /a.html", "zstd", "zstd", "of zstd", "Accept-Encoding" },
        { "GET /a.html", "deflate", "", "plain", "Accept-Encoding" },
        { "GET /b.html", "gzip, br, zstd", "gzip", "b of gzip", "Accept-Encoding" },
        { "GET /c.html", "gzip, br, zstd", "", "c", "" },
        { "GET /d.html", "gzip", "", "d", "" },                 /* d.html.gz is a folder */
        { "GET /always/a.html", "br", "gzip", "of gzip", "" },
        { "GET /off/a.html", "gzip, br", "", "plain", "" },
    };

    write_file("a.html", "plain"), write_file("a.html.gz", "of gzip"), write_file("a.html.br", "of br");
    write_file("a.html.zst", "of zstd"), write_file("b.html", "b"), write_file("b.html.gz", "b of gzip");
    write_file("c.html", "c"), write_file("d.html", "d");
    ck_assert_int_eq(mkdir(in_folder("d.html.gz"), 0755), 0);
    house("root .; gzip_static on; brotli_static on; zstd_static on; gzip_vary on;"
          "location /always/ { alias ./; brotli_static off; zstd_static off; gzip_static always; }"
          "location /off/ { alias ./; brotli_static off; zstd_static off; gzip_static off; }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char accepts[80];

        snprintf(accepts, sizeof accepts, "Accept-Encoding: %s", rows[i].accepts);
        ck_assert_int_eq(ask(rows[i].uri, accepts, NULL), 200);
        ck_assert_msg(strcmp(field("Content-Encoding"), rows[i].coding) == 0, "%s of %s", rows[i].accepts, rows[i].uri);
        ck_assert_msg(body_is(rows[i].body), "%s of %s: %.*s", rows[i].accepts, rows[i].uri, MW_S(got.bytes));
        ck_assert_msg(strcmp(field("Vary"), rows[i].vary) == 0, "%s of %s", rows[i].accepts, rows[i].uri);
    }
    ck_assert_int_eq(ask("GET /a.html", "Accept-Encoding: gzip", "Via: x", NULL), 200);
    ck_assert(body_is("plain"));                                /* gzip_proxied off */
    ck_assert_int_eq(ask("POST /a.html", "Accept-Encoding: gzip", NULL), 405);
    ck_assert_int_eq(ask("GET /none", "Accept-Encoding: gzip", NULL), 404);
}
END_TEST

START_TEST(bad_rows)
{
    ck_assert_uint_eq(bind_house("events { } http { gzip_static maybe; "
                                 " server { brotli_static; zstd_static a b; } }"), 3);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/precompressed");

    CASE(s, which_file);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
