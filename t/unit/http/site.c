/* site.c - unit test of names to servers: the default one, names, and which address within a port.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/site.c"

#include "house.h"

static const mw_door *first_door(void) { return MW_OWNER(cycle->wants.listens.next, mw_listen, all)->door; }

static mw_str server_for(const char *host)
{
    return mw_door_server(&first_door()->addrs[0], &r->scope, mw_str_of(host))->name;
}

START_TEST(names)
{
    house_of("error_log memory:32k;\nevents { }\nhttp {\naccess_log off;\n"
             "server { listen 127.0.0.1:8080; server_name first; return 200; }\n"
             "server { listen 127.0.0.1:8080; server_name exact.test *.wild.test tail.*; }\n"
             "server { listen 127.0.0.1:8080; server_name ~^re(?<n>\\d)$ \"\"; }\n}\n");
    ck_assert_int_eq(ask("GET /", NULL), 200);
    EQ(server_for("exact.test"), "exact.test");
    EQ(server_for("a.wild.test"), "exact.test");
    EQ(server_for("tail.org"), "exact.test");
    EQ(server_for("re7"), "~^re(?<n>\\d)$");
    EQ(server_for(""), "~^re(?<n>\\d)$");
    EQ(server_for("other"), "first");
    EQ(server_for("wild.test"), "first");
}
END_TEST

START_TEST(a_default)
{
    house_of("error_log memory:32k;\nevents { }\nhttp {\naccess_log off;\n"
             "server { listen 127.0.0.1:8080; server_name one; return 200; }\n"
             "server { listen 127.0.0.1:8080 default_server; server_name two; }\n}\n");
    ck_assert_int_eq(ask("GET /", NULL), 200);
    EQ(server_for("one"), "one");
    EQ(server_for("three"), "two");
}
END_TEST

START_TEST(alone)
{
    house("return 200;");
    ck_assert_int_eq(ask("GET /", NULL), 200);
    EQ(server_for("whatever"), "house.test");
    ck_assert_ptr_eq(mw_door_address(first_door(), &conn), &first_door()->addrs[0]);
}
END_TEST

START_TEST(confs_of_modules)
{
    house("location / { root /x; }");
    ck_assert_ptr_eq(mw_site_conf(first_server()->site, first_server()->level, &mw_http_module), first_server()->core);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/site");

    CASE(s, names);
    CASE(s, a_default);
    CASE(s, alone);
    CASE(s, confs_of_modules);
    return s;
}

#include "run.h"
