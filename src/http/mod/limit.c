/* limit.c - what limit_req and limit_conn share: zones of records by key.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/limit.h"

#include "core/hash.h"
#include "core/random.h"

enum { ZONE_LEAST = 8 * 4096, BYTES_A_BUCKET = 512, STATUS_LEAST = 400, STATUS_MOST = 599 };

const mw_choice mw_limit_levels[] = {
    { "info", MW_LOG_INFO }, { "notice", MW_LOG_NOTICE }, { "warn", MW_LOG_WARN }, { "error", MW_LOG_ERROR },
    { NULL, 0 }
};

mw_rc mw_limit_table_make(mw_zone *z, mw_limit_table *t)
{
    uint32_t n = 1;

    while ((uint64_t)n * BYTES_A_BUCKET < z->size && n < UINT32_MAX / 2 + 1)
        n *= 2;
    t->buckets = mw_zone_try(z, n * sizeof *t->buckets);
    if (t->buckets == NULL)
        return MW_ERR;
    t->mask = n - 1;
    mw_random_bytes(t->seed, sizeof t->seed);
    return MW_OK;
}

static uint64_t hash_of(const mw_limit_table *t, mw_str key) { return mw_siphash(key, (const uint8_t *)t->seed); }

mw_limit_record *mw_limit_find(const mw_limit_table *t, mw_str key)
{
    uint64_t         hash = hash_of(t, key);
    mw_limit_record *x = t->buckets[hash & t->mask];

    while (x != NULL && (x->hash != hash || !mw_str_eq((mw_str){ x->key, x->len }, key)))
        x = x->next;
    return x;
}

mw_limit_record *mw_limit_add(mw_zone *z, mw_limit_table *t, mw_str key, size_t size)
{
    mw_limit_record *x = mw_zone_try(z, size + key.len);

    if (x == NULL)
        return NULL;
    x->key = &((char *)x)[size];
    memcpy(x->key, key.at, key.len);
    x->len = (uint32_t)key.len;
    x->hash = hash_of(t, key);
    x->next = t->buckets[x->hash & t->mask];
    t->buckets[x->hash & t->mask] = x;
    return x;
}

void mw_limit_cut(mw_zone *z, mw_limit_table *t, mw_limit_record *record)
{
    mw_limit_record **link = &t->buckets[record->hash & t->mask];

    while (*link != record)
        link = &(*link)->next;
    *link = record->next;
    mw_zone_give(z, record);
}

mw_limit_zone *mw_limit_zone_named(mw_bind *b, const mw_node *n, mw_array *list, mw_str name)
{
    mw_limit_zone *z;

    for (size_t i = 0; i < list->n; i++)
        if (mw_str_eq(MW_ITEM(list, mw_limit_zone *, i)->name, name)) return MW_ITEM(list, mw_limit_zone *, i);
    z = MW_NEW(b->arena, mw_limit_zone);
    z->name = name;
    z->node = n;
    *MW_PUSH(b->arena, list, mw_limit_zone *) = z;
    return z;
}

mw_rc mw_limit_zone_define(mw_bind *b, const mw_node *n, unsigned i, mw_array *list, const mw_zone_kind *kind,
                           const mw_module *owner, mw_limit_zone **zone)
{
    mw_str         text = mw_str_drop(n->args[i], 5), name, size_text;
    mw_limit_zone *z;
    uint64_t       size;

    if (!mw_str_cut(text, ':', &name, &size_text) || name.len == 0 || !mw_read_size(size_text, &size))
        return mw_bind_error_at(b, n, i, "invalid zone size \"%.*s\"", MW_S(n->args[i]));
    if (size < ZONE_LEAST)
        return mw_bind_error_at(b, n, i, "zone \"%.*s\" is too small", MW_S(n->args[i]));
    z = mw_limit_zone_named(b, n, list, name);
    if (z->key != NULL)
        return mw_bind_error_at(b, n, i, "%.*s \"%.*s\" is already bound to key \"%.*s\"", MW_S(n->name), MW_S(name),
                                MW_S(z->key_text));
    z->zone = mw_wants_zone(b->wants, b->arena, name, (size_t)size, kind, owner);
    if (z->zone == NULL)
        return mw_bind_error_at(b, n, i, "the shared memory zone \"%.*s\" is already declared for a different use",
                                MW_S(name));
    z->key_text = n->args[0];
    z->key = mw_expr_compile(b, n, n->args[0]);
    *zone = z;
    return z->key != NULL ? MW_OK : MW_ERR;
}

mw_rc mw_limit_zones_defined(mw_bind *b, const mw_array *list)
{
    mw_rc rc = MW_OK;

    for (size_t i = 0; i < list->n; i++) {
        const mw_limit_zone *z = MW_ITEM(list, mw_limit_zone *, i);

        if (z->key == NULL)
            rc = mw_bind_error(b, z->node, "zero size shared memory zone \"%.*s\"", MW_S(z->name));
    }
    return rc;
}

bool mw_limit_key(const mw_limit_zone *z, mw_request *r, mw_str *key)
{
    *key = mw_expr_text(z->key, &r->scope);
    if (key->len <= MW_LIMIT_KEY_MOST)
        return key->len > 0;
    MW_LOG(&r->log, MW_LOG_ERROR, 0, "the value of the \"%.*s\" key is more than 65535 bytes: \"%.*s\"",
           MW_S(z->key_text), MW_S(mw_str_take(*key, 256)));
    return false;
}

mw_verdict mw_limit_refuse(mw_request *r, int status, uint64_t retry)
{
    mw_verdict v = mw_refuse(r, status);
    mw_out     o;

    if ((status != 429 && status != 503) || v == MW_ABORT)
        return v;
    o = mw_arena_pen(r->arena, 24);
    mw_out_u64(&o, retry > 0 ? retry : 1);
    mw_fields_add(r->arena, &r->res.head, MW_STR("Retry-After"), mw_out_done(&o));
    return v;
}

mw_rc mw_set_limit_status(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    uint64_t status;

    (void)d;
    if (!mw_str_u64(n->args[0], &status))
        return mw_bind_error_at(b, n, 0, "invalid number");
    if (status < STATUS_LEAST || status > STATUS_MOST)
        return mw_bind_error_at(b, n, 0, "value must be between %d and %d", STATUS_LEAST, STATUS_MOST);
    *(mw_enum *)field = (int)status;
    return MW_OK;
}
