/* reader.h - what the two front ends share: files, limits, nodes, `include`.  Private to this folder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CONF_READER_H
#define MW_CONF_READER_H

#include "conf/front.h"

typedef struct mw_spot {        /* where the next node goes */
    mw_node  *parent;
    mw_node **tail;             /* the pointer that ends parent's kids */
    unsigned  depth;            /* of blocks around it */
} mw_spot;

/* scratch of a front end: mw_str and mw_pos, side by side */
typedef struct mw_words { mw_array args, places; } mw_words;

mw_spot  mw_spot_in(mw_node *parent, unsigned depth);           /* behind the kids there are */
void     mw_spot_add(mw_spot *at, mw_node *n);
void     mw_words_add(mw_arena *a, mw_words *w, mw_str word, mw_pos pos);
/* a node with these as arguments, ${env:...} expanded; NULL: said */
mw_node *mw_words_node(mw_reader *r, const mw_words *w, mw_str name, mw_pos pos);
bool     mw_env_expand(mw_reader *r, mw_str *word, const mw_pos *pos);              /* false: said.  env.c */

/* An error at a place; nginx's line may be another one (0: the same). */
void mw_reader_error(mw_reader *r, const mw_pos *pos, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

mw_source_file *mw_reader_keep(mw_reader *r, mw_str path, mw_str bytes);            /* text that came by another way */
mw_node *mw_reader_read(mw_reader *r, mw_str path, bool yaml);          /* a main file; NULL: said */
void     mw_reader_include(mw_reader *r, mw_spot *at, const mw_node *n);           /* carries out an `include` */

void mw_nginx_into(mw_reader *r, mw_spot *at, const mw_source_file *file);
void mw_yaml_into(mw_reader *r, mw_spot *at, const mw_source_file *file);

/* In YAML, a map under one of these names has the block's arguments for keys: location, upstream, map ... */
bool mw_yaml_keyed(mw_str name);

#endif
