/* sub.c - unit test of subrequests: what they see, their body, their end, and too many of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/sub.c"

#include "house.h"

static mw_sub    sub;
static mw_bell   bell;
static unsigned  rung;

static void woken(void *nobody)
{
    (void)nobody;
    rung++;
}

static void start(const char *text, const char *line)
{
    house(text);
    ck_assert_int_eq(ask(line, "X-Me: you", NULL), 200);
    sub = (mw_sub){ 0 };
    rung = 0;
    mw_bell_init(&bell, worker.loop, woken, NULL);
}

static mw_rc ask_sub(const char *uri, mw_sub_how how)
{
    mw_rc rc = mw_sub_ask(&r->lasting, &sub, r, mw_str_of(uri), MW_STR("a=1"), how);

    for (unsigned i = 0; i < HOUSE_TURNS && rc == MW_AGAIN; i++) {
        mw_loop_turn(worker.loop, 1);
        rc = mw_sub_ask(&r->lasting, &sub, r, mw_str_of(uri), MW_STR("a=1"), how);
    }
    return rc;
}

#define PLACES "location /m { return 200 m; }" \
               "location /s { return 201 \"$uri $args $http_x_me $request_method $x\"; }" \
               "location /deny { deny all; return 200 in; } location /gone { return 444; } set $x $arg_q;" \
               "location /bad { error_page 404 =202 /s; return 404; } location /in { internal; return 200 inside; }"

START_TEST(answers)
{
    mw_chain to;
    char     text[64];

    start(PLACES, "GET /m?q=7");
    ck_assert_int_eq(ask_sub("/s", (mw_sub_how){ 0 }), MW_OK);
    ck_assert_int_eq(sub.request->res.status, 201);
    ck_assert_ptr_eq(sub.request->main, r);
    ck_assert_uint_eq(r->inner, 1);
    mw_chain_init(&to);
    ck_assert_int_eq(mw_source_pull(mw_sub_body(&sub), &to, (mw_want){ 100, true }, &bell), MW_END);
    EQ(((mw_str){ text, mw_chain_peek(&to, text, sizeof text) }), "/s a=1 you GET ");
    mw_chain_clear(&to);
    ck_assert_ptr_null(sub.request);
    ck_assert_ptr_null(r->subs);
    ck_assert_uint_eq(r->inner, 0);
    ck_assert_int_eq(mw_source_pull(mw_sub_body(&sub), &to, (mw_want){ 100, true }, &bell), MW_END);
    mw_sub_end(&sub);
}
END_TEST

START_TEST(pulled_early)
{
    mw_chain to;

    start(PLACES, "HEAD /m");
    mw_chain_init(&to);
    ck_assert_int_eq(mw_sub_ask(&r->lasting, &sub, r, MW_STR("/s"), MW_STR(""), (mw_sub_how){ .own_method = true }),
                     MW_AGAIN);
    ck_assert_int_eq(mw_source_pull(mw_sub_body(&sub), &to, (mw_want){ 100, true }, &bell), MW_AGAIN);
    while (rung == 0)
        mw_loop_turn(worker.loop, 1);
    ck_assert_int_eq(mw_source_pull(mw_sub_body(&sub), &to, (mw_want){ 100, true }, &bell), MW_END);
    ck_assert_uint_eq(to.bytes, 0);
}
END_TEST

START_TEST(access_and_error_pages)
{
    mw_chain to;

    mw_chain_init(&to);
    start(PLACES, "GET /m");
    ck_assert_int_eq(ask_sub("/deny", (mw_sub_how){ .head_only = true }), MW_OK);
    ck_assert_int_eq(sub.request->res.status, 200);
    mw_sub_end(&sub);
    sub = (mw_sub){ 0 };
    ck_assert_int_eq(ask_sub("/bad", (mw_sub_how){ .head_only = true }), MW_OK);
    ck_assert_int_eq(sub.request->res.status, 202);
    mw_sub_end(&sub);
    sub = (mw_sub){ 0 };
    ck_assert_int_eq(ask_sub("/in", (mw_sub_how){ 0 }), MW_OK);
    ck_assert_int_eq(sub.request->res.status, 200);
    mw_sub_end(&sub);
    sub = (mw_sub){ 0 };
    ck_assert_int_eq(ask_sub("/gone", (mw_sub_how){ 0 }), MW_ERR);
    ck_assert_int_eq(sub.request->res.status, 444);
    ck_assert_int_eq(mw_source_pull(mw_sub_body(&sub), &to, (mw_want){ 100, true }, &bell), MW_ERR);
}
END_TEST

START_TEST(ended)
{
    start(PLACES, "GET /m");
    ck_assert_int_eq(mw_sub_ask(&r->lasting, &sub, r, MW_STR("/s"), MW_STR(""), (mw_sub_how){ 0 }), MW_AGAIN);
    mw_asker_cancel(&r->lasting);
    ck_assert_ptr_null(sub.request);
    ck_assert_uint_eq(r->inner, 0);
    sub = (mw_sub){ 0 };
    ck_assert_int_eq(mw_sub_ask(&r->lasting, &sub, r, MW_STR("/s"), MW_STR(""), (mw_sub_how){ 0 }), MW_AGAIN);
    mw_sub_end(&sub);
    ck_assert_int_eq(sub.op.state, MW_OP_FINISHED);
    ck_assert_ptr_null(r->lasting.pending);
    sub = (mw_sub){ 0 };
    ck_assert_int_eq(mw_sub_ask(&r->lasting, &sub, r, MW_STR("/s"), MW_STR(""), (mw_sub_how){ 0 }), MW_AGAIN);
    mw_request_gone(r);
    ck_assert(sub.request->gone);
    let_go();                                   /* the parent's end is its end */
    ck_assert_ptr_null(sub.request);
}
END_TEST

START_TEST(too_deep)
{
    start(PLACES, "GET /m");
    r->depth = DEEPEST;
    ck_assert_int_eq(mw_sub_ask(&r->lasting, &sub, r, MW_STR("/s"), MW_STR(""), (mw_sub_how){ 0 }), MW_ERR);
    ck_assert_ptr_null(sub.request);
    ck_assert(logged("subrequests cycle while processing \"/s\""));
    r->depth = 0;
}
END_TEST

START_TEST(in_the_background)
{
    start(PLACES "location /late { return 200; access_log late.log; log_subrequest on; }", "GET /m");
    mw_sub_launch(r, MW_STR("/late"), MW_STR(""), (mw_sub_how){ .no_body = true });
    ck_assert_uint_eq(r->inner, 1);
    ck_assert_ptr_null(r->subs);
    let_go();                                   /* the client is gone first, and all of it ends (ASan looks) */
    ck_assert_uint_eq(visit->refs, 1);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/sub");

    CASE(s, answers);
    CASE(s, pulled_early);
    CASE(s, access_and_error_pages);
    CASE(s, ended);
    CASE(s, too_deep);
    CASE(s, in_the_background);
    return s;
}

#include "run.h"
