/* names.c - unit test of found addresses in a zone: found again, replaced with a new version, kept without room.
 * SPDX-License-Identifier: Apache-2.0 */
#include "upstream/names.c"

#include "house.h"

static mw_zone zone;

static mw_name_found at(uint8_t last) { return (mw_name_found){ .family = MW_IPV4, .ip = { 127, 0, 0, last } }; }

static void open_zone(void)
{
    zone = (mw_zone){ .name = MW_STR("z"), .size = 32768, .kind = &mw_peers_zone, .fd = -1 };
    ck_assert_int_eq(mw_zone_open(&zone), MW_OK);
}

START_TEST(replaced)
{
    const uint8_t        a[16] = "a", b[16] = "b";
    mw_name_found        found[2] = { at(1), at(2) };
    const mw_peers_root *root;

    open_zone();
    root = mw_zone_root(&zone);
    mw_zone_lock(&zone);
    ck_assert_ptr_null(mw_names_get(&zone, a));
    mw_names_set(&zone, a, found, 2);
    mw_names_set(&zone, b, found, 1);
    ck_assert_uint_eq(root->version, 2);
    mw_names_set(&zone, a, found, 2);                   /* the same is no change */
    ck_assert_uint_eq(root->version, 2);
    mw_names_set(&zone, a, NULL, 0);
    ck_assert_uint_eq(root->version, 3);
    ck_assert_uint_eq(mw_names_get(&zone, a)->n, 0);
    ck_assert_uint_eq(mw_names_get(&zone, b)->n, 1);
    mw_zone_unlock(&zone);
    mw_zone_close(&zone);
}
END_TEST

START_TEST(no_room)
{
    const uint8_t a[16] = "a";
    mw_name_found found[1] = { at(1) }, *many = MW_NEWS(arena, mw_name_found, 4096);

    open_zone();
    mw_zone_lock(&zone);
    mw_names_set(&zone, a, found, 1);
    mw_names_set(&zone, a, many, 4096);
    ck_assert_uint_eq(mw_names_get(&zone, a)->n, 1);
    mw_zone_unlock(&zone);
    mw_zone_close(&zone);
}
END_TEST

START_TEST(a_port_is_no_other_name)
{
    const mw_group     g = { .name = MW_STR("u") }, h = { .name = MW_STR("v") };
    mw_upstream_server line = { .text = MW_STR("a.test:1") };
    uint8_t            one[16], other[16];

    mw_name_key(&g, &line, one);
    line.text = MW_STR("a.test");
    mw_name_key(&g, &line, other);
    ck_assert_mem_eq(one, other, sizeof one);
    mw_name_key(&h, &line, other);
    ck_assert_mem_ne(one, other, sizeof one);
    line.service = MW_STR("http");
    mw_name_key(&g, &line, other);
    ck_assert_mem_ne(one, other, sizeof one);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("upstream/names");

    CASE(s, replaced);
    CASE(s, no_room);
    CASE(s, a_port_is_no_other_name);
    return s;
}

#include "run.h"
