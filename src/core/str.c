/* str.c - comparing, finding and cutting borrowed bytes, and numbers in them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/str.h"

static uint64_t word_at(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

static bool same_letters(const char *a, const char *b, size_t n)
{
    size_t i = 0;

    for (; n - i >= 8; i += 8)
        if (word_at(a + i) != word_at(b + i) && mw_lower8(word_at(a + i)) != mw_lower8(word_at(b + i)))
            return false;
    for (; i < n; i++)
        if (a[i] != b[i] && mw_lower(a[i]) != mw_lower(b[i]))
            return false;
    return true;
}

static int cmp_size(size_t a, size_t b) { return (a > b) - (a < b); }

bool mw_str_ieq(mw_str a, mw_str b) { return a.len == b.len && same_letters(a.at, b.at, a.len); }

bool mw_str_istarts(mw_str s, mw_str with)
{
    return s.len >= with.len && same_letters(s.at, with.at, with.len);
}

bool mw_str_ends(mw_str s, mw_str with)
{
    return s.len >= with.len && mw_str_eq(mw_str_drop(s, s.len - with.len), with);
}

int mw_str_cmp(mw_str a, mw_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int    order = n > 0 ? memcmp(a.at, b.at, n) : 0;

    return order != 0 ? order : cmp_size(a.len, b.len);
}

int mw_str_icmp(mw_str a, mw_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;

    for (size_t i = 0; i < n; i++) {
        int order = (unsigned char)mw_lower(a.at[i]) - (unsigned char)mw_lower(b.at[i]);

        if (order != 0)
            return order;
    }
    return cmp_size(a.len, b.len);
}

size_t mw_str_index(mw_str s, char c)
{
    const char *hit = s.len > 0 ? memchr(s.at, c, s.len) : NULL;

    return hit != NULL ? (size_t)(hit - s.at) : s.len;
}

size_t mw_str_rindex(mw_str s, char c)
{
    const char *hit = s.len > 0 ? memrchr(s.at, c, s.len) : NULL;

    return hit != NULL ? (size_t)(hit - s.at) : s.len;
}

size_t mw_str_find(mw_str s, mw_str needle)
{
    const char *hit;

    if (needle.len == 0)
        return 0;
    hit = s.len >= needle.len ? memmem(s.at, s.len, needle.at, needle.len) : NULL;
    return hit != NULL ? (size_t)(hit - s.at) : s.len;
}

static bool blank(char c) { return c == ' ' || c == '\t'; }

mw_str mw_str_trim(mw_str s)
{
    while (s.len > 0 && blank(s.at[0]))
        s = mw_str_drop(s, 1);
    while (s.len > 0 && blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

bool mw_str_cut(mw_str s, char at, mw_str *head, mw_str *tail)
{
    size_t n = mw_str_index(s, at);

    *head = mw_str_take(s, n);
    *tail = mw_str_drop(s, n + (n < s.len));
    return n < s.len;
}

bool mw_str_u64(mw_str s, uint64_t *value)
{
    uint64_t n = 0;

    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned char)(s.at[i] - '0');

        if (digit > 9 || n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    if (s.len == 0)
        return false;
    *value = n;
    return true;
}

bool mw_str_hex(mw_str s, uint64_t *value)
{
    uint64_t n = 0;

    for (size_t i = 0; i < s.len; i++) {
        int digit = mw_hex_digit(s.at[i]);

        if (digit < 0 || n >> 60 != 0)
            return false;
        n = n << 4 | (unsigned)digit;
    }
    if (s.len == 0)
        return false;
    *value = n;
    return true;
}

int mw_hex_digit(char c)
{
    if (mw_is_digit(c))
        return c - '0';
    c = mw_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
