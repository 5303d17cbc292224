/* cli.c - unit test of the command line's grammar: letters together, values, long words, and what is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/cli.c"

#include "house.h"

static mw_cli cli;
static mw_str why;

static bool parse(const char *words)
{
    char  *list[16] = { mw_arena_z(arena, MW_STR("miwidothttp")) };
    size_t n = 1;
    mw_str word, rest = mw_str_of(words);

    while (rest.len > 0) {
        (void)mw_str_cut(rest, ' ', &word, &rest);
        list[n++] = mw_arena_z(arena, mw_str_eq(word, MW_STR("''")) ? MW_STR("") : word);
    }
    why = (mw_str){ "", 0 };
    return mw_cli_parse(arena, list, &cli, &why);
}

START_TEST(letters)
{
    ck_assert(parse("-tq"));
    ck_assert(cli.test && cli.quiet && !cli.version);
    ck_assert(parse("-p/x -c y -g daemon;"));
    EQ(cli.prefix, "/x");
    EQ(cli.conf, "y");
    EQ(cli.globals, "daemon;");
    ck_assert(parse("-tc z -e stderr"));
    ck_assert(cli.test);
    EQ(cli.conf, "z");
    EQ(cli.error_log, "stderr");
    ck_assert(parse("-V"));
    ck_assert(cli.version && cli.configure && !cli.help);
    ck_assert(parse("-h") && cli.help && cli.version);
    ck_assert(parse("-s reload --no-wait"));
    EQ(cli.signal, "reload");
    ck_assert(cli.no_wait);
    ck_assert(parse("-"));                      /* as nginx: no letters, nothing said */
}
END_TEST

START_TEST(dumps)
{
    ck_assert(parse("-T") && cli.dump == MW_DUMP_FILES && cli.test);
    ck_assert(parse("-T=yaml") && cli.dump == MW_DUMP_YAML && cli.test);
    ck_assert(parse("-qT=yaml") && cli.dump == MW_DUMP_YAML && cli.quiet);
    ck_assert(!parse("-T=toml"));
    EQ(why, "invalid option: \"=\"");
}
END_TEST

START_TEST(long_words)
{
    ck_assert(parse("--directives") && cli.directives);
    ck_assert(parse("--route http://a/ -H Host:b -H X:y"));
    EQ(cli.route, "http://a/");
    ck_assert_uint_eq(cli.headers.n, 2);
    EQ(MW_ITEM(&cli.headers, mw_str, 1), "X:y");
    ck_assert(parse("--route=http://a/"));
    ck_assert(!parse("--route"));
    ck_assert(!parse("--help"));
    EQ(why, "invalid option: \"--help\"");
}
END_TEST

START_TEST(refused)
{
    static const struct { const char *words, *why; } rows[] = {
        { "x", "invalid option: \"x\"" }, { "-z", "invalid option: \"z\"" }, { "-tz", "invalid option: \"z\"" },
        { "-s", "option \"-s\" requires parameter" }, { "-s ''", "option \"-s\" requires parameter" },
        { "-s x", "invalid option: \"-s x\"" }, { "-sreloads", "invalid option: \"-s reloads\"" },
        { "-p", "option \"-p\" requires directory name" }, { "-c", "option \"-c\" requires file name" },
        { "-e", "option \"-e\" requires file name" }, { "-tg", "option \"-g\" requires parameter" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_msg(!parse(rows[i].words), "%s", rows[i].words);
        ck_assert_msg(mw_str_eq(why, mw_str_of(rows[i].why)), "%s: %.*s", rows[i].words, MW_S(why));
    }
}
END_TEST

START_TEST(help)
{
    mw_out o = mw_arena_pen(arena, 4096), all = mw_arena_pen(arena, 4096);

    mw_cli_help(&o, "nginx", false);
    mw_cli_help(&all, "miwidothttp", true);
    ck_assert(mw_str_starts(mw_out_done(&o), MW_STR("Usage: nginx [-?hvVtTq] ")));
    ck_assert_uint_eq(mw_str_find(mw_out_done(&o), MW_STR("--")), mw_out_done(&o).len);
    ck_assert(mw_str_find(mw_out_done(&all), MW_STR("--route")) < mw_out_done(&all).len);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/cli");

    CASE(s, letters);
    CASE(s, dumps);
    CASE(s, long_words);
    CASE(s, refused);
    CASE(s, help);
    return s;
}

#include "run.h"
