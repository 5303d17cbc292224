/* trail.h - the names a path leads through, links included, watched by inotify: who follows a path is told
 * when any of them changes.
 *
 * A trail does not say what is at its end; it says that whatever was found there, after the trail was
 * followed, is still the same as long as changed() was not called.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_EVENT_TRAIL_H
#define MW_EVENT_TRAIL_H

#include "core/log.h"
#include "event/loop.h"

typedef struct mw_trails mw_trails;         /* one inotify instance and the directories that it watches */
typedef struct mw_step mw_step;
typedef struct mw_trail {       /* zeroed: leads nowhere */
    void   (*changed)(struct mw_trail *);   /* from the loop; the trail leads nowhere by then */
    mw_step *steps;
    unsigned n;
} mw_trail;

/* at most so many watches; NULL: errno */
mw_trails *mw_trails_new(mw_loop *l, unsigned most, mw_log *log);
void       mw_trails_free(mw_trails *t);            /* no trail may be left; NULL is fine */
/* path: absolute.  links: the last name may be a symbolic link too, and is looked at; otherwise only the
 * change of the name is.  A trail that leads somewhere is left first.  false: there is something on the
 * way that cannot be watched. */
bool       mw_trail_follow(mw_trails *t, mw_trail *trail, mw_str path, bool links);
/* changed() is not called any more; fine when it leads nowhere */
void       mw_trail_leave(mw_trails *t, mw_trail *trail);
void       mw_trails_look(mw_trails *t);            /* reads what the kernel has to tell, now */
void       mw_trails_forget(mw_trails *t);          /* all trails have changed, all watches go */

#endif
