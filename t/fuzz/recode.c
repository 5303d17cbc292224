/* recode.c - fuzz target of character sets: a text gives the same in pieces as whole, from UTF-8 and between bytes.
 * The first byte is the length of a piece.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/recode.c"

#include "core/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 4096, WIDEST = 10 };              /* "&#1114111;" */

static mw_str run(mw_arena *a, const mw_recode *x, mw_str text, size_t step)
{
    mw_out      o = mw_arena_pen(a, text.len * WIDEST + MW_RECODE_ROOM);
    mw_recoding k = { 0 };

    while (text.len > 0)
        text = mw_str_drop(text, mw_recode_run(x, &k, mw_str_take(text, step), &o));
    mw_recode_end(x, &k, &o);
    MW_MUST(!o.cut);
    return mw_out_done(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mw_arena  *a = mw_arena_new(4096);
    mw_recode *tables[4];
    mw_str     text = mw_str_drop((mw_str){ (const char *)data, size < MOST ? size : MOST }, 1);

    mw_recode_utf8(a, &tables[0], &tables[1]);
    mw_recode_bytes(a, &tables[2], &tables[3]);
    MW_MUST(mw_recode_row(tables[0], tables[1], 0xc0, MW_STR("\xd1\x8e")));
    MW_MUST(mw_recode_row(tables[2], tables[3], 0xc0, MW_STR("\xfe")));
    for (size_t i = 0; size > 0 && i < 4; i++) {
        mw_str whole = run(a, tables[i], text, text.len);

        MW_MUST(mw_str_eq(whole, run(a, tables[i], text, data[0] == 0 ? 1 : data[0])));
        MW_MUST(!mw_recode_keeps_length(tables[i]) || whole.len == text.len);
    }
    mw_arena_free(a);
    return 0;
}
