/* stub_status.c - unit test of stub_status: its text, its methods, its variables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/stub_status.c"

#include "house.h"

START_TEST(counts)
{
    house("location = /s { stub_status; stub_status on; } location = /v { return 200 \"$connections_active "
        "$connections_reading "
          "$connections_writing $connections_waiting\"; }");
    mw_count_add(worker.count, MW_COUNT_ACCEPTED, 11);
    mw_count_add(worker.count, MW_COUNT_HANDLED, 10);
    mw_count_add(worker.count, MW_COUNT_REQUESTS, 31);
    mw_count_add(worker.count, MW_COUNT_ACTIVE, 6);
    mw_count_add(worker.count, MW_COUNT_READING, 1);
    mw_count_add(worker.count, MW_COUNT_WRITING, 2);
    mw_count_add(worker.count, MW_COUNT_WAITING, 3);
    ck_assert_int_eq(ask("GET /s", NULL), 200);
    EQ(r->res.type, "text/plain");
    BODY("Active connections: 6 \nserver accepts handled requests\n 11 10 31 \nReading: 1 Writing: 2 Waiting: 3 \n");
    ck_assert_int_eq(ask("HEAD /s", NULL), 200);
    ck_assert_int_eq(ask("POST /s", NULL), 405);
    ck_assert_int_eq(ask("GET /v", NULL), 200);
    BODY("6 1 2 3");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/stub_status");

    CASE(s, counts);
    return s;
}

#include "run.h"
