/* SPDX-License-Identifier: EUPL-1.2 */
/* The detector's numbers by name, for command lines and vigie.conf. */
#include <stddef.h>

#include "detect/detect.h"

void
detect_options_default(struct detect_options *ret_options)
{
    *ret_options = (struct detect_options){
        .warm_up_days = 10,
        .unfamiliar_new_max = 15,
        .cold_row_max = 25,
        .ceiling_new_per_hour = 100,
        .ceiling_new_per_day = 300,
        .ceiling_persons_per_hour = 400,
        .ceiling_persons_per_day = 1200,
        .pace_z = 2,
        .watch_score = 6,
        .step_up_score = 9,
    };
}

static const struct {
    const char *name;
    size_t offset;
    bool real; /* a double, given in hundredths or with two decimals */
    uint32_t most;
} numbers[] = {
    {"warm-up-days", offsetof(struct detect_options, warm_up_days), false,
     3660},
    {"unfamiliar-new-max", offsetof(struct detect_options, unfamiliar_new_max),
     false, 10000},
    {"cold-row-max", offsetof(struct detect_options, cold_row_max), false,
     10000},
    {"ceiling-new-per-hour",
     offsetof(struct detect_options, ceiling_new_per_hour), false, 60000},
    {"ceiling-new-per-day",
     offsetof(struct detect_options, ceiling_new_per_day), false, 60000},
    {"ceiling-persons-per-hour",
     offsetof(struct detect_options, ceiling_persons_per_hour), false, 60000},
    {"ceiling-persons-per-day",
     offsetof(struct detect_options, ceiling_persons_per_day), false, 60000},
    {"pace-z", offsetof(struct detect_options, pace_z), true, 100},
    {"watch-score", offsetof(struct detect_options, watch_score), true, 1000},
    {"step-up-score", offsetof(struct detect_options, step_up_score), true,
     1000},
};

/* "2", "2.5", "2.25" in hundredths. */
static enum result
hundredths(struct text value, uint32_t most, uint64_t *ret_hundredths)
{
    struct text whole, part;
    uint64_t units, rest = 0;
    bool dotted = text_split(value, '.', &whole, &part);
    if (dotted && (part.length == 0 || part.length > 2))
        return E_FORMAT;
    enum result r = text_to_u64(whole, most, &units);
    if (r == OK && dotted)
        r = text_to_u64(part, 99, &rest);
    if (r != OK)
        return r;
    *ret_hundredths = units * 100 + (part.length == 1 ? rest * 10 : rest);
    return OK;
}

static enum result
set_number(struct detect_options *options, size_t at, struct text value)
{
    char *field = (char *)options + numbers[at].offset;
    uint64_t number = 0;
    if (!numbers[at].real) {
        enum result r = text_to_u64(value, numbers[at].most, &number);
        if (r == OK)
            *(uint32_t *)(void *)field = (uint32_t)number;
        return r;
    }
    enum result r = hundredths(value, numbers[at].most, &number);
    if (r == OK)
        *(double *)(void *)field = (double)number / 100;
    return r;
}

enum result
detect_options_set(struct detect_options *options, struct text name,
                   struct text value)
{
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        if (text_is(name, numbers[i].name))
            return set_number(options, i, value);
    for (unsigned code = 1; code <= SIGN_LAST; code++) {
        if (!text_is(name, sign_name((uint16_t)code)))
            continue;
        if (text_is(value, "off"))
            options->signs_off |= 1u << code;
        else if (text_is(value, "on"))
            options->signs_off &= ~(1u << code);
        else
            return E_FORMAT;
        return OK;
    }
    return E_NOTFOUND;
}
