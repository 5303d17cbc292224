/* http1.h - what an exchange that speaks HTTP/1 keeps.  Private to this folder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_PROXY_HTTP1_H
#define MW_HTTP_PROXY_HTTP1_H

#include "http/h1/parse.h"
#include "http/proxy/speak.h"

enum { MW_HTTP1_INFORMED = 64 };        /* 1xx heads before the answer, at most */

typedef enum mw_framing {       /* of a response's body */
    MW_FRAMED_NONE, MW_FRAMED_LENGTH, MW_FRAMED_CHUNKS, MW_FRAMED_EOF, MW_FRAMED_RAW
} mw_framing;

typedef struct mw_http1_state { /* of one attempt */
    bool       lined;           /* the status line is read */
    bool       closes, keeps, keep;
    mw_version version;
    mw_str     line;            /* "404 Not Here" */
    unsigned   informed;
    mw_framing framing;
    int64_t    length;          /* Content-Length; -1: none */
    uint64_t   left;
    mw_chunked chunked;
} mw_http1_state;

typedef struct mw_http1 {       /* mw_exchange.speaker; all but state is set by the asker */
    const mw_proxy_conf *conf;
    mw_str               method, target;
    mw_str               body;          /* of proxy_set_body */
    bool                 head_asked;    /* the method is HEAD */
    mw_http1_state       state;
} mw_http1;

#endif
