/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/demo_stand.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/say.h"
#include "base/time.h"
#include "cli/demo_http.h"
#include "demo/fhir_service.h"
#include "proc/sandbox.h"

#define START_TRIES 200 /* of 50 ms */
#define END_US (5 * TIME_SECOND_US)
#define PORT_TRIES 5
#define MODULE_NAME "ngx_http_vigie_module.so"

static volatile sig_atomic_t ending;

static void
on_signal(int number)
{
    ending = number;
}

bool
demo_stand_ending(void)
{
    return ending != 0;
}

void
demo_stand_signals(void)
{
    const struct sigaction action = {.sa_handler = on_signal};

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

void
demo_stand_signals_back(void)
{
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGHUP, SIG_DFL);
}

static void
pause_ms(int ms)
{
    (void)poll(NULL, 0, ms);
}

/* Of its own group, so that Ctrl-C in the terminal reaches the demo alone,
 * which then ends all in order; with it where it dies unasked. */
static pid_t
fork_child(int death)
{
    pid_t parent = getpid(), pid;

    (void)fflush(NULL);
    pid = fork();
    if (pid != 0)
        return pid;
    (void)setpgid(0, 0);
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGHUP, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, death);
    if (getppid() != parent)
        _exit(1);
    return 0;
}

static bool
output_to(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    return fd >= 0 && nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
           dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0;
}

/* Awaits a child for so long; killed then. Its exit code, -1: none. */
static int
await(pid_t pid, int64_t us)
{
    int64_t end_us = time_now_us() + us;
    int status = 0;
    pid_t got;

    while ((got = waitpid(pid, &status, WNOHANG)) == 0 ||
           (got < 0 && errno == EINTR)) {
        if (time_now_us() > end_us)
            (void)kill(pid, SIGKILL);
        pause_ms(10);
    }
    return got == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
demo_stand_apart(int (*run)(void *context), void *context)
{
    pid_t pid = fork_child(SIGKILL);
    int status = 0;

    if (pid == 0) {
        int code = run(context);
        (void)fflush(NULL);
        _exit(code);
    }
    if (pid < 0)
        return -1;
    for (;;) {
        pid_t got = waitpid(pid, &status, WNOHANG);
        if (got == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if (got < 0 && errno != EINTR)
            return -1;
        if (demo_stand_ending()) {
            (void)kill(pid, SIGKILL);
            (void)await(pid, 0);
            return -1;
        }
        pause_ms(10);
    }
}

/* build/vigie has its module in build/door. */
static bool
find_module(struct demo_stand *stand)
{
    ssize_t length =
        readlink("/proc/self/exe", stand->program, sizeof(stand->program) - 1);
    char *slash;

    if (length <= 0)
        return false;
    stand->program[length] = '\0';
    slash = strrchr(stand->program, '/');
    if (slash != NULL &&
        snprintf(stand->module, sizeof(stand->module), "%.*s/door/%s",
                 (int)(slash - stand->program), stand->program,
                 MODULE_NAME) < (int)sizeof(stand->module) &&
        access(stand->module, R_OK) == 0)
        return true;
    (void)snprintf(stand->module, sizeof(stand->module), "%s",
                   "/usr/lib/vigie/" MODULE_NAME);
    return access(stand->module, R_OK) == 0;
}

static bool
find_nginx(struct demo_stand *stand)
{
    static const char *const places[] = {
        "/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (access(places[i], X_OK) != 0)
            continue;
        (void)snprintf(stand->nginx, sizeof(stand->nginx), "%s", places[i]);
        return true;
    }
    return false;
}

static enum result
write_nginx_conf(const struct demo_stand *stand)
{
    struct buffer out = {0};
    char path[PATH_MAX + 16];
    const char *f = stand->folder;
    const struct demo_user *user = &stand->user;
    bool other = user->name[0] != '\0';
    enum result r = buffer_format(
        &out,
        "load_module \"%s\";\n%s%s %s%spid \"%s/nginx.pid\";\n"
        "error_log \"%s/nginx.log\" notice;\nworker_processes 2;\n"
        "daemon off;\nevents { worker_connections 128; }\nhttp {\n"
        "access_log off;\nclient_body_temp_path \"%s/t1\";\n"
        "proxy_temp_path \"%s/t2\";\nfastcgi_temp_path \"%s/t3\";\n"
        "uwsgi_temp_path \"%s/t4\";\nscgi_temp_path \"%s/t5\";\n",
        stand->module, geteuid() == 0 ? "user " : "",
        other            ? user->name
        : geteuid() == 0 ? "root"
                         : "",
        user->group, geteuid() == 0 ? ";\n" : "", f, f, f, f, f, f, f);

    /* the demo's clients all call from loopback and say whose line they
     * would be on; nothing else is believed */
    if (r == OK)
        r = buffer_format(
            &out,
            "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;\n"
            "vigie_socket \"%s/door.sock\";\nvigie_session $http_x_session;\n"
            "vigie_professional $http_x_professional;\n"
            "vigie_auth_time $http_x_auth_time;\nserver {\n"
            "listen 127.0.0.1:%u;\nlocation /fhir/ {\nvigie on;\n"
            "vigie_service " DEMO_SERVICE ";\nvigie_failure closed;\n"
            "proxy_pass http://127.0.0.1:%u;\n}\n}\n}\n",
            f, stand->port, stand->service_port);
    (void)snprintf(path, sizeof(path), "%s/nginx.conf", f);
    if (r == OK)
        r = file_replace(path, out.bytes, out.length, 0600);
    buffer_free(&out);
    return r;
}

static enum result
write_conf(struct demo_stand *stand)
{
    const struct passwd *user = getpwuid(geteuid());
    struct buffer out = {0};
    enum result r =
        user == NULL
            ? E_NOTFOUND
            : buffer_format(&out,
                            "data \"%s\";\nkeys \"%s\";\n"
                            "door \"%s/door.sock\" %s;\n"
                            "operator-socket \"%s/operators.sock\";\n"
                            "operators %s;\n",
                            stand->data, stand->keys, stand->folder,
                            stand->user.group, stand->folder, user->pw_name);

    (void)snprintf(stand->conf, sizeof(stand->conf), "%s/vigie.conf",
                   stand->folder);
    if (r == OK && stand->user.name[0] != '\0')
        r = buffer_format(&out, "user %s;\n", stand->user.name);
    if (r == OK)
        r = file_replace(stand->conf, out.bytes, out.length, 0600);
    buffer_free(&out);
    return r;
}

static void
exec_nginx(const struct demo_stand *stand, const char *test)
{
    char conf[PATH_MAX + 16], log[PATH_MAX + 16];

    (void)snprintf(conf, sizeof(conf), "%s/nginx.conf", stand->folder);
    (void)snprintf(log, sizeof(log), "%s/nginx.log", stand->folder);
    if (output_to(log))
        (void)execl(stand->nginx, "nginx", "-p", stand->folder, "-e", log, "-c",
                    conf, test, (char *)NULL);
    _exit(127);
}

static bool
nginx_takes_it(struct demo_stand *stand)
{
    pid_t pid;

    stand->port = stand->service_port = 1024; /* -t opens none of them */
    if (file_make_folder(stand->folder) != OK || write_nginx_conf(stand) != OK)
        return false;
    pid = fork_child(SIGKILL);
    if (pid == 0)
        exec_nginx(stand, "-t");
    return pid > 0 && await(pid, 10 * TIME_SECOND_US) == 0;
}

const char *
demo_stand_find(struct demo_stand *stand)
{
    if (!find_nginx(stand))
        return _("nginx is not installed (script/setup brings it)");
    if (!find_module(stand))
        return _("the nginx module is not built (make door)");
    if (getpwuid(geteuid()) == NULL)
        return _("this user has no name on this machine");
    if (!nginx_takes_it(stand))
        return _("nginx does not load the module");
    return NULL;
}

/* The door's port is answered. */
static enum result
await_port(struct demo_stand *stand)
{
    const struct demo_request request = {"GET",  "/",         NULL,   "demo",
                                         "demo", "127.0.0.1", "demo", 0};
    struct buffer body = {0};
    unsigned status;
    enum result r = E_IO;

    for (unsigned i = 0; i < START_TRIES && r != OK; i++) {
        r = demo_stand_ending() ? E_END : OK;
        if (r == OK && !demo_stand_alive(stand))
            r = E_IO;
        if (r != OK)
            break;
        r = demo_http_ask(stand->port, &request, &body, &status);
        if (r != OK)
            pause_ms(50);
    }
    buffer_free(&body);
    return r;
}

static enum result
await_socket(struct demo_stand *stand)
{
    char path[PATH_MAX + 32];

    (void)snprintf(path, sizeof(path), "%s/door.sock", stand->folder);
    for (unsigned i = 0; i < START_TRIES; i++) {
        if (demo_stand_ending())
            return E_END;
        if (!demo_stand_alive(stand))
            return E_IO;
        if (access(path, F_OK) == 0)
            return OK;
        pause_ms(50);
    }
    return E_IO;
}

static enum result
start_service(struct demo_stand *stand, struct fhir_book *book)
{
    int listener = -1;
    enum result r = demo_http_listen(&listener, &stand->service_port);
    pid_t pid;

    if (r != OK)
        return r;
    pid = fork_child(SIGKILL);
    if (pid == 0) {
        if (stand->user.name[0] != '\0' &&
            sandbox_become(stand->user.uid, stand->user.gid) != OK)
            _exit(1);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* another user forgets it */
        fhir_service_run(listener, book);
        _exit(1);
    }
    file_close(&listener);
    stand->processes[STAND_SERVICE] = pid < 0 ? 0 : pid;
    return pid < 0 ? E_IO : OK;
}

static enum result
start_core(struct demo_stand *stand)
{
    char log[PATH_MAX + 16];
    pid_t pid;

    (void)snprintf(log, sizeof(log), "%s/core.log", stand->folder);
    pid = fork_child(SIGTERM);
    if (pid == 0) {
        if (output_to(log))
            (void)execl(stand->program, "vigie", "run", "-c", stand->conf,
                        (char *)NULL);
        _exit(127);
    }
    stand->processes[STAND_CORE] = pid < 0 ? 0 : pid;
    return pid < 0 ? E_IO : await_socket(stand);
}

static void
stop_one(struct demo_stand *stand, enum stand_process which)
{
    pid_t pid = stand->processes[which];

    if (pid <= 0)
        return;
    (void)kill(pid, SIGTERM);
    (void)await(pid, END_US);
    stand->processes[which] = 0;
}

/* A port that was free a moment ago: another one where it is taken now. */
static enum result
start_nginx(struct demo_stand *stand)
{
    enum result r = E_IO;

    for (unsigned i = 0; i < PORT_TRIES && r == E_IO; i++) {
        int taken = -1;
        pid_t pid;

        stop_one(stand, STAND_NGINX);
        r = demo_http_listen(&taken, &stand->port);
        file_close(&taken);
        if (r == OK)
            r = write_nginx_conf(stand);
        if (r != OK)
            return r;
        pid = fork_child(SIGTERM);
        if (pid == 0)
            exec_nginx(stand, NULL);
        if (pid < 0)
            return E_IO;
        stand->processes[STAND_NGINX] = pid;
        r = await_port(stand);
    }
    return r;
}

enum result
demo_stand_start(struct demo_stand *stand, struct fhir_book *book)
{
    enum result r = write_conf(stand);

    if (r == OK)
        r = start_service(stand, book);
    if (r == OK)
        r = start_core(stand);
    if (r == OK)
        r = start_nginx(stand);
    return r;
}

bool
demo_stand_alive(struct demo_stand *stand)
{
    bool alive = true;

    for (unsigned i = 0; i < STAND_PROCESSES; i++) {
        pid_t pid = stand->processes[i];
        if (pid > 0 && waitpid(pid, NULL, WNOHANG) == pid) {
            stand->processes[i] = 0;
            alive = false;
        }
    }
    return alive;
}

void
demo_stand_stop(struct demo_stand *stand)
{
    stop_one(stand, STAND_NGINX);
    stop_one(stand, STAND_CORE);
    stop_one(stand, STAND_SERVICE);
    if (stand->folder[0] != '\0' && file_remove_tree(stand->folder) != OK)
        say_error(stand->folder, "%s", _("cannot be removed"));
    stand->folder[0] = '\0';
}
