/* set.c - readers of core directives that are more than one value.
 * SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "http/build.h"
#include "upstream/resolver_conf.h"

typedef mw_http_conf C;

static mw_rc add_name(mw_bind *b, mw_strs *names, mw_str name)
{
    mw_str *grown;

    for (unsigned i = 0; i < names->n; i++)
        if (mw_str_ieq(names->at[i], name)) return MW_OK;
    grown = MW_NEWS(b->arena, mw_str, names->n + 1);
    if (names->n > 0)
        memcpy(grown, names->at, names->n * sizeof *grown);
    grown[names->n] = name;
    names->at = grown;
    names->n++;
    return MW_OK;
}

static mw_str own_hostname(mw_bind *b)
{
    char   name[256] = "";
    mw_out pen;

    (void)gethostname(name, sizeof name - 1);
    pen = mw_arena_pen(b->arena, sizeof name);
    mw_out_lower(&pen, mw_str_of(name));
    return mw_out_done(&pen);
}

mw_rc mw_set_server_name(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_str name = n->args[i], why;

        if (mw_str_eq(name, MW_STR("$hostname")))
            name = own_hostname(b);
        else if (name.len > 0 && mw_str_char(name, 0) != '~' && !mw_name_wildcard(name, &why))
            return mw_bind_error_at(b, n, i, "server name \"%.*s\" is invalid", MW_S(name));
        if (mw_str_index(name, '/') < name.len && mw_str_char(name, 0) != '~')
            mw_bind_warn(b, n, "server name \"%.*s\" has suspicious symbols", MW_S(name));
        (void)add_name(b, field, name);
    }
    return MW_OK;
}

mw_rc mw_set_root(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_str   text = n->args[0];
    mw_expr *e;
    C       *c = mw_bind_conf(b, b->level, &mw_http_module);

    (void)field;
    if (mw_str_eq(text, MW_STR("")) && d->extra == 1)
        return mw_bind_error(b, n, "invalid parameter \"\" in \"alias\" directive");
    if (mw_str_find(text, MW_STR("$document_root")) < text.len
        || mw_str_find(text, MW_STR("${document_root}")) < text.len)
        return mw_bind_error(b, n, "the $document_root variable cannot be used in the \"%s\" directive", d->name);
    if (mw_str_find(text, MW_STR("$realpath_root")) < text.len)
        return mw_bind_error(b, n, "the $realpath_root variable cannot be used in the \"%s\" directive", d->name);
    if (c->root != NULL && n->pos.file != NULL)
        return mw_bind_error(b, n, "\"%s\" directive is duplicate, \"%s\" directive was specified earlier", d->name,
                             c->alias ? "alias" : "root");
    if (d->extra == 0)                          /* root: no slash at its end */
        while (text.len > 1 && mw_str_char(text, text.len - 1) == '/')
            text = mw_str_take(text, text.len - 1);
    if (mw_str_char(text, 0) != '$')
        text = mw_bind_path(b, text);
    if (d->extra == 0 && mw_str_eq(text, MW_STR("/")))
        text = MW_STR("");
    e = mw_expr_compile(b, n, text);
    if (e == NULL)
        return MW_ERR;
    c->root = e;
    c->alias = d->extra == 1;
    if (c->alias)
        c->alias_cut = mw_location_name(b->level->node, &c->alias_whole).len;
    if (!mw_expr_is_constant(e, &c->root_text))
        c->root_text = (mw_str){ NULL, 0 };
    return MW_OK;
}

mw_rc mw_set_disable_symlinks(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    C *c = mw_bind_conf(b, b->level, &mw_http_module);

    (void)d;
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_str word = n->args[i];

        if (mw_str_eq(word, MW_STR("off"))) {
            *(mw_enum *)field = MW_LINKS_ON;
        } else if (mw_str_eq(word, MW_STR("on"))) {
            *(mw_enum *)field = MW_LINKS_OFF;
        } else if (mw_str_eq(word, MW_STR("if_not_owner"))) {
            *(mw_enum *)field = MW_LINKS_OWNER;
        } else if (mw_str_starts(word, MW_STR("from="))) {
            c->disable_symlinks_from = mw_expr_compile(b, n, mw_str_drop(word, 5));
            if (c->disable_symlinks_from == NULL)
                return MW_ERR;
        } else {
            return mw_bind_error_at(b, n, i, "invalid parameter \"%.*s\"", MW_S(word));
        }
    }
    return MW_OK;
}

mw_rc mw_set_open_file_cache(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_str   word = n->args[i];
        uint64_t max;
        int64_t  seconds;

        if (mw_str_eq(word, MW_STR("off")) && n->nargs == 1)
            *(bool *)field = true;
        else if (!(mw_str_starts(word, MW_STR("max=")) && mw_str_u64(mw_str_drop(word, 4), &max) && max > 0)
                 && !(mw_str_starts(word, MW_STR("inactive=")) && mw_read_sec(mw_str_drop(word, 9), &seconds)))
            return mw_bind_error_at(b, n, i, "invalid \"open_file_cache\" parameter \"%.*s\"", MW_S(word));
    }
    return MW_OK;
}

mw_rc mw_set_keepalive_timeout(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    C *c = mw_bind_conf(b, b->level, &mw_http_module);

    (void)d;
    if (!mw_read_msec(n->args[0], &((mw_msec *)field)->ms))
        return mw_bind_invalid(b, n, 0);
    c->keepalive_header.seconds = 0;
    if (n->nargs == 2 && !mw_read_sec(n->args[1], &c->keepalive_header.seconds))
        return mw_bind_invalid(b, n, 1);
    return MW_OK;
}

mw_rc mw_set_directio(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_bytes *size = field;

    (void)d;
    if (mw_str_eq(n->args[0], MW_STR("off"))) {
        size->bytes = UINT64_MAX;
        return MW_OK;
    }
    if (!mw_read_size(n->args[0], &size->bytes))
        return mw_bind_invalid(b, n, 0);
    return MW_OK;
}

/* threads=NAME: the name may have variables; one that has none is looked up when all pools are known. */
mw_rc mw_set_aio(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_aio_conf *aio = field;
    mw_str       name;

    *aio = (mw_aio_conf){ 0 };
    if (!mw_str_starts(n->args[0], MW_STR("threads=")))
        return mw_set_choice(b, n, d, &aio->how);
    aio->how = MW_AIO_THREADS;
    aio->pool = mw_expr_compile(b, n, mw_str_drop(n->args[0], 8));
    if (aio->pool == NULL)
        return MW_ERR;
    if (mw_expr_is_constant(aio->pool, &name))
        mw_wants_pool(b->wants, b->arena, name, n);
    return MW_OK;
}

/* A size, or text that is one when a request has come. */
mw_rc mw_set_rate(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    uint64_t bytes;
    mw_str   text;

    if (mw_set_expr(b, n, d, field) != MW_OK)
        return MW_ERR;
    return !mw_expr_is_constant(*(mw_expr **)field, &text) || mw_read_size(text, &bytes) ? MW_OK
                                                                                         : mw_bind_invalid(b, n, 0);
}

/* PATH [LEVEL [LEVEL [LEVEL]]]: the levels are checked; our temporary files have no names, so there is nothing to
 * spread. */
mw_rc mw_set_temp_path(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    for (unsigned i = 1; i < n->nargs; i++) {
        uint64_t level;

        if (!mw_str_u64(n->args[i], &level) || level < 1 || level > 3)
            return mw_bind_error_at(b, n, i, "invalid value \"%.*s\"", MW_S(n->args[i]));
    }
    *(mw_str *)field = mw_bind_path(b, n->args[0]);
    return MW_OK;
}

mw_rc mw_set_resolver(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    C *c = mw_bind_conf(b, b->level, &mw_http_module);

    (void)d;
    c->resolver_written = true;
    return mw_resolver_read(b, n, field);
}

mw_rc mw_set_file_access(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    static const struct { mw_str who; unsigned shift; } users[] = {
        { MW_STR_C("user"), 6 }, { MW_STR_C("group"), 3 }, { MW_STR_C("all"), 0 },
    };
    uint32_t mode = 0600;

    (void)d;
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_str   who, rights;
        bool     known = false;
        uint32_t bits;

        (void)mw_str_cut(n->args[i], ':', &who, &rights);
        bits = mw_str_eq(rights, MW_STR("rw")) ? 6 : mw_str_eq(rights, MW_STR("r")) ? 4 : 0;
        for (size_t k = 0; k < 3; k++)
            if (mw_str_eq(who, users[k].who)) {
                mode |= bits << users[k].shift;
                known = bits != 0;
            }
        if (!known)
            return mw_bind_error_at(b, n, i, "invalid value \"%.*s\"", MW_S(n->args[i]));
    }
    *(uint32_t *)field = mode;
    return MW_OK;
}
