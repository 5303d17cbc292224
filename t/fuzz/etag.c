/* etag.c - fuzz target of If-Match and If-None-Match: up to the first line end is our tag, behind it the client's list.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/conditional.c"

#include "core/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mw_str tag, list, bare;
    bool   strong, weak;

    (void)mw_str_cut((mw_str){ (const char *)data, size }, '\n', &tag, &list);
    if (tag.len == 0)
        return 0;
    strong = tag_listed(list, tag, false);
    weak = tag_listed(list, tag, true);
    bare = mw_str_starts(tag, MW_STR("W/")) ? mw_str_drop(tag, 2) : tag;
    MW_MUST(!(strong || weak) || mw_str_eq(mw_str_trim(list), MW_STR("*")) || mw_str_find(list, bare) < list.len
            || bare.len == 0);
    MW_MUST(!mw_str_eq(list, MW_STR("*")) || (strong && weak));
    return 0;
}
