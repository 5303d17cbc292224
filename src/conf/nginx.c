/* nginx.c - nginx.conf to a tree.  After an error it goes on behind the directive, to find the next one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/front.h"
#include "conf/reader.h"

typedef struct parse {          /* one file at hand */
    mw_reader *r;
    mw_lex     lex;
    mw_words   words;           /* of the directive at hand; its room is used again by the next */
    bool       parameter;       /* the text of -g: nginx words some things otherwise */
    bool       ended;           /* the end came too early, and that was said */
} parse;

typedef enum outcome { GOES_ON, BLOCK_ENDS } outcome;

static void fault(parse *p, const char *text)
{
    mw_reader_error(p->r, &p->lex.pos, p->lex.pos.line, "%s", text);
}

static void early_end(parse *p, const char *expecting)
{
    if (!p->ended && p->parameter)
        fault(p, "unexpected end of parameter, expecting \";\"");
    else if (!p->ended)
        mw_reader_error(p->r, &p->lex.pos, p->lex.line, "unexpected end of file, expecting %s", expecting);
    p->ended = true;
}

/* The lexer's complaint.  A quote that is never closed is shown where it opens; the line named is nginx's, the last. */
static void bad_word(parse *p)
{
    if (p->lex.left.len > 0 || !mw_str_starts(mw_str_of(p->lex.why), MW_STR("unexpected end"))) {
        fault(p, p->lex.why);
        return;
    }
    early_end(p, "\";\" or \"}\"");
    mw_diag_hint(p->r->diag, "this quote is not closed");
}

/* Passes over a block that belongs to nothing, to behind its closing brace. */
static void skip_block(parse *p)
{
    for (unsigned depth = 1; depth > 0;) {
        switch (mw_lex_next(&p->lex, p->r->arena)) {
        case MW_LEX_OPEN:
            depth++;
            break;
        case MW_LEX_CLOSE:
            depth--;
            break;
        case MW_LEX_BAD:
            bad_word(p);
            break;
        case MW_LEX_END:
            early_end(p, "\"}\"");
            return;
        case MW_LEX_WORD:
        case MW_LEX_SEMICOLON:
            break;
        }
    }
}

static void read_kids(parse *p, mw_spot *at, bool braced);

static void finish_block(parse *p, mw_spot *at, mw_node *n)
{
    mw_spot inside;

    n->block = true;
    if (p->parameter) {
        mw_reader_error(p->r, &n->pos, n->end_line, "block directives are not supported in -g option");
        skip_block(p);
    } else if (at->depth >= MW_BLOCKS_MOST) {
        mw_reader_error(p->r, &n->pos, n->end_line, "more than %d blocks inside each other", MW_BLOCKS_MOST);
        skip_block(p);
    } else if (mw_str_eq(n->name, MW_STR("include"))) {
        mw_reader_include(p->r, at, n);
        skip_block(p);
    } else {
        mw_spot_add(at, n);
        inside = mw_spot_in(n, at->depth + 1);
        read_kids(p, &inside, true);
    }
}

static void finish_directive(parse *p, mw_spot *at, mw_node *n)
{
    if (mw_str_eq(n->name, MW_STR("include")))
        mw_reader_include(p->r, at, n);
    else
        mw_spot_add(at, n);
}

/* The directive whose first word is at hand; sound: nothing was wrong with that one. */
static outcome read_directive(parse *p, mw_spot *at, bool sound)
{
    mw_str    name = p->lex.word;
    mw_pos    pos = p->lex.pos;
    mw_lexeme lexeme;
    mw_node  *n;

    p->words.args.n = p->words.places.n = 0;
    while ((lexeme = mw_lex_next(&p->lex, p->r->arena)) == MW_LEX_WORD || lexeme == MW_LEX_BAD) {
        if (lexeme == MW_LEX_WORD) {
            mw_words_add(p->r->arena, &p->words, p->lex.word, p->lex.pos);
        } else {
            bad_word(p);
            sound = false;
        }
    }
    if (lexeme == MW_LEX_CLOSE) {
        fault(p, "unexpected \"}\"");
        return BLOCK_ENDS;
    }
    if (lexeme == MW_LEX_END) {
        early_end(p, "\";\" or \"}\"");
        return BLOCK_ENDS;
    }
    n = sound ? mw_words_node(p->r, &p->words, name, pos) : NULL;
    sound = n != NULL;
    if (sound)
        n->end_line = p->lex.pos.line;
    if (!sound && lexeme == MW_LEX_OPEN)
        skip_block(p);
    else if (sound && lexeme == MW_LEX_OPEN)
        finish_block(p, at, n);
    else if (sound)
        finish_directive(p, at, n);
    return GOES_ON;
}

/* Up to the closing brace (braced) or the end of the file. */
static void read_kids(parse *p, mw_spot *at, bool braced)
{
    for (;;) {
        switch (mw_lex_next(&p->lex, p->r->arena)) {
        case MW_LEX_WORD:
            if (read_directive(p, at, true) == BLOCK_ENDS && braced)
                return;
            break;
        case MW_LEX_BAD:
            bad_word(p);
            if (read_directive(p, at, false) == BLOCK_ENDS && braced)
                return;
            break;
        case MW_LEX_SEMICOLON:
            fault(p, "unexpected \";\"");
            break;
        case MW_LEX_OPEN:
            fault(p, "unexpected \"{\"");
            skip_block(p);
            break;
        case MW_LEX_CLOSE:
            if (braced)
                return;
            fault(p, "unexpected \"}\"");
            break;
        case MW_LEX_END:
            if (braced)
                early_end(p, "\"}\"");
            return;
        }
    }
}

static bool is_command_line(mw_str name)
{
    return mw_str_eq(name, MW_STR("command line"));
}

void mw_nginx_into(mw_reader *r, mw_spot *at, const mw_source_file *file)
{
    parse p = { .r = r, .parameter = is_command_line(file->path) };

    p.lex = (mw_lex){ .left = file->bytes, .file = file, .line = 1, .column = 1 };
    read_kids(&p, at, false);
}

mw_node *mw_read_nginx(mw_reader *r, mw_str path)
{
    return mw_reader_read(r, path, false);
}

mw_node *mw_read_text(mw_reader *r, mw_str name, mw_str text)
{
    mw_node *root = MW_NEW(r->arena, mw_node);
    mw_spot  at = mw_spot_in(root, 0);

    root->block = true;
    mw_nginx_into(r, &at, mw_reader_keep(r, name, text));
    return root;
}
