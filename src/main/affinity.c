/* affinity.c - how many processors there are, and which worker runs on which of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/core.h"

#include <sched.h>
#include <unistd.h>

enum { CPUS_MOST = 1024 };

static void add(mw_cpus *set, unsigned i) { set->bits[i / 64] |= (uint64_t)1 << (i % 64); }

unsigned mw_cpus_usable(mw_cpus *set)
{
    cpu_set_t system;
    unsigned  n = 0;

    *set = (mw_cpus){ { 0 } };
    if (sched_getaffinity(0, sizeof system, &system) == 0)
        for (unsigned i = 0; i < CPUS_MOST && i < CPU_SETSIZE; i++)
            if (CPU_ISSET(i, &system)) {
                add(set, i);
                n++;
            }
    if (n == 0) {
        add(set, 0);
        n = 1;
    }
    return n;
}

mw_rc mw_set_workers(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    uint32_t *workers = field;
    uint64_t  number = 0;
    long      online = sysconf(_SC_NPROCESSORS_ONLN);

    (void)d;
    if (mw_str_eq(n->args[0], MW_STR("auto")))
        *workers = online > 0 ? (uint32_t)online : 1;
    else if (mw_str_u64(n->args[0], &number) && number <= CPUS_MOST - 1)
        *workers = (uint32_t)number;
    else
        return mw_bind_error_at(b, n, 0, "\"worker_processes\" directive invalid value");
    if (*workers == 0)
        *workers = 1;
    return MW_OK;
}

/* "0110": binary digits, the last one is processor 0. */
static mw_rc read_mask(mw_bind *b, const mw_node *n, unsigned arg, mw_cpus *mask)
{
    mw_str   text = n->args[arg];
    unsigned at = 0;

    if (text.len > CPUS_MOST)
        return mw_bind_error_at(b, n, arg, "\"worker_cpu_affinity\" supports up to %d CPUs only", CPUS_MOST);
    for (size_t i = text.len; i > 0; i--) {
        char c = mw_str_char(text, i - 1);

        if (c == ' ')
            continue;
        if (c != '0' && c != '1')
            return mw_bind_error_at(b, n, arg, "invalid character \"%c\" in \"worker_cpu_affinity\"", c);
        if (c == '1')
            add(mask, at);
        at++;
    }
    return MW_OK;
}

mw_rc mw_set_affinity(mw_bind *b, const mw_node *n, const mw_directive *d, void *field)
{
    mw_affinity *a = field;
    unsigned     from = 0;

    (void)d;
    a->automatic = mw_str_eq(n->args[0], MW_STR("auto"));
    if (a->automatic && n->nargs > 2)
        return mw_bind_error(b, n, "invalid number of arguments in \"worker_cpu_affinity\" directive");
    from = a->automatic ? 1 : 0;
    a->n = n->nargs - from;
    a->masks = MW_NEWS(b->arena, mw_cpus, a->n > 0 ? a->n : 1);
    for (unsigned i = from; i < n->nargs; i++)
        if (read_mask(b, n, i, &a->masks[i - from]) != MW_OK) return MW_ERR;
    return MW_OK;
}

const mw_cpus *mw_affinity_of(const mw_affinity *a, unsigned number, mw_cpus *room)
{
    mw_cpus usable;
    unsigned n = 0, nth;

    if (!a->automatic)
        return a->n == 0 ? NULL : &a->masks[number < a->n ? number : a->n - 1];
    (void)mw_cpus_usable(&usable);
    for (unsigned i = 0; i < sizeof usable.bits / sizeof *usable.bits; i++) {
        if (a->n > 0)
            usable.bits[i] &= a->masks[0].bits[i];
        n += (unsigned)__builtin_popcountll(usable.bits[i]);
    }
    *room = (mw_cpus){ { 0 } };
    if (n == 0)
        return NULL;
    nth = number % n;
    for (unsigned i = 0; i < CPUS_MOST; i++)
        if (mw_cpus_has(&usable, i) && nth-- == 0) {
            add(room, i);
            break;
        }
    return room;
}
