/* split.c - split_clients: a text's hash picks one of several values, each with its share of the hash's range.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"
#include "rule/expr.h"
#include "rule/modules.h"

enum { WHOLE = 10000 };         /* hundredths of a percent */

typedef struct share {
    uint32_t below;             /* hashes below this, from the last share's on; 0: all that is left */
    mw_str   value;
} share;

typedef struct split {
    mw_expr *source;
    mw_array shares;            /* of share */
} split;

static bool get_split(mw_scope *s, const mw_var *v, mw_str *text)
{
    const split *p = (const split *)v->data;
    uint32_t     hash = mw_murmur2(mw_expr_text(p->source, s), 0);

    *text = MW_STR("");
    for (size_t i = 0; i < p->shares.n; i++) {
        const share *one = &MW_ITEM(&p->shares, const share, i);

        if (hash < one->below || one->below == 0) {
            *text = one->value;
            break;
        }
    }
    return true;
}

/* "12.34%" as 1234; ".5%" and "5.%" are numbers too, as nginx has it. */
static bool read_percent(mw_str text, uint32_t *hundredths)
{
    mw_str   whole, part;
    uint64_t n = 0, fraction = 0;

    if (text.len < 2 || !mw_str_ends(text, MW_STR("%")))
        return false;
    mw_str_cut(mw_str_take(text, text.len - 1), '.', &whole, &part);
    if ((whole.len > 0 && !mw_str_u64(whole, &n)) || (part.len > 0 && !mw_str_u64(part, &fraction)))
        return false;
    if (part.len > 2 || n > 100000 || whole.len + part.len == 0)
        return false;
    n = n * 100 + (part.len == 1 ? fraction * 10 : fraction);
    *hundredths = (uint32_t)n;
    return n > 0;                               /* more than all there is: the sum tells */
}

/* sum: hundredths so far; last: where the hashes of the next share begin. */
static mw_rc add_share(mw_bind *b, split *p, const mw_node *n, uint32_t *sum, uint32_t *last)
{
    share   *one;
    uint32_t part = 0;
    bool     rest = mw_str_eq(n->name, MW_STR("*"));

    if (n->block)
        return mw_bind_error(b, n, "unexpected \"{\"");
    if (n->nargs == 0)
        return mw_bind_error(b, n, "invalid number of the split_clients parameters");
    if (!rest && !read_percent(n->name, &part))
        return mw_bind_error(b, n, "invalid percent value \"%.*s\"", MW_S(n->name));
    *sum += part;
    if (*sum > WHOLE)
        return mw_bind_error(b, n, "percent total is greater than 100%%");
    one = MW_PUSH(b->arena, &p->shares, share);
    one->value = n->args[0];
    if (rest) {
        *sum = WHOLE;
        return MW_OK;
    }
    *last += (uint32_t)((uint64_t)part * UINT32_MAX / WHOLE);
    one->below = *last;
    return MW_OK;
}

static mw_rc set_split(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    split   *p = MW_NEW(b->arena, split);
    mw_str   name = n->args[1];
    uint32_t sum = 0, last = 0;
    mw_var  *v;

    (void)d;
    (void)field;
    p->source = mw_expr_compile(b, n, n->args[0]);
    if (p->source == NULL)
        return MW_ERR;
    if (mw_str_char(name, 0) != '$' || name.len == 1)
        return mw_bind_error_at(b, n, 1, "invalid variable name \"%.*s\"", MW_S(name));
    v = mw_vars_define(b, n, mw_str_drop(name, 1));
    if (v == NULL)
        return MW_ERR;
    for (const mw_node *kid = n->kids; kid != NULL; kid = kid->next)
        if (add_share(b, p, kid, &sum, &last) != MW_OK)
            return MW_ERR;
    v->get = get_split;
    v->data = (uintptr_t)p;
    return MW_OK;
}

const mw_directive mw_split_directives[] = {
    { .name = "split_clients", .where = IN_HTTP | IN_STREAM, .least = 2, .most = 2, .set = set_split, .block = MW_RAW,
      .repeat = true, .help = "Gives a variable one of several values, each to its share of a text's hashes." },
    { 0 }
};

const mw_module mw_split_module = { .name = "split_clients", .directives = mw_split_directives };
