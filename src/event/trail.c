/* trail.c - paths resolved by hand, name by name, and an inotify watch on each directory on the way.
 *
 * A place is a name in a directory.  A place that is itself a directory on somebody's way has a dir: its
 * watch, and the places known in it.  So there is a tree of dirs that follows canonical paths; symbolic
 * links are places with a text.  What is known of a place was learned after its directory was watched,
 * hence holds until an event names it; then its trails are told, and all below it is forgotten.  Dirs
 * without places stay watched, up to the limit: the next path that leads there costs hash lookups only.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/trail.h"

#include <errno.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/must.h"
#include "event/index.h"

enum { NAMES = 64, LINKS = 40 };        /* the most on one way */
enum {
    FOR_WAYS  = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF |
                IN_MOVE_SELF,
    FOR_FILES = IN_MODIFY | IN_CLOSE_WRITE,
    OF_A_DIR  = IN_ONLYDIR | IN_DONT_FOLLOW | IN_MASK_ADD
};

typedef enum place_kind { UNKNOWN, DIRECTORY, LINK, ENDS, HIDDEN } place_kind;

typedef struct place {
    mw_node     node;       /* in trails.places, by directory and name */
    mw_list     siblings;   /* in in->places */
    struct dir *in;
    struct dir *dir;        /* DIRECTORY: itself, watched */
    mw_list     steps;      /* mw_step.link */
    unsigned    refs;       /* steps, and walks under way; 0 and no dir: it goes */
    place_kind  kind;       /* ENDS: a file, or nothing; HIDDEN is never kept: cannot be watched */
    char       *target;     /* LINK */
    size_t      target_len, len;
    char        name[];
} place;

typedef struct dir {
    mw_node   node;         /* in trails.dirs, by wd; bind mounts make twins of equal wd */
    place    *at;           /* NULL: "/" */
    mw_list   places;
    mw_list   idle;         /* in trails.idle while it has no places */
    uint64_t  seen;         /* the event that it was told of */
    int       wd;
    bool      files;        /* FOR_FILES is asked for too */
    size_t    len;          /* of "/" 0: so that path, "/" and name always make a path */
    char      path[];       /* for system calls, with a NUL */
} dir;

struct mw_step { mw_list link; mw_trail *of; place *at; };

struct mw_trails {
    mw_watch  watch;
    mw_grave  grave;
    mw_loop  *loop;
    mw_log   *log;
    mw_index  places, dirs;
    mw_list   idle;         /* dirs without places, longest first */
    dir      *root;
    unsigned  most;
    uint64_t  events;       /* told so far */
    bool      full_said;
};

typedef struct walk {
    mw_trails *trails;
    dir       *at;
    mw_str     rest;
    unsigned   n, links;
    place     *passed[NAMES];
    char       text[MW_PATH_MAX];       /* what rest views, once a link was put before it */
} walk;

/* counted up by the kernel: spread by itself */
static uint64_t wd_hash(int wd) { return (uint64_t)(unsigned)wd; }

static dir *dir_of(mw_node *node) { return node == NULL ? NULL : MW_NODE_OWNER(node, dir, node); }

static void dir_drop(mw_trails *t, dir *d);

static void place_let(mw_trails *t, place *p)
{
    dir *in = p->in;

    if (p->refs > 0 || p->dir != NULL)
        return;
    mw_index_cut(&t->places, &p->node);
    mw_list_drop(&p->siblings);
    if (mw_list_empty(&in->places))
        mw_list_add(&t->idle, &in->idle);
    mw_free(p->target);
    mw_free(p);
}

static void place_done(mw_trails *t, place *p)
{
    p->refs--;
    place_let(t, p);
}

/* Nothing that was known of it, or below it, holds any more. */
static void place_changed(mw_trails *t, place *p)
{
    p->refs++;
    while (!mw_list_empty(&p->steps)) {
        mw_trail *trail = MW_OWNER(p->steps.next, mw_step, link)->of;

        mw_trail_leave(t, trail);
        trail->changed(trail);
    }
    if (p->dir != NULL)
        dir_drop(t, p->dir);
    mw_free(p->target);
    p->target = NULL;
    p->kind = UNKNOWN;
    place_done(t, p);
}

static void unwatch(mw_trails *t, int wd)
{
    if (mw_index_first(&t->dirs, wd_hash(wd)) == NULL)      /* no twin needs it */
        (void)inotify_rm_watch(t->watch.fd, wd);
}

static void dir_drop(mw_trails *t, dir *d)
{
    while (!mw_list_empty(&d->places))
        place_changed(t, MW_OWNER(d->places.next, place, siblings));
    mw_list_drop(&d->idle);
    mw_index_cut(&t->dirs, &d->node);
    unwatch(t, d->wd);
    if (d->at != NULL) {
        d->at->dir = NULL;
        d->at->kind = UNKNOWN;
        place_let(t, d->at);
    } else
        t->root = NULL;
    mw_free(d);
}

/* Where inotify tells of all changes: not of those made on another machine, or by the kernel itself. */
static bool tells_changes(const char *path)
{
    static const uint32_t fine[] = {
        0xef53 /* ext2, 3, 4 */, 0x58465342 /* xfs */, 0x9123683e /* btrfs */, 0x01021994 /* tmpfs */,
        0x794c7630 /* overlayfs */, 0x2fc12fc1 /* zfs */, 0xf2f52010 /* f2fs */, 0x858458f6 /* ramfs */
    };
    struct statfs fs;

    if (statfs(path, &fs) != 0)
        return false;
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        if ((uint32_t)fs.f_type == fine[i])
            return true;
    return false;
}

static bool have_room(mw_trails *t)
{
    if (t->dirs.n < t->most)
        return true;
    if (mw_list_empty(&t->idle)) {
        errno = ENOSPC;
        return false;
    }
    dir_drop(t, MW_OWNER(t->idle.next, dir, idle));
    return true;
}

static void say_full(mw_trails *t)
{
    if (t->full_said)
        return;
    t->full_said = true;
    MW_LOG(t->log, MW_LOG_NOTICE, errno,
           "inotify_add_watch() failed, some files are looked at once a second");
}

/* at NULL: "/".  NULL: errno. */
static dir *dir_open(mw_trails *t, place *at)
{
    size_t len = at == NULL ? 0 : at->in->len + 1 + at->len;
    dir   *d   = mw_alloc(sizeof *d + len + 2);
    int    err = 0;

    if (at != NULL) {
        memcpy(d->path, at->in->path, at->in->len);
        d->path[at->in->len] = '/';
        memcpy(&d->path[at->in->len + 1], at->name, at->len);
    } else
        d->path[0] = '/';
    d->wd = have_room(t) ? inotify_add_watch(t->watch.fd, d->path, FOR_WAYS | OF_A_DIR) : -1;
    if (d->wd < 0) {
        err = errno;
        if (err == ENOSPC)
            say_full(t);
    } else if (!tells_changes(d->path)) {
        err = EOPNOTSUPP;
        unwatch(t, d->wd);
    }
    if (err != 0) {
        mw_free(d);
        errno = err;
        return NULL;
    }
    d->at = at;
    d->len = len;
    mw_list_init(&d->places);
    mw_list_add(&t->idle, &d->idle);
    mw_index_add(&t->dirs, &d->node, wd_hash(d->wd));
    return d;
}

/* Changes inside its files are to be told as well. */
static bool watch_files(mw_trails *t, dir *d)
{
    int wd;

    if (d->files)
        return true;
    wd = inotify_add_watch(t->watch.fd, d->path, FOR_FILES | OF_A_DIR);
    d->files = wd == d->wd;
    if (wd >= 0 && !d->files)
        /* another directory has its name by now; the event that says so is on its way */
        unwatch(t, wd);
    return d->files;
}

static uint64_t name_hash(const dir *d, mw_str name)
{
    return mw_hash(name) ^ (uint64_t)(uintptr_t)d * 0x9e3779b97f4a7c15u;
}

static place *place_find(const mw_trails *t, const dir *d, mw_str name)
{
    mw_node *node = mw_index_first(&t->places, name_hash(d, name));

    for (; node != NULL; node = mw_index_next(node)) {
        place *p = MW_NODE_OWNER(node, place, node);

        if (p->in == d && mw_str_eq((mw_str){ p->name, p->len }, name))
            return p;
    }
    return NULL;
}

static place *place_of(mw_trails *t, dir *d, mw_str name)
{
    place *p = place_find(t, d, name);

    if (p != NULL)
        return p;
    p = mw_alloc(sizeof *p + name.len);
    p->in = d;
    p->len = name.len;
    memcpy(p->name, name.at, name.len);
    mw_list_init(&p->steps);
    mw_list_drop(&d->idle);
    mw_list_add(&d->places, &p->siblings);
    mw_index_add(&t->places, &p->node, name_hash(d, name));
    return p;
}

static void learn_link(place *p)
{
    char    path[MW_PATH_MAX], target[MW_PATH_MAX];
    mw_out  o = mw_out_on(path, sizeof path);
    ssize_t n;

    mw_out_str(&o, (mw_str){ p->in->path, p->in->len });
    mw_out_char(&o, '/');
    mw_out_str(&o, (mw_str){ p->name, p->len });
    mw_out_char(&o, '\0');
    if (o.cut) {
        p->kind = HIDDEN;
        return;
    }
    n = readlink(path, target, sizeof target);
    if (n >= (ssize_t)sizeof target || (n < 0 && errno != EINVAL && errno != ENOENT && errno != ENOTDIR)) {
        p->kind = HIDDEN;
        return;
    }
    p->kind = n < 0 ? ENDS : LINK;
    if (n >= 0) {
        p->target_len = (size_t)n;
        p->target = mw_alloc_raw(p->target_len + 1);
        memcpy(p->target, target, p->target_len);
    }
}

/* What the name means; more is known when it has to be a directory (`through`). */
static place_kind learn(mw_trails *t, place *p, bool through)
{
    place_kind kind;

    if (p->kind != UNKNOWN)
        return p->kind;
    if (through) {
        p->dir = dir_open(t, p);
        if (p->dir != NULL)
            p->kind = DIRECTORY;
        else if (errno == ENOENT)
            p->kind = ENDS;
        else if (errno == ENOTDIR)          /* a link too, as it is not followed */
            learn_link(p);
        else
            p->kind = HIDDEN;
    } else
        learn_link(p);
    kind = p->kind;
    if (kind == HIDDEN || (kind == ENDS && !through))
        p->kind = UNKNOWN;                  /* the latter may be a directory to others */
    return kind;
}

/* The link's text is what comes next, before the rest.  false: too long, too many: whoever opens it will
 * find out, too. */
static bool put_before(walk *w, const place *p)
{
    char   text[MW_PATH_MAX];
    mw_out o = mw_out_on(text, sizeof text);

    mw_out_str(&o, (mw_str){ p->target, p->target_len });
    mw_out_char(&o, '/');
    mw_out_str(&o, w->rest);
    if (o.cut || ++w->links > LINKS)
        return false;
    memcpy(w->text, text, o.len);
    w->rest = (mw_str){ w->text, o.len };
    if (p->target_len > 0 && p->target[0] == '/')
        w->at = w->trails->root;
    return true;
}

/* The next name of the rest; false: no more. */
static bool next_name(walk *w, mw_str *name, bool *last)
{
    mw_str tail;

    while (mw_str_char(w->rest, 0) == '/')
        w->rest = mw_str_drop(w->rest, 1);
    (void)mw_str_cut(w->rest, '/', name, &tail);
    w->rest = tail;
    while (mw_str_char(tail, 0) == '/')
        tail = mw_str_drop(tail, 1);
    *last = tail.len == 0;
    return name->len > 0;
}

/* false: too many for one trail.  Links may lead through a place again and again. */
static bool pass(walk *w, place *p)
{
    for (unsigned i = 0; w->links > 0 && i < w->n; i++)
        if (w->passed[i] == p)
            return true;
    if (w->n == NAMES) {
        place_let(w->trails, p);
        return false;
    }
    p->refs++;
    w->passed[w->n++] = p;
    return true;
}

/* One name further.  OK: go on; END: the way ends here; ERR: it cannot be watched. */
static mw_rc walk_on(walk *w, mw_str name, bool last, bool links)
{
    place *p;

    if (mw_str_eq(name, MW_STR(".")))
        return MW_OK;
    if (mw_str_eq(name, MW_STR(".."))) {
        w->at = w->at->at != NULL ? w->at->at->in : w->at;
        return MW_OK;
    }
    p = place_of(w->trails, w->at, name);
    if (!pass(w, p))
        return MW_ERR;
    if (last && !watch_files(w->trails, w->at))
        return MW_ERR;
    if (last && !links && p->kind != LINK)
        return MW_END;
    switch (learn(w->trails, p, !last)) {
    case DIRECTORY:
        w->at = p->dir;
        return last ? MW_END : MW_OK;
    case LINK:
        return put_before(w, p) ? MW_OK : MW_END;
    case ENDS:
        return MW_END;
    case UNKNOWN:
    case HIDDEN:
        break;
    }
    return MW_ERR;
}

static bool walk_all(walk *w, bool links)
{
    mw_rc  rc = MW_OK;
    mw_str name;
    bool   last;

    while (rc == MW_OK && next_name(w, &name, &last))
        rc = walk_on(w, name, last, links);
    return rc != MW_ERR;
}

static void make_steps(walk *w, mw_trail *trail)
{
    trail->steps = mw_alloc((w->n + 1) * sizeof *trail->steps);
    trail->n = w->n;
    for (unsigned i = 0; i < w->n; i++) {
        trail->steps[i].of = trail;
        trail->steps[i].at = w->passed[i];          /* its count is the step's from now on */
        mw_list_add(&w->passed[i]->steps, &trail->steps[i].link);
    }
}

bool mw_trail_follow(mw_trails *t, mw_trail *trail, mw_str path, bool links)
{
    walk w = { .trails = t, .rest = path };
    bool fine;

    mw_trail_leave(t, trail);
    if (t->root == NULL)
        t->root = dir_open(t, NULL);
    if (t->root == NULL)
        return false;
    w.at = t->root;
    fine = walk_all(&w, links);
    if (fine)
        make_steps(&w, trail);
    for (unsigned i = 0; !fine && i < w.n; i++)
        place_done(t, w.passed[i]);
    return fine;
}

void mw_trail_leave(mw_trails *t, mw_trail *trail)
{
    mw_step *steps = trail->steps;
    unsigned n     = trail->n;

    trail->steps = NULL;
    trail->n = 0;
    /* from the end: so each dir is empty before its own place is let go */
    for (unsigned i = n; i-- > 0;) {
        mw_list_drop(&steps[i].link);
        place_done(t, steps[i].at);
    }
    mw_free(steps);
}

static void tell_dir(mw_trails *t, dir *d, uint32_t mask, mw_str name)
{
    place *p;

    if ((mask & IN_IGNORED) != 0 || name.len == 0) {        /* the directory itself */
        if (d->at != NULL)
            place_changed(t, d->at);
        else
            dir_drop(t, d);
        return;
    }
    p = place_find(t, d, name);
    if (p != NULL)
        place_changed(t, p);
}

static void tell(mw_trails *t, const struct inotify_event *e)
{
    mw_str   name = { e->name, strnlen(e->name, e->len) };
    uint64_t now  = ++t->events;
    mw_node *node;

    if (e->mask & IN_Q_OVERFLOW) {
        mw_trails_forget(t);
        return;
    }
    node = mw_index_first(&t->dirs, wd_hash(e->wd));
    while (node != NULL) {                  /* telling may end any dir: so each time from the front */
        dir *d = dir_of(node);

        if (d->wd == e->wd && d->seen != now) {
            d->seen = now;
            tell_dir(t, d, e->mask, name);
            node = mw_index_first(&t->dirs, wd_hash(e->wd));
        } else
            node = mw_index_next(node);
    }
}

void mw_trails_look(mw_trails *t)
{
    union { struct inotify_event event; char bytes[16384]; } room;
    ssize_t n;

    do {
        do
            n = read(t->watch.fd, room.bytes, sizeof room.bytes);
        while (n < 0 && errno == EINTR);
        for (size_t at = 0; n > 0 && at + sizeof room.event <= (size_t)n;) {
            const struct inotify_event *e = (const void *)&room.bytes[at];

            tell(t, e);
            at += sizeof *e + e->len;
        }
    /* more may lie there; a longer event than half does not exist */
    } while (n > (ssize_t)sizeof room.bytes / 2);
}

void mw_trails_forget(mw_trails *t)
{
    if (t->root != NULL)
        dir_drop(t, t->root);
}

static void look(mw_watch *w, unsigned ready)
{
    (void)ready;
    mw_trails_look(MW_OWNER(w, mw_trails, watch));
}

static void bury(mw_grave *g) { mw_free(MW_OWNER(g, mw_trails, grave)); }

mw_trails *mw_trails_new(mw_loop *l, unsigned most, mw_log *log)
{
    mw_trails *t  = mw_alloc(sizeof *t);
    int        fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    int        err;

    t->watch = (mw_watch){ .fd = fd, .first = true, .event = look };
    t->loop = l;
    t->log = log;
    t->most = most;
    mw_list_init(&t->idle);
    if (fd >= 0 && mw_loop_watch(l, &t->watch, true) == MW_OK)
        return t;
    err = errno;
    if (fd >= 0)
        close(fd);
    mw_free(t);
    errno = err;
    return NULL;
}

void mw_trails_free(mw_trails *t)
{
    if (t == NULL)
        return;
    mw_trails_forget(t);
    mw_index_free(&t->places);
    mw_index_free(&t->dirs);
    mw_loop_unwatch(t->loop, &t->watch, true);
    close(t->watch.fd);
    t->grave.bury = bury;
    mw_loop_bury(t->loop, &t->grave);
}
