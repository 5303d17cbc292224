/* notify.c - tells the service manager how we are: a datagram to NOTIFY_SOCKET.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/notify.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/out.h"

static void send_to(const char *path, mw_str text)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    size_t             n = strlen(path);
    int                fd;

    if (n < 2 || n >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(to.sun_path, path, n);
    if (path[0] == '@')
        to.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)sendto(fd, text.at, text.len, MSG_NOSIGNAL, (struct sockaddr *)&to,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
    (void)close(fd);
}

void mw_notify(const char *format, ...)
{
    const char *path = getenv("NOTIFY_SOCKET");
    char        room[256];
    mw_out      o = mw_out_on(room, sizeof room);
    va_list     args;

    if (path == NULL)
        return;
    va_start(args, format);
    mw_out_vfmt(&o, format, args);
    va_end(args);
    send_to(path, mw_out_done(&o));
}

void mw_notify_reloading(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    mw_notify("RELOADING=1\nMONOTONIC_USEC=%llu",
              (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
}
