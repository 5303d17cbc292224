/* sni.c - fuzz target of the name in a hello: a part of the extension, without NUL, or nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/sni.c"

#include "core/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mw_str all = { (const char *)data, size }, name = name_in(all);

    MW_MUST(name.len == 0 || (name.len + 5 <= size && name.len <= 255 && name.at == &all.at[5]));
    MW_MUST(mw_str_index(name, '\0') == name.len);
    return 0;
}
