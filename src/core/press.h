/* press.h - compression: one streaming face for gzip, deflate, brotli and zstd.  State is pooled per process.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_PRESS_H
#define MW_CORE_PRESS_H

#include "core/out.h"
#include "core/rc.h"

typedef enum mw_press_kind { MW_GZIP, MW_DEFLATE, MW_BROTLI, MW_ZSTD } mw_press_kind;
typedef enum mw_press_flush { MW_PRESS_MORE, MW_PRESS_FLUSH, MW_PRESS_FINISH } mw_press_flush;
typedef struct mw_press mw_press;

/* Settings beyond a kind's limits are clamped, 0 is its default window or memory.  NULL: no memory. */
mw_press *mw_press_open(mw_press_kind kind, int level, int window_bits, int memory_level);
/* Eats from *in (which shrinks) and writes to o.  OK: in is empty, and what was asked to be flushed is flushed;
 * AGAIN: o is full, call again; END: finished; ERR: broken. */
mw_rc     mw_press_run(mw_press *p, mw_str *in, mw_out *o, mw_press_flush flush);
uint64_t  mw_press_in(const mw_press *p);       /* bytes eaten so far */
uint64_t  mw_press_out(const mw_press *p);      /* bytes written so far */
void      mw_press_close(mw_press *p);          /* back to the pool; NULL is fine */

typedef struct mw_unpress mw_unpress;           /* gzip only */
mw_unpress *mw_unpress_open(void);
/* OK: needs more input; AGAIN: o is full; END: of a member, with nothing or no further one in *in; ERR. */
mw_rc       mw_unpress_run(mw_unpress *u, mw_str *in, mw_out *o);
void        mw_unpress_close(mw_unpress *u);

#endif
