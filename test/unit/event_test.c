/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/event.h"

/* About 4 kB: kept off the stack of each test. */
static struct event event, back;

static void
fill(void)
{
    memset(&event, 0, sizeof(event));
    event.kind = EVENT_ACCESS;
    event.grade = GRADE_DECLARED;
    event.interaction = INTERACTION_SEARCH;
    event.session_kind = SESSION_TOKEN;
    event.side = SIDE_SERVER;
    event.resource = resource_number(TEXT("Patient"));
    event.categories = resource_categories(event.resource);
    event.flags = EVENT_EMERGENCY | EVENT_SEARCH;
    event.time_us = -5;
    event.professional_system = TEXT("https://auth.example.fr");
    event.professional = TEXT("899700427869");
    event.session = TEXT("0cc00f99");
    event.address = TEXT("192.0.2.10");
    event.device = TEXT("portail");
    event.request = TEXT("req-1");
    event.record = TEXT("rec-1");
    event.service = TEXT("srv.example.fr");
    event.source = TEXT("observer");
    event.query = TEXT("family=MARTIN");
    event.place = (struct query_place){
        .kind = QUERY_NAME, .at = UINT64_C(0x6d617274696e0000), .rest = 7};
    event.person_count = 2;
    event.persons[0].shown = TEXT("Patient/42");
    event.persons[0].reference = TEXT("Patient/42");
    event.persons[1].system = TEXT("urn:oid:1.2.250.1.213.1.4.8");
    event.persons[1].value = TEXT("279035121518989");
}

static void
an_event_too_large_is_refused_and_nothing_is_appended(void **state)
{
    struct buffer out = {0};
    char *large = calloc(1, EVENT_PACKED_BYTES_MAX + 1);

    (void)state;
    assert_non_null(large);
    fill();
    event.device = (struct text){large, UINT16_MAX + (size_t)1};
    assert_int_equal(event_pack(&event, &out), E_LIMIT);
    event.device = (struct text){large, UINT16_MAX - 100};
    assert_int_equal(event_pack(&event, &out), E_LIMIT);
    fill();
    event.person_count = EVENT_PERSONS_MAX + 1;
    assert_int_equal(event_pack(&event, &out), E_LIMIT);
    assert_int_equal(out.length, 0);
    free(large);
    buffer_free(&out);
}

static void
packed_bytes_cut_or_lengthened_anywhere_are_corrupt(void **state)
{
    struct buffer out = {0};

    (void)state;
    fill();
    assert_int_equal(event_pack(&event, &out), OK);
    for (size_t length = 0; length < out.length; length++) {
        /* a copy of exactly that length, so that ASan sees reads past it */
        char *cut = malloc(length > 0 ? length : 1);

        assert_non_null(cut);
        memcpy(cut, out.bytes, length);
        assert_int_equal(event_unpack((struct text){cut, length}, &back),
                         E_CORRUPT);
        free(cut);
    }
    assert_int_equal(buffer_byte(&out, 'x'), OK);
    assert_int_equal(event_unpack(buffer_as_text(&out), &back), E_CORRUPT);
    buffer_free(&out);
}

static void
a_packed_head_out_of_range_is_corrupt(void **state)
{
    static const struct {
        size_t at;
        unsigned char value;
    } wrong[] = {
        {9, 0x01}, {13, 0xff}, {16, 3},    {16, 65}, {17, 0xff},
        {18, 0},   {18, 5},    {19, 4},    {20, 8},  {21, 3},
        {22, 3},   {23, 0},    {23, 5},    {36, 0xff},
    };
    struct buffer out = {0};

    (void)state;
    fill();
    assert_int_equal(event_pack(&event, &out), OK);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char kept = out.bytes[wrong[i].at];

        out.bytes[wrong[i].at] = (char)wrong[i].value;
        assert_int_equal(event_unpack(buffer_as_text(&out), &back), E_CORRUPT);
        out.bytes[wrong[i].at] = kept;
    }
    assert_int_equal(event_unpack(buffer_as_text(&out), &back), OK);
    buffer_free(&out);
}

static void
assert_same(struct text a, struct text b)
{
    assert_int_equal(a.length, b.length);
    if (a.length > 0) {
        assert_memory_equal(a.bytes, b.bytes, a.length);
    }
}

static void
an_event_comes_back_whole(void **state)
{
    struct buffer out = {0};

    (void)state;
    fill();
    assert_int_equal(buffer_string(&out, "before"), OK);
    assert_int_equal(event_pack(&event, &out), OK);
    memset(&back, 0x55, sizeof(back));
    assert_int_equal(event_unpack(text_after(buffer_as_text(&out), 6), &back),
                     OK);
    assert_int_equal(back.kind, event.kind);
    assert_int_equal(back.grade, event.grade);
    assert_int_equal(back.interaction, event.interaction);
    assert_int_equal(back.session_kind, event.session_kind);
    assert_int_equal(back.side, event.side);
    assert_int_equal(back.resource, event.resource);
    assert_int_equal(back.categories, event.categories);
    assert_int_equal(back.flags, event.flags);
    assert_true(back.time_us == -5);
    assert_int_equal(back.professional_system.length, 0);
    assert_same(back.professional, event.professional);
    assert_same(back.session, event.session);
    assert_same(back.address, event.address);
    assert_same(back.device, event.device);
    assert_same(back.request, event.request);
    assert_same(back.record, event.record);
    assert_same(back.service, event.service);
    assert_same(back.source, event.source);
    assert_int_equal(back.query.length, 0);
    assert_int_equal(back.place.kind, QUERY_NAME);
    assert_int_equal(back.place.at, event.place.at);
    assert_int_equal(back.place.rest, 7);
    assert_int_equal(back.person_count, 2);
    for (int i = 0; i < 2; i++) {
        assert_same(back.persons[i].shown, event.persons[i].shown);
        assert_same(back.persons[i].system, event.persons[i].system);
        assert_same(back.persons[i].value, event.persons[i].value);
        assert_same(back.persons[i].reference, event.persons[i].reference);
    }
    buffer_free(&out);
}

static void
an_event_without_a_search_packs_no_place(void **state)
{
    struct buffer with = {0}, without = {0};

    (void)state;
    fill();
    assert_int_equal(event_pack(&event, &with), OK);
    event.place.kind = QUERY_NONE;
    assert_int_equal(event_pack(&event, &without), OK);
    assert_int_equal(without.length + 12, with.length);
    memset(&back, 0x55, sizeof(back));
    assert_int_equal(event_unpack(buffer_as_text(&without), &back), OK);
    assert_int_equal(back.place.kind, QUERY_NONE);
    assert_int_equal(back.place.at, 0);
    assert_same(back.source, event.source);
    buffer_free(&with);
    buffer_free(&without);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_too_large_is_refused_and_nothing_is_appended),
        cmocka_unit_test(packed_bytes_cut_or_lengthened_anywhere_are_corrupt),
        cmocka_unit_test(a_packed_head_out_of_range_is_corrupt),
        cmocka_unit_test(an_event_comes_back_whole),
        cmocka_unit_test(an_event_without_a_search_packs_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
