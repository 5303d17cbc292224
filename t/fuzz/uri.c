/* uri.c - fuzz target of request targets, hosts and escapes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/codec.h"
#include "core/must.h"
#include "http/uri.h"

enum { ROOM = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A path that was made normal has no dots to go up by, fits its room, and escaped and read again is the
 * same. */
static void normalise(mw_str path, bool merge)
{
    char   room[ROOM], escaped[3 * ROOM], again[3 * ROOM];
    mw_out o = mw_out_on(room, path.len), e = mw_out_on(escaped, sizeof escaped);
    mw_out a = mw_out_on(again, sizeof again);

    if (mw_uri_normalise(path, merge, &o) != MW_OK)
        return;
    MW_MUST(!mw_uri_unsafe(mw_out_done(&o)) && o.len <= path.len);
    mw_uri_escape(&e, mw_out_done(&o), MW_ESCAPE_URI);
    MW_MUST(!e.cut && e.len == mw_uri_escaped_size(mw_out_done(&o), MW_ESCAPE_URI));
    MW_MUST(mw_uri_normalise(mw_out_done(&e), merge, &a) == MW_OK);
    MW_MUST(mw_str_eq(mw_out_done(&o), mw_out_done(&a)));
}

static void escapes(mw_str text)
{
    char   room[6 * ROOM], back[6 * ROOM];

    for (int how = MW_ESCAPE_URI; how <= MW_ESCAPE_MAIL_AUTH; how++) {
        mw_out o = mw_out_on(room, sizeof room), b = mw_out_on(back, sizeof back);

        mw_uri_escape(&o, text, (mw_escape)how);
        MW_MUST(!o.cut && o.len == mw_uri_escaped_size(text, (mw_escape)how));
        mw_unpercent(&b, mw_out_done(&o));
        if (how != MW_ESCAPE_HTML && how != MW_ESCAPE_REFRESH)
            MW_MUST(mw_str_eq(mw_out_done(&b), text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mw_str    text = { (const char *)data, size }, port, value;
    char      room[ROOM];
    mw_out    host = mw_out_on(room, sizeof room);
    mw_target t;

    if (size > ROOM)
        return 0;
    escapes(text);
    (void)mw_uri_extension(text);
    (void)mw_arg_find(text, MW_STR("a"), &value);
    if (mw_host_valid(text, &host, &port))
        MW_MUST(host.len > 0 && port.len < size && mw_str_index(mw_out_done(&host), '/') == host.len);
    if (!mw_target_parse(text, &t))
        return 0;
    MW_MUST(t.authority || t.path.len > 0);
    if (mw_str_char(t.path, 0) == '/') {
        normalise(t.path, true);
        normalise(t.path, false);
    }
    if (!t.complex && !t.star && !t.authority) {
        mw_out plain = mw_out_on(room, sizeof room);

        MW_MUST(mw_uri_normalise(t.path, true, &plain) == MW_OK && mw_str_eq(mw_out_done(&plain), t.path));
    }
    return 0;
}
