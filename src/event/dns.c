/* dns.c - messages of the DNS, written and read.
 *
 * Nothing in a reply is believed: names end within 255 bytes and 32 jumps, each jump leads further to the
 * front; counts are bounded by the bytes that are there.  Aliases are followed within the reply, whatever
 * the order of its records.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/dns.h"

#include "core/scan.h"

enum { HEAD = 12, LABEL_MOST = 63, JUMPS = 32, IN_CLASS = 1, RECORDS = 1024 };
enum { IS_REPLY = 0x8000, IS_TRUNCATED = 0x0200, WANTS_RECURSION = 0x0100, CODE = 0x000f, OPCODE = 0x7800 };

typedef struct record {
    mw_dns_name owner;
    unsigned    type, class, size;
    uint32_t    ttl;
    size_t      data;           /* where they begin */
} record;

static unsigned u8(mw_str p, size_t at) { return (unsigned char)mw_str_char(p, at); }
static unsigned u16(mw_str p, size_t at) { return u8(p, at) << 8 | u8(p, at + 1); }
static uint32_t u32(mw_str p, size_t at) { return (uint32_t)u16(p, at) << 16 | u16(p, at + 2); }

static void put16(mw_out *o, unsigned n)
{
    mw_out_char(o, (char)(n >> 8 & 0xff));
    mw_out_char(o, (char)(n & 0xff));
}

/* A label with a dot or a NUL in it would read as something else. */
static bool add_label(mw_out *o, mw_str label)
{
    if (o->len > 0)
        mw_out_char(o, '.');
    mw_out_lower(o, label);
    return !o->cut && mw_str_index(label, '.') == label.len && mw_str_index(label, '\0') == label.len;
}

/* RFC 1035 4.1.4.  *at moves behind the name; false: broken. */
static bool read_name(mw_str p, size_t *at, mw_dns_name *name)
{
    mw_out   o      = mw_out_on(name->text, sizeof name->text);
    size_t   here   = *at, front = here;
    unsigned jumps  = 0;
    bool     jumped = false;

    for (;;) {
        unsigned c = u8(p, here);

        if (here >= p.len)
            return false;
        if (c == 0)
            break;
        if (c >= 0xc0) {
            size_t to = u16(p, here) & 0x3fff;

            if (here + 2 > p.len || to >= front || ++jumps > JUMPS)
                return false;
            if (!jumped)
                *at = here + 2;
            jumped = true;
            here = front = to;
            continue;
        }
        if (c > LABEL_MOST || here + 1 + c > p.len || !add_label(&o, mw_str_part(p, here + 1, here + 1 + c)))
            return false;
        here += 1 + c;
    }
    if (!jumped)
        *at = here + 1;
    name->len = (uint8_t)o.len;
    return true;
}

static bool read_record(mw_str p, size_t *at, record *r)
{
    if (!read_name(p, at, &r->owner) || *at + 10 > p.len)
        return false;
    r->type = u16(p, *at);
    r->class = u16(p, *at + 2);
    r->ttl = u32(p, *at + 4);
    if (r->ttl > INT32_MAX)                 /* RFC 2181 8: the highest bit set is zero */
        r->ttl = 0;
    r->size = u16(p, *at + 8);
    r->data = *at + 10;
    *at = r->data + r->size;
    return *at <= p.len;
}

static bool is_well_sized(mw_str p, const record *r)
{
    mw_dns_name host;
    size_t      at = r->data + 6;

    switch (r->type) {
    case MW_DNS_A:    return r->size == 4;
    case MW_DNS_AAAA: return r->size == 16;
    case MW_DNS_SRV:  return r->size > 6 && read_name(p, &at, &host) && at == r->data + r->size;
    default:          return false;         /* nobody asks for it */
    }
}

static void lower_ttl(mw_dns_reply *r, const record *rec)
{
    if (rec->ttl < r->ttl)
        r->ttl = rec->ttl;
}

/* Looks through the answers once: a CNAME of the alias leads on, and they are looked through again.
 * OK: no CNAME was found; AGAIN: one was; ERR: broken. */
static mw_rc read_answers(mw_str p, size_t at, unsigned n, mw_dns_reply *r)
{
    record rec;

    r->n = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!read_record(p, &at, &rec))
            return MW_ERR;
        if (rec.class != IN_CLASS || !mw_dns_same_name(&rec.owner, &r->alias))
            continue;
        if (rec.type == r->type) {
            if (!is_well_sized(p, &rec))
                return MW_ERR;
            if (r->n < MW_DNS_ROWS)
                r->rows[r->n++] = (uint16_t)rec.data;
        } else if (rec.type == MW_DNS_CNAME) {
            size_t data = rec.data;

            if (++r->links > MW_DNS_LINKS || !read_name(p, &data, &r->alias) || data != rec.data + rec.size)
                return MW_ERR;
            lower_ttl(r, &rec);
            return MW_AGAIN;
        }
        if (rec.type == r->type)
            lower_ttl(r, &rec);
    }
    return MW_OK;
}

bool mw_dns_name_of(mw_dns_name *to, mw_str text)
{
    mw_out o = mw_out_on(to->text, sizeof to->text);
    mw_str label;
    bool   more = true;

    if (mw_str_char(text, text.len - 1) == '.')
        text = mw_str_take(text, text.len - 1);
    while (more) {
        more = mw_str_cut(text, '.', &label, &text);
        if (label.len == 0 || label.len > LABEL_MOST || !add_label(&o, label))
            return false;
    }
    to->len = (uint8_t)o.len;
    return true;
}

bool mw_dns_ask(mw_out *o, uint16_t id, const mw_dns_name *name, unsigned type)
{
    mw_str rest = mw_dns_name_str(name), label;
    bool   more = true;

    put16(o, id);
    put16(o, WANTS_RECURSION);
    put16(o, 1);                            /* one question; no answers, authorities, additions */
    put16(o, 0);
    put16(o, 0);
    put16(o, 0);
    while (more) {
        more = mw_str_cut(rest, '.', &label, &rest);
        mw_out_char(o, (char)label.len);
        mw_out_str(o, label);
    }
    mw_out_char(o, '\0');
    put16(o, type);
    put16(o, IN_CLASS);
    return !o->cut;
}

bool mw_dns_read(mw_str p, mw_dns_reply *r)
{
    size_t   at    = HEAD;
    unsigned flags = u16(p, 2), questions = u16(p, 4), answers = u16(p, 6);
    mw_rc    rc    = MW_AGAIN;

    *r = (mw_dns_reply){ .id = (uint16_t)u16(p, 0), .code = (uint8_t)(flags & CODE), .ttl = UINT32_MAX };
    if (p.len < HEAD || p.len > UINT16_MAX || questions > 1)
        return false;
    if ((flags & IS_REPLY) == 0 || (flags & OPCODE) != 0)
        return false;
    r->truncated = (flags & IS_TRUNCATED) != 0;
    if (questions == 0)
        return r->code == MW_DNS_FORMAT_ERROR;
    if (!read_name(p, &at, &r->name) || at + 4 > p.len || u16(p, at + 2) != IN_CLASS)
        return false;
    r->has_question = true;
    r->type = (uint16_t)u16(p, at);
    r->alias = r->name;
    if (r->truncated || r->code != MW_DNS_FINE)
        return true;
    while (rc == MW_AGAIN)
        rc = read_answers(p, at + 4, answers < RECORDS ? answers : RECORDS, r);
    return rc == MW_OK;
}

void mw_dns_ip(mw_str packet, const mw_dns_reply *r, unsigned row, mw_addr *a)
{
    mw_str data = mw_str_part(packet, r->rows[row], r->rows[row] + (r->type == MW_DNS_A ? 4u : 16u));

    a->family = r->type == MW_DNS_A ? MW_IPV4 : MW_IPV6;
    memcpy(a->ip, data.at, data.len);
}

void mw_dns_service_of(mw_str packet, const mw_dns_reply *r, unsigned row, mw_dns_service *s)
{
    size_t at = r->rows[row];

    s->priority = (uint16_t)u16(packet, at);
    s->weight = (uint16_t)u16(packet, at + 2);
    s->port = (uint16_t)u16(packet, at + 4);
    at += 6;
    (void)read_name(packet, &at, &s->host);     /* it was read once already */
}
