/* modules.h - the modules of this folder.  main/modules.c lists them in the order on the way: steps top to bottom
 * within
 * their phase, heads innermost first: what is nearest to the body's source stands before what is nearest to the wire.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_MOD_MODULES_H
#define MW_HTTP_MOD_MODULES_H

#include "conf/module.h"

/* rewrite | access | try_files | stub_status, dav, index, autoindex, precompressed, static || conditional, headers,
 * gunzip, sub_filter, compress, range || access_log */
extern const mw_module mw_rewrite_module, mw_access_module, mw_try_files_module, mw_stub_status_module,
                       mw_dav_module, mw_index_module, mw_autoindex_module, mw_precompressed_module,
                       mw_static_module, mw_conditional_module, mw_headers_module, mw_gunzip_module,
                       mw_sub_filter_module, mw_compress_module, mw_range_module, mw_access_log_module;

/* the way out, besides those: slice | addition | charset, ssi; and flv, before precompressed */
extern const mw_module mw_slice_module, mw_addition_module, mw_charset_module, mw_ssi_module, mw_flv_module;

/* who may come: between access and try_files */
extern const mw_module mw_realip_module, mw_limit_req_module, mw_limit_conn_module, mw_auth_basic_module,
                       mw_auth_request_module, mw_empty_gif_module, mw_random_index_module, mw_mirror_module,
                       mw_secure_link_module, mw_referer_module, mw_browser_module, mw_userid_module;

#endif
