/* sockets.c - the listening sockets of a generation: those of the last one, those that came over an upgrade, new ones.
 *
 * A socket of an address that is still configured is never closed by a reload: what waits in it was accepted by the
 * system, and nobody's client shall see that we changed.  With `reuseport` each worker has a socket of its own; when
 * there are fewer workers than before, they listen on more sockets.  Without it all workers share one, level triggered.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "event/listener.h"
#include "event/sock.h"
#include "main/cycle.h"

/* Sockets of an address; how many of them were added to *fds. */
static void take_old(mw_arena *a, mw_array *fds, const mw_listen *l, const mw_cycle *old)
{
    if (old == NULL)
        return;
    MW_LIST_EACH(node, &old->wants.listens) {
        const mw_listen *o = MW_OWNER(node, mw_listen, all);

        if (o->type != l->type || !mw_addr_eq(&o->addr, &l->addr))
            continue;
        for (unsigned i = 0; i < o->nfds; i++)
            if (o->fds[i] >= 0) *MW_PUSH(a, fds, int) = o->fds[i];
    }
}

static void take_legacy(mw_arena *a, mw_array *fds, const mw_listen *l, mw_legacy *legacy)
{
    for (unsigned i = 0; legacy != NULL && i < legacy->n; i++) {
        mw_inherited *s = &legacy->sockets[i];

        if (s->taken || s->type != l->type || !mw_addr_eq(&s->addr, &l->addr))
            continue;
        s->taken = true;
        *MW_PUSH(a, fds, int) = s->fd;
    }
}

static mw_rc open_one(mw_cycle *c, mw_listen *l, const mw_cycle *old, mw_legacy *legacy, mw_log *log)
{
    mw_array fds = { 0 };
    unsigned wanted = l->options.reuseport && c->main->master_process ? c->main->workers : 1;

    take_old(c->arena, &fds, l, old);
    if (fds.n == 0)
        take_legacy(c->arena, &fds, l, legacy);
    for (size_t i = 0; i < fds.n; i++)
        mw_listen_options_renew(MW_ITEM(&fds, int, i), &l->addr, &l->options, log);
    while (fds.n < wanted) {
        int fd = mw_listen_open(&l->addr, l->type, &l->options, log);

        if (fd < 0)
            break;
        *MW_PUSH(c->arena, &fds, int) = fd;
    }
    l->fds = fds.items;
    l->nfds = (unsigned)fds.n;
    return fds.n >= wanted ? MW_OK : MW_ERR;
}

mw_rc mw_sockets_open(mw_cycle *c, const mw_cycle *old, mw_legacy *legacy, mw_log *log)
{
    MW_LIST_EACH(node, &c->wants.listens)
        if (open_one(c, MW_OWNER(node, mw_listen, all), old, legacy, log) != MW_OK)
            return MW_ERR;
    return MW_OK;
}

static bool describe(mw_inherited *s, int fd, mw_arena *a)
{
    socklen_t len = sizeof s->type;

    *s = (mw_inherited){ .fd = fd };
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &s->type, &len) == 0 && mw_sock_local(fd, &s->addr, a)
        && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* "5;6;": the next number, or false at the end or at what is none. */
static bool next_fd(mw_str *text, int *fd)
{
    mw_str   word;
    uint64_t n = 0;

    if (!mw_str_cut(*text, ';', &word, text) || !mw_str_u64(word, &n) || n > INT32_MAX) {
        *text = word;
        return false;
    }
    *fd = (int)n;
    return true;
}

void mw_sockets_inherit(mw_legacy *to, mw_arena *a, mw_str sockets, mw_str zones, mw_log *log)
{
    mw_array found = { 0 }, memory = { 0 };
    int      fd;

    MW_LOG(log, MW_LOG_NOTICE, 0, "using inherited sockets from \"%.*s\"", MW_S(sockets));
    while (next_fd(&sockets, &fd)) {
        mw_inherited one;

        if (describe(&one, fd, a))
            *MW_PUSH(a, &found, mw_inherited) = one;
        else
            MW_LOG(log, MW_LOG_CRIT, errno, "getsockname() of the inherited socket #%d failed", fd);
    }
    if (sockets.len > 0)
        MW_LOG(log, MW_LOG_EMERG, 0, "invalid socket number \"%.*s\" in NGINX environment variable, "
               "ignoring the rest of "
               "the variable", MW_S(sockets));
    while (next_fd(&zones, &fd))
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
            *MW_PUSH(a, &memory, int) = fd;
    *to = (mw_legacy){ found.items, (unsigned)found.n, memory.items, (unsigned)memory.n };
}

void mw_legacy_close(mw_legacy *l)
{
    for (unsigned i = 0; i < l->n; i++)
        if (!l->sockets[i].taken) (void)close(l->sockets[i].fd);
    for (unsigned i = 0; i < l->nzones; i++)
        if (l->zones[i] >= 0) (void)close(l->zones[i]);
    *l = (mw_legacy){ 0 };
}
