/* filepart.c - a piece of an open file, read into a block.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/filepart.h"

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

enum { ALIGNED = 4096 };                /* what any device and file system accepts for O_DIRECT */

static ssize_t read_at(int fd, char *to, size_t room, uint64_t from)
{
    ssize_t n;

    do
        n = pread(fd, to, room, (off_t)from);
    while (n < 0 && errno == EINTR);
    return n;
}

mw_block *mw_filepart_read(const mw_file *f, uint64_t from, uint64_t upto, mw_str *got)
{
    uint64_t  size = upto - from, skip = 0;
    mw_block *b = mw_block_new(f->direct || size > MW_FILEPART_MOST ? MW_FILEPART_MOST : (uint32_t)size);
    size_t    at = 0, room = b->size;
    ssize_t   n;

    if (f->direct) {                    /* memory, place and length in whole pages */
        at = (ALIGNED - (uintptr_t)b->data % ALIGNED) % ALIGNED;
        room = (b->size - at) / ALIGNED * ALIGNED;
        skip = from % ALIGNED;
    }
    n = read_at(f->fd, &b->data[at], room, from - skip);
    if (n < 0 || (uint64_t)n <= skip) {
        int err = n < 0 ? errno : ENODATA;

        mw_block_done(b);
        errno = err;
        return NULL;
    }
    if (mw_file_changed(f)) {           /* what was read may be of another time than what went before */
        mw_block_done(b);
        errno = ESTALE;
        return NULL;
    }
    *got = (mw_str){ &b->data[at + skip], (size_t)n - skip };
    if (got->len > size)
        got->len = (size_t)size;
    return b;
}
