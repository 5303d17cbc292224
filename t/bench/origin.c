/* origin.c - the backend of the benchmark: answers /N with N constant bytes, from memory, in one send
 *
 * One thread.  Prints its port, and serves until it is killed.  Keeps connections (HTTP/1.1, or 1.0 that asks)
 * and takes requests without a body; what does not fit into the socket waits.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256, HEAD_MAX = 8192, FILES_MAX = 4096, SIZES_MAX = 8, BODY_MAX = 16 * 1024 * 1024 };

/* A response, head and body in one piece. */
typedef struct page {
    size_t size;                /* of the body; 0: an empty place */
    bool   keeps;
    char  *bytes;
    size_t length;
} page;

typedef struct guest {
    size_t      got;
    size_t      sent;
    const page *sending;
    char        head[HEAD_MAX];
} guest;

static page   pages[SIZES_MAX];
static guest *guests[FILES_MAX];
static int    poller;

static void fatal(const char *what)
{
    fprintf(stderr, "origin: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Made when first asked for, then kept. */
static const page *page_of(size_t size, bool keeps)
{
    page *p = pages;
    int   head;

    while (p < &pages[SIZES_MAX - 1] && p->bytes != NULL && (p->size != size || p->keeps != keeps))
        p = &p[1];
    if (p->bytes != NULL && p->size == size && p->keeps == keeps)
        return p;
    free(p->bytes);
    p->bytes = malloc(size + 256);
    if (p->bytes == NULL)
        fatal("memory");
    head = snprintf(p->bytes, 256, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n%s\r\n", size,
        keeps ? "" : "Connection: close\r\n");
    memset(&p->bytes[head], 'x', size);
    p->length = (size_t) head + size;
    p->size = size;
    p->keeps = keeps;
    return p;
}

static void leave(int fd)
{
    close(fd);
    free(guests[fd]);
    guests[fd] = NULL;
}

static void watch(int fd, uint32_t events, int how)
{
    struct epoll_event e = { .events = events, .data.fd = fd };

    if (epoll_ctl(poller, how, fd, &e) != 0)
        fatal("epoll_ctl");
}

/* False when the guest has left. */
static bool push(int fd, bool waited)
{
    guest  *g = guests[fd];
    ssize_t n = send(fd, &g->sending->bytes[g->sent], g->sending->length - g->sent, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN) {
        leave(fd);
        return false;
    }
    g->sent += n > 0 ? (size_t) n : 0;
    if (g->sent < g->sending->length) {
        if (!waited)
            watch(fd, EPOLLOUT, EPOLL_CTL_MOD);
        return true;
    }
    if (!g->sending->keeps) {
        leave(fd);
        return false;
    }
    g->sending = NULL;
    if (waited)
        watch(fd, EPOLLIN, EPOLL_CTL_MOD);
    return true;
}

/* Answers the first request of what has come, if it is whole. */
static bool answer(int fd)
{
    guest  *g = guests[fd];
    char   *end = memmem(g->head, g->got, "\r\n\r\n", 4);
    char   *digits;
    size_t  size, length;
    bool    keeps;

    if (end == NULL)
        return false;
    *end = '\0';
    length = (size_t) (end - g->head) + 4;
    digits = strchr(g->head, '/');
    size = digits != NULL ? strtoul(&digits[1], NULL, 10) : 0;
    keeps = strcasestr(g->head, "\r\nConnection: close") == NULL
            && (strstr(g->head, " HTTP/1.1") != NULL || strcasestr(g->head, "\r\nConnection: keep-alive") != NULL);
    g->got -= length;
    memmove(g->head, &g->head[length], g->got);
    g->sending = page_of(size < BODY_MAX ? size : BODY_MAX, keeps);
    g->sent = 0;
    return push(fd, false);
}

static void pull(int fd)
{
    guest  *g = guests[fd];
    ssize_t n = recv(fd, &g->head[g->got], HEAD_MAX - g->got, 0);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        leave(fd);
        return;
    }
    g->got += (size_t) n;
    while (guests[fd] != NULL && g->sending == NULL && answer(fd))
        continue;
    if (guests[fd] != NULL && g->sending == NULL && g->got == HEAD_MAX)
        leave(fd);
}

static void come_in(int door)
{
    int on = 1;
    int fd = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return;
    if (fd >= FILES_MAX || (guests[fd] = calloc(1, sizeof **guests)) == NULL) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(fd, EPOLLIN, EPOLL_CTL_ADD);
}

static int open_door(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t          size = sizeof at;
    int                door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (door < 0 || bind(door, (const struct sockaddr *) &at, sizeof at) != 0 || listen(door, 4096) != 0
        || getsockname(door, (struct sockaddr *) &at, &size) != 0)
        fatal("listen");
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    return door;
}

int main(void)
{
    struct epoll_event events[EVENTS];
    int                door;

    signal(SIGPIPE, SIG_IGN);
    poller = epoll_create1(EPOLL_CLOEXEC);
    door = open_door();
    watch(door, EPOLLIN, EPOLL_CTL_ADD);
    while (true) {
        int n = epoll_wait(poller, events, EVENTS, -1);

        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;

            if (fd == door)
                come_in(door);
            else if (events[i].events & EPOLLOUT) {
                if (push(fd, true) && guests[fd]->got > 0)
                    answer(fd);
            } else
                pull(fd);
        }
    }
}
