/* linger.c - closing without a reset: we say that no more comes, then drop what the client still sends, for a while.
 *
 * A socket that is closed with unread bytes in it sends RST, and the client may lose the answer that was on its way.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/h1/state.h"

enum { ROOM = 4096, READS = 16 };

bool mw_h1_must_linger(const mw_h1_work *w, const mw_http_conf *core)
{
    const mw_conn *c = w->h1->conn;

    if (w->dead || c->eof || c->broken)
        return false;
    switch ((mw_lingering)core->lingering_close) {
    case MW_LINGER_OFF:    return false;
    case MW_LINGER_ALWAYS: return true;
    case MW_LINGER_ON:     break;
    }
    return w->body != MW_H1_NO_BODY || w->at < w->end || mw_conn_readable(c);
}

static void drop(mw_conn *c)
{
    mw_h1    *h = c->user;
    uint64_t  now = mw_loop_now(c->loop), pause = h->at->names.otherwise->core->lingering_timeout.ms;
    mw_block *room = NULL;
    mw_str    got;
    mw_rc     rc = MW_OK;

    for (unsigned n = 0; n < READS && rc == MW_OK; n++)
        rc = mw_conn_read(c, &room, ROOM, 0, &got);
    mw_block_done(room);
    if (rc == MW_END || rc == MW_ERR || now >= h->until)
        mw_h1_close(h, false);
    else if (rc == MW_OK)
        mw_conn_expect(c, 1);                   /* there is more, but others have their turn first */
    else
        mw_conn_expect(c, h->until - now < pause ? h->until - now : pause);
}

static void late(mw_conn *c)
{
    if (mw_conn_readable(c))
        drop(c);
    else
        mw_h1_close(c->user, false);
}

static const mw_conn_use linger_use = { .name = "h1 linger", .ready = drop, .late = late };

void mw_h1_linger(mw_h1 *h, const mw_http_conf *core)
{
    mw_conn *c = h->conn;

    if (c->io->shut(c) == MW_ERR) {
        mw_h1_close(h, false);
        return;
    }
    mw_log_doing(mw_h1_log(h), "closing request");
    h->until = mw_loop_now(c->loop) + core->lingering_time.ms;
    mw_conn_give(c, &linger_use, h, h->log);
    mw_h1_gauge(h, MW_COUNT_WRITING);
    drop(c);
}
