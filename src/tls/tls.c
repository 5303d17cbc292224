/* tls.c - the directives of TLS: ssl_certificate and kin.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/crypto.h>

#include "core/error.h"
#include "core/file.h"
#include "core/must.h"
#include "tls/room.h"

typedef mw_tls_conf C;

enum { PASSWORDS_MOST = 65536, SESSIONS_LEAST = 8 * 4096, IN_SERVERS = IN_HTTP | IN_SERVER };

const mw_choice mw_tls_protocols[] = {
    { "SSLv2", MW_TLS_SSL2 }, { "SSLv3", MW_TLS_SSL3 }, { "TLSv1", MW_TLS_1_0 }, { "TLSv1.1", MW_TLS_1_1 },
    { "TLSv1.2", MW_TLS_1_2 }, { "TLSv1.3", MW_TLS_1_3 }, { NULL, 0 }
};
static const mw_choice verify_words[] = {
    { "off", 0 }, { "on", 1 }, { "optional", 2 }, { "optional_no_ca", 3 }, { NULL, 0 }
};

const char *mw_tls_library(void) { return OpenSSL_version(OPENSSL_VERSION); }

mw_rc mw_set_tls_passwords(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_strs *list = field;
    mw_array lines = { 0 };
    mw_str   path = mw_bind_conf_path(b, n->args[0]), rest, line;

    (void)d;
    if (mw_file_read_all(b->arena, path, PASSWORDS_MOST, &rest) != MW_OK)
        return mw_bind_error_at(b, n, 0, "open() \"%.*s\" failed (%d: %s)", MW_S(path), errno, mw_error_text(errno));
    while (rest.len > 0) {
        (void)mw_str_cut(rest, '\n', &line, &rest);
        if (mw_str_ends(line, MW_STR("\r")))
            line = mw_str_take(line, line.len - 1);
        if (line.len > 0)
            *MW_PUSH(b->arena, &lines, mw_str) = line;
    }
    *list = (mw_strs){ lines.items, (unsigned)lines.n };
    return MW_OK;
}

mw_rc mw_set_tls_command(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    *MW_PUSH(b->arena, (mw_array *)field, mw_tls_command) = (mw_tls_command){ n->args[0], n->args[1] };
    return MW_OK;
}

/* --- ssl_session_cache -------------------------------------------------------------------------------------------- */

/* shared:name:size */
static mw_rc read_shared(mw_bind *b, const mw_node *n, unsigned i, mw_tls_kept *to)
{
    mw_str   word = n->args[i], name, size;
    uint64_t bytes;

    if (!mw_str_cut(mw_str_drop(word, 7), ':', &name, &size) || name.len == 0 || !mw_read_size(size, &bytes))
        return mw_bind_error_at(b, n, i, "invalid session cache \"%.*s\"", MW_S(word));
    if (bytes < SESSIONS_LEAST)
        return mw_bind_error_at(b, n, i, "session cache \"%.*s\" is too small", MW_S(word));
    to->zone = mw_wants_zone(b->wants, b->arena, name, (size_t)bytes, &mw_tls_session_kind, &mw_tls_module);
    if (to->zone == NULL)
        return mw_bind_error_at(b, n, i, "the shared memory zone \"%.*s\" is used for something else, or with another "
                                "size", MW_S(name));
    return MW_OK;
}

static mw_rc set_session_cache(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_tls_kept *to = field;

    (void)d;
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_str word = n->args[i];

        if (mw_str_eq(word, MW_STR("off"))) {
            to->off = true;
        } else if (mw_str_eq(word, MW_STR("builtin"))) {
            to->builtin = true;
        } else if (mw_str_starts(word, MW_STR("builtin:"))) {
            to->builtin = true;
            if (!mw_str_u64(mw_str_drop(word, 8), &to->size))
                return mw_bind_error_at(b, n, i, "invalid session cache \"%.*s\"", MW_S(word));
        } else if (mw_str_starts(word, MW_STR("shared:"))) {
            if (read_shared(b, n, i, to) != MW_OK)
                return MW_ERR;
        } else if (!mw_str_eq(word, MW_STR("none"))) {
            return mw_bind_error_at(b, n, i, "invalid session cache \"%.*s\"", MW_S(word));
        }
    }
    return MW_OK;
}

/* off | max=N [valid=TIME] [inactive=TIME] */
mw_rc mw_set_tls_certificate_cache(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    uint64_t most = 0, valid = 60000, inactive = 10000;

    (void)d;
    *(struct mw_tls_certs **)field = NULL;
    if (n->nargs == 1 && mw_str_eq(n->args[0], MW_STR("off")))
        return MW_OK;
    for (unsigned i = 0; i < n->nargs; i++) {
        mw_str word = n->args[i];

        if (!(mw_str_starts(word, MW_STR("max=")) && mw_str_u64(mw_str_drop(word, 4), &most) && most > 0)
            && !(mw_str_starts(word, MW_STR("valid=")) && mw_read_msec(mw_str_drop(word, 6), &valid))
            && !(mw_str_starts(word, MW_STR("inactive=")) && mw_read_msec(mw_str_drop(word, 9), &inactive)))
            return mw_bind_error_at(b, n, i, "invalid parameter \"%.*s\"", MW_S(word));
    }
    if (most == 0)
        return mw_bind_error(b, n, "\"%s\" must have the \"max\" parameter", d->name);
    *(struct mw_tls_certs **)field = mw_tls_certs_new(b->arena, (size_t)most, valid, inactive);
    return MW_OK;
}

static mw_rc set_stapling(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_rc rc = mw_set_flag(b, n, d, field);

    if (rc == MW_OK && *(bool *)field)
        mw_bind_warn(b, n, "\"%s\" ignored, stapling is not in this build", d->name);
    return rc;
}

/* --- all is bound ------------------------------------------------------------------------------------------------- */

static mw_rc check_pairs(mw_bind *b, const mw_level *level, const C *c)
{
    if (c->keys.n >= c->certificates.n)
        return MW_OK;
    return mw_bind_error(b, level->node, "no \"ssl_certificate_key\" is defined for certificate \"%.*s\"",
                         MW_S(c->certificates.at[c->keys.n]));
}

static mw_rc tls_finish(mw_bind *b)
{
    for (const mw_level *http = b->top->kids; http != NULL; http = http->next)
        for (const mw_level *s = http->where == IN_HTTP ? http->kids : NULL; s != NULL; s = s->next) {
            C *c = s->where == IN_SERVER ? mw_bind_conf(b, s, &mw_tls_module) : NULL;

            if (c == NULL || (c->certificates.n == 0 && !c->reject_handshake))
                continue;
            if (check_pairs(b, s, c) != MW_OK || mw_tls_ctx_make(b, c) != MW_OK)
                return MW_ERR;
        }
    return MW_OK;
}

static const mw_directive tls_directives[] = {
    { "ssl_certificate", IN_SERVERS, 1, 1, MW_FIELD(C, certificates), .repeat = true,
      .help = "file with a certificate and its chain; one for each type of key" },
    { "ssl_certificate_key", IN_SERVERS, 1, 1, MW_FIELD(C, keys), .repeat = true, .help = "file with its secret key" },
    { "ssl_certificate_cache", IN_SERVERS, 1, 3, MW_FIELD_BY(C, cache, mw_set_tls_certificate_cache),
      .otherwise = "off", .help = "keeps certificates whose names have variables" },
    { "ssl_password_file", IN_SERVERS, 1, 1, MW_FIELD_BY(C, password_file, mw_set_tls_passwords),
      .help = "file with passwords of keys, one a line" },
    { "ssl_protocols", IN_SERVERS, 1, MANY, MW_FLAGS(C, protocols, mw_tls_protocols), .otherwise = "TLSv1.2 TLSv1.3",
      .help = "versions of TLS" },
    { "ssl_ciphers", IN_SERVERS, 1, 1, MW_FIELD(C, ciphers), .otherwise = "HIGH:!aNULL:!MD5",
      .help = "ciphers up to TLSv1.2" },
    { "ssl_ecdh_curve", IN_SERVERS, 1, 1, MW_FIELD(C, curves), .otherwise = "auto", .help = "groups for key exchange" },
    { "ssl_dhparam", IN_SERVERS, 1, 1, MW_FIELD(C, dhparam), .help = "file with parameters of DHE ciphers" },
    { "ssl_prefer_server_ciphers", IN_SERVERS, 1, 1, MW_FIELD(C, prefer_server_ciphers), .otherwise = "off",
      .help = "our order of ciphers counts, not the client's" },
    { "ssl_conf_command", IN_SERVERS, 2, 2, MW_FIELD_BY(C, commands, mw_set_tls_command), .repeat = true,
      .help = "a command of OpenSSL's configuration" },
    { "ssl_client_certificate", IN_SERVERS, 1, 1, MW_FIELD(C, client_certificate),
      .help = "authorities of client certificates, said to clients" },
    { "ssl_trusted_certificate", IN_SERVERS, 1, 1, MW_FIELD(C, trusted_certificate),
      .help = "authorities of client certificates, not said" },
    { "ssl_crl", IN_SERVERS, 1, 1, MW_FIELD(C, crl), .help = "file with revoked certificates" },
    { "ssl_verify_client", IN_SERVERS, 1, 1, MW_CHOICE(C, verify, verify_words), .otherwise = "off",
      .help = "asks clients for a certificate" },
    { "ssl_verify_depth", IN_SERVERS, 1, 1, MW_FIELD(C, verify_depth), .otherwise = "1",
      .help = "longest chain of certificates" },
    { "ssl_session_cache", IN_SERVERS, 1, 2, MW_FIELD_BY(C, session, set_session_cache), .otherwise = "none",
      .help = "where sessions are kept" },
    { "ssl_session_timeout", IN_SERVERS, 1, 1, MW_FIELD(C, session_timeout), .otherwise = "5m",
      .help = "how long a session may be resumed" },
    { "ssl_session_tickets", IN_SERVERS, 1, 1, MW_FIELD(C, session_tickets), .otherwise = "on",
      .help = "sessions are kept by clients, sealed" },
    { "ssl_session_ticket_key", IN_SERVERS, 1, 1, MW_FIELD(C, ticket_keys), .repeat = true,
      .help = "file with a key that seals tickets; the first one seals, all open" },
    { "ssl_early_data", IN_SERVERS, 1, 1, MW_FIELD(C, early_data), .otherwise = "off",
      .help = "takes TLSv1.3 early data" },
    { "ssl_reject_handshake", IN_SERVERS, 1, 1, MW_FIELD(C, reject_handshake), .otherwise = "off",
      .help = "refuses TLS for this server's names" },
    { "ssl_buffer_size", IN_SERVERS, 1, 1, MW_FIELD(C, buffer_size), .otherwise = "16k",
      .help = "largest record that is sent" },
    { "ssl_stapling", IN_SERVERS, 1, 1, MW_FIELD_BY(C, stapling, set_stapling), .otherwise = "off",
      .help = "accepted with a warning: stapling is not in this build" },
    { "ssl_stapling_verify", IN_SERVERS, 1, 1, MW_FIELD(C, stapling_verify), .otherwise = "off", .help = "accepted" },
    { "ssl_stapling_responder", IN_SERVERS, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { "ssl_stapling_file", IN_SERVERS, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { 0 }
};

const mw_module mw_tls_module = {
    .name = "tls", .directives = tls_directives, .conf_size = sizeof(mw_tls_conf), .finish = tls_finish,
};
