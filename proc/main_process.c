/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The listening sockets are main's, so that who connects while core starts
 * again waits instead of being refused. HUP: the configuration is read; where
 * it is right core ends cleanly and starts again with it, else nothing
 * changes.
 */
#include "proc/main_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/say.h"
#include "base/time.h"
#include "proc/core_process.h"
#include "proc/intake_start.h"
#include "proc/notify.h"
#include "proc/outside_start.h"
#include "proc/restart.h"
#include "proc/sandbox.h"
#include "proc/seqpacket.h"
#include "proc/settings.h"
#include "proc/told.h"

#define RESTART_LEAST_MS 100
#define RESTART_MOST_MS 10000
#define END_SECONDS 20

struct main_process {
    const char *conf_path;
    struct settings *settings;
    struct told told;
    uid_t uids[OPERATORS_MAX];
    size_t uid_count;
    uid_t run_uid;
    gid_t run_gid;
    bool drop; /* started as root */
    int workers, operators, signals, beats;
    struct intake_start intake;
    struct outside_start outside;
    pid_t core;
    int64_t started_us;
    int wait_ms;
    bool ready, ending;
};

static void
on_wrong(void *context, uint32_t line, const char *directive, const char *what)
{
    const char *path = context;

    if (line == 0)
        say_error(path, "%s: %s", directive, _(what));
    else
        say_error(path, _("line %u: %s: %s"), line, directive, _(what));
}

/* Names → uids; a name that is nobody's is refused. */
static enum result
find_users(struct main_process *self, const struct settings *settings)
{
    self->uid_count = 0;
    for (size_t i = 0; i < settings->operator_count; i++) {
        const struct passwd *user = getpwnam(settings->operators[i].name);

        if (user == NULL) {
            say_error(self->conf_path, _("line %u: no such user: %s"),
                      settings->operators[i].line, settings->operators[i].name);
            return E_FORMAT;
        }
        self->uids[self->uid_count++] = user->pw_uid;
    }
    self->drop = geteuid() == 0 && settings->user != NULL;
    if (self->drop) {
        const struct passwd *user = getpwnam(settings->user);

        if (user == NULL) {
            say_error(self->conf_path, _("no such user: %s"), settings->user);
            return E_FORMAT;
        }
        self->run_uid = user->pw_uid;
        self->run_gid = user->pw_gid;
    }
    return OK;
}

static enum result
load(struct main_process *self)
{
    char path[4096];
    struct settings_teller teller = {path, on_wrong};
    struct settings *settings = NULL;
    struct told told = {0};
    enum result result;

    (void)snprintf(path, sizeof(path), "%s", self->conf_path);
    result = settings_load(self->conf_path, &teller, &settings);
    if (result != OK && result != E_FORMAT)
        say_error(self->conf_path, _("cannot be read: %s"),
                  _(result_name(result)));
    if (result == OK)
        result = find_users(self, settings);
    if (result == OK)
        result = told_load(settings, &told);
    if (result != OK) {
        settings_free(settings);
        return result;
    }
    told_free(&self->told);
    settings_free(self->settings);
    self->settings = settings;
    self->told = told;
    return OK;
}

static enum result
listen_on(const char *path, const char *group, int *ret_fd)
{
    enum result result = seqpacket_listen(path, group, ret_fd);

    if (result == E_EXISTS)
        say_error(path, "%s",
                  _("something is there, or another vigie is running"));
    else if (result != OK)
        say_error(path, "%s", _(result_name(result)));
    return result;
}

/* The folders belong to whom core becomes. */
static enum result
own_folders(const struct main_process *self)
{
    const char *folders[] = {self->settings->data, self->settings->keys,
                             self->settings->intake_folder};

    for (size_t i = 0; i < 3; i++) {
        enum result result;

        if (folders[i] == NULL)
            continue;
        result = file_make_folder(folders[i]);
        if (result == OK && self->drop &&
            chown(folders[i], self->run_uid, self->run_gid) != 0)
            result = E_DENIED;
        if (result != OK) {
            say_error(folders[i], "%s", _(result_name(result)));
            return result;
        }
    }
    return OK;
}

static enum result
confine(void *context, enum result (*start)(void *threads), void *threads)
{
    const struct main_process *self = context;
    struct sandbox sandbox = {
        .folders = {self->settings->data, self->settings->keys},
        .start = start,
        .threads = threads,
    };

    return sandbox_enter(&sandbox);
}

static void
become_core(struct main_process *self, int beat)
{
    struct live_options live = {
        .core = {.data_dir = self->settings->data,
                 .keys_dir = self->settings->keys,
                 .sources = self->told.sources,
                 .told = self->told.load,
                 .detect = self->settings->detect},
        .contain = self->settings->contain,
        .behind_door = self->settings->behind_door,
        .behind_door_count = self->settings->behind_door_count,
    };
    struct core_process process = {
        .workers = self->workers,
        .operators = self->operators,
        .intake = self->intake.core_end,
        .outside = self->outside.core_end,
        .destinations = self->settings->destinations,
        .destination_count = self->settings->destination_count,
        .checkpoint_seconds = self->settings->checkpoint_seconds,
        .parent = beat,
        .live = &live,
        .operator_uids = self->uids,
        .operator_count = self->uid_count,
        .confine = confine,
        .confine_context = self,
    };
    enum result result;

    (void)prctl(PR_SET_NAME, "vigie-core");
    (void)signal(SIGPIPE, SIG_IGN);
    (void)unsetenv("NOTIFY_SOCKET");
    result = self->drop ? sandbox_become(self->run_uid, self->run_gid) : OK;
    /* another user forgets it: after, not before */
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (result == OK)
        result = core_process_run(&process);
    if (result != OK)
        say_error("core", "%s", _(result_name(result)));
    _exit(result == OK ? 0 : 2);
}

static enum result
start_core(struct main_process *self)
{
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return E_IO;
    pid = fork();
    if (pid < 0) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return E_IO;
    }
    if (pid == 0) {
        (void)close(ends[0]);
        (void)close(self->signals);
        intake_start_leave(&self->intake);
        file_close(&self->outside.outside_end);
        become_core(self, ends[1]);
    }
    (void)close(ends[1]);
    self->beats = ends[0];
    self->core = pid;
    self->started_us = time_now_us();
    return OK;
}

static enum result
start_intake(struct main_process *self)
{
    const int others[] = {self->workers,          self->operators,
                          self->signals,          self->beats,
                          self->outside.core_end, self->outside.outside_end};
    const struct intake_child child = {
        .others = others,
        .other_count = sizeof(others) / sizeof(others[0]),
        .drop = self->drop,
        .uid = self->run_uid,
        .gid = self->run_gid,
    };

    self->intake.settings = self->settings; /* a reload brings others */
    return intake_start_fork(&self->intake, &child);
}

static enum result
start_outside(struct main_process *self)
{
    const int others[] = {
        self->workers,    self->operators,       self->signals,
        self->beats,      self->intake.core_end, self->intake.intake_end,
        self->intake.tls, self->intake.plain,    self->intake.feed};
    const struct outside_child child = {
        .others = others,
        .other_count = sizeof(others) / sizeof(others[0]),
        .drop = self->drop,
        .uid = self->run_uid,
        .gid = self->run_gid,
    };

    return outside_start_fork(&self->outside, self->settings, &child);
}

/* A byte a second: what is passed on to the watchdog is core's own life. */
static void
on_beat(struct main_process *self)
{
    char bytes[64];
    ssize_t length = read(self->beats, bytes, sizeof(bytes));

    if (length == 0) {
        (void)close(self->beats);
        self->beats = -1;
    }
    if (length <= 0)
        return;
    notify_say(self->ready ? "WATCHDOG=1" : "READY=1\nWATCHDOG=1");
    if (!self->ready)
        say_error("run", "%s", _("ready"));
    self->ready = true;
}

static void
on_core_end(struct main_process *self, int status)
{
    int64_t lived_us = time_now_us() - self->started_us;

    self->core = 0;
    if (self->beats >= 0)
        (void)close(self->beats);
    self->beats = -1;
    if (self->ending || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
        self->wait_ms = 0; /* as we asked it to */
        return;
    }
    if (WIFSIGNALED(status))
        say_error("run", _("core was killed by signal %d: it is started again"),
                  WTERMSIG(status));
    else
        say_error("run", _("core ended with code %d: it is started again"),
                  WEXITSTATUS(status));
    self->wait_ms = restart_wait(self->wait_ms, lived_us, RESTART_LEAST_MS,
                                 RESTART_MOST_MS);
}

static void
on_signal(struct main_process *self)
{
    struct signalfd_siginfo info;
    int status;

    if (read(self->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return;
    switch (info.ssi_signo) {
    case SIGHUP:
        notify_say("RELOADING=1");
        if (load(self) != OK)
            say_error("run", "%s", _("the configuration stays as it was"));
        else if (self->core > 0)
            (void)kill(self->core, SIGTERM);
        notify_say("READY=1");
        break;
    case SIGCHLD:
        while (self->core > 0 && waitpid(self->core, &status, WNOHANG) > 0)
            on_core_end(self, status);
        while (self->outside.pid > 0 &&
               waitpid(self->outside.pid, &status, WNOHANG) > 0)
            outside_start_ended(&self->outside, status, self->ending);
        while (self->intake.pid > 0 &&
               waitpid(self->intake.pid, &status, WNOHANG) > 0)
            intake_start_ended(&self->intake, status, self->ending);
        break;
    default:
        self->ending = true;
        break;
    }
}

static enum result
supervise(struct main_process *self)
{
    enum result result = OK;

    while (!self->ending && result == OK) {
        struct pollfd polled[2] = {{.fd = self->signals, .events = POLLIN},
                                   {.fd = self->beats, .events = POLLIN}};
        bool no_outside = self->outside.wanted && self->outside.pid == 0;
        bool no_intake = self->intake.wanted && self->intake.pid == 0;
        int wait_ms = self->core > 0 ? -1 : self->wait_ms;
        int count;

        if (no_intake && (wait_ms < 0 || self->intake.wait_ms < wait_ms))
            wait_ms = self->intake.wait_ms;
        if (no_outside && (wait_ms < 0 || self->outside.wait_ms < wait_ms))
            wait_ms = self->outside.wait_ms;
        count = poll(polled, 2, wait_ms);

        if (count < 0 && errno != EINTR)
            return E_IO;
        if (count > 0 && polled[1].fd >= 0 && polled[1].revents != 0)
            on_beat(self);
        if (count > 0 && polled[0].revents != 0)
            on_signal(self);
        if (count == 0 && self->core == 0)
            result = start_core(self);
        if (count == 0 && no_intake && result == OK)
            result = start_intake(self);
        if (count == 0 && no_outside && result == OK)
            result = start_outside(self);
    }
    return result;
}

static void
end_child(pid_t pid, int seconds)
{
    int status;

    if (pid <= 0)
        return;
    (void)kill(pid, SIGTERM);
    for (int i = 0; i < seconds * 100; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return;
        (void)poll(NULL, 0, 10);
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, &status, 0);
}

/* intake first: what it has read goes to core, which is still there. */
static void
end_children(struct main_process *self)
{
    if (self->core > 0)
        notify_say("STOPPING=1");
    end_child(self->intake.pid, END_SECONDS / 2);
    end_child(self->core, END_SECONDS);
    end_child(self->outside.pid, 1);
}

static enum result
open_signals(struct main_process *self)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return E_IO;
    self->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return self->signals < 0 ? E_IO : OK;
}

enum result
main_process_run(const char *conf_path)
{
    struct main_process self = {.conf_path = conf_path,
                                .workers = -1,
                                .operators = -1,
                                .signals = -1,
                                .beats = -1,
                                .intake = INTAKE_START_NONE,
                                .outside = OUTSIDE_START_NONE};
    enum result result = load(&self);

    if (result == OK)
        result = own_folders(&self);
    if (result == OK)
        result = listen_on(self.settings->door_socket,
                           self.settings->door_group, &self.workers);
    if (result == OK)
        result = listen_on(self.settings->operator_socket,
                           self.settings->operator_group, &self.operators);
    if (result == OK)
        result = intake_start_open(&self.intake, self.settings);
    if (result == OK)
        result = outside_start_open(&self.outside, self.settings);
    if (result == OK)
        result = open_signals(&self);
    if (result == OK)
        result = start_core(&self);
    if (result == OK && self.intake.wanted)
        result = start_intake(&self);
    if (result == OK && self.outside.wanted)
        result = start_outside(&self);
    if (result == OK)
        result = supervise(&self);
    end_children(&self);
    if (self.workers >= 0)
        (void)unlink(self.settings->door_socket);
    if (self.operators >= 0)
        (void)unlink(self.settings->operator_socket);
    intake_start_close(&self.intake, self.settings);
    outside_start_close(&self.outside);
    file_close(&self.workers);
    file_close(&self.operators);
    file_close(&self.signals);
    told_free(&self.told);
    settings_free(self.settings);
    return result;
}
