/* balancers.c - the directives that choose how a group picks its peers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/balance.h"
#include "upstream/state.h"
#include "upstream/sticky.h"

static mw_group *group_at(mw_bind *b) { return ((mw_upstream_block *)b->level->user)->group; }

static void choose(mw_bind *b, const mw_node *n, const mw_balance *how)
{
    mw_group *g = group_at(b);

    if (g->balance != &mw_round_robin)
        mw_bind_warn(b, n, "load balancing method redefined");
    g->balance = how;
}

static mw_rc set_least_conn(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    (void)field;
    choose(b, n, &mw_least_conn);
    return MW_OK;
}

static mw_rc set_ip_hash(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    (void)field;
    choose(b, n, &mw_ip_hash);
    group_at(b)->balance_conf = mw_expr_compile(b, n, MW_STR("$binary_remote_addr"));
    return group_at(b)->balance_conf != NULL ? MW_OK : MW_ERR;
}

static mw_rc set_hash(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    (void)field;
    if (n->nargs == 2 && !mw_str_eq(n->args[1], MW_STR("consistent")))
        return mw_bind_error_at(b, n, 1, "invalid parameter \"%.*s\"", MW_S(n->args[1]));
    choose(b, n, n->nargs == 2 ? &mw_key_ring : &mw_key_hash);
    group_at(b)->balance_conf = mw_expr_compile(b, n, n->args[0]);
    return group_at(b)->balance_conf != NULL ? MW_OK : MW_ERR;
}

static mw_rc set_random(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    (void)field;
    if (n->nargs > 0 && !mw_str_eq(n->args[0], MW_STR("two")))
        return mw_bind_error_at(b, n, 0, "invalid parameter \"%.*s\"", MW_S(n->args[0]));
    if (n->nargs > 1 && !mw_str_eq(n->args[1], MW_STR("least_conn")))
        return mw_bind_error_at(b, n, 1, "invalid parameter \"%.*s\"", MW_S(n->args[1]));
    choose(b, n, n->nargs == 0 ? &mw_random : &mw_random_two);
    return MW_OK;
}

static mw_rc set_least_time(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_time_conf *c = MW_NEW(b->arena, mw_time_conf);

    (void)d;
    (void)field;
    c->header = mw_str_eq(n->args[0], MW_STR("header"));
    if (!c->header && !mw_str_eq(n->args[0], MW_STR("last_byte")))
        return mw_bind_error_at(b, n, 0, "invalid value \"%.*s\"", MW_S(n->args[0]));
    c->inflight = n->nargs == 2;
    if (c->inflight && !mw_str_eq(n->args[1], MW_STR("inflight")))
        return mw_bind_error_at(b, n, 1, "invalid parameter \"%.*s\"", MW_S(n->args[1]));
    choose(b, n, &mw_least_time);
    group_at(b)->balance_conf = c;
    return MW_OK;
}

static const mw_directive balance_directives[] = {
    { "least_conn", IN_UPSTREAM, 0, 0, .set = set_least_conn, .repeat = true,
      .help = "the server with the fewest connections" },
    { "ip_hash", IN_UPSTREAM, 0, 0, .set = set_ip_hash, .repeat = true,
      .help = "the server that belongs to the client's address" },
    { "hash", IN_UPSTREAM, 1, 2, .set = set_hash, .repeat = true,
      .help = "the server that belongs to a text with variables" },
    { "random", IN_UPSTREAM, 0, 2, .set = set_random, .repeat = true, .help = "any server, or the better of any two" },
    { "least_time", IN_UPSTREAM, 1, 2, .set = set_least_time, .repeat = true,
      .help = "the server that answers soonest, by its connections and what it took so far" },
    { "sticky", IN_UPSTREAM, 2, MANY, .set = mw_set_sticky, .help = "who stays with the server that he had before" },
    { 0 }
};

const mw_module mw_balance_module = { .name = "balance", .directives = balance_directives };
