/* lock.c - a lock between processes that survives the death of its holder.
 *
 * A robust, process-shared mutex of POSIX: the kernel walks the list of locks that a dying thread held, and tells the
 * next one that takes them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/lock.h"

#include <errno.h>

#include "core/must.h"

/* Takes note of a dead holder: the lock is whole again, what it guards may not be. */
static bool taken(mw_lock *l, int err)
{
    if (err == EOWNERDEAD) {
        MW_MUST(pthread_mutex_consistent(&l->mutex) == 0);
        return false;
    }
    MW_MUST(err == 0);
    return true;
}

void mw_lock_init(mw_lock *l)
{
    pthread_mutexattr_t kind;

    MW_MUST(pthread_mutexattr_init(&kind) == 0);
    MW_MUST(pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED) == 0);
    MW_MUST(pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST) == 0);
    /* Taking it twice stops us; it does not hang us. */
    MW_MUST(pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK) == 0);
    MW_MUST(pthread_mutex_init(&l->mutex, &kind) == 0);
    MW_MUST(pthread_mutexattr_destroy(&kind) == 0);
}

bool mw_lock_take(mw_lock *l)
{
    return taken(l, pthread_mutex_lock(&l->mutex));
}

bool mw_lock_try(mw_lock *l, bool *died)
{
    int err = pthread_mutex_trylock(&l->mutex);

    if (err == EBUSY)
        return false;
    *died = !taken(l, err);
    return true;
}

void mw_lock_give(mw_lock *l)
{
    MW_MUST(pthread_mutex_unlock(&l->mutex) == 0);
}
