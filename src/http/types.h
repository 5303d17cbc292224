/* types.h - the forward names of the folder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_TYPES_H
#define MW_HTTP_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mw_request  mw_request;
typedef struct mw_wire     mw_wire;
typedef struct mw_place    mw_place;
typedef struct mw_server   mw_server;
typedef struct mw_site     mw_site;
typedef struct mw_visit    mw_visit;
typedef struct mw_body     mw_body;
typedef struct mw_fields   mw_fields;
typedef struct mw_location mw_location;
typedef struct mw_http_conf mw_http_conf;

typedef enum mw_method {        /* bits, so that limit_except and dav can hold sets; OTHER: any name we do not know */
    MW_GET = 1, MW_HEAD = 2, MW_POST = 4, MW_PUT = 8, MW_DELETE = 16, MW_MKCOL = 32, MW_COPY = 64, MW_MOVE = 128,
    MW_OPTIONS = 256, MW_PROPFIND = 512, MW_PROPPATCH = 1024, MW_LOCK = 2048, MW_UNLOCK = 4096, MW_PATCH = 8192,
    MW_TRACE = 16384, MW_CONNECT = 32768, MW_OTHER = 65536
} mw_method;

typedef enum mw_version { MW_HTTP_09 = 9, MW_HTTP_10 = 10, MW_HTTP_11 = 11, MW_HTTP_2 = 20 } mw_version;

#endif
