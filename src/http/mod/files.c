/* files.c - from a URI to a file's name, as root, alias, disable_symlinks and directio say.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/core.h"

#include "core/file.h"

mw_str mw_root_of(mw_request *r)
{
    const mw_http_conf *core = r->place->core;
    mw_str              text;

    if (core->root_text.at != NULL)
        return core->root_text;
    text = mw_expr_text(core->root, &r->scope);
    if (mw_str_char(text, 0) != '/')            /* a variable gave a relative name: nginx takes it below the prefix */
        text = mw_path_join(r->arena, core->prefix, text);
    return text;
}

mw_str mw_path_of(mw_request *r, mw_str uri)
{
    const mw_http_conf *core = r->place->core;
    mw_str              parts[2] = { mw_root_of(r), uri };

    if (core->alias_whole && !r->uri_below_alias)
        return parts[0];
    if (core->alias)
        parts[1] = mw_str_drop(uri, core->alias_whole ? 0 : core->alias_cut);
    return mw_arena_join(r->arena, parts, 2);
}

mw_filecache_how mw_file_how(mw_request *r)
{
    const mw_http_conf *core = r->place->core;
    mw_filecache_how    how = {
        .links = (mw_links)core->disable_symlinks, .fresh = core->open_file_cache_fresh,
        .direct = core->directio.bytes != UINT64_MAX,
        .direct_from = core->directio.bytes == UINT64_MAX ? 0 : core->directio.bytes,
    };

    if (how.links != MW_LINKS_ON && core->disable_symlinks_from != NULL)
        how.links_from = mw_expr_text(core->disable_symlinks_from, &r->scope).len;
    return how;
}
