/* proxy_protocol.h - the PROXY protocol, versions 1 and 2, read and written (haproxy's proxy-protocol.txt).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_PROXY_PROTOCOL_H
#define MW_EVENT_PROXY_PROTOCOL_H

#include "core/addr.h"
#include "core/out.h"

typedef struct mw_proxied {
    mw_addr from, to;           /* family MW_NOWHERE: LOCAL or UNKNOWN */
    mw_str  tlvs;               /* of version 2, raw; borrows from what was read */
} mw_proxied;

/* Pure.  OK: *used bytes were the header; AGAIN: needs more; ERR: broken, *why tells as nginx says it. */
mw_rc mw_proxied_read(mw_str bytes, mw_proxied *p, size_t *used, const char **why);
void  mw_proxied_write(mw_out *o, const mw_addr *from, const mw_addr *to);     /* version 1 */
bool  mw_proxied_tlv(mw_str tlvs, unsigned type, mw_str *value);
bool  mw_proxied_ssl_tlv(mw_str tlvs, unsigned sub_type, mw_str *value);       /* inside PP2_TYPE_SSL */

#endif
