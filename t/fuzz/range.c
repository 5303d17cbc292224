/* range.c - fuzz target of the Range field: four bytes are the size of the body, the rest is what the client asks for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/range.c"

#include "core/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_RANGES = 100 };

static bool sane(const mw_array *parts, uint64_t size)
{
    for (size_t i = 0; i < parts->n; i++) {
        const part *p = &MW_ITEM(parts, part, i);

        if (p->from >= p->upto || p->upto > size) return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const mw_http_conf core = { .max_ranges = MOST_RANGES };
    static const mw_place     place = { .core = &core };
    mw_arena                 *a = mw_arena_new(1024);
    mw_request                r = { .arena = a, .place = &place };
    mw_array                  parts = { 0 };
    uint32_t                  length;
    mw_rc                     rc;

    if (size >= sizeof length) {
        memcpy(&length, data, sizeof length);
        rc = read_parts(&r, mw_str_drop((mw_str){ (const char *)data, size }, sizeof length), length, &parts);
        MW_MUST(rc != MW_AGAIN && parts.n <= MOST_RANGES && sane(&parts, length));
        MW_MUST(rc != MW_OK || parts.n > 0);
    }
    mw_arena_free(a);
    return 0;
}
