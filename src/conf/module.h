/* module.h - one feature, as one constant.  main/modules.c lists them all, in the order on the way.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CONF_MODULE_H
#define MW_CONF_MODULE_H

#include "conf/directive.h"

struct mw_http_part;            /* http/part.h: where the module stands on a request's way   */
struct mw_stream_part;          /* stream/part.h: the same for a stream session              */
struct mw_worker;
struct mw_level;

typedef struct mw_module {
    const char                  *name;
    const mw_directive          *directives;                    /* ends with an empty row; NULL: none */
    /* one zeroed struct per block that writes a row of it */
    size_t                       conf_size;
    mw_rc                      (*ready)(mw_bind *b, const struct mw_level *level, void *conf);
                                                                /* after inheritance, once per struct: check, compile */
    /* once, when the whole tree is bound, in the list's order */
    mw_rc                      (*finish)(mw_bind *b);
    mw_rc                      (*start)(struct mw_worker *w);   /* in each worker, before its first turn */
    void                       (*stop)(struct mw_worker *w);
    const struct mw_http_part   *http;
    const struct mw_stream_part *stream;
} mw_module;

#endif
