/* notify.h - tells the service manager how we are: sd_notify(3), without its library.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_MAIN_NOTIFY_H
#define MW_MAIN_NOTIFY_H

#include "core/str.h"

/* "READY=1", "RELOADING=1", "STOPPING=1", "MAINPID=12"; lines.  Nothing when nobody asked for it (NOTIFY_SOCKET). */
void mw_notify(const char *format, ...) __attribute__((format(printf, 1, 2)));
void mw_notify_reloading(void);         /* with the time that systemd wants of it */

#endif
