/* recode.c - text from one character set to another: between those of one byte, and from and to UTF-8.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/recode.h"

enum { ASCII = 128, BYTES = 256 };

typedef struct wide { char utf8[4]; uint8_t n; } wide;
typedef struct back_row { uint32_t code; uint8_t byte; } back_row;

struct mw_recode {
    uint8_t   one[BYTES];       /* of tables between bytes */
    wide     *wides;            /* of tables to UTF-8, by byte */
    back_row *rows;             /* of tables from UTF-8, by code, sorted */
    unsigned  n;
};

void mw_recode_bytes(mw_arena *a, mw_recode **there, mw_recode **back)
{
    *there = MW_NEW(a, mw_recode);
    *back = MW_NEW(a, mw_recode);
    for (unsigned i = 0; i < BYTES; i++)
        (*there)->one[i] = (*back)->one[i] = (uint8_t)(i < ASCII ? i : '?');
}

void mw_recode_utf8(mw_arena *a, mw_recode **there, mw_recode **back)
{
    *there = MW_NEW(a, mw_recode);
    *back = MW_NEW(a, mw_recode);
    (*there)->wides = MW_NEWS(a, wide, BYTES);
    for (unsigned i = 0; i < BYTES; i++)
        (*there)->wides[i] = (wide){ { i < ASCII ? (char)i : '?' }, 1 };
    (*back)->rows = MW_NEWS(a, back_row, BYTES);
}

/* The first byte of a character of UTF-8 (RFC 3629 3): how many follow.  false: it begins none. */
static bool begin_character(mw_recoding *k, uint8_t c)
{
    if (c >= 0xc2 && c <= 0xdf)
        *k = (mw_recoding){ c & 0x1fu, 0x80, 1 };
    else if (c >= 0xe0 && c <= 0xef)
        *k = (mw_recoding){ c & 0x0fu, 0x800, 2 };
    else if (c >= 0xf0 && c <= 0xf4)
        *k = (mw_recoding){ c & 0x07u, 0x10000, 3 };
    else
        return false;
    return true;
}

static bool is_character(const mw_recoding *k)
{
    return k->code >= k->least && k->code <= 0x10ffff && (k->code < 0xd800 || k->code > 0xdfff);
}

/* The only character in s; false: there is none, or more. */
static bool one_character(mw_str s, uint32_t *code)
{
    mw_recoding k = { 0 };

    if (s.len == 1 && (uint8_t)mw_str_char(s, 0) < ASCII) {
        *code = (uint8_t)mw_str_char(s, 0);
        return true;
    }
    if (!begin_character(&k, (uint8_t)mw_str_char(s, 0)) || s.len != (size_t)k.more + 1)
        return false;
    for (size_t i = 1; i < s.len; i++) {
        if (((uint8_t)mw_str_char(s, i) & 0xc0) != 0x80)
            return false;
        k.code = k.code << 6 | ((uint8_t)mw_str_char(s, i) & 0x3f);
    }
    *code = k.code;
    return is_character(&k);
}

/* Where the code is, or would be. */
static unsigned place_of(const mw_recode *x, uint32_t code)
{
    unsigned low = 0, high = x->n;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (x->rows[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_back(mw_recode *x, uint32_t code, uint8_t byte)
{
    unsigned at = place_of(x, code);

    if (at < x->n && x->rows[at].code == code) {
        x->rows[at].byte = byte;
        return;
    }
    if (x->n == BYTES)                                  /* a byte was given several characters */
        return;
    memmove(&x->rows[at + 1], &x->rows[at], (x->n - at) * sizeof *x->rows);
    x->rows[at] = (back_row){ code, byte };
    x->n++;
}

bool mw_recode_row(mw_recode *there, mw_recode *back, uint8_t from, mw_str to)
{
    uint32_t code;

    if (there->wides == NULL) {
        if (to.len != 1)
            return false;
        there->one[from] = (uint8_t)mw_str_char(to, 0);
        back->one[(uint8_t)mw_str_char(to, 0)] = from;
        return true;
    }
    if (!one_character(to, &code))
        return false;
    there->wides[from].n = (uint8_t)to.len;
    for (size_t i = 0; i < to.len; i++)
        there->wides[from].utf8[i] = mw_str_char(to, i);
    add_back(back, code, from);
    return true;
}

bool mw_recode_keeps_length(const mw_recode *x) { return x->wides == NULL && x->rows == NULL; }

static void put_code(const mw_recode *x, uint32_t code, mw_out *o)
{
    unsigned at = place_of(x, code);

    if (at < x->n && x->rows[at].code == code) {
        mw_out_char(o, (char)x->rows[at].byte);
    } else if (code < ASCII) {
        mw_out_char(o, (char)code);
    } else {
        mw_out_str(o, MW_STR("&#"));
        mw_out_u64(o, code);
        mw_out_char(o, ';');
    }
}

static void from_utf8(const mw_recode *x, mw_recoding *k, uint8_t c, mw_out *o)
{
    if (k->more > 0) {
        if ((c & 0xc0) == 0x80) {
            k->code = k->code << 6 | (c & 0x3f);
            if (--k->more > 0)
                return;
            if (is_character(k))
                put_code(x, k->code, o);
            else
                mw_out_char(o, '?');
            return;
        }
        mw_out_char(o, '?');                            /* it broke off; c begins anew */
        k->more = 0;
    }
    if (c < ASCII)
        put_code(x, c, o);
    else if (!begin_character(k, c))
        mw_out_char(o, '?');
}

size_t mw_recode_run(const mw_recode *x, mw_recoding *k, mw_str in, mw_out *o)
{
    size_t i;

    for (i = 0; i < in.len && o->room - o->len >= MW_RECODE_ROOM; i++) {
        uint8_t c = (uint8_t)mw_str_char(in, i);

        if (x->rows != NULL)
            from_utf8(x, k, c, o);
        else if (x->wides != NULL)
            mw_out_str(o, (mw_str){ x->wides[c].utf8, x->wides[c].n });
        else
            mw_out_char(o, (char)x->one[c]);
    }
    return i;
}

void mw_recode_end(const mw_recode *x, mw_recoding *k, mw_out *o)
{
    if (x->rows != NULL && k->more > 0)
        mw_out_char(o, '?');
    k->more = 0;
}
