/* wire.c - visits: what a request must know of its connection, also when that is gone.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/wire.h"

#include "core/alloc.h"
#include "core/pool.h"
#include "event/listener.h"

static mw_pool visits = MW_POOL(sizeof(mw_visit), MW_POOLS_KEEP * 256);    /* rule 0: of the process, as all pools */

mw_visit *mw_visit_new(mw_conn *c)
{
    mw_visit *v = mw_pool_take(&visits);

    *v = (mw_visit){
        .refs = 1, .conn = c, .peer = mw_addr_from_endpoint(&c->peer), .serial = c->serial, .since = c->since,
        .tls = c->tls,
    };
    return v;
}

mw_visit *mw_visit_hold(mw_visit *v)
{
    v->refs++;
    return v;
}

void mw_visit_done(mw_visit *v)
{
    if (v == NULL || --v->refs > 0)
        return;
    mw_free(v->held);
    mw_pool_give(&visits, v);
}

const mw_addr *mw_visit_local(mw_visit *v)
{
    if (v->local.family == MW_NOWHERE && v->conn != NULL) {
        if (v->conn->from != NULL && !mw_addr_any(&v->conn->from->addr))
            v->local = v->conn->from->addr;
        else
            (void)mw_conn_local(v->conn, &v->local, NULL);
    }
    return &v->local;
}
