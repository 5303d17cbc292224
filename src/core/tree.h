/* tree.h - whole files and folders, copied and removed.  All of it blocks, follows no links below its start, and leaves
 * errno where it fails.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_TREE_H
#define MW_CORE_TREE_H

#include "core/file.h"

enum { MW_TREE_DEEPEST = 128 };         /* levels of folders; what is deeper is ELOOP */

/* What fd has from its place up to its end, to the place of to_fd. */
mw_rc mw_file_append(int to_fd, int fd);
/* A name beside path, on the same file system, that nobody has: "/a/.b.5f0c12". */
mw_str mw_path_beside(mw_arena *a, mw_str path);
/* A copy under a name that is not there yet, with the times of the original, and its mode where that is 0.  What was
 * begun is removed if it fails. */
mw_rc mw_file_copy(mw_arena *a, mw_str from, mw_str to, unsigned mode);
/* A folder with all that is in it (links as links); or only itself. */
mw_rc mw_tree_copy(mw_arena *a, mw_str from, mw_str to, bool only_itself);
mw_rc mw_tree_remove(mw_arena *a, mw_str path);         /* a file, a link, or a folder with all that is in it */

#endif
