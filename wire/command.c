/* SPDX-License-Identifier: EUPL-1.2 */
#include "wire/command.h"

#include "wire/ask.h"

enum result
wire_command_write(const struct wire_command *command, void *bytes,
                   size_t *ret_length)
{
    struct packet p;
    packet_start(&p, bytes, WIRE_COMMAND);
    packet_put(&p, command->kind, 1);
    packet_put(&p, command->target, 1);
    packet_put_text(&p, command->name, ASK_NAME_BYTES_MAX);
    packet_put_text(&p, command->reason, COMMAND_REASON_BYTES_MAX);
    packet_put(&p, (uint64_t)command->from_us, 8);
    packet_put(&p, (uint64_t)command->to_us, 8);
    return packet_end(&p, ret_length);
}

enum result
wire_command_read(const void *bytes, size_t length,
                  struct wire_command *ret_command)
{
    struct unpacked p;
    struct wire_command command;
    unpack_start(&p, bytes, length, WIRE_COMMAND);
    command.kind = (enum command_kind)unpack_most(&p, 1, COMMAND_LAST);
    command.target =
        (enum command_target)unpack_most(&p, 1, TARGET_PROFESSIONAL);
    command.name = unpack_text(&p, ASK_NAME_BYTES_MAX);
    command.reason = unpack_text(&p, COMMAND_REASON_BYTES_MAX);
    command.from_us = (int64_t)unpack_most(&p, 8, INT64_MAX);
    command.to_us = (int64_t)unpack_most(&p, 8, INT64_MAX);
    if (command.kind == 0 ||
        (command.kind > COMMAND_REVIEW && command.kind < COMMAND_VAULT_HALF))
        return E_FORMAT;
    enum result r = unpack_end(&p);
    if (r == OK)
        *ret_command = command;
    return r;
}

enum result
wire_reply_write(const struct wire_reply *reply, void *bytes,
                 size_t *ret_length)
{
    struct packet p;
    packet_start(&p, bytes, WIRE_REPLY);
    packet_put(&p, reply->last, 1);
    packet_put(&p, reply->outcome, 1);
    packet_put_text(&p, reply->line, REPLY_LINE_BYTES_MAX);
    return packet_end(&p, ret_length);
}

enum result
wire_reply_read(const void *bytes, size_t length, struct wire_reply *ret_reply)
{
    struct unpacked p;
    struct wire_reply reply;
    unpack_start(&p, bytes, length, WIRE_REPLY);
    reply.last = unpack_most(&p, 1, 1) != 0;
    reply.outcome = (uint8_t)unpack_most(&p, 1, E_ARGUMENT);
    reply.line = unpack_text(&p, REPLY_LINE_BYTES_MAX);
    enum result r = unpack_end(&p);
    if (r == OK)
        *ret_reply = reply;
    return r;
}
