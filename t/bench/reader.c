/* reader.c - takes HTTP/1 responses apart as fast as a load generator must: lines, then a body by length, chunks or end
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool begins(const char *line, size_t size, const char *name, size_t length)
{
    return size >= length && strncasecmp(line, name, length) == 0;
}

static uint64_t number(const char *line, size_t size, unsigned base)
{
    uint64_t n = 0;

    for (size_t i = 0; i < size; i++) {
        unsigned c = (unsigned char) line[i];
        unsigned low = c | 0x20;
        unsigned digit = c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : base;

        if (c == ' ' && n == 0)
            continue;
        if (digit >= base)
            break;
        n = n * base + digit;
    }
    return n;
}

static void take_field(reader *r, const char *line, size_t size)
{
    switch (line[0] | 0x20) {
    case 'c':
        if (begins(line, size, "content-length:", 15)) {
            r->left = number(&line[15], size - 15, 10);
            r->has_length = true;
        } else if (begins(line, size, "connection: close", 17)) {
            r->closes = true;
        }
        break;
    case 't':
        r->chunked |= begins(line, size, "transfer-encoding: chunked", 26);
        break;
    default:
        break;
    }
}

/* The empty line after the fields: what comes now? */
static took end_of_fields(reader *r)
{
    if (r->status >= 100 && r->status < 200) {
        reader_begin(r);
        return TOOK_PART;
    }
    if (r->status == 204 || r->status == 304 || (r->has_length && r->left == 0 && !r->chunked))
        return TOOK_RESPONSE;
    r->phase = r->chunked ? PHASE_CHUNK_SIZE : r->has_length ? PHASE_BODY : PHASE_TO_END;
    r->closes |= r->phase == PHASE_TO_END;
    return TOOK_PART;
}

/* A whole line, without its end. */
static took take_line(reader *r, const char *line, size_t size)
{
    if (size > 0 && line[size - 1] == '\r')
        size--;
    switch (r->phase) {
    case PHASE_STATUS:
        if (!begins(line, size, "HTTP/1.", 7) || size < 12)
            return TOOK_NONSENSE;
        r->status = (unsigned) number(&line[9], 3, 10);
        r->phase = PHASE_FIELDS;
        return TOOK_PART;
    case PHASE_FIELDS:
        if (size == 0)
            return end_of_fields(r);
        take_field(r, line, size);
        return TOOK_PART;
    case PHASE_CHUNK_SIZE:
        r->left = number(line, size, 16);
        r->phase = r->left > 0 ? PHASE_CHUNK_DATA : PHASE_TRAILERS;
        return size > 0 ? TOOK_PART : TOOK_NONSENSE;
    case PHASE_CHUNK_END:
        r->phase = PHASE_CHUNK_SIZE;
        return size == 0 ? TOOK_PART : TOOK_NONSENSE;
    case PHASE_TRAILERS:
        return size == 0 ? TOOK_RESPONSE : TOOK_PART;
    case PHASE_BODY:
    case PHASE_CHUNK_DATA:
    case PHASE_TO_END:
        break;
    }
    return TOOK_NONSENSE;
}

static took take_line_piece(reader *r, const char *bytes, size_t *at, size_t size)
{
    const char *from = &bytes[*at];
    const char *end = memchr(from, '\n', size - *at);
    size_t      length = end != NULL ? (size_t) (end - from) : size - *at;
    took        what;

    *at += end != NULL ? length + 1 : length;
    if (end != NULL && r->held == 0)
        return take_line(r, from, length);
    if (r->line == NULL && (r->line = malloc(LINE_MAX_BYTES)) == NULL)
        return TOOK_NONSENSE;
    if (length > LINE_MAX_BYTES - r->held)
        return TOOK_NONSENSE;
    memcpy(&r->line[r->held], from, length);
    r->held += length;
    if (end == NULL)
        return TOOK_PART;
    length = r->held;
    r->held = 0;
    what = take_line(r, r->line, length);
    return what;
}

static took take_body_piece(reader *r, size_t *at, size_t size)
{
    size_t n = size - *at;

    if (r->phase != PHASE_TO_END && n > r->left)
        n = (size_t) r->left;
    *at += n;
    r->body_bytes += n;
    if (r->phase == PHASE_TO_END)
        return TOOK_PART;
    r->left -= n;
    if (r->left > 0)
        return TOOK_PART;
    if (r->phase == PHASE_BODY)
        return TOOK_RESPONSE;
    r->phase = PHASE_CHUNK_END;
    return TOOK_PART;
}

took reader_take(reader *r, const char *bytes, size_t *at, size_t size)
{
    took what = TOOK_PART;

    while (what == TOOK_PART && *at < size) {
        if (r->phase == PHASE_BODY || r->phase == PHASE_TO_END || r->phase == PHASE_CHUNK_DATA)
            what = take_body_piece(r, at, size);
        else
            what = take_line_piece(r, bytes, at, size);
    }
    return what;
}

bool reader_end(const reader *r)
{
    return r->phase == PHASE_TO_END;
}

void reader_begin(reader *r)
{
    *r = (reader) { .phase = PHASE_STATUS, .line = r->line };
}
