/* press.c - compression, with one streaming face; the only room that knows zlib, brotli and zstd.
 *
 * A compressor's state is large (256 KB for gzip) and slow to make, and quickly made as new: closed ones are kept and
 * found again by their settings.  Brotli cannot be made as new and is not kept.
 * SPDX-License-Identifier: Apache-2.0 */
#define ZLIB_CONST
#include "core/press.h"

#include <limits.h>

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include "core/alloc.h"

enum { KEEP = 32, KEEP_UNPRESS = 8, GZIP_WRAP = 16 };
enum { ZSTD_WINDOW_MOST = 23 };                         /* RFC 9659: 8 MB at most on the web */

typedef struct settings { mw_press_kind kind; int level, window, memory; } settings;

struct mw_press {
    mw_press *next;             /* in the pool */
    settings  set;
    uint64_t  in, out;
    bool      ended;
    union {
        z_stream            zlib;
        BrotliEncoderState *brotli;
        ZSTD_CCtx          *zstd;
    } with;
};

typedef struct engine {         /* what a kind can do */
    bool  (*start)(mw_press *p);
    bool  (*renew)(mw_press *p);            /* as after start; NULL: it cannot, and is not kept */
    void  (*stop)(mw_press *p);
    mw_rc (*run)(mw_press *p, mw_str *in, mw_out *o, mw_press_flush flush);
} engine;

static struct { mw_press *first; unsigned kept; } pool;     /* of the process: closed compressors */

static int between(int n, int least, int most)
{
    return n < least ? least : n > most ? most : n;
}

static size_t room_of(const mw_out *o)
{
    return o->room - o->len;
}

/* Takes note of what a library ate and wrote. */
static void advance(mw_press *p, mw_str *in, size_t ate, mw_out *o, size_t wrote)
{
    *in = mw_str_drop(*in, ate);
    o->len += wrote;
    p->in += ate;
    p->out += wrote;
}

/* ------------------------------------------------------------------------------------------ zlib */

static bool zlib_start(mw_press *p)
{
    int window = p->set.window + (p->set.kind == MW_GZIP ? GZIP_WRAP : 0);

    return deflateInit2(&p->with.zlib, p->set.level, Z_DEFLATED, window, p->set.memory, Z_DEFAULT_STRATEGY) == Z_OK;
}

static bool zlib_renew(mw_press *p)
{
    return deflateReset(&p->with.zlib) == Z_OK;
}

static void zlib_stop(mw_press *p)
{
    (void)deflateEnd(&p->with.zlib);
}

static mw_rc zlib_run(mw_press *p, mw_str *in, mw_out *o, mw_press_flush flush)
{
    static const int flushes[] = { [MW_PRESS_MORE] = Z_NO_FLUSH, [MW_PRESS_FLUSH] = Z_SYNC_FLUSH,
                                   [MW_PRESS_FINISH] = Z_FINISH };
    z_stream *z = &p->with.zlib;
    size_t    give, room;
    bool      all;
    int       rc;

    for (;;) {
        give = in->len < INT_MAX ? in->len : INT_MAX;
        room = room_of(o) < INT_MAX ? room_of(o) : INT_MAX;
        if (room == 0)
            return MW_AGAIN;
        all = give == in->len;
        z->next_in = (const Bytef *)in->at;
        z->avail_in = (uInt)give;
        z->next_out = (Bytef *)&o->at[o->len];
        z->avail_out = (uInt)room;
        rc = deflate(z, all ? flushes[flush] : Z_NO_FLUSH);
        advance(p, in, give - z->avail_in, o, room - z->avail_out);
        if (rc == Z_STREAM_END)
            return MW_END;
        if (rc != Z_OK && rc != Z_BUF_ERROR)            /* BUF_ERROR: there was nothing to do */
            return MW_ERR;
        if (z->avail_out > 0 && all)
            return MW_OK;
    }
}

/* ------------------------------------------------------------------------------------------ brotli */

static bool brotli_start(mw_press *p)
{
    BrotliEncoderState *b = BrotliEncoderCreateInstance(NULL, NULL, NULL);

    if (b == NULL)
        return false;
    (void)BrotliEncoderSetParameter(b, BROTLI_PARAM_QUALITY, (uint32_t)p->set.level);
    (void)BrotliEncoderSetParameter(b, BROTLI_PARAM_LGWIN, (uint32_t)p->set.window);
    p->with.brotli = b;
    return true;
}

static void brotli_stop(mw_press *p)
{
    BrotliEncoderDestroyInstance(p->with.brotli);
}

static mw_rc brotli_run(mw_press *p, mw_str *in, mw_out *o, mw_press_flush flush)
{
    static const BrotliEncoderOperation operations[] = { [MW_PRESS_MORE]   = BROTLI_OPERATION_PROCESS,
                                                         [MW_PRESS_FLUSH]  = BROTLI_OPERATION_FLUSH,
                                                         [MW_PRESS_FINISH] = BROTLI_OPERATION_FINISH };
    BrotliEncoderState *b = p->with.brotli;
    size_t              left, room;
    const uint8_t      *from;
    uint8_t            *to;

    do {
        left = in->len;
        room = room_of(o);
        from = (const uint8_t *)in->at;
        to = (uint8_t *)&o->at[o->len];
        if (!BrotliEncoderCompressStream(b, operations[flush], &left, &from, &room, &to, NULL))
            return MW_ERR;
        advance(p, in, in->len - left, o, room_of(o) - room);
        if (BrotliEncoderIsFinished(b))
            return MW_END;
        if (room == 0 && (left > 0 || BrotliEncoderHasMoreOutput(b)))
            return MW_AGAIN;
    } while (left > 0 || BrotliEncoderHasMoreOutput(b) || flush == MW_PRESS_FINISH);
    return MW_OK;
}

/* ------------------------------------------------------------------------------------------ zstd */

static bool zstd_start(mw_press *p)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();

    if (z == NULL)
        return false;
    (void)ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, p->set.level);
    if (p->set.window > 0)
        (void)ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, p->set.window);
    p->with.zstd = z;
    return true;
}

static bool zstd_renew(mw_press *p)
{
    return ZSTD_isError(ZSTD_CCtx_reset(p->with.zstd, ZSTD_reset_session_only)) == 0;
}

static void zstd_stop(mw_press *p)
{
    (void)ZSTD_freeCCtx(p->with.zstd);
}

static mw_rc zstd_run(mw_press *p, mw_str *in, mw_out *o, mw_press_flush flush)
{
    static const ZSTD_EndDirective directives[] = { [MW_PRESS_MORE] = ZSTD_e_continue, [MW_PRESS_FLUSH] = ZSTD_e_flush,
                                                    [MW_PRESS_FINISH] = ZSTD_e_end };
    ZSTD_inBuffer  from;
    ZSTD_outBuffer to;
    size_t         left;

    for (;;) {
        from = (ZSTD_inBuffer){ in->at, in->len, 0 };
        to = (ZSTD_outBuffer){ &o->at[o->len], room_of(o), 0 };
        left = ZSTD_compressStream2(p->with.zstd, &to, &from, directives[flush]);
        if (ZSTD_isError(left))
            return MW_ERR;
        advance(p, in, from.pos, o, to.pos);
        if (left == 0 && flush == MW_PRESS_FINISH)
            return MW_END;
        if (in->len == 0 && (left == 0 || flush == MW_PRESS_MORE))
            return MW_OK;
        if (room_of(o) == 0)
            return MW_AGAIN;
    }
}

/* ------------------------------------------------------------------------------------------ the face */

static const engine engines[] = {
    [MW_GZIP]    = { zlib_start, zlib_renew, zlib_stop, zlib_run },
    [MW_DEFLATE] = { zlib_start, zlib_renew, zlib_stop, zlib_run },
    [MW_BROTLI]  = { brotli_start, NULL, brotli_stop, brotli_run },
    [MW_ZSTD]    = { zstd_start, zstd_renew, zstd_stop, zstd_run },
};

/* Settings as the library takes them: two wishes that come to the same are the same in the pool. */
static settings settle(mw_press_kind kind, int level, int window, int memory)
{
    settings s = { kind, level, window, memory };

    switch (kind) {
    case MW_GZIP:
    case MW_DEFLATE:
        s.level = between(level, Z_DEFAULT_COMPRESSION, Z_BEST_COMPRESSION);
        s.window = window > 0 ? between(window, 9, MAX_WBITS) : MAX_WBITS;     /* 8 is taken for 9, or not at all */
        s.memory = memory > 0 ? between(memory, 1, MAX_MEM_LEVEL) : 8;
        break;
    case MW_BROTLI:
        s.level = between(level, BROTLI_MIN_QUALITY, BROTLI_MAX_QUALITY);
        s.window = window <= 0 ? BROTLI_DEFAULT_WINDOW
                               : between(window, BROTLI_MIN_WINDOW_BITS, BROTLI_MAX_WINDOW_BITS);
        s.memory = 0;
        break;
    case MW_ZSTD:
        s.level = between(level, 1, ZSTD_maxCLevel());
        s.window = window > 0 ? between(window, 10, ZSTD_WINDOW_MOST) : s.level > 19 ? ZSTD_WINDOW_MOST : 0;
        s.memory = 0;
        break;
    }
    return s;
}

static bool same_settings(const settings *a, const settings *b)
{
    return a->kind == b->kind && a->level == b->level && a->window == b->window && a->memory == b->memory;
}

static mw_press *take_kept(const settings *s)
{
    mw_press **at, *p;

    for (at = &pool.first; *at != NULL; at = &(*at)->next) {
        if (same_settings(&(*at)->set, s)) {
            p = *at;
            *at = p->next;
            pool.kept--;
            return p;
        }
    }
    return NULL;
}

mw_press *mw_press_open(mw_press_kind kind, int level, int window_bits, int memory_level)
{
    settings  s = settle(kind, level, window_bits, memory_level);
    mw_press *p = take_kept(&s);

    if (p != NULL) {
        p->in = p->out = 0;
        p->ended = false;
        return p;
    }
    p = mw_alloc(sizeof *p);
    p->set = s;
    if (engines[kind].start(p))
        return p;
    mw_free(p);
    return NULL;
}

mw_rc mw_press_run(mw_press *p, mw_str *in, mw_out *o, mw_press_flush flush)
{
    mw_rc rc;

    if (p->ended)
        return MW_END;
    if (in->at == NULL)
        in->at = "";
    rc = engines[p->set.kind].run(p, in, o, flush);
    p->ended = rc == MW_END;
    return rc;
}

uint64_t mw_press_in(const mw_press *p)
{
    return p->in;
}

uint64_t mw_press_out(const mw_press *p)
{
    return p->out;
}

void mw_press_close(mw_press *p)
{
    const engine *e;

    if (p == NULL)
        return;
    e = &engines[p->set.kind];
    if (e->renew != NULL && pool.kept < KEEP && e->renew(p)) {
        p->next = pool.first;
        pool.first = p;
        pool.kept++;
        return;
    }
    e->stop(p);
    mw_free(p);
}

/* ------------------------------------------------------------------------------------------ and back */

struct mw_unpress {
    mw_unpress *next;           /* in the pool */
    z_stream    zlib;
    bool        member_ended;
};

static struct { mw_unpress *first; unsigned kept; } unpool;

mw_unpress *mw_unpress_open(void)
{
    mw_unpress *u = unpool.first;

    if (u != NULL) {
        unpool.first = u->next;
        unpool.kept--;
        u->member_ended = false;
        return u;
    }
    u = mw_alloc(sizeof *u);
    if (inflateInit2(&u->zlib, MAX_WBITS + GZIP_WRAP) == Z_OK)
        return u;
    mw_free(u);
    return NULL;
}

/* RFC 1952 2.2: members may follow one another.  What follows and is none (padding) is not ours. */
static bool next_member(mw_unpress *u, mw_str in)
{
    if (mw_str_char(in, 0) != '\x1f' || inflateReset(&u->zlib) != Z_OK)
        return false;
    u->member_ended = false;
    return true;
}

mw_rc mw_unpress_run(mw_unpress *u, mw_str *in, mw_out *o)
{
    z_stream *z = &u->zlib;
    size_t    give, room;
    int       rc;

    for (;;) {
        if (u->member_ended && !next_member(u, *in))
            return MW_END;
        give = in->len < INT_MAX ? in->len : INT_MAX;
        room = room_of(o) < INT_MAX ? room_of(o) : INT_MAX;
        if (room == 0)
            return MW_AGAIN;
        z->next_in = (const Bytef *)(in->at != NULL ? in->at : "");
        z->avail_in = (uInt)give;
        z->next_out = (Bytef *)&o->at[o->len];
        z->avail_out = (uInt)room;
        rc = inflate(z, Z_NO_FLUSH);
        *in = mw_str_drop(*in, give - z->avail_in);
        o->len += room - z->avail_out;
        u->member_ended = rc == Z_STREAM_END;
        if (rc != Z_STREAM_END && rc != Z_OK && rc != Z_BUF_ERROR)
            return MW_ERR;
        if (!u->member_ended && in->len == 0 && z->avail_out > 0)
            return MW_OK;
    }
}

void mw_unpress_close(mw_unpress *u)
{
    if (u == NULL)
        return;
    if (unpool.kept < KEEP_UNPRESS && inflateReset(&u->zlib) == Z_OK) {
        u->next = unpool.first;
        unpool.first = u;
        unpool.kept++;
        return;
    }
    (void)inflateEnd(&u->zlib);
    mw_free(u);
}
