/* symlink.h - opening a file while looking at each symbolic link on the way: disable_symlinks.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_SYMLINK_H
#define MW_EVENT_SYMLINK_H

#include "event/filecache.h"

/* As open(2), close on exec; z: an absolute path that ends in NUL; its first `from` bytes are trusted,
 * when they end with a name.  -1: errno, ELOOP for a link that is not allowed, and *failed names the call
 * as nginx's log does. */
int mw_open_careful(const char *z, size_t from, mw_links links, int flags, const char **failed);

#endif
