/* SPDX-License-Identifier: EUPL-1.2 */
#include "proc/outside_start.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/say.h"
#include "base/time.h"
#include "proc/outside_process.h"
#include "proc/restart.h"
#include "proc/sandbox.h"

#define RESTART_LEAST_MS 500
#define RESTART_MOST_MS 60000

enum result
outside_start_open(struct outside_start *start, const struct settings *settings)
{
    int pair[2];

    start->wanted = settings->destination_count > 0;
    if (!start->wanted)
        return OK;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                   pair) != 0)
        return E_IO;
    start->core_end = pair[0];
    start->outside_end = pair[1];
    return OK;
}

void
outside_start_close(struct outside_start *start)
{
    file_close(&start->core_end);
    file_close(&start->outside_end);
}

static void
become_outside(const struct outside_start *start,
               const struct settings *settings,
               const struct outside_child *child)
{
    sigset_t none;
    enum result result;

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_NAME, "vigie-outside");
    (void)signal(SIGPIPE, SIG_IGN);
    (void)unsetenv("NOTIFY_SOCKET");
    result = child->drop ? sandbox_become(child->uid, child->gid) : OK;
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (result == OK)
        result = outside_process_run(start->outside_end, settings);
    if (result != OK)
        say_error("outside", "%s", _(result_name(result)));
    _exit(result == OK ? 0 : 2);
}

enum result
outside_start_fork(struct outside_start *start, const struct settings *settings,
                   const struct outside_child *child)
{
    pid_t pid = fork();

    if (pid < 0)
        return E_IO;
    if (pid == 0) {
        for (size_t i = 0; i < child->other_count; i++) {
            if (child->others[i] >= 0)
                (void)close(child->others[i]);
        }
        (void)close(start->core_end);
        become_outside(start, settings, child);
    }
    start->pid = pid;
    start->started_us = time_now_us();
    return OK;
}

void
outside_start_ended(struct outside_start *start, int status, bool ending)
{
    const int64_t lived_us = time_now_us() - start->started_us;

    start->pid = 0;
    if (ending)
        return;
    say_error("run", _("outside ended (%d): it is started again"),
              WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
    start->wait_ms = restart_wait(start->wait_ms, lived_us, RESTART_LEAST_MS,
                                  RESTART_MOST_MS);
}
