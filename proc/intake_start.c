/* SPDX-License-Identifier: EUPL-1.2 */
#include "proc/intake_start.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/say.h"
#include "base/time.h"
#include "proc/intake_process.h"
#include "proc/restart.h"
#include "proc/sandbox.h"
#include "proc/seqpacket.h"

#define BACKLOG 128
#define RESTART_LEAST_MS 100
#define RESTART_MOST_MS 10000

/* The address was judged when the settings were read. */
static enum result
listen_port(const char *address, uint16_t port, int *ret_fd)
{
    struct sockaddr_in six_less = {.sin_family = AF_INET,
                                   .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                               .sin6_port = htons(port)};
    bool four = inet_pton(AF_INET, address, &six_less.sin_addr) == 1;
    const int on = 1;
    int fd;

    if (!four && inet_pton(AF_INET6, address, &six.sin6_addr) != 1)
        return E_FORMAT;
    fd = socket(four ? AF_INET : AF_INET6,
                SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return E_IO;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd,
             four ? (const struct sockaddr *)&six_less
                  : (const struct sockaddr *)&six,
             four ? sizeof(six_less) : sizeof(six)) != 0 ||
        listen(fd, BACKLOG) != 0) {
        enum result result = errno == EADDRINUSE ? E_EXISTS
                             : errno == EACCES   ? E_DENIED
                                                 : E_IO;

        (void)close(fd);
        return result;
    }
    *ret_fd = fd;
    return OK;
}

static enum result
open_tls(struct intake_start *start, const struct settings_syslog *syslog)
{
    const char *what = "syslog-tls";
    enum result result =
        intake_tls_new(syslog->certificate, syslog->key, syslog->ca,
                       syslog->required, &what, &start->tls_context);

    if (result == OK)
        result = listen_port(syslog->address, syslog->port, &start->tls);
    if (result != OK)
        say_error(what, "%s", _(result_name(result)));
    return result;
}

enum result
intake_start_open(struct intake_start *start, struct settings *settings)
{
    int pair[2];
    enum result result = OK;

    start->wanted = settings->tls.address != NULL ||
                    settings->plain.address != NULL || settings->feed != NULL ||
                    settings->followed_count > 0;
    start->settings = settings;
    if (!start->wanted)
        return OK;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                   pair) != 0)
        return E_IO;
    start->core_end = pair[0];
    start->intake_end = pair[1];
    if (settings->tls.address != NULL)
        result = open_tls(start, &settings->tls);
    if (result == OK && settings->plain.address != NULL) {
        result = listen_port(settings->plain.address, settings->plain.port,
                             &start->plain);
        if (result != OK)
            say_error("syslog-plain", "%s", _(result_name(result)));
    }
    if (result == OK && settings->feed != NULL) {
        result = seqpacket_listen_stream(settings->feed, settings->feed_group,
                                         &start->feed);
        if (result != OK)
            say_error(settings->feed, "%s", _(result_name(result)));
    }
    return result;
}

void
intake_start_close(struct intake_start *start, const struct settings *settings)
{
    if (start->feed >= 0)
        (void)unlink(settings->feed);
    file_close(&start->core_end);
    file_close(&start->intake_end);
    file_close(&start->tls);
    file_close(&start->plain);
    file_close(&start->feed);
    intake_tls_free(start->tls_context);
    start->tls_context = NULL;
}

/* The folder of each followed file: what it is renamed to lies there too. */
static enum result
confine(void *context)
{
    const struct settings *settings = context;
    static char kept[INTAKE_FOLLOWED_MAX][4096];
    const char *readable[INTAKE_FOLLOWED_MAX];
    struct sandbox sandbox = {
        .folders = {settings->intake_folder},
        .readable = readable,
        .readable_count = settings->followed_count,
    };

    for (size_t i = 0; i < settings->followed_count; i++) {
        const char *path = settings->followed[i];
        size_t length = (size_t)(strrchr(path, '/') - path);

        if (length >= sizeof(kept[i]))
            return E_LIMIT;
        memcpy(kept[i], path, length == 0 ? 1 : length);
        readable[i] = kept[i];
    }
    return sandbox_enter(&sandbox);
}

static void
become_intake(const struct intake_start *start,
              const struct intake_child *child)
{
    const struct intake_process process = {
        .core = start->intake_end,
        .tls = start->tls,
        .plain = start->plain,
        .feed = start->feed,
        .tls_context = start->tls_context,
        .folder = start->settings->intake_folder,
        .followed = start->settings->followed,
        .followed_count = start->settings->followed_count,
        .confine = confine,
        .confine_context = start->settings,
    };
    enum result result;

    (void)prctl(PR_SET_NAME, "vigie-intake");
    (void)signal(SIGPIPE, SIG_IGN);
    (void)unsetenv("NOTIFY_SOCKET");
    result = child->drop ? sandbox_become(child->uid, child->gid) : OK;
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (result == OK)
        result = intake_process_run(&process);
    if (result != OK)
        say_error("intake", "%s", _(result_name(result)));
    _exit(result == OK ? 0 : 2);
}

enum result
intake_start_fork(struct intake_start *start, const struct intake_child *child)
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
        become_intake(start, child);
    }
    start->pid = pid;
    start->started_us = time_now_us();
    return OK;
}

void
intake_start_leave(struct intake_start *start)
{
    file_close(&start->intake_end);
    file_close(&start->tls);
    file_close(&start->plain);
    file_close(&start->feed);
    intake_tls_free(start->tls_context);
    start->tls_context = NULL;
}

void
intake_start_ended(struct intake_start *start, int status, bool ending)
{
    int64_t lived_us = time_now_us() - start->started_us;

    start->pid = 0;
    if (ending)
        return;
    say_error("run", _("intake ended (%d): it is started again"),
              WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
    start->wait_ms = restart_wait(start->wait_ms, lived_us, RESTART_LEAST_MS,
                                  RESTART_MOST_MS);
}
