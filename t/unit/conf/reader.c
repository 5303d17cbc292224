/* reader.c - unit test of files and includes: each read once, in order, and never without end.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/reader.c"

#include "tree.h"

static mw_str   dir;
static mw_node *root;

static void read_main(const char *name, const char *text)
{
    mw_str path = put(dir.at, name, text);

    mw_reader_init(&T.reader, T.arena, &T.diag, path);
    root = mw_str_ends(path, MW_STR(".yaml")) ? mw_read_yaml(&T.reader, path) : mw_read_nginx(&T.reader, path);
}

static void setup(void)
{
    begin();
    dir = mw_str_of(folder());
}

static void teardown(void)
{
    char command[64];

    snprintf(command, sizeof command, "rm -r %s", dir.at);
    ck_assert_int_eq(system(command), 0);
    end();
}

START_TEST(splices_where_it_stands)
{
    put(dir.at, "2.inc", "two; include one.inc;");
    put(dir.at, "one.inc", "one { x; }");
    read_main("m.conf", "a { include 2.inc; b; } include o*.inc;");
    ck_assert_str_eq(faults(), "");
    ck_assert_str_eq(dumped(mw_dump_nginx, root),
                     "a {\n    two;\n    one {\n        x;\n    }\n    b;\n}\none {\n    x;\n}\n");
    ck_assert_ptr_eq(root->kids->kids->next->parent, root->kids);
}
END_TEST

/* nginx-tests config_dump.t */
START_TEST(a_file_stands_once_in_the_dump)
{
    char   room[1024];
    mw_out o = mw_out_on(room, sizeof room);

    put(dir.at, "i.inc", "#i\n");
    read_main("m.conf", "include i.inc;\na { include i.inc; include i.inc; }");
    mw_dump_files(&o, &T.reader);
    ck_assert_str_eq(mw_arena_z(T.arena, mw_out_done(&o)),
                     mw_arena_fmt(T.arena, "# configuration file %s/m.conf:\n"
                                  "include i.inc;\na { include i.inc; include i.inc; }\n"
                                  "# configuration file %s/i.inc:\n#i\n\n", dir.at, dir.at).at);
}
END_TEST

START_TEST(faults_of_a_file_are_said_once)
{
    put(dir.at, "i.inc", "\n}");
    read_main("m.conf", "include i.inc; include i.inc;");
    ck_assert_str_eq(faults(), mw_arena_fmt(T.arena, "unexpected \"}\" in %s/i.inc:2\n", dir.at).at);
    ck_assert_uint_eq(T.diag.errors, 1);
}
END_TEST

START_TEST(either_format)
{
    put(dir.at, "i.yaml", "b: [c, d]\ninclude: j.conf\n");
    put(dir.at, "j.conf", "e { f; }");
    read_main("m.conf", "a { include i.yaml; }");
    ck_assert_str_eq(faults(), "");
    ck_assert_str_eq(dumped(mw_dump_nginx, root), "a {\n    b c d;\n    e {\n        f;\n    }\n}\n");
    read_main("m.yaml", "include: j.conf\na:\n  include: i.yaml\n");
    ck_assert_str_eq(faults(), "");
    ck_assert_str_eq(dumped(mw_dump_nginx, root),
                     "e {\n    f;\n}\na {\n    b c d;\n    e {\n        f;\n    }\n}\n");
}
END_TEST

START_TEST(circles_end)
{
    read_main("m.conf", "include m.conf; include m.conf;");
    ck_assert_str_eq(faults(),
                     mw_arena_fmt(T.arena, "more than 64 files include each other in %s/m.conf:1\n", dir.at).at);
}
END_TEST

START_TEST(bytes_are_counted)
{
    mw_out o = mw_arena_pen(T.arena, 80000);

    for (int i = 0; i < 2000; i++)
        mw_out_str(&o, MW_STR("include big.inc;"));
    mw_out_char(&o, '\0');
    put(dir.at, "a.inc", o.at);
    o = mw_arena_pen(T.arena, 80001);
    for (int i = 0; i < 80000; i++)
        mw_out_char(&o, i == 0 ? '#' : '.');
    mw_out_char(&o, '\0');
    put(dir.at, "big.inc", mw_arena_z(T.arena, mw_out_done(&o)));
    read_main("m.conf", "include a.inc;");
    ck_assert_str_eq(faults(),
                     mw_arena_fmt(T.arena, "the configuration is larger than 64 megabytes in %s/a.inc:1\n", dir.at).at);
}
END_TEST

START_TEST(main_file_missing)
{
    mw_reader_init(&T.reader, T.arena, &T.diag, MW_STR("/none/x.conf"));
    ck_assert_ptr_null(mw_read_nginx(&T.reader, MW_STR("/none/x.conf")));
    ck_assert_str_eq(faults(), "open() \"/none/x.conf\" failed (2: No such file or directory)\n");
}
END_TEST

START_TEST(alone_means_alone)
{
    T.reader.alone = true;
    (void)from_nginx("include /etc/passwd;");
    ck_assert_str_eq(faults(), "\"include\" directive is not allowed here in x:1\n");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/reader");
    TCase *c = tcase_create("reader");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, splices_where_it_stands);
    tcase_add_test(c, a_file_stands_once_in_the_dump);
    tcase_add_test(c, faults_of_a_file_are_said_once);
    tcase_add_test(c, either_format);
    tcase_add_test(c, circles_end);
    tcase_add_test(c, bytes_are_counted);
    tcase_add_test(c, main_file_missing);
    tcase_add_test(c, alone_means_alone);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
