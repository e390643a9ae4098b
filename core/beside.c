/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/beside.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define PLACES 1024
#define SAMPLES 15
#define SAMPLES_LEAST 5

struct place {
    uint16_t source;
    uint8_t count, next;
    int64_t last_us;
    int64_t skews[SAMPLES];
};

struct beside {
    struct place places[PLACES];
};

enum result
beside_new(struct beside **ret_beside)
{
    struct beside *beside = calloc(1, sizeof(*beside));

    if (beside == NULL)
        return E_NOMEM;
    *ret_beside = beside;
    return OK;
}

void
beside_free(struct beside *beside)
{
    free(beside);
}

static int
by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static int64_t
usual(const struct place *place)
{
    int64_t sorted[SAMPLES];

    if (place->count < SAMPLES_LEAST)
        return 0;
    memcpy(sorted, place->skews, place->count * sizeof(sorted[0]));
    qsort(sorted, place->count, sizeof(sorted[0]), by_size);
    return sorted[place->count / 2];
}

bool
beside_late(struct beside *beside, uint16_t source, int64_t time_us,
            int64_t received_us, int64_t *ret_skew_us)
{
    struct place *place = &beside->places[source % PLACES];
    int64_t skew = received_us - time_us, apart;

    if (place->source != source)
        *place = (struct place){.source = source};
    *ret_skew_us = usual(place);
    apart = skew - *ret_skew_us;
    if (place->count == 0 || received_us - place->last_us >= TIME_MINUTE_US) {
        place->last_us = received_us;
        place->skews[place->next] = skew;
        place->next = (uint8_t)((place->next + 1) % SAMPLES);
        if (place->count < SAMPLES)
            place->count++;
    }
    return apart > BESIDE_SKEW_US || apart < -BESIDE_SKEW_US;
}

int64_t
beside_usual(const struct beside *beside, uint16_t source)
{
    const struct place *place = &beside->places[source % PLACES];

    return place->source == source ? usual(place) : 0;
}
