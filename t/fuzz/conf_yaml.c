/* conf_yaml.c - fuzz target of the YAML front end: whatever it makes of a text reads back from both dumps.
 * SPDX-License-Identifier: Apache-2.0 */
#include "conf/front.h"
#include "core/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const mw_str path = MW_STR_C("/none/x"), text = { (const char *)data, size };
    mw_arena    *arena = mw_arena_new(4096);
    mw_diag      diag;
    mw_reader    reader;
    mw_node     *root, *again;
    unsigned     errors;

    mw_diag_init(&diag, arena);
    mw_reader_init(&reader, arena, &diag, path);
    reader.alone = true;
    root = mw_read_yaml_text(&reader, path, text);
    errors = diag.errors;
    again = mw_read_text(&reader, path, mw_dump_to_arena(arena, mw_dump_nginx, root));
    MW_MUST(mw_node_equal(root, again) && diag.errors == errors);
    again = mw_read_yaml_text(&reader, path, mw_dump_to_arena(arena, mw_dump_yaml, root));
    MW_MUST(mw_node_equal(root, again) && diag.errors == errors);
    mw_arena_free(arena);
    return 0;
}
