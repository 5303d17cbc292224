/* media.h - sets of media types: which answers a filter looks at (gzip_types, charset_types, ssi_types ...).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_MEDIA_H
#define MW_HTTP_MEDIA_H

#include "conf/bind.h"
#include "core/map.h"

typedef struct mw_media {       /* zeroed: text/html and nothing else, which every set has */
    mw_map *named;
    bool    all;                /* "*" */
} mw_media;

mw_setter mw_set_media;         /* mw_media: all arguments; a repeated row appends */
bool      mw_media_has(const mw_media *m, mw_str type);     /* type: with or without parameters; empty: false */

#endif
