/* ssi.c - unit test of server side includes in a house: pages, includes, stubs, and who is looked at.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/ssi.c"

#include "house.h"

START_TEST(pages)
{
    static const struct { const char *text, *body; } rows[] = {
        { "a<!--#echo var=\"arg_x\" -->b", "a1b" },
        { "<!--#set var='v' value='$arg_x$arg_x' --><!--#echo var='v' -->", "11" },
        { "<!--#if expr='$arg_x = 1' -->T<!--#else -->F<!--#endif -->", "T" },
        { "<!--#if expr='$arg_x != /[0-9]/' -->T<!--#elif expr='$arg_y' -->E<!--#else -->F<!--#endif -->", "F" },
        { "[<!--#include virtual='/said?2' -->|<!--#include virtual='/said?3' wait='yes' -->]", "[<2>|<3>]" },
        { "<!--#include virtual='/said?2' set='v' -->[<!--#echo var='v' encoding='none' -->]", "[<2>]" },
        { "<!--#block name='b' -->B<!--#endblock --><!--#include virtual='/none' stub='b' -->", "B" },
        { "<!--#config errmsg='E' --><!--#x -->", "E" }, { "<!--#endblock -->x<!-", "x<!-" }, { "x<!--#echo", "x" },
        { "", "" }, { "<!--#echo var='none' -->", "(none)" },
        { "<!--#config timefmt='%%' --><!--#echo var='date_gmt' -->", "%" },
    };

    house("root .; ssi on; default_type text/html; location /said { return 200 <$args>; }"
          "location /none { return 404; }");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_file("page.html", rows[i].text);
        (void)ask("GET /page.html?x=1", NULL);
        for (unsigned turns = 0; !got.sent && turns < HOUSE_TURNS; turns++)
            mw_loop_turn(worker.loop, 10);
        ck_assert_msg(mw_str_eq(got.bytes, mw_str_of(rows[i].body)), "%s: %.*s", rows[i].text, MW_S(got.bytes));
    }
}
END_TEST

START_TEST(heads)
{
    write_file("page.html", "text");
    house("root .; default_type text/html; location / { ssi on; }"
          "location /lm/ { alias ./; ssi on; ssi_last_modified on; }"
          "location /css/ { alias ./; ssi on; default_type text/css; }");
    ck_assert_int_eq(ask("GET /page.html", NULL), 200);
    ck_assert_int_eq(r->res.length, -1);
    ck_assert_int_eq(r->res.modified, -1);
    ck_assert_str_eq(field("ETag"), "");
    ck_assert_int_eq(ask("GET /lm/page.html", NULL), 200);
    ck_assert(r->res.modified > 0 && mw_str_starts(mw_str_of(field("ETag")), MW_STR("W/")));
}
END_TEST

START_TEST(bad_rows)
{
    ck_assert_uint_eq(bind_house("events { } http { ssi maybe; ssi_value_length x; server { ssi_types; } }"), 3);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/ssi");

    CASE(s, pages);
    CASE(s, heads);
    CASE(s, bad_rows);
    return s;
}

#include "run.h"
