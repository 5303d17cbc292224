/* scan.c - the cursor of every hand-written parser.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/scan.h"

mw_set mw_set_of(const char *chars)
{
    mw_set set = { { 0 } };

    for (size_t i = 0; chars[i] != '\0'; i++) {
        bool     range = chars[i + 1] == '-' && chars[i + 2] != '\0';
        unsigned from = (unsigned char)chars[i], upto = range ? (unsigned char)chars[i + 2] : from;

        for (unsigned c = from; c <= upto; c++)
            set.bits[c >> 6] |= UINT64_C(1) << (c & 63);
        i += range ? 2 : 0;
    }
    return set;
}

mw_str mw_scan_take(mw_scan *s, size_t n)
{
    mw_str taken = mw_str_take(s->left, n);

    s->left = mw_str_drop(s->left, n);
    return taken;
}

bool mw_scan_char(mw_scan *s, char c)
{
    if (s->left.len == 0 || s->left.at[0] != c)
        return false;
    s->left.at++;
    s->left.len--;
    return true;
}

bool mw_scan_str(mw_scan *s, mw_str word)
{
    if (!mw_str_starts(s->left, word))
        return false;
    s->left = mw_str_drop(s->left, word.len);
    return true;
}

bool mw_scan_istr(mw_scan *s, mw_str word)
{
    if (!mw_str_istarts(s->left, word))
        return false;
    s->left = mw_str_drop(s->left, word.len);
    return true;
}

mw_str mw_scan_while(mw_scan *s, const mw_set *set)
{
    size_t n = 0;

    while (n < s->left.len && mw_set_has(set, s->left.at[n]))
        n++;
    return mw_scan_take(s, n);
}

mw_str mw_scan_break(mw_scan *s, const mw_set *set)
{
    size_t n = 0;

    while (n < s->left.len && !mw_set_has(set, s->left.at[n]))
        n++;
    return mw_scan_take(s, n);
}

bool mw_scan_until(mw_scan *s, char c, mw_str *before)
{
    mw_str head, tail;

    if (!mw_str_cut(s->left, c, &head, &tail))
        return false;
    *before = head;
    s->left = tail;
    return true;
}

bool mw_scan_u64(mw_scan *s, uint64_t *n)
{
    size_t len = 0;

    while (len < s->left.len && mw_is_digit(s->left.at[len]))
        len++;
    if (!mw_str_u64(mw_str_take(s->left, len), n))
        return false;
    s->left = mw_str_drop(s->left, len);
    return true;
}
