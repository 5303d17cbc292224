/* error_page.h - error_page: from a refusal to another way, and the built-in pages.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_ERROR_PAGE_H
#define MW_HTTP_ERROR_PAGE_H

#include "http/core.h"

/* MW_REROUTE, MW_ANSWERED (a redirect to a full URL), or MW_PASS: no error_page applies. */
mw_verdict mw_error_page_try(mw_request *r, int status);
/* Does one apply? */
bool       mw_error_page_has(const mw_request *r, int status);
/* The built-in page as an answer: MW_ANSWERED. */
mw_verdict mw_error_page_built_in(mw_request *r, int status);
/* MW_ANSWERED with a page that leads there, where msie_refresh wants one instead of a 301 or 302; else MW_PASS. */
mw_verdict mw_error_page_refresh(mw_request *r, int status, mw_str location);
mw_setter  mw_set_error_page;       /* of the row `error_page`: field mw_array */

#endif
