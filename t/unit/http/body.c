/* body.c - unit test of the client's body: in memory, in a file, streamed, too large, read more than once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/body.c"

#include "house.h"

static mw_asker asker;

static void woken(void *nobody) { (void)nobody; }

static void bring(const char *text)
{
    got.incoming = mw_source_of_text(arena, mw_str_of(text));
    mw_asker_init(&asker, worker.loop, woken, NULL);
}

static mw_str all_of(mw_source *s)
{
    static char room[4096];
    mw_chain    chain;
    mw_bell     bell = { .loop = worker.loop };
    mw_rc       rc;
    size_t      n;

    mw_chain_init(&chain);
    do
        rc = mw_source_pull(s, &chain, (mw_want){ 7, true }, &bell);
    while (rc == MW_OK);
    ck_assert_int_eq(rc, MW_END);
    n = mw_chain_peek(&chain, room, sizeof room);
    mw_chain_clear(&chain);
    mw_source_close(s);
    return (mw_str){ room, n };
}

START_TEST(in_memory)
{
    house("location / { return 200 $request_body; }");
    bring("hello, body");
    (void)ask("POST /", "Content-Length: 11", NULL);
    ck_assert(mw_body_expected(r));
    ck_assert_int_eq(mw_body_whole(r, &asker), MW_OK);
    EQ(mw_body_text(r), "hello, body");
    EQ(all_of(mw_body_reader(r)), "hello, body");
    EQ(all_of(mw_body_reader(r)), "hello, body");           /* as often as one wants */
    ck_assert_int_eq(mw_body_whole(r, &asker), MW_OK);
}
END_TEST

START_TEST(in_a_file)
{
    char *text = mw_arena_zalloc(arena, 2001);

    memset(text, 'z', 2000);
    ck_assert_int_eq(mkdir(in_folder("temp"), 0755), 0);
    house("location / { client_body_buffer_size 1k; client_body_temp_path temp; return 200; }");
    bring(text);
    (void)ask("POST /", "Content-Length: 2000", NULL);
    ck_assert_int_eq(mw_body_whole(r, &asker), MW_OK);
    ck_assert_uint_eq(r->body->spooled, 2000);
    EQ(mw_body_text(r), "");
    ck_assert_uint_eq(all_of(mw_body_reader(r)).len, 2000);
    ck_assert(logged("is buffered to a temporary file"));
    {
        const char *path = mw_arena_z(arena, r->body->spool_path);

        ck_assert_int_eq(access(path, F_OK), 0);
        let_go();
        ck_assert_int_ne(access(path, F_OK), 0);            /* it goes with the request */
    }
}
END_TEST

START_TEST(no_folder_for_it)
{
    char *text = mw_arena_zalloc(arena, 2001);

    memset(text, 'z', 2000);
    house("location / { client_body_buffer_size 1k; client_body_temp_path none; return 200; }");
    bring(text);
    (void)ask("POST /", "Content-Length: 2000", NULL);
    ck_assert_int_eq(mw_body_whole(r, &asker), MW_ERR);
    ck_assert_int_eq(r->body->refused, 500);
    ck_assert_int_eq(mw_body_whole(r, &asker), MW_ERR);     /* it stays so */
    ck_assert(logged("failed (2: No such file or directory)"));
}
END_TEST

START_TEST(too_large)
{
    house("location / { client_max_body_size 5; return 200; }");
    bring("hello, body");
    (void)ask("POST /", NULL);
    r->chunked = true;
    ck_assert_int_eq(mw_body_whole(r, &asker), MW_ERR);
    ck_assert_int_eq(r->body->refused, 413);
    bring("hello, body");
    ck_assert_int_eq(ask("POST /", "Content-Length: 11", NULL), 413);      /* said before it is read */
}
END_TEST

START_TEST(streamed_once)
{
    house("location / { return 200; }");
    bring("hello, body");
    (void)ask("POST /", "Content-Length: 11", NULL);
    {
        mw_source *s = mw_body_reader(r);

        ck_assert_ptr_nonnull(s);
        ck_assert_ptr_null(mw_body_reader(r));
        EQ(all_of(s), "hello, body");
        ck_assert(r->body->whole && r->body->streaming);
    }
    EQ(mw_body_text(r), "");
}
END_TEST

START_TEST(none)
{
    house("location / { return 200; }");
    got.incoming = NULL;
    (void)ask("GET /", NULL);
    ck_assert(!mw_body_expected(r));
    mw_asker_init(&asker, worker.loop, woken, NULL);
    ck_assert_int_eq(mw_body_whole(r, &asker), MW_OK);
    ck_assert_ptr_null(mw_body_reader(r));
    EQ(mw_body_text(r), "");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/body");

    CASE(s, in_memory);
    CASE(s, in_a_file);
    CASE(s, no_folder_for_it);
    CASE(s, too_large);
    CASE(s, streamed_once);
    CASE(s, none);
    return s;
}

#include "run.h"
