/* ssi_parse.c - unit test of commands of server side includes, in pieces of any size.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/ssi_parse.c"

#include <check.h>

static mw_arena *a;

/* "command|name=value|name=value", or "!what is wrong"; then what is behind the end, or "..." when there is none. */
static const char *told(mw_str text, size_t step)
{
    mw_ssi_parse p = { .arena = a, .longest = 10 };
    mw_out       o = mw_arena_pen(a, 300);
    bool         ended = false;

    while (!ended && text.len > 0)
        text = mw_str_drop(text, mw_ssi_eat(&p, mw_str_take(text, step), &ended));
    if (p.why.at != NULL) {
        mw_out_fmt(&o, "!%.*s", MW_S(p.why));
    } else {
        mw_out_str(&o, p.command);
        for (unsigned i = 0; i < p.n; i++)
            mw_out_fmt(&o, "|%.*s=%.*s", MW_S(p.params[i].name), MW_S(mw_out_done(&p.params[i].value)));
    }
    if (ended)
        mw_out_fmt(&o, " >%.*s", MW_S(text));
    return mw_arena_z(a, mw_out_done(&o));
}

START_TEST(commands)
{
    static const struct { const char *text, *told; } rows[] = {
        { "echo var=\"a\" -->x", "echo|var=a >x" }, { " echo var='a\"' b=\"\"-->", "echo|var=a\"|b= >" },
        { "\necho\n\tvar = \"args\"\n-->", "echo|var=args >" }, { "else -->", "else >" }, { "e-->", "e >" },
        { "set v=\"x\\\"y\\\\z\\d\"-->", "set|v=x\"y\\z\\d >" },
        { "echo var=\"a-->b\" -->", "echo|var=a-->b >" },
        { "echo foo -->y", "!unexpected \"-\" symbol after \"foo\" parameter in \"echo\" SSI command >y" },
        { "echo var=args -->", "!unexpected \"a\" symbol before value of \"var\" parameter in \"echo\" SSI command >" },
        { "echo var=\"a\"x-->", "!unexpected \"x\" symbol after value of \"var\" parameter in \"echo\" SSI command >" },
        { "echo v-->", "!unexpected \"-\" symbol after \"v\" parameter in \"echo\" SSI command >" },
        { "echo -x-->", "!unexpected \"x\" symbol in \"echo\" SSI command >" }, { "echo", "echo" },
        { "-->", "!unexpected \">\" symbol in \"-\" SSI command" },
        { "set v=\"01234567890\" -->",
          "!too long \"01234567890...\" value of \"v\" parameter in \"set\" SSI command >" },
        { "averyveryverylongcommandnamethatexceeds -->",
          "!the \"averyveryverylongcommandnamethate...\" SSI command is too long >" },
        { "echo averyveryverylongparameternamethatexceeds=\"a\" -->",
          "!too long \"averyveryverylongparameternametha...\" parameter in \"echo\" SSI command >" },
        { "x a='' a='' a='' a='' a='' a='' a='' a='' a='' a='' a='' a='' a='' a='' a='' a='' a='' -->",
          "!too many \"x\" SSI command parameters >" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t step = 1; step < 8; step++)
            ck_assert_str_eq(told(mw_str_of(rows[i].text), step), rows[i].told);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/ssi_parse");
    TCase *t = tcase_create("all");

    a = mw_arena_new(4096);
    tcase_add_test(t, commands);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
