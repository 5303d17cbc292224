/* pass.c - unit test of proxy_pass: its URL, cut into scheme, host, port and URI.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/pass.c"

#include <check.h>

#define EQ(s, text)  ck_assert_msg(mw_str_eq((s), mw_str_of(text)), "\"%.*s\", not \"%s\"", MW_S(s), (text))

static const struct { const char *url, *host, *port, *uri; bool fine, tls; } urls[] = {
    { "http://a", "a", "80", "", true, false },
    { "HTTPS://a/", "a", "443", "/", true, true },
    { "http://a:81/b?c", "a:81", "81", "/b?c", true, false },
    { "http://a?b", "a", "80", "?b", true, false },
    { "http://[::1]/x", "[::1]", "80", "/x", true, false },
    { "http://[::1]:8/x", "[::1]:8", "8", "/x", true, false },
    { "http://unix:/a/b.sock", "unix:/a/b.sock", "", "", true, false },
    { "http://unix:/a/b.sock:/c/", "unix:/a/b.sock", "", "/c/", true, false },
    { "https://unix:/s:", "unix:/s", "", "", true, true },
    { "http://", "", "80", "", true, false },
    { "http:/a", "", "", "", false, false },
    { "ftp://a", "", "", "", false, false },
    { "", "", "", "", false, false },
};

START_TEST(split)
{
    mw_proxy_target t = { .tls = false };

    ck_assert(mw_proxy_url_split(mw_str_of(urls[_i].url), &t) == urls[_i].fine);
    if (!urls[_i].fine)
        return;
    EQ(t.host, urls[_i].host);
    EQ(t.port, urls[_i].port);
    EQ(t.uri, urls[_i].uri);
    ck_assert(t.tls == urls[_i].tls);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("pass");
    TCase *c = tcase_create("pass");

    tcase_add_loop_test(c, split, 0, sizeof urls / sizeof *urls);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
