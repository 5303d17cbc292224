/* notify.c - unit test of what the service manager is told, over a socket of the test.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/notify.c"

#include "house.h"

static int listen_at(const char *path, size_t n)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int                fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    memcpy(at.sun_path, path, n);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
    return fd;
}

static mw_str heard(int fd)
{
    static char room[512];
    ssize_t     n = recv(fd, room, sizeof room, 0);

    return (mw_str){ room, n > 0 ? (size_t)n : 0 };
}

START_TEST(tells)
{
    const char *path = in_folder("notify");
    int         fd = listen_at(path, strlen(path));

    setenv("NOTIFY_SOCKET", path, 1);
    mw_notify("READY=1\nSTATUS=%d", 5);
    EQ(heard(fd), "READY=1\nSTATUS=5");
    mw_notify_reloading();
    ck_assert(mw_str_starts(heard(fd), MW_STR("RELOADING=1\nMONOTONIC_USEC=")));
    close(fd);
    mw_notify("nobody hears it");
}
END_TEST

START_TEST(abstract)
{
    const char *name = mw_arena_z(arena, mw_arena_fmt(arena, "@miwi-unit-%d", (int)getpid()));
    char        path[64] = "";
    int         fd;

    memcpy(&path[1], &name[1], strlen(name) - 1);
    fd = listen_at(path, strlen(name));
    setenv("NOTIFY_SOCKET", name, 1);
    mw_notify("STOPPING=1");
    EQ(heard(fd), "STOPPING=1");
    close(fd);
}
END_TEST

START_TEST(nothing_to_tell)
{
    static const char *const names[] = { "", "x", "relative/path", "/" };
    char                     long_name[300];

    unsetenv("NOTIFY_SOCKET");
    mw_notify("READY=1");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        setenv("NOTIFY_SOCKET", names[i], 1);
        mw_notify("READY=1");
    }
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[0] = '/';
    long_name[sizeof long_name - 1] = '\0';
    setenv("NOTIFY_SOCKET", long_name, 1);
    mw_notify("READY=1");                       /* longer than an address: not sent, nothing overrun */
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("main/notify");

    CASE(s, tells);
    CASE(s, abstract);
    CASE(s, nothing_to_tell);
    return s;
}

#include "run.h"
