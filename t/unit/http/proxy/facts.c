/* facts.c - unit test of what is known of a request's attempts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/facts.c"

#include "house.h"

START_TEST(attempts)
{
    mw_attempt *one, *two, *three;

    house("location / { return 204; }");
    ck_assert_int_eq(ask("GET /", NULL), 204);
    EQ(mw_facts_tell(r), "");
    mw_facts_of(r)->uri = MW_STR("/x?y");
    ck_assert_ptr_eq(mw_facts_of(r), r->upstream);
    EQ(mw_facts_tell(r), "");                           /* nobody was asked yet */
    one = mw_facts_attempt(r, MW_STR("10.0.0.1:80"), true);
    ck_assert(!one->again);                             /* the first is of no other exchange */
    ck_assert(one->connect_ms == MW_UNTOLD && one->header_ms == MW_UNTOLD && one->response_ms == MW_UNTOLD);
    EQ(mw_facts_tell(r), "http://10.0.0.1:80/x?y");
    two = mw_facts_attempt(r, MW_STR("10.0.0.2:80"), false);
    ck_assert(!two->again);
    mw_facts_of(r)->scheme = MW_STR("https");
    three = mw_facts_attempt(r, MW_STR("unix:/s"), true);
    ck_assert(three->again);
    EQ(mw_facts_tell(r), "https://unix:/s:/x?y");
    ck_assert_uint_eq(mw_facts_of(r)->attempts.n, 3);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/proxy/facts");

    CASE(s, attempts);
    return s;
}

#include "run.h"
