/* rc.h - what a call answers.  Four answers, everywhere, and never an HTTP status among them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_CORE_RC_H
#define MW_CORE_RC_H

typedef enum mw_rc {
    MW_OK,      /* done; results are filled in                                  */
    MW_AGAIN,   /* not yet; the owner will be woken                             */
    MW_END,     /* nothing more will come (sources, scanners, end of stream)    */
    MW_ERR      /* failed; logged where the reason was known, not logged again  */
} mw_rc;

#endif
