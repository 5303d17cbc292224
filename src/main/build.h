/* build.h - what this build is, and what it can do.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_BUILD_H
#define MW_MAIN_BUILD_H

#include "conf/module.h"

#define MW_PROGRAM "miwidothttp"

const char *mw_build_version(void);     /* "nginx/1.31.5 (miwidothttp-0.1.0)" */
void mw_build_show(mw_out *o, const mw_module *const *modules);     /* -V, behind the first line */
/* By the name in nginx's configure options, without "--with-": "http_ssl_module", "stream". */
bool mw_build_has(const mw_module *const *modules, mw_str option);

#endif
