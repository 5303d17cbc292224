/* ranges.h - addresses to values: networks within networks, or ranges, frozen to one sorted array per family.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_RULE_RANGES_H
#define MW_RULE_RANGES_H

#include "core/addr.h"

typedef struct mw_ranges mw_ranges;
typedef struct mw_span { uint32_t from, upto; mw_str value; } mw_span;      /* IPv4, host order, both ends included */

mw_ranges *mw_ranges_new(mw_arena *a);
/* Networks may come in any order; the narrowest decides.  Answers the value that was there for the very same network
 * and is replaced now, or NULL.  value must outlive the table. */
const mw_str *mw_ranges_add_net(mw_ranges *r, const mw_cidr *net, mw_str value);
bool          mw_ranges_cut_net(mw_ranges *r, const mw_cidr *net);      /* false: there is none */
/* A span may lie inside an earlier one, and decides there.  OK; END: replaced the very same span, *old is its value;
 * ERR: overlaps the span *clash.  In ascending order adding is cheapest. */
mw_rc         mw_ranges_add_span(mw_ranges *r, const mw_span *s, mw_str *old, mw_span *clash);
bool          mw_ranges_cut_span(mw_ranges *r, uint32_t from, uint32_t upto);
void          mw_ranges_freeze(mw_ranges *r);                           /* no more is added; finding may begin */
const mw_str *mw_ranges_find(const mw_ranges *r, const mw_addr *who);  /* NULL: none, or neither IPv4 nor IPv6 */
bool          mw_span_parse(mw_str text, mw_span *s);                   /* "10.0.0.1-10.0.0.9" */

#endif
