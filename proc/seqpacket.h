/* SPDX-License-Identifier: EUPL-1.2 */
/* Local sockets that keep packets whole. Knows no message. */
#ifndef VIGIE_PROC_SEQPACKET_H
#define VIGIE_PROC_SEQPACKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/result.h"

/* Listens on `path`, 0660, of the group (NULL: as it comes). What lies there
 * is replaced only if it is a socket that nobody listens on: E_EXISTS. */
enum result seqpacket_listen(const char *path, const char *group,
                             int *ret_fd) MUST_USE;
/* The same for a stream socket. */
enum result seqpacket_listen_stream(const char *path, const char *group,
                                    int *ret_fd) MUST_USE;
/* Waits for it. E_NOTFOUND where nobody listens, E_DENIED, E_IO. */
enum result seqpacket_connect(const char *path, int *ret_fd) MUST_USE;
/* E_END: no connection now. Non-blocking, closed on exec. */
enum result seqpacket_accept(int listener, int *ret_fd) MUST_USE;
enum result seqpacket_peer(int fd, uid_t *ret_uid, pid_t *ret_pid) MUST_USE;
/* E_END: the peer has gone; E_NOTFOUND: nothing there now; E_LIMIT: longer
 * than `room`, and lost. */
enum result seqpacket_receive(int fd, void *bytes, size_t room,
                              size_t *ret_length) MUST_USE;
/* E_LIMIT: its buffer is full; E_END: it has gone. */
enum result seqpacket_send(int fd, const void *bytes, size_t length) MUST_USE;

#endif
