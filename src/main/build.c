/* build.c - what this build is, and what it can do, in the words of nginx's configure.
 *
 * Others decide by the words of -V whether to try something, so a word stands for what is there and never for what
 * configure
 * was given.  An option is there when a directive of its is; so the text follows the list of modules by itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/build.h"

#include "config.h"
#include "tls/tls.h"

typedef struct feature { const char *option, *directive; unsigned where; } feature;

/* Not in nginx unless asked for. */
static const feature extras[] = {
    { "http_ssl_module", "ssl_certificate", IN_HTTP },
    { "http_v2_module", "http2_max_concurrent_streams", IN_HTTP },
    { "http_v3_module", "http3", IN_HTTP },
    { "http_realip_module", "set_real_ip_from", IN_HTTP },
    { "http_addition_module", "add_before_body", IN_HTTP },
    { "http_sub_module", "sub_filter", IN_HTTP },
    { "http_dav_module", "dav_methods", IN_HTTP },
    { "http_flv_module", "flv", IN_LOCATION },
    { "http_mp4_module", "mp4", IN_LOCATION },
    { "http_gunzip_module", "gunzip", IN_HTTP },
    { "http_gzip_static_module", "gzip_static", IN_HTTP },
    { "http_auth_request_module", "auth_request", IN_HTTP },
    { "http_random_index_module", "random_index", IN_LOCATION },
    { "http_secure_link_module", "secure_link", IN_HTTP },
    { "http_slice_module", "slice", IN_HTTP },
    { "http_stub_status_module", "stub_status", IN_LOCATION },
    { "http_geoip_module", "geoip_country", IN_HTTP },
    { "mail", "auth_http", 0 },
    { "mail_ssl_module", "starttls", 0 },
    { "stream", "proxy_pass", IN_STREAM_SERVER },
    { "stream_ssl_module", "ssl_certificate", IN_STREAM },
    { "stream_realip_module", "set_real_ip_from", IN_STREAM },
    { "stream_geoip_module", "geoip_country", IN_STREAM },
    { "stream_ssl_preread_module", "ssl_preread", IN_STREAM },
};

/* In nginx unless it was told not to. */
static const feature standard[] = {
    { "http_charset_module", "charset", IN_HTTP }, { "http_gzip_module", "gzip", IN_HTTP },
    { "http_ssi_module", "ssi", IN_HTTP }, { "http_userid_module", "userid", IN_HTTP },
    { "http_access_module", "allow", IN_HTTP }, { "http_auth_basic_module", "auth_basic", IN_HTTP },
    { "http_mirror_module", "mirror", IN_HTTP }, { "http_autoindex_module", "autoindex", IN_HTTP },
    { "http_geo_module", "geo", IN_HTTP }, { "http_map_module", "map", IN_HTTP },
    { "http_split_clients_module", "split_clients", IN_HTTP },
    { "http_referer_module", "valid_referers", IN_SERVER }, { "http_rewrite_module", "rewrite", IN_SERVER },
    { "http_proxy_module", "proxy_pass", IN_LOCATION }, { "http_fastcgi_module", "fastcgi_pass", IN_LOCATION },
    { "http_uwsgi_module", "uwsgi_pass", IN_LOCATION }, { "http_scgi_module", "scgi_pass", IN_LOCATION },
    { "http_grpc_module", "grpc_pass", IN_LOCATION }, { "http_tunnel_module", "tunnel_pass", IN_LOCATION },
    { "http_memcached_module", "memcached_pass", IN_LOCATION },
    { "http_limit_conn_module", "limit_conn", IN_HTTP }, { "http_limit_req_module", "limit_req", IN_HTTP },
    { "http_empty_gif_module", "empty_gif", IN_LOCATION }, { "http_browser_module", "ancient_browser", IN_HTTP },
    { "http_upstream_hash_module", "hash", IN_UPSTREAM }, { "http_upstream_ip_hash_module", "ip_hash", IN_UPSTREAM },
    { "http_upstream_least_conn_module", "least_conn", IN_UPSTREAM },
    { "http_upstream_least_time_module", "least_time", IN_UPSTREAM },
    { "http_upstream_random_module", "random", IN_UPSTREAM },
    { "http_upstream_keepalive_module", "keepalive", IN_UPSTREAM },
    { "http_upstream_zone_module", "zone", IN_UPSTREAM },
    { "http_upstream_sticky_module", "sticky", IN_UPSTREAM },
    { "http-cache", "proxy_cache_path", IN_HTTP },
    { "mail_pop3_module", "pop3_auth", 0 }, { "mail_imap_module", "imap_auth", 0 },
    { "mail_smtp_module", "smtp_auth", 0 },
    { "stream_limit_conn_module", "limit_conn", IN_STREAM }, { "stream_access_module", "allow", IN_STREAM },
    { "stream_geo_module", "geo", IN_STREAM }, { "stream_map_module", "map", IN_STREAM },
    { "stream_split_clients_module", "split_clients", IN_STREAM },
    { "stream_return_module", "return", IN_STREAM_SERVER }, { "stream_pass_module", "pass", IN_STREAM_SERVER },
    { "stream_set_module", "set", IN_STREAM_SERVER },
    { "stream_upstream_hash_module", "hash", IN_STREAM_UPSTREAM },
    { "stream_upstream_least_conn_module", "least_conn", IN_STREAM_UPSTREAM },
    { "stream_upstream_least_time_module", "least_time", IN_STREAM_UPSTREAM },
    { "stream_upstream_random_module", "random", IN_STREAM_UPSTREAM },
    { "stream_upstream_zone_module", "zone", IN_STREAM_UPSTREAM },
};
enum { EXTRAS = sizeof extras / sizeof *extras, STANDARD = sizeof standard / sizeof *standard };

/* Paths that configure was given, and now are facts. */
typedef struct path { const char *option, *value; } path;
static const path paths[] = {
    { "prefix", MW_PREFIX }, { "sbin-path", MW_SBIN_PATH }, { "conf-path", MW_CONF_PATH },
    { "error-log-path", MW_ERROR_LOG_PATH }, { "http-log-path", MW_HTTP_LOG_PATH }, { "pid-path", MW_PID_PATH },
    { "lock-path", MW_LOCK_PATH }, { "user", MW_USER }, { "group", MW_GROUP },
};

/* There when some module has the directive; in a context, if there is one. */
static bool there(const mw_module *const *modules, const feature *f)
{
    const feature stream = { "stream", "proxy_pass", IN_STREAM_SERVER };

    if (mw_str_starts(mw_str_of(f->option), MW_STR("stream_")) && !there(modules, &stream))
        return false;               /* what http and stream share may stand there, but there is no there */
    for (size_t i = 0; modules[i] != NULL; i++)
        for (size_t k = 0; modules[i]->directives != NULL && modules[i]->directives[k].name != NULL; k++)
            if (strcmp(modules[i]->directives[k].name, f->directive) == 0 &&
                (modules[i]->directives[k].where & f->where) != 0)
                return true;
    return false;
}

static bool option_is(const feature *f, mw_str option)
{
    mw_str name = mw_str_of(f->option);

    return mw_str_eq(name, option)
        || (mw_str_ends(option, MW_STR("_module")) && mw_str_eq(name, mw_str_take(option, option.len - 7)));
}

bool mw_build_has(const mw_module *const *modules, mw_str option)
{
    for (size_t i = 0; i < EXTRAS; i++)
        if (option_is(&extras[i], option)) return there(modules, &extras[i]);
    for (size_t i = 0; i < STANDARD; i++)
        if (option_is(&standard[i], option)) return there(modules, &standard[i]);
    return false;
}

/* A path with a module's name in it would be taken for the module. */
static bool misleading(mw_str text)
{
    static const char *const words[] = {
        "http_ssl", "http_v2", "http_v3", "addition", "dav", "gunzip", "gzip_static", "image_filter", "mp4",
        "random_index", "secure_link", "slice", "stub_status", "xslt", "geoip", "realip", "ssl_preread", "mail_ssl",
        "SSL", "AWS-LC", "--",
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (mw_str_find(text, mw_str_of(words[i])) < text.len) return true;
    return false;
}

const char *mw_build_version(void)
{
    return "nginx/" MW_NGINX_VERSION " (" MW_BUILD ")";
}

void mw_build_show(mw_out *o, const mw_module *const *modules)
{
    mw_out_fmt(o, "built by %s\n", MW_COMPILER);
    mw_out_fmt(o, "built with %s\nTLS SNI support enabled\n", mw_tls_library());
    mw_out_fmt(o, "configure arguments:");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (paths[i].value[0] != '\0' && !misleading(mw_str_of(paths[i].value)))
            mw_out_fmt(o, " --%s=%s", paths[i].option, paths[i].value);
    mw_out_fmt(o, " --build=%s --with-threads --with-file-aio", MW_BUILD);
    for (size_t i = 0; i < EXTRAS; i++)
        if (there(modules, &extras[i])) mw_out_fmt(o, " --with-%s", extras[i].option);
    for (size_t i = 0; i < STANDARD; i++)
        if (!there(modules, &standard[i])) mw_out_fmt(o, " --without-%s", standard[i].option);
    mw_out_str(o, MW_STR(" --with-debug\n"));
}
