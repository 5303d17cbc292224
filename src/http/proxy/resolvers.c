/* resolvers.c - what a worker keeps for the proxy: a resolver for each `resolver` used, TLS sessions by peer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/resolvers.h"

#include "core/list.h"

enum { SESSIONS = 256 };        /* kept at most; the one unused longest goes first */

typedef struct named {
    mw_list          link;
    const mw_addr   *servers;
    uint64_t         timeout_ms;
    mw_resolver_conf conf;      /* the resolver looks at it as long as it lives */
    mw_resolver     *resolver;
} named;

typedef struct session {
    mw_list              link;  /* most recently used last */
    const mw_tls_client *client;
    mw_addr              peer;
    char                 name[256];     /* TLS names are 255 bytes at most */
    size_t               name_len;
    mw_tls_session      *session;
} session;

typedef struct proxy_state {
    mw_list  resolvers, sessions;
    unsigned nsessions;
} proxy_state;

static unsigned number_of(const mw_worker *w)
{
    unsigned i = 0;

    while (w->modules[i] != &mw_proxy_module)
        i++;
    return i;
}

mw_rc mw_proxy_start(mw_worker *w)
{
    proxy_state *s = MW_NEW(w->arena, proxy_state);

    mw_list_init(&s->resolvers);
    mw_list_init(&s->sessions);
    w->state[number_of(w)] = s;
    return MW_OK;
}

void mw_proxy_stop(mw_worker *w)
{
    proxy_state *s = w->state[number_of(w)];

    if (s == NULL)
        return;
    MW_LIST_EACH(node, &s->resolvers)
        mw_resolver_free(MW_OWNER(node, named, link)->resolver);
    MW_LIST_EACH(node, &s->sessions)
        mw_tls_session_drop(MW_OWNER(node, session, link)->session);
    w->state[number_of(w)] = NULL;
}

/* The one that is there, or that there is none: that is remembered, too. */
mw_resolver *mw_proxy_resolver(mw_worker *w, const mw_http_conf *core)
{
    proxy_state *s = w->state[number_of(w)];
    named       *one;

    MW_LIST_EACH(node, &s->resolvers) {
        one = MW_OWNER(node, named, link);
        if (one->servers == core->resolver.servers && one->timeout_ms == core->resolver_timeout.ms)
            return one->resolver;
    }
    one = MW_NEW(w->arena, named);
    one->servers = core->resolver.servers;
    one->timeout_ms = core->resolver_timeout.ms;
    one->conf = core->resolver;
    if (one->conf.n > 0 || mw_resolv_conf(w->arena, &one->conf)) {
        one->conf.timeout_ms = one->timeout_ms;
        one->resolver = mw_resolver_new(w->loop, &one->conf, &w->log);
    }
    mw_list_add(&s->resolvers, &one->link);
    return one->resolver;
}

static bool fits(const session *k, const mw_proxy_tls *t, const mw_addr *peer, mw_str name)
{
    return k->client == t->client && mw_str_eq((mw_str){ k->name, k->name_len }, name) && mw_addr_eq(&k->peer, peer);
}

static void recall(session *k, const mw_proxy_tls *t, const mw_addr *peer, mw_str name)
{
    mw_tls_session_drop(k->session);
    k->session = NULL;
    k->client = t->client;
    k->peer = *peer;
    k->name_len = name.len;
    memcpy(k->name, name.at, name.len);
}

/* Peers of groups live as long as the generation; those made for a request lose their unix path with it, and are left
 * out. */
mw_tls_session **mw_proxy_session(mw_worker *w, const mw_proxy_tls *t, const mw_addr *peer, mw_str name)
{
    proxy_state *s = w->state[number_of(w)];
    session     *k;

    if (!t->session_reuse || name.len > sizeof k->name || peer->family == MW_UNIX)
        return NULL;
    MW_LIST_EACH(node, &s->sessions) {
        k = MW_OWNER(node, session, link);
        if (!fits(k, t, peer, name))
            continue;
        mw_list_drop(node);
        mw_list_add(&s->sessions, node);
        return &k->session;
    }
    if (s->nsessions < SESSIONS) {
        k = MW_NEW(w->arena, session);
        mw_list_init(&k->link);
        s->nsessions++;
    } else {
        k = MW_OWNER(s->sessions.next, session, link);
    }
    recall(k, t, peer, name);
    mw_list_drop(&k->link);
    mw_list_add(&s->sessions, &k->link);
    return &k->session;
}
