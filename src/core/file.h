/* file.h - files by name: open beneath a root, read whole, replace whole, temporary files.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_FILE_H
#define MW_CORE_FILE_H

#include <sys/stat.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/rc.h"

enum { MW_PATH_MAX = 4096 };

int   mw_open(mw_str path, int flags, unsigned mode);           /* close on exec; -1: errno; a NUL inside is ENOENT */
int   mw_stat(mw_str path, struct stat *st);                        /* 0, or -1 and errno */
mw_rc mw_write_all(int fd, mw_str bytes);                        /* of a blocking descriptor; MW_ERR: errno */
mw_rc mw_file_read_all(mw_arena *a, mw_str path, size_t most, mw_str *bytes);   /* MW_ERR: errno; EFBIG beyond most */
mw_rc mw_file_replace(mw_str path, mw_str bytes, unsigned mode);    /* beside it, fsync, rename; MW_ERR: errno */
/* With its parents; there already is fine, but for its owner; owner -1: ours, and no matter. */
mw_rc mw_dir_make(mw_str path, unsigned mode, uid_t owner);
int   mw_temp_open(mw_str dir);                                 /* an unnamed file in dir, read and write; -1: errno */
int   mw_temp_named(mw_arena *a, mw_str dir, uint64_t number, mw_str *path);    /* nginx's 10 digit names; -1: errno */
mw_str mw_path_join(mw_arena *a, mw_str dir, mw_str name);          /* name if absolute, else dir/name */

#endif
