/* slice.c - a large answer is asked for in slices of one size, and put together again.
 *
 * The first slice is the answer to the request itself, which asked for $slice_range; what it says of the whole is what
 * the client is told.  The others are asked one by one, when their bytes are wanted, so a range costs what lies in it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/scan.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/sub.h"
#include "http/vars.h"

typedef struct { mw_bytes size; } slice_conf;

typedef struct {                /* of the main request */
    bool              begun;    /* $slice_range was asked for */
    uint64_t          size, start;      /* of the slice at hand */
    uint64_t          whole;    /* bytes of all slices */
    mw_str            tag;      /* the ETag of the first one; empty: none */
    const mw_request *asked;    /* for the slice at hand; the main request, at first */
} slice_once;

typedef struct {
    mw_source   base;           /* below: the first slice */
    mw_request *r;
    slice_once *once;
    mw_sub     *sub;            /* the slice at hand; NULL: it is the first */
} slice_source;

/* Where a single range begins, rounded down; 0: all is wanted, or it cannot be told yet. */
static uint64_t wanted_start(const mw_request *r, uint64_t size)
{
    mw_scan  s = { mw_fields_value(&r->head, MW_T_RANGE) };
    uint64_t start;

    if (r->head.first[MW_T_IF_RANGE] != 0 || r->place->core->max_ranges == 0
        || mw_str_index(s.left, ',') < s.left.len || !mw_scan_istr(&s, MW_STR("bytes="))
        || !mw_scan_u64(&s, &start) || start > INT64_MAX)
        return 0;
    return start - start % size;
}

static bool get_range(mw_scope *scope, const mw_var *v, mw_str *text)
{
    mw_request       *r = mw_scope_request(scope);
    slice_once       *once = mw_request_once(r, &mw_slice_module);
    const slice_conf *c = mw_request_conf(r, &mw_slice_module);

    (void)v;
    if (!once->begun) {
        if (r->main != r || r->res.sent_head || c->size.bytes == 0)
            return false;
        once->begun = true;
        once->size = c->size.bytes;
        once->start = wanted_start(r, once->size);
        once->asked = r;
    }
    *text = mw_arena_fmt(scope->arena, "bytes=%llu-%llu", (unsigned long long)once->start,
                         (unsigned long long)(once->start + once->size - 1));
    return true;
}

/* "bytes 0-99/1000" (RFC 9110 14.4); upto: exclusive. */
static bool read_content_range(mw_str text, uint64_t *from, uint64_t *upto, uint64_t *whole)
{
    mw_scan s = { mw_str_trim(text) };

    if (!mw_scan_istr(&s, MW_STR("bytes ")) || !mw_scan_u64(&s, from) || !mw_scan_char(&s, '-')
        || !mw_scan_u64(&s, upto) || !mw_scan_char(&s, '/') || !mw_scan_u64(&s, whole) || !mw_scan_end(&s))
        return false;
    if (*from > *upto || *upto >= *whole || *whole > INT64_MAX)
        return false;
    ++*upto;
    return true;
}

/* Is it the slice that was asked for? */
static bool is_slice(mw_request *r, const slice_once *once, uint64_t *whole)
{
    uint64_t from, upto, end;

    if (!read_content_range(mw_fields_value(&r->res.head, MW_T_CONTENT_RANGE), &from, &upto, whole)) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "invalid range in slice response");
        return false;
    }
    end = once->start + once->size < *whole ? once->start + once->size : *whole;
    if (from != once->start || upto != end) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "unexpected range in slice response: %llu-%llu", (unsigned long long)from,
               (unsigned long long)upto);
        return false;
    }
    return true;
}

static void ask_next(slice_source *s)
{
    mw_sub_how how = { .own_method = true, .same_place = true };

    s->once->start += s->once->size;
    s->sub = MW_NEW(s->r->arena, mw_sub);
    (void)mw_sub_ask(&s->r->lasting, s->sub, s->r, s->r->uri, s->r->args, how);
    s->once->asked = s->sub->request;
}

static mw_rc slice_pull(mw_source *source, mw_chain *to, mw_want want, mw_bell *bell)
{
    slice_source *s = (slice_source *)source;
    uint64_t      had = to->bytes;

    for (;;) {
        mw_rc rc = s->sub != NULL ? mw_source_pull(mw_sub_body(s->sub), to, want, bell)
                 : s->base.below != NULL ? mw_source_pull(s->base.below, to, want, bell) : MW_END;

        if (rc != MW_END)
            return rc;
        if (s->once->start + s->once->size >= s->once->whole)
            return MW_END;
        ask_next(s);
        if (to->bytes > had)
            return MW_OK;
    }
}

static void slice_close(mw_source *source)
{
    slice_source *s = (slice_source *)source;

    if (s->sub != NULL)
        mw_sub_end(s->sub);
    s->once->begun = false;
}

static const mw_source_kind slice_kind = { .name = "slice", .pull = slice_pull, .close = slice_close };

static mw_rc first_slice(mw_request *r, slice_once *once)
{
    slice_source *s;

    if (r->res.status != 206) {                 /* whoever was asked knows no ranges: it is all, or an error */
        once->begun = false;
        return MW_OK;
    }
    if (!is_slice(r, once, &once->whole))
        return MW_ERR;
    once->tag = mw_fields_value(&r->res.head, MW_T_ETAG);
    r->res.status = 200;
    r->res.status_line = (mw_str){ "", 0 };
    r->res.length = (int64_t)once->whole;
    r->res.offset = once->start;
    r->res.ranges = r->res.one_range = true;
    mw_fields_drop(&r->res.head, MW_T_CONTENT_RANGE);
    if (r->res.body == NULL || r->res.head_only)
        return MW_OK;
    s = MW_NEW(r->arena, slice_source);
    s->base = (mw_source){ &slice_kind, r->res.body };
    s->r = r;
    s->once = once;
    r->res.body = &s->base;
    return MW_OK;
}

static mw_rc slice_head(mw_request *r, const void *conf, void *ctx)
{
    slice_once *once = mw_request_once(r, &mw_slice_module);
    uint64_t    whole;

    (void)conf;
    (void)ctx;
    if (!once->begun || once->asked != r)
        return MW_OK;
    if (r->main == r)
        return first_slice(r, once);
    if (r->res.status != 206) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "unexpected status code %d in slice response", r->res.status);
        return MW_ERR;
    }
    if (!mw_str_eq(once->tag, mw_fields_value(&r->res.head, MW_T_ETAG))) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "etag mismatch in slice response");
        return MW_ERR;
    }
    return is_slice(r, once, &whole) ? MW_OK : MW_ERR;
}

static bool slice_applies(const void *conf)
{
    const slice_conf *c = conf;
    return c->size.bytes > 0;
}

static const mw_directive slice_directives[] = {
    { "slice", IN_WEB, 1, 1, MW_FIELD(slice_conf, size), .otherwise = "0",
      .help = "asks for a large answer in slices of this size, by $slice_range" },
    { 0 }
};

static const mw_var slice_vars[] = {
    { "slice_range", .get = get_range, .fleeting = true }, { .name = NULL }
};

static const mw_http_part slice_http = {
    .once_size = sizeof(slice_once), .applies = slice_applies, .head = slice_head,
    .heads_on = MW_ON_MAIN | MW_ON_SLICE, .vars = slice_vars,
};

const mw_module mw_slice_module = {
    .name = "slice", .directives = slice_directives, .conf_size = sizeof(slice_conf), .http = &slice_http,
};
