/* buf.c - tests of chains: whose bytes they are, and that nothing is freed early, twice or never.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.c"

#include <check.h>
#include <fcntl.h>

static mw_chain c, d;

static void setup(void)
{
    mw_chain_init(&c);
    mw_chain_init(&d);
}

static void teardown(void)
{
    mw_chain_clear(&c);
    mw_chain_clear(&d);
    mw_pools_drain();
}

static void holds(const mw_chain *chain, const char *text)      /* in memory parts, all of it */
{
    char   got[256];
    size_t n = mw_chain_peek(chain, got, sizeof got);

    ck_assert_msg(n == strlen(text) && memcmp(got, text, n) == 0, "'%.*s' is not '%s'", (int)n, got, text);
    ck_assert_uint_eq(chain->bytes, n);
    ck_assert_ptr_eq(*chain->tail, NULL);
}

static bool open_still(int fd) { return fcntl(fd, F_GETFD) >= 0; }

static mw_file *some_file(void) { return mw_file_new(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

static mw_block *block_with(const char *text) { return block_of(mw_str_of(text)); }

START_TEST(blocks_of_all_sizes)
{
    static const uint32_t sizes[] = { 0, 1, 255, 256, 257, 1024, 1025, 4096, 16384, 32768, 65536, 65537 };

    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        mw_block *b = mw_block_new(sizes[i]);
        mw_pool  *class = class_of(sizes[i]);

        ck_assert_uint_eq(b->size, sizes[i]);
        ck_assert_uint_eq(b->refs, 1);
        memset(b->data, 'x', sizes[i]);
        if (class != NULL) {
            ck_assert_uint_ge(class->size, sizeof(mw_block) + sizes[i]);
            ck_assert_uint_eq(class->kept, 0);
            if (class != blocks)                /* and no smaller class would do */
                ck_assert_uint_lt(class[-1].size, sizeof(mw_block) + sizes[i]);
        }
        ck_assert_int_eq(class != NULL, MW_POOLS_KEEP && sizes[i] <= 65536);
        mw_block_done(mw_block_hold(b));
        mw_block_done(b);
        if (class != NULL) {
            ck_assert_uint_eq(class->kept, 1);
            ck_assert_ptr_eq(mw_block_try(sizes[i]), b);
            mw_block_done(b);
        }
        mw_pools_drain();
    }
    mw_block_done(NULL);
}
END_TEST

START_TEST(a_file_is_closed_by_its_last_holder)
{
    mw_file *f = some_file();
    int      fd = f->fd;

    mw_chain_add_file(&c, f, 0, 10);
    mw_chain_add_file(&c, f, 5, 5);             /* empty: no view, no count */
    ck_assert_uint_eq(f->refs, 2);
    mw_file_done(f);
    mw_chain_move_some(&d, &c, 4);
    mw_chain_clear(&c);
    ck_assert(open_still(fd));
    ck_assert_uint_eq(d.head->from, 0);
    ck_assert_uint_eq(d.head->upto, 4);
    mw_chain_drop(&d, 3);
    ck_assert_uint_eq(d.head->from, 3);
    ck_assert_uint_eq(d.bytes, 1);
    mw_chain_drop(&d, 1);
    ck_assert(!open_still(fd));
    mw_file_done(NULL);
}
END_TEST

START_TEST(all_kinds_of_bytes)
{
    char      lent[] = "lent ";
    mw_block *b = block_with("block given");

    mw_chain_add_static(&c, MW_STR("static "));
    mw_chain_add_lent(&c, mw_str_of(lent));
    mw_chain_add_copy(&c, MW_STR("copy "));
    mw_chain_add_block(&c, b, (mw_str){ b->data, 6 });
    ck_assert_uint_eq(b->refs, 2);
    mw_chain_give_block(&c, b, (mw_str){ &b->data[6], 5 });
    ck_assert_uint_eq(b->refs, 2);
    holds(&c, "static lent copy block given");
    mw_chain_keep(&c);
    memset(lent, 'x', sizeof lent);
    holds(&c, "static lent copy block given");
    for (const mw_buf *v = c.head; v != NULL; v = v->next)
        ck_assert(!v->lent);
    ck_assert(!mw_chain_has_file(&c));
}
END_TEST

START_TEST(nothing_adds_nothing)
{
    mw_block *b = block_with("x");

    mw_chain_add_static(&c, MW_STR(""));
    mw_chain_add_lent(&c, (mw_str){ NULL, 0 });
    mw_chain_add_copy(&c, (mw_str){ NULL, 0 });
    mw_chain_add_block(&c, b, (mw_str){ b->data, 0 });
    ck_assert_uint_eq(b->refs, 1);
    mw_chain_give_block(&c, b, (mw_str){ b->data, 0 });         /* ends it */
    ck_assert_ptr_null(c.head);
    mw_chain_move(&d, &c);
    mw_chain_move_some(&d, &c, 10);
    mw_chain_drop(&c, 10);
    mw_chain_keep(&c);
    holds(&d, "");
}
END_TEST

START_TEST(dropping)
{
    mw_chain_add_copy(&c, MW_STR("abc"));
    mw_chain_add_copy(&c, MW_STR("def"));
    mw_chain_add_copy(&c, MW_STR("ghi"));
    mw_chain_drop(&c, 0);
    holds(&c, "abcdefghi");
    mw_chain_drop(&c, 1);
    holds(&c, "bcdefghi");
    mw_chain_drop(&c, 5);                       /* to the end of a view */
    holds(&c, "ghi");
    mw_chain_drop(&c, 100);
    holds(&c, "");
    mw_chain_add_static(&c, MW_STR("anew"));    /* the tail is the head's again */
    holds(&c, "anew");
}
END_TEST

START_TEST(moving)
{
    for (unsigned n = 0; n <= 8; n++) {
        char text[16];

        mw_chain_add_copy(&c, MW_STR("abc"));
        mw_chain_add_lent(&c, MW_STR("def"));
        mw_chain_add_static(&d, MW_STR("<"));
        mw_chain_move_some(&d, &c, n);
        (void)memcpy(text, "<abcdef", 8);
        holds(&c, n < 6 ? &text[1 + n] : "");
        text[n < 6 ? 1 + n : 7] = '\0';
        holds(&d, text);
        mw_chain_add_static(&c, MW_STR("1"));
        mw_chain_add_static(&d, MW_STR("2"));
        mw_chain_move(&d, &c);
        ck_assert_uint_eq(d.bytes, 9);
        ck_assert_ptr_null(c.head);
        mw_chain_clear(&d);
    }
}
END_TEST

START_TEST(sharing)
{
    mw_block *b = block_with("abcdef");
    mw_file  *f = some_file();

    mw_chain_add_static(&c, MW_STR("<"));
    mw_chain_give_block(&c, b, (mw_str){ b->data, 6 });
    mw_chain_add_lent(&c, MW_STR("ghi"));
    mw_chain_share(&d, &c, 2, 6);
    holds(&d, "bcdefg");
    ck_assert_uint_eq(b->refs, 2);
    holds(&c, "<abcdefghi");
    mw_chain_clear(&d);
    mw_chain_share(&d, &c, 0, 1);
    mw_chain_share(&d, &c, 8, 100);             /* there are fewer */
    mw_chain_share(&d, &c, 100, 1);
    holds(&d, "<hi");
    mw_chain_clear(&d);
    mw_chain_add_file(&c, f, 100, 200);
    mw_chain_share(&d, &c, 60, 10);
    ck_assert_uint_eq(d.bytes, 10);
    ck_assert_uint_eq(d.head->from, 150);
    ck_assert_uint_eq(f->refs, 3);
    mw_file_done(f);
}
END_TEST

START_TEST(a_split_block_is_counted_twice)
{
    mw_block *b = block_with("abcdef");

    mw_chain_give_block(&c, b, (mw_str){ b->data, 6 });
    mw_chain_move_some(&d, &c, 2);
    ck_assert_uint_eq(b->refs, 2);
    mw_chain_clear(&d);
    holds(&c, "cdef");
    ck_assert_uint_eq(b->refs, 1);
}
END_TEST

START_TEST(peeking_stops_at_a_file)
{
    mw_file *f = some_file();
    char     got[8] = "";

    mw_chain_add_static(&c, MW_STR("abc"));
    mw_chain_add_static(&c, MW_STR("def"));
    mw_chain_add_file(&c, f, 100, 200);
    mw_chain_add_static(&c, MW_STR("ghi"));
    mw_file_done(f);
    ck_assert_uint_eq(c.bytes, 109);
    ck_assert(mw_chain_has_file(&c));
    ck_assert_uint_eq(mw_chain_peek(&c, got, 4), 4);
    ck_assert_mem_eq(got, "abcd\0", 5);
    ck_assert_uint_eq(mw_chain_peek(&c, got, 8), 6);
    mw_chain_drop(&c, 50);
    ck_assert_uint_eq(mw_chain_peek(&c, got, 8), 0);
    ck_assert_uint_eq(c.head->from, 144);
    mw_chain_drop(&c, 56);
    holds(&c, "ghi");
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/buf");
    TCase *t = tcase_create("buf");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, blocks_of_all_sizes);
    tcase_add_test(t, a_file_is_closed_by_its_last_holder);
    tcase_add_test(t, all_kinds_of_bytes);
    tcase_add_test(t, nothing_adds_nothing);
    tcase_add_test(t, dropping);
    tcase_add_test(t, moving);
    tcase_add_test(t, sharing);
    tcase_add_test(t, a_split_block_is_counted_twice);
    tcase_add_test(t, peeking_stops_at_a_file);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
