/* front.h - the front ends: nginx.conf (lex.c, nginx.c) and YAML (yaml.c) to one tree, and the tree back to text
 * (dump.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CONF_FRONT_H
#define MW_CONF_FRONT_H

#include "conf/diag.h"

typedef struct mw_reader {      /* one reading of a configuration: files, diagnostics, tree */
    mw_arena       *arena;
    mw_diag        *diag;
    mw_str          folder;     /* where relative `include`s are looked for: the folder of the main file, with '/' */
    mw_source_file *files, **tail;
    unsigned        depth;      /* of includes; at most 64 */
    size_t          bytes;      /* of all files, a file included twice counts twice; at most 64 MB */
    bool            stopped;    /* a limit was hit and said: no more files are read */
    bool            alone;      /* set by the caller for text from elsewhere: `include` is refused */
} mw_reader;

enum {
    MW_WORD_MOST   = 4095,      /* bytes of one word, unquoted */
    MW_BLOCKS_MOST = 64         /* blocks inside each other */
};

/* Lexing (nginx's rules): words, "quoted" and 'quoted' with escapes \" \' \\ \t \r \n, ${name}, comments, ; { }.
 * Pure. */
typedef enum mw_lexeme { MW_LEX_WORD, MW_LEX_SEMICOLON, MW_LEX_OPEN, MW_LEX_CLOSE, MW_LEX_END, MW_LEX_BAD } mw_lexeme;
typedef struct mw_lex {
    mw_str                left;
    const mw_source_file *file;
    uint32_t              line, column;
    mw_str                word;         /* of MW_LEX_WORD, unquoted, in the arena if it had escapes */
    mw_pos                pos;          /* where the lexeme begins */
    bool                  quoted;
    const char           *why;          /* of MW_LEX_BAD, as nginx says it */
} mw_lex;
mw_lexeme mw_lex_next(mw_lex *l, mw_arena *a);

void  mw_reader_init(mw_reader *r, mw_arena *a, mw_diag *d, mw_str main_file);
/* Each answers the top level nodes (root->kids) under a nameless root, even after errors (diag has them); NULL when the
 * file cannot be read.  `include` with globs is carried out at every level; errors go on to the next directive. */
mw_node *mw_read_nginx(mw_reader *r, mw_str path);
mw_node *mw_read_text(mw_reader *r, mw_str name, mw_str text);      /* of -g, and of tests */
mw_node *mw_read_yaml(mw_reader *r, mw_str path);                   /* any .yaml or .yml file */
mw_node *mw_read_yaml_text(mw_reader *r, mw_str name, mw_str text);
void     mw_node_append(mw_node *root, mw_node *more);              /* the kids of more behind those of root */

/* "# configuration file /x:\n" and its bytes, each once, as -T */
void mw_dump_files(mw_out *o, const mw_reader *r);
/* the tree, includes carried out; reads back to an equal tree */
void mw_dump_nginx(mw_out *o, const mw_node *root);
void mw_dump_yaml(mw_out *o, const mw_node *root);          /* the same as YAML */
mw_str mw_dump_to_arena(mw_arena *a, void (*dump)(mw_out *o, const mw_node *root), const mw_node *root);
                                                            /* all of it, however long */
bool mw_node_equal(const mw_node *a, const mw_node *b);     /* the same but for positions */

#endif
