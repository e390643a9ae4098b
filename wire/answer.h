/* SPDX-License-Identifier: EUPL-1.2 */
/* What core says to an ask: it is recorded, and it may leave, or not. */
#ifndef VIGIE_WIRE_ANSWER_H
#define VIGIE_WIRE_ANSWER_H

#include "wire/packet.h"

/* Never renumber; a worker that does not know one refuses. */
enum answer_decision {
    ANSWER_RELEASE = 1,
    ANSWER_STEP_UP = 2, /* not this, before a newer authentication */
    ANSWER_CUT = 3,     /* the session, or the account, is ended */
    ANSWER_REFUSE = 4,  /* not this (a budget, break-glass used up), and no
                           authentication changes it */
};

struct wire_answer {
    uint64_t number; /* of the ask */
    enum answer_decision decision;
    /* An authentication since then lifts a step_up; seconds since 1970. */
    int64_t since_s;
    uint64_t alert; /* id, for the duty officer; 0: none */
};

enum result wire_answer_write(const struct wire_answer *answer, void *bytes,
                              size_t *ret_length) MUST_USE;
enum result wire_answer_read(const void *bytes, size_t length,
                             struct wire_answer *ret_answer) MUST_USE;

#endif
