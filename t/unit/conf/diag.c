/* diag.c - unit test of diagnostics: what is kept, the nearest name, and the printed form.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/diag.c"

#include <fcntl.h>

#include "tree.h"

static mw_source_file file;

static mw_pos at(uint32_t line, uint32_t column)
{
    return (mw_pos){ &file, line, column };
}

static void in_file(const char *text)
{
    file = (mw_source_file){ .path = MW_STR("/etc/x.conf"), .bytes = mw_str_of(text) };
}

/* What mw_diag_print writes to fd 2. */
static const char *printed(bool detail)
{
    static char text[65536];
    FILE       *to = tmpfile();
    int         saved = dup(2);
    size_t      n;

    ck_assert_ptr_nonnull(to);
    dup2(fileno(to), 2);
    mw_diag_print(&T.diag, "miwidothttp", detail, NULL);
    dup2(saved, 2);
    close(saved);
    rewind(to);
    n = fread(text, 1, sizeof text - 1, to);
    text[n] = '\0';
    fclose(to);
    return text;
}

START_TEST(with_caret_and_hint)
{
    mw_pos pos = at(2, 18);

    in_file("a;\n    location / { proxy_passs http://a; }\nb;\n");
    ck_assert_int_eq(mw_diag_add(&T.diag, MW_LOG_EMERG, &pos, "unknown directive \"%s\"", "proxy_passs"), MW_ERR);
    mw_diag_hint(&T.diag, "did you mean \"%s\"?", "proxy_pass");
    ck_assert_str_eq(printed(true),
                     "miwidothttp: [emerg] unknown directive \"proxy_passs\" in /etc/x.conf:2\n"
                     "  2 |     location / { proxy_passs http://a; }\n"
                     "    |                  ^ did you mean \"proxy_pass\"?\n");
    ck_assert_str_eq(printed(false), "miwidothttp: [emerg] unknown directive \"proxy_passs\" in /etc/x.conf:2\n");
}
END_TEST

START_TEST(named_line_is_not_the_shown_one)
{
    mw_pos pos = at(1, 1);

    in_file("abc\n;");
    (void)mw_diag_add(&T.diag, MW_LOG_WARN, &pos, "t");
    mw_diag_named_line(&T.diag, 2);
    ck_assert_str_eq(printed(true), "miwidothttp: [warn] t in /etc/x.conf:2\n  1 | abc\n    | ^\n");
}
END_TEST

static const struct { const char *text; uint32_t line, column; const char *detail; } lines[] = {
    { "\ta b;", 1, 4, "  1 | \ta b;\n    | \t  ^\n" },
    { "a\x01\r\n", 1, 2, "  1 | a? \n    |  ^\n" },
    { "\xc3\xa9 b", 1, 4, "  1 | \xc3\xa9 b\n    |   ^\n" },
    { "a", 3, 1, "  3 | \n    | ^\n" },
    { "a\n", 2, 9, "  2 | \n    | ^\n" },
    { "", 1, 1, "  1 | \n    | ^\n" },
};

START_TEST(odd_lines)
{
    mw_pos pos = at(lines[_i].line, lines[_i].column);

    in_file(lines[_i].text);
    (void)mw_diag_add(&T.diag, MW_LOG_EMERG, &pos, "t");
    ck_assert_str_eq(&strchr(printed(true), '\n')[1], lines[_i].detail);
}
END_TEST

START_TEST(a_long_line_is_cut_around_the_caret)
{
    char  *text = mw_arena_zalloc(T.arena, 1 << 20);
    mw_pos pos = at(1, 500001);

    memset(text, 'x', (1 << 20) - 1);
    text[500000] = '!';
    in_file(text);
    (void)mw_diag_add(&T.diag, MW_LOG_EMERG, &pos, "t");
    const char *shown = strchr(printed(true), '\n') + 1, *below = strchr(shown, '\n') + 1;
    ck_assert_uint_eq((size_t)(below - shown), LINE_SHOWN + 7);
    ck_assert_int_eq(strchr(shown, '!') - shown, strchr(below, '^') - below);
}
END_TEST

START_TEST(no_place_and_parameters)
{
    mw_pos pos = { &file, 1, 1 };

    (void)mw_diag_add(&T.diag, MW_LOG_EMERG, NULL, "no \"events\" section in configuration");
    mw_diag_hint(&T.diag, "h");
    in_file("a");
    file.path = MW_STR("command line");
    (void)mw_diag_add(&T.diag, MW_LOG_EMERG, &pos, "u");
    ck_assert_str_eq(printed(true), "miwidothttp: [emerg] no \"events\" section in configuration\n  h\n"
                                    "miwidothttp: [emerg] u in command line\n  1 | a\n    | ^\n");
}
END_TEST

START_TEST(too_many)
{
    in_file("a");
    for (uint32_t i = 1; i <= 60; i++) {
        mw_pos pos = at(i, 1);

        (void)mw_diag_add(&T.diag, MW_LOG_WARN, &pos, "w");
    }
    for (uint32_t i = 1; i <= 60; i++) {
        mw_pos pos = at(i, 1);

        (void)mw_diag_add(&T.diag, MW_LOG_EMERG, &pos, "e");
        mw_diag_hint(&T.diag, "h%u", i);
    }
    ck_assert_uint_eq(T.diag.errors, 60);
    ck_assert_uint_eq(T.diag.warnings, 60);
    ck_assert_ptr_nonnull(strstr(printed(true), "^ h50\nmiwidothttp: [emerg] and 10 more errors\n"));
}
END_TEST

START_TEST(the_same_is_said_once)
{
    mw_pos pos = at(1, 1), other = at(1, 2);

    in_file("ab");
    (void)mw_diag_add(&T.diag, MW_LOG_EMERG, &pos, "e");
    (void)mw_diag_add(&T.diag, MW_LOG_EMERG, &pos, "e");
    mw_diag_hint(&T.diag, "lost");
    (void)mw_diag_add(&T.diag, MW_LOG_EMERG, &pos, "f");
    (void)mw_diag_add(&T.diag, MW_LOG_EMERG, &other, "e");
    ck_assert_uint_eq(T.diag.errors, 3);
    ck_assert_ptr_null(strstr(faults(), "lost"));
}
END_TEST

START_TEST(log_lines_have_no_detail)
{
    static mw_log_file   to = { .path = MW_STR_C("/log"), .fd = -1 };
    static mw_sink       sink = { .level = MW_LOG_DEBUG, .file = &to };
    static const mw_sinks sinks = { .first = &sink, .most = MW_LOG_DEBUG };
    const mw_log         log = { .sinks = &sinks };
    mw_pos               pos = at(1, 1);
    char                 text[512] = "";
    FILE                *f = tmpfile();
    int                  saved = dup(2), null = open("/dev/null", O_WRONLY);

    in_file("a");
    to.fd = fileno(f);
    (void)mw_diag_add(&T.diag, MW_LOG_EMERG, &pos, "t");
    dup2(null, 2);
    mw_diag_print(&T.diag, "p", true, &log);
    dup2(saved, 2);
    rewind(f);
    ck_assert_uint_gt(fread(text, 1, sizeof text - 1, f), 0);
    ck_assert_ptr_nonnull(strstr(text, " [emerg] "));
    ck_assert_ptr_nonnull(strstr(text, ": t in /etc/x.conf:1\n"));
    ck_assert_ptr_null(strchr(text, '^'));
    fclose(f);
    close(saved);
    close(null);
}
END_TEST

static const struct { const char *a, *b; unsigned far; } far[] = {
    { "", "", 0 }, { "abc", "", 3 }, { "abc", "abc", 0 }, { "abc", "acb", 1 }, { "abc", "ab", 1 }, { "abc", "xabc", 1 },
    { "abc", "axc", 1 }, { "kitten", "sitting", 3 }, { "ca", "abc", 3 },
};

START_TEST(distances)
{
    ck_assert_uint_eq(distance(mw_str_of(far[_i].a), mw_str_of(far[_i].b)), far[_i].far);
    ck_assert_uint_eq(distance(mw_str_of(far[_i].b), mw_str_of(far[_i].a)), far[_i].far);
}
END_TEST

START_TEST(nearest)
{
    static const char *const names[] = { "listen", "server_name", "gzip", "gzip_static", "root", "index" };
    static const struct { const char *written, *near; } all[] = {
        { "lsiten", "listen" }, { "listens", "listen" }, { "servername", "server_name" }, { "gzp", "gzip" },
        { "gzip", "gzip" }, { "ro", NULL }, { "rot", "root" }, { "", NULL }, { "proxy_pass", NULL },
        { "indx", "index" },
        { "gzip_sttaic", "gzip_static" },
    };
    char many[200] = "";

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const char *near = mw_diag_nearest(mw_str_of(all[i].written), names, 6);

        ck_assert_str_eq(near != NULL ? near : "-", all[i].near != NULL ? all[i].near : "-");
    }
    memset(many, 'a', sizeof many - 1);
    ck_assert_ptr_null(mw_diag_nearest(mw_str_of(many), names, 6));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("conf/diag");
    TCase *c = tcase_create("diag");

    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, with_caret_and_hint);
    tcase_add_test(c, named_line_is_not_the_shown_one);
    tcase_add_loop_test(c, odd_lines, 0, sizeof lines / sizeof lines[0]);
    tcase_add_test(c, a_long_line_is_cut_around_the_caret);
    tcase_add_test(c, no_place_and_parameters);
    tcase_add_test(c, too_many);
    tcase_add_test(c, the_same_is_said_once);
    tcase_add_test(c, log_lines_have_no_detail);
    tcase_add_loop_test(c, distances, 0, sizeof far / sizeof far[0]);
    tcase_add_test(c, nearest);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
