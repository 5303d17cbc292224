/* buf.h - bytes in motion: counted blocks and files, and chains of views into them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_BUF_H
#define MW_CORE_BUF_H

#include "core/str.h"

struct stat;

typedef struct mw_block {       /* counted; a view that refers to it holds one count */
    uint32_t refs, size;
    char     data[];
} mw_block;

typedef struct mw_file {        /* an open descriptor, counted the same way: nobody closes it under a view */
    uint32_t refs;
    int      fd;
    bool     direct;            /* opened with O_DIRECT */
    struct stat *was;           /* others may write to it: how it was when it was opened; NULL: it is ours */
} mw_file;

typedef struct mw_buf mw_buf;
struct mw_buf {                 /* one view; owned by exactly one chain */
    mw_buf   *next;
    mw_block *block;            /* NULL: the bytes are immortal, lent, or in a file */
    mw_file  *file;             /* NULL: the bytes are in mem    */
    mw_str    mem;
    uint64_t  from, upto;       /* the part of the file          */
    bool      lent;             /* mem is in somebody's arena: the wire copies it before it gathers */
};

typedef struct mw_chain {       /* owns its bufs; moving bytes moves ownership */
    mw_buf   *head, **tail;
    uint64_t  bytes;
} mw_chain;

void mw_chain_init(mw_chain *c);
void mw_chain_add_static(mw_chain *c, mw_str s);                    /* immortal bytes */
void mw_chain_add_lent(mw_chain *c, mw_str s);                      /* bytes of an arena */
void mw_chain_add_copy(mw_chain *c, mw_str s);                      /* into a block of its own */
void mw_chain_add_block(mw_chain *c, mw_block *b, mw_str part);     /* takes a count of its own */
void mw_chain_give_block(mw_chain *c, mw_block *b, mw_str part);    /* takes over the count; empty: gives it back */
void mw_chain_add_file(mw_chain *c, mw_file *f, uint64_t from, uint64_t upto);  /* takes a count of its own */
void mw_chain_keep(mw_chain *c);                                    /* lent bytes become counted copies */
void mw_chain_drop(mw_chain *c, uint64_t n);                        /* forgets the first n bytes */
void mw_chain_clear(mw_chain *c);                                   /* forgets all */
void mw_chain_move(mw_chain *to, mw_chain *from);                   /* all, to the end */
void mw_chain_move_some(mw_chain *to, mw_chain *from, uint64_t n);  /* the first n bytes; may split a view */
/* Views of n bytes from `at` on, which stay where they are; fewer if there are fewer. */
void mw_chain_share(mw_chain *to, const mw_chain *from, uint64_t at, uint64_t n);
size_t mw_chain_peek(const mw_chain *c, char *to, size_t room); /* copies memory bytes, up to a file; how many */
bool mw_chain_has_file(const mw_chain *c);

mw_block *mw_block_new(uint32_t size);      /* with one count, the caller's; up to 64 KB from free lists */
mw_block *mw_block_try(uint32_t size);      /* NULL when there is none */
static inline mw_block *mw_block_hold(mw_block *b) { b->refs++; return b; }
void      mw_block_done(mw_block *b);       /* gives one count back; NULL is fine */
mw_file  *mw_file_new(int fd);              /* with one count; owns fd from now on */
static inline mw_file *mw_file_hold(mw_file *f) { f->refs++; return f; }
void      mw_file_done(mw_file *f);         /* the last one closes fd; NULL is fine */
void      mw_file_mind(mw_file *f, const struct stat *was);     /* from now on mw_file_changed() is no idle question */
bool      mw_file_changed(const mw_file *f);        /* its bytes are not those of then; false where nobody minds */

#endif
