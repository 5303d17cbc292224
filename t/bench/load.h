/* load.h - the parts of the load generator: what was asked for, one response after another, and the count of them
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_BENCH_LOAD_H
#define MW_BENCH_LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PIDS_MAX = 64, LINE_MAX_BYTES = 4096 };

typedef struct options {
    unsigned           visitors;       /* connections at a time */
    unsigned           depth;          /* requests in one send */
    unsigned           status;         /* that every response must have */
    uint64_t           requests;       /* after which to end; 0: by time */
    double             seconds;        /* of the count, after the warm-up */
    double             warm_up;
    double             rate;           /* requests/s of the open loop; 0: closed loop */
    bool               close_each;     /* a new connection for each request */
    bool               idle;           /* one request a connection, then hold it until stdin ends */
    bool               tls;
    bool               resume;         /* the TLS session that a connection before left; a full handshake is an error */
    uint32_t           source;         /* first address to connect from; 0: any */
    uint32_t           sources;        /* how many addresses */
    struct sockaddr_in peer;
    char              *request;        /* depth requests, one after another */
    size_t             request_length;
    pid_t              pids[PIDS_MAX]; /* of the server: whose CPU time is counted */
    unsigned           pid_count;
} options;

/* Where a reader stands in the bytes of a response. */
typedef enum phase {
    PHASE_STATUS,
    PHASE_FIELDS,
    PHASE_BODY,
    PHASE_TO_END,       /* of the connection */
    PHASE_CHUNK_SIZE,
    PHASE_CHUNK_DATA,
    PHASE_CHUNK_END,
    PHASE_TRAILERS,
} phase;

/* Reads responses, one after another, from pieces of any size. */
typedef struct reader {
    phase    phase;
    unsigned status;
    bool     chunked;
    bool     has_length;
    bool     closes;            /* the response says that the connection ends with it */
    uint64_t left;              /* of the body or of the chunk */
    uint64_t body_bytes;        /* of this response */
    char    *line;              /* the beginning of a line whose end has not come */
    size_t   held;
} reader;

typedef enum took { TOOK_PART, TOOK_RESPONSE, TOOK_NONSENSE } took;

/* Takes from *at up to size bytes, at most until a response is whole; *at moves.  Keeps nothing of bytes. */
took reader_take(reader *r, const char *bytes, size_t *at, size_t size);

/* The connection has ended: true when that completes a response. */
bool reader_end(const reader *r);

/* Makes it ready for the next response; its line buffer stays. */
void reader_begin(reader *r);

/* Numbers of a run: how many, how fast, how late. */
typedef struct count {
    uint64_t  responses;
    uint64_t  body_bytes;
    uint64_t  errors;           /* wrong statuses, nonsense, connections lost with a request */
    unsigned  wrong_status;     /* the first one */
    uint64_t  began_ns;
    uint64_t  ended_ns;
    uint64_t  cpu_ns;           /* of the server's processes at began_ns, then the difference */
    uint32_t *buckets;          /* of latencies, about 1 % wide */
} count;

uint64_t now_ns(void);
void count_begin(count *c, const options *o);
void count_latency(count *c, uint64_t ns);
void count_finish(count *c, const options *o);
void count_print(const count *c);

#endif
