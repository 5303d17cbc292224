/* must.h - what cannot be otherwise: a broken invariant stops this process, and says where.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_MUST_H
#define MW_CORE_MUST_H

/* Writes "FILE:LINE: must be: WHAT" to standard error and aborts.  core/error.c */
_Noreturn void mw_must_fail(const char *file, int line, const char *what);

#define MW_MUST(condition)  ((condition) ? (void)0 : mw_must_fail(__FILE__, __LINE__, #condition))

#endif
