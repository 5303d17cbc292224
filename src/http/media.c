/* media.c - sets of media types: which answers a filter looks at.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/media.h"

mw_rc mw_set_media(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_media *m = field;

    (void)d;
    if (m->named == NULL) {
        m->named = mw_map_new(b->arena, true);
        mw_map_set(m->named, MW_STR("text/html"), m->named);
    }
    for (unsigned i = 0; i < n->nargs; i++) {
        if (mw_str_eq(n->args[i], MW_STR("*")))
            m->all = true;
        else if (mw_map_get(m->named, n->args[i]) != NULL)
            mw_bind_warn(b, n, "duplicate MIME type \"%.*s\"", MW_S(n->args[i]));
        else
            mw_map_set(m->named, n->args[i], m->named);
    }
    return MW_OK;
}

bool mw_media_has(const mw_media *m, mw_str type)
{
    mw_str parameters;

    (void)mw_str_cut(type, ';', &type, &parameters);
    type = mw_str_trim(type);
    if (type.len == 0)
        return false;
    if (m->all)
        return true;
    return m->named == NULL ? mw_str_ieq(type, MW_STR("text/html")) : mw_map_get(m->named, type) != NULL;
}
