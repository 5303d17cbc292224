/* needles.h - several words looked for at once in bytes that come in pieces; ASCII letters alike.
 *
 * Of what overlaps, the word that begins first is found; of those that begin together, the one that was given first.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_NEEDLES_H
#define MW_CORE_NEEDLES_H

#include "core/arena.h"

typedef struct mw_needles mw_needles;

typedef struct mw_seek {        /* zeroed: at the beginning */
    const bool *without;        /* by word: not looked for any more; NULL: all are */
    uint64_t    at;             /* bytes seen */
    uint64_t    from;           /* where the word that was found begins */
    unsigned    word;
    bool        found;          /* a word was seen, and another one that comes before it may still be seen */
    uint16_t    state;
} mw_seek;

enum { MW_NEEDLES_MOST = 16384 };       /* bytes of all words together */

/* NULL: the words are longer than that in all.  Empty ones are never found.  Keeps nothing of the words. */
mw_needles *mw_needles_new(mw_arena *a, const mw_str *words, unsigned n);
/* Eats bytes up to where a word is certain (true: k->word at k->from) or to their end; k->at tells how far.  At the end
 * of all bytes k->found tells the same. */
bool        mw_needles_seek(const mw_needles *x, mw_seek *k, mw_str bytes);
uint64_t    mw_needles_open(const mw_needles *x, const mw_seek *k);  /* bytes before it belong to no word to come */

#endif
