/* content_range.c - fuzz target of the Content-Range of slices: what is read lies within the whole.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/slice.c"

#include "core/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t from, upto, whole;

    if (read_content_range((mw_str){ (const char *)data, size }, &from, &upto, &whole))
        MW_MUST(from < upto && upto <= whole && whole <= INT64_MAX);
    return 0;
}
