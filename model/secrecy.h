/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What was done about secrecy, as rows: the vault opened, a person erased,
 * names gone by retention, a hold, new keys. The reason stands sealed in the
 * look-up under the act's number. Stored numbers: never renumber.
 */
#ifndef VIGIE_MODEL_SECRECY_H
#define VIGIE_MODEL_SECRECY_H

#include "base/result.h"
#include "model/row.h"

enum secrecy_act {
    /* ROW_CONSOLE_READ (0 there: who --purpose) */
    SECRECY_VAULT_HALF = 1,   /* one holder's half came */
    SECRECY_VAULT_OPENED = 2, /* minutes; second: who brought the other */
    SECRECY_VAULT_CLOSED = 3,
    SECRECY_VAULT_ENDED = 4,  /* its time was over */
    SECRECY_VAULT_USED = 5,   /* persons' values were opened for uid */
    SECRECY_VAULT_SHARES = 6, /* both shares were given to a command */
    /* ROW_ERASURE */
    SECRECY_ERASE_ASKED = 16,
    SECRECY_ERASED = 17,      /* one row for each id of the person */
    SECRECY_ERASE_ENDED = 18, /* not approved in time, or taken back */
    SECRECY_RETENTION = 19,   /* count: names gone; before_us in person */
    /* ROW_CONFIGURATION (0 there: a digest of what the operator told) */
    SECRECY_HOLD_ADDED = 32,
    SECRECY_HOLD_ENDED = 33,
    SECRECY_KEYS_ROTATED = 34,
};

struct secrecy {
    enum secrecy_act act;
    uint64_t number; /* random; names the reason */
    uint64_t person; /* id, where it is about one */
    uint64_t count;  /* of names, where it is about many; else minutes */
    uint32_t uid;    /* who did it, or asked */
    uint32_t second; /* who approved it, or brought the other half; 0 none */
    int64_t time_us;
};

/* session and professional = 0, person = id or count, request = number,
 * categories = count where person is an id (at most 65,535),
 * service | controller << 16 = second, source = act, detail = uid. */
void secrecy_row(const struct secrecy *secrecy, struct row *ret_row);
/* E_NOTFOUND where the row says something else. */
enum result secrecy_of_row(const struct row *row,
                           struct secrecy *ret_secrecy) MUST_USE;

#endif
