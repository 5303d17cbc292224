/* house.h - what tests of http stand on: a configuration that is read and bound as the program does it, and requests
 * that walk through it on a wire of the test.
 *
 * `house(TEXT)` binds `http { server { TEXT } }`, in a folder of its own that is the prefix; ask() sends a request
 * through the first server, pulls the whole answer, and leaves the request open, so that `r` can be looked at.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UNIT_HOUSE_H
#define MW_UNIT_HOUSE_H

#include <check.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "event/poll.h"
#include "http/build.h"
#include "http/h1/parse.h"
#include "http/pipeline.h"
#include "http/site.h"
#include "main/cycle.h"
#include "main/modules.h"

enum { HOUSE_TURNS = 200 };

static char        folder[] = "/tmp/mw-house-XXXXXX";
static mw_arena   *arena;           /* of the test */
static mw_cycle   *cycle;
static mw_worker   worker;
static mw_conn     conn;
static mw_visit   *visit;
static mw_request *r;               /* the last one asked */
static struct {                     /* what the wire saw of it */
    bool       sent, aborted, parted, broken;
    mw_chain   body;
    char       text[65536];
    mw_str     bytes;               /* of the body */
    mw_source *incoming;            /* what the next request brings as its body */
} got;

static void pull_on(void *nobody)
{
    (void)nobody;
    for (;;) {
        mw_rc rc = r->res.body == NULL ? MW_END
                                       : mw_source_pull(r->res.body, &got.body, (mw_want){ 65536, true }, &r->bell);

        if (rc == MW_AGAIN)
            return;
        got.broken = rc == MW_ERR;
        got.sent = got.sent || rc != MW_OK;
        if (rc != MW_OK)
            return;
    }
}

static void wire_send(mw_request *q)
{
    q->res.sent_head = true;
    q->bell.wake = pull_on;
    if (q->res.head_only)
        got.sent = true;
    else
        pull_on(NULL);
}

static void wire_abort(mw_request *q)
{
    (void)q;
    got.aborted = true;
}

static void wire_part(mw_request *q)
{
    (void)q;
    got.parted = true;
}

static void wire_inform(mw_request *q, int status, const mw_fields *head)
{
    (void)q, (void)status, (void)head;
}

static mw_source *wire_incoming(mw_request *q)
{
    (void)q;
    return got.incoming;
}

static const mw_wire house_wire = { "house", wire_send, wire_abort, wire_part, wire_inform, wire_incoming };

static const char *in_folder(const char *name) { return mw_arena_z(arena, mw_arena_fmt(arena, "%s/%s", folder, name)); }

__attribute__((unused)) static void write_file(const char *name, const char *text)
{
    ck_assert_int_eq(mw_file_replace(mw_str_of(in_folder(name)), mw_str_of(text), 0644), MW_OK);
}

static void begin(void)
{
    static const char pattern[] = "/tmp/mw-house-XXXXXX";

    memcpy(folder, pattern, sizeof pattern);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    arena = mw_arena_new(4096);
    r = NULL;
    cycle = NULL;
}

/* Reads it; how many errors there were. */
static unsigned bind_house(const char *text)
{
    mw_origin from = { .prefix = mw_arena_fmt(arena, "%s/", folder), .early = &mw_log_stderr };
    mw_log    log = { .sinks = &mw_log_stderr };

    write_file("house.conf", mw_arena_z(arena, mw_arena_fmt(arena, "%s", text)));
    from.conf = mw_str_of(in_folder("house.conf"));
    if (cycle != NULL)
        mw_cycle_free(cycle);
    cycle = mw_cycle_read(&from, &log, true);
    return cycle->diag.errors;
}

static void house_of(const char *text)
{
    unsigned modules = 0;
    mw_addr  peer;

    if (bind_house(text) > 0)
        ck_abort_msg("%.*s", MW_S(mw_cycle_why(cycle, arena)));
    while (mw_modules[modules] != NULL)
        modules++;
    worker = (mw_worker){ .loop = mw_loop_new(&mw_epoll), .arena = arena, .most = 100, .conf = cycle->top,
                          .modules = mw_modules, .log = { .sinks = &mw_log_stderr } };
    worker.loop->worker = &worker;
    worker.counters = mw_counters_open();
    worker.count = mw_counters_claim(worker.counters, (int)getpid());
    worker.state = MW_NEWS(arena, void *, modules + 1);
    worker.files = mw_filecache_new(worker.loop, 1 << 20, 100, &worker.log);
    mw_list_init(&worker.idle);
    mw_list_init(&worker.leavers);
    mw_list_init(&worker.reopeners);
    mw_list_init(&worker.listeners);
    for (size_t i = 0; mw_modules[i] != NULL; i++)
        if (mw_modules[i]->start != NULL)
            ck_assert_int_eq(mw_modules[i]->start(&worker), MW_OK);
    conn = (mw_conn){ .loop = worker.loop, .log = &worker.log, .serial = 7 };
    ck_assert(mw_addr_parse(MW_STR("192.0.2.1:4711"), 0, &peer));
    conn.peer = mw_addr_to_endpoint(&peer);
    visit = mw_visit_new(&conn);
    ck_assert(mw_addr_parse(MW_STR("192.0.2.2:80"), 0, &visit->local));
}

/* TEXT stands in the first server. */
__attribute__((unused)) static void house(const char *text)
{
    house_of(mw_arena_z(arena, mw_arena_fmt(arena, "error_log memory:32k info;\nevents { }\nhttp {\naccess_log off;\n"
                                            "server {\nlisten 127.0.0.1:8080;\nserver_name house.test;\n%s\n}\n}\n",
                                            text)));
}

static void let_go(void)
{
    mw_request *q = r;

    if (q == NULL)
        return;
    r = NULL;
    mw_chain_clear(&got.body);
    if (!got.parted)
        mw_request_part(q);
    mw_request_let(q);
    mw_loop_turn(worker.loop, 0);
    mw_loop_turn(worker.loop, 0);
}

static void finish(void)
{
    let_go();
    if (cycle != NULL && worker.loop != NULL) {
        for (size_t i = 0; mw_modules[i] != NULL; i++)
            if (mw_modules[i]->stop != NULL) mw_modules[i]->stop(&worker);
        mw_visit_done(visit);
        mw_filecache_free(worker.files);
        mw_loop_free(worker.loop);
        worker.loop = NULL;
    }
    if (cycle != NULL)
        mw_cycle_free(cycle);
    ck_assert_int_eq(system(mw_arena_z(arena, mw_arena_fmt(arena, "rm -r %s", folder))), 0);
    mw_arena_free(arena);
}

static const mw_server *first_server(void) { return ((const mw_gather *)cycle->http)->site->servers[0]; }

/* "GET /path?args", then fields "Name: value", then NULL: made, not yet on its way. */
static void make_request(const char *line, va_list fields)
{
    const char *field;
    mw_str      name_of_method, target;

    let_go();
    got.sent = got.aborted = got.parted = got.broken = false;
    mw_chain_init(&got.body);
    r = mw_request_new(worker.loop, first_server()->site, &house_wire, NULL, visit);
    mw_request_hold(r);
    ck_assert(mw_str_cut(mw_str_of(line), ' ', &name_of_method, &target));
    r->version = MW_HTTP_11;
    r->keep_alive = true;
    r->method = mw_method_of(name_of_method);
    r->method_name = name_of_method;
    r->line = mw_arena_fmt(r->arena, "%s HTTP/1.1", line);
    r->target = target;
    (void)mw_str_cut(target, '?', &r->uri, &r->args);
    r->host = MW_STR("house.test");
    r->same_uri = true;
    while ((field = va_arg(fields, const char *)) != NULL) {
        mw_str name, content;

        ck_assert(mw_str_cut(mw_str_of(field), ':', &name, &content));
        mw_fields_add(r->arena, &r->head, name, mw_str_trim(content));
        if (mw_str_ieq(name, MW_STR("Content-Length")))
            (void)mw_h1_content_length(mw_str_trim(content), &r->length);
    }
}

/* Answers the status; 0: the connection was given up. */
__attribute__((unused)) static int ask(const char *line, ...)
{
    va_list fields;
    size_t  n;

    va_start(fields, line);
    make_request(line, fields);
    va_end(fields);
    mw_pipeline_start(r, first_server());
    for (unsigned i = 0; i < HOUSE_TURNS && !got.sent && !got.aborted; i++)
        mw_loop_turn(worker.loop, 10);
    ck_assert(got.sent || got.aborted);
    n = mw_chain_peek(&got.body, got.text, sizeof got.text);
    got.bytes = (mw_str){ got.text, n };
    return got.aborted ? 0 : r->res.status;
}

/* The value of a field of the answer; "" when there is none. */
__attribute__((unused)) static const char *field(const char *name)
{
    mw_str content = mw_fields_joined(r->arena, &r->res.head, mw_str_of(name), ',');

    return content.at == NULL ? "" : mw_arena_z(r->arena, content);
}

__attribute__((unused)) static bool logged(const char *text)
{
    const mw_ring *ring = cycle->main->errors->first->ring;
    mw_str         all = { ring->at, ring->size };

    return mw_str_find(all, mw_str_of(text)) < all.len;
}

#define BODY(text)  ck_assert_msg(mw_str_eq(got.bytes, MW_STR(text)), "\"%.*s\"", MW_S(got.bytes))
#define EQ(s, text) ck_assert_msg(mw_str_eq((s), MW_STR(text)), "\"%.*s\"", MW_S(s))
#define CASE(suite, name)  do {                                         \
        TCase *name##_case = tcase_create(#name);                       \
        tcase_add_checked_fixture(name##_case, begin, finish);          \
        tcase_add_test(name##_case, name);                              \
        suite_add_tcase(suite, name##_case);                            \
    } while (0)

#endif
