/* SPDX-License-Identifier: EUPL-1.2 */
#include "wire/answer.h"

enum result
wire_answer_write(const struct wire_answer *answer, void *bytes,
                  size_t *ret_length)
{
    struct packet p;
    packet_start(&p, bytes, WIRE_ANSWER);
    packet_put(&p, answer->number, 8);
    packet_put(&p, answer->decision, 1);
    packet_put(&p, (uint64_t)answer->since_s, 8);
    packet_put(&p, answer->alert, 8);
    return packet_end(&p, ret_length);
}

enum result
wire_answer_read(const void *bytes, size_t length,
                 struct wire_answer *ret_answer)
{
    struct unpacked p;
    struct wire_answer answer;
    unpack_start(&p, bytes, length, WIRE_ANSWER);
    answer.number = unpack(&p, 8);
    answer.decision = (enum answer_decision)unpack_most(&p, 1, ANSWER_REFUSE);
    answer.since_s = (int64_t)unpack_most(&p, 8, INT64_MAX);
    answer.alert = unpack(&p, 8);
    if (answer.number == 0 || answer.decision == 0)
        return E_FORMAT;
    enum result r = unpack_end(&p);
    if (r == OK)
        *ret_answer = answer;
    return r;
}
