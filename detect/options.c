/* SPDX-License-Identifier: EUPL-1.2 */
/* The detector's numbers and signs by name, for command lines and vigie.conf,
 * and back. */
#include <stddef.h>
#include <string.h>

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

/* A number or a name; 0: no such sign. */
static unsigned
sign_code_of(struct text given)
{
    uint64_t number = 0;
    if (text_to_u64(given, SIGN_LAST, &number) == OK)
        return (unsigned)number;
    for (unsigned code = 1; code <= SIGN_LAST; code++)
        if (text_is(given, sign_name((uint16_t)code)))
            return code;
    return 0;
}

/* "regular-step,7" */
static enum result
set_signs_off(struct detect_options *options, struct text value)
{
    uint32_t off = 0;
    struct text item, rest = value;
    do {
        bool more = text_split(rest, ',', &item, &rest);
        unsigned code = sign_code_of(item);
        if (code == 0)
            return E_FORMAT;
        off |= 1u << code;
        if (!more)
            break;
    } while (true);
    options->signs_off |= off;
    return OK;
}

enum result
detect_options_set(struct detect_options *options, struct text name,
                   struct text value)
{
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        if (text_is(name, numbers[i].name))
            return set_number(options, i, value);
    if (text_is(name, "sign-off"))
        return set_signs_off(options, value);
    unsigned code = sign_code_of(name);
    if (code == 0)
        return E_NOTFOUND;
    if (text_is(value, "off"))
        options->signs_off |= 1u << code;
    else if (text_is(value, "on"))
        options->signs_off &= ~(1u << code);
    else
        return E_FORMAT;
    return OK;
}

static enum result
number_text(const struct detect_options *options, size_t at, const char *space,
            struct buffer *out)
{
    const char *field = (const char *)options + numbers[at].offset;
    if (!numbers[at].real)
        return buffer_format(out, "%s%s=%u", space, numbers[at].name,
                             *(const uint32_t *)(const void *)field);
    /* no locale's comma */
    double real = *(const double *)(const void *)field;
    uint32_t parts = (uint32_t)(real * 100 + 0.5);
    return buffer_format(out, "%s%s=%u.%02u", space, numbers[at].name,
                         parts / 100, parts % 100);
}

enum result
detect_options_text(const struct detect_options *options, struct buffer *out)
{
    struct detect_options usual;
    const char *space = "";
    enum result r = OK;
    detect_options_default(&usual);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers) && r == OK; i++) {
        size_t bytes = numbers[i].real ? sizeof(double) : sizeof(uint32_t);
        if (memcmp((const char *)options + numbers[i].offset,
                   (const char *)&usual + numbers[i].offset, bytes) == 0)
            continue;
        r = number_text(options, i, space, out);
        space = " ";
    }
    const char *before = space[0] == '\0' ? "sign-off=" : " sign-off=";
    for (uint16_t code = 1; code <= SIGN_LAST && r == OK; code++) {
        if (!(options->signs_off >> code & 1))
            continue;
        r = buffer_format(out, "%s%s", before, sign_name(code));
        before = ",";
    }
    return r;
}
