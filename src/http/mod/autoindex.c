/* autoindex.c - listings of directories: html, xml, json and jsonp.
 * SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/codec.h"
#include "core/file.h"
#include "http/core.h"
#include "http/mod/modules.h"
#include "http/uri.h"

enum { NAME_SHOWN = 50, PIECE = 32768, MOST_ENTRIES = 1000000 };
typedef enum { AS_HTML, AS_XML, AS_JSON, AS_JSONP } list_format;
typedef struct { bool on, exact, local; mw_enum format; } autoindex_conf;
typedef struct { mw_str name; uint64_t size; mw_time modified; bool dir, file; } item;

/* A text without a limit: pieces of a chain, each filled by a pen. */
typedef struct { mw_chain chain; mw_block *block; mw_out pen; } paper;

static void paper_end(paper *p)
{
    if (p->block != NULL)
        mw_chain_give_block(&p->chain, p->block, mw_out_done(&p->pen));
    p->block = NULL;
}

static mw_out *room_for(paper *p, size_t most)
{
    if (p->block == NULL || p->pen.room - p->pen.len < most) {
        paper_end(p);
        p->block = mw_block_new(PIECE);
        p->pen = mw_out_on(p->block->data, PIECE);
    }
    return &p->pen;
}

static bool autoindex_applies(const void *conf)
{
    const autoindex_conf *c = conf;
    return c->on;
}

static int by_kind_and_name(const void *a, const void *b)
{
    const item *x = a, *y = b;

    if (x->dir != y->dir)
        return x->dir ? -1 : 1;
    return mw_str_cmp(x->name, y->name);
}

/* What an entry is; a dangling link is listed as the link itself.  false: it went away. */
static bool look_at(mw_request *r, mw_str folder, item *it)
{
    mw_str      parts[3] = { folder, MW_STR("/"), it->name };
    const char *path = mw_arena_join(r->arena, parts, 3).at;
    struct stat st;

    if (stat(path, &st) != 0 && lstat(path, &st) != 0) {
        if (errno != ENOENT)
            MW_LOG(&r->log, MW_LOG_CRIT, errno, "stat() \"%s\" failed", path);
        return false;
    }
    it->dir = S_ISDIR(st.st_mode);
    it->file = S_ISREG(st.st_mode);
    it->size = (uint64_t)st.st_size;
    it->modified = st.st_mtime;
    return true;
}

static int read_folder(mw_request *r, mw_str folder, mw_array *items)
{
    DIR           *d = opendir(mw_arena_z(r->arena, folder));
    struct dirent *e;

    if (d == NULL)
        return errno;
    while ((e = readdir(d)) != NULL && items->n < MOST_ENTRIES) {
        item it = { .name = mw_str_of(e->d_name) };

        if (mw_str_char(it.name, 0) == '.')
            continue;
        it.name = mw_arena_copy(r->arena, it.name);
        if (look_at(r, folder, &it))
            *MW_PUSH(r->arena, items, item) = it;
    }
    (void)closedir(d);
    if (items->n > 0)
        qsort(items->items, items->n, sizeof(item), by_kind_and_name);
    return 0;
}

/* The first n characters of UTF-8, or bytes where it is none; *n becomes how many there are. */
static mw_str characters(mw_str s, size_t *n)
{
    size_t bytes = 0, count = 0;
    bool   utf8 = mw_utf8_valid(s);

    while (bytes < s.len && count < *n) {
        bytes++;
        while (utf8 && bytes < s.len && ((unsigned char)mw_str_char(s, bytes) & 0xc0) == 0x80)
            bytes++;
        count++;
    }
    *n = count;
    return mw_str_take(s, bytes);
}

static void write_size(mw_out *o, const item *it, bool exact)
{
    static const char units[] = { ' ', 'K', 'M', 'G' };
    uint64_t          n = it->size, rest = 0;
    unsigned          unit = 0;

    if (it->dir) {
        mw_out_fmt(o, exact ? "%20s" : "%8s", "-");
        return;
    }
    if (exact) {
        mw_out_fmt(o, "%20llu", (unsigned long long)n);
        return;
    }
    if (n <= 9999) {
        mw_out_fmt(o, "%8llu", (unsigned long long)n);
        return;
    }
    while (n > 9999 && unit < 3) {
        rest = n % 1024;
        n /= 1024;
        unit++;
    }
    mw_out_fmt(o, "%7llu%c", (unsigned long long)(n + (rest > 511)), units[unit]);
}

static void html_item(paper *p, const item *it, const autoindex_conf *c)
{
    mw_out *o = room_for(p, it->name.len * 9 + 256);
    size_t  shown = NAME_SHOWN + 1;
    mw_str  slash = it->dir ? MW_STR("/") : MW_STR("");
    mw_str  whole = characters(it->name, &shown);

    mw_out_str(o, MW_STR("<a href=\""));
    mw_uri_escape(o, it->name, MW_ESCAPE_COMPONENT);
    mw_out_str(o, slash);
    mw_out_str(o, MW_STR("\">"));
    if (shown > NAME_SHOWN) {
        shown = NAME_SHOWN - 3;
        mw_uri_escape(o, characters(it->name, &shown), MW_ESCAPE_HTML);
        mw_out_str(o, MW_STR("..&gt;</a>"));
        shown = NAME_SHOWN;
    } else {
        mw_uri_escape(o, whole, MW_ESCAPE_HTML);
        mw_out_str(o, slash);
        mw_out_str(o, MW_STR("</a>"));
        shown += slash.len;
    }
    for (size_t i = shown; i < NAME_SHOWN; i++)
        mw_out_char(o, ' ');
    mw_out_char(o, ' ');
    mw_out_strftime(o, "%d-%b-%Y %H:%M", it->modified, c->local);
    write_size(o, it, c->exact);
    mw_out_str(o, MW_STR("\r\n"));
}

static void write_html(paper *p, mw_request *r, const mw_array *items, const autoindex_conf *c)
{
    mw_out *o = room_for(p, r->uri.len * 12 + 256);

    mw_out_str(o, MW_STR("<html>\r\n<head><title>Index of "));
    mw_uri_escape(o, r->uri, MW_ESCAPE_HTML);
    mw_out_str(o, MW_STR("</title></head>\r\n<body>\r\n<h1>Index of "));
    mw_uri_escape(o, r->uri, MW_ESCAPE_HTML);
    mw_out_str(o, MW_STR("</h1><hr><pre><a href=\"../\">../</a>\r\n"));
    for (size_t i = 0; i < items->n; i++)
        html_item(p, &MW_ITEM(items, item, i), c);
    mw_out_str(room_for(p, 64), MW_STR("</pre><hr></body>\r\n</html>\r\n"));
}

static const char *kind_of(const item *it) { return it->dir ? "directory" : it->file ? "file" : "other"; }

static void write_xml(paper *p, const mw_array *items)
{
    mw_out_str(room_for(p, 64), MW_STR("<?xml version=\"1.0\"?>\r\n<list>\r\n"));
    for (size_t i = 0; i < items->n; i++) {
        const item *it = &MW_ITEM(items, item, i);
        mw_out     *o = room_for(p, it->name.len * 6 + 160);

        mw_out_fmt(o, "<%s mtime=\"", kind_of(it));
        mw_out_strftime(o, "%Y-%m-%dT%H:%M:%SZ", it->modified, false);
        mw_out_char(o, '"');
        if (it->file)
            mw_out_fmt(o, " size=\"%llu\"", (unsigned long long)it->size);
        mw_out_char(o, '>');
        mw_uri_escape(o, it->name, MW_ESCAPE_HTML);
        mw_out_fmt(o, "</%s>\r\n", kind_of(it));
    }
    mw_out_str(room_for(p, 16), MW_STR("</list>\r\n"));
}

static void json_text(mw_out *o, mw_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = mw_str_char(s, i);

        if (c == '"' || c == '\\') {
            mw_out_char(o, '\\');
            mw_out_char(o, c);
        } else if ((unsigned char)c < ' ') {
            mw_out_fmt(o, "\\u%04X", (unsigned)c);
        } else {
            mw_out_char(o, c);
        }
    }
}

static void write_json(paper *p, const mw_array *items, mw_str callback)
{
    mw_out *o = room_for(p, callback.len + 64);

    if (callback.len > 0) {
        mw_out_str(o, MW_STR("/* callback */\r\n"));
        mw_out_str(o, callback);
        mw_out_char(o, '(');
    }
    mw_out_char(o, '[');
    for (size_t i = 0; i < items->n; i++) {
        const item *it = &MW_ITEM(items, item, i);

        o = room_for(p, it->name.len * 6 + 160);
        mw_out_str(o, i > 0 ? MW_STR(",\r\n{ \"name\":\"") : MW_STR("\r\n{ \"name\":\""));
        json_text(o, it->name);
        mw_out_fmt(o, "\", \"type\":\"%s\", \"mtime\":\"", kind_of(it));
        mw_out_http_date(o, it->modified);
        mw_out_char(o, '"');
        if (it->file)
            mw_out_fmt(o, ", \"size\":%llu", (unsigned long long)it->size);
        mw_out_str(o, MW_STR(" }"));
    }
    mw_out_str(room_for(p, 16), callback.len > 0 ? MW_STR("\r\n]);") : MW_STR("\r\n]"));
}

/* A callback is a name: letters, digits, '_', '.', '$', at most 128 of them.  false: there is one that is none. */
static bool read_callback(mw_request *r, mw_str *name)
{
    if (!mw_arg_find(r->args, MW_STR("callback"), name) || name->len == 0) {
        *name = (mw_str){ "", 0 };
        return true;
    }
    for (size_t i = 0; i < name->len; i++) {
        char c = mw_str_char(*name, i);

        if (!mw_is_alpha(c) && !mw_is_digit(c) && c != '_' && c != '.' && c != '$') return false;
    }
    return name->len <= 128;
}

static mw_verdict not_read(mw_request *r, int err, mw_str path)
{
    int          status = 500;
    mw_log_level level = MW_LOG_CRIT;

    if (err == ENOENT || err == ENOTDIR || err == ENAMETOOLONG) {
        level = MW_LOG_ERROR;
        status = 404;
    } else if (err == EACCES) {
        level = MW_LOG_ERROR;
        status = 403;
    }
    MW_LOG(&r->log, level, err, "opendir() \"%.*s\" failed", MW_S(path));
    return mw_refuse(r, status);
}

static mw_verdict autoindex_content(mw_request *r, const void *conf, void *ctx)
{
    const autoindex_conf *c = conf;
    mw_array              items = { 0 };
    paper                 p = { .block = NULL };
    mw_str                path, callback = { "", 0 };
    int                   err;

    (void)ctx;
    if (mw_str_char(r->uri, r->uri.len - 1) != '/' || (r->method & (MW_GET | MW_HEAD)) == 0)
        return MW_PASS;
    if (c->format == AS_JSONP && !read_callback(r, &callback))
        return mw_refuse(r, 400);
    path = mw_path_of(r, r->uri);
    err = read_folder(r, path.len > 1 ? mw_str_take(path, path.len - 1) : path, &items);
    if (err != 0)
        return not_read(r, err, path);
    mw_chain_init(&p.chain);
    switch ((list_format)c->format) {
    case AS_HTML:
        write_html(&p, r, &items, c);
        r->res.type = MW_STR("text/html");
        break;
    case AS_XML:
        write_xml(&p, &items);
        r->res.type = MW_STR("text/xml");
        r->res.charset = MW_STR("utf-8");
        break;
    case AS_JSONP:
    case AS_JSON:
        write_json(&p, &items, callback);
        r->res.type = callback.len > 0 ? MW_STR("application/javascript") : MW_STR("application/json");
        break;
    }
    paper_end(&p);
    return mw_answer_source(r, 200, mw_source_of_chain(r->arena, &p.chain), -1);
}

static const mw_choice formats[] = {
    { "html", AS_HTML }, { "xml", AS_XML }, { "json", AS_JSON }, { "jsonp", AS_JSONP }, { NULL, 0 }
};

static const mw_directive autoindex_directives[] = {
    { "autoindex", IN_WEB, 1, 1, MW_FIELD(autoindex_conf, on), .otherwise = "off", .help = "lists directories" },
    { "autoindex_exact_size", IN_WEB, 1, 1, MW_FIELD(autoindex_conf, exact), .otherwise = "on",
      .help = "sizes in bytes, or rounded" },
    { "autoindex_localtime", IN_WEB, 1, 1, MW_FIELD(autoindex_conf, local), .otherwise = "off",
      .help = "times of the local zone" },
    { "autoindex_format", IN_WEB, 1, 1, MW_CHOICE(autoindex_conf, format, formats), .otherwise = "html",
      .help = "html, xml, json or jsonp" },
    { 0 }
};

static const mw_http_part autoindex_http = { .applies = autoindex_applies, .content = autoindex_content };

const mw_module mw_autoindex_module = {
    .name = "autoindex", .directives = autoindex_directives, .conf_size = sizeof(autoindex_conf),
    .http = &autoindex_http,
};
