/* chunk.c - fuzz target of chunked framing: the same data and the same verdict, in one piece or in many.
 * The first byte tells whether it is strict, and how big the pieces are.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/arena.h"
#include "core/must.h"
#include "http/h1/parse.h"

enum { ROOM = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static mw_rc decode(mw_str text, size_t piece, bool strict, mw_out *o, mw_arena *a, mw_fields *trailers)
{
    mw_chunked c = { .strict = strict };
    mw_rc      rc = MW_AGAIN;

    while (text.len > 0 && rc == MW_AGAIN) {
        mw_str in = mw_str_take(text, piece), got, before = in;

        text = mw_str_drop(text, in.len);
        while ((rc = mw_chunked_next(&c, &in, &got, a, trailers)) == MW_OK) {
            MW_MUST(got.len > 0 && in.len < before.len);
            before = in;
            mw_out_str(o, got);
        }
        MW_MUST(rc != MW_AGAIN || in.len == 0);
    }
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char one[ROOM], many[ROOM];
    mw_out      first = mw_out_on(one, ROOM), second = mw_out_on(many, ROOM);
    mw_fields   trailers = { .n = 0 };
    mw_arena   *a;
    mw_str      text;
    bool        strict;
    mw_rc       whole;

    if (size < 2 || size > ROOM)
        return 0;
    a = mw_arena_new(4096);
    strict = (data[0] & 1) != 0;
    text = (mw_str){ (const char *)&data[1], size - 1 };
    whole = decode(text, text.len, strict, &first, a, NULL);
    MW_MUST(decode(text, 1 + (data[0] >> 1), strict, &second, a, NULL) == whole);
    MW_MUST(mw_str_eq(mw_out_done(&first), mw_out_done(&second)));
    (void)decode(text, text.len, strict, &second, a, &trailers);
    mw_arena_free(a);
    return 0;
}
