/* dns.h - messages of the DNS, written and read: RFC 1035, 3596 (AAAA), 2782 (SRV).  Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_DNS_H
#define MW_EVENT_DNS_H

#include "core/addr.h"
#include "core/out.h"

enum { MW_DNS_A = 1, MW_DNS_CNAME = 5, MW_DNS_AAAA = 28, MW_DNS_SRV = 33 };     /* types */
enum {                          /* codes of replies */
    MW_DNS_FINE, MW_DNS_FORMAT_ERROR, MW_DNS_FAILURE, MW_DNS_NO_NAME, MW_DNS_UNIMPLEMENTED, MW_DNS_REFUSED
};
enum {
    MW_DNS_NAME_MOST = 255,     /* of a name as text; two more than the wire allows: nginx takes them */
    MW_DNS_ASK_MOST = 12 + MW_DNS_NAME_MOST + 2 + 4,
    MW_DNS_ROWS = 256,          /* of one reply; what is more is not looked at */
    MW_DNS_LINKS = 8            /* CNAMEs one after the other */
};

/* "example.com", lower case */
typedef struct mw_dns_name { uint8_t len; char text[MW_DNS_NAME_MOST]; } mw_dns_name;
static inline mw_str mw_dns_name_str(const mw_dns_name *n) { return (mw_str){ n->text, n->len }; }
static inline bool mw_dns_same_name(const mw_dns_name *a, const mw_dns_name *b)
{
    return mw_str_eq(mw_dns_name_str(a), mw_dns_name_str(b));
}

typedef struct mw_dns_reply {
    uint16_t    id, type;
    uint8_t     code;           /* MW_DNS_FINE, or what went wrong */
    bool        truncated;
    /* name and type were repeated; a server that did not understand them may leave them out */
    bool        has_question;
    mw_dns_name name;           /* what was asked for */
    mw_dns_name alias;          /* where its CNAMEs lead; the name itself when there are none */
    unsigned    links;          /* how many there were */
    uint32_t    ttl;            /* seconds, the least of all that was used; UINT32_MAX: nothing was */
    unsigned    n;
    uint16_t    rows[MW_DNS_ROWS];      /* where the data of the asked type begin that belong to the alias */
} mw_dns_reply;

typedef struct mw_dns_service { uint16_t priority, weight, port; mw_dns_name host; } mw_dns_service;

/* false: cannot be asked for: empty, a label of no or of more than 63 bytes */
bool mw_dns_name_of(mw_dns_name *to, mw_str text);
bool mw_dns_ask(mw_out *o, uint16_t id, const mw_dns_name *name, unsigned type);    /* false: cut */
/* false: not a well-formed reply to a question for one of these types */
bool mw_dns_read(mw_str packet, mw_dns_reply *r);
/* Data of a row of a reply that mw_dns_read took; port stays. */
void mw_dns_ip(mw_str packet, const mw_dns_reply *r, unsigned row, mw_addr *a);             /* A, AAAA */
void mw_dns_service_of(mw_str packet, const mw_dns_reply *r, unsigned row, mw_dns_service *s);     /* SRV */

#endif
