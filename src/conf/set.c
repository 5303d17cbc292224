/* set.c - the readers of values: on and off, sizes, times, numbers, words, choices; with nginx's complaints.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/bind.h"
#include "core/scan.h"

static const mw_str nothing = { "", 0 };

static mw_str first_arg(const mw_node *n)
{
    return n->nargs > 0 ? n->args[0] : nothing;
}

mw_rc mw_bind_invalid(mw_bind *b, const mw_node *n, unsigned arg)
{
    return mw_bind_error_at(b, n, arg, "\"%.*s\" directive invalid value", MW_S(n->name));
}

static mw_rc invalid_value(mw_bind *b, const mw_node *n) { return mw_bind_invalid(b, n, 0); }

static mw_rc invalid_number(mw_bind *b, const mw_node *n)
{
    return mw_bind_error_at(b, n, 0, "\"%.*s\" directive invalid number", MW_S(n->name));
}

/* Cuts a unit letter off the end; what it multiplies by. */
static uint64_t size_unit(mw_str *s)
{
    char c = s->len > 0 ? mw_lower(s->at[s->len - 1]) : '\0';

    if (c != 'k' && c != 'm' && c != 'g')
        return 1;
    *s = mw_str_take(*s, s->len - 1);
    return c == 'k' ? 1024 : c == 'm' ? 1024 * 1024 : 1024 * 1024 * 1024;
}

bool mw_read_size(mw_str s, uint64_t *bytes)
{
    uint64_t unit = size_unit(&s), n;

    if (!mw_str_u64(s, &n) || n > (uint64_t)INT64_MAX / unit)
        return false;
    *bytes = n * unit;
    return true;
}

typedef struct unit {
    mw_str   name;
    uint64_t ms;
    bool     seconds_only, ms_only;             /* nginx reads years and months only where it counts in seconds */
} unit;

static const unit units[] = {                   /* in the order they may be written, each once */
    { MW_STR_C("y"), 31536000000, true, false }, { MW_STR_C("M"), 2592000000, true, false },
    { MW_STR_C("w"), 604800000, false, false },  { MW_STR_C("d"), 86400000, false, false },
    { MW_STR_C("h"), 3600000, false, false },    { MW_STR_C("m"), 60000, false, false },
    { MW_STR_C("s"), 1000, false, false },       { MW_STR_C("ms"), 1, false, true },
};

enum { UNITS = sizeof units / sizeof units[0] };

/* Takes the unit that is next; a bare number counts as a last unit of seconds.  NULL: no unit, or not one that may come
 * now; *step is the next that may. */
static const unit *take_unit(mw_scan *scan, bool in_ms, unsigned *step)
{
    static const unit bare = { MW_STR_C(""), 1000, false, false };
    unsigned          i = UNITS;

    if (mw_scan_end(scan))
        return &bare;
    if (mw_scan_peek(scan) != ' ')
        while (i > 0 && !mw_scan_str(scan, units[i - 1].name))
            i--;
    else
        i = UNITS + 1;
    if (i <= *step)
        return NULL;
    *step = i;
    if (i > UNITS)
        return &bare;
    return (in_ms ? units[i - 1].seconds_only : units[i - 1].ms_only) ? NULL : &units[i - 1];
}

static bool read_time(mw_str s, bool in_ms, uint64_t *ms)
{
    mw_scan     scan = { s };
    uint64_t    n, most = INT64_MAX;
    unsigned    step = 0;
    const unit *u;

    *ms = 0;
    do {
        if (!mw_scan_u64(&scan, &n))
            return false;
        u = take_unit(&scan, in_ms, &step);
        if (u == NULL || n > (most - *ms) / u->ms)
            return false;
        *ms += n * u->ms;
        while (mw_scan_char(&scan, ' '))
            continue;
    } while (!mw_scan_end(&scan));
    return true;
}

bool mw_read_msec(mw_str s, uint64_t *ms)
{
    return read_time(s, true, ms);
}

bool mw_read_sec(mw_str s, int64_t *seconds)
{
    uint64_t ms;

    if (!read_time(s, false, &ms))
        return false;
    *seconds = (int64_t)(ms / 1000);
    return true;
}

mw_rc mw_set_flag(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_str s = first_arg(n);
    bool   on = mw_str_ieq(s, MW_STR("on"));

    (void)d;
    if (!on && !mw_str_ieq(s, MW_STR("off")))
        return mw_bind_error_at(b, n, 0, "invalid value \"%.*s\" in \"%.*s\" directive, it must be \"on\" or \"off\"",
                                MW_S(s), MW_S(n->name));
    *(bool *)field = on;
    return MW_OK;
}

mw_rc mw_set_msec(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    return mw_read_msec(first_arg(n), &((mw_msec *)field)->ms) ? MW_OK : invalid_value(b, n);
}

mw_rc mw_set_sec(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    return mw_read_sec(first_arg(n), &((mw_sec *)field)->seconds) ? MW_OK : invalid_value(b, n);
}

mw_rc mw_set_bytes(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    return mw_read_size(first_arg(n), &((mw_bytes *)field)->bytes) ? MW_OK : invalid_value(b, n);
}

mw_rc mw_set_int(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_str   s = first_arg(n);
    bool     negative = mw_str_char(s, 0) == '-';
    uint64_t value;

    (void)d;
    if (!mw_str_u64(negative ? mw_str_drop(s, 1) : s, &value) || value > INT64_MAX)
        return invalid_number(b, n);
    *(int64_t *)field = negative ? -(int64_t)value : (int64_t)value;
    return MW_OK;
}

/* What nginx takes and we cannot count to is as good as the most we can. */
mw_rc mw_set_uint(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    uint64_t value;

    (void)d;
    if (!mw_str_u64(first_arg(n), &value) || value > INT64_MAX)
        return invalid_number(b, n);
    *(uint32_t *)field = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
    return MW_OK;
}

mw_rc mw_set_str(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)b, (void)d;
    *(mw_str *)field = first_arg(n);
    return MW_OK;
}

/* A new array every time: the old one may be the enclosing block's. */
mw_rc mw_set_strs(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_strs *list = field;
    mw_str  *all;

    (void)d;
    if (n->nargs == 0)
        return MW_OK;
    all = mw_arena_alloc(b->arena, (list->n + n->nargs) * sizeof(mw_str));
    if (list->n > 0)
        memcpy(all, list->at, list->n * sizeof(mw_str));
    memcpy(&all[list->n], n->args, n->nargs * sizeof(mw_str));
    *list = (mw_strs){ all, list->n + n->nargs };
    return MW_OK;
}

mw_rc mw_set_bufs(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_bufs *bufs = field;
    uint64_t count, size;

    (void)d;
    if (!mw_str_u64(first_arg(n), &count) || count == 0 || count > UINT32_MAX)
        return invalid_value(b, n);
    if (n->nargs < 2 || !mw_read_size(n->args[1], &size) || size == 0)
        return mw_bind_invalid(b, n, 1);
    *bufs = (mw_bufs){ (uint32_t)count, { size } };
    return MW_OK;
}

static const mw_choice *find_choice(const mw_choice *choices, mw_str s)
{
    for (size_t i = 0; choices != NULL && choices[i].name != NULL; i++)
        if (mw_str_ieq(s, mw_str_of(choices[i].name)))
            return &choices[i];
    return NULL;
}

/* The nearest choice, or all there are. */
static void hint_choices(mw_bind *b, const mw_choice *choices, mw_str s)
{
    const char *names[64] = { NULL }, *near;
    char        room[1024];
    mw_out      o = mw_out_on(room, sizeof room);
    size_t      n = 0;

    for (; choices != NULL && choices[n].name != NULL && n < sizeof names / sizeof names[0]; n++) {
        names[n] = choices[n].name;
        mw_out_fmt(&o, "%s\"%s\"", n == 0 ? "" : ", ", names[n]);
    }
    near = mw_diag_nearest(s, names, n);
    if (near != NULL)
        mw_diag_hint(b->diag, "did you mean \"%s\"?", near);
    else if (n > 0 && !o.cut)
        mw_diag_hint(b->diag, "it may be %.*s", MW_S(mw_out_done(&o)));
}

static mw_rc no_choice(mw_bind *b, const mw_node *n, const mw_directive *d, unsigned arg)
{
    mw_str s = arg < n->nargs ? n->args[arg] : nothing;

    (void)mw_bind_error_at(b, n, arg, "invalid value \"%.*s\"", MW_S(s));
    hint_choices(b, d->choices, s);
    return MW_ERR;
}

mw_rc mw_set_choice(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    const mw_choice *c = find_choice(d->choices, first_arg(n));

    if (c == NULL)
        return no_choice(b, n, d, 0);
    *(mw_enum *)field = c->value;
    return MW_OK;
}

mw_rc mw_set_flags(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_flags        *flags = field;
    const mw_choice *c;
    mw_rc            rc = MW_OK;

    for (unsigned i = 0; i < n->nargs; i++) {
        c = find_choice(d->choices, n->args[i]);
        if (c == NULL)
            rc = no_choice(b, n, d, i);
        else if (c->value != 0 && (*flags & (mw_flags)c->value) == (mw_flags)c->value)
            mw_bind_warn(b, n, "duplicate value \"%.*s\"", MW_S(n->args[i]));
        else
            *flags |= (mw_flags)c->value;
    }
    return rc;
}

mw_rc mw_set_ignored(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)b, (void)n, (void)d, (void)field;
    return MW_OK;
}

mw_rc mw_set_path(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    *(mw_str *)field = mw_bind_path(b, first_arg(n));
    return MW_OK;
}

mw_rc mw_set_conf_path(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    *(mw_str *)field = mw_bind_conf_path(b, first_arg(n));
    return MW_OK;
}
