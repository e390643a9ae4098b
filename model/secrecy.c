/* SPDX-License-Identifier: EUPL-1.2 */
#include "model/secrecy.h"

#include <stdbool.h>

static uint8_t
kind_of(enum secrecy_act act)
{
    if (act >= SECRECY_HOLD_ADDED)
        return ROW_CONFIGURATION;
    return act >= SECRECY_ERASE_ASKED ? ROW_ERASURE : ROW_CONSOLE_READ;
}

static bool
is_act(unsigned act)
{
    return (act >= SECRECY_VAULT_HALF && act <= SECRECY_VAULT_SHARES) ||
           (act >= SECRECY_ERASE_ASKED && act <= SECRECY_RETENTION) ||
           (act >= SECRECY_HOLD_ADDED && act <= SECRECY_KEYS_ROTATED);
}

/* Of many names, not of one person. */
static bool
is_many(enum secrecy_act act)
{
    return act == SECRECY_RETENTION;
}

void
secrecy_row(const struct secrecy *secrecy, struct row *ret_row)
{
    *ret_row = (struct row){
        .kind = kind_of(secrecy->act),
        .time_received_us = secrecy->time_us,
        .time_source_us = secrecy->time_us,
        .person = is_many(secrecy->act) ? secrecy->count : secrecy->person,
        .request = secrecy->number,
        .categories = is_many(secrecy->act)         ? 0
                      : secrecy->count > UINT16_MAX ? (uint16_t)UINT16_MAX
                                                    : (uint16_t)secrecy->count,
        .service = (uint16_t)(secrecy->second & 0xffffu),
        .controller = (uint16_t)(secrecy->second >> 16),
        .source = (uint16_t)secrecy->act,
        .detail = secrecy->uid,
    };
}

enum result
secrecy_of_row(const struct row *row, struct secrecy *ret_secrecy)
{
    struct secrecy secrecy = {
        .act = (enum secrecy_act)row->source,
        .number = row->request,
        .uid = row->detail,
        .second = row->service | (uint32_t)row->controller << 16,
        .time_us = row->time_source_us,
    };

    if (!is_act(row->source) || row->kind != kind_of(secrecy.act))
        return E_NOTFOUND;
    if (is_many(secrecy.act)) {
        secrecy.count = row->person;
    } else {
        secrecy.person = row->person;
        secrecy.count = row->categories;
    }
    *ret_secrecy = secrecy;
    return OK;
}
