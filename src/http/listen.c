/* listen.c - the `listen` directive, and from all of them the sockets, their doors, and the servers behind each.
 *
 * nginx's rule: where a wildcard address listens on a port, other addresses of that port need no socket of their own
 * (the
 * wildcard's door asks which address a connection came to), unless options of the socket were written for them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/build.h"
#include "http/door.h"
#include "http/secure.h"

static const mw_listen_options plain = {
    .backlog = -1, .rcvbuf = -1, .sndbuf = -1, .fastopen = -1, .setfib = -1, .keepalive = -1, .ipv6only = 1,
};

typedef struct number_word { const char *name; size_t offset; bool size; unsigned least; } number_word;
static const number_word numbers[] = {
    { "backlog=", offsetof(mw_listen_options, backlog), false, 1 },
    { "rcvbuf=", offsetof(mw_listen_options, rcvbuf), true, 0 },
    { "sndbuf=", offsetof(mw_listen_options, sndbuf), true, 0 },
    { "fastopen=", offsetof(mw_listen_options, fastopen), false, 0 },
    { "setfib=", offsetof(mw_listen_options, setfib), false, 0 }, { NULL, 0, false, 0 }
};

/* The next part of so_keepalive's value; false: it is bad. */
static bool keepalive_part(mw_str *rest, bool is_time, int *value)
{
    mw_str   word;
    int64_t  seconds = 0;
    uint64_t n = 0;

    (void)mw_str_cut(*rest, ':', &word, rest);
    if (word.len > 0 && (is_time ? !mw_read_sec(word, &seconds) : !mw_str_u64(word, &n)))
        return false;
    if (seconds > INT32_MAX || n > INT32_MAX)
        return false;
    *value = is_time ? (int)seconds : (int)n;
    return true;
}

/* so_keepalive=on | off | [IDLE]:[INTERVAL]:[COUNT] */
static bool read_keepalive(mw_str s, mw_listen_options *o)
{
    o->keepalive = !mw_str_eq(s, MW_STR("off"));
    if (!o->keepalive || mw_str_eq(s, MW_STR("on")))
        return true;
    return keepalive_part(&s, true, &o->keepidle) && keepalive_part(&s, true, &o->keepintvl)
        && keepalive_part(&s, false, &o->keepcnt) && s.len == 0
        && (o->keepidle > 0 || o->keepintvl > 0 || o->keepcnt > 0);
}

/* True: the word was NAME=NUMBER; *bad tells whether the number was none. */
static bool read_number(mw_str word, mw_listen_options *o, bool *bad)
{
    for (const number_word *w = numbers; w->name != NULL; w++) {
        mw_str   name = mw_str_of(w->name);
        uint64_t n = 0;

        if (!mw_str_starts(word, name))
            continue;
        word = mw_str_drop(word, name.len);
        *bad = !(w->size ? mw_read_size(word, &n) : mw_str_u64(word, &n)) || n > INT32_MAX || n < w->least;
        *(int *)(void *)&((char *)o)[w->offset] = (int)n;
        return true;
    }
    return false;
}

typedef struct flag_word { const char *name; size_t offset; } flag_word;
static const flag_word socket_flags[] = {
    { "bind", offsetof(mw_listen_options, bind) }, { "deferred", offsetof(mw_listen_options, deferred) },
    { "reuseport", offsetof(mw_listen_options, reuseport) }, { "multipath", offsetof(mw_listen_options, multipath) },
    { NULL, 0 }
};
static const flag_word row_flags[] = {
    { "default_server", offsetof(mw_listen_row, default_server) },
    { "default", offsetof(mw_listen_row, default_server) },
    { "ssl", offsetof(mw_listen_row, ssl) }, { "http2", offsetof(mw_listen_row, http2) },
    { "proxy_protocol", offsetof(mw_listen_row, proxy_protocol) }, { NULL, 0 }
};

static bool set_flag(const flag_word *w, mw_str word, void *base)
{
    for (; w->name != NULL; w++)
        if (mw_str_eq(word, mw_str_of(w->name))) {
            ((char *)base)[w->offset] = 1;
            return true;
        }
    return false;
}

static mw_rc read_word(mw_bind *b, const mw_node *n, unsigned i, mw_listen_row *row)
{
    mw_str word = n->args[i];
    bool   bad = false;

    if (mw_str_eq(word, MW_STR("http2")))
        mw_bind_warn(b, n, "the \"listen ... http2\" directive is deprecated, use the \"http2\" directive instead");
    if (set_flag(row_flags, word, row))
        return MW_OK;
    row->shaped = true;
    if (set_flag(socket_flags, word, &row->options))
        return MW_OK;
    if (mw_str_starts(word, MW_STR("setfib=")))
        mw_bind_warn(b, n, "\"%.*s\" is not supported on this platform, ignored", MW_S(word));
    if (read_number(word, &row->options, &bad))
        return !bad ? MW_OK : mw_bind_error_at(b, n, i, "invalid %.*s \"%.*s\"", (int)mw_str_index(word, '='), word.at,
                                               MW_S(word));
    if (mw_str_eq(word, MW_STR("ipv6only=on")) || mw_str_eq(word, MW_STR("ipv6only=off"))) {
        row->options.ipv6only = mw_str_ends(word, MW_STR("on"));
        return MW_OK;
    }
    if (mw_str_starts(word, MW_STR("so_keepalive="))) {
        if (read_keepalive(mw_str_drop(word, 13), &row->options))
            return MW_OK;
        return mw_bind_error_at(b, n, i, "invalid so_keepalive value: \"%.*s\"", MW_S(mw_str_drop(word, 13)));
    }
    if (mw_str_starts(word, MW_STR("accept_filter="))) {
        row->options.accept_filter = mw_str_drop(word, 14);
        mw_bind_warn(b, n, "accept filters \"%.*s\" are not supported on this platform, ignored", MW_S(word));
        return MW_OK;
    }
    if (mw_str_eq(word, MW_STR("quic")))
        return mw_bind_error_at(b, n, i, "the \"quic\" parameter requires ngx_http_v3_module");
    return mw_bind_error_at(b, n, i, "invalid parameter \"%.*s\"", MW_S(word));
}

mw_rc mw_set_listen(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_gather    *g = b->http;
    mw_array      addrs = { 0 };
    mw_listen_row row = { .node = n, .server = b->level, .options = plain };

    (void)d;
    (void)field;
    if (mw_listen_addrs(b, n, &addrs) != MW_OK)
        return MW_ERR;
    for (unsigned i = 1; i < n->nargs; i++)
        if (read_word(b, n, i, &row) != MW_OK) return MW_ERR;
    for (size_t i = 0; i < addrs.n; i++) {
        row.addr = MW_ITEM(&addrs, mw_addr, i);
        for (size_t j = 0; j < g->listens.n; j++) {
            const mw_listen_row *other = &MW_ITEM(&g->listens, mw_listen_row, j);

            if (other->server == b->level && mw_addr_eq(&other->addr, &row.addr)) {
                char   text[128];
                mw_out o = mw_out_on(text, sizeof text);

                mw_addr_text(&o, &row.addr);
                return mw_bind_error(b, n, "a duplicate listen %.*s", MW_S(mw_out_done(&o)));
            }
        }
        *MW_PUSH(b->arena, &g->listens, mw_listen_row) = row;
    }
    return MW_OK;
}

/* One address, all its rows joined. */
typedef struct joined {
    mw_listen_row        row;           /* address and options */
    mw_array             servers;       /* mw_level * */
    const mw_level      *chosen;        /* default_server */
} joined;

static mw_rc join_row(mw_bind *b, mw_array *all, const mw_listen_row *row)
{
    joined *j = NULL;
    char    text[128];
    mw_out  o = mw_out_on(text, sizeof text);

    for (size_t i = 0; i < all->n && j == NULL; i++)
        if (mw_addr_eq(&MW_ITEM(all, joined, i).row.addr, &row->addr)) j = &MW_ITEM(all, joined, i);
    mw_addr_text(&o, &row->addr);
    if (j == NULL) {
        j = MW_PUSH(b->arena, all, joined);
        j->row = *row;
    } else {
        if (row->shaped && j->row.shaped)
            return mw_bind_error(b, row->node, "duplicate listen options for %.*s", MW_S(mw_out_done(&o)));
        if (row->shaped) {
            j->row.options = row->options;
            j->row.shaped = true;
        }
        j->row.ssl = j->row.ssl || row->ssl;
        j->row.http2 = j->row.http2 || row->http2;
        j->row.proxy_protocol = j->row.proxy_protocol || row->proxy_protocol;
    }
    if (row->default_server && j->chosen != NULL)
        return mw_bind_error(b, row->node, "a duplicate default server for %.*s", MW_S(mw_out_done(&o)));
    if (row->default_server)
        j->chosen = row->server;
    *MW_PUSH(b->arena, &j->servers, const mw_level *) = row->server;
    return MW_OK;
}

static mw_rc add_name(mw_bind *b, mw_match *names, const mw_server *s, mw_str name, const joined *j)
{
    char   text[128];
    mw_out o = mw_out_on(text, sizeof text);

    if (mw_str_char(name, 0) == '~') {
        mw_regex *re = mw_scope_regex(b, s->level->node, mw_str_drop(name, 1), true);

        if (re == NULL)
            return MW_ERR;
        mw_match_add_regex(names, re, s);
        return MW_OK;
    }
    if (mw_match_add(names, name, true, s) == MW_END) {
        mw_addr_text(&o, &j->row.addr);
        mw_diag_add(b->diag, MW_LOG_WARN, NULL, "conflicting server name \"%.*s\" on %.*s, ignored", MW_S(name),
                    MW_S(mw_out_done(&o)));
    }
    return MW_OK;
}

static mw_rc build_names(mw_bind *b, const joined *j, mw_door_names *to)
{
    bool needed = j->servers.n > 1;

    to->otherwise = (j->chosen != NULL ? j->chosen : MW_ITEM(&j->servers, const mw_level *, 0))->user;
    to->names = mw_match_new(b->arena);
    for (size_t i = 0; i < j->servers.n; i++) {
        const mw_server *s = MW_ITEM(&j->servers, const mw_level *, i)->user;
        mw_strs          names = s->core->names;

        for (unsigned k = 0; k < names.n; k++) {
            needed = needed || mw_str_char(names.at[k], 0) == '~';
            if (add_name(b, to->names, s, names.at[k], j) != MW_OK)
                return MW_ERR;
        }
        if (names.n == 0 && add_name(b, to->names, s, MW_STR(""), j) != MW_OK)
            return MW_ERR;
    }
    mw_match_freeze(to->names);
    if (!needed)
        to->names = NULL;
    return MW_OK;
}

static mw_rc build_addr(mw_bind *b, const joined *j, mw_door_addr *to)
{
    to->addr = j->row.addr;
    to->ssl = j->row.ssl;
    to->http2 = j->row.http2;
    to->proxy_protocol = j->row.proxy_protocol;
    if (build_names(b, j, &to->names) != MW_OK || mw_secure_check(b, to) != MW_OK)
        return MW_ERR;
    for (size_t i = 0; i < j->servers.n; i++)
        to->variables = to->variables || mw_secure_variables(MW_ITEM(&j->servers, const mw_level *, i)->user);
    return MW_OK;
}

static bool covered_by(const joined *j, const joined *wildcard)
{
    return wildcard != j && !j->row.shaped && mw_addr_any(&wildcard->row.addr) && !mw_addr_any(&j->row.addr)
        && wildcard->row.addr.family == j->row.addr.family && wildcard->row.addr.port == j->row.addr.port;
}

static mw_rc build_door(mw_bind *b, mw_gather *g, const mw_array *all, const joined *j)
{
    mw_listen *want = MW_NEW(b->arena, mw_listen);
    mw_door   *door = MW_NEW(b->arena, mw_door);

    door->site = g->site;
    door->addrs = MW_NEWS(b->arena, mw_door_addr, all->n);
    door->n = 1;
    if (build_addr(b, j, &door->addrs[0]) != MW_OK)
        return MW_ERR;
    for (size_t i = 0; i < all->n; i++)
        if (covered_by(&MW_ITEM(all, joined, i), j)
            && build_addr(b, &MW_ITEM(all, joined, i), &door->addrs[door->n++]) != MW_OK)
            return MW_ERR;
    want->addr = j->row.addr;
    want->options = j->row.options;
    want->type = SOCK_STREAM;
    want->accepted = mw_door_accepted;
    want->door = door;
    mw_list_add(&b->wants->listens, &want->all);
    return MW_OK;
}

mw_rc mw_doors_build(mw_bind *b, mw_gather *g)
{
    mw_array all = { 0 };

    for (size_t i = 0; i < g->listens.n; i++)
        if (join_row(b, &all, &MW_ITEM(&g->listens, mw_listen_row, i)) != MW_OK) return MW_ERR;
    for (size_t i = 0; i < all.n; i++) {
        const joined *j = &MW_ITEM(&all, joined, i);
        bool          covered = false;

        for (size_t k = 0; k < all.n && !covered; k++)
            covered = covered_by(j, &MW_ITEM(&all, joined, k));
        if (!covered && build_door(b, g, &all, j) != MW_OK)
            return MW_ERR;
    }
    return MW_OK;
}
