/* modules.h - the one list of modules.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_MODULES_H
#define MW_MAIN_MODULES_H

#include "conf/module.h"

extern const mw_module *const mw_modules[];     /* in the order on the way; ends with NULL */

#endif
