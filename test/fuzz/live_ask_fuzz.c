/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Windows from a hostile worker, through events, ledger, judge and
 * containment. Input: packets, each behind two bytes of its length. What is
 * answered is answered with a known decision and the last packet's number.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/time.h"
#include "core/live.h"
#include "wire/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define COMMIT_RUNS 512

static struct live *live;
static char data[64], keys[80];
static int64_t now_us = 20000 * TIME_DAY_US;
static uint64_t runs;

static void
no_push(void *context, const struct live_push *push)
{
    (void)context;
    assert(push->name.length > 0);
}

static void
no_alert(void *context, const struct alert *alert)
{
    (void)context;
    (void)alert;
}

static void
no_page(void *context, const char *what, uint64_t alert)
{
    (void)context;
    (void)what;
    (void)alert;
}

static enum result
no_session(void *context, const struct live_session *s)
{
    (void)context;
    assert(s->verdict <= VERDICT_CUT);
    return OK;
}

static void
clean_up(void)
{
    live_free(live);
    if (file_remove_tree(data) != OK || file_remove_tree(keys) != OK)
        (void)fprintf(stderr, "%s stays\n", data);
}

static void
start(void)
{
    struct live_options options = {
        .core = {.data_dir = data, .keys_dir = keys},
        .push = no_push,
        .alert = no_alert,
        .page = no_page,
    };

    assert(hash_start() == OK);
    (void)snprintf(data, sizeof(data), "/tmp/vigie-fuzz-XXXXXX");
    assert(mkdtemp(data) != NULL);
    (void)snprintf(keys, sizeof(keys), "%s.keys", data);
    detect_options_default(&options.core.detect);
    options.core.detect.ceiling_new_per_hour = 20;
    contain_options_default(&options.contain);
    options.contain.pairs_max = 10000;
    assert(live_open(&options, now_us, NULL, &live) == OK);
    (void)atexit(clean_up);
}

static size_t
cut_parts(const uint8_t *bytes, size_t length, struct live_part *parts)
{
    size_t count = 0, at = 0;

    while (count < 8 && length - at >= 2) {
        size_t part = (size_t)bytes[at] | (size_t)bytes[at + 1] << 8;

        at += 2;
        if (part > length - at)
            part = length - at;
        parts[count++] = (struct live_part){bytes + at, part};
        at += part;
    }
    return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct wire_ask last;
    struct live_part parts[8];
    struct live_asked asked;
    size_t count = cut_parts(bytes, length, parts);
    enum result result;

    if (live == NULL)
        start();
    /* now and then the clock goes back */
    now_us +=
        length > 0 && bytes[0] % 16 == 15 ? -TIME_HOUR_US : TIME_SECOND_US;
    result = live_ask(live, parts, count, now_us, &asked);
    if (result == OK) {
        assert(wire_ask_read(parts[count - 1].bytes, parts[count - 1].length,
                             &last) == OK);
        assert(asked.answer.number == last.number);
        assert(asked.answer.decision >= ANSWER_RELEASE &&
               asked.answer.decision <= ANSWER_REFUSE);
        assert((asked.answer.decision == ANSWER_STEP_UP) ==
               (asked.answer.since_s != 0));
        assert(!asked.withheld || asked.answer.decision != ANSWER_RELEASE);
    } else {
        assert(result == E_FORMAT || result == E_LIMIT);
    }
    if (++runs % COMMIT_RUNS == 0) {
        assert(live_sessions(live, now_us, NULL, no_session) == OK);
        assert(live_commit(live) == OK);
    }
    return 0;
}
