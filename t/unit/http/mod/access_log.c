/* access_log.c - unit test of log_format and access_log: which logs are in effect where, and what is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/access_log.c"

#include "house.h"

static const log_conf *of(const mw_level *level)
{
    return level->conf[own_number(&worker)];
}

static const log_conf *of_location(unsigned n)
{
    const mw_level *l = first_server()->level->kids;

    while (n-- > 0)
        l = l->next;
    return of(l);
}

static void server(const char *text)
{
    house_of(mw_arena_z(arena, mw_arena_fmt(arena, "error_log memory:32k info;\nevents { }\nhttp {\n"
                                            "log_format own '<$uri>'; access_log http.log own;\n"
                                            "server {\nlisten 127.0.0.1:8080;\n%s\n}\n}\n", text)));
}

START_TEST(which_logs)
{
    server("location /a { } location /b { access_log b.log; access_log c.log own; } location /c { access_log off; }"
           "location /d { access_log d-$arg_x.log json; access_log syslog:server=127.0.0.1 own if=$arg_y; }");
    ck_assert_uint_eq(of_location(0)->rows.n, 1);
    ck_assert(mw_str_ends(MW_ITEM(&of_location(0)->rows, log_row, 0).to.file->path, MW_STR("/http.log")));
    ck_assert(log_applies(of_location(0)) && of_location(1)->rows.n == 2 && !log_applies(of_location(2)));
    ck_assert(MW_ITEM(&of_location(1)->rows, log_row, 0).line != MW_ITEM(&of_location(1)->rows, log_row, 1).line);
    ck_assert(MW_ITEM(&of_location(1)->rows, log_row, 1).line == MW_ITEM(&of_location(0)->rows, log_row, 0).line);
    ck_assert_ptr_nonnull(MW_ITEM(&of_location(3)->rows, log_row, 0).to.path);
    ck_assert_ptr_nonnull(MW_ITEM(&of_location(3)->rows, log_row, 1).to.syslog);
    ck_assert_ptr_nonnull(MW_ITEM(&of_location(3)->rows, log_row, 1).condition);
}
END_TEST

START_TEST(conditions)
{
    const log_row *row;

    server("location / { access_log a.log own if=$arg_log; return 200; }");
    row = &MW_ITEM(&of_location(0)->rows, const log_row, 0);
    ck_assert_int_eq(ask("GET /?log=1", NULL), 200);
    ck_assert(wanted(row, &r->scope));
    ck_assert_int_eq(ask("GET /?log=0", NULL), 200);
    ck_assert(!wanted(row, &r->scope));
    ck_assert_int_eq(ask("GET /", NULL), 200);
    ck_assert(!wanted(row, &r->scope));
    ck_assert_int_eq(ask("GET /?log=00", NULL), 200);
    ck_assert(wanted(row, &r->scope));
}
END_TEST

START_TEST(options)
{
    const log_row *row;

    server("location / { access_log a.log own buffer=8k flush=2s gzip=3; } location /g { access_log g.log own gzip; }");
    row = &MW_ITEM(&of_location(0)->rows, const log_row, 0);
    ck_assert(row->to.buffer == 8192 && row->to.flush_ms == 2000 && row->to.gzip == 3);
    row = &MW_ITEM(&of_location(1)->rows, const log_row, 0);
    ck_assert(row->to.buffer == 65536 && row->to.gzip == 1);
}
END_TEST

START_TEST(refused)
{
    static const struct { const char *text, *said; } rows[] = {
        { "access_log a.log none;", "unknown log format \"none\"" },
        { "access_log a.log own buffer=0;", "invalid buffer size \"0\"" },
        { "access_log a.log own flush=x;", "invalid flush time \"x\"" },
        { "access_log a.log own gzip=10;", "invalid compression level \"10\"" },
        { "access_log a.log own what;", "invalid parameter \"what\"" },
        { "access_log a.log own flush=1s;", "no buffer is defined for access_log \"a.log\"" },
        { "access_log a$uri.log own buffer=1k;", "buffered logs cannot have variables in name" },
        { "access_log syslog:server=127.0.0.1 own buffer=1k;", "logs to syslog cannot be buffered" },
        { "access_log off x;", "invalid parameter \"x\"" },
        { "open_log_file_cache max=0;", "invalid \"open_log_file_cache\" parameter \"max=0\"" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const mw_str text = mw_arena_fmt(arena, "events { }\nhttp {\nlog_format own x;\nserver {\n%s\n}\n}\n",
                                         rows[i].text);
        mw_str       said;

        ck_assert_uint_eq(bind_house(mw_arena_z(arena, text)), 1);
        said = cycle->diag.first->text;
        ck_assert_msg(mw_str_eq(said, mw_str_of(rows[i].said)), "%.*s", MW_S(said));
        ck_assert_uint_eq(cycle->diag.first->pos.line, 5);
        mw_cycle_free(cycle);
        cycle = NULL;
    }
    ck_assert_uint_eq(bind_house("events { }\nhttp { log_format a x; log_format a y; log_format combined z; }"), 2);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("http/mod/access_log");

    CASE(s, which_logs);
    CASE(s, conditions);
    CASE(s, options);
    CASE(s, refused);
    return s;
}

#include "run.h"
