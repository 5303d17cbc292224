/* h1.c - fuzz target of HTTP/1 heads: the request line and fields, or a status line and fields.  What is read
 * must lie in what was given, and must be the same when the bytes come one by one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/must.h"
#include "http/h1/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(mw_str part, mw_str whole)
{
    return part.len == 0 || ((uintptr_t)part.at >= (uintptr_t)whole.at
                             && (uintptr_t)part.at + part.len <= (uintptr_t)whole.at + whole.len);
}

/* Once a parser has said OK or ERR of some bytes, more bytes do not change its mind; before, it said
 * AGAIN. */
static void line_by_bytes(mw_str bytes, size_t used, mw_rc rc)
{
    for (size_t n = 0; n < bytes.len; n++) {
        mw_h1_line  line;
        mw_h1_fault fault;
        size_t      part;
        mw_rc       early = mw_h1_request_line(mw_str_take(bytes, n), &line, &part, &fault);

        MW_MUST(early == MW_AGAIN || (early == rc && (rc != MW_OK || part == used)));
    }
}

static void fields(mw_str bytes)
{
    mw_h1_field f;
    mw_h1_fault fault;
    size_t      used;
    mw_rc       rc;

    while ((rc = mw_h1_header(bytes, &f, &used, &fault)) == MW_OK) {
        MW_MUST(used > 0 && used <= bytes.len);
        MW_MUST(f.name.len > 0 && inside(f.name, bytes) && inside(f.value, bytes));
        MW_MUST(mw_str_index(f.name, ':') == f.name.len && mw_str_index(f.name, ' ') == f.name.len);
        MW_MUST(mw_str_index(f.value, '\n') == f.value.len && mw_str_index(f.value, '\0') == f.value.len);
        MW_MUST(mw_str_eq(mw_str_trim(f.value), f.value));
        bytes = mw_str_drop(bytes, used);
    }
    MW_MUST(used <= bytes.len && (rc != MW_ERR || (fault != MW_H1_FINE && f.value.len == 1)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mw_str       bytes = { (const char *)data, size };
    mw_h1_line   line;
    mw_h1_status status;
    mw_h1_fault  fault;
    size_t       used = 0;
    mw_rc        rc = mw_h1_request_line(bytes, &line, &used, &fault);

    MW_MUST(rc != MW_END && used <= size && (rc == MW_ERR) == (fault != MW_H1_FINE));
    MW_MUST(inside(line.method, bytes) && inside(line.target, bytes) && inside(line.whole, bytes));
    if (size < 512)
        line_by_bytes(bytes, used, rc);
    if (rc == MW_OK) {
        MW_MUST(line.method.len > 0 && line.target.len > 0);
        fields(mw_str_drop(bytes, used));
    }
    if (mw_h1_status_line(bytes, &status, &used) == MW_OK) {
        MW_MUST(status.status >= 100 && status.status <= 999 && inside(status.phrase, bytes) && used <= size);
        fields(mw_str_drop(bytes, used));
    }
    return 0;
}
