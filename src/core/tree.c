/* tree.c - whole files and folders, copied and removed.
 *
 * A folder is walked by descriptors, so that nobody who swaps a name for a link on the way leads us elsewhere.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/random.h"

enum { PIECE = 1 << 20, ROOM = 65536 };

static mw_rc failing(int err)
{
    errno = err;
    return MW_ERR;
}

static mw_rc append_by_hand(int to_fd, int fd)
{
    char    room[ROOM];
    ssize_t n;

    while ((n = read(fd, room, sizeof room)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || mw_write_all(to_fd, (mw_str){ room, (size_t)n }) != MW_OK)
            return MW_ERR;
    }
    return MW_OK;
}

mw_rc mw_file_append(int to_fd, int fd)
{
    ssize_t n;

    while ((n = copy_file_range(fd, NULL, to_fd, NULL, PIECE, 0)) != 0) {
        if (n > 0 || errno == EINTR)
            continue;
        /* file systems that cannot do it, or not between these two */
        return errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP || errno == EBADF
            ? append_by_hand(to_fd, fd) : MW_ERR;
    }
    return MW_OK;
}

mw_str mw_path_beside(mw_arena *a, mw_str path)
{
    size_t slash = mw_str_rindex(path, '/');
    mw_str name = slash < path.len ? mw_str_drop(path, slash + 1) : path;
    mw_str folder = slash < path.len ? mw_str_take(path, slash + 1) : MW_STR("");

    return mw_arena_fmt(a, "%.*s.%.*s.%llx", MW_S(folder), MW_S(mw_str_take(name, 200)),
                        (unsigned long long)mw_random_u64());
}

/* Closes both, and removes what was begun where it failed. */
static mw_rc copied(int from_fd, int to_fd, int folder, const char *name, mw_rc rc)
{
    int err = errno;

    (void)close(from_fd);
    if (close(to_fd) != 0 && rc == MW_OK) {     /* the last chance of a network's file system to say that it is full */
        err = errno;
        rc = MW_ERR;
    }
    if (rc == MW_OK)
        return MW_OK;
    (void)unlinkat(folder, name, 0);
    return failing(err);
}

static mw_rc copy_file(int from_dir, const char *from, int to_dir, const char *to, int flags, unsigned mode)
{
    struct stat     st;
    struct timespec times[2];
    int             to_fd, fd = openat(from_dir, from, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
    mw_rc           rc;

    if (fd < 0)
        return MW_ERR;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return failing(EINVAL);
    }
    mode = mode != 0 ? mode : st.st_mode & 07777;
    to_fd = openat(to_dir, to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to_fd < 0) {
        int err = errno;

        (void)close(fd);
        return failing(err);
    }
    rc = mw_file_append(to_fd, fd);
    if (rc == MW_OK && fchmod(to_fd, (mode_t)mode) != 0)
        rc = MW_ERR;
    times[0] = st.st_atim;
    times[1] = st.st_mtim;
    if (rc == MW_OK)
        (void)futimens(to_fd, times);
    return copied(fd, to_fd, to_dir, to, rc);
}

mw_rc mw_file_copy(mw_arena *a, mw_str from, mw_str to, unsigned mode)
{
    return copy_file(AT_FDCWD, mw_arena_z(a, from), AT_FDCWD, mw_arena_z(a, to), 0, mode);
}

/* --- folders ------------------------------------------------------------------------------------------------------ */

typedef struct walk { DIR *dir; int fd; } walk;

static mw_rc walk_begin(walk *w, int at, const char *name, unsigned depth)
{
    if (depth >= MW_TREE_DEEPEST)
        return failing(ELOOP);
    w->fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (depth > 0 ? O_NOFOLLOW : 0));
    if (w->fd < 0)
        return MW_ERR;
    w->dir = fdopendir(w->fd);
    if (w->dir != NULL)
        return MW_OK;
    (void)close(w->fd);
    return MW_ERR;
}

static mw_rc walk_end(walk *w, mw_rc rc)
{
    int err = errno;

    (void)closedir(w->dir);
    errno = err;
    return rc;
}

/* The next name in it; NULL: no more, or MW_ERR in *rc. */
static const char *walk_next(walk *w, mw_rc *rc)
{
    struct dirent *e;

    do {
        errno = 0;
        e = readdir(w->dir);
        if (e == NULL) {
            *rc = errno != 0 ? MW_ERR : MW_OK;
            return NULL;
        }
    } while (mw_str_eq(mw_str_of(e->d_name), MW_STR(".")) || mw_str_eq(mw_str_of(e->d_name), MW_STR("..")));
    return e->d_name;
}

static mw_rc copy_link(int from_dir, int to_dir, const char *name)
{
    char    text[MW_PATH_MAX];
    ssize_t n = readlinkat(from_dir, name, text, sizeof text - 1);

    if (n < 0)
        return MW_ERR;
    text[n] = '\0';
    return symlinkat(text, to_dir, name) == 0 ? MW_OK : MW_ERR;
}

static mw_rc copy_folder(int from_dir, const char *from, int to_dir, const char *to, unsigned depth, bool only_itself);

static mw_rc copy_one(int from_dir, int to_dir, const char *name, unsigned depth)
{
    struct stat st;

    if (fstatat(from_dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return MW_ERR;
    if (S_ISDIR(st.st_mode))
        return copy_folder(from_dir, name, to_dir, name, depth + 1, false);
    if (S_ISLNK(st.st_mode))
        return copy_link(from_dir, to_dir, name);
    if (S_ISREG(st.st_mode))
        return copy_file(from_dir, name, to_dir, name, O_NOFOLLOW, 0);
    return MW_OK;                       /* sockets, pipes and devices are nobody's documents */
}

static mw_rc copy_folder(int from_dir, const char *from, int to_dir, const char *to, unsigned depth, bool only_itself)
{
    walk        source;
    struct stat st;
    const char *name;
    mw_rc       rc = MW_OK;
    int         fd;

    if (walk_begin(&source, from_dir, from, depth) != MW_OK)
        return MW_ERR;
    if (fstat(source.fd, &st) != 0 || mkdirat(to_dir, to, 0700) != 0)
        return walk_end(&source, MW_ERR);
    fd = openat(to_dir, to, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return walk_end(&source, MW_ERR);
    while (rc == MW_OK && !only_itself && (name = walk_next(&source, &rc)) != NULL)
        rc = copy_one(source.fd, fd, name, depth);
    if (rc == MW_OK)
        rc = fchmod(fd, st.st_mode & 07777) == 0 ? MW_OK : MW_ERR;
    rc = walk_end(&source, rc);
    (void)close(fd);
    return rc;
}

static mw_rc remove_folder(int at, const char *name, unsigned depth);

static mw_rc remove_one(int at, const char *name, unsigned depth)
{
    if (unlinkat(at, name, 0) == 0)
        return MW_OK;
    return errno == EISDIR || errno == EPERM ? remove_folder(at, name, depth + 1) : MW_ERR;
}

static mw_rc remove_folder(int at, const char *name, unsigned depth)
{
    walk        w;
    const char *inside;
    mw_rc       rc = MW_OK;

    if (walk_begin(&w, at, name, depth) != MW_OK)
        return MW_ERR;
    while (rc == MW_OK && (inside = walk_next(&w, &rc)) != NULL)
        rc = remove_one(w.fd, inside, depth);
    if (walk_end(&w, rc) != MW_OK)
        return MW_ERR;
    return unlinkat(at, name, AT_REMOVEDIR) == 0 ? MW_OK : MW_ERR;
}

mw_rc mw_tree_copy(mw_arena *a, mw_str from, mw_str to, bool only_itself)
{
    return copy_folder(AT_FDCWD, mw_arena_z(a, from), AT_FDCWD, mw_arena_z(a, to), 0, only_itself);
}

mw_rc mw_tree_remove(mw_arena *a, mw_str path)
{
    return remove_one(AT_FDCWD, mw_arena_z(a, path), 0);
}
