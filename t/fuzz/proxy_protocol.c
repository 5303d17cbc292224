/* proxy_protocol.c - fuzz target of the PROXY protocol's reader: it must not leave its slice, and must keep its word.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/must.h"
#include "event/proxy_protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(mw_str part, mw_str whole)
{
    return part.len == 0 || ((uintptr_t)part.at >= (uintptr_t)whole.at
                             && (uintptr_t)part.at + part.len <= (uintptr_t)whole.at + whole.len);
}

/* What is written of it is read again as the same. */
static void and_back(const mw_proxied *p)
{
    char        room[128];
    mw_out      o = mw_out_on(room, sizeof room);
    const char *why;
    mw_proxied  again;
    size_t      used;

    mw_proxied_write(&o, &p->from, &p->to);
    MW_MUST(!o.cut && mw_proxied_read(mw_out_done(&o), &again, &used, &why) == MW_OK && used == o.len);
    if (p->from.family == p->to.family)
        MW_MUST(mw_addr_eq(&p->from, &again.from) && mw_addr_eq(&p->to, &again.to));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mw_str      bytes = { (const char *)data, size }, value;
    const char *why = NULL;
    mw_proxied  p;
    size_t      used;
    mw_rc       rc = mw_proxied_read(bytes, &p, &used, &why);

    MW_MUST(rc != MW_END && (rc != MW_ERR || why != NULL));
    if (rc != MW_OK)
        return 0;
    MW_MUST(used > 0 && used <= size && inside(p.tlvs, mw_str_take(bytes, used)));
    for (unsigned type = 0; type < 256; type++) {
        if (mw_proxied_tlv(p.tlvs, type, &value))
            MW_MUST(inside(value, p.tlvs));
        if (mw_proxied_ssl_tlv(p.tlvs, type, &value))
            MW_MUST(inside(value, p.tlvs));
    }
    and_back(&p);
    return 0;
}
