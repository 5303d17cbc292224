/* needles.c - fuzz target of words looked for in a stream: the same are found as by looking at each place in turn,
 * whatever the pieces are.  Lines are the words; behind an empty line is the text; '|' in it ends a piece.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/needles.c"

#include "core/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS = 16, PIECES = 4096 };

/* The plain way: which word begins first from here on; NO_WORD: none. */
static unsigned plain(const mw_str *words, unsigned n, mw_str text, size_t *from)
{
    for (; *from < text.len; ++*from)
        for (unsigned w = 0; w < n; w++)
            if (words[w].len > 0 && mw_str_istarts(mw_str_drop(text, *from), words[w])) return w;
    return NO_WORD;
}

/* The next one, with the text in pieces that end at `|`. */
static bool by_pieces(const mw_needles *x, mw_seek *k, mw_str text)
{
    while (k->at < text.len) {
        mw_str left = mw_str_drop(text, (size_t)k->at);
        size_t end = mw_str_index(left, '|');

        if (mw_needles_seek(x, k, mw_str_take(left, end == left.len ? end : end + 1)))
            return true;
        MW_MUST(mw_needles_open(x, k) <= k->at);
    }
    return k->found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mw_arena   *a = mw_arena_new(4096);
    mw_str      left = { (const char *)data, size < PIECES ? size : PIECES }, words[WORDS];
    unsigned    n = 0;
    mw_needles *x;

    while (n < WORDS && left.len > 0) {
        (void)mw_str_cut(left, '\n', &words[n], &left);
        if (words[n].len == 0)
            break;
        n++;
    }
    x = mw_needles_new(a, words, n);
    MW_MUST(x != NULL);
    for (;;) {
        mw_seek  k = { 0 };
        size_t   from = 0;
        unsigned w = plain(words, n, left, &from);

        if (!by_pieces(x, &k, left)) {
            MW_MUST(w == NO_WORD);
            break;
        }
        MW_MUST(k.word == w && k.from == from);
        left = mw_str_drop(left, from + words[w].len);
    }
    mw_arena_free(a);
    return 0;
}
