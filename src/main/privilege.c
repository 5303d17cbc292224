/* privilege.c - what a worker may do less than its master: user, groups, capabilities, limits.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NAME_ROOM = 256 };

static void tell(int rc, const char *name, uint64_t value, mw_log *log)
{
    if (rc != 0)
        MW_LOG(log, MW_LOG_ALERT, errno, "setrlimit(%s, %llu) failed", name, (unsigned long long)value);
}

/* The type of a limit's number differs between C libraries, so it is in no variable of ours. */
void mw_privilege_limits(const mw_main_conf *conf, mw_log *log)
{
    uint64_t nofile = conf->rlimit_nofile.value, core = conf->rlimit_core.value;

    if (conf->priority != 0 && setpriority(PRIO_PROCESS, 0, (int)conf->priority) != 0)
        MW_LOG(log, MW_LOG_ALERT, errno, "setpriority(%d) failed", (int)conf->priority);
    if (conf->rlimit_nofile.written)
        tell(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ nofile, nofile }), "RLIMIT_NOFILE", nofile, log);
    if (conf->rlimit_core.written)
        tell(setrlimit(RLIMIT_CORE, &(struct rlimit){ core, core }), "RLIMIT_CORE", core, log);
}

/* The C library has no call for it. */
static mw_rc keep_net_raw(mw_log *log)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct   data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

    data[0].effective = data[0].permitted = 1u << CAP_NET_RAW;
    if (syscall(SYS_capset, &head, data) == 0)
        return MW_OK;
    MW_LOG(log, MW_LOG_EMERG, errno, "capset() failed");
    return MW_ERR;
}

mw_rc mw_privilege_drop(const mw_user *user, bool net_raw, mw_log *log)
{
    char name[NAME_ROOM] = "";

    if (geteuid() != 0)
        return MW_OK;
    memcpy(name, user->name.at, user->name.len < sizeof name ? user->name.len : sizeof name - 1);
    if (setgid(user->gid) != 0) {
        MW_LOG(log, MW_LOG_EMERG, errno, "setgid(%d) failed", (int)user->gid);
        return MW_ERR;
    }
    if (initgroups(name, user->gid) != 0)
        MW_LOG(log, MW_LOG_EMERG, errno, "initgroups(%s, %d) failed", name, (int)user->gid);
    if (net_raw && user->uid != 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) {
        MW_LOG(log, MW_LOG_EMERG, errno, "prctl(PR_SET_KEEPCAPS, 1) failed");
        return MW_ERR;
    }
    if (setuid(user->uid) != 0) {
        MW_LOG(log, MW_LOG_EMERG, errno, "setuid(%d) failed", (int)user->uid);
        return MW_ERR;
    }
    return net_raw && user->uid != 0 ? keep_net_raw(log) : MW_OK;
}
