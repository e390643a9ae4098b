/* SPDX-License-Identifier: EUPL-1.2 */
#include "proc/seqpacket.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128
#define SEND_BYTES (4 << 20)

static enum result
address_of(const char *path, struct sockaddr_un *ret_address)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);

    if (length >= sizeof(address.sun_path))
        return E_LIMIT;
    memcpy(address.sun_path, path, length);
    *ret_address = address;
    return OK;
}

static enum result
result_of_errno(void)
{
    switch (errno) {
    case ENOENT:
    case ECONNREFUSED:
        return E_NOTFOUND;
    case EACCES:
    case EPERM:
        return E_DENIED;
    case EADDRINUSE:
    case EPROTOTYPE: /* somebody listens, in another way */
        return E_EXISTS;
    default:
        return E_IO;
    }
}

/* Takes away a socket that a dead process left. */
static enum result
clear_path(const char *path)
{
    struct stat status;
    int fd = -1;
    enum result result;

    if (lstat(path, &status) != 0)
        return errno == ENOENT ? OK : result_of_errno();
    if (!S_ISSOCK(status.st_mode))
        return E_EXISTS;
    result = seqpacket_connect(path, &fd);
    if (result == OK) {
        (void)close(fd);
        return E_EXISTS;
    }
    if (result != E_NOTFOUND)
        return result;
    return unlink(path) == 0 ? OK : result_of_errno();
}

static enum result
give_to_group(const char *path, const char *group)
{
    const struct group *found;

    if (chmod(path, 0660) != 0)
        return result_of_errno();
    if (group == NULL)
        return OK;
    found = getgrnam(group);
    if (found == NULL)
        return E_NOTFOUND;
    return chown(path, (uid_t)-1, found->gr_gid) == 0 ? OK : result_of_errno();
}

static enum result
listen_as(int type, const char *path, const char *group, int *ret_fd)
{
    struct sockaddr_un address;
    enum result result = address_of(path, &address);
    mode_t mask;
    int fd;

    if (result == OK)
        result = clear_path(path);
    if (result != OK)
        return result;
    fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return E_IO;
    mask = umask(0177); /* nobody else, until the group is right */
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
        result = result_of_errno();
    (void)umask(mask);
    if (result == OK)
        result = give_to_group(path, group);
    if (result == OK && listen(fd, BACKLOG) != 0)
        result = E_IO;
    if (result != OK) {
        (void)close(fd);
        return result;
    }
    *ret_fd = fd;
    return OK;
}

enum result
seqpacket_listen(const char *path, const char *group, int *ret_fd)
{
    return listen_as(SOCK_SEQPACKET, path, group, ret_fd);
}

enum result
seqpacket_listen_stream(const char *path, const char *group, int *ret_fd)
{
    return listen_as(SOCK_STREAM, path, group, ret_fd);
}

enum result
seqpacket_connect(const char *path, int *ret_fd)
{
    struct sockaddr_un address;
    enum result result = address_of(path, &address);
    int fd;

    if (result != OK)
        return result;
    fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return E_IO;
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        result = result_of_errno();
        (void)close(fd);
        return result;
    }
    *ret_fd = fd;
    return OK;
}

enum result
seqpacket_accept(int listener, int *ret_fd)
{
    const int room = SEND_BYTES;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return errno == EAGAIN || errno == ECONNABORTED || errno == EINTR
                   ? E_END
                   : E_IO;
    /* as much of it as the system gives */
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
    *ret_fd = fd;
    return OK;
}

enum result
seqpacket_peer(int fd, uid_t *ret_uid, pid_t *ret_pid)
{
    struct ucred who;
    socklen_t length = sizeof(who);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0 ||
        length != sizeof(who))
        return E_IO;
    *ret_uid = who.uid;
    *ret_pid = who.pid;
    return OK;
}

enum result
seqpacket_receive(int fd, void *bytes, size_t room, size_t *ret_length)
{
    ssize_t length;

    do
        length = recv(fd, bytes, room, MSG_TRUNC);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return errno == EAGAIN ? E_NOTFOUND : E_END;
    if (length == 0)
        return E_END; /* an empty packet is no message either */
    if ((size_t)length > room)
        return E_LIMIT;
    *ret_length = (size_t)length;
    return OK;
}

enum result
seqpacket_send(int fd, const void *bytes, size_t length)
{
    ssize_t sent;

    do
        sent = send(fd, bytes, length, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return OK;
    return errno == EAGAIN || errno == ENOBUFS ? E_LIMIT : E_END;
}
