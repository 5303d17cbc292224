/* resolver.c - questions, shared by all who ask the same, and the answers remembered.
 *
 * A question has one part per type asked for: A and AAAA, or SRV.  Both go to one server; whoever does not
 * answer within five seconds is followed by the next.  As with nginx, the failure of either part is the
 * question's, and where no part has an address, the alias of the reply that came last is asked for.  A
 * reply must come from a server that was asked, with the part's random number, name and type.  What failed
 * is not remembered.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/resolver.h"

#include "core/alloc.h"
#include "core/hash.h"
#include "core/must.h"
#include "core/random.h"
#include "event/dns.h"
#include "event/index.h"
#include "event/nameserver.h"

enum {
    AGAIN_MS = 5000,
    QUESTIONS = 4096,           /* known and asked together; the least lately used known one gives way */
    TIMED_OUT = 110             /* nginx's number for it, on every system: what Linux calls ETIMEDOUT */
};

typedef struct part {
    mw_node          node;      /* in resolver.pending, by id, while it waits for a reply */
    struct question *of;
    uint16_t         id, type;
    bool             pending;
    unsigned         server;    /* whom it was sent to last */
    uint64_t         asked;     /* all those, a bit each */
    unsigned         n;
    mw_addr         *addrs;
    mw_dns_service  *services;
} part;

typedef struct question {
    mw_node      node;          /* in resolver.questions, by name */
    mw_list      recent;        /* in resolver.known, once it is answered */
    mw_resolver *resolver;
    mw_list      waiting;       /* mw_resolve.waiting, in the order of their coming */
    mw_timer     again, late;
    part         parts[2];
    unsigned     n_parts, n_pending;
    bool         service, known;
    mw_dns_name  name;          /* as it was asked for */
    mw_dns_name  asked;         /* the same, or its alias */
    mw_dns_name  alias;         /* of the reply that came last; of length 0: it had none */
    unsigned     links, server;
    uint32_t     ttl;           /* the least so far */
    uint64_t     until;         /* ms: how long it is known */
} question;

struct mw_resolver {
    mw_grave       grave;
    mw_loop       *loop;
    const mw_resolver_conf *conf;
    mw_index       questions, pending;
    mw_list        known;       /* question.recent, longest unused first */
    unsigned       next;        /* server, for the next question */
    mw_nameserver  servers[];
};

static const char *why_of(int code)
{
    static const char *const texts[] = {
        "", "Format error", "Server failure", "Host not found", "Unimplemented", "Operation refused"
    };

    if (code == TIMED_OUT)
        return "Operation timed out";
    return code > 0 && code < (int)(sizeof texts / sizeof *texts) ? texts[code] : "Unknown error";
}

/* -- the life of a question -- */

static void part_done(part *p)
{
    if (!p->pending)
        return;
    mw_index_cut(&p->of->resolver->pending, &p->node);
    p->pending = false;
    p->of->n_pending--;
}

static void part_clear(part *p)
{
    part_done(p);
    mw_free(p->addrs);
    mw_free(p->services);
    p->addrs = NULL;
    p->services = NULL;
    p->n = 0;
    p->asked = 0;
}

static void question_drop(question *q)
{
    mw_resolver *r = q->resolver;

    MW_MUST(mw_list_empty(&q->waiting));
    for (unsigned i = 0; i < q->n_parts; i++)
        part_clear(&q->parts[i]);
    mw_timer_stop(r->loop, &q->again);
    mw_timer_stop(r->loop, &q->late);
    mw_list_drop(&q->recent);
    mw_index_cut(&r->questions, &q->node);
    mw_free(q);
}

static question *question_find(const mw_resolver *r, const mw_dns_name *name, bool service)
{
    mw_node *node = mw_index_first(&r->questions, mw_hash(mw_dns_name_str(name)));

    for (; node != NULL; node = mw_index_next(node)) {
        question *q = MW_NODE_OWNER(node, question, node);

        if (q->service == service && mw_dns_same_name(&q->name, name))
            return q;
    }
    return NULL;
}

/* -- its answer -- */

static mw_addr *copy_addrs(const question *q, mw_resolve *w)
{
    mw_addr *to    = MW_NEWS(w->arena, mw_addr, w->n);
    size_t   first = mw_random_below(w->n), at = 0;

    for (unsigned i = 0; i < q->n_parts; i++) {
        for (unsigned k = 0; k < q->parts[i].n; k++, at++) {
            mw_addr *a = &to[(first + at) % w->n];

            *a = q->parts[i].addrs[k];
            a->port = w->port;
        }
    }
    return to;
}

static mw_service *copy_services(const part *p, mw_resolve *w)
{
    mw_service *to = MW_NEWS(w->arena, mw_service, w->n);

    for (unsigned i = 0; i < w->n; i++) {
        const mw_dns_service *s = &p->services[i];

        to[i] = (mw_service){ .host = mw_arena_copy(w->arena, mw_dns_name_str(&s->host)), .port = s->port,
                              .priority = s->priority, .weight = s->weight };
    }
    return to;
}

static void fill(const question *q, mw_resolve *w)
{
    uint64_t now = mw_loop_now(q->resolver->loop);

    w->n = 0;
    for (unsigned i = 0; i < q->n_parts; i++)
        w->n += q->parts[i].n;
    w->ttl = q->until > now ? (uint32_t)((q->until - now + 999) / 1000) : 0;
    if (q->service)
        w->services = copy_services(&q->parts[0], w);
    else
        w->addrs = copy_addrs(q, w);
}

static void fill_failure(mw_resolve *w, int code)
{
    w->code = code;
    w->why = why_of(code);
}

static mw_resolve *leave(mw_list *node)
{
    mw_resolve *w = MW_OWNER(node, mw_resolve, waiting);

    mw_list_drop(node);
    w->query = NULL;
    return w;
}

static void fail(question *q, int code)
{
    MW_LIST_EACH(node, &q->waiting) {
        mw_resolve *w = leave(node);

        fill_failure(w, code);
        mw_op_finish(&w->op, MW_ERR);
    }
    question_drop(q);
}

static void answer(question *q)
{
    mw_resolver *r     = q->resolver;
    uint64_t     valid = r->conf->valid_ms > 0 ? r->conf->valid_ms : (uint64_t)q->ttl * 1000;

    q->known = true;
    q->until = mw_loop_now(r->loop) + valid;
    mw_timer_stop(r->loop, &q->again);
    mw_timer_stop(r->loop, &q->late);
    mw_list_add(&r->known, &q->recent);
    MW_LIST_EACH(node, &q->waiting) {
        mw_resolve *w = leave(node);

        fill(q, w);
        mw_op_finish(&w->op, MW_OK);
    }
    if (valid == 0)
        question_drop(q);
}

/* -- asking -- */

static uint64_t bit_of(unsigned server) { return UINT64_C(1) << server % 64; }

static void part_send(part *p, unsigned server, bool tcp)
{
    question *q = p->of;
    char      room[MW_DNS_ASK_MOST];
    mw_out    o = mw_out_on(room, sizeof room);

    MW_MUST(mw_dns_ask(&o, p->id, &q->asked, p->type));
    p->server = server;
    p->asked |= bit_of(server);
    mw_nameserver_send(&q->resolver->servers[server], mw_out_done(&o), tcp);
}

static void ask_again_later(question *q)
{
    mw_timer_set(q->resolver->loop, &q->again, mw_loop_now(q->resolver->loop) + AGAIN_MS);
}

/* All parts, from the beginning. */
static void ask(question *q)
{
    mw_resolver *r = q->resolver;

    for (unsigned i = 0; i < q->n_parts; i++) {
        part *p = &q->parts[i];

        part_clear(p);
        mw_random_bytes(&p->id, sizeof p->id);
        p->pending = true;
        q->n_pending++;
        mw_index_add(&r->pending, &p->node, p->id);
    }
    for (unsigned i = 0; i < q->n_parts; i++)
        part_send(&q->parts[i], q->server, false);
    ask_again_later(q);
}

static void again(void *owner)
{
    question *q = owner;

    q->server = (q->server + 1) % q->resolver->conf->n;
    for (unsigned i = 0; i < q->n_parts; i++)
        if (q->parts[i].pending)
            part_send(&q->parts[i], q->server, false);
    ask_again_later(q);
}

/* The server is of no use for this question: if there is one that was not asked yet, it is asked at once;
 * otherwise all have their next try when it is time. */
static void ask_next(part *p)
{
    unsigned n = p->of->resolver->conf->n;

    for (unsigned i = 1; i < n; i++) {
        unsigned next = (p->server + i) % n;

        if ((p->asked & bit_of(next)) == 0) {
            part_send(p, next, false);
            return;
        }
    }
}

static void late(void *owner)
{
    question    *q   = owner;
    mw_resolver *r   = q->resolver;
    uint64_t     now = mw_loop_now(r->loop);

    MW_LIST_EACH(node, &q->waiting) {
        mw_resolve *w = MW_OWNER(node, mw_resolve, waiting);

        if (w->due > now) {
            mw_timer_set(r->loop, &q->late, w->due);
            return;
        }
        (void)leave(node);
        fill_failure(w, TIMED_OUT);
        mw_op_finish(&w->op, MW_ERR);
    }
    question_drop(q);
}

/* -- hearing -- */

static void all_replied(question *q)
{
    if (q->parts[0].n + (q->n_parts > 1 ? q->parts[1].n : 0) > 0) {
        answer(q);
    } else if (q->alias.len > 0 && q->links <= MW_DNS_LINKS) {
        q->asked = q->alias;
        ask(q);
    } else
        fail(q, MW_DNS_NO_NAME);
}

static void take_rows(part *p, mw_str packet, const mw_dns_reply *reply)
{
    p->n = reply->n;
    if (reply->n > 0 && reply->type == MW_DNS_SRV)
        p->services = mw_alloc(reply->n * sizeof *p->services);
    else if (reply->n > 0)
        p->addrs = mw_alloc(reply->n * sizeof *p->addrs);
    for (unsigned i = 0; i < reply->n; i++) {
        if (reply->type == MW_DNS_SRV)
            mw_dns_service_of(packet, reply, i, &p->services[i]);
        else
            mw_dns_ip(packet, reply, i, &p->addrs[i]);
    }
}

static void take_reply(part *p, mw_str packet, const mw_dns_reply *reply)
{
    question *q = p->of;

    take_rows(p, packet, reply);
    if (reply->ttl < q->ttl)
        q->ttl = reply->ttl;
    q->links += reply->links;
    q->alias.len = 0;
    if (reply->links > 0 && reply->n == 0)
        q->alias = reply->alias;
    part_done(p);
    if (q->n_pending == 0)
        all_replied(q);
}

static part *part_find(const mw_resolver *r, const mw_nameserver *s, const mw_dns_reply *reply)
{
    mw_node *node = mw_index_first(&r->pending, reply->id);

    for (; node != NULL; node = mw_index_next(node)) {
        part *p = MW_NODE_OWNER(node, part, node);

        if ((p->asked & bit_of(s->number)) == 0)
            continue;
        if (!reply->has_question ||
            (reply->type == p->type && mw_dns_same_name(&reply->name, &p->of->asked)))
            return p;
    }
    return NULL;
}

static void heard(mw_nameserver *s, mw_str packet, bool tcp)
{
    mw_resolver *r = s->owner;
    mw_dns_reply reply;
    part        *p;

    if (!mw_dns_read(packet, &reply)) {
        MW_LOG(&s->log, MW_LOG_ERROR, 0, "malformed DNS response of %zu bytes", packet.len);
        return;
    }
    p = part_find(r, s, &reply);
    if (p == NULL) {
        MW_LOG(&s->log, MW_LOG_INFO, 0, "unexpected DNS response for %.*s",
               MW_S(mw_dns_name_str(&reply.name)));
        return;
    }
    switch (reply.code) {
    case MW_DNS_FINE:
        if (reply.truncated && !tcp)
            part_send(p, s->number, true);
        else if (reply.truncated)
            MW_LOG(&s->log, MW_LOG_ERROR, 0, "truncated DNS response over TCP");
        else
            take_reply(p, packet, &reply);
        break;
    case MW_DNS_FAILURE:
    case MW_DNS_NO_NAME:
    case MW_DNS_UNIMPLEMENTED:
    case MW_DNS_REFUSED:
        fail(p->of, reply.code);
        break;
    default:
        MW_LOG(&s->log, MW_LOG_ERROR, 0, "DNS error (%d: %s), query id:%u, name:\"%.*s\"", reply.code,
               why_of(reply.code), (unsigned)reply.id, MW_S(mw_dns_name_str(&p->of->asked)));
        ask_next(p);
    }
}

/* What it was asked is asked elsewhere, as far as there is somebody who was not asked yet. */
static void deaf(mw_nameserver *s)
{
    mw_resolver *r = s->owner;

    for (size_t i = 0; i < r->pending.room; i++) {
        for (mw_node *node = r->pending.slots[i]; node != NULL; node = node->next) {
            part *p = MW_NODE_OWNER(node, part, node);

            if (p->server == s->number)
                ask_next(p);
        }
    }
}

/* -- who asks -- */

static bool have_room(mw_resolver *r)
{
    if (r->questions.n < QUESTIONS)
        return true;
    if (mw_list_empty(&r->known))
        return false;
    question_drop(MW_OWNER(r->known.next, question, recent));
    return true;
}

static void add_part(question *q, uint16_t type)
{
    q->parts[q->n_parts++] = (part){ .of = q, .type = type };
}

static question *question_new(mw_resolver *r, const mw_dns_name *name, bool service)
{
    question *q = mw_alloc(sizeof *q);

    q->resolver = r;
    q->service = service;
    q->name = q->asked = *name;
    q->server = r->next;
    q->ttl = UINT32_MAX;
    r->next = (r->next + 1) % r->conf->n;
    mw_list_init(&q->waiting);
    mw_list_init(&q->recent);
    mw_timer_init(&q->again, again, q);
    mw_timer_init(&q->late, late, q);
    if (service) {
        add_part(q, MW_DNS_SRV);
    } else {
        if (r->conf->ipv4)
            add_part(q, MW_DNS_A);
        if (r->conf->ipv6)
            add_part(q, MW_DNS_AAAA);
    }
    mw_index_add(&r->questions, &q->node, mw_hash(mw_dns_name_str(name)));
    return q;
}

static mw_rc answer_now(mw_resolve *w, mw_rc rc)
{
    w->op.state = MW_OP_FINISHED;
    w->op.rc = (uint8_t)rc;
    return rc;
}

static mw_rc fail_now(mw_resolve *w, int code)
{
    fill_failure(w, code);
    return answer_now(w, MW_ERR);
}

/* The question goes on without it: its answer will be known to the next. */
static void stop(mw_op *op)
{
    (void)leave(&MW_OWNER(op, mw_resolve, op)->waiting);
}

static mw_rc resolve(mw_asker *who, mw_resolve *w, mw_resolver *r, mw_str text, bool service)
{
    mw_dns_name name;
    question   *q;
    uint64_t    now = mw_loop_now(r->loop);

    if (!mw_dns_name_of(&name, text))
        return fail_now(w, MW_DNS_NO_NAME);
    q = question_find(r, &name, service);
    if (q != NULL && q->known && q->until <= now) {
        question_drop(q);
        q = NULL;
    }
    if (q != NULL && q->known) {
        mw_list_drop(&q->recent);
        mw_list_add(&r->known, &q->recent);
        fill(q, w);
        return answer_now(w, MW_OK);
    }
    if (q == NULL) {
        if (r->conf->n == 0 || !have_room(r))
            return fail_now(w, MW_DNS_FAILURE);
        q = question_new(r, &name, service);
        ask(q);
    }
    w->due = now + r->conf->timeout_ms;
    w->query = q;
    mw_list_add(&q->waiting, &w->waiting);
    if (q->waiting.next == &w->waiting)
        mw_timer_set(r->loop, &q->late, w->due);
    mw_op_begin(&w->op, who, stop);
    return MW_AGAIN;
}

/* -- the resolver -- */

static void bury(mw_grave *g) { mw_free(MW_OWNER(g, mw_resolver, grave)); }

mw_resolver *mw_resolver_new(mw_loop *l, const mw_resolver_conf *conf, mw_log *log)
{
    mw_resolver *r = mw_alloc(sizeof *r + conf->n * sizeof r->servers[0]);

    r->loop = l;
    r->conf = conf;
    mw_list_init(&r->known);
    for (unsigned i = 0; i < conf->n; i++) {
        mw_nameserver_init(&r->servers[i], l, &conf->servers[i], log);
        r->servers[i].heard = heard;
        r->servers[i].deaf = deaf;
        r->servers[i].owner = r;
        r->servers[i].number = i;
    }
    return r;
}

void mw_resolver_free(mw_resolver *r)
{
    if (r == NULL)
        return;
    for (unsigned i = 0; i < r->conf->n; i++)
        mw_nameserver_close(&r->servers[i]);
    for (size_t i = 0; i < r->questions.room; i++)
        while (r->questions.slots[i] != NULL)
            question_drop(MW_NODE_OWNER(r->questions.slots[i], question, node));
    mw_index_free(&r->questions);
    mw_index_free(&r->pending);
    r->grave.bury = bury;
    mw_loop_bury(r->loop, &r->grave);
}

mw_rc mw_resolve_name(mw_asker *who, mw_resolve *w, mw_resolver *r, mw_str name, uint16_t port)
{
    mw_addr literal;

    if (w->op.state == MW_OP_PENDING)
        return MW_AGAIN;
    if (w->op.state == MW_OP_FINISHED)
        return (mw_rc)w->op.rc;
    w->port = port;
    if (!mw_addr_ip(name, &literal))
        return resolve(who, w, r, name, false);
    w->addrs = MW_NEW(w->arena, mw_addr);
    *w->addrs = literal;
    w->addrs->port = port;
    w->n = 1;
    w->ttl = UINT32_MAX;
    return answer_now(w, MW_OK);
}

mw_rc mw_resolve_service(mw_asker *who, mw_resolve *w, mw_resolver *r, mw_str name)
{
    if (w->op.state == MW_OP_PENDING)
        return MW_AGAIN;
    if (w->op.state == MW_OP_FINISHED)
        return (mw_rc)w->op.rc;
    return resolve(who, w, r, name, true);
}
