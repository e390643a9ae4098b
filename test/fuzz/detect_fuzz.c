/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows of any content, as a damaged ledger could hold them: the detector
 * neither fails nor says two things of the same rows. Eight bytes make a
 * row, so that little input makes many accounts meet.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "detect/detect.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define STEP 8

static struct row
row_of(const uint8_t *b, int64_t *now_us)
{
    static const uint8_t kinds[] = {
        ROW_DISCLOSURE, ROW_DISCLOSURE, ROW_DISCLOSURE, ROW_SIGHTING,
        ROW_REFUSAL,    ROW_UNLABELLED, ROW_LOGIN,      ROW_TOKEN};
    struct row row;
    memset(&row, 0, sizeof(row));
    /* Minutes, hours, days; now and then backwards or far ahead. */
    int64_t step = (int64_t)b[1] * 1000000 * (b[0] & 0x80 ? 7200 : 7);
    uint64_t now = (uint64_t)*now_us;
    now += (uint64_t)(b[1] == 255 ? -step * 1000 : step);
    memcpy(now_us, &now, sizeof(now));
    if (b[0] == 0x7f && b[1] == 0x7f)
        *now_us = INT64_MAX;
    if (b[0] == 0x7e && b[1] == 0x7f)
        *now_us = INT64_MIN;
    row.kind = kinds[b[0] & 7];
    row.time_source_us = *now_us;
    row.professional = b[2] & 7;
    row.session = b[2] >> 3;
    row.person = (uint64_t)b[3] << 8 | b[4];
    row.request = b[5] & 15;
    row.detail = row.kind == ROW_SIGHTING ? b[6] & 15u : b[6] * 0x01010101u;
    row.flags = b[7];
    row.categories = (uint16_t)(b[7] * 257);
    return row;
}

static void
judge(const uint8_t *bytes, size_t length, struct buffer *log)
{
    struct detect_options options;
    struct detect_statistics statistics;
    struct suspect suspects[SUSPECTS_SHOWN];
    struct detect *detect;
    struct alert alert;
    int64_t now_us = INT64_C(20500) * 86400 * 1000000;
    detect_options_default(&options);
    options.warm_up_days = 3;
    if (detect_new(&options, &detect) != OK)
        abort();
    for (size_t at = 0; at + STEP <= length; at += STEP) {
        struct row row = row_of(bytes + at, &now_us);
        if (detect_row(detect, &row, 0, NULL, &alert) != OK)
            abort();
        assert(alert.verdict != VERDICT_CUT);
        assert(alert.sign_count <= ALERT_SIGNS_MAX);
        if (alert.verdict == VERDICT_ALLOW)
            continue;
        if (buffer_format(log, "%d %d ", alert.verdict,
                          alert.score_centinats) != OK)
            abort();
        for (uint32_t i = 0; i < alert.sign_count; i++)
            if (sign_text(&alert.signs[i], alert.time_us, log) != OK)
                abort();
    }
    detect_statistics(detect, &statistics);
    (void)detect_suspects(detect, suspects, SUSPECTS_SHOWN);
    detect_free(detect);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct buffer first = {0}, again = {0};
    judge(bytes, length, &first);
    judge(bytes, length, &again);
    assert(first.length == again.length);
    assert(first.length == 0 ||
           memcmp(first.bytes, again.bytes, first.length) == 0);
    buffer_free(&first);
    buffer_free(&again);
    return 0;
}
