/* rules.c - proxy_redirect and proxy_cookie_*: what becomes of Location, Refresh and Set-Cookie.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy/rules.h"

static mw_str join(mw_request *r, mw_str a, mw_str b, mw_str c)
{
    mw_str parts[3] = { a, b, c };

    return mw_arena_join(r->arena, parts, 3);
}

/* Does a rule fit?  Then *to is what the text becomes: a regular expression stands for all of it, other text for its
 * front. */
static bool fits(mw_request *r, const mw_proxy_rule *rule, mw_str text, mw_str *to)
{
    mw_str from;

    if (rule->regex != NULL) {
        if (!mw_scope_match(&r->scope, rule->regex, text))
            return false;
        *to = mw_expr_text(rule->to, &r->scope);
        return true;
    }
    from = mw_expr_text(rule->from, &r->scope);
    if (!mw_str_starts(text, from))
        return false;
    *to = join(r, mw_expr_text(rule->to, &r->scope), mw_str_drop(text, from.len), MW_STR(""));
    return true;
}

static mw_str rewritten(mw_request *r, const mw_array *rules, mw_str text)
{
    mw_str to;

    for (size_t i = 0; i < rules->n; i++)
        if (fits(r, &MW_ITEM(rules, mw_proxy_rule, i), text, &to)) return to;
    return text;
}

mw_str mw_proxy_location(mw_request *r, const mw_proxy_conf *c, mw_str value)
{
    return rewritten(r, &c->redirects, value);
}

mw_str mw_proxy_refresh(mw_request *r, const mw_proxy_conf *c, mw_str value)
{
    size_t at;

    for (at = 0; at + 4 <= value.len; at++)
        if (mw_str_ieq(mw_str_part(value, at, at + 4), MW_STR("url="))) break;
    if (at + 4 > value.len)
        return value;
    return join(r, mw_str_take(value, at + 4), rewritten(r, &c->redirects, mw_str_drop(value, at + 4)), MW_STR(""));
}

/* --- cookies ------------------------------------------------------------------------------------------------------ */

static mw_str without_dot(mw_str s) { return mw_str_char(s, 0) == '.' ? mw_str_drop(s, 1) : s; }

/* A dot in front of the domain, the pattern and the replacement is nobody's business; the cookie keeps its own. */
static mw_str domain_of(mw_request *r, const mw_proxy_rules *rules, mw_str value)
{
    mw_str bare = without_dot(value), to;

    for (size_t i = 0; i < rules->list.n; i++) {
        const mw_proxy_rule *rule = &MW_ITEM(&rules->list, mw_proxy_rule, i);

        if (rule->regex != NULL) {
            if (!mw_scope_match(&r->scope, rule->regex, bare))
                continue;
        } else if (!mw_str_ieq(bare, without_dot(mw_expr_text(rule->from, &r->scope)))) {
            continue;
        }
        to = without_dot(mw_expr_text(rule->to, &r->scope));
        return bare.len < value.len ? join(r, MW_STR("."), to, MW_STR("")) : to;
    }
    return value;
}

enum { SECURE, HTTP_ONLY, SAME_SITE, FLAGS };

typedef struct cookie {
    mw_str flag[FLAGS];         /* empty: none */
    bool   touched[FLAGS];
    bool   changed;             /* otherwise it is passed on to the letter */
} cookie;

static const struct { mw_str word; int flag; mw_str value; } flag_words[] = {
    { MW_STR_C("secure"), SECURE, MW_STR_C("Secure") },         { MW_STR_C("nosecure"), SECURE, MW_STR_C("") },
    { MW_STR_C("httponly"), HTTP_ONLY, MW_STR_C("HttpOnly") },  { MW_STR_C("nohttponly"), HTTP_ONLY, MW_STR_C("") },
    { MW_STR_C("samesite=strict"), SAME_SITE, MW_STR_C("SameSite=Strict") },
    { MW_STR_C("samesite=lax"), SAME_SITE, MW_STR_C("SameSite=Lax") },
    { MW_STR_C("samesite=none"), SAME_SITE, MW_STR_C("SameSite=None") },
    { MW_STR_C("nosamesite"), SAME_SITE, MW_STR_C("") },
};

static void wish(mw_request *r, cookie *k, mw_str word)
{
    for (size_t i = 0; i < sizeof flag_words / sizeof flag_words[0]; i++)
        if (mw_str_ieq(word, flag_words[i].word)) {
            k->flag[flag_words[i].flag] = flag_words[i].value;
            k->touched[flag_words[i].flag] = k->changed = true;
            return;
        }
    if (word.len > 0)
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "invalid proxy_cookie_flags flag \"%.*s\"", MW_S(word));
}

static void wish_flags(mw_request *r, const mw_proxy_rules *rules, mw_str name, cookie *k)
{
    for (size_t i = 0; i < rules->list.n; i++) {
        const mw_proxy_flags *f = &MW_ITEM(&rules->list, mw_proxy_flags, i);

        if (f->regex != NULL ? !mw_scope_match(&r->scope, f->regex, name)
                             : !mw_str_ieq(name, mw_expr_text(f->cookie, &r->scope)))
            continue;
        for (unsigned n = 0; n < f->flags.n; n++)
            wish(r, k, mw_expr_text(f->flags.at[n], &r->scope));
        return;
    }
}

static int flag_named(mw_str key)
{
    return mw_str_ieq(key, MW_STR("Secure")) ? SECURE : mw_str_ieq(key, MW_STR("HttpOnly")) ? HTTP_ONLY
         : mw_str_ieq(key, MW_STR("SameSite")) ? SAME_SITE : FLAGS;
}

static void append(mw_out *o, mw_str a, mw_str b)
{
    if (o->len > 0)
        mw_out_str(o, MW_STR("; "));
    mw_out_str(o, a);
    mw_out_str(o, b);
}

/* One attribute of the cookie, as the rules will have it. */
static void attribute(mw_request *r, const mw_proxy_conf *c, mw_str text, cookie *k, mw_out *o)
{
    mw_str key, value;
    bool   valued = mw_str_cut(text, '=', &key, &value);
    int    flag = flag_named(mw_str_trim(key));
    mw_str became = value;

    if (valued && mw_str_ieq(mw_str_trim(key), MW_STR("Domain"))) {
        became = domain_of(r, &c->cookie_domain, value);
        append(o, mw_str_take(text, key.len + 1), became);
    } else if (valued && mw_str_ieq(mw_str_trim(key), MW_STR("Path"))) {
        became = rewritten(r, &c->cookie_path.list, value);
        append(o, mw_str_take(text, key.len + 1), became);
    } else if (flag < FLAGS && k->touched[flag]) {
        if (k->flag[flag].len > 0)
            append(o, k->flag[flag], MW_STR(""));
        k->flag[flag] = MW_STR("");             /* it stands where it stood */
    } else {
        append(o, text, MW_STR(""));
    }
    k->changed = k->changed || became.at != value.at;
}

mw_str mw_proxy_cookie(mw_request *r, const mw_proxy_conf *c, mw_str value)
{
    cookie k = { 0 };
    mw_str name, text, rest, whole = value;
    mw_out o;
    size_t room = value.len + 8192;     /* what the rules put in is short; beyond that the cookie stays as it was */

    if (c->cookie_domain.list.n == 0 && c->cookie_path.list.n == 0 && c->cookie_flags.list.n == 0)
        return value;
    (void)mw_str_cut(value, ';', &text, &rest);
    (void)mw_str_cut(text, '=', &name, &value);
    wish_flags(r, &c->cookie_flags, mw_str_trim(name), &k);
    o = mw_arena_pen(r->arena, room);
    append(&o, text, MW_STR(""));
    while (rest.len > 0) {
        (void)mw_str_cut(rest, ';', &text, &rest);
        attribute(r, c, mw_str_trim(text), &k, &o);
    }
    for (int i = 0; i < FLAGS; i++)
        if (k.touched[i] && k.flag[i].len > 0) append(&o, k.flag[i], MW_STR(""));
    return k.changed && !o.cut ? mw_out_done(&o) : whole;
}
