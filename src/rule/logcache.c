/* logcache.c - open_log_file_cache: names, least recently used last; a name that was used often enough keeps its
 * descriptor.
 *
 * Only a file that could be opened gets, or keeps, a place here; so names that fail drive out nobody.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule/logcache.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/list.h"

enum { BUCKETS = 256 };

typedef struct name {
    mw_list      recent;        /* in mw_logcache.recent */
    struct name *next;          /* in its bucket */
    uint64_t     hash, used_ms, seen_ms;
    dev_t        device;
    ino_t        inode;
    unsigned     uses;
    int          fd;            /* -1: not used often enough yet */
    size_t       len;
    char         path[];
} name;

struct mw_logcache {
    mw_logcache_rule rule;
    mw_list          recent;    /* the last used first */
    unsigned         n;
    name            *buckets[BUCKETS];
};

int mw_log_append(mw_str path)
{
    return mw_open(path, O_WRONLY | O_APPEND | O_CREAT, 0644);
}

mw_logcache *mw_logcache_new(const mw_logcache_rule *rule)
{
    mw_logcache *c = mw_alloc(sizeof *c);

    c->rule = *rule;
    mw_list_init(&c->recent);
    return c;
}

static mw_str path_of(const name *e)
{
    return (mw_str){ e->path, e->len };
}

static name *find(const mw_logcache *c, mw_str path, uint64_t hash)
{
    name *e = c->buckets[hash % BUCKETS];

    while (e != NULL && (e->hash != hash || !mw_str_eq(path_of(e), path)))
        e = e->next;
    return e;
}

static void forget(mw_logcache *c, name *e)
{
    name **link = &c->buckets[e->hash % BUCKETS];

    while (*link != e)
        link = &(*link)->next;
    *link = e->next;
    mw_list_drop(&e->recent);
    if (e->fd != -1)
        close(e->fd);
    c->n--;
    mw_free(e);
}

static name *oldest(const mw_logcache *c)
{
    return MW_OWNER(c->recent.prev, name, recent);
}

static void forget_inactive(mw_logcache *c, uint64_t now)
{
    while (c->n > 0 && now - oldest(c)->used_ms >= c->rule.inactive_ms)
        forget(c, oldest(c));
}

static name *learn(mw_logcache *c, mw_str path, uint64_t hash)
{
    name *e = mw_alloc(sizeof *e + path.len);

    while (c->n > 0 && c->n >= c->rule.max)
        forget(c, oldest(c));
    memcpy(e->path, path.at, path.len);
    e->len = path.len;
    e->hash = hash;
    e->fd = -1;
    e->next = c->buckets[hash % BUCKETS];
    c->buckets[hash % BUCKETS] = e;
    mw_list_push(&c->recent, &e->recent);
    c->n++;
    return e;
}

static bool still_there(mw_logcache *c, name *e, uint64_t now)
{
    struct stat st;

    if (now - e->seen_ms < c->rule.valid_ms)
        return true;
    e->seen_ms = now;
    return mw_stat(path_of(e), &st) == 0 && st.st_dev == e->device && st.st_ino == e->inode;
}

static bool keep(mw_logcache *c, name *e, int fd, uint64_t now)
{
    struct stat st;

    if (e->uses < c->rule.min_uses || fstat(fd, &st) != 0)
        return false;
    e->fd = fd;
    e->device = st.st_dev;
    e->inode = st.st_ino;
    e->seen_ms = now;
    return true;
}

int mw_logcache_open(mw_logcache *c, mw_str path, uint64_t now, bool *kept)
{
    uint64_t hash = mw_hash(path);
    name    *e;
    int      fd;

    forget_inactive(c, now);
    e = find(c, path, hash);
    if (e != NULL && e->fd != -1 && !still_there(c, e, now)) {
        close(e->fd);
        e->fd = -1;
    }
    *kept = e != NULL && e->fd != -1;
    fd = *kept ? e->fd : mw_log_append(path);
    if (fd == -1)
        return -1;
    if (e == NULL)
        e = learn(c, path, hash);
    e->uses++;
    e->used_ms = now;
    mw_list_drop(&e->recent);
    mw_list_push(&c->recent, &e->recent);
    if (!*kept)
        *kept = keep(c, e, fd, now);
    return fd;
}

void mw_logcache_clear(mw_logcache *c)
{
    while (c->n > 0)
        forget(c, oldest(c));
}

void mw_logcache_free(mw_logcache *c)
{
    if (c == NULL)
        return;
    mw_logcache_clear(c);
    mw_free(c);
}
