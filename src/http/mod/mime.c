/* mime.c - types and default_type: media types by file name extension.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/core.h"
#include "http/uri.h"

/* What nginx knows when no `types` is written. */
static const mw_str html = MW_STR_C("text/html"), gif = MW_STR_C("image/gif"), jpeg = MW_STR_C("image/jpeg");

mw_str mw_mime_type(const mw_request *r, mw_str uri)
{
    const mw_http_conf *core = r->place->core;
    mw_str              extension = mw_uri_extension(uri);
    const mw_str       *found;

    if (r->res.type.len > 0)                    /* of the upstream that led here */
        return r->res.type;
    if (extension.len == 0)
        return core->default_type;
    if (core->types != NULL) {
        found = mw_map_get(core->types, extension);
        return found != NULL ? *found : core->default_type;
    }
    if (mw_str_ieq(extension, MW_STR("html")))
        return html;
    if (mw_str_ieq(extension, MW_STR("gif")))
        return gif;
    return mw_str_ieq(extension, MW_STR("jpg")) ? jpeg : core->default_type;
}

mw_rc mw_set_types(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_map **types = field;

    (void)d;
    if (*types == NULL)
        *types = mw_map_new(b->arena, true);
    for (const mw_node *kid = n->kids; kid != NULL; kid = kid->next) {
        mw_str *type = MW_NEW(b->arena, mw_str);

        *type = kid->name;
        for (unsigned i = 0; i < kid->nargs; i++) {
            const mw_str *old = mw_map_get(*types, kid->args[i]);

            if (old != NULL && !mw_str_eq(*old, *type))
                mw_bind_warn(b, kid, "duplicate extension \"%.*s\", content type: \"%.*s\", "
                             "previous content type: \"%.*s\"", MW_S(kid->args[i]), MW_S(*type), MW_S(*old));
            mw_map_set(*types, kid->args[i], type);
        }
    }
    return MW_OK;
}
