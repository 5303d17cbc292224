/* dump_yaml.c - the tree as YAML, in the forms that yaml.c reads.
 *
 * Neighbours of the same name become one key.  A name that comes again later begins a new map, so that no map has a key
 * twice and the order is kept:
 *
 *     key: value                   key: [a, b]                 one directive
 *     key: [[a, b], [c]]                                       several
 *     key: {kids}                  key: [{kids}, {kids}]       blocks without arguments
 *     location: {"/": {kids}}                                  blocks with them
 *     key: [[a, b, {kids}, {more kids}], [c]]                  anything
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/front.h"
#include "conf/reader.h"
#include "core/codec.h"
#include "core/map.h"
#include "core/scan.h"

typedef struct pen {
    mw_out   *o;
    mw_arena *scratch;
    mw_set    first, inside;    /* bytes of words without quotes */
} pen;

typedef struct run { const mw_node *first, *end; } run;     /* siblings; end is the one behind the last */

enum { KEY_MOST = 200 };        /* libyaml wants keys that take over 1,024 characters written with "? " */

/* Such text needs no quotes, here or in other readers of YAML. */
static bool is_plain(const pen *p, mw_str s)
{
    if (s.len == 0 || !mw_set_has(&p->first, s.at[0]) || s.at[s.len - 1] == ':')
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!mw_set_has(&p->inside, s.at[i]))
            return false;
    return true;
}

/* Text that a quoted scalar can hold as it is: valid UTF-8 without C1 controls, line separators, byte order marks and
 * noncharacters, of which YAML takes some for line breaks and forbids the others. */
static bool is_text(mw_str s)
{
    if (!mw_utf8_valid(s))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char a = (unsigned char)s.at[i], b = (unsigned char)mw_str_char(s, i + 1);
        unsigned char c = (unsigned char)mw_str_char(s, i + 2);

        if ((a == 0xc2 && b < 0xa0) || (a == 0xe2 && b == 0x80 && (c == 0xa8 || c == 0xa9)) ||
            (a == 0xef && b == 0xbb && c == 0xbf) || (a == 0xef && b == 0xbf && c >= 0xbe))
            return false;
    }
    return true;
}

static void quoted(mw_out *o, mw_str s)
{
    mw_out_char(o, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];

        if (c == '"' || c == '\\')
            mw_out_fmt(o, "\\%c", c);
        else if (c == '\n')
            mw_out_str(o, MW_STR("\\n"));
        else if (c == '\t')
            mw_out_str(o, MW_STR("\\t"));
        else if (c < ' ' || c == 0x7f)
            mw_out_fmt(o, "\\x%02x", c);
        else
            mw_out_char(o, s.at[i]);
    }
    mw_out_char(o, '"');
}

static void scalar(pen *p, mw_str s)
{
    if (is_plain(p, s)) {
        mw_out_str(p->o, s);
    } else if (is_text(s)) {
        quoted(p->o, s);
    } else {
        mw_out_str(p->o, MW_STR("!!binary \""));
        mw_base64(p->o, s);
        mw_out_char(p->o, '"');
    }
}

static void spaces(pen *p, unsigned n)
{
    mw_out_fmt(p->o, "%*s", (int)n, "");
}

static void key(pen *p, mw_str s, unsigned indent)
{
    if (s.len > KEY_MOST)
        mw_out_str(p->o, MW_STR("? "));
    scalar(p, s);
    if (s.len > KEY_MOST) {
        mw_out_char(p->o, '\n');
        spaces(p, indent);
    }
    mw_out_char(p->o, ':');
}

static void flow(pen *p, const mw_node *n)
{
    mw_out_char(p->o, '[');
    for (unsigned i = 0; i < n->nargs; i++) {
        if (i > 0)
            mw_out_str(p->o, MW_STR(", "));
        scalar(p, n->args[i]);
    }
    mw_out_char(p->o, ']');
}

/* The arguments of a block as one key: quoted, as nginx would, where a space or a quote makes it necessary. */
static mw_str joined(pen *p, const mw_node *n)
{
    const mw_set unsure = mw_set_of(" \t\r\n");
    size_t       room = 0;
    mw_out       o;

    for (unsigned i = 0; i < n->nargs; i++)
        room += 2 * n->args[i].len + 3;
    o = mw_arena_pen(p->scratch, room);
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_str  s = n->args[i];
        mw_scan scan = { s };
        bool    bare = s.len > 0 && s.at[0] != '"' && s.at[0] != '\'' && mw_scan_break(&scan, &unsure).len == s.len;

        mw_out_str(&o, i > 0 ? MW_STR(" ") : MW_STR(""));
        mw_out_str(&o, bare ? MW_STR("") : MW_STR("\""));
        for (size_t j = 0; j < s.len; j++) {
            if (!bare && (s.at[j] == '"' || s.at[j] == '\\'))
                mw_out_char(&o, '\\');
            mw_out_char(&o, s.at[j]);
        }
        mw_out_str(&o, bare ? MW_STR("") : MW_STR("\""));
    }
    return mw_out_done(&o);
}

/* Behind the neighbours of the first one's name. */
static const mw_node *namesakes_end(run r)
{
    const mw_node *n = r.first;

    while (n != r.end && mw_str_eq(n->name, r.first->name))
        n = n->next;
    return n;
}

/* Behind what can be one map: before a name that was there already, and not just before. */
static const mw_node *segment_end(pen *p, run r)
{
    mw_map *seen = mw_map_new(p->scratch, false);

    while (r.first != r.end && mw_map_get(seen, r.first->name) == NULL) {
        mw_map_set(seen, r.first->name, p);
        r.first = namesakes_end(r);
    }
    return r.first;
}

static bool is_one_map(pen *p, const mw_node *block)
{
    return segment_end(p, (run){ block->kids, NULL }) == NULL;
}

typedef enum shape { PLAIN, FLOWS, KEYED, BLOCKS, ANYTHING } shape;

/* How neighbours of one name are best written. */
static shape shape_of(pen *p, run r)
{
    bool    keyed = mw_yaml_keyed(r.first->name), any_block = false, all_fit = true;
    mw_map *seen = keyed ? mw_map_new(p->scratch, false) : NULL;
    mw_str  args;

    for (const mw_node *n = r.first; n != r.end; n = n->next) {
        any_block = any_block || n->block;
        if (!n->block || keyed != (n->nargs > 0) || !is_one_map(p, n)) {
            all_fit = false;
        } else if (keyed) {
            args = joined(p, n);
            all_fit = all_fit && mw_map_get(seen, args) == NULL;
            mw_map_set(seen, args, p);
        }
    }
    if (!any_block)
        return r.first->next == r.end ? PLAIN : FLOWS;
    return !all_fit ? ANYTHING : keyed ? KEYED : BLOCKS;
}

static void mapping(pen *p, run r, unsigned indent, bool inline_first);

/* A block's kids behind "key:", on lines of their own. */
static void content(pen *p, const mw_node *n, unsigned indent)
{
    if (n->kids == NULL) {
        mw_out_str(p->o, MW_STR(" {}\n"));
    } else {
        mw_out_char(p->o, '\n');
        mapping(p, (run){ n->kids, NULL }, indent, false);
    }
}

/* Siblings behind "- ". */
static void item(pen *p, run r, unsigned indent)
{
    if (r.first == r.end)
        mw_out_str(p->o, MW_STR("{}\n"));
    else
        mapping(p, r, indent, true);
}

/* A whole directive behind "- ": a list of its arguments and of maps that together are its block. */
static void anything(pen *p, const mw_node *n, unsigned indent)
{
    const mw_node *from = n->kids, *end;

    if (!n->block) {
        flow(p, n);
        mw_out_char(p->o, '\n');
        return;
    }
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_out_str(p->o, MW_STR("- "));
        scalar(p, n->args[i]);
        mw_out_char(p->o, '\n');
        spaces(p, indent);
    }
    for (;;) {
        end = segment_end(p, (run){ from, NULL });
        mw_out_str(p->o, MW_STR("- "));
        item(p, (run){ from, end }, indent + 2);
        if (end == NULL)
            return;
        spaces(p, indent);
        from = end;
    }
}

static void repeated(pen *p, run r, shape how, unsigned indent)
{
    mw_out_char(p->o, '\n');
    for (const mw_node *n = r.first; n != r.end && !p->o->cut; n = n->next) {
        spaces(p, indent);
        if (how == KEYED) {
            key(p, joined(p, n), indent);
            content(p, n, indent + 2);
            continue;
        }
        mw_out_str(p->o, MW_STR("- "));
        if (how == BLOCKS)
            item(p, (run){ n->kids, NULL }, indent + 2);
        else
            anything(p, n, indent + 2);
    }
}

static void namesakes(pen *p, run r, unsigned indent)
{
    const mw_node *n = r.first;
    shape          how = shape_of(p, r);

    key(p, n->name, indent);
    if (how == BLOCKS && n->next == r.end) {
        content(p, n, indent + 2);
    } else if (how != PLAIN) {
        repeated(p, r, how, indent + 2);
    } else {
        if (n->nargs > 0)
            mw_out_char(p->o, ' ');
        if (n->nargs == 1)
            scalar(p, n->args[0]);
        else if (n->nargs > 1)
            flow(p, n);
        mw_out_char(p->o, '\n');
    }
}

static void mapping(pen *p, run r, unsigned indent, bool inline_first)
{
    const mw_node *end;

    for (; r.first != r.end && !p->o->cut; r.first = end) {
        end = namesakes_end(r);
        if (!inline_first)
            spaces(p, indent);
        inline_first = false;
        namesakes(p, (run){ r.first, end }, indent);
    }
}

void mw_dump_yaml(mw_out *o, const mw_node *root)
{
    pen            p = { .o = o, .scratch = mw_arena_new(4096) };
    const mw_node *from = root->kids, *end = segment_end(&p, (run){ from, NULL });

    p.first = mw_set_of("A-Za-z0-9_/$^(");
    p.inside = mw_set_of("-A-Za-z0-9_./$^()+=~;:*@%&!|<>");
    if (end == NULL) {
        item(&p, (run){ from, NULL }, 0);
        from = NULL;
    }
    for (; from != NULL; from = end) {
        end = segment_end(&p, (run){ from, NULL });
        mw_out_str(o, MW_STR("- "));
        item(&p, (run){ from, end }, 2);
    }
    mw_arena_free(p.scratch);
}
