/* browser.c - modern_browser and ancient_browser: variables that tell one from the other by User-Agent.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/vars.h"

enum { KINDS = 5 };

typedef struct {
    uint64_t modern[KINDS];     /* least version + 1 of each kind; 0: not listed */
    bool     unlisted;
    mw_array ancient;           /* of mw_str */
    bool     netscape4;
    mw_str   modern_value, ancient_value;
} browser_conf;

/* In the order they are looked for: Opera calls itself MSIE too. */
static const struct { mw_str name, found_by, version_behind; } kinds[KINDS] = {
    { MW_STR_C("opera"), MW_STR_C("Opera"), MW_STR_C("Opera") },
    { MW_STR_C("msie"), MW_STR_C("MSIE "), MW_STR_C("MSIE ") },
    { MW_STR_C("gecko"), MW_STR_C("Gecko/"), MW_STR_C("rv:") },
    { MW_STR_C("safari"), MW_STR_C("Safari/"), MW_STR_C("Safari/") },
    { MW_STR_C("konqueror"), MW_STR_C("Konqueror/"), MW_STR_C("Konqueror/") },
};

/* Up to four numbers with dots between: 4000.99.99.99.  exact: nothing may stand behind. */
static bool read_version(mw_str text, bool exact, uint64_t *version)
{
    static const unsigned most[4] = { 4000, 99, 99, 99 };
    size_t                at = 0;

    *version = 0;
    for (unsigned part = 0; part < 4; part++) {
        uint64_t n = 0;
        size_t   from = at;

        while (mw_is_digit(mw_str_char(text, at)) && n <= most[part])
            n = n * 10 + (uint64_t)(mw_str_char(text, at++) - '0');
        if (exact && (n > most[part] || (at == from && (part == 0 || from < text.len))))
            return false;
        *version = *version * 100 + (n > most[part] ? most[part] : n);
        if (mw_str_char(text, at) == '.' && part < 3 && mw_is_digit(mw_str_char(text, at + 1)))
            at++;
        else
            for (; part < 3; part++)
                *version *= 100;
    }
    return !exact || at == text.len;
}

static mw_str behind(mw_str agent, mw_str word)
{
    mw_str rest = mw_str_drop(agent, mw_str_find(agent, word) + word.len);

    return mw_str_char(rest, 0) == '/' || mw_str_char(rest, 0) == ' ' ? mw_str_drop(rest, 1) : rest;
}

static bool has(mw_str agent, mw_str word) { return mw_str_find(agent, word) < agent.len; }

static bool is_netscape4(mw_str agent)
{
    char c = mw_str_char(agent, 8);

    return mw_str_starts(agent, MW_STR("Mozilla/")) && c >= '1' && c <= '4';
}

static bool is_modern(const mw_request *r, const browser_conf *c)
{
    mw_str agent = mw_fields_value(&r->head, MW_T_USER_AGENT);

    for (unsigned i = 0; i < KINDS && agent.len > 0; i++) {
        uint64_t version;

        if (c->modern[i] == 0 || !has(agent, kinds[i].found_by))
            continue;
        (void)read_version(behind(agent, kinds[i].version_behind), false, &version);
        return version >= c->modern[i] - 1;
    }
    if (agent.len > 0 && c->netscape4 && is_netscape4(agent))
        return false;
    for (size_t i = 0; i < c->ancient.n && agent.len > 0; i++)
        if (has(agent, MW_ITEM(&c->ancient, mw_str, i))) return false;
    return c->unlisted;
}

static bool get_browser(mw_scope *s, const mw_var *v, mw_str *text)
{
    const mw_request   *r = mw_scope_request(s);
    const browser_conf *c = mw_request_conf(r, &mw_browser_module);
    bool                wants_modern = v->data != 0;

    if (is_modern(r, c) != wants_modern)
        return false;
    return mw_got(text, wants_modern ? c->modern_value : c->ancient_value);
}

static bool get_msie(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_str agent = mw_fields_value(&mw_scope_request(s)->head, MW_T_USER_AGENT);

    (void)v;
    return has(agent, MW_STR("MSIE ")) && !has(agent, MW_STR("Opera")) && mw_got(text, MW_STR("1"));
}

static const mw_var browser_vars[] = {
    { "msie", .get = get_msie },
    { "modern_browser", .get = get_browser, .data = 1, .fleeting = true },
    { "ancient_browser", .get = get_browser, .data = 0, .fleeting = true },
    { .name = NULL }
};

static mw_rc set_modern(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    browser_conf *c = field;
    uint64_t      version;

    (void)d;
    if (n->nargs == 1) {
        if (!mw_str_eq(n->args[0], MW_STR("unlisted")))
            return mw_bind_error_at(b, n, 0, "invalid parameter \"%.*s\"", MW_S(n->args[0]));
        c->unlisted = true;
        return MW_OK;
    }
    if (!read_version(n->args[1], true, &version))
        return mw_bind_error_at(b, n, 1, "invalid browser version \"%.*s\"", MW_S(n->args[1]));
    for (unsigned i = 0; i < KINDS; i++)
        if (mw_str_eq(n->args[0], kinds[i].name)) {
            c->modern[i] = version + 1;
            return MW_OK;
        }
    return mw_bind_error_at(b, n, 0, "unknown browser name \"%.*s\"", MW_S(n->args[0]));
}

static mw_rc set_ancient(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    browser_conf *c = field;

    (void)d;
    for (unsigned i = 0; i < n->nargs; i++) {
        if (mw_str_eq(n->args[i], MW_STR("netscape4")))
            c->netscape4 = true;
        else if (n->args[i].len > 0)
            *MW_PUSH(b->arena, &c->ancient, mw_str) = n->args[i];
        else
            return mw_bind_error_at(b, n, i, "invalid parameter \"\"");
    }
    return MW_OK;
}

/* Both kinds of rows are about one list: where one is written, none of the outer ones counts. */
static const mw_directive browser_directives[] = {
    { "modern_browser", IN_WEB, 1, 2, .offset = 0, .size = offsetof(browser_conf, modern_value), .set = set_modern,
      .repeat = true, .group = "browser", .help = "from which version on a browser is modern, or unlisted" },
    { "ancient_browser", IN_WEB, 1, MANY, .offset = 0, .size = offsetof(browser_conf, modern_value), .set = set_ancient,
      .repeat = true, .group = "browser", .help = "what in a User-Agent tells that a browser is ancient" },
    { "modern_browser_value", IN_WEB, 1, 1, MW_FIELD(browser_conf, modern_value), .otherwise = "1",
      .help = "value of $modern_browser" },
    { "ancient_browser_value", IN_WEB, 1, 1, MW_FIELD(browser_conf, ancient_value), .otherwise = "1",
      .help = "value of $ancient_browser" },
    { 0 }
};

static const mw_http_part browser_http = { .vars = browser_vars };

const mw_module mw_browser_module = {
    .name = "browser", .directives = browser_directives, .conf_size = sizeof(browser_conf), .http = &browser_http,
};
