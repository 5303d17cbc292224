/* files.c - unit test of names of files: root, alias, variables in them, disable_symlinks and directio.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/files.c"

#include "house.h"

static mw_str path_for(const char *line)
{
    (void)ask(line, NULL);
    return mw_path_of(r, r->uri);
}

START_TEST(paths)
{
    house("root /srv; location /alias/ { alias /data/; } location = /exact { alias /data/one; }"
          "location ~ ^/re/(.*)$ { alias /data/$1.x; } location /var { root /v/$arg_x; } location /rel { root $arg_x; }"
          "location /here { root sub; }");
    EQ(path_for("GET /a/b"), "/srv/a/b");
    EQ(path_for("GET /alias/c"), "/data/c");
    EQ(path_for("GET /exact"), "/data/one");
    EQ(path_for("GET /re/q"), "/data/q.x");
    EQ(path_for("GET /var/z?x=y"), "/v/y/var/z");
    ck_assert(mw_str_eq(path_for("GET /rel/z?x=y"), mw_arena_fmt(arena, "%s/y/rel/z", folder)));
    ck_assert(mw_str_eq(path_for("GET /here"), mw_arena_fmt(arena, "%s/sub/here", folder)));
}
END_TEST

START_TEST(how)
{
    mw_filecache_how h;

    house("root /srv; location /a { disable_symlinks on from=$document_root; } location /b { directio 4m; }"
          "location /c { open_file_cache off; disable_symlinks if_not_owner; }");
    (void)ask("GET /", NULL);
    h = mw_file_how(r);
    ck_assert(h.links == MW_LINKS_ON && h.direct_from == 0 && !h.direct && !h.fresh);
    (void)ask("GET /a", NULL);
    h = mw_file_how(r);
    ck_assert(h.links == MW_LINKS_OFF);
    ck_assert_uint_eq(h.links_from, 4);
    (void)ask("GET /b", NULL);
    ck_assert_uint_eq(mw_file_how(r).direct_from, 4 << 20);
    ck_assert(mw_file_how(r).direct);
    (void)ask("GET /c", NULL);
    h = mw_file_how(r);
    ck_assert(h.links == MW_LINKS_OWNER && h.fresh);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/files");

    CASE(s, paths);
    CASE(s, how);
    return s;
}

#include "run.h"
