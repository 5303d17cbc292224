/* spool.c - unit test of what does not fit in memory, and of copies that are kept: whole, limited, refused by the disk.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/spool.c"

#include "house.h"

static mw_exchange_conf way;
static mw_spool        *spool;
static mw_chain         chain;

static void new_spool(const char *temp)
{
    house("location / { return 204; }");
    ck_assert_int_eq(ask("GET /", NULL), 204);
    ck_assert_int_eq(mkdir(in_folder("temp"), 0700), 0);
    way = (mw_exchange_conf){ .temp_max = { 100 }, .temp_path = mw_str_of(in_folder(temp)), .store_access = 0640 };
    spool = mw_spool_new(r);
    mw_chain_init(&chain);
}

static unsigned files(void)
{
    mw_str   text;
    unsigned n;

    write_file("count", "");
    ck_assert_int_eq(system(mw_arena_z(arena, mw_arena_fmt(arena, "ls -A %s/temp | wc -l > %s/count", folder, folder))),
                     0);
    ck_assert_int_eq(mw_file_read_all(arena, mw_str_of(in_folder("count")), 100, &text), MW_OK);
    n = (unsigned)strtoul(mw_arena_z(arena, text), NULL, 10);
    return n;
}

START_TEST(parts_become_one)
{
    new_spool("temp");
    ck_assert(mw_spool_add(spool, &way, MW_STR("one"), &chain));
    ck_assert(mw_spool_add(spool, &way, MW_STR("and two"), &chain));
    ck_assert_uint_eq(chain.bytes, 10);
    ck_assert_ptr_eq(chain.head->file, spool->file);
    ck_assert(chain.head->next == NULL && chain.head->from == 0 && chain.head->upto == 10);
    mw_chain_drop(&chain, 10);
    ck_assert(mw_spool_add(spool, &way, MW_STR("more"), &chain));
    ck_assert_uint_eq(chain.head->from, 10);
    ck_assert_uint_eq(files(), 0);                      /* it has no name */
    mw_chain_clear(&chain);
    mw_spool_end(spool);
    mw_spool_end(spool);
    mw_spool_end(NULL);
}
END_TEST

START_TEST(there_is_a_limit)
{
    char bytes[100] = { 0 };

    new_spool("temp");
    ck_assert(mw_spool_add(spool, &way, (mw_str){ bytes, 60 }, &chain));
    ck_assert(!mw_spool_add(spool, &way, (mw_str){ bytes, 41 }, &chain));
    ck_assert(mw_spool_add(spool, &way, (mw_str){ bytes, 40 }, &chain));
    ck_assert_uint_eq(chain.bytes, 100);
    mw_chain_clear(&chain);
    mw_spool_end(spool);
}
END_TEST

START_TEST(no_folder)
{
    new_spool("none");
    ck_assert(!mw_spool_add(spool, &way, MW_STR("x"), &chain));
    ck_assert(spool->broken);
    ck_assert(logged("open() \""));
    ck_assert(!mw_store_begin(spool, &way));
    mw_store_add(spool, MW_STR("x"));                   /* nobody notices */
    mw_store_finish(spool, &way, -1);
    mw_spool_end(spool);
}
END_TEST

START_TEST(stored)
{
    struct stat st;
    mw_str      text;

    new_spool("temp");
    r->uri = MW_STR("/deep/er/copy");
    ck_assert(mw_store_begin(spool, &way));
    ck_assert_uint_eq(files(), 1);
    mw_store_add(spool, MW_STR("first, "));
    mw_store_add(spool, MW_STR("second"));
    mw_store_finish(spool, &way, 784111777);
    ck_assert_uint_eq(files(), 0);
    ck_assert_int_eq(mw_file_read_all(arena, mw_path_of(r, r->uri), 100, &text), MW_OK);
    EQ(text, "first, second");
    ck_assert_int_eq(mw_stat(mw_path_of(r, r->uri), &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0640);
    ck_assert_int_eq(st.st_mtim.tv_sec, 784111777);
    mw_spool_end(spool);
}
END_TEST

START_TEST(broken_off)
{
    new_spool("temp");
    ck_assert(mw_store_begin(spool, &way));
    mw_store_add(spool, MW_STR("half"));
    mw_spool_end(spool);
    ck_assert_uint_eq(files(), 0);
}
END_TEST

START_TEST(carried_over)
{
    mw_str text;

    new_spool("temp");
    ck_assert(mw_store_begin(spool, &way));
    mw_store_add(spool, MW_STR("across"));
    ck_assert(carry_over(spool, mw_str_of(in_folder("there")), 0600));
    ck_assert_int_eq(mw_file_read_all(arena, mw_str_of(in_folder("there")), 100, &text), MW_OK);
    EQ(text, "across");
    ck_assert(!carry_over(spool, mw_str_of(in_folder("none/there")), 0600));
    mw_spool_end(spool);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/proxy/spool");

    CASE(s, parts_become_one);
    CASE(s, there_is_a_limit);
    CASE(s, no_folder);
    CASE(s, stored);
    CASE(s, broken_off);
    CASE(s, carried_over);
    return s;
}

#include "run.h"
