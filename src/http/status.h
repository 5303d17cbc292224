/* status.h - status codes and phrases (nginx's words), and the built-in pages.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_STATUS_H
#define MW_HTTP_STATUS_H

#include "core/str.h"

enum {      /* nginx's own codes; $status and access logs show them, the client sees 400 (or nothing) */
    MW_STATUS_CLOSE = 444, MW_STATUS_HEADER_TOO_LARGE = 494, MW_STATUS_CERT_ERROR = 495, MW_STATUS_NO_CERT = 496,
    MW_STATUS_HTTP_TO_HTTPS = 497, MW_STATUS_CLIENT_CLOSED = 499
};

mw_str mw_status_line(int status);          /* "404 Not Found"; empty: no phrase known - "598" alone is sent then */
mw_str mw_status_page(int status);          /* the built-in page up to the server's signature; empty: none for it */
int    mw_status_on_wire(int status);       /* 494..497 are sent as 400 */

#endif
