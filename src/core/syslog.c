/* syslog.c - the parameters of syslog:, and lines as RFC 3164 has them, over UDP or a unix datagram socket.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/log.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/clock.h"

enum { PORT = 514, TAG_MOST = 32, LOCAL7 = 23, HEAD = 512 };

/* What was written already: each parameter is written once. */
typedef struct reader {
    mw_arena  *arena;
    mw_syslog *to;
    mw_str     why;             /* empty: no fault yet */
    bool       has_server, has_facility, has_severity, has_tag, no_host;
} reader;

static const char facilities[][9] = {
    "kern", "user", "mail", "daemon", "auth", "intern", "lpr", "news", "uucp", "clock", "authpriv", "ftp",
    "ntp", "audit", "alert", "cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
};

/* WORDS "WHAT"; false, for the one who returns it. */
static bool fault(reader *r, const char *words, mw_str what)
{
    char   text[1024];
    mw_out o = mw_out_on(text, sizeof text);

    mw_out_str(&o, mw_str_of(words));
    mw_out_str(&o, MW_STR(" \""));
    mw_out_str(&o, what);
    mw_out_char(&o, '"');
    r->why = mw_arena_copy(r->arena, mw_out_done(&o));
    return false;
}

/* ------------------------------------------------------------------------------------------ server= */

static bool server_fault(reader *r, const char *what, mw_str server)
{
    char   text[128];
    mw_out o = mw_out_on(text, sizeof text - 1);

    mw_out_str(&o, mw_str_of(what));
    mw_out_str(&o, MW_STR(" in syslog server"));
    text[o.len] = '\0';
    return fault(r, text, server);
}

static bool read_unix(reader *r, mw_str server)
{
    mw_sockaddr system;

    r->to->to = (mw_addr){ .family = MW_UNIX, .path = mw_arena_copy(r->arena, mw_str_drop(server, 5)) };
    if (r->to->to.path.len == 0)
        return server_fault(r, "no path in the unix domain socket", server);
    if (mw_addr_to_system(&r->to->to, &system) == 0)
        return server_fault(r, "too long path in the unix domain socket", server);
    return true;
}

/* "host", "host:port", "[ip]", "[ip]:port"; false: of the port. */
static bool split_port(mw_str server, mw_str *host, uint16_t *port)
{
    size_t   inside = mw_str_char(server, 0) == '[' ? mw_str_index(server, ']') : 0;
    mw_str   rest   = mw_str_drop(server, inside);
    size_t   colon  = mw_str_index(rest, ':');
    uint64_t n;

    *host = mw_str_take(server, inside + colon);
    *port = PORT;
    if (colon == rest.len)
        return true;
    if (!mw_str_u64(mw_str_drop(rest, colon + 1), &n) || n == 0 || n > UINT16_MAX)
        return false;
    *port = (uint16_t)n;
    return true;
}

static bool read_server(reader *r, mw_str server)
{
    const char *why;
    mw_addr    *list;
    mw_str      host;
    uint16_t    port;
    size_t      n;

    if (r->has_server)
        return fault(r, "duplicate syslog", MW_STR("server"));
    r->has_server = true;
    if (mw_str_starts(server, MW_STR("unix:")))
        return read_unix(r, server);
    if (!split_port(server, &host, &port))
        return server_fault(r, "invalid port", server);
    if (host.len == 0)
        return server_fault(r, "no host", server);
    if (mw_addr_lookup(r->arena, host, port, &list, &n, &why) != MW_OK)
        return server_fault(r, why, server);
    r->to->to = list[0];
    return true;
}

/* ------------------------------------------------------------------------------------------ the others */

static bool read_facility(reader *r, mw_str name)
{
    size_t i;

    if (r->has_facility)
        return fault(r, "duplicate syslog", MW_STR("facility"));
    r->has_facility = true;
    for (i = 0; i < sizeof facilities / sizeof facilities[0]; i++) {
        if (mw_str_eq(name, mw_str_of(facilities[i]))) {
            r->to->facility = (int)i;
            return true;
        }
    }
    return fault(r, "unknown syslog facility", name);
}

static bool read_severity(reader *r, mw_str name)
{
    mw_log_level level = mw_log_level_of(name);

    if (r->has_severity)
        return fault(r, "duplicate syslog", MW_STR("severity"));
    r->has_severity = true;
    if (level == MW_LOG_STDERR)
        return fault(r, "unknown syslog severity", name);
    r->to->severity = (int)level - MW_LOG_EMERG;
    return true;
}

static bool read_tag(reader *r, mw_str tag)
{
    size_t i;

    if (r->has_tag)
        return fault(r, "duplicate syslog", MW_STR("tag"));
    r->has_tag = true;
    if (tag.len > TAG_MOST) {                           /* RFC 3164 4.1.3 */
        r->why = MW_STR("syslog tag length exceeds 32");
        return false;
    }
    for (i = 0; i < tag.len; i++) {
        if (!mw_is_alpha(tag.at[i]) && !mw_is_digit(tag.at[i]) && tag.at[i] != '_') {
            r->why = MW_STR("syslog \"tag\" only allows alphanumeric characters and underscore");
            return false;
        }
    }
    r->to->tag = mw_arena_copy(r->arena, tag);
    return true;
}

static bool read_parameter(reader *r, mw_str text)
{
    static const struct { mw_str name; bool (*read)(reader *r, mw_str value); } parameters[] = {
        { MW_STR_C("server="), read_server },
        { MW_STR_C("facility="), read_facility },
        { MW_STR_C("severity="), read_severity },
        { MW_STR_C("tag="), read_tag },
    };
    size_t i;

    for (i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        if (mw_str_starts(text, parameters[i].name))
            return parameters[i].read(r, mw_str_drop(text, parameters[i].name.len));
    if (!mw_str_eq(text, MW_STR("nohostname")))
        return fault(r, "unknown syslog parameter", text);
    r->no_host = true;
    return true;
}

/* This machine's name, in lower case. */
static mw_str host_name(mw_arena *a)
{
    char   name[HOST_NAME_MAX + 1] = { 0 }, lower[sizeof name];
    mw_out o = mw_out_on(lower, sizeof lower);

    if (gethostname(name, sizeof name - 1) != 0)
        return MW_STR("");
    mw_out_lower(&o, mw_str_of(name));
    return mw_arena_copy(a, mw_out_done(&o));
}

mw_rc mw_syslog_parse(mw_arena *a, mw_str text, mw_syslog **to, const char **why)
{
    reader r = { .arena = a, .to = MW_NEW(a, mw_syslog), .why = MW_STR("") };
    mw_str one, rest;
    bool   more = true;

    r.to->fd = -1;
    r.to->facility = LOCAL7;
    r.to->severity = MW_LOG_INFO - MW_LOG_EMERG;
    r.to->tag = MW_STR("nginx");
    rest = mw_str_starts(text, MW_STR("syslog:")) ? mw_str_drop(text, 7) : text;
    while (more) {
        more = mw_str_cut(rest, ',', &one, &rest);
        if (!read_parameter(&r, one)) {
            *why = mw_arena_z(a, r.why);
            return MW_ERR;
        }
    }
    if (!r.has_server) {
        *why = "no syslog server specified";
        return MW_ERR;
    }
    r.to->host = r.no_host ? MW_STR("") : host_name(a);
    *to = r.to;
    return MW_OK;
}

/* ------------------------------------------------------------------------------------------ sending */

static bool open_socket(mw_syslog *s)
{
    mw_sockaddr system;
    socklen_t   len = mw_addr_to_system(&s->to, &system);
    int         err;

    if (len == 0) {
        errno = ENAMETOOLONG;
        return false;
    }
    s->fd = socket(system.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->fd < 0)
        return false;
    if (connect(s->fd, &system.any, len) == 0)
        return true;
    err = errno;
    close(s->fd);
    s->fd = -1;
    errno = err;
    return false;
}

/* False: this socket is good for nothing any more. */
static bool send_line(mw_syslog *s, mw_str head, mw_str text)
{
    struct iovec  parts[2] = { { (void *)(uintptr_t)head.at, head.len }, { (void *)(uintptr_t)text.at, text.len } };
    struct msghdr message  = { .msg_iov = parts, .msg_iovlen = 2 };
    ssize_t       n;
    int           err;

    do
        n = sendmsg(s->fd, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n >= 0 || errno == EAGAIN || errno == ENOBUFS || errno == EMSGSIZE)     /* lost, and nothing is broken */
        return true;
    err = errno;
    close(s->fd);
    s->fd = -1;
    errno = err;
    return false;
}

/* "<191>Nov 24 03:44:00 host nginx: " */
static void write_head(mw_out *o, const mw_syslog *s, int severity)
{
    mw_out_char(o, '<');
    mw_out_u64(o, (uint64_t)s->facility * 8 + (uint64_t)severity);
    mw_out_char(o, '>');
    mw_out_str(o, (mw_str){ mw_clock_here()->syslog, sizeof(((mw_clock *)NULL)->syslog) - 1 });
    mw_out_char(o, ' ');
    if (s->host.len > 0) {
        mw_out_str(o, s->host);
        mw_out_char(o, ' ');
    }
    mw_out_str(o, s->tag);
    mw_out_str(o, MW_STR(": "));
}

const char *mw_syslog_send_as(mw_syslog *s, int severity, mw_str text)
{
    char   room[HEAD];
    mw_out head = mw_out_on(room, sizeof room);

    write_head(&head, s, severity);
    if (s->fd >= 0 && send_line(s, mw_out_done(&head), text))
        return NULL;
    /* Not connected yet, or the one who listened went away and may be back: an error belongs to an earlier line. */
    if (!open_socket(s))
        return "connect";
    return send_line(s, mw_out_done(&head), text) ? NULL : "send";
}

const char *mw_syslog_send(mw_syslog *s, mw_str text)
{
    return mw_syslog_send_as(s, s->severity, text);
}
