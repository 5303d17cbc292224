/* http.c - the table of http, server, location and the other core directives.
 * SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "http/body.h"
#include "http/build.h"
#include "http/error_page.h"
#include "http/vars.h"

typedef mw_http_conf C;

enum { HTTP_SERVER = IN_HTTP | IN_SERVER, WEB_IF = IN_WEB | IN_IF };

static const mw_choice lingering[] = {
    { "off", MW_LINGER_OFF }, { "on", MW_LINGER_ON }, { "always", MW_LINGER_ALWAYS }, { NULL, 0 }
};
static const mw_choice modified[] = {
    { "off", MW_MODIFIED_OFF }, { "exact", MW_MODIFIED_EXACT }, { "before", MW_MODIFIED_BEFORE }, { NULL, 0 }
};
static const mw_choice tokens[] = {
    { "off", MW_TOKENS_OFF }, { "on", MW_TOKENS_ON }, { "build", MW_TOKENS_BUILD }, { NULL, 0 }
};
static const mw_choice in_file[] = {
    { "off", MW_IN_FILE_OFF }, { "on", MW_IN_FILE_ON }, { "clean", MW_IN_FILE_CLEAN }, { NULL, 0 }
};
static const mw_choice browsers[] = { { "none", 1 }, { "msie6", 2 }, { "safari", 4 }, { NULL, 0 } };
static const mw_choice aio[] = {
    { "off", MW_AIO_OFF }, { "on", MW_AIO_ON }, { "threads", MW_AIO_THREADS }, { NULL, 0 }
};
static const mw_choice satisfy[] = { { "all", 0 }, { "any", 1 }, { NULL, 0 } };

/* `internal;` has no argument. */
static mw_rc set_internal(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)b;
    (void)n;
    (void)d;
    *(bool *)field = true;
    return MW_OK;
}

static mw_rc set_post_action(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)d;
    *(mw_expr **)field = mw_expr_compile(b, n, n->args[0]);
    return *(mw_expr **)field != NULL ? MW_OK : MW_ERR;
}

/* The groups are filled when the whole tree is bound, so where in http it stands does not matter. */
static mw_rc set_strict(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    (void)field;
    return mw_set_flag(b, n, d, &b->strict);
}

static mw_rc http_ready(mw_bind *b, const mw_level *level, void *conf)
{
    C *c = conf;

    if (c->errors == NULL)
        c->errors = b->errors;
    c->prefix = b->prefix;
    if (mw_bind_written(b, level, &mw_http_module, "client_body_temp_path"))
        mw_wants_dir(b->wants, b->arena, c->client_body_temp_path);
    return MW_OK;
}

static const mw_directive http_directives[] = {
    { "http", IN_MAIN, 0, 0, .block = IN_HTTP, .enter = mw_http_enter, .help = "holds the servers of HTTP" },
    { "server", IN_HTTP, 0, 0, .block = IN_SERVER, .repeat = true, .enter = mw_server_enter,
      .help = "a virtual server" },
    { "location", IN_SERVER | IN_LOCATION, 1, 2, .block = IN_LOCATION, .repeat = true, .enter = mw_location_enter,
      .help = "configuration for requests by their URI" },
    { "limit_except", IN_LOCATION, 1, MANY, .block = IN_LIMIT_EXCEPT, .repeat = true,
      .enter = mw_limit_except_enter, .help = "configuration for all methods but these" },
    { "listen", IN_SERVER, 1, MANY, .set = mw_set_listen, .repeat = true,
      .help = "address, port or unix socket to accept connections on" },
    { "server_name", IN_SERVER, 1, MANY, MW_FIELD_BY(C, names, mw_set_server_name), .inherit = MW_NEVER,
      .repeat = true, .help = "names of a virtual server" },

    { "client_header_buffer_size", HTTP_SERVER, 1, 1, MW_FIELD(C, client_header_buffer_size), .otherwise = "1k",
      .help = "first buffer for reading a request's head" },
    { "large_client_header_buffers", HTTP_SERVER, 2, 2, MW_FIELD(C, large_client_header_buffers),
      .otherwise = "4 8k", .help = "number and size of further buffers for heads" },
    { "client_header_timeout", HTTP_SERVER, 1, 1, MW_FIELD(C, client_header_timeout), .otherwise = "60s",
      .help = "how long a whole request head may take" },
    { "max_headers", HTTP_SERVER, 1, 1, MW_FIELD(C, max_headers), .otherwise = "1000",
      .help = "most header fields in a request" },
    { "ignore_invalid_headers", HTTP_SERVER, 1, 1, MW_FIELD(C, ignore_invalid_headers), .otherwise = "on",
      .help = "drops header fields with invalid names instead of refusing the request" },
    { "underscores_in_headers", HTTP_SERVER, 1, 1, MW_FIELD(C, underscores_in_headers), .otherwise = "off",
      .help = "are underscores valid in names of header fields" },
    { "merge_slashes", HTTP_SERVER, 1, 1, MW_FIELD(C, merge_slashes), .otherwise = "on",
      .help = "makes one of adjacent slashes in a URI" },
    { "http2", HTTP_SERVER, 1, 1, MW_FIELD(C, http2), .otherwise = "off",
      .help = "offers HTTP/2" },

    { "client_max_body_size", IN_WEB, 1, 1, MW_FIELD(C, client_max_body_size), .otherwise = "1m",
      .help = "largest request body; 0: any" },
    { "client_body_buffer_size", IN_WEB, 1, 1, MW_FIELD(C, client_body_buffer_size), .otherwise = "16k",
      .help = "how much of a request body is kept in memory" },
    { "client_body_timeout", IN_WEB, 1, 1, MW_FIELD(C, client_body_timeout), .otherwise = "60s",
      .help = "longest pause within a request body" },
    { "client_body_temp_path", IN_WEB, 1, 4, MW_FIELD_BY(C, client_body_temp_path, mw_set_temp_path),
      .otherwise = MW_CLIENT_BODY_TEMP_PATH, .help = "folder for request bodies that do not fit in memory" },
    { "client_body_in_file_only", IN_WEB, 1, 1, MW_CHOICE(C, client_body_in_file_only, in_file), .otherwise = "off",
      .help = "always writes request bodies to files" },
    { "client_body_in_single_buffer", IN_WEB, 1, 1, MW_FIELD(C, client_body_in_single_buffer), .otherwise = "off",
      .help = "accepted: $request_body joins the pieces" },
    { "client_body_early_read", IN_HTTP, 1, 1, MW_FIELD(C, client_body_early_read), .otherwise = "off",
      .help = "reads the request body before anything is decided of the request" },
    { "lingering_close", IN_WEB, 1, 1, MW_CHOICE(C, lingering_close, lingering), .otherwise = "on",
      .help = "goes on reading from a client before its connection is closed" },
    { "lingering_time", IN_WEB, 1, 1, MW_FIELD(C, lingering_time), .otherwise = "30s",
      .help = "longest time of that" },
    { "lingering_timeout", IN_WEB, 1, 1, MW_FIELD(C, lingering_timeout), .otherwise = "5s",
      .help = "longest pause in that" },

    { "keepalive_timeout", IN_WEB, 1, 2, MW_SPAN(C, keepalive_timeout, keepalive_header, mw_set_keepalive_timeout),
      .otherwise = "75s", .help = "how long an idle connection stays open; what the Keep-Alive field says" },
    { "keepalive_min_timeout", IN_WEB, 1, 1, MW_FIELD(C, keepalive_min_timeout), .otherwise = "0",
      .help = "how long an idle connection is kept although it should be closed" },
    { "keepalive_time", IN_WEB, 1, 1, MW_FIELD(C, keepalive_time), .otherwise = "1h",
      .help = "longest life of a keep-alive connection" },
    { "keepalive_requests", IN_WEB, 1, 1, MW_FIELD(C, keepalive_requests), .otherwise = "1000",
      .help = "most requests over one connection" },
    { "keepalive_disable", IN_WEB, 1, MANY, MW_FLAGS(C, keepalive_disable, browsers), .otherwise = "msie6",
      .help = "browsers that get no keep-alive" },
    { "send_timeout", IN_WEB, 1, 1, MW_FIELD(C, send_timeout), .otherwise = "60s",
      .help = "longest pause in sending to a client" },
    { "tcp_nodelay", IN_WEB, 1, 1, MW_FIELD(C, tcp_nodelay), .otherwise = "on", .help = "sets TCP_NODELAY" },
    { "tcp_nopush", IN_WEB, 1, 1, MW_FIELD(C, tcp_nopush), .otherwise = "off",
      .help = "fills packets: head and file together" },
    { "reset_timedout_connection", IN_WEB, 1, 1, MW_FIELD(C, reset_timedout_connection), .otherwise = "off",
      .help = "resets connections that timed out, and those closed with 444" },

    { "sendfile", WEB_IF, 1, 1, MW_FIELD(C, sendfile), .otherwise = "off", .help = "sends big files by sendfile(2)" },
    { "sendfile_max_chunk", IN_WEB, 1, 1, MW_FIELD(C, sendfile_max_chunk), .otherwise = "2m",
      .help = "most that one connection sends in a turn" },
    { "aio", IN_WEB, 1, 1, MW_FIELD_BY(C, aio, mw_set_aio), .choices = aio, .otherwise = "off",
      .help = "threads: files that are not in memory are read by a pool of threads; on: those of directio" },
    { "aio_write", IN_WEB, 1, 1, MW_FIELD(C, aio_write), .otherwise = "off", .help = "accepted" },
    { "directio", IN_WEB, 1, 1, MW_FIELD_BY(C, directio, mw_set_directio), .otherwise = "off",
      .help = "reads files from this size on past the page cache" },
    { "directio_alignment", IN_WEB, 1, 1, MW_FIELD(C, directio_alignment), .otherwise = "512",
      .help = "accepted: the file system tells" },
    { "read_ahead", IN_WEB, 1, 1, MW_FIELD(C, read_ahead), .otherwise = "0",
      .help = "accepted: the system's own is used" },
    { "output_buffers", IN_WEB, 2, 2, MW_FIELD(C, output_buffers), .otherwise = "2 32k",
      .help = "accepted: files go from the page cache to the socket" },
    { "postpone_output", IN_WEB, 1, 1, MW_FIELD(C, postpone_output), .otherwise = "1460",
      .help = "accepted: output is always gathered within a turn" },
    { "subrequest_output_buffer_size", IN_WEB, 1, 1, MW_FIELD(C, subrequest_output_buffer_size), .otherwise = "4k",
      .help = "accepted: there are no subrequests yet" },
    { "chunked_transfer_encoding", IN_WEB, 1, 1, MW_FIELD(C, chunked_transfer_encoding), .otherwise = "on",
      .help = "allows chunked responses" },
    { "limit_rate", WEB_IF, 1, 1, MW_FIELD_BY(C, limit_rate, mw_set_rate), .otherwise = "0",
      .help = "bytes a second for a response; 0: no limit" },
    { "limit_rate_after", WEB_IF, 1, 1, MW_FIELD_BY(C, limit_rate_after, mw_set_rate), .otherwise = "0",
      .help = "bytes that are sent at full speed first" },

    { "root", WEB_IF, 1, 1, MW_SPAN(C, root, alias_cut, mw_set_root), .otherwise = "html", .group = "root",
      .help = "folder that URIs are looked up in" },
    { "alias", IN_LOCATION, 1, 1, MW_SPAN(C, root, alias_cut, mw_set_root), .group = "root", .extra = 1,
      .help = "replaces the location's own part of the URI" },
    { "types", IN_WEB, 0, 0, MW_FIELD_BY(C, types, mw_set_types), .block = MW_RAW, .repeat = true,
      .help = "media types by file name extension" },
    { "default_type", IN_WEB, 1, 1, MW_FIELD(C, default_type), .otherwise = "text/plain",
      .help = "media type of all other files" },
    { "disable_symlinks", IN_WEB, 1, 2, MW_SPAN(C, disable_symlinks, disable_symlinks_from, mw_set_disable_symlinks),
      .otherwise = "off", .help = "refuses symbolic links in paths" },
    { "open_file_cache", IN_WEB, 1, 2, MW_FIELD_BY(C, open_file_cache_fresh, mw_set_open_file_cache),
      .help = "off: looks at files at each request; otherwise accepted, files are always cached and always current" },
    { "open_file_cache_errors", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted: failures are always cached" },
    { "open_file_cache_events", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted: changes are always watched" },
    { "open_file_cache_min_uses", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { "open_file_cache_valid", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted: changes are seen at once" },
    { "internal", IN_LOCATION, 0, 0, MW_FIELD_BY(C, internal, set_internal), .inherit = MW_NEVER,
      .help = "only for internal requests; others get 404" },
    { "satisfy", IN_WEB, 1, 1, MW_CHOICE(C, satisfy, satisfy), .otherwise = "all",
      .help = "must all access rules allow, or any" },
    { "auth_delay", IN_WEB, 1, 1, MW_FIELD(C, auth_delay), .otherwise = "0",
      .help = "accepted: no module asks for passwords yet" },

    { "error_page", WEB_IF, 2, MANY, MW_FIELD_BY(C, error_pages, mw_set_error_page), .repeat = true,
      .help = "URI shown for these statuses" },
    { "recursive_error_pages", IN_WEB, 1, 1, MW_FIELD(C, recursive_error_pages), .otherwise = "off",
      .help = "error pages may lead to error pages" },
    { "post_action", WEB_IF, 1, 1, MW_FIELD_BY(C, post_action, set_post_action),
      .help = "URI that is requested behind a finished request" },
    { "error_log", IN_WEB, 1, 2, MW_FIELD_BY(C, errors, mw_set_error_log), .repeat = true,
      .help = "where errors are logged, and from which level on" },
    { "log_not_found", IN_WEB, 1, 1, MW_FIELD(C, log_not_found), .otherwise = "on",
      .help = "logs files that are not there" },
    { "log_subrequest", IN_WEB, 1, 1, MW_FIELD(C, log_subrequest), .otherwise = "off",
      .help = "accepted: there are no subrequests yet" },
    { "etag", IN_WEB, 1, 1, MW_FIELD(C, etag), .otherwise = "on", .help = "gives files an ETag" },
    { "if_modified_since", IN_WEB, 1, 1, MW_CHOICE(C, if_modified_since, modified), .otherwise = "exact",
      .help = "how that field is compared" },
    { "max_ranges", IN_WEB, 1, 1, MW_FIELD(C, max_ranges), .otherwise = "2147483647",
      .help = "most ranges in a request; 0: none are cut" },
    { "absolute_redirect", IN_WEB, 1, 1, MW_FIELD(C, absolute_redirect), .otherwise = "on",
      .help = "makes redirects absolute" },
    { "port_in_redirect", IN_WEB, 1, 1, MW_FIELD(C, port_in_redirect), .otherwise = "on",
      .help = "with the port" },
    { "server_name_in_redirect", IN_WEB, 1, 1, MW_FIELD(C, server_name_in_redirect), .otherwise = "off",
      .help = "with the first server_name" },
    { "server_tokens", IN_WEB, 1, 1, MW_CHOICE(C, server_tokens, tokens), .otherwise = "on",
      .help = "what the Server field and error pages tell" },
    { "msie_padding", IN_WEB, 1, 1, MW_FIELD(C, msie_padding), .otherwise = "on",
      .help = "makes error pages long enough for old browsers" },
    { "msie_refresh", IN_WEB, 1, 1, MW_FIELD(C, msie_refresh), .otherwise = "off",
      .help = "refreshes instead of redirects for MSIE" },

    { "resolver", IN_WEB, 1, MANY, MW_FIELD_BY(C, resolver, mw_set_resolver), .help = "name servers" },
    { "resolver_timeout", IN_WEB, 1, 1, MW_FIELD(C, resolver_timeout), .otherwise = "30s",
      .help = "longest time to resolve a name" },
    { "resolver_strict", IN_HTTP, 1, 1, .set = set_strict, .otherwise = "off",
      .help = "an upstream's name that does not resolve is an error, as in nginx, not a warning" },

    { "send_lowat", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted: of other systems" },
    { "connection_pool_size", HTTP_SERVER, 1, 1, .set = mw_set_ignored, .help = "accepted: there are no such pools" },
    { "request_pool_size", HTTP_SERVER, 1, 1, .set = mw_set_ignored, .help = "accepted: there are no such pools" },
    { "server_names_hash_max_size", IN_HTTP, 1, 1, .set = mw_set_ignored, .help = "accepted: hashes size themselves" },
    { "server_names_hash_bucket_size", IN_HTTP, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { "types_hash_max_size", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { "types_hash_bucket_size", IN_WEB, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { "variables_hash_max_size", IN_HTTP, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { "variables_hash_bucket_size", IN_HTTP, 1, 1, .set = mw_set_ignored, .help = "accepted" },
    { 0 }
};

static bool early_applies(const void *conf) { return ((const C *)conf)->client_body_early_read; }

/* Before the rewrites of the server: $request_body can be used in them. */
static mw_verdict early_step(mw_request *r, const void *conf, void *ctx)
{
    mw_rc rc = mw_body_expected(r) ? mw_body_whole(r, &r->asker) : MW_OK;

    (void)conf;
    (void)ctx;
    if (rc == MW_AGAIN)
        return MW_WAIT;
    if (rc == MW_ERR)
        return mw_refuse(r, r->main->body->refused != 0 ? r->main->body->refused : 400);
    return MW_PASS;
}

static const mw_http_part http_part = {
    .vars = mw_http_vars, .applies = early_applies, .server_rewrite = early_step, .steps_on = MW_ON_MAIN,
};

const mw_module mw_http_module = {
    .name = "http", .directives = http_directives, .conf_size = sizeof(C), .ready = http_ready,
    .finish = mw_http_finish, .http = &http_part,
};
