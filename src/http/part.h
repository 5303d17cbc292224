/* part.h - where a module stands on a request's way.  Fields are named after the phases, in their order: one sees
 * where.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_PART_H
#define MW_HTTP_PART_H

#include "http/request.h"

typedef mw_verdict mw_step(mw_request *r, const void *conf, void *ctx);
typedef mw_rc      mw_head(mw_request *r, const void *conf, void *ctx);
                                /* OK: may have changed the head and wrapped res.body; END: called mw_refuse; ERR:
                                 * abort. Never waits. */
/* after the last byte; exactly once per main request */
typedef void       mw_note(mw_request *r, const void *conf, void *ctx);

/* for whom a hook runs: MW_ON_SLICE for a subrequest whose body is a part of its parent's (mw_sub_how.same_place) */
enum { MW_ON_MAIN = 1, MW_ON_SUB = 2, MW_ON_SLICE = 4 };

typedef struct mw_http_part {
    size_t    ctx_size;                     /* zeroed memory per request and route, handed to every hook */
    size_t    once_size;                    /* zeroed memory per main request, kept over reroutes: mw_request_once */
    mw_rc   (*begin)(mw_bind *b);           /* when the http block is entered, before its rows are read; may be NULL */
    /* false: this place's route leaves the module out; NULL: it always applies */
    bool    (*applies)(const void *conf);
    mw_step  *post_read, *server_rewrite, *rewrite, *preaccess, *access, *precontent, *content;
    mw_head  *head;
    mw_note  *log;
    uint8_t   steps_on, heads_on;           /* MW_ON_MAIN | MW_ON_SUB; 0: steps on both, heads on main only */
    /* a content step that drives out static, index, autoindex: proxy_pass, return-like */
    bool      sole;
    /* "/x" is sent to "/x/" where only the latter is a location: proxy_pass and kin */
    bool      auto_slash;
    const mw_var *vars;                     /* variables it brings; ends with name NULL */
    /* for --route: what its configuration says here, in a word or two; may be NULL */
    void    (*show)(mw_out *o, const void *conf);
} mw_http_part;

#endif
