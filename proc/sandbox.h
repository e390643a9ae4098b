/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a process gives up once it has opened what it needs: its user, files
 * outside its folders (landlock, where the kernel has it), and every system
 * call that it has no use for: no new socket, no program, no other process.
 */
#ifndef VIGIE_PROC_SANDBOX_H
#define VIGIE_PROC_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/result.h"

#define SANDBOX_FOLDERS_MAX 4

struct sandbox {
    const char *folders[SANDBOX_FOLDERS_MAX]; /* may still be read and written;
                                                 NULL: none */
    const char *const *readable; /* folders that may still be read */
    size_t readable_count;
    /* Starts the threads that the process needs, when files are given up and
     * system calls are not yet: no other can be made. NULL: none. */
    enum result (*start)(void *threads);
    void *threads;
    bool network; /* sockets and threads, as curl wants them */
};

/* Another user for good. E_DENIED. */
enum result sandbox_become(uid_t uid, gid_t gid) MUST_USE;
/* For good, and for all threads. E_DENIED where the kernel refuses
 * what it has. */
enum result sandbox_enter(const struct sandbox *sandbox) MUST_USE;
/* The kernel has landlock. */
bool sandbox_has_landlock(void);

#endif
