/* accept_encoding.c - fuzz target of qualities in Accept-Encoding: a number in its bounds, whatever is asked for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/coding.c"

#include "core/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool named(mw_str list, mw_str coding)
{
    for (size_t i = 0; i < list.len; i++)
        if (mw_str_istarts(mw_str_drop(list, i), coding)) return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const mw_str codings[] = { MW_STR_C("gzip"), MW_STR_C("*"), MW_STR_C("br") };
    mw_str              list = { (const char *)data, size };

    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++) {
        int quality = quality_of(list, codings[i]);

        MW_MUST(quality >= -1 && quality <= 1000);
        MW_MUST(quality < 0 || named(list, codings[i]));
    }
    return 0;
}
