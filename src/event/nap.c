/* nap.c - the op of a timer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/nap.h"

static void wake_up(void *owner)
{
    mw_nap *nap = owner;

    mw_op_finish(&nap->op, MW_OK);
}

static void stop(mw_op *op)
{
    mw_nap *nap = MW_OWNER(op, mw_nap, op);

    mw_timer_stop(op->asker->bell.loop, &nap->timer);
}

mw_rc mw_nap_for(mw_asker *who, mw_nap *nap, uint64_t ms)
{
    mw_loop *l = who->bell.loop;

    if (nap->op.state == MW_OP_FINISHED)
        return (mw_rc)nap->op.rc;
    if (nap->op.state == MW_OP_PENDING)
        return MW_AGAIN;
    if (ms == 0)
        return mw_op_answer(&nap->op, MW_OK);

    mw_op_begin(&nap->op, who, stop);
    mw_timer_init(&nap->timer, wake_up, nap);
    mw_timer_set(l, &nap->timer, mw_loop_now(l) + ms);
    return MW_AGAIN;
}
