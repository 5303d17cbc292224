/* yaml.c - YAML to the tree of nginx.c; the only file that knows libyaml.
 *
 * A key is a directive's name.  All scalars are text as it is written; nothing is a number, a truth or a null.
 *
 *     key:                     no arguments            key: value          one argument (never split)
 *     key: [a, b]              two arguments           key: [[a, b], [c]]  the directive twice
 *     key: {...}               a block                 key: [{...}, {...}] two blocks
 *     key: [a, b, {...}]       a block with arguments; several maps at the end are one block, one behind the other
 *     key: [[a, {...}], [b]]   and such ones repeated
 *
 * Under the names in `keyed` a map's keys are the arguments of blocks, split at spaces where they are not in quotes:
 * location: {"/": {...}, "~ \\.php$": {...}}.  A list that begins with a scalar is one directive, one that begins with
 * a list or a map is several.  The document is a map, or a list of maps that follow each other.  A key may come twice;
 * the order is that of the text.  `include` reads either format, by the file's ending.
 * SPDX-License-Identifier: Apache-2.0 */
#include <yaml.h>

#include "conf/front.h"
#include "conf/reader.h"
#include "core/codec.h"
#include "core/scan.h"

enum { NODES_MOST = 100000 };   /* beyond those in the text: what aliases may multiply it to */

typedef struct parse {          /* one document at hand */
    mw_reader            *r;
    yaml_document_t      *doc;
    const mw_source_file *file;
    size_t                left; /* nodes that may yet be visited */
    bool                  full; /* there were too many, and that was said */
} parse;

typedef struct head { mw_str name; mw_pos pos; } head;      /* a directive's name and where it stands */

static const mw_str keyed[] = {
    MW_STR_C("location"), MW_STR_C("upstream"), MW_STR_C("map"), MW_STR_C("geo"), MW_STR_C("split_clients"),
    MW_STR_C("if"), MW_STR_C("limit_except"), MW_STR_C("match"), MW_STR_C("charset_map"),
};

bool mw_yaml_keyed(mw_str name)
{
    for (size_t i = 0; i < sizeof keyed / sizeof keyed[0]; i++)
        if (mw_str_eq(name, keyed[i]))
            return true;
    return false;
}

static mw_pos place(const parse *p, yaml_mark_t mark)
{
    return (mw_pos){ p->file, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1 };
}

static void fault(parse *p, const yaml_node_t *y, const char *text)
{
    mw_pos pos = place(p, y->start_mark);

    mw_reader_error(p->r, &pos, 0, "%s", text);
}

/* A node by its number; NULL when there have been too many. */
static const yaml_node_t *visit(parse *p, int number)
{
    const yaml_node_t *y = yaml_document_get_node(p->doc, number);

    if (p->left == 0 && !p->full)
        fault(p, y, "aliases make the document too large");
    p->full = p->left == 0;
    p->left -= !p->full;
    return p->full ? NULL : y;
}

static size_t items(const yaml_node_t *y)
{
    return (size_t)(y->data.sequence.items.top - y->data.sequence.items.start);
}

static size_t pairs(const yaml_node_t *y)
{
    return (size_t)(y->data.mapping.pairs.top - y->data.mapping.pairs.start);
}

static bool is_scalar(const yaml_node_t *y)
{
    return y->type == YAML_SCALAR_NODE;
}

static bool is_nothing(const yaml_node_t *y)
{
    return is_scalar(y) && y->data.scalar.length == 0 && y->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* The text of a scalar, in the arena; false: not one, or not to be used, and that was said. */
static bool text_of(parse *p, const yaml_node_t *y, mw_str *text)
{
    mw_str s;
    mw_out o;

    if (!is_scalar(y)) {
        fault(p, y, "a scalar is expected here");
        return false;
    }
    s = (mw_str){ (const char *)y->data.scalar.value, y->data.scalar.length };
    if (y->tag != NULL && mw_str_eq(mw_str_of((const char *)y->tag), MW_STR("tag:yaml.org,2002:binary"))) {
        o = mw_arena_pen(p->r->arena, s.len);
        if (!mw_unbase64(&o, s)) {
            fault(p, y, "invalid base64 in a binary scalar");
            return false;
        }
        *text = mw_out_done(&o);
    } else {
        *text = mw_arena_copy(p->r->arena, s);
    }
    if (text->len <= MW_WORD_MOST)
        return true;
    fault(p, y, "too long parameter");
    return false;
}

/* One word of a key: quoted with nginx's escapes, or all up to the next blank. */
static mw_str take_word(parse *p, mw_scan *scan)
{
    const mw_set blanks = mw_set_of(" \t\r\n");
    char         quote = mw_scan_peek(scan);
    mw_out       o;

    if (quote != '"' && quote != '\'')
        return mw_scan_break(scan, &blanks);
    (void)mw_scan_char(scan, quote);
    o = mw_arena_pen(p->r->arena, scan->left.len);
    while (!mw_scan_end(scan) && !mw_scan_char(scan, quote)) {
        char next = mw_str_char(scan->left, 1);

        if (mw_scan_peek(scan) == '\\' && (next == '"' || next == '\'' || next == '\\'))
            (void)mw_scan_take(scan, 1);
        mw_out_str(&o, mw_scan_take(scan, 1));
    }
    return mw_out_done(&o);
}

static void split_key(parse *p, mw_words *words, mw_str key, mw_pos pos)
{
    const mw_set blanks = mw_set_of(" \t\r\n");
    mw_scan      scan = { key };

    while ((void)mw_scan_while(&scan, &blanks), !mw_scan_end(&scan))
        mw_words_add(p->r->arena, words, take_word(p, &scan), pos);
}

static void add_node(parse *p, mw_spot *at, mw_node *n)
{
    if (n == NULL)                              /* what was wrong with it was said */
        return;
    if (mw_str_eq(n->name, MW_STR("include")))
        mw_reader_include(p->r, at, n);
    else
        mw_spot_add(at, n);
}

static void read_map(parse *p, mw_spot *at, const yaml_node_t *y);

/* Adds an empty block; false: too deep, and that was said. */
static bool open_block(parse *p, mw_spot *at, const mw_words *words, head h, mw_spot *inside)
{
    mw_node *n = mw_words_node(p->r, words, h.name, h.pos);

    if (n == NULL)
        return false;
    n->block = true;
    if (at->depth >= MW_BLOCKS_MOST) {
        mw_reader_error(p->r, &h.pos, 0, "more than %d blocks inside each other", MW_BLOCKS_MOST);
        return false;
    }
    add_node(p, at, n);
    *inside = mw_spot_in(n, at->depth + 1);
    return !mw_str_eq(n->name, MW_STR("include"));
}

static void add_block(parse *p, mw_spot *at, const mw_words *words, head h, const yaml_node_t *y)
{
    mw_spot inside;

    if (open_block(p, at, words, h, &inside) && !is_nothing(y))
        read_map(p, &inside, y);
}

/* [a, b, {...}, {...}]: one directive. */
static void read_list(parse *p, mw_spot *at, head h, const yaml_node_t *y)
{
    mw_words           words = { { 0 }, { 0 } };
    mw_spot            inside;
    size_t             i = 0, n = items(y);
    const yaml_node_t *kid;
    mw_str             text;

    for (; i < n; i++) {
        kid = visit(p, y->data.sequence.items.start[i]);
        if (kid == NULL)
            return;
        if (kid->type == YAML_MAPPING_NODE)
            break;
        if (!text_of(p, kid, &text))
            return;
        mw_words_add(p->r->arena, &words, text, place(p, kid->start_mark));
    }
    if (i == n) {
        add_node(p, at, mw_words_node(p->r, &words, h.name, h.pos));
        return;
    }
    if (!open_block(p, at, &words, h, &inside))
        return;
    for (; i < n && (kid = visit(p, y->data.sequence.items.start[i])) != NULL; i++)
        read_map(p, &inside, kid);
}

/* {"/": {...}, "= /x": {...}}: blocks, by their arguments. */
static void read_keyed(parse *p, mw_spot *at, head h, const yaml_node_t *y)
{
    mw_str text;

    for (size_t i = 0; i < pairs(y); i++) {
        const yaml_node_t *key = visit(p, y->data.mapping.pairs.start[i].key);
        const yaml_node_t *value = key != NULL ? visit(p, y->data.mapping.pairs.start[i].value) : NULL;
        mw_words           words = { { 0 }, { 0 } };

        if (value == NULL)
            return;
        if (!text_of(p, key, &text))
            continue;
        split_key(p, &words, text, place(p, key->start_mark));
        h.pos = place(p, key->start_mark);
        if (value->type != YAML_SEQUENCE_NODE)
            add_block(p, at, &words, h, value);
        for (size_t j = 0; value->type == YAML_SEQUENCE_NODE && j < items(value); j++) {
            const yaml_node_t *each = visit(p, value->data.sequence.items.start[j]);

            if (each == NULL)
                return;
            add_block(p, at, &words, h, each);
        }
    }
}

/* A scalar, a list or a map as one directive, or as keyed blocks. */
static void read_one(parse *p, mw_spot *at, head h, const yaml_node_t *y)
{
    const mw_words none = { { 0 }, { 0 } };
    mw_words       words = none;
    mw_str         text;

    if (y->type == YAML_SEQUENCE_NODE) {
        read_list(p, at, h, y);
    } else if (y->type == YAML_MAPPING_NODE && mw_yaml_keyed(h.name)) {
        read_keyed(p, at, h, y);
    } else if (y->type == YAML_MAPPING_NODE) {
        add_block(p, at, &none, h, y);
    } else if (is_nothing(y)) {
        add_node(p, at, mw_words_node(p->r, &none, h.name, h.pos));
    } else if (text_of(p, y, &text)) {
        mw_words_add(p->r->arena, &words, text, place(p, y->start_mark));
        add_node(p, at, mw_words_node(p->r, &words, h.name, h.pos));
    }
}

static void read_value(parse *p, mw_spot *at, head h, const yaml_node_t *y)
{
    const yaml_node_t *kid = NULL;

    if (y->type == YAML_SEQUENCE_NODE && items(y) > 0)
        kid = yaml_document_get_node(p->doc, y->data.sequence.items.start[0]);
    if (kid == NULL || is_scalar(kid)) {
        read_one(p, at, h, y);
        return;
    }
    for (size_t i = 0; i < items(y) && (kid = visit(p, y->data.sequence.items.start[i])) != NULL; i++)
        read_one(p, at, h, kid);
}

/* The kids of a block. */
static void read_map(parse *p, mw_spot *at, const yaml_node_t *y)
{
    head h;

    if (y->type != YAML_MAPPING_NODE) {
        fault(p, y, "a map of directives is expected here");
        return;
    }
    for (size_t i = 0; i < pairs(y); i++) {
        const yaml_node_t *key = visit(p, y->data.mapping.pairs.start[i].key);
        const yaml_node_t *value = key != NULL ? visit(p, y->data.mapping.pairs.start[i].value) : NULL;

        if (value == NULL)
            return;
        h.pos = place(p, key->start_mark);
        if (text_of(p, key, &h.name))
            read_value(p, at, h, value);
    }
}

static void read_document(parse *p, mw_spot *at)
{
    const yaml_node_t *top = yaml_document_get_root_node(p->doc), *kid;

    if (top == NULL || is_nothing(top))
        return;
    if (top->type != YAML_SEQUENCE_NODE) {
        read_map(p, at, top);
        return;
    }
    for (size_t i = 0; i < items(top) && (kid = visit(p, top->data.sequence.items.start[i])) != NULL; i++)
        read_map(p, at, kid);
}

/* What libyaml says; it gives no line for bytes that are no characters. */
static void bad_yaml(parse *p, const yaml_parser_t *y)
{
    mw_pos pos = place(p, y->problem_mark);
    size_t upto = y->problem_offset < p->file->bytes.len ? y->problem_offset : p->file->bytes.len;

    if (y->error == YAML_READER_ERROR) {
        pos = (mw_pos){ p->file, 1, 1 };
        for (size_t i = 0; i < upto; i++) {
            pos.column = p->file->bytes.at[i] == '\n' ? 1 : pos.column + 1;
            pos.line += p->file->bytes.at[i] == '\n';
        }
    }
    mw_reader_error(p->r, &pos, 0, "invalid YAML: %s", y->problem != NULL ? y->problem : "not enough memory");
}

static void only_one_document(parse *p, yaml_parser_t *y)
{
    yaml_document_t    more;
    const yaml_node_t *top;

    if (!yaml_parser_load(y, &more)) {
        bad_yaml(p, y);
        return;
    }
    top = yaml_document_get_root_node(&more);
    if (top != NULL)
        fault(p, top, "a second YAML document");
    yaml_document_delete(&more);
}

void mw_yaml_into(mw_reader *r, mw_spot *at, const mw_source_file *file)
{
    yaml_parser_t   y;
    yaml_document_t doc;
    parse           p = { .r = r, .doc = &doc, .file = file };

    if (!yaml_parser_initialize(&y)) {
        mw_reader_error(r, NULL, 0, "not enough memory to read \"%.*s\"", MW_S(file->path));
        return;
    }
    yaml_parser_set_input_string(&y, (const unsigned char *)file->bytes.at, file->bytes.len);
    if (yaml_parser_load(&y, &doc)) {
        p.left = (size_t)(doc.nodes.top - doc.nodes.start) + NODES_MOST;
        read_document(&p, at);
        if (yaml_document_get_root_node(&doc) != NULL)
            only_one_document(&p, &y);
        yaml_document_delete(&doc);
    } else {
        bad_yaml(&p, &y);
    }
    yaml_parser_delete(&y);
}

mw_node *mw_read_yaml(mw_reader *r, mw_str path)
{
    return mw_reader_read(r, path, true);
}

mw_node *mw_read_yaml_text(mw_reader *r, mw_str name, mw_str text)
{
    mw_node *root = MW_NEW(r->arena, mw_node);
    mw_spot  at = mw_spot_in(root, 0);

    root->block = true;
    mw_yaml_into(r, &at, mw_reader_keep(r, name, text));
    return root;
}
