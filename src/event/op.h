/* op.h - one thing we wait for: a timer, a name, a connection, an answer from elsewhere.
 *
 * An op is embedded in the memory of whoever asks.  Asking is written so that it may be asked again:
 * not begun - it begins; pending - MW_AGAIN; finished - the remembered answer, at once.
 * So a step that waits is simply run again from its top when the answer is there.
 *
 * From its beginning to its end an op is on the list of its asker, awaited or not: so whoever ends the asker
 * ends the op, and nothing fires into freed memory.  Its end rings the asker's bell; whether that means
 * anything is for the asker to know.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_OP_H
#define MW_EVENT_OP_H

#include "core/rc.h"
#include "event/loop.h"

typedef struct mw_op mw_op;

typedef struct mw_asker {       /* in a request, a source, a session, a door */
    mw_bell  bell;              /* any op's end rings it */
    mw_op   *pending;           /* newest first */
} mw_asker;

struct mw_op {
    mw_op     *next, **link;    /* on the asker's list while pending */
    mw_asker  *asker;
    void     (*stop)(mw_op *);  /* lets go of what is pending; after it mw_op_finish never comes */
    uint8_t    state;           /* MW_OP_IDLE, PENDING, FINISHED */
    uint8_t    rc;              /* the answer, a mw_rc, once finished */
};
enum { MW_OP_IDLE, MW_OP_PENDING, MW_OP_FINISHED };

void mw_asker_init(mw_asker *who, mw_loop *loop, mw_wake *wake, void *owner);
void mw_asker_cancel(mw_asker *who);         /* all that is pending, newest first; after this no wake comes */

void mw_op_begin(mw_op *op, mw_asker *who, void (*stop)(mw_op *));
void mw_op_finish(mw_op *op, mw_rc rc);             /* by the operation, when it knows */
mw_rc mw_op_answer(mw_op *op, mw_rc rc);            /* instead of begin: known at once; no bell; gives rc */
void mw_op_reset(mw_op *op);                        /* makes it askable again; it must not be pending */

#endif
