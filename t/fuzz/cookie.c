/* cookie.c - fuzz target of cookies and arguments: a value found lies inside what was searched.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/vars.c"

#include "core/must.h"
#include "http/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(mw_str part, mw_str whole)
{
    return part.len == 0 || ((uintptr_t)part.at >= (uintptr_t)whole.at
                             && (uintptr_t)part.at + part.len <= (uintptr_t)whole.at + whole.len);
}

/* The first line is the name, the rest is where it is looked for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mw_str name, text, value;

    (void)mw_str_cut((mw_str){ (const char *)data, size }, '\n', &name, &text);
    if (cookie_in(text, name, &value))
        MW_MUST(inside(value, text));
    if (mw_arg_find(text, name, &value))
        MW_MUST(inside(value, text) && mw_str_index(value, '&') == value.len);
    return 0;
}
