/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * When a record happened: one place, a day and an hour apart, else the
 * header around it, else the file.
 */
#include "ingest/table_judge.h"

/* "02/03/2026 00:00:00" beside a column of hours: the day alone. */
static struct text
day_of(struct text date)
{
    const size_t colon = text_find_byte(date, ':');
    size_t blank = colon;

    if (colon == date.length) {
        return date;
    }
    while (blank > 0 && date.bytes[blank] != ' ' && date.bytes[blank] != 'T') {
        blank--;
    }
    return blank > 0 ? (struct text){date.bytes, blank} : date;
}

static enum result
read_time(struct judged *judged, struct text given,
          const struct mapping_rule *rule, const char *field)
{
    uint32_t flags = 0;
    const enum result result = table_time_read(
        given, &rule->time, judged->context->options->fallback_time_us,
        &judged->event->time_us, &flags);

    judged->event->flags |= flags;
    if (result == E_FORMAT || result == E_LIMIT) {
        judged_refuse(judged, result == E_LIMIT ? "time-year" : "time-form",
                      field, rule->directive);
        return OK;
    }
    return result;
}

enum result
judge_time(struct judged *judged)
{
    const struct mapping *const mapping = judged->mapping;
    struct buffer *const moment = &judged->table->moment;
    struct text value, hour;
    uint32_t i = judged_rule(judged, MAPPING_TIME, &value);
    enum result result;

    if (i < mapping->rule_count) {
        return read_time(judged, value, &mapping->rules[i], "time");
    }
    i = judged_rule(judged, MAPPING_DATE, &value);
    hour = judged_value(judged, MAPPING_HOUR);
    if (i < mapping->rule_count) {
        buffer_clear(moment);
        result = buffer_text(moment, hour.length > 0 ? day_of(value) : value);
        result = result == OK ? buffer_byte(moment, ' ') : result;
        result = result == OK ? buffer_text(moment, hour) : result;
        return result == OK ? read_time(judged, buffer_as_text(moment),
                                        &mapping->rules[i], "date")
                            : result;
    }
    if (judged->context->header_time_us != 0) {
        judged->event->time_us = judged->context->header_time_us;
        return OK;
    }
    judged->event->time_us = judged->context->options->fallback_time_us;
    judged->event->flags |= EVENT_TIME_FROM_FILE;
    return OK;
}
