/* SPDX-License-Identifier: EUPL-1.2 */
#include "scope/who_print.h"

#include <inttypes.h>

#include "base/time.h"
#include "scope/alias_print.h"
#include "scope/scope_print.h"
#include "scope/step.h"

static enum result
place_json(struct lookup *lookup, uint64_t address, uint64_t device,
           struct buffer *out)
{
    enum result result = buffer_string(out, "{\"address\":");

    STEP(alias_json(lookup, address, out));
    STEP(alias_member(lookup, "device", device, out));
    STEP(buffer_byte(out, '}'));
    return result;
}

static enum result
places_json(struct lookup *lookup, const struct who *who,
            const struct who_entry *entry, struct buffer *out)
{
    enum result result = OK;

    if (!entry->moved)
        return OK;
    STEP(buffer_string(out, ",\"places\":["));
    STEP(place_json(lookup, entry->address, entry->device, out));
    for (size_t i = 0; i < who->place_count; i++) {
        const struct who_place *place = &who->places[i];

        if (place->session != entry->session)
            continue;
        STEP(buffer_byte(out, ','));
        STEP(place_json(lookup, place->address, place->device, out));
    }
    STEP(buffer_byte(out, ']'));
    return result;
}

enum result
who_entry_json(struct lookup *lookup, const struct who *who,
               const struct who_entry *entry, struct buffer *out)
{
    char first[TIME_TEXT_BYTES], last[TIME_TEXT_BYTES];
    size_t before = out->length;
    enum result result = buffer_string(out, "{\"session\":");

    STEP(alias_json(lookup, entry->session, out));
    STEP(alias_member(lookup, "professional", entry->professional, out));
    STEP(alias_member(lookup, "address", entry->address, out));
    STEP(alias_member(lookup, "device", entry->device, out));
    STEP(buffer_string(out, ",\"service\":"));
    STEP(number_json(lookup, NAME_SERVICE, entry->service, out));
    STEP(buffer_string(out, ",\"controller\":"));
    STEP(number_json(lookup, NAME_CONTROLLER, entry->controller, out));
    STEP(buffer_string(out, ",\"categories\":"));
    STEP(category_json(out, entry->seen));
    STEP(buffer_string(out, ",\"possible\":"));
    STEP(category_json(out,
                       (uint16_t)(entry->possible & ~(unsigned)entry->seen)));
    STEP(buffer_format(out,
                       ",\"grade\":\"%s\",\"disclosures\":%" PRIu32
                       ",\"written\":%s,\"first\":\"%s\",\"last\":\"%s\"",
                       grade_name((enum grade)entry->grade), entry->disclosures,
                       entry->writes ? "true" : "false",
                       time_format_utc(entry->first_us, first),
                       time_format_utc(entry->last_us, last)));
    STEP(places_json(lookup, who, entry, out));
    STEP(buffer_string(out, "}\n"));
    if (result != OK)
        out->length = before;
    return result;
}

enum result
who_header_csv(struct buffer *out)
{
    return buffer_string(out, "session,professional,address,device,service,"
                              "categories,possible,grade,disclosures,written,"
                              "first,last\r\n");
}

/* One field: the values of the session's places. */
static enum result
places_csv(struct lookup *lookup, const struct who *who,
           const struct who_entry *entry, bool device, struct buffer *out)
{
    uint64_t said = device ? entry->device : entry->address;
    struct buffer field = {0};
    enum result result = OK;

    if (said != 0)
        STEP(alias_text(lookup, said, &field));
    for (size_t i = 0; entry->moved && i < who->place_count; i++) {
        const struct who_place *place = &who->places[i];
        uint64_t id = device ? place->device : place->address;

        if (place->session != entry->session || id == 0 || id == said)
            continue;
        STEP(buffer_string(&field, field.length == 0 ? "" : "; "));
        STEP(alias_text(lookup, id, &field));
        said = id;
    }
    STEP(csv_field(out, buffer_as_text(&field)));
    STEP(buffer_byte(out, ','));
    buffer_free(&field);
    return result;
}

enum result
who_entry_csv(struct lookup *lookup, const struct who *who,
              const struct who_entry *entry, struct buffer *out)
{
    char first[TIME_TEXT_BYTES], last[TIME_TEXT_BYTES];
    struct buffer service = {0};
    size_t before = out->length;
    enum result result = alias_csv(lookup, entry->session, out);

    STEP(buffer_byte(out, ','));
    STEP(alias_csv(lookup, entry->professional, out));
    STEP(buffer_byte(out, ','));
    STEP(places_csv(lookup, who, entry, false, out));
    STEP(places_csv(lookup, who, entry, true, out));
    if (entry->service != 0)
        STEP(number_text(lookup, NAME_SERVICE, entry->service, &service));
    STEP(csv_field(out, buffer_as_text(&service)));
    STEP(buffer_byte(out, ','));
    STEP(scope_words(entry->seen, " ", out));
    STEP(buffer_byte(out, ','));
    STEP(scope_words((uint8_t)(entry->possible & ~(unsigned)entry->seen), " ",
                     out));
    STEP(buffer_format(out, ",%s,%" PRIu32 ",%s,%s,%s\r\n",
                       grade_name((enum grade)entry->grade), entry->disclosures,
                       entry->writes ? "yes" : "no",
                       time_format_utc(entry->first_us, first),
                       time_format_utc(entry->last_us, last)));
    buffer_free(&service);
    if (result != OK)
        out->length = before;
    return result;
}
