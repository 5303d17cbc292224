/* op.c - ops on the lists of their askers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/op.h"

#include "core/must.h"

static void leave_asker(mw_op *op)
{
    *op->link = op->next;
    if (op->next != NULL)
        op->next->link = op->link;
    op->next = NULL;
    op->link = NULL;
}

void mw_asker_init(mw_asker *who, mw_loop *loop, mw_wake *wake, void *owner)
{
    who->pending = NULL;
    mw_bell_init(&who->bell, loop, wake, owner);
}

void mw_asker_cancel(mw_asker *who)
{
    while (who->pending != NULL) {
        mw_op *op = who->pending;

        leave_asker(op);
        op->stop(op);
        op->state = MW_OP_IDLE;
    }
    mw_bell_mute(&who->bell);
}

void mw_op_begin(mw_op *op, mw_asker *who, void (*stop)(mw_op *))
{
    MW_MUST(op->state == MW_OP_IDLE);
    op->state = MW_OP_PENDING;
    op->asker = who;
    op->stop = stop;
    op->next = who->pending;
    op->link = &who->pending;
    if (op->next != NULL)
        op->next->link = &op->next;
    who->pending = op;
}

void mw_op_finish(mw_op *op, mw_rc rc)
{
    MW_MUST(op->state == MW_OP_PENDING && rc != MW_AGAIN);
    leave_asker(op);
    op->state = MW_OP_FINISHED;
    op->rc = (uint8_t)rc;
    mw_bell_ring(&op->asker->bell);
}

mw_rc mw_op_answer(mw_op *op, mw_rc rc)
{
    MW_MUST(op->state == MW_OP_IDLE && rc != MW_AGAIN);
    op->state = MW_OP_FINISHED;
    op->rc = (uint8_t)rc;
    return rc;
}

void mw_op_reset(mw_op *op)
{
    MW_MUST(op->state != MW_OP_PENDING);
    op->state = MW_OP_IDLE;
}
