/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What an operator asks of core (vigie sessions, cut, step-up, restore,
 * posture), and the lines that come back. Who asks is the socket's own
 * knowledge (SO_PEERCRED), never a field.
 */
#ifndef VIGIE_WIRE_COMMAND_H
#define VIGIE_WIRE_COMMAND_H

#include "wire/packet.h"

/* Never renumber. */
enum command_kind {
    COMMAND_SESSIONS = 1,
    COMMAND_CUT = 2,
    COMMAND_STEP_UP = 3,
    COMMAND_RESTORE = 4,
    COMMAND_POSTURE = 5,      /* name: of the posture; empty: which one is on */
    COMMAND_ORDERS = 6,       /* those given so far */
    COMMAND_GLASSES = 7,      /* uses of break-glass among them */
    COMMAND_REVIEW = 8,       /* name: the use's number, 16 hex digits */
    COMMAND_VAULT_HALF = 32,  /* name: which 1, minutes 2, half 32 */
    COMMAND_VAULT_CLOSE = 33, /* takes the key back */
    COMMAND_VAULT_UNSEAL =
        34,               /* name: a sealed box of the look-up; no reason */
    COMMAND_ERASE = 35,   /* name: of the person, as `who` takes it */
    COMMAND_APPROVE = 36, /* name: number of what another asked; empty:
                             what waits */
    COMMAND_LAST = COMMAND_APPROVE,
};

enum command_target { TARGET_NONE = 0, TARGET_SESSION, TARGET_PROFESSIONAL };

#define COMMAND_REASON_BYTES_MAX 1024
#define COMMAND_HALF_BYTES 35

struct wire_command {
    enum command_kind kind;
    enum command_target target;
    struct text name;       /* of the target, or the posture */
    struct text reason;     /* needed by all but those that only ask */
    int64_t from_us, to_us; /* of COMMAND_ORDERS, GLASSES; to_us 0: no end */
};

enum result wire_command_write(const struct wire_command *command, void *bytes,
                               size_t *ret_length) MUST_USE;
enum result wire_command_read(const void *bytes, size_t length,
                              struct wire_command *ret_command) MUST_USE;

/* One line of JSON of the answer; the last one says how it went. */
struct wire_reply {
    bool last;
    uint8_t outcome;  /* enum result, of the last one */
    struct text line; /* may be empty in the last one */
};
#define REPLY_LINE_BYTES_MAX 8192

enum result wire_reply_write(const struct wire_reply *reply, void *bytes,
                             size_t *ret_length) MUST_USE;
enum result wire_reply_read(const void *bytes, size_t length,
                            struct wire_reply *ret_reply) MUST_USE;

#endif
