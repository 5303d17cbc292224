/* show.c - looks at a configuration without running it: its table, and the way that a request would go.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/show.h"

#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "http/build.h"
#include "http/door.h"
#include "http/route.h"
#include "http/uri.h"
#include "main/modules.h"
#include "main/startup.h"

enum { JSON_ROOM = 1 << 20, ROUTE_ROOM = 65536, SCHEME_HTTP = 80, SCHEME_HTTPS = 443 };

typedef struct asked {          /* a request, as far as choosing needs it */
    mw_str   method, host, uri;
    mw_addr  addr;              /* port 0: any; family MW_NOWHERE: any address */
    bool     port_written;
} asked;

int mw_show_directives(void)
{
    mw_out o = mw_out_on(mw_alloc_raw(JSON_ROOM), JSON_ROOM);

    mw_directives_json(&o, mw_modules);
    (void)mw_write_all(STDOUT_FILENO, mw_out_done(&o));
    mw_free(o.at);
    return 0;
}

static mw_str host_header(const mw_str *headers, size_t n)
{
    mw_str name, value, host = { NULL, 0 };

    for (size_t i = 0; i < n; i++)
        if (mw_str_cut(headers[i], ':', &name, &value) && mw_str_ieq(mw_str_trim(name), MW_STR("host")))
            host = mw_str_trim(value);
    return host;
}

/* Where the client would connect to, and the name it would ask for. */
static bool read_host(mw_arena *a, mw_str text, asked *to)
{
    mw_out   lower = mw_arena_pen(a, text.len + 1);
    mw_str   port;
    uint64_t number = 0;

    if (!mw_host_valid(text, &lower, &port))
        return false;
    to->host = mw_out_done(&lower);
    (void)mw_addr_ip(to->host, &to->addr);
    to->port_written = port.len > 0;
    if (to->port_written && (!mw_str_u64(port, &number) || number == 0 || number > UINT16_MAX))
        return false;
    to->addr.port = (uint16_t)number;
    return true;
}

/* "GET http://host:port/path?args"; the method may be left out. */
static bool read_request(mw_arena *a, mw_str text, mw_str host, asked *to)
{
    mw_str    method, rest, lower;
    mw_target t;
    mw_out    path;

    *to = (asked){ .method = MW_STR("GET") };
    if (mw_str_cut(text, ' ', &method, &rest)) {
        to->method = method;
        text = mw_str_trim(rest);
    }
    if (!mw_target_parse(text, &t) || t.host.len == 0 || !read_host(a, t.host, to))
        return false;
    if (!to->port_written)
        to->addr.port = mw_str_ieq(t.scheme, MW_STR("https")) ? SCHEME_HTTPS : SCHEME_HTTP;
    if (host.len > 0) {
        mw_out o = mw_arena_pen(a, host.len + 1);

        if (!mw_host_valid(host, &o, &lower))
            return false;
        to->host = mw_out_done(&o);
    }
    path = mw_arena_pen(a, t.path.len + 2);
    if (t.path.len == 0)
        mw_out_char(&path, '/');
    else if (mw_uri_normalise(t.path, true, &path) != MW_OK)
        return false;
    to->uri = mw_out_done(&path);
    return true;
}

/* How well a socket fits: the very address, then a wildcard, then whoever has the port; 0: not at all. */
static int fits(const mw_addr *listens, const asked *q)
{
    if (listens->family == MW_UNIX || listens->port != q->addr.port)
        return 0;
    if (q->addr.family != MW_NOWHERE && mw_addr_ip_eq(listens, &q->addr))
        return 3;
    return mw_addr_any(listens) ? 2 : 1;
}

static const mw_door_addr *find_door(const mw_cycle *c, const asked *q)
{
    const mw_door_addr *best = NULL, *first = NULL;
    int                 fit = 0;

    MW_LIST_EACH(node, &c->wants.listens) {
        const mw_listen *l = MW_OWNER(node, mw_listen, all);
        const mw_door   *door = l->door;

        if (l->accepted != mw_door_accepted)
            continue;
        for (unsigned i = 0; i < door->n; i++) {
            int here = fits(&door->addrs[i].addr, q);

            first = first != NULL ? first : &door->addrs[0];
            if (here > fit) {
                fit = here;
                best = &door->addrs[i];
            }
        }
    }
    return best != NULL || q->port_written ? best : first;
}

static void show_place(mw_out *o, const char *what, mw_str name, const mw_level *level)
{
    mw_out_fmt(o, "%-9s%.*s", what, MW_S(name));
    if (level != NULL && level->node != NULL)
        mw_out_fmt(o, "   %.*s:%u", MW_S(level->node->pos.file->path), level->node->pos.line);
    mw_out_char(o, '\n');
}

static void show_way(mw_out *o, const mw_cycle *c, const mw_door_addr *at, const asked *q)
{
    mw_log           log = { .sinks = &mw_log_stderr };
    mw_scope         scope = { .arena = c->arena, .log = &log };
    const mw_server *server;
    mw_found         found;

    scope.vars = ((const mw_gather *)c->http)->site->vars;
    server = mw_door_server(at, &scope, q->host);
    found = mw_locations_find(server->locations, &scope, q->uri);
    mw_out_fmt(o, "%.*s %.*s for \"%.*s\" at ", MW_S(q->method), MW_S(q->uri), MW_S(q->host));
    mw_addr_text(o, &at->addr);
    mw_out_char(o, '\n');
    show_place(o, "server", server->name, server->level);
    mw_route_show(o, server->own);
    if (found.add_slash) {
        mw_out_fmt(o, "301 to %.*s/\n", MW_S(q->uri));
        return;
    }
    show_place(o, "location", found.place != NULL ? found.place->name : MW_STR("(none)"),
               found.place != NULL ? found.place->level : NULL);
    mw_route_show(o, found.place != NULL ? found.place : server->bare);
}

int mw_show_route(const mw_cycle *c, const char *program, mw_str request, const mw_str *headers, size_t n)
{
    const mw_door_addr *at;
    asked               q;
    mw_out              o = mw_arena_pen(c->arena, ROUTE_ROOM);

    if (!read_request(c->arena, request, host_header(headers, n), &q)) {
        mw_say("%s: \"%.*s\" is not a request; one is: GET http://host/path\n", program, MW_S(request));
        return 1;
    }
    at = c->http != NULL ? find_door(c, &q) : NULL;
    if (at == NULL) {
        mw_say("%s: no server listens on port %u\n", program, q.addr.port);
        return 1;
    }
    show_way(&o, c, at, &q);
    (void)mw_write_all(STDOUT_FILENO, mw_out_done(&o));
    return 0;
}
