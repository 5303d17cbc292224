/* parse.c - HTTP/1 heads and chunks: pure functions on slices.
 *
 * Every parser walks its bytes once and answers MW_AGAIN where they end; a fault is told at the byte that
 * shows it, without waiting for the end of the line, as nginx does.  Lines may end in LF alone in heads (as
 * nginx takes them), never in strict chunked framing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/h1/parse.h"

enum { MINOR_MOST = 999, SIZE_DIGITS = 16, SKIP_MOST = 32768, TRAILER_MOST = 8192 };

/* What a byte is in a field name: alnum and '-' are plain; what nginx calls invalid may be ignored; the
 * rest breaks the line. */
enum { BROKEN = 0, NAME = 1, UNDERSCORE = 2, INVALID = 4 };       /* bits: what a name has is gathered */

#define EVERY(from, what) \
    [from] = (what), [(from) + 1] = (what), [(from) + 2] = (what), [(from) + 3] = (what), \
    [(from) + 4] = (what), [(from) + 5] = (what), [(from) + 6] = (what), [(from) + 7] = (what)
#define EVERY_64(from, what) \
    EVERY(from, what), EVERY((from) + 8, what), EVERY((from) + 16, what), EVERY((from) + 24, what), \
    EVERY((from) + 32, what), EVERY((from) + 40, what), EVERY((from) + 48, what), EVERY((from) + 56, what)

static const uint8_t in_name[256] = {
    ['!'] = INVALID, ['"'] = INVALID, ['#'] = INVALID, ['$'] = INVALID, ['%'] = INVALID, ['&'] = INVALID,
    ['\''] = INVALID, ['('] = INVALID, [')'] = INVALID, ['*'] = INVALID, ['+'] = INVALID, [','] = INVALID,
    ['-'] = NAME, ['.'] = INVALID, ['/'] = INVALID, EVERY('0', NAME), ['8'] = NAME, ['9'] = NAME,
    [';'] = INVALID, ['<'] = INVALID, ['='] = INVALID, ['>'] = INVALID, ['?'] = INVALID, ['@'] = INVALID,
    EVERY('A', NAME), EVERY('I', NAME), EVERY('Q', NAME), ['Y'] = NAME, ['Z'] = NAME, ['['] = INVALID,
    ['\\'] = INVALID, [']'] = INVALID, ['^'] = INVALID, ['_'] = UNDERSCORE, ['`'] = INVALID,
    EVERY('a', NAME), EVERY('i', NAME), EVERY('q', NAME), ['y'] = NAME, ['z'] = NAME, ['{'] = INVALID,
    ['|'] = INVALID, ['}'] = INVALID, ['~'] = INVALID,
    EVERY_64(128, INVALID), EVERY_64(192, INVALID),
};

static bool is_control(char c) { return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f; }

static bool is_method(char c) { return (unsigned char)(c - 'A') < 26 || c == '_' || c == '-'; }

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static mw_rc fault_of(mw_h1_fault *to, mw_h1_fault fault)
{
    *to = fault;
    return MW_ERR;
}

/* The end of a line at bytes[*i]: CR LF or LF.  OK: *i is behind it; AGAIN: a CR is all there is; ERR: no
 * end. */
static mw_rc line_end(mw_str bytes, size_t *i)
{
    if (bytes.at[*i] == '\n') {
        *i += 1;
        return MW_OK;
    }
    if (bytes.at[*i] != '\r')
        return MW_ERR;
    if (*i + 1 >= bytes.len)
        return MW_AGAIN;
    if (bytes.at[*i + 1] != '\n')
        return MW_ERR;
    *i += 2;
    return MW_OK;
}

/* "HTTP/1.1", and spaces behind it.  *i is behind what was read. */
static mw_rc version(mw_str bytes, size_t *i, mw_h1_line *line, mw_h1_fault *fault)
{
    static const char word[] = "HTTP/";
    unsigned          major = 0, minor = 0, digits = 0;
    size_t            at = *i;

    for (size_t k = 0; k < sizeof word - 1; k++, at++) {
        if (at == bytes.len)
            return MW_AGAIN;
        if (bytes.at[at] != word[k])
            return fault_of(fault, MW_H1_BAD_LINE);
    }
    for (; at < bytes.len && mw_is_digit(bytes.at[at]); at++, digits++) {
        major = major * 10 + (unsigned)(bytes.at[at] - '0');
        if (major == 0)
            return fault_of(fault, MW_H1_BAD_LINE);
        if (major > 1)
            return fault_of(fault, MW_H1_BAD_VERSION);
    }
    if (at == bytes.len)
        return MW_AGAIN;
    if (digits == 0 || bytes.at[at++] != '.')
        return fault_of(fault, MW_H1_BAD_LINE);
    for (digits = 0; at < bytes.len && mw_is_digit(bytes.at[at]); at++, digits++) {
        minor = minor * 10 + (unsigned)(bytes.at[at] - '0');
        if (minor > MINOR_MOST)
            return fault_of(fault, MW_H1_BAD_LINE);
    }
    while (digits > 0 && at < bytes.len && bytes.at[at] == ' ')
        at++;
    if (at == bytes.len)
        return MW_AGAIN;
    if (digits == 0)
        return fault_of(fault, MW_H1_BAD_LINE);
    line->version = minor == 0 ? MW_HTTP_10 : MW_HTTP_11;
    line->minor_above = minor > 1;
    *i = at;
    return MW_OK;
}

/* From the first byte of the method; *i is behind the line when OK. */
static mw_rc request_line(mw_str bytes, size_t *i, mw_h1_line *line, mw_h1_fault *fault)
{
    size_t begin = *i, at = begin;
    mw_rc  rc;

    while (at < bytes.len && is_method(bytes.at[at]))
        at++;
    if (at == bytes.len)
        return MW_AGAIN;
    if (at == begin || bytes.at[at] != ' ')
        return fault_of(fault, MW_H1_BAD_METHOD);
    line->method = mw_str_part(bytes, begin, at);
    while (at < bytes.len && bytes.at[at] == ' ')
        at++;
    begin = at;
    while (at < bytes.len && (unsigned char)bytes.at[at] > ' ' && bytes.at[at] != 0x7f)
        at++;
    line->target = mw_str_part(bytes, begin, at);
    if (at == bytes.len)
        return MW_AGAIN;
    if (line->target.len == 0)
        return fault_of(fault, MW_H1_BAD_LINE);
    while (at < bytes.len && bytes.at[at] == ' ')
        at++;
    if (at == bytes.len)
        return MW_AGAIN;
    line->version = MW_HTTP_09;
    if (bytes.at[at] == 'H' && (rc = version(bytes, &at, line, fault)) != MW_OK)
        return rc;
    *i = at;
    rc = line_end(bytes, i);
    if (rc == MW_ERR)
        return fault_of(fault, MW_H1_BAD_LINE);
    if (rc == MW_OK && line->version == MW_HTTP_09 && !mw_str_eq(line->method, MW_STR("GET")))
        return fault_of(fault, MW_H1_BAD_09_METHOD);
    return rc;
}

/* The line that begins there, without its end: for logs, so any will do. */
static mw_str line_at(mw_str bytes, size_t begin)
{
    mw_str line, rest;

    (void)mw_str_cut(mw_str_drop(bytes, begin), '\n', &line, &rest);
    return mw_str_take(line, mw_str_index(line, '\r'));
}

mw_rc mw_h1_request_line(mw_str bytes, mw_h1_line *line, size_t *used, mw_h1_fault *fault)
{
    size_t begin = 0, at;
    mw_rc  rc;

    *line = (mw_h1_line){ .version = MW_HTTP_10 };
    *fault = MW_H1_FINE;
    while (begin < bytes.len && (bytes.at[begin] == '\r' || bytes.at[begin] == '\n'))
        begin++;                                /* RFC 9112 2.2: empty lines before it are passed over */
    *used = begin;
    if (begin == bytes.len)
        return MW_AGAIN;
    at = begin;
    rc = request_line(bytes, &at, line, fault);
    if (rc == MW_AGAIN)
        return rc;
    line->whole = line_at(bytes, begin);
    if (rc == MW_OK)
        *used = at;
    return rc;
}

/* So that logs can say: "Name\x20..." */
static mw_rc broken_field(mw_str bytes, size_t at, mw_h1_field *f, size_t *used, mw_h1_fault *fault)
{
    f->name = mw_str_take(bytes, at);
    f->value = mw_str_part(bytes, at, at + 1);
    *used = mw_str_index(bytes, '\n');
    *used += *used < bytes.len;
    return fault_of(fault, at == 0 && is_blank(bytes.at[0]) ? MW_H1_FOLDED : MW_H1_BAD_FIELD);
}

/* nginx takes all but these in a value, and hands it on: controls are for whoever reads the value (RFC 9110 5.5). */
static bool ends_value(char c) { return c == '\r' || c == '\n' || c == '\0'; }

/* Is one of these eight below 16?  It may say so of the one behind such a one, too: who is told looks at each. */
static bool has_control(uint64_t eight)
{
    return ((eight - UINT64_C(0x1010101010101010)) & ~eight & UINT64_C(0x8080808080808080)) != 0;
}

static size_t value_end(mw_str bytes, size_t at)
{
    uint64_t eight;

    for (; at + sizeof eight <= bytes.len; at += sizeof eight) {
        memcpy(&eight, &bytes.at[at], sizeof eight);
        if (has_control(eight))
            break;
    }
    while (at < bytes.len && !ends_value(bytes.at[at]))
        at++;
    return at;
}

/* The value from bytes[at] on: up to the end of its line. */
static mw_rc field_value(mw_str bytes, size_t at, mw_h1_field *f, size_t *used, mw_h1_fault *fault)
{
    size_t end;
    mw_rc  rc;

    while (at < bytes.len && is_blank(bytes.at[at]))
        at++;
    end = value_end(bytes, at);
    if (end == bytes.len)
        return MW_AGAIN;
    f->value = mw_str_part(bytes, at, end);
    while (f->value.len > 0 && is_blank(f->value.at[f->value.len - 1]))
        f->value.len--;
    *used = end;
    rc = line_end(bytes, used);
    return rc == MW_ERR ? broken_field(bytes, end, f, used, fault) : rc;
}

mw_rc mw_h1_header(mw_str bytes, mw_h1_field *f, size_t *used, mw_h1_fault *fault)
{
    size_t   at = 0;
    unsigned class, seen = 0;
    mw_rc    rc;

    *fault = MW_H1_FINE;
    *used = 0;
    *f = (mw_h1_field){ .value = { "", 0 } };
    if (bytes.len == 0)
        return MW_AGAIN;
    if (bytes.at[0] == '\r' || bytes.at[0] == '\n') {
        rc = line_end(bytes, used);
        return rc == MW_OK ? MW_END : rc == MW_ERR ? broken_field(bytes, 0, f, used, fault) : rc;
    }
    for (; at < bytes.len && (class = in_name[(unsigned char)bytes.at[at]]) != BROKEN; at++)
        seen |= class;
    if (at == bytes.len)
        return MW_AGAIN;
    f->name = mw_str_take(bytes, at);
    f->invalid = (seen & INVALID) != 0;
    f->underscore = (seen & UNDERSCORE) != 0;
    if (bytes.at[at] == ':' && at > 0)
        rc = field_value(bytes, at + 1, f, used, fault);
    else if (bytes.at[at] == '\r' || bytes.at[at] == '\n')
        rc = field_value(bytes, at, f, used, fault);    /* a name alone: a field without value, for nginx */
    else                                        /* RFC 9112 5.1: no space before the colon */
        return broken_field(bytes, at, f, used, fault);
    if (rc == MW_OK && !f->invalid)
        f->token = mw_token_of(f->name);
    return rc;
}

mw_rc mw_h1_status_line(mw_str bytes, mw_h1_status *s, size_t *used)
{
    static const char word[] = "HTTP/1.";
    size_t            at = 0, begin, code;
    mw_rc             rc;

    *s = (mw_h1_status){ .version = MW_HTTP_11 };
    for (; at < sizeof word - 1; at++) {
        if (at == bytes.len)
            return MW_AGAIN;
        if (bytes.at[at] != word[at])
            return MW_ERR;
    }
    for (begin = at; at < bytes.len && mw_is_digit(bytes.at[at]); at++)
        if (at - begin >= 3) return MW_ERR;
    if (at - begin == 1 && bytes.at[begin] == '0')
        s->version = MW_HTTP_10;
    if (at == bytes.len)
        return MW_AGAIN;
    if (at == begin || bytes.at[at] != ' ')
        return MW_ERR;
    while (at < bytes.len && bytes.at[at] == ' ')
        at++;
    for (code = begin = at; at < bytes.len && at - begin < 3; at++) {
        if (!mw_is_digit(bytes.at[at]))
            return MW_ERR;
        s->status = s->status * 10 + (bytes.at[at] - '0');
    }
    if (at == bytes.len)
        return MW_AGAIN;
    if (s->status < 100 || mw_is_digit(bytes.at[at]))
        return MW_ERR;
    if (bytes.at[at] == ' ')
        at++;
    else if (bytes.at[at] != '\r' && bytes.at[at] != '\n')
        return MW_ERR;
    for (begin = at; at < bytes.len && !is_control(bytes.at[at]);)
        at++;
    if (at == bytes.len)
        return MW_AGAIN;
    s->line = mw_str_part(bytes, code, at);
    s->phrase = mw_str_part(bytes, begin, at);
    *used = at;
    rc = line_end(bytes, used);
    return rc;
}

bool mw_h1_content_length(mw_str value, int64_t *length)
{
    uint64_t n;

    if (!mw_str_u64(value, &n) || n > INT64_MAX)
        return false;
    *length = (int64_t)n;
    return true;
}

/* --- chunks: a state for each byte of framing
 * ------------------------------------------------------------- */

enum {
    SIZE_FIRST, SIZE, PAD, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF,
    TRAILER_FIRST, TRAILER_NAME, TRAILER, TRAILER_LF, END_LF, OVER, BUST
};

static bool skip_one(mw_chunked *c) { return ++c->skipped <= SKIP_MOST; }

static uint8_t size_ended(const mw_chunked *c) { return c->left > 0 ? DATA : TRAILER_FIRST; }

/* Behind the digits of a size, or its extension. */
static uint8_t after_size(mw_chunked *c, char byte)
{
    if (byte == '\r')
        return SIZE_LF;
    if (byte == '\n')
        return c->strict ? BUST : size_ended(c);
    if (byte == ';')
        return skip_one(c) ? EXTENSION : BUST;
    if (byte == ' ' || byte == '\t')
        return skip_one(c) ? PAD : BUST;
    return BUST;
}

static uint8_t size_digit(mw_chunked *c, char byte)
{
    int digit = mw_hex_digit(byte);

    if (digit < 0)
        return c->state == SIZE_FIRST ? BUST : after_size(c, byte);
    if (c->left >> 59 != 0)                     /* it stays below 2^63 */
        return BUST;
    c->left = c->left << 4 | (unsigned)digit;
    return SIZE;
}

static bool is_name_byte(char byte) { return in_name[(unsigned char)byte] != BROKEN; }

/* A byte behind the first one of a trailer's line. */
static uint8_t trailer_byte(mw_chunked *c, char byte)
{
    if (byte == '\r' || byte == '\n')
        return byte == '\r' ? TRAILER_LF : c->strict ? BUST : TRAILER_FIRST;
    if (c->state == TRAILER_NAME && byte != ':')
        return is_name_byte(byte) && skip_one(c) ? TRAILER_NAME : BUST;     /* RFC 9112 5.1: no space before ':' */
    return !is_control(byte) && skip_one(c) ? TRAILER : BUST;
}

/* One byte of framing; the next state. */
static uint8_t frame(mw_chunked *c, char byte)
{
    switch (c->state) {
    case SIZE_FIRST:
    case SIZE:
        return size_digit(c, byte);
    case PAD:
        return after_size(c, byte);
    case EXTENSION:
        if (byte == '\r' || byte == '\n')
            return after_size(c, byte);
        return !is_control(byte) && skip_one(c) ? EXTENSION : BUST;
    case SIZE_LF:
        return byte == '\n' ? size_ended(c) : BUST;
    case DATA_CR:
        if (byte == '\n')
            return c->strict ? BUST : SIZE_FIRST;
        return byte == '\r' ? DATA_LF : BUST;
    case DATA_LF:
        return byte == '\n' ? SIZE_FIRST : BUST;
    case TRAILER_FIRST:
        if (byte == '\r' || byte == '\n')
            return byte == '\r' ? END_LF : c->strict ? BUST : OVER;
        return is_name_byte(byte) && skip_one(c) ? TRAILER_NAME : BUST;     /* RFC 9112 5.2: nor is a line folded */
    case TRAILER_NAME:
    case TRAILER:
        return trailer_byte(c, byte);
    case TRAILER_LF:
        return byte == '\n' ? TRAILER_FIRST : BUST;
    case END_LF:
        return byte == '\n' ? OVER : BUST;
    default:
        return BUST;
    }
}

/* Trailers are gathered whole and read when the last line is there. */
static void keep_trailer(mw_chunked *c, char byte, mw_arena *a)
{
    if (c->trailer.at == NULL)
        c->trailer = mw_arena_pen(a, TRAILER_MOST);
    mw_out_char(&c->trailer, byte);
}

static mw_rc read_trailers(mw_chunked *c, mw_arena *a, mw_fields *trailers)
{
    mw_str      text = mw_out_done(&c->trailer);
    mw_h1_field f;
    mw_h1_fault fault;
    size_t      used;

    if (trailers == NULL || text.len == 0)
        return MW_END;
    for (; text.len > 0; text = mw_str_drop(text, used)) {
        mw_rc rc = mw_h1_header(text, &f, &used, &fault);

        if (rc == MW_END)
            break;
        if (rc != MW_OK || c->trailer.cut)
            return MW_ERR;
        if (!f.invalid)
            (void)mw_fields_add_parsed(a, trailers, f.name, f.value, f.token);
    }
    return MW_END;
}

uint64_t mw_chunked_coming(const mw_chunked *c) { return c->state == DATA ? c->left : 0; }

mw_rc mw_chunked_next(mw_chunked *c, mw_str *in, mw_str *data, mw_arena *a, mw_fields *trailers)
{
    *data = (mw_str){ in->at, 0 };
    for (; in->len > 0 && c->state != OVER && c->state != BUST; *in = mw_str_drop(*in, 1)) {
        char byte = in->at[0];

        if (c->state == DATA) {
            *data = mw_str_take(*in, c->left < in->len ? (size_t)c->left : in->len);
            *in = mw_str_drop(*in, data->len);
            c->left -= data->len;
            c->state = c->left > 0 ? DATA : DATA_CR;
            return MW_OK;
        }
        if (trailers != NULL && c->state >= TRAILER_FIRST && c->state <= END_LF)
            keep_trailer(c, byte, a);
        if (c->state == SIZE_FIRST)
            c->left = 0;
        c->state = frame(c, byte);
    }
    if (c->state == OVER)
        return read_trailers(c, a, trailers);
    return c->state == BUST ? MW_ERR : MW_AGAIN;
}
