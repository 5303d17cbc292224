/* error.c - errno to text, and the last words before an abort.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/error.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/must.h"
#include "core/out.h"

void mw_must_fail(const char *file, int line, const char *what)
{
    char    text[512];
    mw_out  o = mw_out_on(text, sizeof text - 1);
    mw_str  words;
    ssize_t n;

    mw_out_str(&o, mw_str_of(file));            /* by hand and on the stack: there may be no memory left */
    mw_out_char(&o, ':');
    mw_out_i64(&o, line);
    mw_out_str(&o, MW_STR(": must be: "));
    mw_out_str(&o, mw_str_of(what));
    o.room = sizeof text;
    mw_out_char(&o, '\n');
    words = mw_out_done(&o);
    n = write(STDERR_FILENO, words.at, words.len);
    (void)n;                                    /* nobody is left to be told */
    abort();
}

const char *mw_error_text(int err)
{
    const char *text = strerrordesc_np(err);    /* static, and never translated: logs are read by tools */

    return text != NULL ? text : "Unknown error";
}
