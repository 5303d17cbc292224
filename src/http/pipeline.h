/* pipeline.h - the way of a request through the house.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_PIPELINE_H
#define MW_HTTP_PIPELINE_H

#include "http/route.h"

void mw_pipeline_start(mw_request *r, const mw_server *server);     /* the last thing you do */
void mw_pipeline_inner(mw_request *r);                              /* of a subrequest, from the server's rewrites */
/* the same, of what could not be parsed: 400, 414 ... */
void mw_pipeline_refuse(mw_request *r, const mw_server *server, int status);
void mw_pipeline_run(mw_request *r);                                /* the same; r walks until it waits or is sent */
void mw_pipeline_woken(void *r);                                    /* runs it if it waits, otherwise nothing */
void mw_pipeline_reroute(mw_request *r);                            /* walks where r->to says; the last thing you do */

#endif
