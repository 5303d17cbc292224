/* uri.c - request targets: split, decoded, normalised, escaped.  Pure.
 *
 * What nginx accepts: the target is cut at the first '#', also inside the arguments; bytes above 0x7f may
 * stand as they are; names in an absolute form are letters, digits, '.' and '-' only, while a Host field may
 * have all of RFC 3986's reg-name.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/uri.h"

#include "core/scan.h"

enum { PORT_MOST = 65535 };

/* What a byte is in a target. */
enum { PLAIN, BAD, SLASH, DOT, PERCENT, QUESTION, HASH };

#define EVERY_8(from, what) \
    [from] = (what), [(from) + 1] = (what), [(from) + 2] = (what), [(from) + 3] = (what), \
    [(from) + 4] = (what), [(from) + 5] = (what), [(from) + 6] = (what), [(from) + 7] = (what)

static const uint8_t classes[256] = {
    EVERY_8(0, BAD), EVERY_8(8, BAD), EVERY_8(16, BAD), EVERY_8(24, BAD), [' '] = BAD, [127] = BAD,
    ['/'] = SLASH, ['.'] = DOT, ['%'] = PERCENT, ['?'] = QUESTION, ['#'] = HASH,
};

static unsigned class_at(mw_str s, size_t i) { return classes[(unsigned char)s.at[i]]; }

static bool clean(mw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (class_at(s, i) == BAD) return false;
    return true;
}

/* "/a/b?args": at the first byte that is neither of the path nor harmless. */
static bool split_path(mw_str text, mw_target *t)
{
    mw_str fragment;
    size_t i = 0;

    t->path = text;
    for (; i < text.len; i++) {
        unsigned class = class_at(text, i), before;

        if (class == PLAIN)
            continue;
        if (class == BAD)
            return false;
        if (class == QUESTION || class == HASH)
            break;
        before = i > 0 ? class_at(text, i - 1) : PLAIN;
        t->complex = t->complex || class == PERCENT || (before == SLASH && (class == SLASH || class == DOT));
    }
    t->path = mw_str_take(text, i);
    if (i == text.len)
        return true;
    text = mw_str_drop(text, i);
    t->complex = t->complex || text.at[0] == '#';
    if (!clean(text))
        return false;
    if (text.at[0] == '?') {
        t->has_args = true;
        (void)mw_str_cut(mw_str_drop(text, 1), '#', &t->args, &fragment);
    }
    return true;
}

static bool is_alnum_or(char c, const char *others)
{
    return mw_is_alpha(c) || mw_is_digit(c) || (c != '\0' && strchr(others, c) != NULL);
}

static bool is_scheme(mw_str s)
{
    if (s.len == 0 || !mw_is_alpha(s.at[0]))
        return false;
    for (size_t i = 1; i < s.len; i++)
        if (!is_alnum_or(s.at[i], "+-.")) return false;
    return true;
}

/* A name outside brackets: letters, digits, '.' and '-'.  Inside them mw_host_valid tells. */
static bool is_plain_host(mw_str s)
{
    if (mw_str_char(s, 0) == '[')
        return true;
    for (size_t i = 0; i < s.len && s.at[i] != ':'; i++)
        if (!is_alnum_or(s.at[i], ".-")) return false;
    return true;
}

/* "http://host:port/path" */
static bool split_absolute(mw_str text, mw_target *t)
{
    size_t colon = mw_str_index(text, ':'), end = 0;

    t->scheme = mw_str_take(text, colon);
    text = mw_str_drop(text, colon);
    if (!is_scheme(t->scheme) || !mw_str_starts(text, MW_STR("://")))
        return false;
    text = mw_str_drop(text, 3);
    while (end < text.len && text.at[end] != '/' && text.at[end] != '?' && text.at[end] != '#')
        end++;
    t->host = mw_str_take(text, end);
    text = mw_str_drop(text, end);
    if (!clean(t->host) || !is_plain_host(t->host) || !split_path(text, t))
        return false;
    if (t->path.len == 0)
        t->path = MW_STR("/");
    return true;
}

bool mw_target_parse(mw_str text, mw_target *t)
{
    uint64_t port;

    *t = (mw_target){ .args = { "", 0 } };
    if (text.len == 0)
        return false;
    if (text.at[0] == '/')
        return split_path(text, t);
    if (mw_str_eq(text, MW_STR("*"))) {
        t->star = true;
        t->path = text;
        return true;
    }
    if (mw_str_find(text, MW_STR("://")) < text.len)
        return split_absolute(text, t);
    if (!clean(text) || !is_plain_host(text))
        return false;
    if (!mw_str_u64(mw_str_drop(text, mw_str_rindex(text, ':') + 1), &port))
        return false;
    t->authority = true;                        /* RFC 9112 3.2.3: host and port, both */
    t->host = text;
    return true;
}

static bool hex_pair(mw_str s, size_t i, char *c)
{
    int high = mw_hex_digit(mw_str_char(s, i)), low = mw_hex_digit(mw_str_char(s, i + 1));

    if (high < 0 || low < 0)
        return false;
    *c = (char)(high << 4 | low);
    return true;
}

/* Takes "/." and "/.." off the end of what was written; false: above the root. */
static bool settle_dots(mw_out *o)
{
    mw_str done = mw_out_done(o);

    if (mw_str_ends(done, MW_STR("/."))) {
        o->len--;
        return true;
    }
    if (!mw_str_ends(done, MW_STR("/..")))
        return true;
    done = mw_str_take(done, done.len - 3);
    if (done.len == 0)
        return false;
    o->len = mw_str_rindex(done, '/') + 1;
    return true;
}

mw_rc mw_uri_normalise(mw_str path, bool merge, mw_out *o)
{
    for (size_t i = 0; i < path.len; i++) {
        char c = path.at[i];

        if (c == '#')
            break;
        if (c == '%') {
            if (!hex_pair(path, i + 1, &c) || c == '\0')
                return MW_ERR;
            i += 2;
        }
        if (c != '/') {
            mw_out_char(o, c);
            continue;
        }
        if (o->len > 0) {
            size_t before = o->len;

            if (!settle_dots(o))
                return MW_ERR;
            if (o->len != before)
                continue;                       /* its slash stands already */
        }
        if (merge && o->len > 0 && o->at[o->len - 1] == '/')
            continue;
        mw_out_char(o, '/');
    }
    return settle_dots(o) && !o->cut ? MW_OK : MW_ERR;
}

/* Bytes that are written as %XX, but for those of HTML. */
static bool must_escape(unsigned char c, mw_escape how)
{
    static const char always[] = "\"<>\\^`{|}", more[] = "&+=;:/?#[]@!$'()*,";

    if (c <= ' ')
        return true;
    if (c >= 0x7f)
        return how != MW_ESCAPE_MEMCACHED && how != MW_ESCAPE_MAIL_AUTH;
    switch (how) {
    case MW_ESCAPE_URI:
        return strchr("%#?", c) != NULL || strchr(always, c) != NULL;
    case MW_ESCAPE_ARGS:
        return strchr("%#&+;?", c) != NULL || strchr(always, c) != NULL;
    case MW_ESCAPE_COMPONENT:
        return c == '%' || strchr(always, c) != NULL || strchr(more, c) != NULL;
    case MW_ESCAPE_REFRESH:
        return strchr("\"'<>\\^`{|}", c) != NULL;
    case MW_ESCAPE_MEMCACHED:
    case MW_ESCAPE_MAIL_AUTH:
        return c == '%';
    case MW_ESCAPE_HTML:
        break;
    }
    return false;
}

static mw_str html_name(char c)
{
    switch (c) {
    case '<': return MW_STR("&lt;");
    case '>': return MW_STR("&gt;");
    case '&': return MW_STR("&amp;");
    case '"': return MW_STR("&quot;");
    default:  return (mw_str){ NULL, 0 };
    }
}

void mw_uri_escape(mw_out *o, mw_str s, mw_escape how)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < s.len; i++) {
        char   c = s.at[i];
        mw_str name = how == MW_ESCAPE_HTML ? html_name(c) : (mw_str){ NULL, 0 };

        if (name.len > 0) {
            mw_out_str(o, name);
        } else if (how != MW_ESCAPE_HTML && must_escape((unsigned char)c, how)) {
            mw_out_char(o, '%');
            mw_out_char(o, digits[(unsigned char)c >> 4]);
            mw_out_char(o, digits[(unsigned char)c & 15]);
        } else {
            mw_out_char(o, c);
        }
    }
}

size_t mw_uri_escaped_size(mw_str s, mw_escape how)
{
    size_t n = s.len;

    for (size_t i = 0; i < s.len; i++) {
        mw_str name = how == MW_ESCAPE_HTML ? html_name(s.at[i]) : (mw_str){ NULL, 0 };

        if (name.len > 0)
            n += name.len - 1;
        else if (how != MW_ESCAPE_HTML && must_escape((unsigned char)s.at[i], how))
            n += 2;
    }
    return n;
}

/* Digits up to 65535, or none at all ("host:"). */
static bool read_port(mw_str text, mw_str *port)
{
    uint64_t n = 0;

    if (text.len > 0 && (!mw_str_u64(text, &n) || n > PORT_MOST))
        return false;
    *port = text;
    return true;
}

static bool host_byte(char c, bool inside)
{
    return is_alnum_or(c, inside ? "!$&'()*+,;=-._~:" : "!$&'()*+,;=-._~%");
}

bool mw_host_valid(mw_str text, mw_out *lower, mw_str *port)
{
    bool   inside = mw_str_char(text, 0) == '[';
    size_t i = inside ? 1 : 0;
    mw_str name;

    *port = (mw_str){ "", 0 };
    for (; i < text.len && host_byte(text.at[i], inside); i++)
        if (text.at[i] == '.' && i > 0 && text.at[i - 1] == '.')
            return false;
    if (inside) {
        if (mw_str_char(text, i) != ']')
            return false;
        i++;
    }
    name = mw_str_take(text, i);
    if (i < text.len && (text.at[i] != ':' || !read_port(mw_str_drop(text, i + 1), port)))
        return false;
    if (!inside && name.len > 0 && name.at[name.len - 1] == '.')
        name = mw_str_take(name, name.len - 1);
    if (name.len == 0)
        return false;
    mw_out_lower(lower, name);
    return !lower->cut;
}

mw_str mw_uri_extension(mw_str path)
{
    size_t slash = mw_str_rindex(path, '/'), dot = mw_str_rindex(path, '.');

    if (dot == path.len || (slash < path.len && dot < slash))
        return (mw_str){ "", 0 };
    if (dot > 0 && path.at[dot - 1] == '/')     /* "/.profile" is a name, as nginx sees it */
        return (mw_str){ "", 0 };
    return mw_str_drop(path, dot + 1);
}

bool mw_uri_unsafe(mw_str path)
{
    mw_str rest = path, element;

    if (mw_str_index(path, '\0') < path.len)
        return true;
    while (rest.len > 0) {
        (void)mw_str_cut(rest, '/', &element, &rest);
        if (mw_str_eq(element, MW_STR("..")))
            return true;
    }
    return false;
}

bool mw_arg_find(mw_str args, mw_str name, mw_str *value)
{
    while (args.len > 0) {
        mw_str one, key, rest;

        (void)mw_str_cut(args, '&', &one, &args);
        if (mw_str_cut(one, '=', &key, &rest) && mw_str_ieq(key, name)) {
            *value = rest;
            return true;
        }
    }
    return false;
}
