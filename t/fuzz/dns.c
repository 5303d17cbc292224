/* dns.c - fuzz target of DNS replies: the reader must not leave the packet, and what it took must be
 * readable and askable.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/must.h"
#include "event/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name that was read can be asked for, and the question, made a reply, is read as the same. */
static void and_back(const mw_dns_name *name, unsigned type)
{
    char         room[MW_DNS_ASK_MOST];
    mw_out       o = mw_out_on(room, sizeof room);
    mw_dns_reply again;
    mw_dns_name  same;

    if (name->len == 0)
        return;
    MW_MUST(mw_dns_name_of(&same, mw_dns_name_str(name)) && mw_dns_same_name(name, &same));
    MW_MUST(mw_dns_ask(&o, 7, name, type));
    room[2] |= (char)0x80;
    MW_MUST(mw_dns_read(mw_out_done(&o), &again) && again.id == 7 && again.type == type);
    MW_MUST(mw_dns_same_name(name, &again.name) && again.n == 0);
}

static void rows(mw_str packet, const mw_dns_reply *r)
{
    mw_dns_service s;
    mw_addr        a = { .family = MW_NOWHERE };

    MW_MUST(r->n <= MW_DNS_ROWS && (r->n == 0 || r->ttl <= INT32_MAX));
    for (unsigned i = 0; i < r->n; i++) {
        MW_MUST(r->rows[i] < packet.len);
        if (r->type == MW_DNS_A || r->type == MW_DNS_AAAA) {
            mw_dns_ip(packet, r, i, &a);
            MW_MUST(a.family == (r->type == MW_DNS_A ? MW_IPV4 : MW_IPV6));
        } else if (r->type == MW_DNS_SRV)
            mw_dns_service_of(packet, r, i, &s);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mw_str       packet = { (const char *)data, size };
    mw_dns_reply r;
    mw_dns_name  name;

    (void)mw_dns_name_of(&name, packet);
    if (!mw_dns_read(packet, &r))
        return 0;
    MW_MUST(r.links <= MW_DNS_LINKS);
    rows(packet, &r);
    if (r.has_question) {
        and_back(&r.name, r.type);
        and_back(&r.alias, r.type);
    }
    return 0;
}
