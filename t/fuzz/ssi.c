/* ssi.c - fuzz target of commands of server side includes: the same in pieces as whole, and within their limits.
 * The first byte is the length of a piece.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/ssi_parse.c"

#include "core/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST = 20 };

static bool eat_all(mw_ssi_parse *p, mw_str text, size_t step)
{
    bool ended = false;

    while (!ended && text.len > 0) {
        size_t n = mw_ssi_eat(p, mw_str_take(text, step), &ended);

        MW_MUST(n > 0 && n <= step);
        text = mw_str_drop(text, n);
    }
    return ended;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mw_arena    *a = mw_arena_new(4096);
    mw_ssi_parse whole = { .arena = a, .longest = LONGEST }, parts = whole;
    mw_str       text = mw_str_drop((mw_str){ (const char *)data, size }, 1);
    size_t       step = size > 0 && data[0] > 0 ? data[0] : 1;

    MW_MUST(eat_all(&whole, text, text.len) == eat_all(&parts, text, step));
    MW_MUST((whole.why.at == NULL) == (parts.why.at == NULL) && mw_str_eq(whole.why, parts.why));
    MW_MUST(mw_str_eq(whole.command, parts.command) && whole.n == parts.n && whole.n <= MW_SSI_PARAMS);
    for (unsigned i = 0; i < whole.n; i++) {
        MW_MUST(mw_str_eq(whole.params[i].name, parts.params[i].name));
        MW_MUST(mw_str_eq(mw_out_done(&whole.params[i].value), mw_out_done(&parts.params[i].value)));
        MW_MUST(whole.params[i].value.len <= LONGEST);
    }
    mw_arena_free(a);
    return 0;
}
