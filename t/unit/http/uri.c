/* uri.c - tests of targets, hosts and escapes; what is accepted was compared with nginx 1.31.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/uri.c"

#include <check.h>

#define EQ(s, text)  ck_assert_msg(mw_str_eq((s), mw_str_of(text)), "\"%.*s\", not \"%s\"", MW_S(s), text)

/* host NULL: refused */
typedef struct target_case { const char *text, *host, *path, *args; bool complex; } target_case;

static const target_case targets[] = {
    { "/", "", "/", "", false },
    { "/a/b.c?x=1&y", "", "/a/b.c", "x=1&y", false },
    { "/a?x#y?z", "", "/a", "x", false },
    { "/a#b", "", "/a", "", true },
    { "/a//b", "", "/a//b", "", true },
    { "/.a", "", "/.a", "", true },
    { "/a%20", "", "/a%20", "", true },
    { "/\303\251", "", "/\303\251", "", false },
    { "http://Foo:80/t/a?b", "Foo:80", "/t/a", "b", false },
    { "http://localhost", "localhost", "/", "", false },
    { "http://localhost?args#frag", "localhost", "/", "args", false },
    { "a-b+1.c://foo/t", "foo", "/t", "", false },
    { "http://[::1]:80/", "[::1]:80", "/", "", false },
    { "*", "", "*", "", false },
    { "a.b:80", "a.b:80", "", "", false },
    { "", NULL, "", "", false }, { "t", NULL, "", "", false }, { "*x", NULL, "", "", false },
    { "/\177", NULL, "", "", false }, { "/a b", NULL, "", "", false }, { "/?\1", NULL, "", "", false },
    { "http://u@foo/t", NULL, "", "", false }, { "1http://foo/t", NULL, "", "", false },
    { "http://a_b/", NULL, "", "", false }, { "://foo/", NULL, "", "", false },
    { "http:/foo", NULL, "", "", false },
};

START_TEST(target)
{
    const target_case *c = &targets[_i];
    mw_target          t;

    ck_assert_int_eq(mw_target_parse(mw_str_of(c->text), &t), c->host != NULL);
    if (c->host == NULL)
        return;
    EQ(t.host, c->host);
    EQ(t.path, c->path);
    EQ(t.args, c->args);
    ck_assert_int_eq(t.complex, c->complex);
}
END_TEST

typedef struct path_case { const char *path, *merged, *kept; } path_case;       /* NULL: refused */

static const path_case paths[] = {
    { "/a/b", "/a/b", "/a/b" }, { "/foo//../bar", "/bar", "/foo/bar" },
    { "/foo///../bar", "/bar", "/foo//bar" },
    { "/foo/bar/.", "/foo/bar/", "/foo/bar/" }, { "/foo/bar/..", "/foo/", "/foo/" },
    { "/foo/bar/..#f", "/foo/", "/foo/" },
    { "/t/a/../b//c/./d", "/t/b/c/d", "/t/b//c/d" }, { "/t/%2e%2E/x", "/x", "/x" },
    { "/t/%2f%2f/x", "/t/x", "/t////x" },
    { "/%3f%23%25", "/?#%", "/?#%" }, { "/.../..x/.y", "/.../..x/.y", "/.../..x/.y" },
    { "/%02", "/\2", "/\2" },
    { "/..", NULL, NULL }, { "/t/../..", NULL, NULL }, { "/%00", NULL, NULL }, { "/%", NULL, NULL },
    { "/%1", NULL, NULL },
    { "/%zz", NULL, NULL }, { "/./.", "/", "/" }, { "//..", NULL, "/" },
};

START_TEST(path)
{
    const path_case *c = &paths[_i];

    for (int merge = 0; merge < 2; merge++) {
        const char *want = merge ? c->merged : c->kept;
        char        room[64];
        mw_out      o = mw_out_on(room, strlen(c->path));
        mw_rc       rc = mw_uri_normalise(mw_str_of(c->path), merge, &o);

        ck_assert_int_eq(rc, want != NULL ? MW_OK : MW_ERR);
        if (want != NULL)
            EQ(mw_out_done(&o), want);
    }
}
END_TEST

typedef struct host_case { const char *text, *host, *port; } host_case;

static const host_case hosts[] = {
    { "A.b", "a.b", "" }, { "a.b.", "a.b", "" }, { "a.b.:88", "a.b", "88" }, { "a:", "a", "" },
    { "a:00080", "a", "00080" },
    { "[::FF]:80", "[::ff]", "80" }, { "[v1.!$&'()*+,;=-._~x:]", "[v1.!$&'()*+,;=-._~x:]", "" },
    { "a_b%41", "a_b%41", "" },
    { ".a", ".a", "" }, { "-", "-", "" }, { "1.2.3.4", "1.2.3.4", "" }, { "x:65535", "x", "65535" },
    { "", NULL, "" }, { ".", NULL, "" }, { ":80", NULL, "" }, { "a..b", NULL, "" }, { "..a", NULL, "" },
    { "a..:", NULL, "" },
    { "x:65536", NULL, "" }, { "x:1.2", NULL, "" }, { "x:80:90", NULL, "" }, { "x/y", NULL, "" },
    { "x@y", NULL, "" },
    { "[::1", NULL, "" }, { "[::1].", NULL, "" }, { "[a..b]", NULL, "" }, { "[::1%25eth0]", NULL, "" },
    { "x[::1]", NULL, "" },
    { "x\1", NULL, "" }, { "x y", NULL, "" },
};

START_TEST(host)
{
    const host_case *c = &hosts[_i];
    char             room[64];
    mw_out           o = mw_out_on(room, sizeof room);
    mw_str           port;
    bool             valid = mw_host_valid(mw_str_of(c->text), &o, &port);

    ck_assert_int_eq(valid, c->host != NULL);
    if (!valid)
        return;
    EQ(mw_out_done(&o), c->host);
    EQ(port, c->port);
}
END_TEST

typedef struct escape_case { mw_escape how; const char *text, *want; } escape_case;

static const escape_case escapes[] = {
    { MW_ESCAPE_URI, "/a b\"#%<>?\\^`{|}\377&=+", "/a%20b%22%23%25%3C%3E%3F%5C%5E%60%7B%7C%7D%FF&=+" },
    { MW_ESCAPE_ARGS, "a=b&c+d;e?f/g", "a=b%26c%2Bd%3Be%3Ff/g" },
    { MW_ESCAPE_COMPONENT, "aZ0-._~/:@!*()", "aZ0-._~%2F%3A%40%21%2A%28%29" },
    { MW_ESCAPE_HTML, "<a href=\"x\">&'", "&lt;a href=&quot;x&quot;&gt;&amp;'" },
    { MW_ESCAPE_REFRESH, "a b\"'%<", "a%20b%22%27%%3C" },
    { MW_ESCAPE_MEMCACHED, "a b%\177\n", "a%20b%25\177%0A" },
};

START_TEST(escape)
{
    const escape_case *c = &escapes[_i];
    char               room[128];
    mw_out             o = mw_out_on(room, sizeof room);

    mw_uri_escape(&o, mw_str_of(c->text), c->how);
    EQ(mw_out_done(&o), c->want);
    ck_assert_uint_eq(mw_uri_escaped_size(mw_str_of(c->text), c->how), o.len);
}
END_TEST

START_TEST(small_things)
{
    mw_str v;

    EQ(mw_uri_extension(MW_STR("/a.b/c.html")), "html");
    EQ(mw_uri_extension(MW_STR("/a.b/c")), "");
    EQ(mw_uri_extension(MW_STR("/a/.profile")), "");
    ck_assert(mw_uri_unsafe(MW_STR("/a/../b")));
    ck_assert(mw_uri_unsafe(MW_STR("..")));
    ck_assert(mw_uri_unsafe(MW_STR("/a\0b")));
    ck_assert(!mw_uri_unsafe(MW_STR("/a..b/...")));
    ck_assert(mw_arg_find(MW_STR("x&ab=1&a=2&a=3"), MW_STR("A"), &v));
    EQ(v, "2");
    ck_assert(!mw_arg_find(MW_STR("ab=1&a"), MW_STR("a"), &v));
}
END_TEST

#define COUNT(list)  ((int)(sizeof (list) / sizeof (list)[0]))

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/uri");
    TCase *t = tcase_create("uri");

    tcase_add_loop_test(t, target, 0, COUNT(targets));
    tcase_add_loop_test(t, path, 0, COUNT(paths));
    tcase_add_loop_test(t, host, 0, COUNT(hosts));
    tcase_add_loop_test(t, escape, 0, COUNT(escapes));
    tcase_add_test(t, small_things);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
