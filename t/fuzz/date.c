/* date.c - fuzz target of dates (If-Modified-Since, If-Range): what is read is written, and read again as the same.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/clock.h"
#include "core/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char    room[64];
    mw_out  o = mw_out_on(room, sizeof room);
    mw_time t, again;

    if (!mw_http_date((mw_str){ (const char *)data, size }, &t))
        return 0;
    mw_out_http_date(&o, t);
    MW_MUST(!o.cut && mw_http_date(mw_out_done(&o), &again) && again == t);
    return 0;
}
