/* dump.c - the tree as nginx.conf, and the files it came from.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/front.h"
#include "core/alloc.h"
#include "core/scan.h"

enum { INDENT = 4 };

typedef struct pen {
    mw_out *o;
    mw_set  inside, unsure;     /* bytes of words without quotes; those that a backslash before them would change */
} pen;

void mw_dump_files(mw_out *o, const mw_reader *r)
{
    for (const mw_source_file *file = r->files; file != NULL; file = file->next) {
        if (mw_str_eq(file->path, MW_STR("command line")))
            continue;
        mw_out_fmt(o, "# configuration file %.*s:\n", MW_S(file->path));
        mw_out_str(o, file->bytes);
        mw_out_char(o, '\n');
    }
}

/* Would the lexer read it back as it stands?  Anything doubtful is quoted. */
static bool is_plain(const pen *p, mw_str s)
{
    char c;

    if (s.len == 0 || s.at[0] == '}')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        c = mw_str_char(s, i + 1);
        if (s.at[i] == '{' ? i == 0 || s.at[i - 1] != '$' : !mw_set_has(&p->inside, s.at[i]))
            return false;
        if (s.at[i] == '\\' && (c == '{' || !mw_set_has(&p->inside, c) || mw_set_has(&p->unsure, c)))
            return false;
        if (s.at[i] == '\\' && c == '$' && mw_str_char(s, i + 2) == '{')
            return false;
    }
    return true;
}

static void dump_word(const pen *p, mw_str s)
{
    mw_out *o = p->o;

    if (is_plain(p, s)) {
        mw_out_str(o, s);
        return;
    }
    mw_out_char(o, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '"' || s.at[i] == '\\')
            mw_out_char(o, '\\');
        mw_out_char(o, s.at[i]);
    }
    mw_out_char(o, '"');
}

static void dump_kids(const pen *p, const mw_node *parent, unsigned indent)
{
    mw_out *o = p->o;

    for (const mw_node *n = parent->kids; n != NULL && !o->cut; n = n->next) {
        mw_out_fmt(o, "%*s", (int)indent, "");
        dump_word(p, n->name);
        for (unsigned i = 0; i < n->nargs; i++) {
            mw_out_char(o, ' ');
            dump_word(p, n->args[i]);
        }
        if (!n->block) {
            mw_out_str(o, MW_STR(";\n"));
        } else if (n->kids == NULL) {
            mw_out_str(o, MW_STR(" {}\n"));
        } else {
            mw_out_str(o, MW_STR(" {\n"));
            dump_kids(p, n, indent + INDENT);
            mw_out_fmt(o, "%*s}\n", (int)indent, "");
        }
    }
}

void mw_dump_nginx(mw_out *o, const mw_node *root)
{
    pen p = { .o = o };

    p.inside = mw_set_of("-A-Za-z0-9_./:,=~^*+?()|!@%&<>[]}$\\");
    p.unsure = mw_set_of("\"'\\trn");
    dump_kids(&p, root, 0);
}

mw_str mw_dump_to_arena(mw_arena *a, void (*dump)(mw_out *o, const mw_node *root), const mw_node *root)
{
    mw_out o;
    mw_str text;

    for (size_t room = 4096;; room *= 2) {
        o = mw_out_on(mw_alloc_raw(room), room);
        dump(&o, root);
        text = o.cut ? MW_STR("") : mw_arena_copy(a, mw_out_done(&o));
        mw_free(o.at);
        if (!o.cut)
            return text;
    }
}
