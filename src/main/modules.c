/* modules.c - the one list of modules.
 *
 * The order is that of a request's way in: within a phase, steps stand as they run.  On the way out heads run innermost
 * first: what is nearest to the body's source stands before what is nearest to the wire.  Notes close the list.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/modules.h"

#include "http/core.h"
#include "http/mod/modules.h"
#include "http/proxy/proxy.h"
#include "main/core.h"
#include "rule/modules.h"
#include "tls/tls.h"
#include "upstream/group.h"

const mw_module *const mw_modules[] = {
    &mw_main_module,
    &mw_events_module,

    /* the room of http, and what its servers share: upstream groups and TLS stand here, before the walk begins */
    &mw_http_module,
    &mw_tls_module,
    &mw_upstream_module,
    &mw_balance_module,
    &mw_map_module,
    &mw_geo_module,
    &mw_split_module,

    /* the way in: realip | rewrite | limits | access, auth | try_files, mirror | content */
    &mw_rewrite_module,
    &mw_realip_module,
    &mw_limit_req_module,
    &mw_limit_conn_module,
    &mw_access_module,
    &mw_auth_basic_module,
    &mw_auth_request_module,
    &mw_try_files_module,
    &mw_mirror_module,
    &mw_secure_link_module,
    &mw_referer_module,
    &mw_browser_module,
    &mw_stub_status_module,
    &mw_dav_module,
    &mw_empty_gif_module,
    &mw_random_index_module,
    &mw_index_module,
    &mw_autoindex_module,
    &mw_flv_module,
    &mw_precompressed_module,
    &mw_static_module,
    &mw_proxy_module,

    /* the way out */
    &mw_slice_module,
    &mw_conditional_module,
    &mw_headers_module,
    &mw_userid_module,
    &mw_gunzip_module,
    &mw_addition_module,
    &mw_sub_filter_module,
    &mw_charset_module,
    &mw_ssi_module,
    &mw_compress_module,
    &mw_range_module,

    /* when all is sent */
    &mw_access_log_module,
    NULL
};
