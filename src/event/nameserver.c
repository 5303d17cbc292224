/* nameserver.c - the sockets of one DNS server.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/nameserver.h"

#include <errno.h>
#include <unistd.h>

#include "core/alloc.h"
#include "event/sock.h"

enum {
    /* bytes of a packet; packets in one turn, the others wait for the next */
    UDP_MOST = 4096, UDP_TURN = 64,
    IN_ROOM = 2 + 65535, OUT_ROOM = 16384,
    IDLE_MS = 10000
};

static void tell(const void *who, mw_out *o)
{
    const mw_nameserver *s = who;

    mw_out_str(o, MW_STR(", resolver: "));
    mw_addr_text(o, &s->addr);
}

static void shut(mw_nameserver *s, mw_watch *w)
{
    if (w->fd < 0)
        return;
    mw_loop_unwatch(s->loop, w, true);
    close(w->fd);
    w->fd = -1;
}

static void shut_tcp(mw_nameserver *s)
{
    shut(s, &s->tcp);
    mw_timer_stop(s->loop, &s->idle);
    mw_free(s->in);
    mw_free(s->out);
    s->in = s->out = NULL;
    s->in_len = s->out_len = 0;
    s->connected = false;
}

static void idle(void *server) { shut_tcp(server); }

static void lost(void *server)
{
    mw_nameserver *s = server;

    s->deaf(s);
}

/* The next packet goes out of a fresh socket, with a fresh port. */
static void lose_udp(mw_nameserver *s)
{
    shut(s, &s->udp);
    mw_bell_ring(&s->lost);
}

static bool open_watch(mw_nameserver *s, mw_watch *w, int type)
{
    mw_sockaddr to;
    socklen_t   len = mw_addr_to_system(&s->addr, &to);

    if (w->fd >= 0)
        return true;
    w->fd = mw_sock_open(&s->addr, type);
    if (w->fd < 0) {
        MW_LOG(&s->log, MW_LOG_ALERT, errno, "socket() failed");
        return false;
    }
    if (connect(w->fd, &to.any, len) != 0 && errno != EINPROGRESS) {
        MW_LOG(&s->log, MW_LOG_CRIT, errno, "connect() failed");
        close(w->fd);
        w->fd = -1;
        return false;
    }
    if (mw_loop_watch(s->loop, w, type == SOCK_DGRAM) == MW_OK)
        return true;
    MW_LOG(&s->log, MW_LOG_ALERT, errno, "watching a socket failed");
    close(w->fd);
    w->fd = -1;
    return false;
}

/* -- UDP -- */

/* Level triggered: what is left is told again.  A failure is ICMP's: nobody listens there. */
static void udp_event(mw_watch *w, unsigned ready)
{
    mw_nameserver *s = MW_OWNER(w, mw_nameserver, udp);
    char           packet[UDP_MOST];

    (void)ready;
    for (unsigned i = 0; i < UDP_TURN && w->fd >= 0; i++) {
        ssize_t n = recv(w->fd, packet, sizeof packet, 0);

        if (n >= 0) {
            s->heard(s, (mw_str){ packet, (size_t)n }, false);
        } else if (errno != EINTR) {
            if (errno == EAGAIN || errno == EWOULDBLOCK)
                return;
            MW_LOG(&s->log, MW_LOG_ERROR, errno, "recv() failed");
            lose_udp(s);
        }
    }
}

static void send_udp(mw_nameserver *s, mw_str packet)
{
    int err;

    if (!open_watch(s, &s->udp, SOCK_DGRAM))
        return;
    if (send(s->udp.fd, packet.at, packet.len, MSG_NOSIGNAL) >= 0)
        return;
    err = errno;
    MW_LOG(&s->log, MW_LOG_ERROR, err, "send() failed");
    if (err != EAGAIN && err != EWOULDBLOCK)
        lose_udp(s);                        /* most likely it is the packet before that found nobody */
}

/* -- TCP: RFC 1035 4.2.2 -- */

static void flush(mw_nameserver *s)
{
    while (s->connected && s->out_len > 0) {
        ssize_t n = send(s->tcp.fd, s->out, s->out_len, MSG_NOSIGNAL);

        if (n >= 0) {
            s->out_len -= (size_t)n;
            memmove(s->out, &s->out[n], s->out_len);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (errno != EINTR) {
            MW_LOG(&s->log, MW_LOG_ERROR, errno, "send() failed");
            shut_tcp(s);
        }
    }
}

static void hear_messages(mw_nameserver *s)
{
    mw_str in = { s->in, s->in_len };

    while (in.len >= 2) {
        size_t len = (size_t)(unsigned char)in.at[0] << 8 | (unsigned char)in.at[1];

        if (in.len < 2 + len)
            break;
        s->heard(s, mw_str_part(in, 2, 2 + len), true);
        if (s->tcp.fd < 0)
            return;
        in = mw_str_drop(in, 2 + len);
    }
    memmove(s->in, in.at, in.len);
    s->in_len = in.len;
}

static void read_tcp(mw_nameserver *s)
{
    while (s->tcp.fd >= 0) {
        ssize_t n = recv(s->tcp.fd, &s->in[s->in_len], IN_ROOM - s->in_len, 0);

        if (n > 0) {
            s->in_len += (size_t)n;
            hear_messages(s);
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        } else if (n == 0 || errno != EINTR) {
            if (n < 0)
                MW_LOG(&s->log, MW_LOG_ERROR, errno, "recv() failed");
            shut_tcp(s);
        }
    }
}

static void tcp_event(mw_watch *w, unsigned ready)
{
    mw_nameserver *s = MW_OWNER(w, mw_nameserver, tcp);

    if (!s->connected) {
        int err = mw_sock_error(w->fd);

        if (err != 0) {
            MW_LOG(&s->log, MW_LOG_ERROR, err, "connect() failed");
            shut_tcp(s);
            return;
        }
        if ((ready & MW_WRITE) == 0)
            return;
        s->connected = true;
    }
    flush(s);
    read_tcp(s);
}

static void send_tcp(mw_nameserver *s, mw_str packet)
{
    mw_out o;

    if (!open_watch(s, &s->tcp, SOCK_STREAM))
        return;
    if (s->in == NULL) {
        s->in = mw_alloc_raw(IN_ROOM);
        s->out = mw_alloc_raw(OUT_ROOM);
    }
    if (packet.len + 2 > OUT_ROOM - s->out_len)
        return;                             /* it does not take them in: as lost as on the way */
    o = mw_out_on(&s->out[s->out_len], OUT_ROOM - s->out_len);
    mw_out_char(&o, (char)(packet.len >> 8));
    mw_out_char(&o, (char)(packet.len & 0xff));
    mw_out_str(&o, packet);
    s->out_len += o.len;
    mw_timer_set(s->loop, &s->idle, mw_loop_now(s->loop) + IDLE_MS);
    flush(s);
}

void mw_nameserver_init(mw_nameserver *s, mw_loop *l, const mw_addr *addr, const mw_log *log)
{
    *s = (mw_nameserver){
        .loop = l, .addr = *addr,
        .log = { .sinks = log->sinks, .doing = "resolving", .tell = tell, .who = s },
        .udp = { .fd = -1, .event = udp_event }, .tcp = { .fd = -1, .event = tcp_event },
    };
    mw_timer_init(&s->idle, idle, s);
    mw_bell_init(&s->lost, l, lost, s);
}

void mw_nameserver_close(mw_nameserver *s)
{
    shut(s, &s->udp);
    shut_tcp(s);
    mw_bell_mute(&s->lost);
}

void mw_nameserver_send(mw_nameserver *s, mw_str packet, bool tcp)
{
    if (tcp)
        send_tcp(s, packet);
    else
        send_udp(s, packet);
}
