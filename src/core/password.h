/* password.h - does a password fit what was stored of it?  crypt(3) in all its kinds, apr1, {PLAIN}, {SHA}, {SSHA}.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_PASSWORD_H
#define MW_CORE_PASSWORD_H

#include "core/str.h"

bool mw_password_fits(mw_str password, mw_str stored);      /* from any thread; may take long */
bool mw_password_slow(mw_str stored);                       /* does it take so long that others should not wait? */

#endif
