/* listener.c - listening sockets: how the master makes them, how a worker accepts from them.
 *
 * A listener is level triggered, so what is not taken in one go is told again in the next turn.  How much
 * it takes in one go follows the load: as long as every go finds all it asked for, the next one asks for
 * twice as many, up to SHARE; a go that found fewer sets the measure back.  So a calm listener makes one
 * call for one connection, and never one that finds nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/listener.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "event/sock.h"

enum { BACKLOG = 511, TRIES = 5, BETWEEN_MS = 500, PAUSE_MS = 500, ADVISED_MS = 60000, SHARE = 16, MPTCP = 262 };

typedef struct wish { int level, option, value; const char *name; } wish;

static mw_str name_of(const mw_addr *a, char *room, size_t size)
{
    mw_out o = mw_out_on(room, size);

    mw_addr_text(&o, a);
    return mw_out_done(&o);
}

/* What nginx sets and goes on without.  TCP options only where there is TCP. */
static void set_wishes(int fd, const mw_addr *a, const wish *wishes, size_t n, mw_log *log)
{
    char   room[160];
    mw_str name = name_of(a, room, sizeof room);

    for (size_t i = 0; i < n; i++) {
        const wish *w = &wishes[i];

        if (w->value < 0 || (w->level == IPPROTO_TCP && a->family == MW_UNIX))
            continue;
        if (!mw_sock_set_int(fd, w->level, w->option, w->value))
            MW_LOG(log, MW_LOG_ALERT, errno, "setsockopt(%s, %d) %.*s failed, ignored", w->name, w->value,
                   MW_S(name));
    }
}

static int given(int value) { return value > 0 ? value : -1; }

static void tune(int fd, const mw_addr *a, int type, const mw_listen_options *o, mw_log *log)
{
    const wish buffers[] = {
        { SOL_SOCKET, SO_RCVBUF, o->rcvbuf, "SO_RCVBUF" },
        { SOL_SOCKET, SO_SNDBUF, o->sndbuf, "SO_SNDBUF" },
    };
    const wish stream[] = {
        { SOL_SOCKET, SO_KEEPALIVE, o->keepalive, "SO_KEEPALIVE" },
        { IPPROTO_TCP, TCP_KEEPIDLE, given(o->keepidle), "TCP_KEEPIDLE" },
        { IPPROTO_TCP, TCP_KEEPINTVL, given(o->keepintvl), "TCP_KEEPINTVL" },
        { IPPROTO_TCP, TCP_KEEPCNT, given(o->keepcnt), "TCP_KEEPCNT" },
        { IPPROTO_TCP, TCP_FASTOPEN, o->fastopen, "TCP_FASTOPEN" },
        { IPPROTO_TCP, TCP_DEFER_ACCEPT, o->deferred ? 1 : -1, "TCP_DEFER_ACCEPT" },
    };

    set_wishes(fd, a, buffers, sizeof buffers / sizeof *buffers, log);
    if (type == SOCK_STREAM)
        set_wishes(fd, a, stream, sizeof stream / sizeof *stream, log);
}

/* What it cannot listen without. */
static bool set_needs(int fd, const mw_addr *a, const mw_listen_options *o, mw_log *log)
{
    const wish needs[] = {
        { SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR" },
        { SOL_SOCKET, SO_REUSEPORT, o->reuseport ? 1 : -1, "SO_REUSEPORT" },
        { IPPROTO_IPV6, IPV6_V6ONLY, a->family == MW_IPV6 ? o->ipv6only != 0 : -1, "IPV6_V6ONLY" },
    };
    char   room[160];
    mw_str name = name_of(a, room, sizeof room);

    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        if (needs[i].value >= 0 && !mw_sock_set_int(fd, needs[i].level, needs[i].option, needs[i].value)) {
            MW_LOG(log, MW_LOG_EMERG, errno, "setsockopt(%s) %.*s failed", needs[i].name, MW_S(name));
            return false;
        }
    }
    return true;
}

static int open_socket(const mw_addr *a, int type, bool multipath)
{
    if (multipath && type == SOCK_STREAM && a->family != MW_UNIX) {
        int family = a->family == MW_IPV6 ? AF_INET6 : AF_INET;
        int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, MPTCP);

        if (fd >= 0)
            return fd;                  /* a kernel without it: plain TCP */
    }
    return mw_sock_open(a, type);
}

/* A unix socket is for everybody, from its first moment on. */
static int bind_once(int fd, const mw_sockaddr *s, socklen_t len)
{
    mode_t mask = s->any.sa_family == AF_UNIX ? umask(0111) : 0;
    int    rc = bind(fd, &s->any, len), err = errno;

    if (s->any.sa_family == AF_UNIX)
        (void)umask(mask);
    errno = err;
    return rc;
}

static bool bind_patiently(int fd, const mw_addr *a, mw_log *log)
{
    static const struct timespec between = { .tv_nsec = BETWEEN_MS * 1000000L };
    char        room[160];
    mw_str      name = name_of(a, room, sizeof room);
    mw_sockaddr s;
    socklen_t   len = mw_addr_to_system(a, &s);

    if (len == 0) {
        errno = ENAMETOOLONG;
        MW_LOG(log, MW_LOG_EMERG, errno, "bind() to %.*s failed", MW_S(name));
        return false;
    }
    for (int tries = 1;; tries++) {
        if (bind_once(fd, &s, len) == 0)
            return true;
        MW_LOG(log, MW_LOG_EMERG, errno, "bind() to %.*s failed", MW_S(name));
        if (errno != EADDRINUSE)
            return false;
        if (tries == TRIES)
            break;
        MW_LOG(log, MW_LOG_NOTICE, 0, "try again to bind() after %dms", BETWEEN_MS);
        (void)nanosleep(&between, NULL);
    }
    MW_LOG(log, MW_LOG_EMERG, 0, "still could not bind()");
    errno = EADDRINUSE;
    return false;
}

static bool start_listening(int fd, const mw_addr *a, const mw_listen_options *o, mw_log *log)
{
    char   room[160];
    mw_str name = name_of(a, room, sizeof room);
    int    backlog = o->backlog >= 0 ? o->backlog : BACKLOG;

    if (listen(fd, backlog) == 0)
        return true;
    MW_LOG(log, MW_LOG_EMERG, errno, "listen() to %.*s, backlog %d failed", MW_S(name), backlog);
    return false;
}

int mw_listen_open(const mw_addr *a, int type, const mw_listen_options *o, mw_log *log)
{
    int fd = open_socket(a, type, o->multipath != 0), err;

    if (fd < 0) {
        char   room[160];
        mw_str name = name_of(a, room, sizeof room);

        MW_LOG(log, MW_LOG_EMERG, errno, "socket() %.*s failed", MW_S(name));
        return -1;
    }
    if (set_needs(fd, a, o, log)) {
        tune(fd, a, type, o, log);
        if (bind_patiently(fd, a, log) && (type != SOCK_STREAM || start_listening(fd, a, o, log)))
            return fd;
    }
    err = errno;
    (void)close(fd);
    errno = err;
    return -1;
}

bool mw_listen_possible(const mw_addr *a, int type, mw_log *log)
{
    char        room[160];
    mw_str      name = name_of(a, room, sizeof room);
    mw_sockaddr s;
    socklen_t   len = mw_addr_to_system(a, &s);
    int         fd = a->family == MW_UNIX ? -1 : mw_sock_open(a, type);
    bool        fine = true;

    if (a->family == MW_UNIX)
        return true;
    if (fd < 0) {
        MW_LOG(log, MW_LOG_EMERG, errno, "socket() %.*s failed", MW_S(name));
        return false;
    }
    if (bind(fd, &s.any, len) != 0 && errno != EADDRINUSE && errno != EACCES) {
        MW_LOG(log, MW_LOG_EMERG, errno, "bind() to %.*s failed", MW_S(name));
        fine = false;
    }
    (void)close(fd);
    return fine;
}

void mw_listen_options_renew(int fd, const mw_addr *a, const mw_listen_options *o, mw_log *log)
{
    const wish undefer = { IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, "TCP_DEFER_ACCEPT" };
    const wish share = { SOL_SOCKET, SO_REUSEPORT, o->reuseport ? 1 : -1, "SO_REUSEPORT" };
    int        type = SOCK_STREAM;
    socklen_t  len = sizeof type;

    (void)getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
    set_wishes(fd, a, &share, 1, log);
    tune(fd, a, type, o, log);
    if (type != SOCK_STREAM)
        return;
    if (!o->deferred)
        set_wishes(fd, a, &undefer, 1, log);
    (void)start_listening(fd, a, o, log);
}

/* Watches, unless there is a reason to look away. */
static mw_rc watch_or_not(mw_listener *l)
{
    bool want = l->watch.fd >= 0 && !l->paused && !mw_timer_is_set(&l->again);

    if (want && !l->watching) {
        if (mw_loop_watch(l->loop, &l->watch, true) != MW_OK)
            return MW_ERR;
    } else if (!want && l->watching) {
        mw_loop_unwatch(l->loop, &l->watch, false);
    }
    l->watching = want;
    return MW_OK;
}

static void look_again(void *owner)
{
    mw_listener *l = owner;

    if (watch_or_not(l) != MW_OK)
        MW_LOG(l->log, MW_LOG_ALERT, errno, "epoll_ctl() of a listening socket failed");
}

/* What whoever reads the line before can do. */
static void advise(mw_listener *l, int err)
{
    uint64_t      now = mw_loop_now(l->loop);
    struct rlimit limit;

    if (err != EMFILE || now < l->advise || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    l->advise = now + ADVISED_MS;
    MW_LOG(l->log, MW_LOG_CRIT, 0, "no descriptor is left of %llu, connections wait: raise worker_rlimit_nofile, or "
           "lower worker_connections or keepalive_timeout", (unsigned long long)limit.rlim_cur);
}

/* Whether to go on accepting. */
static bool bear(mw_listener *l, int err)
{
    switch (err) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
        return true;                    /* the client went away while it waited; there may be others */
    case EAGAIN:
        return false;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        MW_LOG(l->log, MW_LOG_CRIT, err, "accept4() failed");
        advise(l, err);
        mw_timer_set(l->loop, &l->again, mw_loop_now(l->loop) + PAUSE_MS);
        (void)watch_or_not(l);
        return false;
    default:
        MW_LOG(l->log, MW_LOG_ALERT, err, "accept4() failed");
        return false;
    }
}

/* Up to `most` connections; how many there were. */
static unsigned take(mw_listener *l, unsigned most)
{
    unsigned n = 0;

    while (n < most && l->watch.fd >= 0) {
        mw_sockaddr s;
        mw_addr     peer;
        socklen_t   len = sizeof s;
        int         fd = accept4(l->watch.fd, &s.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            if (bear(l, errno))
                continue;
            break;
        }
        mw_addr_from_system(&peer, &s, len);
        peer.path = (mw_str){ 0 };
        n++;
        l->accepted(l, fd, &peer);
        if (l->paused)
            break;
    }
    return n;
}

static void knocked(mw_watch *w, unsigned ready)
{
    mw_listener *l = MW_OWNER(w, mw_listener, watch);
    unsigned     n, most = l->many ? UINT32_MAX : l->share;

    (void)ready;
    n = take(l, most);
    if (n < most)
        l->share = (uint8_t)(n > 1 && n < SHARE ? n : 1);
    else if (l->share < SHARE)
        l->share = (uint8_t)(l->share * 2);
}

mw_rc mw_listener_start(mw_listener *l, mw_loop *loop, int fd)
{
    l->watch = (mw_watch){ .fd = fd, .event = knocked };
    l->loop = loop;
    l->paused = l->watching = false;
    l->share = 1;
    l->advise = 0;
    mw_timer_init(&l->again, look_again, l);
    return watch_or_not(l);
}

void mw_listener_pause(mw_listener *l)
{
    l->paused = true;
    (void)watch_or_not(l);
}

void mw_listener_resume(mw_listener *l)
{
    l->paused = false;
    look_again(l);
}

void mw_listener_drain(mw_listener *l)
{
    bool paused = l->paused;

    l->paused = false;                  /* what waits is taken, whatever the load */
    (void)take(l, UINT32_MAX);
    l->paused = l->paused || paused;
}

void mw_listener_stop(mw_listener *l, bool close_it)
{
    if (l->watch.fd < 0)
        return;
    mw_timer_stop(l->loop, &l->again);
    if (l->watching)
        mw_loop_unwatch(l->loop, &l->watch, false);
    l->watching = false;
    if (close_it)
        (void)close(l->watch.fd);
    l->watch.fd = -1;
}
