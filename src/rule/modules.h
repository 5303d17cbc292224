/* modules.h - the modules of this floor: variables computed from variables, the same in http and in stream.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_RULE_MODULES_H
#define MW_RULE_MODULES_H

#include "conf/module.h"

extern const mw_module mw_map_module, mw_geo_module, mw_split_module;
extern const mw_directive mw_map_directives[], mw_geo_directives[], mw_split_directives[];

#endif
