/* node.h - the tree that every front end builds: name, arguments, children, and where it was written.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CONF_NODE_H
#define MW_CONF_NODE_H

#include "core/arena.h"
#include "core/rc.h"

typedef struct mw_source_file {     /* a file that was read, kept with its exact bytes for -T and for diagnostics */
    struct mw_source_file *next;    /* in the order of reading; a file included twice stands once */
    mw_str                 path;    /* absolute; "command line" for -g */
    mw_str                 bytes;
} mw_source_file;

typedef struct mw_pos { const mw_source_file *file; uint32_t line, column; } mw_pos;    /* both from 1 */

typedef struct mw_node {            /* one directive as written, whatever the front end */
    mw_str          name, *args;    /* args without the name; unquoted */
    mw_pos         *places;         /* of each argument */
    unsigned        nargs;
    bool            block;          /* braces were written, even if empty */
    struct mw_node *kids, *next, *parent;
    mw_pos          pos;            /* of the name */
    uint32_t        end_line;       /* of the semicolon or the opening brace: what nginx calls the directive's line */
} mw_node;

#endif
