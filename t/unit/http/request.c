/* request.c - unit test of a request's life: holds, parting, the order of its end, notes exactly once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/request.c"

#include "house.h"

START_TEST(born)
{
    house("");
    (void)ask("GET /a?b=c", NULL);
    ck_assert_ptr_eq(r->main, r);
    ck_assert_ptr_null(r->parent);
    ck_assert_int_eq(r->length, -1);
    ck_assert_uint_eq(r->log.serial, 7);
    ck_assert_ptr_eq(r->scope.self, r);
    ck_assert_uint_eq(visit->refs, 2);
    let_go();
    ck_assert_uint_eq(visit->refs, 1);
}
END_TEST

START_TEST(lives_while_it_is_held)
{
    mw_request *q;

    house("location / { return 200 abc; }");
    (void)ask("GET /", NULL);
    q = r;
    mw_request_hold(q);
    let_go();                                   /* its wire is gone, and our own hold */
    ck_assert(got.parted);
    ck_assert_uint_eq(visit->refs, 2);
    ck_assert_ptr_null(q->wire);
    mw_request_let(q);
    ck_assert_uint_eq(visit->refs, 2);          /* it ends from the loop's queue, not inside the call */
    mw_loop_turn(worker.loop, 0);
    ck_assert_uint_eq(visit->refs, 1);
}
END_TEST

START_TEST(notes_once)
{
    mw_str text;

    house("location / { access_log logs.txt combined; return 200 abc; }");
    MW_LIST_EACH(node, &cycle->wants.logs)
        (void)mw_log_file_open(MW_OWNER(node, mw_log_file, all));
    (void)ask("GET /", NULL);
    ck_assert(!r->accounted);
    let_go();
    ck_assert_int_eq(mw_file_read_all(arena, mw_str_of(in_folder("logs.txt")), 4096, &text), MW_OK);
    ck_assert_msg(mw_str_find(text, MW_STR("\"GET / HTTP/1.1\" 200 ")) < text.len, "%.*s", MW_S(text));
    ck_assert_uint_eq(mw_str_index(text, '\n'), text.len - 1);
}
END_TEST

START_TEST(post_action_walks_once_more)
{
    house("location / { post_action /after; return 200 abc; } location = /after { access_log off; return 200 later; }"
          "location /named { post_action @n; return 200 abc; } location @n { return 204; }");
    (void)ask("GET /", NULL);
    BODY("abc");
    let_go();
    ck_assert_uint_eq(visit->refs, 1);          /* nobody listened, and it ended all the same */
    (void)ask("GET /named", NULL);
    let_go();
    ck_assert_uint_eq(visit->refs, 1);
}
END_TEST

START_TEST(what_is_kept_over_reroutes)
{
    house("gzip on; location / { return 200 abc; }");
    (void)ask("GET /", NULL);
    for (unsigned i = 0; i < r->site->nmodules; i++) {
        const mw_module *m = r->site->modules[i];

        if (m->http == NULL || m->http->once_size == 0)
            continue;
        memset(mw_request_once(r, m), 1, m->http->once_size);
        ck_assert_ptr_eq(mw_request_once(r, m), mw_request_once(r, m));
    }
    ck_assert_ptr_nonnull(mw_request_conf(r, r->site->modules[r->site->core]));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/request");

    CASE(s, born);
    CASE(s, lives_while_it_is_held);
    CASE(s, notes_once);
    CASE(s, post_action_walks_once_more);
    CASE(s, what_is_kept_over_reroutes);
    return s;
}

#include "run.h"
