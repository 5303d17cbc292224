/* resolv_conf.c - the system's name servers: resolv.conf(5).
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "event/resolver.h"

enum { NAMESERVERS = 3, TRY_MS = 5000, TRIES = 2 };         /* MAXNS, RES_TIMEOUT, RES_DFLRETRY */

static mw_str next_word(mw_str *line)
{
    mw_str word, rest = mw_str_trim(*line);
    size_t at = 0;

    while (at < rest.len && rest.at[at] != ' ' && rest.at[at] != '\t')
        at++;
    word = mw_str_take(rest, at);
    *line = mw_str_drop(rest, at);
    return word;
}

static void read_option(mw_str word, mw_str name, uint64_t most, uint64_t *value)
{
    uint64_t n;

    if (mw_str_starts(word, name) && mw_str_u64(mw_str_drop(word, name.len), &n) && n > 0)
        *value = n < most ? n : most;
}

static bool parse_resolv_conf(mw_arena *a, mw_str text, mw_resolver_conf *conf)
{
    uint64_t seconds = TRY_MS / 1000, tries = TRIES;
    mw_str   line, word;

    *conf = (mw_resolver_conf){ .servers = MW_NEWS(a, mw_addr, NAMESERVERS), .ipv4 = true, .ipv6 = true };
    while (text.len > 0) {
        (void)mw_str_cut(text, '\n', &line, &text);
        word = next_word(&line);
        if (mw_str_eq(word, MW_STR("nameserver")) && conf->n < NAMESERVERS) {
            mw_addr *server = &conf->servers[conf->n];

            if (mw_addr_ip(next_word(&line), server)) {
                server->port = 53;
                conf->n++;
            }
        }
        while (mw_str_eq(word, MW_STR("options")) && (line = mw_str_trim(line)).len > 0) {
            mw_str option = next_word(&line);

            read_option(option, MW_STR("timeout:"), 30, &seconds);
            read_option(option, MW_STR("attempts:"), 5, &tries);
        }
    }
    conf->timeout_ms = seconds * tries * conf->n * 1000;
    return conf->n > 0;
}

bool mw_resolv_conf(mw_arena *a, mw_resolver_conf *conf)
{
    mw_str text;

    *conf = (mw_resolver_conf){ 0 };
    return mw_file_read_all(a, MW_STR("/etc/resolv.conf"), 65536, &text) == MW_OK &&
           parse_resolv_conf(a, text, conf);
}
