/* pipeline.c - unit test of the walk: phases in order, verdicts, `satisfy`, heads that refuse,
    waits that are cancelled.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/pipeline.c"

#include "house.h"
#include "http/status.h"

START_TEST(phases)
{
    house("location / { return 200; } location /in { deny all; try_files /none =404; }");
    (void)ask("GET /in", NULL);
    {
        const mw_place *own = first_server()->own, *in = r->walked;

        ck_assert_int_eq(phase_of(own, own->at[MW_LOCATE]), MW_LOCATE);
        ck_assert_int_eq(phase_of(in, in->at[MW_ACCESS]), MW_ACCESS);
        ck_assert_int_eq(phase_of(in, in->at[MW_PRECONTENT]), MW_PRECONTENT);
        for (unsigned i = 0; i < MW_PHASES; i++)
            ck_assert(in->at[i] <= in->at[i + 1]);
        ck_assert_uint_eq(in->at[MW_PHASES] + 1U, in->route.nstops);    /* `missing` is the last */
    }
    ck_assert_int_eq(r->res.status, 403);
    ck_assert_int_eq(r->state, MW_SENDING);
}
END_TEST

START_TEST(granted_jumps_over_denials)
{
    house("location / { satisfy any; allow 192.0.2.1; deny all; try_files /none =418; }"
          "location /no { satisfy any; allow 10.0.0.1; deny all; try_files /none =418; }");
    ck_assert_int_eq(ask("GET /", NULL), 418);
    ck_assert_int_eq(r->denied, 0);
    ck_assert_int_eq(ask("GET /no", NULL), 403);
}
END_TEST

START_TEST(a_head_refuses)
{
    write_file("a", "0123456789");
    house("root .; location /b { alias a; error_page 416 =200 /page; } location = /page { return 200 page; }"
          "location /c { alias a; error_page 412 /gone; } location = /gone { return 410; }");
    ck_assert_int_eq(ask("GET /a", "Range: bytes=20-", NULL), 416);
    EQ(r->res.type, "text/html");
    ck_assert(got.bytes.len > 100);
    ck_assert_int_eq(ask("GET /b", "Range: bytes=20-", NULL), 200);
    BODY("page");
    ck_assert_int_eq(ask("GET /c", "If-Match: \"x\"", NULL), 410);
}
END_TEST

START_TEST(what_could_not_be_read)
{
    house("error_page 400 /bad; location = /bad { return 200 \"bad $request\"; } error_page 414 @long;"
          "location @long { return 200 long; }");
    ck_assert_int_eq(ask("GET /", NULL), 404);
    let_go();
    r = mw_request_new(worker.loop, first_server()->site, &house_wire, NULL, visit);
    mw_request_hold(r);
    got.sent = got.aborted = got.parted = false;
    mw_chain_init(&got.body);
    mw_pipeline_refuse(r, first_server(), 400);
    ck_assert(got.sent);
    ck_assert_int_eq(r->res.status, 400);
    ck_assert(!r->keep_alive);
    let_go();
    r = mw_request_new(worker.loop, first_server()->site, &house_wire, NULL, visit);
    mw_request_hold(r);
    got.sent = got.aborted = got.parted = false;
    mw_chain_init(&got.body);
    mw_pipeline_refuse(r, first_server(), MW_STATUS_CLOSE);
    ck_assert(got.aborted && !got.sent);
}
END_TEST

START_TEST(woken_only_while_it_waits)
{
    house("location / { return 200 abc; }");
    ck_assert_int_eq(ask("GET /", NULL), 200);
    mw_pipeline_woken(r);                       /* it is being sent: nothing is run twice */
    BODY("abc");
    ck_assert_int_eq(r->state, MW_SENDING);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/pipeline");

    CASE(s, phases);
    CASE(s, granted_jumps_over_denials);
    CASE(s, a_head_refuses);
    CASE(s, what_could_not_be_read);
    CASE(s, woken_only_while_it_waits);
    return s;
}

#include "run.h"
