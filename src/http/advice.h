/* advice.h - what -t says of a configuration that is right and does not do what it seems to.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_ADVICE_H
#define MW_HTTP_ADVICE_H

#include "conf/bind.h"

/* Warns of what is in this http block, each with its place and the way out.  All of it is bound, without errors. */
void mw_advise(mw_bind *b, const mw_node *http);
/* advice_location.c: of the locations of this server, or of one of them, that no request can get to. */
void mw_advise_locations(mw_bind *b, const mw_node *block, bool merged);

#endif
