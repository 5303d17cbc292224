/* filepart.h - a piece of an open file, read into a block: where a file part must become memory.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_FILEPART_H
#define MW_EVENT_FILEPART_H

#include "core/buf.h"

enum { MW_FILEPART_MOST = 65536 };

/* The first bytes of from..upto-1: all of them, or as many as a block of MW_FILEPART_MOST holds (fewer of a
 * file that was opened with O_DIRECT).  The block has one count, the caller's; *got lies in it.  NULL: errno;
 * ENODATA: the file ends before from; ESTALE: it is another by now.  Waits for the disk, if it must. */
mw_block *mw_filepart_read(const mw_file *f, uint64_t from, uint64_t upto, mw_str *got);

#endif
