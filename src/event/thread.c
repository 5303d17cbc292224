/* thread.c - the pool of threads: jobs go in under a lock, come back over an eventfd.
 *
 * A job belongs to the loop's thread until it is queued, to a pool's thread while it runs, and to the loop
 * again once it lies among the done.  Blocks and counts are touched by the loop's thread alone: a running
 * thread sees a descriptor, an offset and bytes to fill.  A cancelled op takes its job out of the queue,
 * or leaves it to end unheard.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/must.h"

/* ALIGN: what O_DIRECT may ask for, of memory, offset and size */
enum { STACK = 128 * 1024, ALIGN = 4096 };

typedef struct job {
    mw_list     link;       /* in waiting or done */
    mw_threads *pool;
    mw_pread   *asker;      /* NULL: nobody listens any more; only the loop's thread looks at it */
    mw_file    *file;
    mw_block   *block;
    char       *bounce;     /* aligned memory's allocation, for O_DIRECT; NULL: straight into the block */
    int         fd;
    uint64_t    from;
    uint32_t    size;
    size_t      got;
    int         err;
    bool        begun;      /* under the lock: a thread has it */
    void      (*run)(void *);       /* of a call; NULL: a read */
    void      (*drop)(void *);
    void       *data;
    mw_call    *caller;     /* NULL: nobody listens any more */
} job;

struct mw_threads {
    mw_grave        grave;
    mw_watch        heard;          /* the eventfd */
    mw_loop        *loop;
    pthread_mutex_t lock;           /* guards all below */
    pthread_cond_t  more;
    mw_list         waiting, done;
    unsigned        n_waiting, most_waiting;
    unsigned        idle, started, most;
    bool            ending;
    pthread_t       threads[];
};

static int read_fully(int fd, char *to, size_t size, uint64_t from, size_t *got)
{
    *got = 0;
    while (*got < size) {
        ssize_t n = pread(fd, &to[*got], size - *got, (off_t)(from + *got));

        if (n == 0)
            break;
        if (n > 0)
            *got += (size_t)n;
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}

/* O_DIRECT: whole aligned pieces into aligned memory, then the wanted part of them. */
static void run_direct(job *j)
{
    size_t   pad  = (ALIGN - (uintptr_t)j->bounce % ALIGN) % ALIGN;
    size_t   skip = (size_t)(j->from % ALIGN);
    size_t   size = (skip + j->size + ALIGN - 1) / ALIGN * ALIGN;
    size_t   got;

    j->err = read_fully(j->fd, &j->bounce[pad], size, j->from - skip, &got);
    if (j->err == EINVAL && got > skip)
        /* the odd end of the file was read; what follows it is not aligned */
        j->err = 0;
    if (j->err != 0 || got <= skip)
        return;
    j->got = got - skip < j->size ? got - skip : j->size;
    memcpy(j->block->data, &j->bounce[pad + skip], j->got);
}

static void run(job *j)
{
    if (j->run != NULL)
        j->run(j->data);
    else if (j->bounce != NULL)
        run_direct(j);
    else
        j->err = read_fully(j->fd, j->block->data, j->size, j->from, &j->got);
}

static void tell_loop(int fd)
{
    uint64_t one = 1;

    while (write(fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static void *work(void *pool)
{
    mw_threads *t = pool;

    pthread_mutex_lock(&t->lock);
    for (;;) {
        job *j;

        while (mw_list_empty(&t->waiting) && !t->ending) {
            t->idle++;
            pthread_cond_wait(&t->more, &t->lock);
            t->idle--;
        }
        if (t->ending)
            break;
        j = MW_OWNER(t->waiting.next, job, link);
        mw_list_drop(&j->link);
        t->n_waiting--;
        j->begun = true;
        pthread_mutex_unlock(&t->lock);

        run(j);

        pthread_mutex_lock(&t->lock);
        mw_list_add(&t->done, &j->link);
        if (t->done.next == &j->link)           /* the first since the loop looked */
            tell_loop(t->heard.fd);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

static void job_free(job *j)
{
    mw_file_done(j->file);
    mw_block_done(j->block);
    mw_free(j->bounce);
    if (j->data != NULL)
        j->drop(j->data);
    mw_free(j);
}

static void call_answer(job *j, int err)
{
    mw_call *c = j->caller;

    c->job = NULL;
    c->data = j->data;
    j->data = NULL;
    mw_op_finish(&c->op, err == 0 ? MW_OK : MW_ERR);
}

static void job_answer(job *j, int err)
{
    mw_pread *p = j->asker;

    if (j->caller != NULL)
        call_answer(j, err);

    if (p != NULL) {
        p->job = NULL;
        p->err = err;
        p->got = err == 0 ? j->got : 0;
        if (err == 0) {
            p->block = j->block;
            j->block = NULL;
        }
        mw_op_finish(&p->op, err == 0 ? MW_OK : MW_ERR);
    }
    job_free(j);
}

static void answer_done(mw_threads *t)
{
    mw_list done;

    mw_list_init(&done);
    pthread_mutex_lock(&t->lock);
    MW_LIST_EACH(node, &t->done) {
        mw_list_drop(node);
        mw_list_add(&done, node);
    }
    pthread_mutex_unlock(&t->lock);
    MW_LIST_EACH(node, &done) {
        job *j = MW_OWNER(node, job, link);

        mw_list_drop(node);
        job_answer(j, j->err);
    }
}

static void heard(mw_watch *w, unsigned ready)
{
    uint64_t count;

    (void)ready;
    while (read(w->fd, &count, sizeof count) < 0 && errno == EINTR)
        ;
    answer_done(MW_OWNER(w, mw_threads, heard));
}

static int hear(mw_threads *t)
{
    int err;

    if (t->heard.fd >= 0)
        return 0;
    t->heard.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (t->heard.fd < 0)
        return errno;
    if (mw_loop_watch(t->loop, &t->heard, false) == MW_OK)
        return 0;
    err = errno;
    close(t->heard.fd);
    t->heard.fd = -1;
    return err;
}

/* One more thread; signals are the loop's business. */
static int start(mw_threads *t)
{
    pthread_attr_t attr;
    sigset_t       all, before;
    int            err = pthread_attr_init(&attr);

    if (err != 0)
        return err;
    (void)pthread_attr_setstacksize(&attr, STACK);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    err = pthread_create(&t->threads[t->started], &attr, work, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (err == 0)
        t->started++;
    return err;
}

/* 0: it is queued; otherwise an errno, and the job is still the caller's. */
static int hand_over(mw_threads *t, job *j)
{
    int err = 0;

    pthread_mutex_lock(&t->lock);
    if (t->n_waiting >= t->most_waiting)
        err = EAGAIN;
    else if (t->n_waiting >= t->idle && t->started < t->most && start(t) != 0 && t->started == 0)
        err = EAGAIN;
    if (err == 0) {
        mw_list_add(&t->waiting, &j->link);
        t->n_waiting++;
        pthread_cond_signal(&t->more);
    }
    pthread_mutex_unlock(&t->lock);
    return err;
}

/* Nobody waits for it any more. */
static void forget(job *j)
{
    mw_threads *t = j->pool;
    bool        begun;

    j->asker = NULL;
    j->caller = NULL;
    pthread_mutex_lock(&t->lock);
    begun = j->begun;
    if (!begun) {
        mw_list_drop(&j->link);
        t->n_waiting--;
    }
    pthread_mutex_unlock(&t->lock);
    if (!begun)
        job_free(j);
}

static void stop_pread(mw_op *op)
{
    mw_pread *p = MW_OWNER(op, mw_pread, op);
    job      *j = p->job;

    p->job = NULL;
    forget(j);
}

static void stop_call(mw_op *op)
{
    mw_call *c = MW_OWNER(op, mw_call, op);
    job     *j = c->job;

    c->job = NULL;
    forget(j);
}

static job *job_new(mw_threads *t, mw_pread *p, mw_file *f, uint64_t from, uint32_t size)
{
    job *j = mw_alloc(sizeof *j);

    mw_list_init(&j->link);
    j->pool = t;
    j->asker = p;
    j->fd = f->fd;
    j->from = from;
    j->size = size;
    j->file = mw_file_hold(f);
    j->block = mw_block_try(size);
    if (f->direct)
        j->bounce = mw_alloc_try((size_t)size + 4 * (size_t)ALIGN);
    if (j->block != NULL && (!f->direct || j->bounce != NULL))
        return j;
    job_free(j);
    return NULL;
}

static void bury(mw_grave *g)
{
    mw_threads *t = MW_OWNER(g, mw_threads, grave);

    pthread_cond_destroy(&t->more);
    pthread_mutex_destroy(&t->lock);
    mw_free(t);
}

static mw_rc refuse(mw_pread *p, int err)
{
    p->err = err;
    p->op.state = MW_OP_FINISHED;
    p->op.rc = MW_ERR;
    return MW_ERR;
}

mw_threads *mw_threads_new(mw_loop *l, unsigned threads, unsigned most_waiting)
{
    mw_threads *t = mw_alloc(sizeof *t + threads * sizeof t->threads[0]);

    t->loop = l;
    t->heard = (mw_watch){ .fd = -1, .event = heard };
    t->most = threads;
    t->most_waiting = most_waiting;
    mw_list_init(&t->waiting);
    mw_list_init(&t->done);
    MW_MUST(threads > 0);
    MW_MUST(pthread_mutex_init(&t->lock, NULL) == 0);
    MW_MUST(pthread_cond_init(&t->more, NULL) == 0);
    return t;
}

void mw_threads_free(mw_threads *t)
{
    if (t == NULL)
        return;
    pthread_mutex_lock(&t->lock);
    t->ending = true;
    pthread_cond_broadcast(&t->more);
    pthread_mutex_unlock(&t->lock);
    for (unsigned i = 0; i < t->started; i++)
        pthread_join(t->threads[i], NULL);
    answer_done(t);
    MW_LIST_EACH(node, &t->waiting) {
        mw_list_drop(node);
        job_answer(MW_OWNER(node, job, link), ECANCELED);
    }
    if (t->heard.fd >= 0) {
        mw_loop_unwatch(t->loop, &t->heard, true);
        close(t->heard.fd);
    }
    t->grave.bury = bury;
    mw_loop_bury(t->loop, &t->grave);
}

mw_rc mw_thread_pread(mw_asker *who, mw_pread *p, mw_threads *t, mw_file *f, uint64_t from, uint32_t size)
{
    job *j;
    int  err;

    if (p->op.state == MW_OP_PENDING)
        return MW_AGAIN;
    if (p->op.state == MW_OP_FINISHED)
        return (mw_rc)p->op.rc;

    err = hear(t);
    if (err != 0)
        return refuse(p, err);
    j = job_new(t, p, f, from, size);
    if (j == NULL)
        return refuse(p, ENOMEM);
    err = hand_over(t, j);
    if (err != 0) {
        job_free(j);
        return refuse(p, err);
    }
    p->job = j;
    mw_op_begin(&p->op, who, stop_pread);
    return MW_AGAIN;
}

mw_threads *mw_threads_named(const mw_named_threads *pools, mw_str name)
{
    for (size_t i = 0; pools != NULL && pools[i].threads != NULL; i++)
        if (mw_str_eq(pools[i].name, name))
            return pools[i].threads;
    return NULL;
}

mw_rc mw_thread_call(mw_asker *who, mw_call *c, mw_threads *t, void (*work_on)(void *), void (*drop)(void *),
                     void *data)
{
    job *j;

    if (c->op.state == MW_OP_PENDING)
        return MW_AGAIN;
    if (c->op.state == MW_OP_FINISHED)
        return (mw_rc)c->op.rc;
    c->data = data;
    if (hear(t) != 0)
        return mw_op_answer(&c->op, MW_ERR);
    j = mw_alloc(sizeof *j);
    mw_list_init(&j->link);
    j->pool = t;
    j->run = work_on;
    j->drop = drop;
    j->data = data;
    j->caller = c;
    if (hand_over(t, j) != 0) {
        j->data = NULL;
        job_free(j);
        return mw_op_answer(&c->op, MW_ERR);
    }
    c->job = j;
    mw_op_begin(&c->op, who, stop_call);
    return MW_AGAIN;
}
