/* show.c - unit test of --route's reading of a request, and of the choice of a socket.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/show.c"

#include "house.h"

START_TEST(requests)
{
    static const struct { const char *text, *host_field; bool good; const char *method, *host,
        *uri; unsigned port; } rows[] = {
        { "GET http://a.b/c", "", true, "GET", "a.b", "/c", 80 }, { "http://A.B:81/x/../c%20d?e", "", true, "GET",
            "a.b", "/c d", 81 },
        { "PUT https://a/", "", true, "PUT", "a", "/", 443 }, { "http://a", "", true, "GET", "a", "/", 80 },
        { "GET http://127.0.0.1:8080/", "Host: x.y:1", true, "GET", "x.y", "/", 8080 },
        { "nothing", "", false, "", "", "", 0 }, { "GET /path", "", false, "", "", "", 0 }, { "", "", false, "", "",
            "", 0 },
        { "GET http://a:0/", "", false, "", "", "", 0 }, { "GET http://a:99999/", "", false, "", "", "", 0 },
        { "GET http://a/../..", "", false, "", "", "", 0 }, { "GET http://a/", "Host: a b", false, "", "", "", 0 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mw_str fields[] = { MW_STR("X: y"), mw_str_of(rows[i].host_field) };
        asked  q;

        ck_assert_msg(read_request(arena, mw_str_of(rows[i].text), host_header(fields, 2), &q) == rows[i].good, "%s",
                      rows[i].text);
        if (!rows[i].good)
            continue;
        ck_assert_msg(mw_str_eq(q.method, mw_str_of(rows[i].method)) && mw_str_eq(q.host, mw_str_of(rows[i].host))
                      && mw_str_eq(q.uri, mw_str_of(rows[i].uri)), "%s: %.*s", rows[i].text, MW_S(q.uri));
        ck_assert_uint_eq(q.addr.port, rows[i].port);
    }
}
END_TEST

START_TEST(doors)
{
    static const struct { const char *text, *at; } rows[] = {
        { "http://127.0.0.1:8000/", "127.0.0.1:8000" }, { "http://127.0.0.9:8000/", "0.0.0.0:8000" },
        { "http://name:8000/", "0.0.0.0:8000" }, { "http://name:8001/", "127.0.0.1:8001" }, { "http://name:1/", NULL },
        { "http://name/", "0.0.0.0:8000" },     /* nobody listens on 80, and no port was said: the first */
    };

    ck_assert_uint_eq(bind_house("events { } http { access_log off; server { listen 8000; listen 127.0.0.1:8000;"
                                 "listen 127.0.0.1:8001; } }"), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char                room[64];
        mw_out              o = mw_out_on(room, sizeof room);
        const mw_door_addr *at;
        asked               q;

        ck_assert(read_request(arena, mw_str_of(rows[i].text), MW_STR(""), &q));
        at = find_door(cycle, &q);
        ck_assert_msg((at != NULL) == (rows[i].at != NULL), "%s", rows[i].text);
        if (at == NULL)
            continue;
        mw_addr_text(&o, &at->addr);
        ck_assert_msg(mw_str_eq(mw_out_done(&o), mw_str_of(rows[i].at)), "%s: %.*s", rows[i].text,
            MW_S(mw_out_done(&o)));
    }
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/show");

    CASE(s, requests);
    CASE(s, doors);
    return s;
}

#include "run.h"
