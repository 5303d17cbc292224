/* token.c - known header names and methods, found by one hash and one compare.
 *
 * The hash looks at a name's length and three of its letters; its four factors were found by trying until no
 * two known names met in 128 slots.  A new name needs new ones: the unit test tells when two meet.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/token.h"

enum { SLOTS = 128, BY_LENGTH = 193, BY_FIRST = 247, BY_MIDDLE = 82, BY_LAST = 204 };

static const mw_str names[MW_TOKENS] = {
    [MW_T_HOST] = MW_STR_C("Host"), [MW_T_CONNECTION] = MW_STR_C("Connection"),
    [MW_T_KEEP_ALIVE] = MW_STR_C("Keep-Alive"), [MW_T_CONTENT_LENGTH] = MW_STR_C("Content-Length"),
    [MW_T_CONTENT_TYPE] = MW_STR_C("Content-Type"),
    [MW_T_TRANSFER_ENCODING] = MW_STR_C("Transfer-Encoding"), [MW_T_EXPECT] = MW_STR_C("Expect"),
    [MW_T_UPGRADE] = MW_STR_C("Upgrade"), [MW_T_TE] = MW_STR_C("TE"), [MW_T_TRAILER] = MW_STR_C("Trailer"),
    [MW_T_RANGE] = MW_STR_C("Range"), [MW_T_IF_RANGE] = MW_STR_C("If-Range"),
    [MW_T_IF_MATCH] = MW_STR_C("If-Match"), [MW_T_IF_NONE_MATCH] = MW_STR_C("If-None-Match"),
    [MW_T_IF_MODIFIED_SINCE] = MW_STR_C("If-Modified-Since"),
    [MW_T_IF_UNMODIFIED_SINCE] = MW_STR_C("If-Unmodified-Since"),
    [MW_T_USER_AGENT] = MW_STR_C("User-Agent"), [MW_T_REFERER] = MW_STR_C("Referer"),
    [MW_T_ACCEPT] = MW_STR_C("Accept"), [MW_T_ACCEPT_ENCODING] = MW_STR_C("Accept-Encoding"),
    [MW_T_ACCEPT_LANGUAGE] = MW_STR_C("Accept-Language"), [MW_T_COOKIE] = MW_STR_C("Cookie"),
    [MW_T_AUTHORIZATION] = MW_STR_C("Authorization"),
    [MW_T_PROXY_AUTHORIZATION] = MW_STR_C("Proxy-Authorization"),
    [MW_T_X_FORWARDED_FOR] = MW_STR_C("X-Forwarded-For"), [MW_T_X_REAL_IP] = MW_STR_C("X-Real-IP"),
    [MW_T_FORWARDED] = MW_STR_C("Forwarded"), [MW_T_VIA] = MW_STR_C("Via"),
    [MW_T_DEPTH] = MW_STR_C("Depth"), [MW_T_DESTINATION] = MW_STR_C("Destination"),
    [MW_T_OVERWRITE] = MW_STR_C("Overwrite"), [MW_T_DATE] = MW_STR_C("Date"),
    [MW_T_SERVER] = MW_STR_C("Server"), [MW_T_LAST_MODIFIED] = MW_STR_C("Last-Modified"),
    [MW_T_ETAG] = MW_STR_C("ETag"), [MW_T_LOCATION] = MW_STR_C("Location"),
    [MW_T_REFRESH] = MW_STR_C("Refresh"), [MW_T_CACHE_CONTROL] = MW_STR_C("Cache-Control"),
    [MW_T_EXPIRES] = MW_STR_C("Expires"), [MW_T_VARY] = MW_STR_C("Vary"),
    [MW_T_ACCEPT_RANGES] = MW_STR_C("Accept-Ranges"), [MW_T_CONTENT_RANGE] = MW_STR_C("Content-Range"),
    [MW_T_CONTENT_ENCODING] = MW_STR_C("Content-Encoding"), [MW_T_SET_COOKIE] = MW_STR_C("Set-Cookie"),
    [MW_T_WWW_AUTHENTICATE] = MW_STR_C("WWW-Authenticate"),
    [MW_T_PROXY_AUTHENTICATE] = MW_STR_C("Proxy-Authenticate"), [MW_T_LINK] = MW_STR_C("Link"),
    [MW_T_PRAGMA] = MW_STR_C("Pragma"), [MW_T_STATUS] = MW_STR_C("Status"),
    [MW_T_X_ACCEL_EXPIRES] = MW_STR_C("X-Accel-Expires"),
    [MW_T_X_ACCEL_REDIRECT] = MW_STR_C("X-Accel-Redirect"),
    [MW_T_X_ACCEL_LIMIT_RATE] = MW_STR_C("X-Accel-Limit-Rate"),
    [MW_T_X_ACCEL_BUFFERING] = MW_STR_C("X-Accel-Buffering"),
    [MW_T_X_ACCEL_CHARSET] = MW_STR_C("X-Accel-Charset"),
    [MW_T_PROXY_CONNECTION] = MW_STR_C("Proxy-Connection"),
    [MW_T_HTTP2_SETTINGS] = MW_STR_C("HTTP2-Settings"),
    [MW_T_SEC_WEBSOCKET_KEY] = MW_STR_C("Sec-WebSocket-Key"),
};

static const uint8_t slots[SLOTS] = {
    [0] = MW_T_EXPIRES, [1] = MW_T_DEPTH, [3] = MW_T_CONTENT_ENCODING, [4] = MW_T_PROXY_CONNECTION,
    [9] = MW_T_SET_COOKIE, [11] = MW_T_VIA, [12] = MW_T_LOCATION, [17] = MW_T_X_ACCEL_BUFFERING,
    [24] = MW_T_CACHE_CONTROL, [29] = MW_T_ETAG, [31] = MW_T_SERVER, [34] = MW_T_HOST, [36] = MW_T_DATE,
    [37] = MW_T_X_ACCEL_EXPIRES, [41] = MW_T_REFRESH, [42] = MW_T_UPGRADE, [43] = MW_T_DESTINATION,
    [45] = MW_T_TRAILER, [46] = MW_T_AUTHORIZATION, [53] = MW_T_CONTENT_TYPE, [55] = MW_T_WWW_AUTHENTICATE,
    [56] = MW_T_LINK, [59] = MW_T_TRANSFER_ENCODING, [62] = MW_T_IF_MODIFIED_SINCE,
    [63] = MW_T_LAST_MODIFIED, [64] = MW_T_SEC_WEBSOCKET_KEY, [67] = MW_T_EXPECT, [68] = MW_T_TE,
    [71] = MW_T_STATUS, [73] = MW_T_IF_MATCH, [74] = MW_T_IF_UNMODIFIED_SINCE, [76] = MW_T_X_ACCEL_REDIRECT,
    [77] = MW_T_COOKIE, [78] = MW_T_VARY, [84] = MW_T_ACCEPT_ENCODING, [85] = MW_T_KEEP_ALIVE,
    [86] = MW_T_IF_NONE_MATCH, [91] = MW_T_PROXY_AUTHORIZATION, [93] = MW_T_CONTENT_LENGTH,
    [96] = MW_T_PRAGMA, [99] = MW_T_X_REAL_IP, [100] = MW_T_HTTP2_SETTINGS, [101] = MW_T_IF_RANGE,
    [103] = MW_T_ACCEPT, [109] = MW_T_CONNECTION, [110] = MW_T_PROXY_AUTHENTICATE, [111] = MW_T_USER_AGENT,
    [113] = MW_T_X_ACCEL_CHARSET, [114] = MW_T_ACCEPT_RANGES, [115] = MW_T_X_FORWARDED_FOR,
    [117] = MW_T_FORWARDED, [118] = MW_T_CONTENT_RANGE, [119] = MW_T_REFERER,
    [120] = MW_T_X_ACCEL_LIMIT_RATE, [122] = MW_T_ACCEPT_LANGUAGE, [123] = MW_T_RANGE,
    [124] = MW_T_OVERWRITE,
};

static unsigned letter(mw_str s, size_t i) { return (unsigned char)s.at[i] | 0x20u; }

static unsigned slot_of(mw_str name)            /* not of an empty one */
{
    unsigned n = (unsigned)name.len * BY_LENGTH + letter(name, 0) * BY_FIRST;

    n += letter(name, name.len / 2) * BY_MIDDLE + letter(name, name.len - 1) * BY_LAST;
    return n & (SLOTS - 1);
}

mw_token mw_token_of(mw_str name)
{
    unsigned t;

    if (name.len == 0)
        return MW_T_NONE;
    t = slots[slot_of(name)];
    return t != MW_T_NONE && mw_str_ieq(names[t], name) ? (mw_token)t : MW_T_NONE;
}

mw_str mw_token_name(mw_token t) { return t > MW_T_NONE && t < MW_TOKENS ? names[t] : (mw_str){ "", 0 }; }

typedef struct method_name { const char *name; mw_method method; } method_name;

static const method_name methods[] = {          /* the most frequent first */
    { "GET", MW_GET }, { "POST", MW_POST }, { "HEAD", MW_HEAD }, { "PUT", MW_PUT }, { "DELETE", MW_DELETE },
    { "OPTIONS", MW_OPTIONS }, { "PATCH", MW_PATCH }, { "MKCOL", MW_MKCOL }, { "COPY", MW_COPY },
    { "MOVE", MW_MOVE },
    { "PROPFIND", MW_PROPFIND }, { "PROPPATCH", MW_PROPPATCH }, { "LOCK", MW_LOCK }, { "UNLOCK", MW_UNLOCK },
    { "TRACE", MW_TRACE }, { "CONNECT", MW_CONNECT },
};

mw_method mw_method_of(mw_str name)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (mw_str_eq(name, mw_str_of(methods[i].name))) return methods[i].method;
    return MW_OTHER;
}
