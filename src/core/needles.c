/* needles.c - several words looked for at once in bytes that come in pieces.
 *
 * The automaton of Aho and Corasick (1975): a state is the longest beginning of any word that ends where we are, and
 * each byte leads from a state to one other state, so a byte costs the same whatever came before it.  Bytes that stand
 * in no word share a class, and that keeps the table small.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/needles.h"

enum { NO_WORD = 0xffff };

typedef struct node {
    uint16_t depth;             /* bytes of the beginning that it stands for */
    uint16_t word;              /* the first word that is just this; NO_WORD: none is */
    uint16_t shorter;           /* the longest end of it that is a word; 0: none is */
    uint16_t lowest;            /* the first of the words that begin so */
    uint16_t fall;              /* the longest end of it that is a beginning of a word: while building */
} node;

struct mw_needles {
    uint8_t   class[256];
    bool      begins[256];      /* a word begins with it */
    unsigned  classes, n;
    uint16_t *next;             /* by state and class */
    uint16_t *alike;            /* by word: the next one of the same letters; NO_WORD: none */
    node     *nodes;
};

static unsigned byte_of(mw_str s, size_t i) { return (unsigned char)mw_str_char(s, i); }

/* Classes: 0 for what stands in no word; letters alike. */
static void classify(mw_needles *x, const mw_str *words, unsigned n)
{
    x->classes = 1;
    for (unsigned w = 0; w < n; w++) {
        for (size_t i = 0; i < words[w].len; i++) {
            unsigned char low = (unsigned char)mw_lower(mw_str_char(words[w], i));
            unsigned char up = (unsigned char)mw_upper((char)low);

            if (x->class[low] == 0)
                x->class[low] = x->class[up] = (uint8_t)x->classes++;
            if (i == 0)
                x->begins[low] = x->begins[up] = true;
        }
    }
}

static void plant(mw_needles *x, unsigned w, mw_str word)
{
    uint16_t state = 0, *same;

    for (size_t i = 0; i < word.len; i++) {
        uint16_t *to = &x->next[state * x->classes + x->class[byte_of(word, i)]];

        if (*to == 0) {
            *to = (uint16_t)x->n++;
            x->nodes[*to] = (node){ .depth = (uint16_t)(i + 1), .word = NO_WORD, .lowest = (uint16_t)w };
        }
        state = *to;
    }
    if (state == 0)
        return;
    for (same = &x->nodes[state].word; *same != NO_WORD; same = &x->alike[*same]) { }
    *same = (uint16_t)w;
}

/* Breadth first: of each state all shorter ones are finished. */
static void join(mw_needles *x, uint16_t *queue)
{
    unsigned put = 0;

    for (unsigned c = 0; c < x->classes; c++)
        if (x->next[c] != 0) queue[put++] = x->next[c];
    for (unsigned got = 0; got < put; got++) {
        uint16_t  state = queue[got];
        uint16_t *row = &x->next[state * x->classes], *fallback = &x->next[x->nodes[state].fall * x->classes];

        for (unsigned c = 0; c < x->classes; c++) {
            if (row[c] == 0) {
                row[c] = fallback[c];
                continue;
            }
            x->nodes[row[c]].fall = fallback[c];
            x->nodes[row[c]].shorter = x->nodes[fallback[c]].word != NO_WORD ? fallback[c]
                                                                             : x->nodes[fallback[c]].shorter;
            queue[put++] = row[c];
        }
    }
}

mw_needles *mw_needles_new(mw_arena *a, const mw_str *words, unsigned n)
{
    mw_needles *x = MW_NEW(a, mw_needles);
    size_t      bytes = 0;

    for (unsigned w = 0; w < n; w++) {
        if (words[w].len > MW_NEEDLES_MOST - bytes)
            return NULL;
        bytes += words[w].len;
    }
    if (n >= NO_WORD)
        return NULL;
    classify(x, words, n);
    x->nodes = MW_NEWS(a, node, bytes + 1);
    x->next = MW_NEWS(a, uint16_t, (bytes + 1) * x->classes);
    x->alike = MW_NEWS(a, uint16_t, n + 1);
    x->nodes[0].word = NO_WORD;
    x->n = 1;
    for (unsigned w = 0; w < n; w++) {
        x->alike[w] = NO_WORD;
        plant(x, w, words[w]);
    }
    join(x, MW_NEWS(a, uint16_t, bytes + 1));
    return x;
}

/* The longest word that ends here and is looked for; NO_WORD: none. */
static uint16_t ending(const mw_needles *x, const mw_seek *k, uint16_t *state)
{
    for (uint16_t s = x->nodes[*state].word != NO_WORD ? *state : x->nodes[*state].shorter; s != 0;
         s = x->nodes[s].shorter) {
        uint16_t word = x->nodes[s].word;

        while (word != NO_WORD && k->without != NULL && k->without[word])
            word = x->alike[word];
        if (word != NO_WORD) {
            *state = s;
            return word;
        }
    }
    return NO_WORD;
}

static void note_word(const mw_needles *x, mw_seek *k)
{
    uint16_t state = k->state, word = ending(x, k, &state);
    uint64_t from;

    if (word == NO_WORD)
        return;
    from = k->at - x->nodes[state].depth;
    if (k->found && (from > k->from || (from == k->from && word > k->word)))
        return;
    k->found = true;
    k->from = from;
    k->word = word;
}

bool mw_needles_seek(const mw_needles *x, mw_seek *k, mw_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        const node *at;

        if (k->state == 0 && !k->found && !x->begins[byte_of(bytes, i)]) {
            k->at++;
            continue;
        }
        k->state = x->next[k->state * x->classes + x->class[byte_of(bytes, i)]];
        k->at++;
        at = &x->nodes[k->state];
        if (at->word != NO_WORD || at->shorter != 0)
            note_word(x, k);
        if (k->found && (k->at - at->depth > k->from || (k->at - at->depth == k->from && at->lowest >= k->word)))
            return true;
    }
    return false;
}

uint64_t mw_needles_open(const mw_needles *x, const mw_seek *k)
{
    uint64_t open = k->at - x->nodes[k->state].depth;

    return k->found && k->from < open ? k->from : open;
}
