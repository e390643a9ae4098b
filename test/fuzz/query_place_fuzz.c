/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Searches as trails write them, to a place in an order, and the step from
 * one to the next (the input's two halves). What holds for every input is
 * asserted: the same text gives the same place, names are letters, a step
 * has a size only where its kind has one, and turns round with its ends.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "codec/query_place.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
check_place(const struct query_place *place)
{
    bool ended = false;

    assert(place->kind <= QUERY_OFFSET);
    assert(place->kind == QUERY_OFFSET || place->rest == 0);
    assert(place->kind != QUERY_NONE || place->at == 0);
    if (place->kind != QUERY_NAME)
        return;
    assert(place->at != 0);
    for (unsigned i = 0; i < 8; i++) {
        unsigned byte = (unsigned)(place->at >> (56 - 8 * i)) & 0xffu;

        assert(byte == 0 || (byte >= 'a' && byte <= 'z' && !ended));
        ended |= byte == 0;
    }
}

static void
check_steps(const struct query_place *a, const struct query_place *b)
{
    uint16_t size, back_size;
    enum query_step step = query_step_of(a, b, &size);
    enum query_step back = query_step_of(b, a, &back_size);

    assert(size == back_size);
    assert(size == 0 || step == STEP_UP || step == STEP_DOWN);
    assert(b->kind != QUERY_NAME || size == 0);
    if (step == STEP_UP)
        assert(back == STEP_DOWN);
    else if (step == STEP_DOWN)
        assert(back == STEP_UP);
    else
        assert(back == step);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text given = {(const char *)bytes, length}, first, second;
    struct query_place places[2], again;

    (void)text_split(given, '\x1e', &first, &second);
    query_place_of(first, &places[0]);
    query_place_of(second, &places[1]);
    query_place_of(first, &again);
    assert(again.kind == places[0].kind && again.at == places[0].at &&
           again.rest == places[0].rest);
    check_place(&places[0]);
    check_place(&places[1]);
    check_steps(&places[0], &places[1]);
    return 0;
}
