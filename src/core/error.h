/* error.h - errno to text, and the last words before an abort.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_ERROR_H
#define MW_CORE_ERROR_H

const char *mw_error_text(int err);         /* "No such file or directory"; static */

#endif
