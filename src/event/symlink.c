/* symlink.c - one openat() for each name of a path, none of which follows a link unseen.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/symlink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"

enum { ON_THE_WAY = O_PATH | O_CLOEXEC };

static int refused(int fd, int err)
{
    close(fd);
    errno = err;
    return -1;
}

/* The link and what it leads to must have one owner. */
static int follow(int at, const char *name, int flags, const char **failed)
{
    struct stat link, target;
    int         fd = openat(at, name, flags);

    if (fd < 0)
        return -1;
    if (fstatat(at, name, &link, AT_SYMLINK_NOFOLLOW) != 0) {
        *failed = "fstatat";
        return refused(fd, errno);
    }
    if (fstat(fd, &target) != 0) {
        *failed = "fstat";
        return refused(fd, errno);
    }
    return link.st_uid == target.st_uid ? fd : refused(fd, ELOOP);
}

static int enter(int at, const char *name, mw_links links, int flags, const char **failed)
{
    struct stat st;
    int         fd = openat(at, name, flags | O_NOFOLLOW);

    if (fd < 0 && errno != ELOOP)
        return -1;
    if (fd >= 0) {
        if ((flags & O_PATH) == 0)
            return fd;
        if (fstat(fd, &st) != 0)
            return refused(fd, errno);
        if (!S_ISLNK(st.st_mode))           /* O_PATH opens the link itself */
            return fd;
        close(fd);
        errno = ELOOP;
    }
    return links == MW_LINKS_OWNER ? follow(at, name, flags, failed) : -1;
}

/* The directory that the trusted part names, or "/". */
static int begin(const char *z, size_t *from)
{
    char trusted[MW_PATH_MAX];

    if (*from == 0 || *from >= sizeof trusted || (z[*from] != '/' && z[*from - 1] != '/')) {
        *from = 0;
        return open("/", ON_THE_WAY | O_DIRECTORY);
    }
    memcpy(trusted, z, *from);
    trusted[*from] = '\0';
    return open(trusted, ON_THE_WAY | O_DIRECTORY);
}

int mw_open_careful(const char *z, size_t from, mw_links links, int flags, const char **failed)
{
    mw_str left, name;
    char   text[NAME_MAX + 1];
    int    at, fd, err;

    *failed = "openat";
    flags |= O_CLOEXEC;
    if (links == MW_LINKS_ON || from >= strlen(z)) {
        *failed = "open";
        return open(z, flags);
    }
    at = begin(z, &from);
    left = mw_str_drop(mw_str_of(z), from);
    while (at >= 0) {
        bool more = mw_str_cut(left, '/', &name, &left);

        if (name.len == 0 && more)
            continue;
        if (name.len > NAME_MAX)
            return refused(at, ENAMETOOLONG);
        memcpy(text, name.len > 0 ? name.at : ".", name.len > 0 ? name.len : 1);
        text[name.len > 0 ? name.len : 1] = '\0';
        fd = enter(at, text, links, more ? ON_THE_WAY : flags, failed);
        err = errno;
        close(at);
        errno = err;
        if (!more)
            return fd;
        at = fd;
    }
    return -1;
}
