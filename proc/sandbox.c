/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The list of system calls is what core makes with its ledger and its peers,
 * as strace shows, and what the C library does by itself. All others give
 * EPERM: a feature then fails where a test sees it.
 */
#include "proc/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "name the architecture for seccomp"
#endif

enum result
sandbox_become(uid_t uid, gid_t gid)
{
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
        setresuid(uid, uid, uid) != 0)
        return E_DENIED;
    return uid == 0 || setuid(0) != 0 ? OK : E_DENIED;
}

static const uint16_t allowed[] = {
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_pwrite64,
    SYS_pwritev,
    SYS_openat,
    SYS_close,
    SYS_fstat,
    SYS_newfstatat,
    SYS_statx,
    SYS_lseek,
    SYS_ftruncate,
    SYS_fallocate,
    SYS_fsync,
    SYS_fdatasync,
    SYS_msync,
    SYS_renameat,
    SYS_renameat2,
    SYS_unlinkat,
    SYS_mkdirat,
    SYS_getdents64,
    SYS_fcntl,
    SYS_flock,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_fstatfs,
    SYS_mmap,
    SYS_munmap,
    SYS_mprotect,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    SYS_futex,
    SYS_epoll_pwait,
    SYS_epoll_ctl,
    SYS_accept4,
    SYS_recvfrom,
    SYS_recvmsg,
    SYS_sendto,
    SYS_sendmsg,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_shutdown,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_getrandom,
    SYS_getpid,
    SYS_gettid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_tgkill,
    SYS_exit,
    SYS_exit_group,
    SYS_ppoll,
    SYS_restart_syscall,
    SYS_sysinfo,
    SYS_uname,
    SYS_fadvise64,
    SYS_sync_file_range,
    SYS_sched_yield,
    SYS_rseq,
    SYS_set_robust_list,
#if defined(__x86_64__)
    SYS_open,
    SYS_stat,
    SYS_lstat,
    SYS_rename,
    SYS_unlink,
    SYS_mkdir,
    SYS_rmdir,
    SYS_access,
    SYS_poll,
    SYS_epoll_wait,
    SYS_time,
#endif
};
#define ALLOWED_COUNT (sizeof(allowed) / sizeof(allowed[0]))

/* What going out takes beside: sockets, and the resolver's threads. */
static const uint16_t network[] = {
    SYS_socket,
    SYS_connect,
    SYS_bind,
    SYS_getsockname,
    SYS_getpeername,
    SYS_socketpair,
    SYS_pipe2,
    SYS_eventfd2,
    SYS_ioctl,
    SYS_clone,
    SYS_clone3,
    SYS_sendmmsg,
    SYS_recvmmsg,
    SYS_readlinkat,
    SYS_prlimit64,
    SYS_pselect6,
    SYS_sched_getaffinity,
    SYS_epoll_create1,
#if defined(__x86_64__)
    SYS_readlink,
    SYS_select,
#endif
};
#define NETWORK_COUNT (sizeof(network) / sizeof(network[0]))

/* Under the sanitizers a process makes calls of theirs. */
#if defined(__SANITIZE_ADDRESS__)
#define WITH_FILTER false
#else
#define WITH_FILTER true
#endif

static enum result
filter_calls(bool with_network)
{
    const size_t count = ALLOWED_COUNT + (with_network ? NETWORK_COUNT : 0);
    struct sock_filter code[ALLOWED_COUNT + NETWORK_COUNT + 8];
    struct sock_fprog program = {.filter = code};
    unsigned short at = 0;

    code[at++] = (struct sock_filter)BPF_STMT(
        BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                              ARCHITECTURE, 1, 0);
    code[at++] =
        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    code[at++] = (struct sock_filter)BPF_STMT(
        BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    /* the numbers of x32 lie above: none of them is in the list */
    for (size_t i = 0; i < count; i++)
        code[at++] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K,
            i < ALLOWED_COUNT ? allowed[i] : network[i - ALLOWED_COUNT],
            (uint8_t)(count - i), 0);
    code[at++] = (struct sock_filter)BPF_STMT(
        BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA));
    code[at++] =
        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program.len = at;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                   SECCOMP_FILTER_FLAG_TSYNC, &program) == 0
               ? OK
               : E_DENIED;
}

#define FILE_RIGHTS                                                   \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |     \
     LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |     \
     LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
     LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |     \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |   \
     LANDLOCK_ACCESS_FS_MAKE_SYM)
#define OWN_RIGHTS                                                  \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | \
     LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
     LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_DIR |  \
     LANDLOCK_ACCESS_FS_MAKE_REG)

static long
landlock_version(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0,
                   LANDLOCK_CREATE_RULESET_VERSION);
}

bool
sandbox_has_landlock(void)
{
    return landlock_version() > 0;
}

static enum result
allow_folder(int rules, const char *folder, uint64_t rights)
{
    struct landlock_path_beneath_attr beneath = {.allowed_access = rights};
    long done;

    beneath.parent_fd = open(folder, O_PATH | O_CLOEXEC);
    if (beneath.parent_fd < 0)
        return E_DENIED;
    done = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
                   &beneath, 0);
    (void)close(beneath.parent_fd);
    return done == 0 ? OK : E_DENIED;
}

static enum result
lock_files(const struct sandbox *sandbox)
{
    struct landlock_ruleset_attr handled = {.handled_access_fs = FILE_RIGHTS};
    enum result result = OK;
    int rules;

    if (!sandbox_has_landlock())
        return OK;
    rules =
        (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
    if (rules < 0)
        return E_DENIED;
    for (size_t i = 0; i < SANDBOX_FOLDERS_MAX && result == OK; i++) {
        if (sandbox->folders[i] != NULL)
            result = allow_folder(rules, sandbox->folders[i], OWN_RIGHTS);
    }
    for (size_t i = 0; i < sandbox->readable_count && result == OK; i++)
        result = allow_folder(rules, sandbox->readable[i],
                              LANDLOCK_ACCESS_FS_READ_FILE |
                                  LANDLOCK_ACCESS_FS_READ_DIR);
    if (result == OK && syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        result = E_DENIED;
    (void)close(rules);
    return result;
}

enum result
sandbox_enter(const struct sandbox *sandbox)
{
    enum result result;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return E_DENIED;
    result = lock_files(sandbox);
    if (result == OK && sandbox->start != NULL)
        result = sandbox->start(sandbox->threads);
    if (result == OK && WITH_FILTER)
        result = filter_calls(sandbox->network);
    return result;
}
