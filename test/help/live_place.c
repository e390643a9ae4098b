/* SPDX-License-Identifier: EUPL-1.2 */
#include "live_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"

struct wire_ask live_place_ask;

static void
on_push(void *context, const struct live_push *push)
{
    struct place *place = context;

    place->pushes++;
    place->last = *push;
}

static void
on_alert(void *context, const struct alert *alert)
{
    struct place *place = context;

    place->alert = *alert;
    place->alerts++;
}

static void
on_page(void *context, const char *what, uint64_t alert)
{
    struct place *place = context;

    (void)alert;
    place->page = what;
    place->pages++;
}

void
live_place_open(struct place *place)
{
    struct reason why = {0};
    enum result result;

    place->live = NULL; /* a test that ends here frees nothing twice */
    result = live_open(&place->options, place->now_us, &why, &place->live);
    if (result != OK)
        print_error("%s: %s %s\n", result_name(result),
                    why.rule == NULL ? "" : why.rule, why.field);
    assert_int_equal(result, OK);
}

int
live_place_setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    assert_int_equal(hash_start(), OK);
    (void)snprintf(place->data, sizeof(place->data), "/tmp/vigie-live-XXXXXX");
    assert_non_null(mkdtemp(place->data));
    (void)snprintf(place->keys, sizeof(place->keys), "%s.keys", place->data);
    place->options = (struct live_options){
        .core = {.data_dir = place->data, .keys_dir = place->keys},
        .context = place,
        .push = on_push,
        .alert = on_alert,
        .page = on_page,
    };
    detect_options_default(&place->options.core.detect);
    place->options.core.detect.ceiling_new_per_hour = 20;
    contain_options_default(&place->options.contain);
    place->options.contain.pairs_max = 10000;
    place->now_us = PLACE_START;
    live_place_open(place);
    *state = place;
    return 0;
}

int
live_place_teardown(void **state)
{
    struct place *place = *state;

    live_free(place->live);
    assert_int_equal(file_remove_tree(place->data), OK);
    assert_int_equal(file_remove_tree(place->keys), OK);
    free(place);
    return 0;
}

void
live_place_fill(unsigned first, unsigned count, uint32_t flags)
{
    static char names[ASK_PERSONS_MAX][32];

    live_place_ask = (struct wire_ask){
        .number = 7,
        .phase = ASK_LAST,
        .flags = flags,
        .status = 200,
        .professional = TEXT("80000000001"),
        .session = TEXT("s"),
        .address = TEXT("192.0.2.1"),
        .device = TEXT("d"),
        .service = TEXT("dossier"),
        .person_count = count,
    };
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "Patient/%u", first + i);
        live_place_ask.persons[i] = (struct ask_person){
            .name = text_of(names[i]), .categories = CATEGORY_IDENTITY};
    }
}

struct live_asked
live_place_send(struct place *place)
{
    static uint8_t packet[WIRE_PACKET_BYTES_MAX];
    struct live_part part = {packet, 0};
    struct live_asked asked;

    place->now_us += TIME_SECOND_US;
    assert_int_equal(wire_ask_write(&live_place_ask, packet, &part.length), OK);
    assert_int_equal(live_ask(place->live, &part, 1, place->now_us, &asked),
                     OK);
    assert_int_equal(live_commit(place->live), OK);
    return asked;
}

struct live_asked
live_place_show(struct place *place, unsigned first, unsigned count,
                uint32_t flags)
{
    live_place_fill(first, count, flags);
    return live_place_send(place);
}

unsigned
live_place_rows(struct place *place, enum row_kind kind, uint16_t flags,
                struct row *ret_last)
{
    struct ledger *ledger = core_ledger(live_core(place->live));
    unsigned count = 0;

    for (uint64_t i = 0; i < ledger_count(ledger); i++) {
        struct row row;

        assert_int_equal(ledger_read(ledger, i, 1, &row), OK);
        if (row.kind == kind && (row.flags & flags) == flags) {
            count++;
            if (ret_last != NULL)
                *ret_last = row;
        }
    }
    return count;
}

struct event
live_place_event(struct place *place, const char *person)
{
    struct event event = {.kind = EVENT_ACCESS,
                          .grade = GRADE_DECLARED,
                          .interaction = INTERACTION_READ,
                          .categories = CATEGORY_IDENTITY,
                          .time_us = place->now_us,
                          .professional = TEXT("80000000001"),
                          .session = TEXT("jti-1"),
                          .session_kind = SESSION_SID,
                          .service = TEXT("dossier"),
                          .source = TEXT("trail"),
                          .person_count = 1};

    event.persons[0].shown = event.persons[0].reference = text_of(person);
    return event;
}

bool
live_place_record(struct place *place, const struct event *event,
                  uint32_t flags)
{
    struct wire_record record = {.number = 1, .flags = flags};
    struct buffer content = {0};
    bool stored = false;

    assert_int_equal(event_pack(event, &content), OK);
    record.content = buffer_as_text(&content);
    assert_int_equal(live_record(place->live, &record, place->now_us, &stored),
                     OK);
    assert_int_equal(live_commit(place->live), OK);
    buffer_free(&content);
    return stored;
}

void
live_place_wait(struct place *place, unsigned seconds)
{
    bool changed;

    for (unsigned i = 0; i < seconds; i++) {
        place->now_us += TIME_SECOND_US;
        assert_int_equal(live_tick(place->live, place->now_us, &changed), OK);
        if (changed)
            assert_int_equal(live_commit(place->live), OK);
    }
}
