/* zone.c - tests of named shared memory, and of what becomes of it when a process dies inside.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/zone.c"

#include <check.h>
#include <signal.h>
#include <sys/wait.h>

typedef struct item { struct item *next; uint32_t n; } item;
typedef struct store { item *first; uint32_t count, made, mended; } store;

static mw_rc make_store(mw_zone *z, void *root)
{
    store *s = root;

    s->first = mw_zone_try(z, sizeof(item));
    s->made = 1;
    return s->first != NULL ? MW_OK : MW_ERR;
}

static void mend_store(mw_zone *z, void *root)
{
    store *s = root;

    ck_assert_ptr_eq(mw_zone_root(z), root);
    s->mended++;
}

static void die_mending(mw_zone *z, void *root)
{
    (void)z;
    ((store *)root)->count = 77;
    raise(SIGKILL);
}

static const mw_zone_kind plain  = { .name = "plain", .version = 1, .root = sizeof(store), .make = make_store };
static const mw_zone_kind mended = { .name = "mended", .version = 1, .root = sizeof(store), .make = make_store,
                                     .mend = mend_store };
static const mw_zone_kind deadly = { .name = "mended", .version = 1, .root = sizeof(store), .make = make_store,
                                     .mend = die_mending };
static const mw_zone_kind large  = { .name = "large", .version = 1, .root = 10000 };
static const mw_zone_kind newer  = { .name = "plain", .version = 2, .root = sizeof(store), .make = make_store };

static mw_zone zone_of(const char *name, size_t size, const mw_zone_kind *kind)
{
    return (mw_zone){ .name = mw_str_of(name), .size = size, .kind = kind, .fd = -1 };
}

static int end_of(pid_t child)
{
    int status;

    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

/* A child that locks, does what it is told, and is killed. */
static void kill_inside(mw_zone *z, void (*deed)(mw_zone *z))
{
    pid_t child = fork();

    if (child == 0) {
        mw_zone_lock(z);
        deed(z);
        raise(SIGKILL);
    }
    ck_assert(WIFSIGNALED(end_of(child)));
}

static void push_items(mw_zone *z)
{
    store *s = mw_zone_root(z);
    item  *one;
    int    i;

    for (i = 0; i < 100; i++) {
        one = mw_zone_try(z, sizeof *one);
        one->next = s->first;
        s->first = one;
        s->count++;
    }
}

static void tear_slab(mw_zone *z)
{
    push_items(z);
    head_of(z)->in_slab = 1;                    /* as if in the midst of mw_slab_take */
}

START_TEST(opens_and_is_shared)
{
    mw_zone z = zone_of("one", 64 * 1024, &plain);
    store  *s;
    item   *one;
    pid_t   child;

    ck_assert_int_eq(mw_zone_open(&z), MW_OK);
    s = mw_zone_root(&z);
    ck_assert(s->made == 1 && s->count == 0 && s->first != NULL);
    ck_assert_uint_eq(mw_zone_pages_free(&z), 13);          /* 16, the head's, the slab's, the one with the item */
    child = fork();
    if (child == 0) {
        mw_zone_lock(&z);
        push_items(&z);
        mw_zone_unlock(&z);
        _exit(0);
    }
    ck_assert_int_eq(end_of(child), 0);
    mw_zone_lock(&z);
    ck_assert_uint_eq(s->count, 100);
    while ((one = s->first) != NULL) {
        s->first = one->next;
        mw_zone_give(&z, one);
    }
    ck_assert_uint_eq(mw_zone_pages_free(&z), 14);
    ck_assert_ptr_null(mw_zone_try(&z, 64 * 1024));
    mw_zone_unlock(&z);
    mw_zone_close(&z);
    ck_assert(z.base == NULL && z.fd == -1 && views == NULL);
    mw_zone_close(&z);
}
END_TEST

START_TEST(is_wiped_after_a_death)
{
    mw_zone z = zone_of("wiped", 64 * 1024, &plain);
    store  *s;
    size_t  unused;

    ck_assert_int_eq(mw_zone_open(&z), MW_OK);
    unused = mw_zone_pages_free(&z);
    kill_inside(&z, push_items);
    mw_zone_lock(&z);
    s = mw_zone_root(&z);
    ck_assert(s->made == 1 && s->count == 0 && s->first != NULL && s->first->next == NULL);
    ck_assert_uint_eq(mw_zone_pages_free(&z), unused);
    push_items(&z);
    mw_zone_unlock(&z);
    mw_zone_lock(&z);
    ck_assert_uint_eq(s->count, 100);           /* wiped once, not again */
    mw_zone_unlock(&z);
    mw_zone_close(&z);
}
END_TEST

START_TEST(is_mended_if_it_can_be)
{
    mw_zone z = zone_of("mended", 64 * 1024, &mended);
    store  *s;

    ck_assert_int_eq(mw_zone_open(&z), MW_OK);
    s = mw_zone_root(&z);
    kill_inside(&z, push_items);
    mw_zone_lock(&z);
    ck_assert(s->mended == 1 && s->count == 100);
    mw_zone_unlock(&z);
    kill_inside(&z, tear_slab);                 /* then not: the allocator itself is broken */
    mw_zone_lock(&z);
    ck_assert(s->mended == 0 && s->count == 0 && s->made == 1);
    mw_zone_unlock(&z);
    kill_inside(&z, push_items);
    z.kind = &deadly;
    if (fork() == 0)
        mw_zone_lock(&z);
    wait(NULL);
    z.kind = &mended;
    mw_zone_lock(&z);
    ck_assert(s->mended == 0 && s->count == 0);     /* who mended died as well */
    mw_zone_unlock(&z);
    mw_zone_close(&z);
}
END_TEST

START_TEST(survives_any_death)
{
    mw_zone  z = zone_of("storm", 128 * 1024, &plain);
    unsigned round;
    void    *p;

    ck_assert_int_eq(mw_zone_open(&z), MW_OK);
    for (round = 0; round < 60; round++) {
        pid_t child = fork();

        if (child == 0) {
            for (;;) {
                mw_zone_lock(&z);
                p = mw_zone_try(&z, 1 + mw_random_below(9000));
                ((store *)mw_zone_root(&z))->count++;
                mw_zone_give(&z, p);
                mw_zone_unlock(&z);
            }
        }
        usleep((useconds_t)(500 + mw_random_below(4000)));
        kill(child, SIGKILL);
        (void)end_of(child);
        mw_zone_lock(&z);
        p = mw_zone_try(&z, 50000);
        ck_assert_ptr_nonnull(p);
        mw_zone_give(&z, p);
        mw_zone_unlock(&z);
    }
    mw_zone_close(&z);
}
END_TEST

START_TEST(is_adopted_by_the_next_generation)
{
    mw_zone old = zone_of("kept", 64 * 1024, &plain), z = zone_of("kept", 64 * 1024, &plain);
    mw_zone bigger = zone_of("kept", 128 * 1024, &plain), other = zone_of("other", 64 * 1024, &plain);
    mw_zone kind = zone_of("kept", 64 * 1024, &mended), version = zone_of("kept", 64 * 1024, &newer);
    int     fd;

    ck_assert_int_eq(mw_zone_adopt(&z, &old), MW_ERR);      /* not open */
    ck_assert_int_eq(mw_zone_open(&old), MW_OK);
    fd = old.fd;
    mw_zone_lock(&old);
    push_items(&old);
    mw_zone_unlock(&old);
    ck_assert_int_eq(mw_zone_adopt(&z, &old), MW_OK);
    ck_assert_int_eq(mw_zone_adopt(&bigger, &old), MW_ERR);
    ck_assert_int_eq(mw_zone_adopt(&other, &old), MW_ERR);
    ck_assert_int_eq(mw_zone_adopt(&kind, &old), MW_ERR);
    ck_assert_int_eq(mw_zone_adopt(&version, &old), MW_ERR);
    mw_zone_close(&old);
    ck_assert_uint_eq(((store *)mw_zone_root(&z))->count, 100);
    mw_zone_close(&z);
    ck_assert(views == NULL && fcntl(fd, F_GETFD) == -1);
}
END_TEST

START_TEST(is_attached_where_it_was)
{
    mw_zone z = zone_of("handed", 64 * 1024, &plain), there = zone_of("handed", 64 * 1024, &plain);
    mw_zone wrong = zone_of("handed", 64 * 1024, &newer);
    void   *base;
    int     fd;

    ck_assert_int_eq(mw_zone_open(&z), MW_OK);
    mw_zone_lock(&z);
    push_items(&z);
    mw_zone_unlock(&z);
    fd = dup(z.fd);
    base = z.base;
    ck_assert_int_eq(mw_zone_attach(&there, fd), MW_ERR);   /* the place is taken, by ourselves */
    mw_zone_close(&z);
    ck_assert_int_eq(mw_zone_attach(&wrong, fd), MW_ERR);
    ck_assert_int_eq(mw_zone_attach(&there, fd), MW_OK);
    ck_assert(there.base == base && ((store *)mw_zone_root(&there))->first->next != NULL);
    mw_zone_close(&there);
    fd = memfd_create("none", 0);
    ck_assert_int_eq(mw_zone_attach(&there, fd), MW_ERR);
    ck_assert_int_eq(ftruncate(fd, 64 * 1024), 0);
    ck_assert_int_eq(mw_zone_attach(&there, fd), MW_ERR);
    close(fd);
}
END_TEST

START_TEST(sizes)
{
    mw_zone z = zone_of("large", 64 * 1024 + 1, &large);
    size_t  n;

    ck_assert_int_eq(mw_zone_open(&z), MW_OK);              /* 17 pages, 3 of them the root's */
    ck_assert_uint_eq(mw_zone_pages_free(&z), 12);
    ck_assert((char *)mw_zone_root(&z) >= (char *)z.base + PAGE);
    for (n = 0; n < large.root; n++)
        ck_assert_int_eq(((char *)mw_zone_root(&z))[n], 0);
    mw_zone_close(&z);
    z.size = 16 * 1024;
    ck_assert_int_eq(mw_zone_open(&z), MW_ERR);             /* no room for the root */
    ck_assert(errno == ENOSPC && views == NULL && z.fd == -1);
    z.size = 4096;
    ck_assert_int_eq(mw_zone_open(&z), MW_ERR);
    ck_assert_int_eq(errno, EINVAL);
    z.size = SIZE_MAX;
    ck_assert_int_eq(mw_zone_open(&z), MW_ERR);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("core/zone");
    TCase *t = tcase_create("zone");

    tcase_set_timeout(t, 20);
    tcase_add_test(t, opens_and_is_shared);
    tcase_add_test(t, is_wiped_after_a_death);
    tcase_add_test(t, is_mended_if_it_can_be);
    tcase_add_test(t, survives_any_death);
    tcase_add_test(t, is_adopted_by_the_next_generation);
    tcase_add_test(t, is_attached_where_it_was);
    tcase_add_test(t, sizes);
    suite_add_tcase(s, t);
    return s;
}

#include "run.h"
