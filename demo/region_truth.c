/* SPDX-License-Identifier: EUPL-1.2 */
/* What really happened, for those who measure. Never read by detection. */
#include "base/time.h"
#include "demo/region_state.h"

static enum result
truth_line(const struct region *region, const struct region_theft *theft,
           struct buffer *out)
{
    const struct region_session *session =
        region_session(region, theft->session);
    char professional[REGION_NAME_BYTES], token[REGION_NAME_BYTES];
    char person[REGION_NAME_BYTES], first[TIME_TEXT_BYTES],
        last[TIME_TEXT_BYTES];
    region_professional_name(region, session->professional, professional);
    region_session_name(session, token);
    enum result r = buffer_format(
        out,
        "{\"kind\":\"theft\",\"thief\":\"%s\",\"class\":\"%s\","
        "\"number\":%u,\"professional\":\"%s\",\"session\":\"%s\","
        "\"first\":\"%s\",\"last\":\"%s\",\"persons\":[",
        region_thief_name(theft->thief),
        region_class_name(region_thief_class(theft->thief)), theft->number,
        professional, token, time_format_utc(theft->first_us, first),
        time_format_utc(theft->last_us, last));
    for (uint32_t i = 0; i < theft->person_count && r == OK; i++) {
        region_person_name(region, theft->persons[i], person);
        r = buffer_format(out, "%s\"%s\"", i == 0 ? "" : ",", person);
    }
    if (r == OK)
        r = buffer_string(out, "],\"times\":[");
    for (uint32_t i = 0; i < theft->person_count && r == OK; i++)
        r = buffer_format(out, "%s\"%s\"", i == 0 ? "" : ",",
                          time_format_utc(theft->times_us[i], first));
    return r == OK ? buffer_string(out, "]}\n") : r;
}

enum result
region_truth(const struct region *region, struct buffer *out)
{
    enum result r = OK;
    for (size_t i = 0; i < region->theft_count && r == OK; i++)
        r = truth_line(region, &region->thefts[i], out);
    return r;
}
