/* password.c - unit test of passwords: every kind that fits, that does not, and that is broken.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/password.c"

#include <check.h>
#include <stdlib.h>

static const struct { const char *password, *stored; bool fits; } cases[] = {
    { "password", "$apr1$salt$Xxd1irWT9ycqoYxGFn4cb.", true },
    { "Password", "$apr1$salt$Xxd1irWT9ycqoYxGFn4cb.", false },
    { "password", "$apr1$", false },
    { "password", "$apr1$salt$", false },
    { "password", "{PLAIN}password", true },
    { "password", "{PLAIN}passwor", false },
    { "", "{PLAIN}", true },
    { "password", "{SSHA}yI6cZwQadOA1e+/f+T+H3eCQQhRzYWx0", true },
    { "passwort", "{SSHA}yI6cZwQadOA1e+/f+T+H3eCQQhRzYWx0", false },
    { "password", "{SSHA}Zm9vCg==", false },
    { "password", "{SSHA}***", false },
    { "password", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", true },
    { "passwort", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", false },
    { "password", "{SHA}Zm9vCg==", false },
    { "password", "", false },
    { "password", "*", false },
    { "password", "$1$", false },
    { "password", "$2y$", false },
    { "password", "{MD5}whatever", false },
};

START_TEST(fits)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(mw_password_fits(mw_str_of(cases[i].password), mw_str_of(cases[i].stored)) == cases[i].fits,
                      "%s %s", cases[i].password, cases[i].stored);
}
END_TEST

START_TEST(crypts)
{
    static const char *const settings[] = { "sa", "$1$salt$", "$5$rounds=1000$salt$", "$6$rounds=1000$salt$",
                                            "$2b$04$abcdefghijklmnopqrstuu" };

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        struct crypt_data *data = calloc(1, sizeof *data);
        mw_str             hash = mw_str_of(crypt_r("secret", settings[i], data));

        ck_assert_msg(hash.len > 10, "%s", settings[i]);
        ck_assert(mw_password_fits(MW_STR("secret"), hash));
        ck_assert(!mw_password_fits(MW_STR("secre"), hash));
        ck_assert(!mw_password_fits(MW_STR("secret\0x"), hash));
        ck_assert_int_eq(mw_password_slow(hash), i > 1);
        free(data);
    }
}
END_TEST

START_TEST(long_ones)
{
    char much[2000];

    memset(much, 'x', sizeof much);
    ck_assert(!mw_password_fits((mw_str){ much, sizeof much }, MW_STR("$6$rounds=1000$salt$abc")));
    ck_assert(!mw_password_fits(MW_STR("x"), (mw_str){ much, sizeof much }));
    ck_assert(!mw_password_slow(MW_STR("$apr1$x$y")));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/password");
    TCase *c = tcase_create("all");

    tcase_add_test(c, fits);
    tcase_add_test(c, crypts);
    tcase_add_test(c, long_ones);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
