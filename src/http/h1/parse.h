/* parse.h - HTTP/1 heads and chunks: pure functions on slices, strict by RFC 9112.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_H1_PARSE_H
#define MW_HTTP_H1_PARSE_H

#include "core/rc.h"
#include "http/head.h"

typedef struct mw_h1_line {
    mw_str     method, target;
    mw_version version;
    mw_str     whole;           /* without CR LF */
    bool       minor_above;     /* HTTP/1.2 and above: read as 1.1 */
} mw_h1_line;

typedef enum mw_h1_fault {
    MW_H1_FINE, MW_H1_BAD_METHOD, MW_H1_BAD_LINE, MW_H1_BAD_VERSION, MW_H1_BAD_FIELD, MW_H1_FOLDED,
    MW_H1_TOO_MANY, MW_H1_BAD_09_METHOD     /* HTTP/0.9 knows GET only */
} mw_h1_fault;

/* The request line at the start of bytes; empty lines before it are eaten.  OK: *used bytes; AGAIN: not
 * all there yet, *used bytes of empty lines may be dropped; ERR: *fault.  "GET /" alone is HTTP/0.9. */
mw_rc mw_h1_request_line(mw_str bytes, mw_h1_line *line, size_t *used, mw_h1_fault *fault);

typedef struct mw_h1_field {
    mw_str   name, value;
    bool     invalid;           /* a byte that names may not have; an underscore is told apart */
    bool     underscore;
    mw_token token;
} mw_h1_field;

/* One header field at the start of bytes.  OK: *name, *value, *used; END: the empty line, *used; AGAIN;
 * ERR: *fault, and *used tells where the next line begins; *name are its bytes before the one that broke
 * it, which is *value. */
mw_rc mw_h1_header(mw_str bytes, mw_h1_field *f, size_t *used, mw_h1_fault *fault);

typedef struct mw_h1_status {
    int        status;
    mw_str     phrase, line;    /* line: "404 Not Here", what is behind the version */
    mw_version version;
} mw_h1_status;
mw_rc mw_h1_status_line(mw_str bytes, mw_h1_status *s, size_t *used);       /* of a response; ERR: not HTTP */

/* Chunked framing (RFC 9112 7.1), strict: no bare LF or CR, bounded extensions and trailers. */
typedef struct mw_chunked {     /* zeroed at first */
    uint64_t left;              /* of the chunk at hand */
    uint32_t skipped;           /* bytes of extensions and trailers so far */
    uint8_t  state;
    bool     strict;            /* otherwise lines may end in LF alone */
    mw_out   trailer;           /* gathered, until the last line is there */
} mw_chunked;

/* Eats framing from *in and answers the next piece of data in *data (a slice of *in, maybe empty with
 * AGAIN).  OK: data; AGAIN: *in is used up; END: the last chunk and its trailers were read, *in is what
 * follows; ERR: broken framing. Trailer fields go to `trailers` (in the arena) when it is not NULL. */
mw_rc mw_chunked_next(mw_chunked *c, mw_str *in, mw_str *data, mw_arena *a, mw_fields *trailers);

uint64_t mw_chunked_coming(const mw_chunked *c);    /* what is still to come of the chunk at hand; 0 between two */

bool mw_h1_content_length(mw_str value, int64_t *length);   /* digits only, no list, no sign; or false */

#endif
