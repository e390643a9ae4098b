/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/erasing.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/time.h"
#include "core/secrecy_reason.h"
#include "scope/id_map.h"
#include "scope/step.h"

#define WAITING "erase.waiting"

static enum result
note(struct erasing *erasing, struct secrecy *secrecy, struct text reason)
{
    struct row row;
    enum result result = secrecy_reason_keep(erasing->lookup, secrecy, reason);

    secrecy->time_us = erasing->now_us;
    secrecy_row(secrecy, &row);
    return result == OK ? erasing->append(erasing->context, &row) : result;
}

/* --------------------------------------------------------------- waiting */

static enum result
load(struct erasing *erasing, struct erasing_request *requests,
     size_t *ret_count)
{
    struct buffer value = {0};
    enum result result = lookup_setting_get(erasing->lookup, WAITING, &value);

    *ret_count = 0;
    if (result == E_NOTFOUND)
        return OK;
    if (result == OK &&
        (value.length % sizeof(requests[0]) != 0 ||
         value.length / sizeof(requests[0]) > ERASING_WAITING_MAX))
        result = E_CORRUPT;
    if (result == OK && value.length > 0) {
        memcpy(requests, value.bytes, value.length);
        *ret_count = value.length / sizeof(requests[0]);
    }
    buffer_free(&value);
    return result;
}

static enum result
store(struct erasing *erasing, const struct erasing_request *requests,
      size_t count)
{
    return lookup_setting_set(
        erasing->lookup, WAITING,
        (struct text){(const char *)requests, count * sizeof(requests[0])});
}

static void
drop(struct erasing_request *requests, size_t *count, size_t at)
{
    (*count)--;
    memmove(&requests[at], &requests[at + 1],
            (*count - at) * sizeof(requests[0]));
}

/* Those of more than a week are ended, by nobody. */
static enum result
sweep(struct erasing *erasing, struct erasing_request *requests, size_t *count)
{
    enum result result = OK;
    bool changed = false;

    for (size_t i = *count; i-- > 0 && result == OK;) {
        struct secrecy ended = {.act = SECRECY_ERASE_ENDED,
                                .number = requests[i].number,
                                .person = requests[i].person};

        if (erasing->now_us - requests[i].time_us <=
            ERASING_DAYS_MAX * TIME_DAY_US)
            continue;
        result = note(erasing, &ended, TEXT(""));
        drop(requests, count, i);
        changed = true;
    }
    if (result == OK && changed)
        result = store(erasing, requests, *count);
    if (result == OK && changed)
        result = erasing->commit(erasing->context);
    return result;
}

enum result
erasing_waiting(struct erasing *erasing, struct erasing_request *ret_requests,
                size_t *ret_count)
{
    enum result result = load(erasing, ret_requests, ret_count);

    return result == OK ? sweep(erasing, ret_requests, ret_count) : result;
}

enum result
erasing_ask(struct erasing *erasing, uint64_t person, uint32_t uid,
            struct text reason, uint64_t *ret_number)
{
    struct erasing_request requests[ERASING_WAITING_MAX];
    struct secrecy asked = {
        .act = SECRECY_ERASE_ASKED, .person = person, .uid = uid};
    size_t count = 0;
    enum result result;

    if (reason.length == 0)
        return E_ARGUMENT;
    result = erasing_waiting(erasing, requests, &count);
    if (result == OK && count == ERASING_WAITING_MAX)
        result = E_LIMIT;
    if (result == OK)
        result = note(erasing, &asked, reason);
    if (result != OK)
        return result;
    requests[count++] = (struct erasing_request){.number = asked.number,
                                                 .person = person,
                                                 .time_us = erasing->now_us,
                                                 .uid = uid};
    result = store(erasing, requests, count);
    if (result == OK)
        result = erasing->commit(erasing->context);
    if (result == OK)
        *ret_number = asked.number;
    return result;
}

/* --------------------------------------------------------------- erasing */

static enum result
members(struct lookup *lookup, uint64_t person, struct id_list *list)
{
    uint64_t few[16], *ids = few, *more = NULL;
    size_t count = 0;
    enum result result = lookup_members(lookup, person, ids,
                                        sizeof(few) / sizeof(few[0]), &count);

    if (result == OK && count > sizeof(few) / sizeof(few[0])) {
        more = reallocarray(NULL, count, sizeof(more[0]));
        if (more == NULL)
            return E_NOMEM;
        ids = more;
        result = lookup_members(lookup, person, ids, count, &count);
    }
    for (size_t i = 0; i < count && result == OK; i++)
        result = id_list_add(list, ids[i]);
    free(more);
    return result;
}

/* One row for each id, so that who reads the rows alone can do it again. */
static enum result
erase(struct erasing *erasing, const struct secrecy *done, size_t *ret_names)
{
    struct id_list ids = {0};
    enum result result = members(
        erasing->lookup, lookup_canonical(erasing->lookup, done->person), &ids);

    for (size_t i = 0; i < ids.count && result == OK; i++) {
        struct secrecy one = *done;

        one.person = ids.ids[i];
        one.count = ids.count;
        result = note(erasing, &one, TEXT(""));
    }
    STEP(erasing->commit(erasing->context));
    STEP(lookup_erase(erasing->lookup, ids.ids, ids.count, ret_names));
    id_list_free(&ids);
    return result;
}

enum result
erasing_approve(struct erasing *erasing, uint64_t number, uint32_t uid,
                size_t *ret_names)
{
    struct erasing_request requests[ERASING_WAITING_MAX];
    struct secrecy done = {
        .act = SECRECY_ERASED, .number = number, .second = uid};
    size_t count = 0, at = 0;
    enum result result = erasing_waiting(erasing, requests, &count);

    while (at < count && requests[at].number != number)
        at++;
    if (result == OK && at == count)
        result = E_NOTFOUND;
    if (result == OK && requests[at].uid == uid)
        result = E_EXISTS;
    if (result != OK)
        return result;
    done.person = requests[at].person;
    done.uid = requests[at].uid;
    result = erase(erasing, &done, ret_names);
    drop(requests, &count, at);
    STEP(store(erasing, requests, count));
    STEP(erasing->commit(erasing->context));
    return result;
}

enum result
erasing_do(struct erasing *erasing, uint64_t person, uint32_t uid,
           uint32_t second, struct text reason, size_t *ret_names)
{
    struct secrecy asked = {
        .act = SECRECY_ERASE_ASKED, .person = person, .uid = uid};
    struct secrecy done = {
        .act = SECRECY_ERASED, .person = person, .uid = uid, .second = second};
    enum result result;

    if (reason.length == 0 || uid == second)
        return E_ARGUMENT;
    result = note(erasing, &asked, reason);
    done.number = asked.number;
    return result == OK ? erase(erasing, &done, ret_names) : result;
}

static enum result
gather(void *context, uint64_t number, const struct row *row)
{
    struct secrecy secrecy;

    (void)number;
    if (secrecy_of_row(row, &secrecy) != OK || secrecy.act != SECRECY_ERASED)
        return OK;
    return id_list_add(context, secrecy.person);
}

enum result
erasing_again(struct ledger *ledger, struct lookup *lookup, size_t *ret_names)
{
    struct id_list ids = {0};
    /* rows of no session stand under 0 */
    enum result result =
        ledger_find(ledger, LEDGER_BY_SESSION, 0, gather, &ids);

    STEP(lookup_erase(lookup, ids.ids, ids.count, ret_names));
    id_list_free(&ids);
    return result;
}
