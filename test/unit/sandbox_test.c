/* SPDX-License-Identifier: EUPL-1.2 */
/* A child enters the sandbox and tries what it may not do. */
#include "proc/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static char folder[64];

/* What the child found, as its exit code; 255: it could not start. */
static int
in_sandbox(int (*act)(void))
{
    struct sandbox sandbox = {.folders = {folder}};
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(sandbox_enter(&sandbox) == OK ? act() : 255);
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int
setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/vigie-sandbox-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    assert_int_equal(file_remove_tree(folder), OK);
    return 0;
}

static int
read_passwd(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static int
write_elsewhere(void)
{
    return open("/tmp/vigie-sandbox-other", O_WRONLY | O_CREAT | O_CLOEXEC,
                0600) < 0
               ? errno
               : 0;
}

static void
a_file_of_others_cannot_be_opened(void **state)
{
    (void)state;
    if (!sandbox_has_landlock()) {
        print_message("the kernel has no landlock\n");
        skip();
    }
    assert_int_equal(in_sandbox(read_passwd), EACCES);
    assert_int_equal(in_sandbox(write_elsewhere), EACCES);
}

static int
use_own_folder(void)
{
    char path[128], other[128];
    int fd;

    (void)snprintf(path, sizeof(path), "%s/a", folder);
    (void)snprintf(other, sizeof(other), "%s/b", folder);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) != 0 ||
        rename(path, other) != 0 || unlink(other) != 0)
        return errno;
    return 0;
}

static void
its_own_folder_can_be_written(void **state)
{
    (void)state;
    assert_int_equal(in_sandbox(use_own_folder), 0);
}

#if defined(__SANITIZE_ADDRESS__)
#define SKIP_WITHOUT_FILTER() skip()
#else
#define SKIP_WITHOUT_FILTER() (void)0
#endif

static int
open_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int
open_local_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static void
no_socket_can_be_made(void **state)
{
    (void)state;
    SKIP_WITHOUT_FILTER();
    assert_int_equal(in_sandbox(open_socket), EPERM);
    assert_int_equal(in_sandbox(open_local_socket), EPERM);
}

static int
run_program(void)
{
    char *const arguments[] = {(char[]){"true"}, NULL};

    (void)execv("/bin/true", arguments);
    return errno;
}

static int
start_process(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid < 0 ? errno : 0;
}

static void
no_program_and_no_process_can_be_started(void **state)
{
    (void)state;
    SKIP_WITHOUT_FILTER();
    assert_int_equal(in_sandbox(run_program), EPERM);
    assert_int_equal(in_sandbox(start_process), EPERM);
}

static int
stop_parent(void)
{
    return kill(getppid(), 0) < 0 ? errno : 0;
}

static int
trace_parent(void)
{
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) < 0 ? errno : 0;
}

static int
become_root(void)
{
    return setuid(0) < 0 ? errno : 0;
}

static int
change_rights(void)
{
    return chmod(folder, 0777) < 0 ? errno : 0;
}

static void
no_other_process_user_or_right_can_be_touched(void **state)
{
    (void)state;
    SKIP_WITHOUT_FILTER();
    assert_int_equal(in_sandbox(stop_parent), EPERM);
    assert_int_equal(in_sandbox(trace_parent), EPERM);
    assert_int_equal(in_sandbox(become_root), EPERM);
    assert_int_equal(in_sandbox(change_rights), EPERM);
}

static void
root_becomes_another_user_for_good(void **state)
{
    int status;
    pid_t pid;

    (void)state;
    if (geteuid() != 0) {
        print_message("only root can become another user\n");
        skip();
    }
    pid = fork();
    if (pid == 0) {
        if (sandbox_become(65534, 65534) != OK)
            _exit(1);
        _exit(setuid(0) == 0 || geteuid() != 65534 || getgroups(0, NULL) != 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_others_cannot_be_opened),
        cmocka_unit_test(its_own_folder_can_be_written),
        cmocka_unit_test(no_socket_can_be_made),
        cmocka_unit_test(no_program_and_no_process_can_be_started),
        cmocka_unit_test(no_other_process_user_or_right_can_be_touched),
        cmocka_unit_test(root_becomes_another_user_for_good),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
