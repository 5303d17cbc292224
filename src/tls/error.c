/* error.c - OpenSSL's errors, as nginx writes them into a line.
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tls/room.h"

enum { LINE = 1600 };

void mw_tls_errors(mw_out *o)
{
    const char   *data, *before = " (SSL: ";
    int           flags;
    unsigned long e;
    char          text[256];

    while ((e = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) != 0) {
        ERR_error_string_n(e, text, sizeof text);
        mw_out_fmt(o, "%s%s", before, text);
        if ((flags & ERR_TXT_STRING) != 0 && data[0] != '\0')
            mw_out_fmt(o, ":%s", data);
        before = " ";
    }
    if (before[1] == '\0')
        mw_out_char(o, ')');
}

void mw_tls_forget(void) { ERR_clear_error(); }

static mw_str line(char room[LINE], const char *format, va_list args)
{
    mw_out o = mw_out_on(room, LINE);

    mw_out_vfmt(&o, format, args);
    mw_tls_errors(&o);
    return mw_out_done(&o);
}

mw_rc mw_tls_bad(mw_bind *b, const char *format, ...)
{
    char    room[LINE];
    va_list args;
    mw_str  text;

    va_start(args, format);
    text = line(room, format, args);
    va_end(args);
    return mw_bind_error(b, NULL, "%.*s", MW_S(text));
}

void mw_tls_log(const mw_log *log, mw_log_level level, int err, const char *format, ...)
{
    char    room[LINE];
    va_list args;
    mw_str  text;

    if (!mw_log_wants(log, level)) {
        ERR_clear_error();
        return;
    }
    va_start(args, format);
    text = line(room, format, args);
    va_end(args);
    mw_log_line(log, level, err, "%.*s", MW_S(text));
}

/* Nothing that comes over the wire may fill the log with critical lines: what the TLS engine finds wrong in it is
 * information; what fails in ourselves (memory, the library's inside, a key) is not. */
bool mw_tls_is_ours(void)
{
    unsigned long e = ERR_peek_last_error();
    int           reason = ERR_GET_REASON(e);

    if (e == 0)
        return false;
    if (ERR_SYSTEM_ERROR(e))
        return true;
    if (ERR_GET_LIB(e) != ERR_LIB_SSL)
        return ERR_GET_LIB(e) != ERR_LIB_EVP && ERR_GET_LIB(e) != ERR_LIB_ASN1 && ERR_GET_LIB(e) != ERR_LIB_EC
            && ERR_GET_LIB(e) != ERR_LIB_X509 && ERR_GET_LIB(e) != ERR_LIB_RSA && ERR_GET_LIB(e) != ERR_LIB_PROV;
    return reason == ERR_R_INTERNAL_ERROR || reason == ERR_R_MALLOC_FAILURE || reason == SSL_R_LIBRARY_BUG
        || reason == SSL_R_NO_CERTIFICATE_SET;
}
