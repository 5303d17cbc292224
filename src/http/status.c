/* status.c - status codes and phrases in nginx's words, and the built-in pages up to the server's signature.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/status.h"

typedef struct status { int code; mw_str line, page; } status;

#define PAGE(title, heading) \
    "<html>\r\n<head><title>" title "</title></head>\r\n<body>\r\n<center><h1>" heading "</h1></center>\r\n"
#define LINE(code, line)           { (code), MW_STR_C(line), MW_STR_C("") }
#define BOTH(code, line)           { (code), MW_STR_C(line), MW_STR_C(PAGE(line, line)) }
#define TWO(code, line, title)     { (code), MW_STR_C(line), MW_STR_C(PAGE(title, title)) }
#define ODD(code, text)            { (code), MW_STR_C("400 Bad Request"), \
    MW_STR_C(PAGE("400 " text, "400 Bad Request") "<center>" text "</center>\r\n") }

static const status statuses[] = {              /* in ascending order */
    LINE(100, "100 Continue"),
    LINE(101, "101 Switching Protocols"),
    LINE(103, "103 Early Hints"),
    LINE(200, "200 OK"),
    LINE(201, "201 Created"),
    LINE(202, "202 Accepted"),
    LINE(204, "204 No Content"),
    LINE(206, "206 Partial Content"),
    BOTH(301, "301 Moved Permanently"),
    TWO(302, "302 Moved Temporarily", "302 Found"),
    BOTH(303, "303 See Other"),
    LINE(304, "304 Not Modified"),
    BOTH(307, "307 Temporary Redirect"),
    BOTH(308, "308 Permanent Redirect"),
    BOTH(400, "400 Bad Request"),
    TWO(401, "401 Unauthorized", "401 Authorization Required"),
    BOTH(402, "402 Payment Required"),
    BOTH(403, "403 Forbidden"),
    BOTH(404, "404 Not Found"),
    BOTH(405, "405 Not Allowed"),
    BOTH(406, "406 Not Acceptable"),
    BOTH(407, "407 Proxy Authentication Required"),
    BOTH(408, "408 Request Time-out"),
    BOTH(409, "409 Conflict"),
    BOTH(410, "410 Gone"),
    BOTH(411, "411 Length Required"),
    BOTH(412, "412 Precondition Failed"),
    BOTH(413, "413 Request Entity Too Large"),
    BOTH(414, "414 Request-URI Too Large"),
    BOTH(415, "415 Unsupported Media Type"),
    BOTH(416, "416 Requested Range Not Satisfiable"),
    BOTH(421, "421 Misdirected Request"),
    BOTH(429, "429 Too Many Requests"),
    ODD(MW_STATUS_HEADER_TOO_LARGE, "Request Header Or Cookie Too Large"),
    ODD(MW_STATUS_CERT_ERROR, "The SSL certificate error"),
    ODD(MW_STATUS_NO_CERT, "No required SSL certificate was sent"),
    ODD(MW_STATUS_HTTP_TO_HTTPS, "The plain HTTP request was sent to HTTPS port"),
    { 498, MW_STR_C(""), MW_STR_C(PAGE("404 Not Found", "404 Not Found")) },       /* nginx's own oddity */
    BOTH(500, "500 Internal Server Error"),
    BOTH(501, "501 Not Implemented"),
    BOTH(502, "502 Bad Gateway"),
    BOTH(503, "503 Service Temporarily Unavailable"),
    BOTH(504, "504 Gateway Time-out"),
    BOTH(505, "505 HTTP Version Not Supported"),
    BOTH(507, "507 Insufficient Storage"),
};

static const status *find(int code)
{
    size_t low = 0, high = sizeof statuses / sizeof statuses[0];

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (statuses[middle].code == code)
            return &statuses[middle];
        if (statuses[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

mw_str mw_status_line(int code)
{
    const status *s = find(code);

    return s != NULL ? s->line : (mw_str){ "", 0 };
}

mw_str mw_status_page(int code)
{
    const status *s = find(code);

    return s != NULL ? s->page : (mw_str){ "", 0 };
}

int mw_status_on_wire(int code)
{
    return code >= MW_STATUS_HEADER_TOO_LARGE && code <= MW_STATUS_HTTP_TO_HTTPS ? 400 : code;
}
