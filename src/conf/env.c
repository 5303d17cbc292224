/* env.c - ${env:NAME} and ${env:NAME:-default} in arguments: the environment of the process that reads.
 *
 * It is text put in place of text, once, after words were cut: a value can begin no directive and end no quote.  As in
 * a shell, ":-" also stands for what is set and empty.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "conf/reader.h"

static const mw_str begins = MW_STR_C("${env:");

static bool is_name(mw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!mw_is_alpha(s.at[i]) && s.at[i] != '_' && (i == 0 || !mw_is_digit(s.at[i])))
            return false;
    return s.len > 0;
}

/* What stands for NAME or NAME:-default; false: said. */
static bool look_up(mw_reader *r, mw_str inside, const mw_pos *pos, mw_str *value)
{
    size_t      colon = mw_str_find(inside, MW_STR(":-"));
    mw_str      name = mw_str_take(inside, colon);
    const char *found;

    if (!is_name(name)) {
        mw_reader_error(r, pos, 0, "invalid name of an environment variable \"%.*s\"", MW_S(name));
        return false;
    }
    found = getenv(mw_arena_z(r->arena, name));
    if (found == NULL && colon == inside.len) {
        mw_reader_error(r, pos, 0, "environment variable \"%.*s\" is not set", MW_S(name));
        mw_diag_hint(r->diag, "set it, or say what to take then: ${env:%.*s:-...}", MW_S(name));
        return false;
    }
    *value = found != NULL ? mw_arena_copy(r->arena, mw_str_of(found)) : MW_STR("");
    if (value->len == 0 && colon < inside.len)
        *value = mw_str_drop(inside, colon + 2);
    return true;
}

bool mw_env_expand(mw_reader *r, mw_str *word, const mw_pos *pos)
{
    mw_out o;
    mw_str left = *word, value;

    if (mw_str_find(left, begins) == left.len)
        return true;
    o = mw_arena_pen(r->arena, MW_WORD_MOST);
    for (size_t at; (at = mw_str_find(left, begins)) < left.len;) {
        size_t end;

        mw_out_str(&o, mw_str_take(left, at));
        left = mw_str_drop(left, at + begins.len);
        end = mw_str_index(left, '}');
        if (end == left.len) {
            mw_reader_error(r, pos, 0, "\"${env:\" without a closing bracket");
            return false;
        }
        if (!look_up(r, mw_str_take(left, end), pos, &value))
            return false;
        mw_out_str(&o, value);
        left = mw_str_drop(left, end + 1);
    }
    mw_out_str(&o, left);
    *word = mw_out_done(&o);
    if (!o.cut && mw_str_find(*word, begins) == word->len)
        return true;
    mw_reader_error(r, pos, 0, o.cut ? "too long parameter, with what the environment says"
                                     : "the environment may not speak of \"${env:\" itself");
    return false;
}
