/* filecache.c - what names of files meant, remembered until something on the way to them changes.
 *
 * A hit is one look into a hash table.  What makes it safe: the path's trail (trail.h) is followed before
 * the file is looked at, and ends the entry when an event names any part of it.  Once a second the entry is
 * compared with the file all the same: nobody tells of mounts, of writes under another of the file's names
 * or through mapped memory, and there may be no trail.  An entry is whole: the file is looked at before and
 * after it is read, and what stays open is looked at each time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/filecache.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/must.h"
#include "event/index.h"
#include "event/symlink.h"
#include "event/trail.h"

enum {
    BODY_MOST = 65536,          /* bigger ones stay open instead */
    WATCHES = 8192,
    FILES_MOST = 4096,          /* kept open; and at most an eighth of what the process may have */
    STIR_MS = 1000,             /* an entry's place in its list is renewed no more often */
    CHECK_MS = 1000,
    FILE_IDLE_MS = 60000,       /* descriptors that nobody wants: a deleted file's space may hang on them */
    YOUNG_MS = 20,              /* the system's time stamps are no finer than this */
    TRIES = 3
};
enum { READING = O_RDONLY | O_NONBLOCK | O_CLOEXEC };

typedef enum shape { BARE, BODY, FILE_OPEN, SHAPES } shape;

typedef struct mark { dev_t device; ino_t inode; off_t size; struct timespec mtime, ctime; } mark;

typedef struct item {
    mw_entry      entry;        /* first; its count covers the item */
    mw_node       node;
    mw_list       recent;       /* in cache->recent[shape] */
    mw_trail      trail;
    mw_filecache *cache;
    uint64_t      check_at, used_at;    /* ms */
    unsigned      patience;             /* ms, from one check to the next; 0: with each get */
    mark          mark;
    uint64_t      direct_from, from;    /* with path and links: the key */
    uint8_t       links;
    bool          probe, trailed, young;
    uint8_t       shape;
    size_t        len;
    char          path[];       /* for system calls, with a NUL */
} item;

struct mw_filecache {
    mw_loop   *loop;            /* NULL: each get looks at the file */
    mw_log    *log;
    mw_trails *trails;          /* NULL: not begun, or not to be had */
    bool       begun;
    mw_index   index;
    mw_list    recent[SHAPES];  /* longest unused first */
    uint64_t   bytes, budget;   /* of bodies */
    unsigned   most, files, most_files;
    mw_timer   sweep;
};

static uint64_t now_of(const mw_filecache *c) { return c->loop == NULL ? 0 : mw_loop_now(c->loop); }

static mark mark_of(const struct stat *st)
{
    return (mark){ st->st_dev, st->st_ino, st->st_size, st->st_mtim, st->st_ctim };
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_file(const mark *a, const mark *b) { return a->device == b->device && a->inode == b->inode; }

static bool same_mark(const mark *a, const mark *b)
{
    return same_file(a, b) && a->size == b->size && same_time(a->mtime, b->mtime) &&
           same_time(a->ctime, b->ctime);
}

/* Changed so lately that a further change might leave the same time stamp. */
static bool is_young(const struct stat *st)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (now.tv_sec - st->st_ctim.tv_sec) * 1000 +
           (now.tv_nsec - st->st_ctim.tv_nsec) / 1000000 < YOUNG_MS;
}

/* -- an item in the cache, and out of it -- */

static void forget(item *it)
{
    mw_filecache *c = it->cache;

    mw_trail_leave(c->trails, &it->trail);
    mw_index_cut(&c->index, &it->node);
    mw_list_drop(&it->recent);
    if (it->shape == BODY)
        c->bytes -= it->entry.body->size;
    if (it->shape == FILE_OPEN)
        c->files--;
    mw_entry_done(&it->entry);
}

static void trail_changed(mw_trail *trail) { forget(MW_OWNER(trail, item, trail)); }

static item *oldest(const mw_filecache *c, shape s)
{
    return mw_list_empty(&c->recent[s]) ? NULL : MW_OWNER(c->recent[s].next, item, recent);
}

static void make_room(mw_filecache *c, const item *coming)
{
    uint64_t size = coming->shape == BODY ? coming->entry.body->size : 0;

    while (c->bytes > 0 && c->bytes + size > c->budget)
        forget(oldest(c, BODY));
    while (coming->shape == FILE_OPEN && c->files >= c->most_files)
        forget(oldest(c, FILE_OPEN));
    while (c->index.n >= c->most) {
        item *victim = NULL;

        for (shape s = BARE; s < SHAPES; s++) {
            item *it = oldest(c, s);

            if (it != NULL && (victim == NULL || it->used_at < victim->used_at))
                victim = it;
        }
        forget(victim);
    }
}

static void keep(mw_filecache *c, item *it)
{
    make_room(c, it);
    it->entry.refs++;
    it->used_at = now_of(c);
    mw_list_add(&c->recent[it->shape], &it->recent);
    if (it->shape == BODY)
        c->bytes += it->entry.body->size;
    if (it->shape == FILE_OPEN) {
        c->files++;
        if (c->loop != NULL && !mw_timer_is_set(&c->sweep))
            mw_timer_set(c->loop, &c->sweep, it->used_at + FILE_IDLE_MS);
    }
    mw_index_add(&c->index, &it->node, it->node.hash);
}

static void sweep(void *cache)
{
    mw_filecache *c   = cache;
    uint64_t      now = now_of(c);
    item         *it;

    while ((it = oldest(c, FILE_OPEN)) != NULL && it->used_at + FILE_IDLE_MS <= now)
        forget(it);
    if (it != NULL)
        mw_timer_set(c->loop, &c->sweep, it->used_at + FILE_IDLE_MS);
}

static void stir(mw_filecache *c, item *it)
{
    uint64_t now = now_of(c);

    if (now - it->used_at < STIR_MS)
        return;
    it->used_at = now;
    mw_list_drop(&it->recent);
    mw_list_add(&c->recent[it->shape], &it->recent);
}

static uint64_t direct_of(const mw_filecache_how *how) { return how->direct ? how->direct_from : 0; }

static bool is_key(const item *it, mw_str path, const mw_filecache_how *how)
{
    return it->len == path.len && memcmp(it->path, path.at, path.len) == 0 && it->links == how->links &&
           (it->links == MW_LINKS_ON || it->from == how->links_from);
}

/* Whether it tells what is asked: failures name the call that failed; a probe has neither body nor
 * descriptor. */
static bool serves(const item *it, const mw_filecache_how *how)
{
    if (it->entry.err != 0)
        return it->probe == how->probe;
    return how->probe || (!it->probe && (it->shape != FILE_OPEN || it->direct_from == direct_of(how)));
}

static item *find(const mw_filecache *c, mw_str path, const mw_filecache_how *how, uint64_t hash)
{
    for (mw_node *node = mw_index_first(&c->index, hash); node != NULL; node = mw_index_next(node)) {
        item *it = MW_NODE_OWNER(node, item, node);

        if (is_key(it, path, how) && serves(it, how))
            return it;
    }
    return NULL;
}

/* -- looking at the file -- */

static bool is_careful(const item *it) { return it->links != MW_LINKS_ON; }

static void fail(item *it, const char *call)
{
    it->entry.err = errno;
    it->entry.failed = call;
}

static void follow(item *it, bool links)
{
    mw_filecache *c = it->cache;

    if (it->trailed)
        it->trailed = mw_trail_follow(c->trails, &it->trail, (mw_str){ it->path, it->len }, links) &&
                      it->trail.n > 0;      /* "/" has no name that could change */
}

static bool look(item *it, struct stat *st)
{
    const char *call = "stat";
    int         fd, rc;

    if (is_careful(it)) {
        fd = mw_open_careful(it->path, it->from, it->links, O_PATH, &call);
        rc = fd < 0 ? -1 : fstat(fd, st);
        if (rc == 0) {
            close(fd);
            return true;
        }
        fail(it, fd < 0 ? call : "fstat");
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (it->trailed) {
        rc = fstatat(AT_FDCWD, it->path, st, AT_SYMLINK_NOFOLLOW);
        if (rc == 0 && !S_ISLNK(st->st_mode))
            return true;
        if (rc == 0)
            follow(it, true);
    }
    if (stat(it->path, st) == 0)
        return true;
    fail(it, call);
    return false;
}

/* The last name was not looked at when the trail was followed: opening tells whether it is a link. */
static int open_it(item *it, const char **call)
{
    int fd;

    *call = "open";
    if (is_careful(it))
        return mw_open_careful(it->path, it->from, it->links, READING, call);
    if (it->trailed) {
        fd = open(it->path, READING | O_NOFOLLOW);
        if (fd >= 0 || errno != ELOOP)
            return fd;
        follow(it, true);
    }
    return open(it->path, READING);
}

/* The whole body, or NULL: it is shorter by now, or there is no memory, or it cannot be read. */
static mw_block *read_body(int fd, size_t size)
{
    mw_block *b   = mw_block_try(size > 0 ? (uint32_t)size : 1);
    size_t    got = 0;

    while (b != NULL && got < size) {
        ssize_t n = pread(fd, &b->data[got], size - got, (off_t)got);

        if (n > 0)
            got += (size_t)n;
        else if (n == 0 || errno != EINTR)
            break;
    }
    if (b != NULL && got < size) {
        mw_block_done(b);
        return NULL;
    }
    return b;
}

static void describe(mw_entry *e, const struct stat *st)
{
    mw_out o = mw_out_on(e->texts, sizeof e->texts);

    e->is_dir = S_ISDIR(st->st_mode);
    e->is_file = S_ISREG(st->st_mode);
    e->size = (uint64_t)st->st_size;
    e->mtime = st->st_mtim.tv_sec;
    e->inode = st->st_ino;
    e->device = st->st_dev;
    e->mode = st->st_mode;
    mw_out_char(&o, '"');
    mw_out_hex(&o, (uint64_t)e->mtime);
    mw_out_char(&o, '-');
    mw_out_hex(&o, e->size);
    mw_out_char(&o, '"');
    e->etag = mw_out_done(&o);
    mw_out_http_date(&o, e->mtime);
    e->date = mw_str_drop(mw_out_done(&o), e->etag.len);
}

/* Takes fd over.  false: the file changed while it was read. */
static bool take_file(item *it, int fd, struct stat *st, uint64_t budget)
{
    mark        before = mark_of(st), after;
    struct stat again;
    uint64_t    size   = (uint64_t)st->st_size;

    it->entry.body = size <= BODY_MOST && size <= budget ? read_body(fd, (size_t)size) : NULL;
    if (it->entry.body != NULL) {
        after = fstat(fd, &again) == 0 ? mark_of(&again) : before;
        close(fd);
        return same_mark(&before, &after);
    }
    it->entry.file = mw_file_new(fd);
    mw_file_mind(it->entry.file, st);
    it->entry.file->direct = it->direct_from > 0 && size >= it->direct_from &&
                             fcntl(fd, F_SETFL, READING | O_DIRECT) == 0;
    /* otherwise it could not be read whole, although it was meant to */
    return size > BODY_MOST || size > budget;
}

static void give_up(mw_entry *e)
{
    mw_block_done(e->body);
    mw_file_done(e->file);
    e->body = NULL;
    e->file = NULL;
}

/* false: what was found must not be kept. */
static bool load_file(item *it, struct stat *st, uint64_t budget)
{
    for (unsigned i = 0; i < TRIES; i++) {
        const char *call;
        int         fd;

        give_up(&it->entry);
        fd = open_it(it, &call);
        if (fd < 0) {
            fail(it, call);
            return true;
        }
        if (fstat(fd, st) != 0) {
            fail(it, "fstat");
            close(fd);
            return false;
        }
        if (!S_ISREG(st->st_mode)) {
            close(fd);
            return true;
        }
        if (take_file(it, fd, st, budget))
            return true;
    }
    /* somebody writes to it all the time: a part of its history is served */
    return false;
}

/* Failures that are about the file, and not about us or the moment. */
static bool is_lasting(int err)
{
    return err == 0 || err == ENOENT || err == ENOTDIR || err == EACCES || err == ELOOP ||
           err == ENAMETOOLONG || err == EPERM;
}

static unsigned patience_of(const item *it)
{
    if (it->cache->loop == NULL)
        return 0;
    /* what is read piece by piece must be what its size and tag say */
    return it->shape == FILE_OPEN ? 0 : CHECK_MS;
}

static item *item_new(mw_filecache *c, mw_str path, const mw_filecache_how *how)
{
    item *it = mw_alloc(sizeof *it + path.len + 1);

    it->entry.refs = 1;
    it->cache = c;
    it->trail.changed = trail_changed;
    it->links = (uint8_t)how->links;
    it->from = how->links_from;
    it->direct_from = direct_of(how);
    it->probe = how->probe;
    it->trailed = c->trails != NULL && !how->fresh;
    it->len = path.len;
    memcpy(it->path, path.at, path.len);
    return it;
}

static void begin_trails(mw_filecache *c)
{
    if (c->begun || c->loop == NULL)
        return;
    c->begun = true;
    c->trails = mw_trails_new(c->loop, WATCHES, c->log);
    if (c->trails == NULL)
        MW_LOG(c->log, MW_LOG_NOTICE, errno, "inotify_init1() failed, files are looked at once a second");
}

static mw_entry *load(mw_filecache *c, mw_str path, const mw_filecache_how *how, uint64_t hash)
{
    struct stat st = { 0 };
    item       *it;
    bool        lasts = true;

    begin_trails(c);
    it = item_new(c, path, how);
    follow(it, is_careful(it) || mw_str_char(path, path.len - 1) == '/');
    if (how->probe)
        (void)look(it, &st);
    else
        lasts = load_file(it, &st, c->budget);
    if (it->entry.err == 0) {
        describe(&it->entry, &st);
        it->mark = mark_of(&st);
        it->young = is_young(&st);
    }
    it->shape = it->entry.body != NULL ? BODY : it->entry.file != NULL ? FILE_OPEN : BARE;
    it->patience = patience_of(it);
    it->check_at = now_of(c) + it->patience;
    it->node.hash = hash;
    if (lasts && is_lasting(it->entry.err) && c->most > 0)
        keep(c, it);
    else
        mw_trail_leave(c->trails, &it->trail);
    return &it->entry;
}

/* A path that cannot name anything; not worth remembering. */
static mw_entry *refuse(mw_filecache *c, const mw_filecache_how *how, int err)
{
    item *it = item_new(c, MW_STR(""), how);

    errno = err;
    fail(it, how->probe ? "stat" : "open");
    return &it->entry;
}

/* -- is it still so? -- */

typedef enum finding { STILL_SO, CHANGED, REPLACED } finding;

static finding compare(const item *it)
{
    const char *call;
    struct stat st;
    mark        now;
    int         rc, fd;

    if (is_careful(it)) {
        fd = mw_open_careful(it->path, it->from, it->links, O_PATH, &call);
        rc = fd < 0 ? -1 : fstat(fd, &st);
        if (fd >= 0)
            close(fd);
    } else
        rc = stat(it->path, &st);
    if (rc != 0)
        return errno == it->entry.err ? STILL_SO : CHANGED;
    if (it->entry.err != 0)
        return CHANGED;
    now = mark_of(&st);
    if (!same_file(&now, &it->mark))
        return REPLACED;
    return it->young || !same_mark(&now, &it->mark) ? CHANGED : STILL_SO;
}

/* false: it was not, and is forgotten. */
static bool recheck(mw_filecache *c, item *it)
{
    finding f = compare(it);

    if (f == STILL_SO) {
        it->check_at = now_of(c) + it->patience;
        return true;
    }
    /* no event said so?  Then something was mounted, and the trails lead below it */
    if (f == REPLACED && it->trailed) {
        mw_entry *held = mw_entry_hold(&it->entry);

        mw_trails_look(c->trails);
        if (it->trail.n > 0)
            mw_trails_forget(c->trails);
        mw_entry_done(held);
    } else
        forget(it);
    return false;
}

mw_entry *mw_filecache_get(mw_filecache *c, mw_str path, const mw_filecache_how *how)
{
    uint64_t hash = mw_hash(path);
    item    *it   = find(c, path, how, hash);

    if (it != NULL && (!how->fresh && now_of(c) < it->check_at)) {
        stir(c, it);
        return mw_entry_hold(&it->entry);
    }
    if (it != NULL && recheck(c, it)) {
        stir(c, it);
        return mw_entry_hold(&it->entry);
    }
    if (path.len >= MW_PATH_MAX)
        return refuse(c, how, ENAMETOOLONG);
    if (path.len == 0 || memchr(path.at, '\0', path.len) != NULL)
        return refuse(c, how, ENOENT);
    return load(c, path, how, hash);
}

void mw_entry_done(mw_entry *e)
{
    if (--e->refs > 0)
        return;
    give_up(e);
    mw_free(e);                             /* the item's first member */
}

mw_filecache *mw_filecache_new(mw_loop *l, uint64_t budget, unsigned entries, mw_log *log)
{
    mw_filecache *c = mw_alloc(sizeof *c);
    struct rlimit limit;

    c->loop = l;
    c->log = log;
    c->budget = budget;
    c->most = entries;
    c->most_files = 1;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        c->most_files = limit.rlim_cur / 8 < FILES_MOST ? (unsigned)(limit.rlim_cur / 8) + 1 : FILES_MOST;
    for (shape s = BARE; s < SHAPES; s++)
        mw_list_init(&c->recent[s]);
    mw_timer_init(&c->sweep, sweep, c);
    return c;
}

void mw_filecache_free(mw_filecache *c)
{
    if (c == NULL)
        return;
    for (shape s = BARE; s < SHAPES; s++)
        while (!mw_list_empty(&c->recent[s]))
            forget(oldest(c, s));
    if (c->loop != NULL)
        mw_timer_stop(c->loop, &c->sweep);
    mw_trails_free(c->trails);
    mw_index_free(&c->index);
    mw_free(c);
}
