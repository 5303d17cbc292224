/* setup.h - what the tests of this folder stand on: a binder with variables, configuration text, a scope, a log that
 * can be read.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UNIT_RULE_SETUP_H
#define MW_UNIT_RULE_SETUP_H

#include <check.h>
#include <stdio.h>

#include "conf/front.h"
#include "rule/var.h"

static mw_arena *arena;
static mw_diag   diag;
static mw_level  http_level = { .where = IN_HTTP };
static mw_bind   bind_of_test;
static mw_scope  scope;
static char      log_room[4096];
static mw_ring   log_ring;
static mw_sink   log_sink = { .level = MW_LOG_DEBUG, .ring = &log_ring };
static mw_sinks  log_sinks = { .first = &log_sink, .most = MW_LOG_INFO };
static mw_log    test_log = { .sinks = &log_sinks };
static unsigned  asked;             /* how often get_counted was called */

static bool get_text(mw_scope *s, const mw_var *v, mw_str *text)       /* data: a C string; NULL: missing */
{
    (void)s;
    *text = mw_str_of((const char *)v->data);
    return v->data != 0;
}

static bool get_counted(mw_scope *s, const mw_var *v, mw_str *text)
{
    *text = mw_arena_fmt(s->arena, "%u", ++asked);
    return v->data == 0;
}

static bool get_rest(mw_scope *s, const mw_var *v, mw_str *text)       /* "user-agent" of http_user_agent is missing */
{
    (void)s;
    *text = v->rest;
    return !mw_str_eq(v->rest, MW_STR("none"));
}

static mw_str assigned;
static void note_assigned(mw_scope *s, const mw_var *v, mw_str text)
{
    (void)s;
    (void)v;
    assigned = text;
}

static const mw_var test_vars[] = {
    { .name = "counted", .get = get_counted },
    { .name = "id", .get = get_counted, .once = true },
    { .name = "fleeting", .get = get_counted, .fleeting = true },
    { .name = "gone", .get = get_counted, .data = 1 },
    { .name = "args", .get = get_counted, .set = note_assigned, .changeable = true },
    { .name = "http_", .get = get_rest, .prefix = true },
    { .name = "http_x_", .get = get_text, .data = (uintptr_t)"longer", .prefix = true },
    { .name = NULL }
};

static void begin(void)
{
    arena = mw_arena_new(4096);
    mw_diag_init(&diag, arena);
    bind_of_test = (mw_bind){ .arena = arena, .diag = &diag, .vars = mw_vars_new(arena), .prefix = MW_STR("/"),
                              .folder = MW_STR("/"), .level = &http_level };
    mw_vars_table(bind_of_test.vars, test_vars);
    log_ring = (mw_ring){ .at = log_room, .size = sizeof log_room - 1 };
    memset(log_room, 0, sizeof log_room);
    scope = (mw_scope){ .vars = bind_of_test.vars, .arena = arena, .log = &test_log };
    asked = 0;
}

static void finish(void)
{
    mw_arena_free(arena);
}

/* The directives of a text. */
static inline mw_node *nodes_of(const char *text)
{
    mw_reader *r = MW_NEW(arena, mw_reader);

    mw_reader_init(r, arena, &diag, MW_STR("/test.conf"));
    return mw_read_text(r, MW_STR("test.conf"), mw_arena_copy(arena, mw_str_of(text)))->kids;
}

static inline mw_rc settle(void)
{
    return mw_vars_settle(&bind_of_test, bind_of_test.vars);
}

/* Defines $name as that text; may be changed later by the caller through the answer. */
static inline mw_var *define(const char *name, const char *text)
{
    mw_var *v = mw_vars_define(&bind_of_test, NULL, mw_str_of(name));

    ck_assert_ptr_nonnull(v);
    v->get = get_text;
    v->data = (uintptr_t)text;
    return v;
}

static inline unsigned need_named(const char *name)
{
    return mw_vars_need(&bind_of_test, NULL, mw_str_of(name));
}

static inline bool value_is(unsigned index, const char *text)
{
    mw_str value;

    return mw_var_get(&scope, index, &value) && mw_str_eq(value, mw_str_of(text));
}

static inline bool text_is(mw_str value, const char *text)
{
    return mw_str_eq(value, mw_str_of(text));
}

/* Was exactly this said last (a warning or an error)?  And forgets all that was said. */
static inline bool said(const char *text)
{
    mw_diag_line *line = diag.first;
    bool          same;

    while (line != NULL && line->next != NULL)
        line = line->next;
    same = line != NULL && text_is(line->text, text);
    if (!same)
        printf("said: %.*s\n", line != NULL ? (int)line->text.len : 0, line != NULL ? line->text.at : "");
    mw_diag_init(&diag, arena);
    return same;
}

static inline bool logged(const char *text)
{
    return strstr(log_room, text) != NULL;
}

#endif
