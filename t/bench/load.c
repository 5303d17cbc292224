/* load.c - the load generator of the benchmark: one thread, many connections, plain or TLS
 *
 *   load [options] http://127.0.0.1:PORT/PATH      prints one line: responses=N seconds=S rate=R p50_us=... cpu_ns=...
 *
 *   -c N      connections (64)               -d S    seconds of the count (2), after -w S of warm-up (0.3)
 *   -n N      end after N responses          -p N    pipeline: N requests in one send
 *   -k        a connection for each request  -r N    open loop: N requests a second
 *   -H LINE   a header                       -s N    the status of every response (200)
 *   -a A/N    from N addresses, A the first  -P PID  of the server: its CPU time in the count (repeatable)
 *   -R        TLS handshakes resume the session of an earlier one (one that does not is an error)
 *   -i        idle: one request each, says "idle N", holds them until standard input ends, says "kept N"
 *
 * A closed loop sends the next request when the last one of a connection is answered.  In the open loop request k is
 * due at k / rate, whether or not the server has kept up, and its latency counts from then: nothing is left out that
 * was slow.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 512, OPENING_MAX = 256, PIECE = 256 * 1024, STALLED_SECONDS = 10 };

typedef enum state { STATE_CLOSED, STATE_CONNECTING, STATE_HANDSHAKE, STATE_READY, STATE_BUSY } state;

typedef struct visitor {
    int      fd;
    state    state;
    unsigned owed;          /* responses that have not come */
    uint32_t waits;         /* events that epoll knows of */
    bool     answered;      /* idle: it had its response */
    bool     resumes;       /* its handshake offers a session */
    size_t   sent;          /* of the requests */
    uint64_t due_ns;        /* from when the latency counts */
    SSL     *tls;
    reader   reader;
} visitor;

static options   asked;
static count     total;
static visitor  *visitors;
static unsigned *ready;             /* ring of those that could send */
static unsigned  ready_first, ready_count;
static unsigned  opened, opening, idle_count;
static int       poller;
static SSL_CTX  *context;
static SSL_SESSION *session;        /* that handshakes resume; NULL: they are full ones */
static char      piece[PIECE];
static bool      counting;
static uint64_t  next_due_ns, interval_ns;

static void fatal(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(visitor *v, uint32_t events)
{
    struct epoll_event e = { .events = events, .data.u32 = (uint32_t) (v - visitors) };

    if (v->waits == events)
        return;
    if (epoll_ctl(poller, v->waits == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, v->fd, &e) != 0)
        fatal("epoll_ctl");
    v->waits = events;
}

static void make_ready(visitor *v)
{
    v->state = STATE_READY;
    ready[(ready_first + ready_count++) % asked.visitors] = (unsigned) (v - visitors);
}

/* Resets instead of closing: the kernel of this one machine keeps no TIME_WAIT, so that ports do not run out. */
static void close_visitor(visitor *v)
{
    struct linger now = { .l_onoff = 1 };

    if (v->fd < 0)
        return;
    if (v->tls != NULL && asked.resume)     /* a session whose connection just broke off is not taken again */
        SSL_set_shutdown(v->tls, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(v->tls);
    v->tls = NULL;
    setsockopt(v->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(v->fd);
    v->fd = -1;
    v->waits = 0;
    if (v->state == STATE_CONNECTING || v->state == STATE_HANDSHAKE)
        opening--;
    v->state = STATE_CLOSED;
}

static void open_visitor(visitor *v)
{
    struct sockaddr_in from = { .sin_family = AF_INET };
    int on = 1;

    v->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (v->fd < 0)
        fatal("socket");
    setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (asked.source != 0) {
        from.sin_addr.s_addr = htonl(asked.source + (uint32_t) (v - visitors) % asked.sources);
        setsockopt(v->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        if (bind(v->fd, (const struct sockaddr *) &from, sizeof from) != 0)
            fatal("bind");
    }
    if (connect(v->fd, (const struct sockaddr *) &asked.peer, sizeof asked.peer) != 0 && errno != EINPROGRESS)
        fatal("connect");
    v->state = STATE_CONNECTING;
    opening++;
    watch(v, EPOLLOUT);
}

/* The connection did not do what was asked of it; another one takes its place. */
static void lose(visitor *v)
{
    if (++total.errors > 1000) {
        fprintf(stderr, "load: too many connections fail\n");
        exit(1);
    }
    close_visitor(v);
    open_visitor(v);
}

static ssize_t write_some(visitor *v, const char *bytes, size_t size)
{
    size_t n = 0;

    if (v->tls == NULL)
        return send(v->fd, bytes, size, MSG_NOSIGNAL);
    if (SSL_write_ex(v->tls, bytes, size, &n) == 1)
        return (ssize_t) n;
    errno = EAGAIN;
    return -1;
}

/* -1 with EAGAIN: later.  0: the end. */
static ssize_t read_some(visitor *v)
{
    size_t n = 0;

    if (v->tls == NULL)
        return recv(v->fd, piece, sizeof piece, 0);
    if (SSL_read_ex(v->tls, piece, sizeof piece, &n) == 1)
        return (ssize_t) n;
    errno = EAGAIN;
    return SSL_get_error(v->tls, 0) == SSL_ERROR_WANT_READ ? -1 : 0;
}

static void push(visitor *v)
{
    ssize_t n = write_some(v, &asked.request[v->sent], asked.request_length - v->sent);

    if (n < 0 && errno != EAGAIN) {
        lose(v);
        return;
    }
    v->sent += n > 0 ? (size_t) n : 0;
    watch(v, v->sent < asked.request_length ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void send_requests(visitor *v, uint64_t due_ns)
{
    v->state = STATE_BUSY;
    v->due_ns = due_ns;
    v->owed = asked.depth;
    v->sent = 0;
    reader_begin(&v->reader);
    push(v);
}

static void count_response(visitor *v)
{
    if (v->reader.status != asked.status) {
        total.errors++;
        if (total.wrong_status == 0)
            total.wrong_status = v->reader.status;
    }
    if (counting) {
        total.responses++;
        total.body_bytes += v->reader.body_bytes;
        count_latency(&total, now_ns() - v->due_ns);
    }
    v->owed--;
}

/* False when the connection is no more what it was. */
static bool response_done(visitor *v)
{
    bool closes = v->reader.closes;

    count_response(v);
    reader_begin(&v->reader);
    if (asked.idle && !v->answered) {
        v->answered = true;
        idle_count++;
    }
    if (closes && !asked.close_each) {      /* also amid a pipeline: what follows is not answered, by right */
        close_visitor(v);
        open_visitor(v);
        return false;
    }
    if (v->owed == 0 && !closes)
        make_ready(v);
    return true;
}

/* The other side has ended the connection: as it must in close mode, as it may when nothing is owed. */
static void ended(visitor *v)
{
    if (v->owed == 1 && reader_end(&v->reader))
        count_response(v);
    if (asked.idle && v->answered) {
        idle_count--;
        close_visitor(v);
    } else if (v->owed > 0) {
        lose(v);
    } else {
        close_visitor(v);
        open_visitor(v);
    }
}

/* Takes all responses that are in the piece. */
static bool digest(visitor *v, size_t size)
{
    size_t at = 0;

    while (at < size) {
        switch (v->owed > 0 ? reader_take(&v->reader, piece, &at, size) : TOOK_NONSENSE) {
        case TOOK_PART:
            break;
        case TOOK_RESPONSE:
            if (!response_done(v))
                return false;
            break;
        case TOOK_NONSENSE:
            lose(v);
            return false;
        }
    }
    return true;
}

/* A plain socket is read once a turn; TLS until it has nothing more, as epoll does not see what the library holds. */
static void pull(visitor *v)
{
    do {
        ssize_t n = read_some(v);

        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            if (v->state == STATE_READY)        /* it stands in the ring, and is found closed there */
                close_visitor(v);
            else
                ended(v);
            return;
        }
        if (!digest(v, (size_t) n))
            return;
    } while (v->tls != NULL && (v->owed > 0 || SSL_has_pending(v->tls)));
}

/* A ticket has come: the next handshakes resume by it. */
static int keep_session(SSL *tls, SSL_SESSION *fresh)
{
    (void) tls;
    SSL_SESSION_free(session);
    session = fresh;
    return 1;
}

static void shake_hands(visitor *v)
{
    int rc = SSL_connect(v->tls);

    if (rc == 1) {
        if (v->resumes && !SSL_session_reused(v->tls))
            total.errors++;
        opening--;
        watch(v, EPOLLIN);
        make_ready(v);
    } else if (SSL_get_error(v->tls, rc) == SSL_ERROR_WANT_READ) {
        watch(v, EPOLLIN);
    } else if (SSL_get_error(v->tls, rc) == SSL_ERROR_WANT_WRITE) {
        watch(v, EPOLLIN | EPOLLOUT);
    } else {
        lose(v);
    }
}

static void connected(visitor *v)
{
    int       error = 0;
    socklen_t size = sizeof error;

    getsockopt(v->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        lose(v);
        return;
    }
    if (asked.tls) {
        v->tls = SSL_new(context);
        if (v->tls == NULL || SSL_set_fd(v->tls, v->fd) != 1)
            fatal("TLS");
        v->resumes = session != NULL;
        if (v->resumes && SSL_set_session(v->tls, session) != 1)
            fatal("TLS session");
        v->state = STATE_HANDSHAKE;
        shake_hands(v);
        return;
    }
    opening--;
    make_ready(v);
}

static void happened(visitor *v, uint32_t events)
{
    switch (v->state) {
    case STATE_CLOSED:
        break;
    case STATE_CONNECTING:
        connected(v);
        break;
    case STATE_HANDSHAKE:
        shake_hands(v);
        break;
    case STATE_READY:
        pull(v);
        break;
    case STATE_BUSY:
        if (events & EPOLLOUT)
            push(v);
        if (v->state == STATE_BUSY && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
            pull(v);
        break;
    }
}

/* Gives requests to those that can send, as far as any are due. */
static void send_due(void)
{
    uint64_t now = now_ns();

    for (unsigned n = ready_count; n > 0; n--) {
        visitor *v = &visitors[ready[ready_first]];

        if (interval_ns > 0 && next_due_ns > now)
            return;
        ready_first = (ready_first + 1) % asked.visitors;
        ready_count--;
        if (v->state == STATE_CLOSED) {
            if (!asked.idle)
                open_visitor(v);
            continue;
        }
        if (asked.idle && v->answered) {
            v->owed = 0;
            v->state = STATE_BUSY;              /* silent from now on: whatever comes is its end */
            continue;
        }
        send_requests(v, interval_ns > 0 ? next_due_ns : now);
        next_due_ns += interval_ns;
    }
}

static void open_some(void)
{
    while (opened < asked.visitors && opening < OPENING_MAX)
        open_visitor(&visitors[opened++]);
}

/* One turn of the loop.  An open loop spins: a sleep is later than the request that is due. */
static int turn(int wait_ms)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(poller, events, EVENTS, interval_ns > 0 ? 0 : wait_ms);

    if (n < 0 && errno != EINTR)
        fatal("epoll_wait");
    for (int i = 0; i < n; i++)
        happened(&visitors[events[i].data.u32], events[i].events);
    send_due();
    open_some();
    return n;
}

static void run_load(void)
{
    uint64_t start = now_ns();
    uint64_t begin = start + (uint64_t) (asked.warm_up * 1e9);
    uint64_t last = start;

    next_due_ns = start;
    interval_ns = asked.rate > 0 ? (uint64_t) (1e9 / asked.rate) : 0;
    open_some();
    while (true) {
        uint64_t now = now_ns();

        if (!counting && now >= begin) {
            counting = true;
            count_begin(&total, &asked);
        }
        if (counting && (asked.requests > 0 ? total.responses >= asked.requests
                                            : now >= begin + (uint64_t) (asked.seconds * 1e9)))
            break;
        if (turn(100) > 0)
            last = now;
        if (now > last + STALLED_SECONDS * (uint64_t) 1000000000) {
            fprintf(stderr, "load: nothing came for %d seconds\n", STALLED_SECONDS);
            exit(1);
        }
    }
    count_finish(&total, &asked);
    count_print(&total);
}

/* Holds what it opened until its standard input ends. */
static void run_idle(void)
{
    struct pollfd in = { .fd = 0, .events = POLLIN };
    uint64_t      give_up = now_ns() + 120 * (uint64_t) 1000000000;
    char          byte;

    count_begin(&total, &asked);
    open_some();
    while (idle_count < asked.visitors && now_ns() < give_up)
        turn(100);
    turn(100);
    printf("idle %u errors=%" PRIu64 "\n", idle_count, total.errors);
    fflush(stdout);
    while (poll(&in, 1, 0) == 0 || read(0, &byte, 1) > 0)
        turn(100);
    printf("kept %u\n", idle_count);
}

/* --- what was asked for --------------------------------------------------------------------------------------- */

static void usage(void)
{
    fputs("usage: load [-c N] [-d S] [-w S] [-n N] [-p N] [-k] [-R] [-r N] [-i] [-H LINE] [-s STATUS] [-a ADDRESS/N] "
          "[-P PID] http[s]://ADDRESS:PORT/PATH\n", stderr);
    exit(2);
}

static unsigned whole(const char *text, unsigned most)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*text == '\0' || *end != '\0' || n > most)
        usage();
    return (unsigned) n;
}

static void read_url(const char *url, const char *headers)
{
    char *address, *path, *port, *one = NULL;
    FILE *out;

    asked.tls = strncmp(url, "https://", 8) == 0;
    if (!asked.tls && strncmp(url, "http://", 7) != 0)
        usage();
    address = strdup(&url[asked.tls ? 8 : 7]);
    path = address != NULL ? strchr(address, '/') : NULL;
    port = path != NULL ? strchr(address, ':') : NULL;
    if (port == NULL || port > path)
        usage();
    path = strdup(path);
    *strchr(address, '/') = '\0';
    out = open_memstream(&one, &asked.request_length);
    if (out == NULL || path == NULL)
        fatal("memory");
    for (unsigned i = 0; i < asked.depth; i++)
        fprintf(out, "GET %s HTTP/1.1\r\nHost: %s\r\n%s%s\r\n", path, address, headers,
            asked.close_each ? "Connection: close\r\n" : "");
    fclose(out);
    asked.request = one;
    *port = '\0';
    asked.peer = (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = htons((uint16_t) whole(&port[1], 65535)) };
    if (inet_pton(AF_INET, address, &asked.peer.sin_addr) != 1)
        usage();
    free(address);
    free(path);
}

static void read_sources(char *text)
{
    struct in_addr first;
    char          *slash = strchr(text, '/');

    if (slash == NULL)
        usage();
    *slash = '\0';
    if (inet_pton(AF_INET, text, &first) != 1)
        usage();
    asked.source = ntohl(first.s_addr);
    asked.sources = whole(&slash[1], 65536);
    if (asked.sources == 0)
        usage();
}

static void read_options(int argc, char **argv)
{
    char headers[2048] = "";
    int  c;

    asked = (options) { .visitors = 64, .depth = 1, .status = 200, .seconds = 2, .warm_up = .3 };
    while ((c = getopt(argc, argv, "c:d:w:n:p:r:H:s:a:P:kiR")) != -1) {
        size_t length = strlen(headers);

        switch (c) {
        case 'c': asked.visitors = whole(optarg, 1000000); break;
        case 'd': asked.seconds = strtod(optarg, NULL); break;
        case 'w': asked.warm_up = strtod(optarg, NULL); break;
        case 'n': asked.requests = whole(optarg, 1000000000); break;
        case 'p': asked.depth = whole(optarg, 1024); break;
        case 'r': asked.rate = whole(optarg, 10000000); break;
        case 'H': snprintf(&headers[length], sizeof headers - length, "%s\r\n", optarg); break;
        case 's': asked.status = whole(optarg, 599); break;
        case 'a': read_sources(optarg); break;
        case 'k': asked.close_each = true; break;
        case 'i': asked.idle = true; break;
        case 'R': asked.resume = true; break;
        case 'P':
            if (asked.pid_count < PIDS_MAX)
                asked.pids[asked.pid_count++] = (pid_t) whole(optarg, 0x7fffffff);
            break;
        default: usage();
        }
    }
    if (optind + 1 != argc || asked.visitors == 0 || asked.depth == 0)
        usage();
    read_url(argv[optind], headers);
}

static void prepare(void)
{
    struct rlimit files;

    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    visitors = calloc(asked.visitors, sizeof *visitors);
    ready = calloc(asked.visitors, sizeof *ready);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (visitors == NULL || ready == NULL || poller < 0)
        fatal("start");
    for (unsigned i = 0; i < asked.visitors; i++)
        visitors[i].fd = -1;
    if (!asked.tls)
        return;
    context = SSL_CTX_new(TLS_client_method());
    if (context == NULL)
        fatal("TLS");
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_read_ahead(context, asked.idle ? 0 : 1);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    if (asked.resume) {
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context, keep_session);
    }
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    prepare();
    if (asked.idle)
        run_idle();
    else
        run_load();
    return total.errors > 0;
}
