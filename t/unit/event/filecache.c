/* filecache.c - tests of remembered files: what a hit is, what ends it, what is kept and what is given up.
 *
 * A hit is the same entry again: so pointers are compared.  Time is virtual: the loop's clock is moved by
 * hand.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/filecache.c"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/random.h"

static const mw_filecache_how plain = { .links = MW_LINKS_ON };
static const mw_filecache_how probing = { .probe = true }, fresh = { .fresh = true };

static mw_log        log_ = { .sinks = &mw_log_stderr };
static mw_loop      *loop;
static mw_filecache *cache;
static char          base[32], full[2][256];

static const char *in(unsigned i, const char *name)
{
    mw_out o = mw_out_on(full[i], sizeof full[i]);

    mw_out_fmt(&o, "%s/%s%c", base, name, '\0');
    ck_assert(!o.cut);
    return full[i];
}

static void write_bytes(const char *name, char fill, size_t n)
{
    static char bytes[200000];
    int         fd = open(in(0, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    memset(bytes, fill, n);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

static void begin(void)
{
    static const char pattern[] = "/tmp/mw-files-XXXXXX";

    memcpy(base, pattern, sizeof pattern);
    ck_assert_ptr_nonnull(mkdtemp(base));
    loop = mw_loop_new(&mw_epoll);
    cache = mw_filecache_new(loop, 300000, 20, &log_);
    ck_assert_int_eq(mkdir(in(0, "d"), 0755), 0);
    write_bytes("d/f", 'a', 1000);
    write_bytes("d/big", 'b', 150000);
}

static void finish(void)
{
    char command[64];

    ck_assert_int_lt(snprintf(command, sizeof command, "rm -r %s", base), (int)sizeof command);
    ck_assert_int_eq(system(command), 0);
    mw_filecache_free(cache);
    mw_loop_free(loop);
}

static mw_entry *get(const char *name, const mw_filecache_how *how)
{
    return mw_filecache_get(cache, mw_str_of(in(0, name)), how);
}

/* Gets it and gives it back; for comparing only. */
static const mw_entry *peek(const char *name, const mw_filecache_how *how)
{
    mw_entry *e = get(name, how);

    mw_entry_done(e);
    return e;
}

static void later(uint64_t ms) { loop->clock.now += ms; }

START_TEST(a_small_file_is_in_memory)
{
    mw_entry   *e = get("d/f", &plain);
    struct stat st;
    char        etag[64];

    ck_assert_int_eq(stat(in(0, "d/f"), &st), 0);
    ck_assert_int_eq(e->err, 0);
    ck_assert(e->is_file && !e->is_dir && e->file == NULL);
    ck_assert_uint_eq(e->size, 1000);
    ck_assert_int_eq(e->mtime, st.st_mtime);
    ck_assert_uint_eq(e->inode, st.st_ino);
    ck_assert_int_eq(e->body->data[999], 'a');
    ck_assert_int_lt(snprintf(etag, sizeof etag, "\"%lx-3e8\"", (unsigned long)st.st_mtime),
                     (int)sizeof etag);
    ck_assert(mw_str_eq(e->etag, mw_str_of(etag)));
    ck_assert_uint_eq(e->date.len, 29);
    ck_assert(mw_str_ends(e->date, MW_STR(" GMT")));
    ck_assert_uint_eq(e->refs, 2);
    ck_assert_ptr_eq(peek("d/f", &plain), e);
    ck_assert_ptr_eq(peek("d/f", &probing), e);
    mw_entry_done(e);
}
END_TEST

START_TEST(an_empty_file_has_a_body)
{
    const mw_entry *e;

    write_bytes("d/empty", 'x', 0);
    e = peek("d/empty", &plain);
    ck_assert_uint_eq(e->size, 0);
    ck_assert_ptr_nonnull(e->body);
}
END_TEST

START_TEST(a_big_file_stays_open)
{
    mw_entry *e, *after;
    char      byte;

    usleep((YOUNG_MS + 10) * 1000);
    e = get("d/big", &plain);
    ck_assert_ptr_null(e->body);
    ck_assert_int_eq(pread(e->file->fd, &byte, 1, 149999), 1);
    ck_assert_ptr_eq(peek("d/big", &plain), e);
    write_bytes("d/big2", 'c', 150000);
    ck_assert_int_eq(rename(in(0, "d/big2"), in(1, "d/big")), 0);
    mw_loop_turn(loop, 0);
    after = get("d/big", &plain);
    ck_assert_ptr_ne(after, e);
    /* who holds the old one serves the old one */
    ck_assert_int_eq(pread(e->file->fd, &byte, 1, 149999), 1);
    ck_assert_int_eq(byte, 'b');
    ck_assert_int_eq(pread(after->file->fd, &byte, 1, 149999), 1);
    ck_assert_int_eq(byte, 'c');
    mw_entry_done(e);
    ck_assert_uint_eq(cache->files, 1);
    mw_entry_done(after);
    later(FILE_IDLE_MS);
    mw_wheel_turn(&loop->wheel, loop->clock.now);
    ck_assert_uint_eq(cache->files, 0);
}
END_TEST

START_TEST(a_change_is_seen_after_its_event)
{
    mw_entry *e = get("d/f", &plain), *after;

    write_bytes("d/f", 'z', 1000);              /* the same size, perhaps in the same tick */
    ck_assert_ptr_eq(peek("d/f", &plain), e);   /* no system call: cannot be known yet */
    mw_loop_turn(loop, 0);
    after = get("d/f", &plain);
    ck_assert_ptr_ne(after, e);
    ck_assert_int_eq(e->body->data[0], 'a');
    ck_assert_int_eq(after->body->data[0], 'z');
    mw_entry_done(e);
    mw_entry_done(after);
}
END_TEST

START_TEST(what_is_missing_is_remembered_too)
{
    const mw_entry *e = peek("d/x", &plain), *probed = peek("d/x", &probing);

    ck_assert_int_eq(e->err, ENOENT);
    ck_assert_str_eq(e->failed, "open");
    ck_assert_str_eq(probed->failed, "stat");
    ck_assert_ptr_eq(peek("d/x", &plain), e);
    ck_assert_ptr_eq(peek("d/x", &probing), probed);
    write_bytes("d/x", 'x', 10);
    mw_loop_turn(loop, 0);
    ck_assert_int_eq(peek("d/x", &plain)->err, 0);
    ck_assert_int_eq(peek("d/x", &probing)->err, 0);
    ck_assert_int_eq(peek("d/x/y", &plain)->err, ENOTDIR);
    ck_assert_int_eq(peek("no/x/y", &plain)->err, ENOENT);
    ck_assert_int_eq(mkdir(in(0, "no"), 0755), 0);
    ck_assert_int_eq(mkdir(in(0, "no/x"), 0755), 0);
    write_bytes("no/x/y", 'x', 10);
    mw_loop_turn(loop, 0);
    ck_assert_int_eq(peek("no/x/y", &plain)->err, 0);
}
END_TEST

START_TEST(other_kinds_are_told_apart)
{
    const mw_entry *e;

    ck_assert_int_eq(mkfifo(in(0, "pipe"), 0644), 0);
    e = peek("pipe", &plain);
    ck_assert(e->err == 0 && !e->is_file && !e->is_dir);
    e = peek("d", &plain);
    ck_assert(e->is_dir && !e->is_file && e->file == NULL);
    e = peek("d/", &probing);
    ck_assert(e->is_dir);
    e = peek("d/f", &probing);
    ck_assert(e->is_file && e->body == NULL && e->size == 1000);
    e = peek("d/f", &plain);                    /* a probe's entry is not enough */
    ck_assert_ptr_nonnull(e->body);
    ck_assert_ptr_nonnull(peek("d/f", &probing)->body);
}
END_TEST

START_TEST(links_are_looked_through)
{
    mw_filecache_how off = { .links = MW_LINKS_OFF };
    const mw_entry  *e;

    ck_assert_int_eq(symlink("d/f", in(0, "link")), 0);
    e = peek("link", &plain);
    ck_assert_uint_eq(e->size, 1000);
    ck_assert_ptr_eq(peek("link", &plain), e);
    ck_assert_ptr_eq(peek("link", &probing), e);
    write_bytes("d/f", 'z', 10);
    mw_loop_turn(loop, 0);
    ck_assert_uint_eq(peek("link", &probing)->size, 10);
    ck_assert_uint_eq(peek("link", &plain)->size, 10);
    e = peek("link", &off);
    ck_assert_int_eq(e->err, ELOOP);
    ck_assert_str_eq(e->failed, "openat");
    ck_assert_ptr_eq(peek("link", &off), e);
    ck_assert_int_eq(peek("d/f", &off)->err, 0);
    ck_assert_int_eq(unlink(in(0, "link")), 0);
    write_bytes("link", 'z', 10);
    mw_loop_turn(loop, 0);
    ck_assert_int_eq(peek("link", &off)->err, 0);
}
END_TEST

START_TEST(without_a_trail_it_is_checked_each_second)
{
    mw_entry *e;

    cache->begun = true;                        /* and none to be had */
    later(100);
    usleep((YOUNG_MS + 10) * 1000);
    e = get("d/f", &plain);
    write_bytes("d/f", 'z', 1000);
    later(CHECK_MS - 1);
    ck_assert_ptr_eq(peek("d/f", &plain), e);
    later(1);
    ck_assert_int_eq(peek("d/f", &plain)->body->data[0], 'z');
    mw_entry_done(e);
    e = get("d/f", &plain);                     /* read in the tick in which it was written: not trusted */
    later(CHECK_MS);
    ck_assert_ptr_ne(peek("d/f", &plain), e);
    mw_entry_done(e);
    usleep((YOUNG_MS + 10) * 1000);
    later(CHECK_MS);
    e = get("d/f", &plain);
    later(CHECK_MS);
    ck_assert_ptr_eq(peek("d/f", &plain), e);
    mw_entry_done(e);
    ck_assert_int_eq(peek("d/x", &plain)->err, ENOENT);
    write_bytes("d/x", 'x', 10);
    later(CHECK_MS);
    ck_assert_int_eq(peek("d/x", &plain)->err, 0);
}
END_TEST

START_TEST(fresh_is_checked_each_time)
{
    mw_entry *e;

    usleep((YOUNG_MS + 10) * 1000);
    e = get("d/f", &fresh);
    ck_assert_ptr_eq(peek("d/f", &fresh), e);
    write_bytes("d/f", 'z', 1000);
    ck_assert_int_eq(peek("d/f", &fresh)->body->data[0], 'z');
    mw_entry_done(e);
}
END_TEST

START_TEST(what_stays_open_is_looked_at_each_time)
{
    mw_entry *e;

    usleep((YOUNG_MS + 10) * 1000);
    e = get("d/big", &plain);
    ck_assert(!mw_file_changed(e->file));
    write_bytes("d/big", 'z', 150000);          /* and nobody has read what inotify says */
    ck_assert(mw_file_changed(e->file));
    ck_assert_ptr_ne(peek("d/big", &plain), e);
    mw_entry_done(e);
}
END_TEST

START_TEST(other_names_of_a_file_are_checked_each_second)
{
    mw_entry *e;

    ck_assert_int_eq(link(in(0, "d/f"), in(1, "other")), 0);
    usleep((YOUNG_MS + 10) * 1000);
    e = get("d/f", &plain);
    write_bytes("other", 'z', 1000);            /* tells the watch of another directory */
    mw_loop_turn(loop, 0);
    later(CHECK_MS);
    ck_assert_int_eq(peek("d/f", &plain)->body->data[0], 'z');
    mw_entry_done(e);
}
END_TEST

START_TEST(an_untold_replacement_ends_all_trails)
{
    mw_entry *e = get("d/f", &plain), *big = get("d/big", &plain);

    ((item *)(void *)e)->mark.inode++;          /* as after a mount */
    later(CHECK_MS);
    ck_assert_ptr_ne(peek("d/f", &plain), e);
    ck_assert_uint_eq(cache->index.n, 1);
    ck_assert_uint_eq(e->refs, 1);
    mw_entry_done(e);
    mw_entry_done(big);
}
END_TEST

START_TEST(room_is_bounded)
{
    char      name[] = "d/00";
    mw_entry *first;

    write_bytes("d/00", 'x', 60000);
    first = get("d/00", &plain);
    for (char i = '1'; i <= '6'; i++) {
        name[3] = i;
        write_bytes(name, i, 60000);
        later(STIR_MS);
        mw_entry_done(get(name, &plain));
        mw_entry_done(get("d/f", &plain));
        ck_assert_uint_le(cache->bytes, 300000);
    }
    ck_assert_uint_ge(cache->bytes, 200000);
    ck_assert_uint_eq(first->refs, 1);          /* out of the cache, but held */
    mw_entry_done(first);
    for (char i = '0'; i <= '9'; i++) {
        for (char j = '0'; j <= '9'; j++) {
            char missing[] = { 'd', '/', 'm', i, j, '\0' };

            later(1);
            mw_entry_done(get(missing, &plain));
        }
        later(STIR_MS);
        mw_entry_done(get("d/f", &plain));
    }
    ck_assert_uint_eq(cache->index.n, 20);
    ck_assert_ptr_nonnull(find(cache, mw_str_of(in(0, "d/f")), &plain, mw_hash(mw_str_of(in(0, "d/f")))));
}
END_TEST

START_TEST(paths_that_name_nothing)
{
    char      nul[] = "/etc/\0passwd";
    char      path[MW_PATH_MAX + 1];
    mw_entry *e;

    e = mw_filecache_get(cache, (mw_str){ nul, sizeof nul - 1 }, &plain);
    ck_assert_int_eq(e->err, ENOENT);
    mw_entry_done(e);
    memset(path, '/', sizeof path);
    e = mw_filecache_get(cache, (mw_str){ path, sizeof path - 1 }, &plain);
    ck_assert_int_eq(e->err, ENAMETOOLONG);
    mw_entry_done(e);
    e = mw_filecache_get(cache, (mw_str){ path, 1 }, &plain);
    ck_assert(e->is_dir);
    mw_entry_done(e);
    ck_assert_uint_eq(cache->index.n, 1);
}
END_TEST

START_TEST(without_a_loop)
{
    mw_filecache *c = mw_filecache_new(NULL, 100000, 10, &log_);
    mw_str        path;
    mw_entry     *a, *b;

    usleep((YOUNG_MS + 10) * 1000);
    path = mw_str_of(in(0, "d/f"));
    a = mw_filecache_get(c, path, &plain);
    b = mw_filecache_get(c, path, &plain);
    ck_assert_ptr_eq(a, b);
    mw_entry_done(b);
    write_bytes("d/f", 'q', 1000);
    b = mw_filecache_get(c, path, &plain);
    ck_assert_int_eq(b->body->data[0], 'q');
    mw_filecache_free(c);
    ck_assert_int_eq(a->body->data[0], 'a');
    mw_entry_done(a);
    mw_entry_done(b);
}
END_TEST

START_TEST(direct_is_asked_for_by_size)
{
    mw_filecache_how direct = { .direct = true, .direct_from = 100000 };
    const mw_entry  *e;

    usleep((YOUNG_MS + 10) * 1000);
    e = peek("d/big", &plain);
    ck_assert(!e->file->direct);
    ck_assert_ptr_ne(peek("d/big", &direct), e);
    ck_assert_ptr_eq(peek("d/big", &plain), e);
    ck_assert_ptr_nonnull(peek("d/f", &direct)->body);
}
END_TEST

/* A path of one to three of the names a, b, c. */
static const char *some_path(unsigned i, bool below)
{
    char   name[8];
    mw_out o = mw_out_on(name, sizeof name);

    for (unsigned n = below ? 3 : 1 + (unsigned)mw_random_below(3); n > 0; n--) {
        mw_out_char(&o, (char)('a' + mw_random_below(3)));
        mw_out_char(&o, n > 1 ? '/' : '\0');
    }
    return in(i, name);
}

static void some_change(void)
{
    static const char *const targets[] = { "a", "../b", "c/a", "../../a/b", "./c" };
    const char              *path = some_path(0, false), *other = some_path(1, false);
    int                      fd;

    switch (mw_random_below(7)) {               /* most of them fail, and change nothing */
    case 0: (void)!mkdir(path, 0755); break;
    case 1: (void)!rename(path, other); break;
    case 2: (void)!symlink(targets[mw_random_below(5)], path); break;
    case 3: (void)!unlink(path); break;
    case 4: (void)!rmdir(path); break;
    case 5: (void)!chmod(path, 0755); break;
    default:
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (fd >= 0) {
            (void)!pwrite(fd, &(char){ (char)('0' + mw_random_below(10)) }, 1, 0);
            close(fd);
        }
    }
}

START_TEST(whatever_changes_is_seen)
{
    mw_filecache *other = mw_filecache_new(NULL, 0, 0, &log_);      /* remembers nothing */

    cache->most = 30;
    for (unsigned i = 0; i < 40000; i++) {
        const mw_filecache_how *how = mw_random_below(2) == 0 ? &plain : &probing;
        mw_str                  path;
        mw_entry               *is, *should;

        some_change();
        if (mw_random_below(3) == 0)
            continue;
        mw_loop_turn(loop, 0);
        path = mw_str_of(some_path(0, mw_random_below(2) == 0));
        is = mw_filecache_get(cache, path, how);
        should = mw_filecache_get(other, path, how);
        ck_assert_msg(is->err == should->err && is->inode == should->inode && is->size == should->size &&
                      is->is_dir == should->is_dir, "%.*s after %u: %d %d", MW_S(path), i, is->err, should->err);
        if (is->is_file && how == &plain && is->size > 0) {
            char byte;

            ck_assert_int_eq(pread(should->file->fd, &byte, 1, 0), 1);
            ck_assert_int_eq(is->body->data[0], byte);
        }
        mw_entry_done(is);
        mw_entry_done(should);
    }
    mw_filecache_free(other);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/filecache");
    TCase *c = tcase_create("filecache");

    tcase_add_checked_fixture(c, begin, finish);
    tcase_add_test(c, a_small_file_is_in_memory);
    tcase_add_test(c, an_empty_file_has_a_body);
    tcase_add_test(c, a_big_file_stays_open);
    tcase_add_test(c, a_change_is_seen_after_its_event);
    tcase_add_test(c, what_is_missing_is_remembered_too);
    tcase_add_test(c, other_kinds_are_told_apart);
    tcase_add_test(c, links_are_looked_through);
    tcase_add_test(c, without_a_trail_it_is_checked_each_second);
    tcase_add_test(c, fresh_is_checked_each_time);
    tcase_add_test(c, what_stays_open_is_looked_at_each_time);
    tcase_add_test(c, other_names_of_a_file_are_checked_each_second);
    tcase_add_test(c, an_untold_replacement_ends_all_trails);
    tcase_add_test(c, room_is_bounded);
    tcase_add_test(c, paths_that_name_nothing);
    tcase_add_test(c, without_a_loop);
    tcase_add_test(c, direct_is_asked_for_by_size);
    tcase_add_test(c, whatever_changes_is_seen);
    tcase_set_timeout(c, 60);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
