/* show.h - looks at a configuration without running it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_SHOW_H
#define MW_MAIN_SHOW_H

#include "main/cycle.h"

/* --directives; --route 'GET http://host/path' with "Name: value" headers.  What the program is to exit with. */
int mw_show_directives(void);
int mw_show_route(const mw_cycle *c, const char *program, mw_str request, const mw_str *headers, size_t n);

#endif
