/* request.h - one request, whichever wire it came in on.
 *
 * It ends when it has neither a wire nor a hold, in this order: ops, sources, notes, arena.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_HTTP_REQUEST_H
#define MW_HTTP_REQUEST_H

#include "core/arena.h"
#include "event/nap.h"
#include "event/source.h"
#include "event/worker.h"
#include "http/wire.h"
#include "rule/var.h"

typedef enum mw_verdict {       /* what a step says to the pipeline */
    MW_PASS,                    /* nothing to say: next stop                             */
    MW_GRANT,                   /* access only: I vouch for this client                  */
    MW_DENY,                    /* access only: not this client; status in r->denied     */
    MW_WAIT,                    /* an op is pending: run me again when it is not         */
    MW_ANSWERED,                /* the response is set: go and send it                   */
    MW_ENTER,                   /* r->place is another: go on there, at the next phase   */
    MW_REROUTE,                 /* walk again; relocate, redirect or named said where to */
    MW_ABORT                    /* the client is lost: close                             */
} mw_verdict;

typedef enum mw_phase {
    MW_POST_READ, MW_SERVER_REWRITE, MW_LOCATE, MW_REWRITE,
    MW_PREACCESS, MW_ACCESS, MW_PRECONTENT, MW_CONTENT, MW_PHASES
} mw_phase;

typedef enum mw_state { MW_WALKING, MW_WAITING, MW_SENDING, MW_DONE } mw_state;

typedef struct mw_response {
    int         status;         /* 0: not yet answered */
    mw_str      status_line;    /* "404 Not Here" of an upstream; empty: ours */
    int64_t     length;         /* of the body as it is; -1: unknown */
    uint64_t    offset;         /* of slices: `body` begins there, and a range that begins sooner was not asked for */
    mw_str      type, charset;  /* Content-Type, and what is put behind it; type empty: none */
    int64_t     modified;       /* Last-Modified, seconds; -1: none */
    mw_str      modified_text;  /* if somebody has it written already */
    mw_fields   head;           /* all other fields, in the order added; Server and Date here replace ours */
    mw_fields   trailers;       /* filled by a source before its END */
    mw_source  *body;           /* the top of the stack of sources; NULL: no body */
    mw_str      challenge;      /* stands for WWW-Authenticate of a 401 */
    mw_array    challenges;     /* mw_str: the same, of an upstream that was intercepted */
    bool        live;           /* flush whatever comes: buffering off, event-stream, tunnels */
    bool        tunnel;         /* after 101 or CONNECT: bytes as they are, both ways */
    bool        trailing;       /* trailers come behind it: `length` is how long it is, and is not told */
    bool        ranges;         /* a part of it may be cut (static files, cache, force_ranges) */
    bool        one_range;      /* one part only */
    bool        head_only;      /* send no body: HEAD, 204, 304 */
    bool        keep_date, keep_server;     /* fields of these names in head are the upstream's, and stand */
    bool        sent_head;
    bool        no_etag_weaken;
    bool        own_location;   /* a Location of "/path" is ours, and becomes a URL as absolute_redirect says */
    bool        charset_wished; /* X-Accel-Charset: `charset` is not what it is, but what it shall become */
    bool        judged;         /* an upstream has judged the conditions of If-*: nobody does it again */
} mw_response;

struct mw_request {
    mw_arena      *arena;       /* owns everything below, and this */
    mw_loop       *loop;
    const mw_wire *wire;        /* NULL once parted */
    void          *wire_state;
    mw_asker       asker;       /* of the stop that runs: cancelled when it is left          */
    mw_asker       lasting;     /* of what outlasts a stop: cancelled by a reroute, at the end */
    mw_bell        bell;        /* of the wire, who pulls res.body; it outlives the wire */
    mw_bell       *gone_bell;   /* of who wants to know that the client left, or NULL */
    mw_state       state;
    unsigned       holds;
    bool           gone;        /* the client left */

    const mw_site   *site;      /* the http block it runs under */
    const mw_server *server;
    const mw_place  *place;     /* whose configuration applies; an `if` changes it at once */
    const mw_place  *walked;    /* whose route `stop` and `ctx` belong to */
    unsigned         stop;
    char            *ctx;       /* the hooks' own memory, one piece for the whole route */
    char            *once;      /* mw_request_once: made at the first asking; subrequests share the main's */
    struct { const mw_place *place; mw_phase phase; } to;       /* of MW_REROUTE */
    uint8_t          relocated, redirected;                     /* how often */
    bool             slice;             /* a subrequest for a part of its parent's own body: its heads do not run */
    bool             internal, erred;   /* not the client's URI; an error_page was taken */
    int              denied, err_status;
    int              refused;           /* the status of the last mw_refuse: what error_page is about */

    mw_request    *main, *parent;       /* itself and NULL, but in subrequests */
    struct mw_sub *subs;                /* asked by it, and not ended: http/sub.h */
    uint8_t        depth;               /* how many parents it has */
    bool           bodyless;            /* a subrequest that does not see the client's body */
    bool           over;                /* of a main request: closed, but for subrequests that live in its memory */
    uint32_t       inner;               /* of a main request: subrequests that are not closed */
    mw_visit      *visit;
    const mw_addr *client;              /* who the client really is; visit->peer unless realip says otherwise */
    mw_scope       scope;               /* variables */
    mw_log         log;

    mw_method      method;
    mw_str         method_name;
    mw_str         line;                /* "GET / HTTP/1.1" as it came; $request */
    mw_str         target;              /* as it came: $request_uri */
    mw_str         uri, args;           /* decoded and normalised path; without '?' */
    mw_str         host;                /* of the target or Host: folded, without port; empty: none */
    mw_str         host_port;           /* digits, or empty */
    mw_version     version;
    mw_fields      head;
    int64_t        length;              /* Content-Length; -1: none */
    /* Connection: upgrade with Upgrade; Expect: 100-continue */
    bool           chunked, keep_alive, upgrade, expects;
    bool           same_uri;            /* uri is still what the client asked for: target may be passed on as it is */
    bool           rewritten;           /* uri was changed since its location was found */
    bool           uri_below_alias;     /* try_files chose it: it is below an alias that stands for a whole URI */
    bool           plain_target;        /* target had nothing to normalise */
    mw_body       *body;                /* of the main request; NULL: none was announced or asked for yet */

    mw_response    res;
    uint64_t       began_ms;            /* monotonic, when its first byte was read */
    mw_time        began_sec; unsigned began_msec;              /* the same, wall */
    uint64_t       line_bytes;          /* $request_length: head and body so far */
    uint64_t       sent, sent_body;     /* $bytes_sent, $body_bytes_sent */
    uint64_t       limit_rate, limit_after;     /* bytes a second; UINT64_MAX: by the place */
    bool           finished;            /* the last byte of the response was given to the socket: $request_completion */
    bool           accounted;           /* its log notes ran */
    bool           post_acted;          /* post_action was begun */
    void          *upstream;            /* http/proxy: the facts behind $upstream_* */
    mw_str       (*upstream_tell)(const mw_request *r);     /* what log lines say behind "upstream: "; NULL: nothing */
    bool           pipelined;           /* its bytes were there before the answer to the one before it */
    mw_str         root;                /* `root` or `alias` as evaluated for this uri; empty: not yet */
};

mw_request *mw_request_new(mw_loop *loop, const mw_site *site, const mw_wire *wire, void *wire_state, mw_visit *visit);
/* a subrequest, in the memory of its main request; uri, args and method are the caller's to say */
mw_request *mw_request_inner(mw_request *parent, const mw_wire *wire);
void        mw_request_hold(mw_request *r);     /* keeps r alive without a wire          */
void        mw_request_let(mw_request *r);      /* if it was the last, r ends from the loop's queue */
void        mw_request_part(mw_request *r);     /* the wire's last act: r may be gone    */
void        mw_request_gone(mw_request *r);     /* the client left; a message, no end    */
void        mw_request_drop(mw_request *r);     /* the end of one that was only asked for variables */
void       *mw_request_once(mw_request *r, const struct mw_module *m);      /* its once_size bytes, zeroed at first */
const void *mw_request_conf(const mw_request *r, const struct mw_module *m);    /* its struct at r->place */
static inline const mw_addr *mw_request_peer(const mw_request *r) { return r->client; }

/* always MW_ANSWERED; lends text; type is r->res.type */
mw_verdict mw_answer(mw_request *r, int status, mw_str text);
/* the same, of any source */
mw_verdict mw_answer_source(mw_request *r, int status, mw_source *body, int64_t length);
/* MW_REROUTE (error_page) or MW_ANSWERED (built-in page) */
mw_verdict mw_refuse(mw_request *r, int status);
mw_verdict mw_deny(mw_request *r, int status);                  /* always MW_DENY; 401, 403 or 407 */
mw_verdict mw_relocate(mw_request *r);                          /* find the location of r->uri again */
mw_verdict mw_redirect(mw_request *r, mw_str uri, mw_str args); /* from server_rewrite, internal */
mw_verdict mw_named(mw_request *r, mw_str name);                /* "@x": URI and method stay */
                                /* all three: MW_REROUTE or, after ten, what mw_refuse(r, 500) says */
mw_verdict mw_hop(mw_request *r, uint8_t *hops, const mw_place *place, mw_phase phase);    /* what the three above do */
/* 301 ... with Location, made absolute as configured */
mw_verdict mw_moved(mw_request *r, int status, mw_str location);
/* for heads that make another body of it: the length is not known, there are no ranges, a strong tag becomes weak */
void       mw_head_reshaped(mw_request *r);
/* forgets what an answer had set: before an error page */
void       mw_head_clear(mw_request *r);

#endif
