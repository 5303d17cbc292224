/* random.c - tests of chance: bounds, fairness, and that children do not echo.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/random.c"

#include <check.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(bytes_are_written_all_and_no_more)
{
    unsigned char seen[256] = { 0 }, bytes[258];

    mw_random_bytes(NULL, 0);
    for (unsigned turn = 0; turn < 64; turn++) {        /* a byte stays 0 in all turns: 256 * 2^-512 */
        memset(bytes, 0, sizeof bytes);
        mw_random_bytes(&bytes[1], 256);
        for (unsigned i = 0; i < 256; i++)
            seen[i] |= bytes[i + 1];
        ck_assert(bytes[0] == 0 && bytes[257] == 0);
    }
    for (unsigned i = 0; i < 256; i++)
        ck_assert_uint_ne(seen[i], 0);
}
END_TEST

START_TEST(every_bit_turns)
{
    uint64_t ones = 0, zeros = 0;

    for (unsigned i = 0; i < 200; i++) {
        uint64_t n = mw_random_u64();

        ones |= n;
        zeros |= ~n;
    }
    ck_assert_uint_eq(ones, UINT64_MAX);
    ck_assert_uint_eq(zeros, UINT64_MAX);
}
END_TEST

START_TEST(below_is_fair)
{
    const uint64_t quarter = UINT64_C(1) << 62;         /* of all numbers */
    unsigned       hits[7] = { 0 };

    for (unsigned i = 0; i < 70000; i++) {
        uint64_t n = mw_random_below(7);

        ck_assert_uint_lt(n, 7);
        hits[n]++;
    }
    for (unsigned i = 0; i < 7; i++)            /* 10000 each; ten times the standard deviation */
        ck_assert(hits[i] > 9000 && hits[i] < 11000);
    ck_assert_uint_eq(mw_random_below(1), 0);
    hits[0] = 0;
    for (unsigned i = 0; i < 9000; i++)         /* a plain remainder: below quarter in half of the turns */
        hits[0] += mw_random_below(quarter * 3) < quarter;
    ck_assert(hits[0] > 2700 && hits[0] < 3300);
}
END_TEST

START_TEST(below_nothing_stops)
{
    (void)mw_random_below(0);
}
END_TEST

START_TEST(children_do_not_echo)
{
    uint64_t said[3];
    int      fds[2];

    (void)mw_random_u64();
    ck_assert_int_eq(pipe(fds), 0);
    for (unsigned i = 0; i < 2; i++) {
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
            uint64_t n = mw_random_u64();

            _exit(write(fds[1], &n, sizeof n) == (ssize_t)sizeof n ? 0 : 1);
        }
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        ck_assert_int_eq(read(fds[0], &said[i], sizeof said[i]), (ssize_t)sizeof said[i]);
    }
    said[2] = mw_random_u64();
    ck_assert_uint_ne(said[0], said[1]);
    ck_assert_uint_ne(said[0], said[2]);
    ck_assert_uint_ne(said[1], said[2]);
    (void)close(fds[0]);
    (void)close(fds[1]);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/random");
    TCase *t = tcase_create("random");

    tcase_add_test(t, bytes_are_written_all_and_no_more);
    tcase_add_test(t, every_bit_turns);
    tcase_add_test(t, below_is_fair);
    tcase_add_test_raise_signal(t, below_nothing_stops, SIGABRT);
    tcase_add_test(t, children_do_not_echo);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
