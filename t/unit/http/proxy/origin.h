/* origin.h - upstreams for unit tests: children that answer on sockets in the house's folder.
 *
 * origin(ANSWER) begins one at "origin": ANSWER is sent to whoever has sent a whole head, then the end;
 * origin_at() begins one with another name.  behind() is a house whose text may say % for the name of the first;
 * asked() is the first line of the last request that any of them saw.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UNIT_PROXY_ORIGIN_H
#define MW_UNIT_PROXY_ORIGIN_H

#include "house.h"

#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { ORIGINS = 4 };

static pid_t    children[ORIGINS];
static unsigned nchildren;

static void serve(int door, const char *answer)
{
    char   head[8192];
    size_t n = 0;
    int    c = accept(door, NULL, NULL);

    while (c >= 0 && n < sizeof head - 1) {
        ssize_t got_now = read(c, &head[n], sizeof head - 1 - n);

        if (got_now <= 0)
            break;
        n += (size_t)got_now;
        head[n] = '\0';
        if (strstr(head, "\r\n\r\n") != NULL)
            break;
    }
    head[strcspn(head, "\r")] = '\0';
    write_file("asked", head);
    if (write(c, answer, strlen(answer)) < 0)
        _exit(1);
    close(c);
}

__attribute__((unused)) static void origin_at(const char *name, const char *answer)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int                door = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", folder, name);
    ck_assert_int_eq(bind(door, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(door, 8), 0);
    children[nchildren] = fork();
    while (children[nchildren] == 0)
        serve(door, answer);
    nchildren++;
    close(door);
}

__attribute__((unused)) static void origin(const char *answer) { origin_at("origin", answer); }

__attribute__((unused)) static mw_str asked(void)
{
    mw_str text;

    ck_assert_int_eq(mw_file_read_all(arena, mw_str_of(in_folder("asked")), 8192, &text), MW_OK);
    return text;
}

__attribute__((unused)) static void behind(const char *text)
{
    mw_out o = mw_arena_pen(arena, 32768);
    mw_str rest = mw_str_of(text);

    while (rest.len > 0) {                  /* each % is the socket */
        mw_str part;

        if (mw_str_cut(rest, '%', &part, &rest))
            mw_out_fmt(&o, "%.*sunix:%s/origin", MW_S(part), folder);
        else
            mw_out_str(&o, part);
    }
    house(mw_arena_z(arena, mw_out_done(&o)));
}

__attribute__((unused)) static void end_of_origin(void)
{
    while (nchildren > 0) {
        nchildren--;
        kill(children[nchildren], SIGKILL);
        (void)waitpid(children[nchildren], NULL, 0);
    }
    finish();
}

#define ORIGIN_CASE(suite, name)  do {                                  \
        TCase *name##_case = tcase_create(#name);                       \
        tcase_add_checked_fixture(name##_case, begin, end_of_origin);   \
        tcase_add_test(name##_case, name);                              \
        suite_add_tcase(suite, name##_case);                            \
    } while (0)

#endif
