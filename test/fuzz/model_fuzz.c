/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The names that records carry: identifiers, addresses, references, and the
 * packed event. What holds for every input is asserted: a normal form stays
 * as it is, results lie within the input, nothing is lost in packing.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct event event;

static void
try_address(struct text text)
{
    char address[ADDRESS_TEXT_BYTES], again[ADDRESS_TEXT_BYTES],
        network[ADDRESS_TEXT_BYTES];

    if (event_address_parse(text, address) != OK) {
        return;
    }
    assert(event_address_parse(text_of(address), again) == OK);
    assert(strcmp(address, again) == 0);
    assert(event_address_network(text_of(address), network) == OK);
    assert(strchr(network, '/') != NULL);
}

static void
try_identifier(struct text text)
{
    struct buffer scratch = {0}, key = {0};
    struct event_person person = {.shown = text};
    bool test;

    if (event_identifier_parse(text, &scratch, &person.system, &person.value) ==
        OK) {
        assert(person.value.length > 0);
        assert(person.value.length <= text.length);
        (void)event_system_is_ins(person.system, &test);
        assert(event_person_key(&person, 7, &key) == OK);
        assert(key.length > person.value.length);
    }
    buffer_free(&scratch);
    buffer_free(&key);
}

static void
try_reference(struct text text)
{
    struct text base, id;
    struct buffer key = {0};
    const struct event_person person = {.reference = text};
    uint16_t type;

    if (resource_reference_split(text, &base, &type, &id)) {
        assert(id.length > 0 && base.length + id.length < text.length);
        assert(type <= resource_count());
        assert(event_person_key(&person, 7, &key) == OK);
    }
    buffer_free(&key);
}

static void
try_unpack(struct text text)
{
    struct buffer again = {0};

    if (event_unpack(text, &event) == OK) {
        assert(event_pack(&event, &again) == OK);
        assert(text_equal(buffer_as_text(&again), text));
    }
    buffer_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct text text = {(const char *)bytes, length};

    try_address(text);
    try_identifier(text);
    try_reference(text);
    try_unpack(text);
    return 0;
}
