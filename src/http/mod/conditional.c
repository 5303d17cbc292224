/* conditional.c - If-Modified-Since, If-Unmodified-Since, If-Match, If-None-Match: 304 and 412 (RFC 9110 13).
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/clock.h"
#include "http/core.h"
#include "http/mod/modules.h"

/* Is tag in the list?  weak: W/"x" and "x" are the same (RFC 9110 8.8.3.2). */
static bool tag_listed(mw_str list, mw_str tag, bool weak)
{
    mw_str one;

    if (mw_str_eq(mw_str_trim(list), MW_STR("*")))
        return true;
    if (weak && mw_str_starts(tag, MW_STR("W/")))
        tag = mw_str_drop(tag, 2);
    while (list.len > 0) {
        list = mw_str_trim(list);
        if (mw_str_char(list, 0) == ',') {
            list = mw_str_drop(list, 1);
            continue;
        }
        if (weak && mw_str_starts(list, MW_STR("W/")))
            list = mw_str_drop(list, 2);
        if (mw_str_starts(list, tag)) {
            mw_str rest = mw_str_trim(mw_str_drop(list, tag.len));

            if (rest.len == 0 || mw_str_char(rest, 0) == ',')
                return true;
        }
        (void)mw_str_cut(list, ',', &one, &list);
    }
    return false;
}

static bool match_fits(const mw_request *r, mw_token field, bool weak)
{
    const mw_field *tag = mw_fields_get(&r->res.head, MW_T_ETAG);

    if (mw_str_eq(mw_str_trim(mw_fields_value(&r->head, field)), MW_STR("*")))
        return true;
    return tag != NULL && tag_listed(mw_fields_value(&r->head, field), tag->value, weak);
}

static bool unmodified_since(const mw_request *r)
{
    mw_time when;

    if (r->res.modified < 0 || !mw_http_date(mw_fields_value(&r->head, MW_T_IF_UNMODIFIED_SINCE), &when))
        return false;
    return when >= r->res.modified;
}

static bool modified_since(const mw_request *r)
{
    mw_time when;
    int     rule = r->place->core->if_modified_since;

    if (r->res.modified < 0 || rule == MW_MODIFIED_OFF
        || !mw_http_date(mw_fields_value(&r->head, MW_T_IF_MODIFIED_SINCE), &when))
        return true;
    if (when == r->res.modified)
        return false;
    return rule == MW_MODIFIED_EXACT || when < r->res.modified;
}

static void not_modified(mw_request *r)
{
    mw_source_close(r->res.body);
    r->res.body = NULL;
    r->res.status = 304;
    r->res.length = -1;
    r->res.head_only = true;
    r->res.ranges = false;
    r->res.type = r->res.charset = (mw_str){ "", 0 };
    mw_fields_drop(&r->res.head, MW_T_CONTENT_ENCODING);
    mw_fields_drop(&r->res.head, MW_T_ACCEPT_RANGES);
}

static mw_rc conditional_head(mw_request *r, const void *conf, void *ctx)
{
    const uint16_t *first = r->head.first;
    bool            none_match = first[MW_T_IF_NONE_MATCH] != 0, since = first[MW_T_IF_MODIFIED_SINCE] != 0;

    (void)conf;
    (void)ctx;
    if (!none_match && !since && first[MW_T_IF_MATCH] == 0 && first[MW_T_IF_UNMODIFIED_SINCE] == 0)
        return MW_OK;
    if (r->res.status != 200 || r->main != r || r->erred || r->res.judged)
        return MW_OK;
    if (first[MW_T_IF_UNMODIFIED_SINCE] != 0 && !unmodified_since(r))
        return mw_refuse(r, 412) == MW_ABORT ? MW_ERR : MW_END;
    if (first[MW_T_IF_MATCH] != 0 && !match_fits(r, MW_T_IF_MATCH, false))
        return mw_refuse(r, 412) == MW_ABORT ? MW_ERR : MW_END;
    if (!none_match && !since)
        return MW_OK;
    if (since && modified_since(r))
        return MW_OK;
    if (none_match && !match_fits(r, MW_T_IF_NONE_MATCH, true))
        return MW_OK;
    not_modified(r);
    return MW_OK;
}

static const mw_http_part conditional_http = { .head = conditional_head };

const mw_module mw_conditional_module = { .name = "conditional", .http = &conditional_http };
