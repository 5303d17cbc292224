/* zone.c - named shared memory, made by the master before it forks, kept over a reload, handed on at an upgrade.
 *
 * Page 0 is the head: what the zone is, its lock, and the root struct if it fits; the slab is the rest.  Pointers
 * into a zone are good in every process that has it, so it is always mapped where it was first: at a random place
 * in a part of the address space where the system by itself puts nothing, so that a new binary finds it free.
 *
 * A holder of the lock that dies leaves the zone to the next one that locks it: the kind mends it, or it is wiped;
 * it is always wiped when the death fell into the allocator, or into making and mending themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/lock.h"
#include "core/must.h"
#include "core/out.h"
#include "core/random.h"
#include "core/slab.h"

enum { PAGE = 4096, PAGES_LEAST = 3, NAME_MAX_KEPT = 127, KIND_MAX_KEPT = 31 };

#define MAGIC  UINT64_C(0x31656e6f7a776d69)         /* "imwzone1" */
#define PLACE  UINT64_C(0x200000000000)             /* 32 TB; beyond the machine, the system chooses */
#define PLACES UINT64_C(0x20000000)                 /* pages to choose from, 2 TB */

typedef struct head {
    uint64_t magic, layout;     /* layout: sizes that two builds must agree about */
    uint64_t size, base;        /* base: the address */
    uint64_t root;              /* offset */
    uint32_t version;
    uint8_t  in_slab, mending;  /* the allocator is at work; somebody is making, mending or wiping */
    char     kind[KIND_MAX_KEPT + 1], name[NAME_MAX_KEPT + 1];
    mw_lock  lock;
    max_align_t rest[];
} head;

/* How many zones of this process look at a mapping: a reload's old and new one share it.  Of the process because the
 * mapping is; a fork copies both. */
typedef struct view { struct view *next; void *base; unsigned count; } view;
static view *views;

/* Others see our death as our own signal handler would: the compiler must keep the order of flag and deed. */
static void at_once(void)
{
    atomic_signal_fence(memory_order_seq_cst);
}

static head *head_of(const mw_zone *z)
{
    MW_MUST(z->base != NULL);
    return z->base;
}

static mw_slab *slab_of(const mw_zone *z)
{
    return (mw_slab *)(void *)((char *)z->base + PAGE);
}

static size_t whole_pages(size_t size)
{
    return size / PAGE * PAGE + (size % PAGE != 0 ? PAGE : 0);
}

static void view_hold(void *base)
{
    view *v;

    for (v = views; v != NULL && v->base != base; v = v->next)
        ;
    if (v == NULL) {
        v = mw_alloc(sizeof *v);
        v->base = base;
        v->next = views;
        views = v;
    }
    v->count++;
}

static bool view_let(const void *base)              /* true: that was the last */
{
    view **at, *v;

    for (at = &views; *at != NULL && (*at)->base != base; at = &(*at)->next)
        ;
    v = *at;
    MW_MUST(v != NULL);
    if (--v->count > 0)
        return false;
    *at = v->next;
    mw_free(v);
    return true;
}

/* A name in the head; a longer one is cut, and told apart by its first part only. */
static void keep_text(char *to, size_t room, mw_str text)
{
    memset(to, 0, room);
    memcpy(to, text.at, text.len < room - 1 ? text.len : room - 1);
}

static bool kept_text(const char *kept, size_t room, mw_str text)
{
    return mw_str_eq((mw_str){ kept, strnlen(kept, room) }, mw_str_take(text, room - 1));
}

static uint64_t layout(void)
{
    return (uint64_t)sizeof(head) << 32 | sizeof(mw_lock) << 8 | sizeof(void *);
}

static int make_memory(mw_str name, size_t size)
{
    char   z[64];
    mw_out o = mw_out_on(z, sizeof z - 1);
    int    fd, err;

    mw_out_str(&o, MW_STR("mw:"));
    mw_out_str(&o, mw_str_take(name, 48));
    z[o.len] = '\0';
    fd = memfd_create(z, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    /* Sealed: nobody who has the descriptor can pull the memory from under us. */
    if (ftruncate(fd, (off_t)size) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0)
        return fd;
    err = errno;
    close(fd);
    errno = err;
    return -1;
}

static void *map_anywhere(int fd, size_t size)
{
    uint64_t place = PLACE + mw_random_below(PLACES) * PAGE;
    void    *at    = mmap((void *)(uintptr_t)place, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return at != MAP_FAILED ? at : NULL;
}

static void *map_there(int fd, size_t size, uint64_t place)
{
    void *wanted = (void *)(uintptr_t)place;
    void *at     = mmap(wanted, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);

    if (at == MAP_FAILED)
        return NULL;
    if (at == wanted)
        return at;
    munmap(at, size);               /* a kernel before 4.17 took the place for a wish */
    errno = EEXIST;
    return NULL;
}

/* Slab and root as in fresh memory; the lock is held. */
static mw_rc make_inside(mw_zone *z)
{
    const size_t room = PAGE - offsetof(head, rest);
    head        *h    = head_of(z);
    void        *root = h->rest;
    mw_rc        rc;

    h->mending = 1;
    at_once();
    h->in_slab = 0;
    (void)mw_slab_make(slab_of(z), (size_t)h->size - PAGE);
    memset(h->rest, 0, room);
    if (z->kind->root > room && (root = mw_slab_take(slab_of(z), z->kind->root)) == NULL) {
        errno = ENOSPC;
        return MW_ERR;
    }
    h->root = (uint64_t)((char *)root - (char *)z->base);
    rc = z->kind->make != NULL ? z->kind->make(z, root) : MW_OK;
    at_once();
    h->mending = 0;
    return rc;
}

static mw_rc make_head(mw_zone *z, size_t size)
{
    head *h = z->base;
    mw_rc rc;

    h->layout = layout();
    h->size = size;
    h->base = (uint64_t)(uintptr_t)z->base;
    h->version = z->kind->version;
    keep_text(h->kind, sizeof h->kind, mw_str_of(z->kind->name));
    keep_text(h->name, sizeof h->name, z->name);
    mw_lock_init(&h->lock);
    MW_MUST(mw_lock_take(&h->lock));
    rc = make_inside(z);
    mw_lock_give(&h->lock);
    h->magic = MAGIC;
    return rc;
}

mw_rc mw_zone_open(mw_zone *z)
{
    size_t size = whole_pages(z->size);
    int    err;

    z->base = NULL;
    if (size < (size_t)PAGES_LEAST * PAGE || size < z->size) {
        errno = EINVAL;
        return MW_ERR;
    }
    z->fd = make_memory(z->name, size);
    if (z->fd < 0)
        return MW_ERR;
    z->base = map_anywhere(z->fd, size);
    if (z->base == NULL) {
        err = errno;
        close(z->fd);
        z->fd = -1;
        errno = err;
        return MW_ERR;
    }
    view_hold(z->base);
    if (make_head(z, size) == MW_OK)
        return MW_OK;
    err = errno;
    mw_zone_close(z);
    errno = err;
    return MW_ERR;
}

static bool same_kind(const mw_zone *z, const head *h)
{
    return h->magic == MAGIC && h->layout == layout() && h->size == whole_pages(z->size)
        && h->version == z->kind->version && h->root < h->size
        && kept_text(h->kind, sizeof h->kind, mw_str_of(z->kind->name))
        && kept_text(h->name, sizeof h->name, z->name);
}

mw_rc mw_zone_adopt(mw_zone *z, const mw_zone *old)
{
    if (old->base == NULL || z->size != old->size || !mw_str_eq(z->name, old->name) || !same_kind(z, old->base)) {
        errno = EINVAL;
        return MW_ERR;
    }
    z->base = old->base;
    z->fd = old->fd;
    view_hold(z->base);
    return MW_OK;
}

/* Reads a head that is not mapped yet. */
static bool read_head(int fd, head *h)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || pread(fd, h, sizeof *h, 0) != (ssize_t)sizeof *h)
        return false;
    return (uint64_t)st.st_size == h->size;
}

mw_rc mw_zone_attach(mw_zone *z, int fd)
{
    head h;

    if (!read_head(fd, &h) || !same_kind(z, &h)) {
        errno = EINVAL;
        return MW_ERR;
    }
    z->base = map_there(fd, (size_t)h.size, h.base);
    if (z->base == NULL)
        return MW_ERR;
    z->fd = fd;
    view_hold(z->base);
    return MW_OK;
}

void mw_zone_close(mw_zone *z)
{
    if (z->base == NULL)
        return;
    if (view_let(z->base)) {
        munmap(z->base, (size_t)head_of(z)->size);
        close(z->fd);
    }
    z->base = NULL;
    z->fd = -1;
}

void *mw_zone_root(mw_zone *z)
{
    return (char *)z->base + head_of(z)->root;
}

void *mw_zone_try(mw_zone *z, size_t n)
{
    head *h = head_of(z);
    void *p;

    h->in_slab = 1;
    at_once();
    p = mw_slab_take(slab_of(z), n);
    at_once();
    h->in_slab = 0;
    return p;
}

void mw_zone_give(mw_zone *z, void *p)
{
    head *h = head_of(z);

    h->in_slab = 1;
    at_once();
    mw_slab_give(slab_of(z), p);
    at_once();
    h->in_slab = 0;
}

void mw_zone_wipe(mw_zone *z)
{
    MW_MUST(make_inside(z) == MW_OK);               /* it was made in this room before */
}

void mw_zone_lock(mw_zone *z)
{
    head *h = head_of(z);

    if (mw_lock_take(&h->lock))
        return;
    if (h->in_slab != 0 || h->mending != 0 || z->kind->mend == NULL) {
        mw_zone_wipe(z);
        return;
    }
    h->mending = 1;
    at_once();
    z->kind->mend(z, mw_zone_root(z));
    at_once();
    h->mending = 0;
}

void mw_zone_unlock(mw_zone *z)
{
    mw_lock_give(&head_of(z)->lock);
}

size_t mw_zone_pages_free(mw_zone *z)
{
    return mw_slab_pages_free(slab_of(z));
}
