/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie erase, approve, over the operators' socket: who asks and who approves
 * are two Unix users, as the socket knows them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "core/live_erase.h"
#include "core/person_find.h"
#include "core/secrecy_reason.h"
#include "proc/core_loop.h"
#include "wire/command.h"

static enum result
say(struct core_loop *loop, struct peer *peer, uint64_t number,
    const char *state, size_t names)
{
    char line[160];

    (void)snprintf(line, sizeof(line),
                   "{\"kind\":\"erasure\",\"id\":\"%016" PRIx64
                   "\",\"state\":\"%s\",\"names\":%zu}",
                   number, state, names);
    return operator_line(loop, peer, text_of(line));
}

static enum result
ask(struct core_loop *loop, struct peer *peer,
    const struct wire_command *command)
{
    struct text person, service;
    struct erasing erasing;
    uint64_t id = 0, number = 0;
    enum result result = live_erasing(loop->live, loop->now_us, &erasing);

    /* the person, and on a line of its own the space of its reference */
    (void)text_split(command->name, '\n', &person, &service);
    if (result == OK)
        result = person_find(erasing.lookup, person, service, &id);
    if (result == OK)
        result = erasing_ask(&erasing, id, peer->uid, command->reason, &number);
    return result == OK ? say(loop, peer, number, "waiting", 0) : result;
}

static enum result
list_one(struct core_loop *loop, struct peer *peer, struct lookup *lookup,
         const struct erasing_request *request)
{
    struct buffer line = {0}, reason = {0};
    char time[TIME_TEXT_BYTES];
    enum result result = buffer_format(
        &line,
        "{\"kind\":\"erasure\",\"id\":\"%016" PRIx64
        "\",\"state\":\"waiting\",\"uid\":%" PRIu32 ",\"since\":\"%s\""
        ",\"reason\":",
        request->number, request->uid, time_format_utc(request->time_us, time));

    if (result == OK)
        result = secrecy_reason_get(lookup, request->number, &reason);
    if (result == OK)
        result = buffer_json_string(&line, buffer_as_text(&reason));
    if (result == OK)
        result = buffer_byte(&line, '}');
    if (result == OK)
        result = operator_line(loop, peer, buffer_as_text(&line));
    buffer_free(&line);
    buffer_free(&reason);
    return result;
}

static enum result
list(struct core_loop *loop, struct peer *peer)
{
    struct erasing_request requests[ERASING_WAITING_MAX];
    struct erasing erasing;
    size_t count = 0;
    enum result result = live_erasing(loop->live, loop->now_us, &erasing);

    if (result == OK)
        result = erasing_waiting(&erasing, requests, &count);
    for (size_t i = 0; i < count && result == OK; i++)
        result = list_one(loop, peer, erasing.lookup, &requests[i]);
    return result;
}

static bool
parse_number(struct text word, uint64_t *ret_number)
{
    char digits[17];
    char *end;

    if (word.length != 16)
        return false;
    memcpy(digits, word.bytes, 16);
    digits[16] = '\0';
    if (strspn(digits, "0123456789abcdef") != 16)
        return false;
    *ret_number = strtoull(digits, &end, 16);
    return true;
}

static enum result
approve(struct core_loop *loop, struct peer *peer,
        const struct wire_command *command)
{
    struct erasing erasing;
    uint64_t number = 0;
    size_t names = 0;
    enum result result = live_erasing(loop->live, loop->now_us, &erasing);

    if (result == OK && !parse_number(command->name, &number))
        result = E_ARGUMENT;
    if (result == OK)
        result = erasing_approve(&erasing, number, peer->uid, &names);
    return result == OK ? say(loop, peer, number, "erased", names) : result;
}

enum result
operator_erase(struct core_loop *loop, struct peer *peer,
               const struct wire_command *command)
{
    if (command->kind == COMMAND_ERASE)
        return ask(loop, peer, command);
    return command->name.length == 0 ? list(loop, peer)
                                     : approve(loop, peer, command);
}
