/* listen_addr.c - unit test of the addresses of a `listen`, good and bad.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/listen_addr.c"

#include "house.h"

/* The addresses, with a blank between them, or why there are none. */
static const char *addrs_of(const char *text)
{
    mw_out      o = mw_arena_pen(arena, 4096);
    const char *said = "";
    unsigned    errors = bind_house(mw_arena_z(arena, mw_arena_fmt(arena, "events { } http { access_log off; "
                                                                  "server { listen \"%s\"; } }", text)));

    if (errors > 0) {
        mw_str why = cycle->diag.first->text, tail = MW_STR(" in \"");

        for (size_t i = 0; i + tail.len <= why.len; i++)
            if (mw_str_starts(mw_str_drop(why, i), tail)) {
                why = mw_str_take(why, i);
                break;
            }
        said = mw_arena_z(arena, why);
    } else {
        MW_LIST_EACH(node, &cycle->wants.listens) {
            mw_out_str(&o, mw_out_done(&o).len > 0 ? MW_STR(" ") : MW_STR(""));
            mw_addr_text(&o, &MW_OWNER(node, mw_listen, all)->addr);
        }
        said = mw_arena_z(arena, mw_out_done(&o));
    }
    mw_cycle_free(cycle);
    cycle = NULL;
    return said;
}

typedef struct row { const char *text, *addrs; } row;

START_TEST(good)
{
    static const row rows[] = {
        { "8000", "0.0.0.0:8000" }, { "*:8000", "0.0.0.0:8000" }, { "*", "0.0.0.0:80" },
        { "127.0.0.1", "127.0.0.1:80" },
        { "127.0.0.1:1", "127.0.0.1:1" }, { "[::]:65535", "[::]:65535" }, { "[::1]", "[::1]:80" },
        { "8-10", "0.0.0.0:8 0.0.0.0:9 0.0.0.0:10" }, { "*:8-9", "0.0.0.0:8 0.0.0.0:9" },
        { "127.0.0.1:8-8", "127.0.0.1:8" }, { "[::1]:8-9", "[::1]:8 [::1]:9" }, { "unix:/a-b:1", "unix:/a-b:1" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_str_eq(addrs_of(rows[i].text), rows[i].addrs);
}
END_TEST

START_TEST(bad_ones)
{
    static const row rows[] = {
        { "0", "invalid port" }, { "65536", "invalid port" }, { "*:x", "invalid port" },
        { "127.0.0.1:", "invalid port" },
        { "127.0.0.1:0", "invalid port" }, { "127.0.0.1:8-", "invalid port" }, { "127.0.0.1:-8", "invalid port" },
        { "8-70000", "invalid port" }, { "9-8", "invalid port range" },
        { "127.0.0.1:80-8x", "invalid port" }, { "", "no host" },
        { ":8000", "no host" }, { "::1", "invalid port" }, { "[::", "invalid host" }, { "[::1]8000", "invalid host" },
        { "[::g]:80", "invalid IPv6 address" }, { "127.0.0.1/x:80", "invalid host" }, { "http://a", "invalid host" },
        { "unix:", "no path in the unix domain socket" }, { "99999999999999999999", "invalid port" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_str_eq(addrs_of(rows[i].text), rows[i].addrs);
}
END_TEST

START_TEST(too_long)
{
    char text[200] = "unix:/";

    memset(&text[6], 'a', 106);
    ck_assert_str_eq(addrs_of(text), text);
    text[112] = 'a';
    ck_assert_str_eq(addrs_of(text), "too long path in the unix domain socket");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/listen_addr");

    CASE(s, good);
    CASE(s, bad_ones);
    CASE(s, too_long);
    return s;
}

#include "run.h"
