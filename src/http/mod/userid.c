/* userid.c - userid: cookies that tell clients apart, as those of Apache's mod_uid.
 * SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "core/clock.h"
#include "core/codec.h"
#include "core/random.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/vars.h"

enum { ID_BYTES = 16, ID_TEXT = 22, MARK_AT = 22, OFF = 0, LOG = 1, V1 = 2, ON = 3, FIRST_V2 = 0x03030302 };

typedef struct {
    mw_enum  mode, mark;                /* mark: a letter; 0: none */
    mw_flags flags;
    mw_str   name, domain, path, p3p;   /* domain and p3p empty: none */
    int64_t  expires;                   /* seconds; 0: off; INT64_MAX: max */
    int64_t  service;                   /* -1: not said */
} uid_conf;

typedef struct {
    uint32_t got[4], set[4];            /* as they lie in the cookie; got[3] 0: none came */
    mw_str   cookie;                    /* as it came */
    bool     looked, made;
} uid_once;

/* --- what came ---------------------------------------------------------------------------------------------------- */

static bool find_cookie(const mw_request *r, mw_str name, mw_str *value)
{
    for (const mw_field *f = mw_fields_get(&r->head, MW_T_COOKIE); f != NULL; f = mw_fields_next(&r->head, f)) {
        mw_str one, rest = f->value, key;

        while (rest.len > 0) {
            (void)mw_str_cut(rest, ';', &one, &rest);
            if (mw_str_cut(mw_str_trim(one), '=', &key, value) && mw_str_eq(key, name)) return true;
        }
    }
    return false;
}

static uid_once *look(mw_request *r, const uid_conf *c)
{
    uid_once *x = mw_request_once(r, &mw_userid_module);
    mw_out    o;

    if (x->looked)
        return x;
    x->looked = true;
    if (!find_cookie(r, c->name, &x->cookie))
        return x;
    o = mw_out_on((char *)x->got, ID_BYTES);
    if (x->cookie.len < ID_TEXT || !mw_unbase64(&o, mw_str_take(x->cookie, ID_TEXT)) || o.len != ID_BYTES) {
        MW_LOG(&r->log, MW_LOG_ERROR, 0, "client sent invalid userid cookie \"%.*s\"",
               MW_S(mw_str_take(x->cookie, 256)));
        memset(x->got, 0, sizeof x->got);
    }
    return x;
}

static mw_str shown(mw_arena *a, mw_str name, const uint32_t id[4])
{
    return mw_arena_fmt(a, "%.*s=%08X%08X%08X%08X", MW_S(name), id[0], id[1], id[2], id[3]);
}

/* --- what is made ------------------------------------------------------------------------------------------------- */

static uint32_t network(uint64_t n)
{
    uint8_t  bytes[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
    uint32_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

/* The last four octets of the server's address. */
static uint32_t own_service(mw_request *r)
{
    const mw_addr *a = mw_visit_local(r->visit);
    uint32_t       word = 0;

    if (a->family == MW_IPV4)
        memcpy(&word, a->ip, sizeof word);
    else if (a->family == MW_IPV6)
        memcpy(&word, &a->ip[12], sizeof word);
    return word;
}

/* Of a process: when it began and who it is, so that no two give the same. */
typedef struct { uint32_t start, next_v1, next_v2; } uid_state;

static uid_state *state_of(const mw_request *r)
{
    const mw_worker *w = r->loop->worker;

    for (unsigned i = 0; w->modules[i] != NULL; i++)
        if (w->modules[i] == &mw_userid_module) return w->state[i];
    return NULL;
}

static mw_rc uid_start(mw_worker *w)
{
    uid_state *s = MW_NEW(w->arena, uid_state);

    s->start = (uint32_t)(mw_random_below(1 << 16) << 16) | (uint32_t)(getpid() & 0xffff);
    s->next_v1 = 1;
    s->next_v2 = FIRST_V2;
    for (unsigned i = 0; w->modules[i] != NULL; i++)
        if (w->modules[i] == &mw_userid_module) w->state[i] = s;
    return MW_OK;
}

static bool was_reset(mw_request *r, const uid_conf *c, const uid_once *x)
{
    mw_str text;

    if (!mw_var_by_name(&r->scope, MW_STR("uid_reset"), &text) || text.len == 0 || mw_str_eq(text, MW_STR("0")))
        return false;
    if (mw_str_eq(text, MW_STR("log"))) {
        mw_str id = shown(r->arena, c->name, x->got);

        MW_LOG(&r->log, MW_LOG_NOTICE, 0, "userid cookie \"%.*s\" was reset", MW_S(id));
    }
    return true;
}

static bool has_mark(const uid_conf *c, mw_str cookie)
{
    return c->mark == 0 || (cookie.len > MARK_AT + 1 && cookie.at[MARK_AT] == c->mark && cookie.at[MARK_AT + 1] == '=');
}

static void new_id(mw_request *r, const uid_conf *c, uint32_t id[4])
{
    uid_state *s = state_of(r);
    uint32_t   now = (uint32_t)r->loop->clock.sec;

    if (c->mode == V1) {
        id[0] = c->service < 0 ? 0 : (uint32_t)c->service;
        id[1] = now;
        id[2] = s->start;
        id[3] = s->next_v1;
        s->next_v1 += 0x100;
        return;
    }
    id[0] = c->service < 0 ? own_service(r) : network((uint64_t)c->service);
    id[1] = network(now);
    id[2] = network(s->start);
    id[3] = network(s->next_v2);
    s->next_v2 = s->next_v2 + 0x100 < FIRST_V2 ? FIRST_V2 : s->next_v2 + 0x100;
}

/* The identifier to be sent, once; NULL: none is. */
static const uint32_t *make_id(mw_request *r, const uid_conf *c)
{
    uid_once *x = look(r, c);

    if (x->made)
        return x->set[3] != 0 ? x->set : NULL;
    x->made = true;
    if (x->got[3] != 0 && !was_reset(r, c, x)) {
        if (has_mark(c, x->cookie))
            return NULL;
        memcpy(x->set, x->got, sizeof x->set);  /* only its mark is another */
        return x->set;
    }
    new_id(r, c, x->set);
    return x->set;
}

static void put_expires(mw_out *o, mw_request *r, const uid_conf *c)
{
    mw_time when = r->loop->clock.sec + c->expires;

    if (c->expires == 0)
        return;
    mw_out_str(o, MW_STR("; expires="));
    if (c->expires == INT64_MAX)
        mw_out_str(o, MW_STR("Thu, 31-Dec-37 23:55:55 GMT"));
    else
        mw_out_strftime(o, "%a, %d-%b-%y %H:%M:%S GMT", when, false);
}

static const struct { unsigned flag; mw_str text; } flag_texts[] = {
    { 1, MW_STR_C("; secure") }, { 2, MW_STR_C("; httponly") }, { 4, MW_STR_C("; samesite=strict") },
    { 8, MW_STR_C("; samesite=lax") }, { 16, MW_STR_C("; samesite=none") },
};

static mw_rc uid_head(mw_request *r, const void *conf, void *ctx)
{
    const uid_conf *c = conf;
    const uint32_t *id = c->mode >= V1 ? make_id(r, c) : NULL;
    mw_out          o;

    (void)ctx;
    if (id == NULL)
        return MW_OK;
    o = mw_arena_pen(r->arena, c->name.len + c->domain.len + c->path.len + 256);
    mw_out_str(&o, c->name);
    mw_out_char(&o, '=');
    mw_base64(&o, (mw_str){ (const char *)id, ID_BYTES });
    if (c->mark != 0)
        o.at[o.len - 2] = (char)c->mark;
    put_expires(&o, r, c);
    if (c->domain.len > 0) {
        mw_out_str(&o, MW_STR("; domain="));
        mw_out_str(&o, c->domain);
    }
    mw_out_str(&o, MW_STR("; path="));
    mw_out_str(&o, c->path);
    for (size_t i = 0; i < sizeof flag_texts / sizeof *flag_texts; i++)
        if ((c->flags & flag_texts[i].flag) != 0) mw_out_str(&o, flag_texts[i].text);
    mw_fields_add_token(r->arena, &r->res.head, MW_T_SET_COOKIE, mw_out_done(&o));
    if (c->p3p.len > 0)
        mw_fields_add(r->arena, &r->res.head, MW_STR("P3P"), c->p3p);
    return MW_OK;
}

/* --- variables ---------------------------------------------------------------------------------------------------- */

static bool get_got(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_request     *r = mw_scope_request(s);
    const uid_conf *c = mw_request_conf(r, &mw_userid_module);
    const uid_once *x;

    (void)v;
    if (c->mode == OFF)
        return false;
    x = look(r, c);
    return x->got[3] != 0 && mw_got(text, shown(s->arena, c->name, x->got));
}

static bool get_set(mw_scope *s, const mw_var *v, mw_str *text)
{
    mw_request     *r = mw_scope_request(s);
    const uid_conf *c = mw_request_conf(r, &mw_userid_module);
    const uint32_t *id = c->mode >= V1 ? make_id(r, c) : NULL;

    (void)v;
    return id != NULL && mw_got(text, shown(s->arena, c->name, id));
}

static bool get_reset(mw_scope *s, const mw_var *v, mw_str *text)
{
    (void)s;
    (void)v;
    (void)text;
    return false;
}

static const mw_var uid_vars[] = {
    { "uid_got", .get = get_got },
    { "uid_set", .get = get_set },
    { "uid_reset", .get = get_reset, .changeable = true },
    { .name = NULL }
};

/* --- reading ------------------------------------------------------------------------------------------------------ */

static bool uid_applies(const void *conf)
{
    const uid_conf *c = conf;
    return c->mode != OFF;
}

static mw_rc set_or_none(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)b;
    (void)d;
    *(mw_str *)field = mw_str_eq(n->args[0], MW_STR("none")) ? MW_STR("") : n->args[0];
    return MW_OK;
}

static mw_rc set_expires(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    int64_t *to = field;

    (void)d;
    if (mw_str_eq(n->args[0], MW_STR("max")))
        *to = INT64_MAX;
    else if (mw_str_eq(n->args[0], MW_STR("off")))
        *to = 0;
    else if (!mw_read_sec(n->args[0], to))
        return mw_bind_error_at(b, n, 0, "invalid value");
    return MW_OK;
}

static mw_rc set_mark(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    char c = mw_str_char(n->args[0], 0);

    (void)d;
    *(mw_enum *)field = 0;
    if (mw_str_eq(n->args[0], MW_STR("off")))
        return MW_OK;
    if (n->args[0].len != 1 || (!mw_is_alpha(c) && !mw_is_digit(c) && c != '='))
        return mw_bind_error_at(b, n, 0, "value must be \"off\" or a single letter, digit or \"=\"");
    *(mw_enum *)field = c;
    return MW_OK;
}

static mw_rc set_service(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    uint64_t service;

    (void)d;
    if (mw_str_eq(n->args[0], MW_STR("default"))) {     /* as the row's default is written */
        *(int64_t *)field = -1;
        return MW_OK;
    }
    if (!mw_str_u64(n->args[0], &service) || service > UINT32_MAX)
        return mw_bind_error_at(b, n, 0, "invalid number \"%.*s\"", MW_S(n->args[0]));
    *(int64_t *)field = (int64_t)service;
    return MW_OK;
}

static const mw_choice modes[] = { { "off", OFF }, { "log", LOG }, { "v1", V1 }, { "on", ON }, { NULL, 0 } };
static const mw_choice flag_words[] = {
    { "off", 0 }, { "secure", 1 }, { "httponly", 2 }, { "samesite=strict", 4 }, { "samesite=lax", 8 },
    { "samesite=none", 16 }, { NULL, 0 }
};

static const mw_directive uid_directives[] = {
    { "userid", IN_WEB, 1, 1, MW_CHOICE(uid_conf, mode, modes), .otherwise = "off",
      .help = "sets cookies that tell clients apart, or logs them" },
    { "userid_service", IN_WEB, 1, 1, MW_FIELD_BY(uid_conf, service, set_service), .otherwise = "default",
      .help = "number of the service that makes identifiers" },
    { "userid_name", IN_WEB, 1, 1, MW_FIELD(uid_conf, name), .otherwise = "uid", .help = "name of the cookie" },
    { "userid_domain", IN_WEB, 1, 1, MW_FIELD_BY(uid_conf, domain, set_or_none), .otherwise = "none",
      .help = "domain of the cookie" },
    { "userid_path", IN_WEB, 1, 1, MW_FIELD(uid_conf, path), .otherwise = "/", .help = "path of the cookie" },
    { "userid_expires", IN_WEB, 1, 1, MW_FIELD_BY(uid_conf, expires, set_expires), .otherwise = "off",
      .help = "how long a browser keeps it: a time, max or off" },
    { "userid_flags", IN_WEB, 1, 3, MW_FLAGS(uid_conf, flags, flag_words), .otherwise = "off",
      .help = "secure, httponly, samesite=strict, lax or none" },
    { "userid_p3p", IN_WEB, 1, 1, MW_FIELD_BY(uid_conf, p3p, set_or_none), .otherwise = "none",
      .help = "a P3P field beside the cookie" },
    { "userid_mark", IN_WEB, 1, 1, MW_FIELD_BY(uid_conf, mark, set_mark), .otherwise = "off",
      .help = "a letter in the cookie; those with another one are sent anew" },
    { 0 }
};

static const mw_http_part uid_http = {
    .once_size = sizeof(uid_once), .applies = uid_applies, .head = uid_head, .vars = uid_vars,
};

const mw_module mw_userid_module = {
    .name = "userid", .directives = uid_directives, .conf_size = sizeof(uid_conf), .start = uid_start,
    .http = &uid_http,
};
