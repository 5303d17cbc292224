/* range.c - parts of a body: 206, one part or several as multipart/byteranges, and 416 (RFC 9110 14).
 *
 * A filter that drops what lies between the parts: bytes in memory and parts of files are skipped at no cost.  Where
 * they do not come in the order of the body, a small body is gathered first, and they are views of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/clock.h"
#include "core/random.h"
#include "core/scan.h"
#include "http/core.h"
#include "http/mod/modules.h"

enum { PULL = 65536, MOST_GATHERED = 1048576 };

/* upto: exclusive; before: the head of a multipart part */
typedef struct { uint64_t from, upto; mw_str before; } part;
typedef struct {
    mw_source base;
    part     *parts;
    unsigned  n, i;
    uint64_t  at;               /* how far the source below was pulled; of who gathers: the length of the body */
    mw_chain  held;             /* pulled, not yet cut */
    mw_str    closing;          /* of multipart */
    bool      begun;            /* the head of the part at hand is written */
    bool      gathers;          /* all of the body is held before its parts are taken */
} range_source;

static void put_after(mw_chain *to, range_source *s)
{
    if (s->closing.len > 0)
        mw_chain_add_lent(to, s->closing);
}

/* Moves what is wanted from `held` to `to`; true: all parts are done. */
static bool cut(range_source *s, mw_chain *to)
{
    while (s->i < s->n) {
        const part *p = &s->parts[s->i];
        uint64_t    end = s->at + s->held.bytes, take;

        if (s->at < p->from) {
            uint64_t skip = p->from < end ? p->from - s->at : s->held.bytes;

            mw_chain_drop(&s->held, skip);
            s->at += skip;
            if (s->at < p->from)
                return false;
        }
        if (!s->begun && p->before.len > 0)
            mw_chain_add_lent(to, p->before);
        s->begun = true;
        take = p->upto < end ? p->upto - s->at : s->held.bytes;
        mw_chain_move_some(to, &s->held, take);
        s->at += take;
        if (s->at < p->upto)
            return false;
        s->i++;
        s->begun = false;
    }
    put_after(to, s);
    return true;
}

static mw_rc cutting_pull(range_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    for (;;) {
        mw_rc    rc;
        uint64_t had = to->bytes;

        if (want.bytes < PULL)
            want.bytes = PULL;
        rc = mw_source_pull(s->base.below, &s->held, want, bell);
        if (rc == MW_AGAIN || rc == MW_ERR)
            return rc;
        if (cut(s, to))
            return MW_END;
        if (rc == MW_END)
            return MW_ERR;                      /* shorter than was said */
        if (to->bytes > had)
            return MW_OK;
    }
}

/* The parts in any order. */
static mw_rc gathered_pull(range_source *s, mw_chain *to, mw_want want, mw_bell *bell)
{
    mw_rc rc;

    want.bytes = MOST_GATHERED;
    do {
        rc = mw_source_pull(s->base.below, &s->held, want, bell);
    } while (rc == MW_OK && s->held.bytes <= MOST_GATHERED);
    if (rc == MW_AGAIN)
        return MW_AGAIN;
    if (rc != MW_END || s->held.bytes != s->at)
        return MW_ERR;                          /* another length than was said */
    for (s->i = 0; s->i < s->n; s->i++) {
        const part *p = &s->parts[s->i];

        if (p->before.len > 0)
            mw_chain_add_lent(to, p->before);
        mw_chain_share(to, &s->held, p->from, p->upto - p->from);
    }
    put_after(to, s);
    return MW_END;
}

static mw_rc range_pull(mw_source *source, mw_chain *to, mw_want want, mw_bell *bell)
{
    range_source *s = (range_source *)source;

    return s->gathers ? gathered_pull(s, to, want, bell) : cutting_pull(s, to, want, bell);
}

static void range_close(mw_source *source) { mw_chain_clear(&((range_source *)source)->held); }

static const mw_source_kind range_kind = { .name = "range", .pull = range_pull, .close = range_close };

/* One of "a-b", "a-", "-n"; MW_OK, MW_END: it lies behind the body, MW_ERR: not a range. */
static mw_rc read_part(mw_scan *s, uint64_t size, part *p)
{
    static const mw_set blanks = { { UINT64_C(1) << ' ' | UINT64_C(1) << '\t', 0, 0, 0 } };
    bool                suffix;

    (void)mw_scan_while(s, &blanks);
    suffix = mw_scan_char(s, '-');
    if (suffix) {
        uint64_t last;

        if (!mw_scan_u64(s, &last))
            return MW_ERR;
        p->from = last < size ? size - last : 0;
        p->upto = size;
    } else {
        if (!mw_scan_u64(s, &p->from))
            return MW_ERR;
        (void)mw_scan_while(s, &blanks);
        if (!mw_scan_char(s, '-'))
            return MW_ERR;
        (void)mw_scan_while(s, &blanks);
        p->upto = size;
        if (mw_is_digit(mw_scan_peek(s))) {
            uint64_t last;

            if (!mw_scan_u64(s, &last) || last < p->from)
                return MW_ERR;
            if (last < size)
                p->upto = last + 1;
        }
    }
    (void)mw_scan_while(s, &blanks);
    if (!mw_scan_end(s) && !mw_scan_char(s, ','))
        return MW_ERR;
    return p->from < p->upto ? MW_OK : MW_END;
}

/* OK: parts; END: none can be satisfied; ERR: to be ignored (not a list of byte ranges, or more than is allowed). */
static mw_rc read_parts(mw_request *r, mw_str text, uint64_t size, mw_array *parts)
{
    mw_scan  s = { text };
    uint64_t all = 0;
    uint32_t left = r->place->core->max_ranges;

    if (!mw_scan_istr(&s, MW_STR("bytes=")) || mw_scan_end(&s))
        return MW_ERR;                          /* RFC 9110 14.2: another unit, or no list */
    while (!mw_scan_end(&s)) {
        part  p = { 0, 0, { "", 0 } };
        mw_rc rc = read_part(&s, size, &p);

        if (rc == MW_ERR)
            return MW_END;
        if (rc == MW_END)
            continue;
        if (left-- == 0)
            return MW_ERR;
        all += p.upto - p.from;
        *MW_PUSH(r->arena, parts, part) = p;
    }
    if (parts->n == 0)
        return MW_END;
    return all > size && parts->n > 1 ? MW_ERR : MW_OK;         /* overlapping ones that ask for more than there is */
}

static mw_rc refuse(mw_request *r, uint64_t size)
{
    if (mw_refuse(r, 416) == MW_ABORT)
        return MW_ERR;
    mw_fields_add_token(r->arena, &r->res.head, MW_T_CONTENT_RANGE,
                        mw_arena_fmt(r->arena, "bytes */%llu", (unsigned long long)size));
    return MW_END;
}

static void one_part(mw_request *r, const part *p, uint64_t size)
{
    mw_fields_add_token(r->arena, &r->res.head, MW_T_CONTENT_RANGE,
                        mw_arena_fmt(r->arena, "bytes %llu-%llu/%llu", (unsigned long long)p->from,
                                     (unsigned long long)(p->upto - 1), (unsigned long long)size));
    r->res.length = (int64_t)(p->upto - p->from);
}

static void many_parts(mw_request *r, range_source *s, uint64_t size)
{
    static uint64_t boundary;                   /* rule 0: a name that no two answers share; nothing depends on it */
    mw_str          type = r->res.type;
    uint64_t        bytes = 0;

    if (boundary++ == 0)
        boundary = mw_random_below(UINT64_C(1) << 40);
    if (r->res.charset.len > 0) {
        mw_str joined[3] = { type, MW_STR("; charset="), r->res.charset };

        type = mw_arena_join(r->arena, joined, 3);
    }
    for (unsigned i = 0; i < s->n; i++) {
        part *p = &s->parts[i];

        p->before = mw_arena_fmt(r->arena, "\r\n--%020llu\r\n%s%.*s%sContent-Range: bytes %llu-%llu/%llu\r\n\r\n",
                                 (unsigned long long)boundary, type.len > 0 ? "Content-Type: " : "", MW_S(type),
                                 type.len > 0 ? "\r\n" : "", (unsigned long long)p->from,
                                 (unsigned long long)(p->upto - 1), (unsigned long long)size);
        bytes += p->before.len + (p->upto - p->from);
    }
    s->closing = mw_arena_fmt(r->arena, "\r\n--%020llu--\r\n", (unsigned long long)boundary);
    r->res.length = (int64_t)(bytes + s->closing.len);
    r->res.type = mw_arena_fmt(r->arena, "multipart/byteranges; boundary=%020llu", (unsigned long long)boundary);
    r->res.charset = (mw_str){ "", 0 };
}

/* If-Range: the body the client has a part of must still be the same (RFC 9110 13.1.5). */
static bool still_the_same(const mw_request *r)
{
    mw_str          text = mw_fields_value(&r->head, MW_T_IF_RANGE);
    const mw_field *tag = mw_fields_get(&r->res.head, MW_T_ETAG);
    mw_time         when;

    if (text.len == 0)
        return true;
    if (mw_str_ends(text, MW_STR("\"")))
        return tag != NULL && mw_str_eq(tag->value, text);
    return r->res.modified >= 0 && mw_http_date(text, &when) && when == r->res.modified;
}

/* Do the parts come in the order of the body? */
static bool ascending(const mw_array *parts)
{
    for (size_t i = 1; i < parts->n; i++)
        if (MW_ITEM(parts, part, i).from < MW_ITEM(parts, part, i - 1).upto) return false;
    return true;
}

static mw_rc range_head(mw_request *r, const void *conf, void *ctx)
{
    range_source *s;
    mw_array      parts = { 0 };
    uint64_t      size = (uint64_t)r->res.length;
    mw_rc         rc;

    (void)conf;
    (void)ctx;
    if (!r->res.ranges || r->res.status != 200 || r->res.length < 0 || r->version < MW_HTTP_10
        || r->place->core->max_ranges == 0)
        return MW_OK;
    if (r->head.first[MW_T_RANGE] == 0 || size == 0 || !still_the_same(r) || r->main != r) {
        mw_fields_set(r->arena, &r->res.head, MW_T_ACCEPT_RANGES, MW_STR("bytes"));
        return MW_OK;
    }
    rc = read_parts(r, mw_fields_value(&r->head, MW_T_RANGE), size, &parts);
    if (rc == MW_END)
        return refuse(r, size);
    if (rc == MW_ERR || (r->res.one_range && parts.n > 1) || (!ascending(&parts) && size > MOST_GATHERED)) {
        mw_fields_set(r->arena, &r->res.head, MW_T_ACCEPT_RANGES, MW_STR("bytes"));
        return MW_OK;
    }
    r->res.status = 206;
    r->res.status_line = (mw_str){ "", 0 };
    s = MW_NEW(r->arena, range_source);
    *s = (range_source){ .base = { &range_kind, r->res.body }, .parts = parts.items, .n = (unsigned)parts.n,
                         .gathers = !ascending(&parts) };
    s->at = s->gathers ? size : r->res.offset;
    mw_chain_init(&s->held);
    if (s->n == 1)
        one_part(r, &s->parts[0], size);
    else
        many_parts(r, s, size);
    if (r->res.trailing) {          /* the trailers' source stays on top: it waits for the end of this one */
        s->base.below = r->res.body->below;
        r->res.body->below = &s->base;
    } else if (r->res.body != NULL) {
        r->res.body = &s->base;
    }
    return MW_OK;
}

static const mw_http_part range_http = { .head = range_head };

const mw_module mw_range_module = { .name = "range", .http = &range_http };
