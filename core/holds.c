/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/holds.h"

#include <string.h>

#include "base/limits.h"
#include "core/secrecy_reason.h"
#include "scope/step.h"

#define HOLDS "retention.holds"

_Static_assert(HOLDS_MAX * sizeof(struct hold) <= CONF_BYTES_MAX,
               "all holds are one setting");

enum result
holds_list(struct lookup *lookup, struct hold *ret_holds, size_t *ret_count)
{
    struct buffer value = {0};
    enum result result = lookup_setting_get(lookup, HOLDS, &value);

    if (result == OK && (value.length % sizeof(ret_holds[0]) != 0 ||
                         value.length / sizeof(ret_holds[0]) > HOLDS_MAX))
        result = E_CORRUPT;
    if (result == OK && value.length > 0)
        memcpy(ret_holds, value.bytes, value.length);
    if (result == OK)
        *ret_count = value.length / sizeof(ret_holds[0]);
    if (result == E_NOTFOUND) {
        *ret_count = 0;
        result = OK;
    }
    buffer_free(&value);
    return result;
}

static enum result
store(struct erasing *data, const struct hold *holds, size_t count,
      struct secrecy *secrecy, struct text reason)
{
    struct row row;
    enum result result = lookup_setting_set(
        data->lookup, HOLDS,
        (struct text){(const char *)holds, count * sizeof(holds[0])});

    secrecy->time_us = data->now_us;
    STEP(secrecy_reason_keep(data->lookup, secrecy, reason));
    secrecy_row(secrecy, &row);
    STEP(data->append(data->context, &row));
    STEP(data->commit(data->context));
    return result;
}

enum result
holds_add(struct erasing *data, struct hold *hold, struct text reason)
{
    struct hold holds[HOLDS_MAX];
    struct secrecy secrecy = {.act = SECRECY_HOLD_ADDED, .uid = hold->uid};
    size_t count = 0;
    enum result result;

    if (reason.length == 0 || hold->from_us >= hold->to_us ||
        (hold->id == 0 && hold->from_us == INT64_MIN &&
         hold->to_us == INT64_MAX))
        return E_ARGUMENT;
    result = holds_list(data->lookup, holds, &count);
    if (result == OK && count == HOLDS_MAX)
        result = E_LIMIT;
    if (result != OK)
        return result;
    secrecy.number = hash_random_u64();
    hold->number = secrecy.number;
    hold->since_us = data->now_us;
    holds[count++] = *hold;
    return store(data, holds, count, &secrecy, reason);
}

enum result
holds_end(struct erasing *data, uint64_t number, uint32_t uid,
          struct text reason)
{
    struct hold holds[HOLDS_MAX];
    struct secrecy secrecy = {
        .act = SECRECY_HOLD_ENDED, .uid = uid, .number = hash_random_u64()};
    size_t count = 0, at = 0;
    enum result result = holds_list(data->lookup, holds, &count);

    if (result == OK && reason.length == 0)
        result = E_ARGUMENT;
    while (at < count && holds[at].number != number)
        at++;
    if (result == OK && at == count)
        result = E_NOTFOUND;
    if (result != OK)
        return result;
    count--;
    memmove(&holds[at], &holds[at + 1], (count - at) * sizeof(holds[0]));
    return store(data, holds, count, &secrecy, reason);
}

bool
holds_row(const struct hold *holds, size_t count, const struct hold_row *row)
{
    for (size_t i = 0; i < count; i++) {
        const struct hold *hold = &holds[i];
        uint64_t id = hold->kind == ALIAS_SESSION        ? row->session
                      : hold->kind == ALIAS_PROFESSIONAL ? row->professional
                      : hold->kind == ALIAS_PERSON       ? row->person
                                                         : row->address;

        if (row->time_us >= hold->from_us && row->time_us < hold->to_us &&
            (hold->id == 0 || hold->id == id))
            return true;
    }
    return false;
}
