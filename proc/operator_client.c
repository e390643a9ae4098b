/* SPDX-License-Identifier: EUPL-1.2 */
#include "proc/operator_client.h"

#include <unistd.h>

#include "proc/seqpacket.h"

static enum result
read_lines(int fd, uint8_t *packet, void *context,
           enum result (*line)(void *context, struct text line),
           enum result *ret_outcome)
{
    for (;;) {
        struct wire_reply reply;
        size_t length = 0;
        enum result result =
            seqpacket_receive(fd, packet, WIRE_PACKET_BYTES_MAX, &length);

        if (result == OK)
            result = wire_reply_read(packet, length, &reply);
        if (result == OK && reply.line.length > 0)
            result = line(context, reply.line);
        if (result != OK)
            return result;
        if (reply.last) {
            *ret_outcome = (enum result)reply.outcome;
            return OK;
        }
    }
}

enum result
operator_client_ask(const char *socket_path, const struct wire_command *command,
                    void *context,
                    enum result (*line)(void *context, struct text line),
                    enum result *ret_outcome)
{
    uint8_t packet[WIRE_PACKET_BYTES_MAX];
    size_t length = 0;
    int fd = -1;
    enum result result = wire_command_write(command, packet, &length);

    if (result == OK)
        result = seqpacket_connect(socket_path, &fd);
    if (result == OK)
        result = seqpacket_send(fd, packet, length);
    if (result == OK)
        result = read_lines(fd, packet, context, line, ret_outcome);
    if (fd >= 0)
        (void)close(fd);
    return result;
}
