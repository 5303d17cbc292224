/* file.c - files by name: open, read whole, replace whole, temporary files.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_LEAST = 4096 };

/* The path as the system wants it; false: errno. */
static bool name_of(mw_str path, char z[MW_PATH_MAX])
{
    if (path.len >= MW_PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (path.len == 0 || memchr(path.at, '\0', path.len) != NULL) {
        errno = ENOENT;
        return false;
    }
    memcpy(z, path.at, path.len);
    z[path.len] = '\0';
    return true;
}

static int open_name(const char *name, int flags, unsigned mode)
{
    int fd;

    do
        fd = open(name, flags | O_CLOEXEC, (mode_t)mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static mw_rc close_keeping_errno(int fd, mw_rc rc)
{
    int err = errno;

    close(fd);
    errno = err;
    return rc;
}

static ssize_t read_some(int fd, char *to, size_t room)
{
    ssize_t n;

    do
        n = read(fd, to, room);
    while (n < 0 && errno == EINTR);
    return n;
}

mw_rc mw_write_all(int fd, mw_str bytes)
{
    ssize_t n;

    while (bytes.len > 0) {
        n = write(fd, bytes.at, bytes.len);
        if (n < 0 && errno != EINTR)
            return MW_ERR;
        bytes = mw_str_drop(bytes, n > 0 ? (size_t)n : 0);
    }
    return MW_OK;
}

int mw_open(mw_str path, int flags, unsigned mode)
{
    char name[MW_PATH_MAX];

    return name_of(path, name) ? open_name(name, flags, mode) : -1;
}

int mw_stat(mw_str path, struct stat *st)
{
    char name[MW_PATH_MAX];

    return name_of(path, name) ? stat(name, st) : -1;
}

/* Reads to the end; `room` is what the file is said to have, and more is taken if it has more. */
static mw_rc read_to_end(mw_arena *a, int fd, size_t room, size_t most, mw_str *bytes)
{
    char   *at = mw_arena_try(a, room), *larger;
    size_t  len = 0;
    ssize_t n = 1;

    while (at != NULL && (n = read_some(fd, &at[len], room - len)) > 0) {
        len += (size_t)n;
        if (len > most) {
            errno = EFBIG;
            return MW_ERR;
        }
        if (len < room)
            continue;
        larger = mw_arena_try(a, room * 2);
        if (larger != NULL)
            memcpy(larger, at, len);
        at = larger;
        room *= 2;
    }
    if (at == NULL)
        errno = ENOMEM;
    if (at == NULL || n < 0)
        return MW_ERR;
    *bytes = (mw_str){ at, len };
    return MW_OK;
}

mw_rc mw_file_read_all(mw_arena *a, mw_str path, size_t most, mw_str *bytes)
{
    struct stat st;
    size_t      room = READ_LEAST;
    int         fd = mw_open(path, O_RDONLY, 0);

    if (fd < 0)
        return MW_ERR;
    if (fstat(fd, &st) != 0)
        return close_keeping_errno(fd, MW_ERR);
    if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > most) {
        errno = EFBIG;
        return close_keeping_errno(fd, MW_ERR);
    }
    if (S_ISREG(st.st_mode) && st.st_size > 0)
        room = (size_t)st.st_size + 1;          /* the byte more is where the end is seen */
    return close_keeping_errno(fd, read_to_end(a, fd, room, most, bytes));
}

/* The directory a name lies in: "/etc/x" gives "/etc", "x" gives ".". */
static mw_str parent_of(mw_str path)
{
    size_t slash = mw_str_rindex(path, '/');

    if (slash == path.len)
        return MW_STR(".");
    return slash == 0 ? MW_STR("/") : mw_str_take(path, slash);
}

/* So that the new name survives a power failure; a file system that cannot do that is left alone. */
static void sync_directory(mw_str dir)
{
    int fd = mw_open(dir, O_RDONLY | O_DIRECTORY, 0);

    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

mw_rc mw_file_replace(mw_str path, mw_str bytes, unsigned mode)
{
    char name[MW_PATH_MAX], beside[MW_PATH_MAX + 8];
    int  fd, err;

    if (!name_of(path, name))
        return MW_ERR;
    (void)snprintf(beside, sizeof beside, "%s.XXXXXX", name);
    fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0)
        return MW_ERR;
    if (mw_write_all(fd, bytes) != MW_OK || fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0
        || rename(beside, name) != 0) {
        err = errno;
        close(fd);
        unlink(beside);
        errno = err;
        return MW_ERR;
    }
    close(fd);
    sync_directory(parent_of(path));
    return MW_OK;
}

/* One directory; its parent is there. */
static mw_rc make_one(const char *name, unsigned mode, uid_t owner, bool last)
{
    struct stat st;

    if (mkdir(name, (mode_t)mode) == 0)
        return owner == (uid_t)-1 || chown(name, owner, (gid_t)-1) == 0 ? MW_OK : MW_ERR;
    if (errno != EEXIST || stat(name, &st) != 0)
        return MW_ERR;
    if (!S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        return MW_ERR;
    }
    if (last && owner != (uid_t)-1 && st.st_uid != owner && chown(name, owner, (gid_t)-1) != 0)
        return MW_ERR;
    return MW_OK;
}

mw_rc mw_dir_make(mw_str path, unsigned mode, uid_t owner)
{
    char   name[MW_PATH_MAX];
    size_t i;

    while (path.len > 1 && path.at[path.len - 1] == '/')
        path = mw_str_take(path, path.len - 1);
    if (!name_of(path, name))
        return MW_ERR;
    for (i = 1; i < path.len; i++) {
        if (name[i] != '/' || name[i - 1] == '/')
            continue;
        name[i] = '\0';
        if (make_one(name, mode, owner, false) != MW_OK)
            return MW_ERR;
        name[i] = '/';
    }
    return make_one(name, mode, owner, true);
}

int mw_temp_open(mw_str dir)
{
    char name[MW_PATH_MAX], inside[MW_PATH_MAX + 16];
    int  fd;

    if (!name_of(dir, name))
        return -1;
    fd = open_name(name, O_TMPFILE | O_RDWR, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOENT))
        return fd;
    (void)snprintf(inside, sizeof inside, "%s/mw.XXXXXX", name);       /* a file system, or a kernel, without them */
    fd = mkostemp(inside, O_CLOEXEC);
    if (fd >= 0)
        unlink(inside);
    return fd;
}

int mw_temp_named(mw_arena *a, mw_str dir, uint64_t number, mw_str *path)
{
    char   digits[20];
    mw_out o = mw_out_on(digits, sizeof digits);

    mw_out_padded(&o, number, 10);
    *path = mw_path_join(a, dir, mw_out_done(&o));
    return mw_open(*path, O_RDWR | O_CREAT | O_EXCL, 0600);
}

mw_str mw_path_join(mw_arena *a, mw_str dir, mw_str name)
{
    mw_str parts[3] = { dir, MW_STR("/"), name };

    if (mw_str_char(name, 0) == '/' || dir.len == 0)
        return mw_arena_copy(a, name);
    if (dir.at[dir.len - 1] == '/')
        parts[1].len = 0;
    return mw_arena_join(a, parts, 3);
}
