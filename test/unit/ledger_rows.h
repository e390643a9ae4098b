/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows for the ledger's tests, the same for the same number: sessions that
 * run beside each other, persons that come back, every kind, odd values.
 */
#ifndef VIGIE_TEST_LEDGER_ROWS_H
#define VIGIE_TEST_LEDGER_ROWS_H

#include "ledger/open_index.h"
#include "model/event.h"
#include "model/row.h"

static inline uint64_t
test_random(uint64_t seed)
{
    return key_mix(seed * 2 + 1) ^ key_mix(seed + 77);
}

static inline struct row
test_row(uint64_t number)
{
    uint64_t r = test_random(number);
    uint64_t session = number / 256 * 8 + r % 8 + 1;
    static const uint8_t kinds[] = {
        ROW_DISCLOSURE, ROW_DISCLOSURE, ROW_DISCLOSURE, ROW_DISCLOSURE,
        ROW_SIGHTING,   ROW_LOGIN,      ROW_REFUSAL,    ROW_UNLABELLED,
        ROW_VERDICT,    ROW_SIGN,       ROW_JOIN,       ROW_GAP};
    struct row row = {
        .time_received_us = 1700000000000000 + (int64_t)(number * 7),
        .time_source_us = 1690000000000000 + (int64_t)(number * 1000000),
        .session = test_random(session),
        .professional = test_random(session % 13 + 1000),
        .person = test_random(r >> 8 & 63),
        .request = test_random(r),
        .service = (uint16_t)(r >> 16 & 3),
        .controller = (uint16_t)(r >> 18 & 3),
        .categories = (uint16_t)(r >> 20 & 0xff),
        .grade = (uint8_t)(r >> 28 & 3),
        .kind = kinds[(r >> 30) % sizeof(kinds)],
        .flags = (uint16_t)(r >> 36 & 0xff),
        .source = (uint16_t)(r >> 44 & 1),
        .detail = (uint32_t)(r >> 45 & 0x1ff),
    };

    if (number % 17 == 0)
        row.session = 0;
    if (number % 85 == 0)
        row.professional = 0;
    if (number % 31 == 0)
        row.person = 0;
    if (number % 101 == 0) { /* the widest values */
        row.time_source_us = INT64_MIN;
        row.request = UINT64_MAX;
        row.detail = UINT32_MAX;
    }
    if (number % 103 == 0)
        row.time_source_us = INT64_MAX;
    return row;
}

#endif
