/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From the names of an event to ids: docs/design.md, Person and Session.
 */
#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "core/core_inside.h"

static enum result
count_name(struct core *core, struct id_set *seen, uint64_t id, bool made,
           uint64_t *total)
{
    enum result result;

    if (core->live)
        return OK; /* nobody asks, and the set would grow for months */
    if (core->fresh) {
        *total += made ? 1 : 0;
        return OK;
    }
    /* a ledger with a past: the names of this import are counted one by
     * one, since most are not new */
    result = id_set_add(seen, id, &made);
    if (result == OK && made)
        (*total)++;
    return result;
}

/* The door says which service and controller a location is of; relative
 * references are its own. */
static enum result
resolve_location(struct core *core, const struct event *event,
                 const struct source_entry *entry, struct names *names)
{
    enum result result = OK;

    if (event->service.length > 0)
        result = lookup_number(core->lookup, NAME_SERVICE, event->service,
                               &names->service);
    if (result == OK && core->controller.length > 0)
        result = lookup_number(core->lookup, NAME_CONTROLLER, core->controller,
                               &names->controller);
    names->person_space = names->service;
    names->context_health = entry != NULL && entry->context_reveals_health;
    return result;
}

static enum result
resolve_service(struct core *core, const struct event *event,
                struct names *names)
{
    const struct source_entry *entry =
        sources_find(core->options.sources, event->service);
    enum result result = OK;

    if (entry == NULL)
        entry = sources_find(core->options.sources, event->source);
    if (core->live && !core->beside) {
        result = resolve_location(core, event, entry, names);
    } else if (entry != NULL) {
        result = lookup_number(core->lookup, NAME_SERVICE, entry->service,
                               &names->service);
        if (result == OK && entry->controller.length > 0)
            result = lookup_number(core->lookup, NAME_CONTROLLER,
                                   entry->controller, &names->controller);
        names->context_health = entry->context_reveals_health;
        /* live, the door names the persons of a service in its own space */
        if (core->beside)
            names->person_space = names->service;
    }
    if (core->service_number != 0) {
        names->service = core->service_number;
        names->person_space = core->service_number;
    }
    if (result != OK || event->source.length == 0)
        return result;
    /* nearly always the source of the event before */
    if (text_equal(event->source, buffer_as_text(&core->last_source))) {
        names->source = core->last_source_number;
        return OK;
    }
    result = lookup_number(core->lookup, NAME_SOURCE, event->source,
                           &names->source);
    if (result != OK)
        return result;
    core->last_source_number = names->source;
    buffer_clear(&core->last_source);
    return buffer_text(&core->last_source, event->source);
}

static enum result
resolve_address(struct core *core, const struct event *event,
                struct names *names)
{
    char network[ADDRESS_TEXT_BYTES];
    struct alias alias;
    enum result result;

    if (event->address.length == 0)
        return OK;
    result = lookup_add(core->lookup, ALIAS_ADDRESS, event->address,
                        event->address, 0, &alias, NULL);
    if (result != OK)
        return result;
    names->address = alias.id;
    if (core->facts != NULL)
        context_facts_address(core->facts, alias.id, event->address);
    if (event_address_network(event->address, network) != OK)
        return OK;
    result = lookup_add(core->lookup, ALIAS_NETWORK, text_of(network),
                        text_of(network), 0, &alias, NULL);
    /* a row has 32 bits for it; the id is random, so its low half serves */
    if (result == OK)
        names->network = (uint32_t)alias.id | 1;
    return result;
}

static enum result
resolve_context(struct core *core, const struct event *event,
                struct names *names)
{
    struct alias alias;
    bool made = false;
    enum result result = OK;

    if (event->professional.length > 0) {
        result = lookup_add(core->lookup, ALIAS_PROFESSIONAL,
                            event->professional, event->professional, 0,
                            &alias, &made);
        if (result != OK)
            return result;
        names->professional = alias.canonical;
        if (core->facts != NULL)
            context_facts_professional(core->facts, alias.canonical,
                                       event->professional);
        result = count_name(core, &core->seen_professionals, alias.canonical,
                            made, &core->statistics.professionals);
    }
    if (result == OK)
        result = resolve_address(core, event, names);
    if (result == OK && event->device.length > 0) {
        result = lookup_add(core->lookup, ALIAS_DEVICE, event->device,
                            event->device, 0, &alias, NULL);
        if (result == OK)
            names->device = alias.id;
    }
    return result;
}

/* The slot of the event's three names. Lengths go in too, so that no two
 * triples run into the same bytes. */
static enum result
context_of(struct core *core, const struct event *event,
           struct hash128 *ret_hash)
{
    uint32_t lengths[2] = {(uint32_t)event->professional.length,
                           (uint32_t)event->address.length};
    enum result result;

    buffer_clear(&core->key);
    result = buffer_append(&core->key, lengths, sizeof(lengths));
    if (result == OK)
        result = buffer_text(&core->key, event->professional);
    if (result == OK)
        result = buffer_text(&core->key, event->address);
    if (result == OK)
        result = buffer_text(&core->key, event->device);
    if (result == OK)
        *ret_hash =
            hash_sip(core->context_key, core->key.bytes, core->key.length);
    return result;
}

enum result
core_resolve(struct core *core, const struct event *event,
             struct names *ret_names)
{
    struct names names = {0};
    struct kept_context *kept;
    struct hash128 hash;
    enum result result = resolve_service(core, event, &names);

    if (result == OK)
        result = context_of(core, event, &hash);
    if (result != OK)
        return result;
    kept = &core->contexts[hash.low % CONTEXTS_KEPT];
    if (kept->hash.low == hash.low && kept->hash.high == hash.high) {
        names.professional = kept->professional;
        names.address = kept->address;
        names.device = kept->device;
        names.network = kept->network;
    } else {
        result = resolve_context(core, event, &names);
        if (result != OK)
            return result;
        *kept = (struct kept_context){
            hash,         names.professional, names.address,
            names.device, names.network,
        };
    }
    *ret_names = names;
    return OK;
}

/* "~" and 16 hex digits that only the names and the first time decide, so
 * that another import of the same trail calls the session the same. */
static enum result
derived_name(struct core *core, const struct event *event)
{
    char hex[17];
    uint8_t digest[HASH_BYTES];
    enum result result;

    buffer_clear(&core->key);
    result = buffer_text(&core->key, event->professional);
    if (result == OK)
        result = buffer_byte(&core->key, '|');
    if (result == OK)
        result = buffer_text(&core->key, event->address);
    if (result == OK)
        result = buffer_byte(&core->key, '|');
    if (result == OK)
        result = buffer_text(&core->key, event->device);
    if (result == OK)
        result = buffer_format(&core->key, "|%" PRId64, event->time_us);
    if (result != OK)
        return result;
    hash_sha256(core->key.bytes, core->key.length, digest);
    hash_hex(digest, 8, hex);
    buffer_clear(&core->key);
    return buffer_format(&core->key, "~%s", hex);
}

static enum result
resolve_derived(struct core *core, const struct event *event,
                struct names *names)
{
    struct alias alias;
    bool made;
    enum result result;

    names->session_derived = true;
    if (names->professional == 0 && names->address == 0 && names->device == 0)
        return OK;
    names->session =
        sessions_of_context(core->sessions, names->professional,
                            names->address, names->device, true,
                            event->time_us);
    names->token = names->session;
    if (names->session != 0)
        return OK;
    result = derived_name(core, event);
    if (result == OK)
        result = lookup_add(core->lookup, ALIAS_SESSION,
                            buffer_as_text(&core->key),
                            buffer_as_text(&core->key), 0, &alias, &made);
    if (result == OK) {
        names->session = alias.canonical;
        names->token = alias.id;
        result = count_name(core, &core->seen_sessions, alias.canonical, made,
                            &core->statistics.sessions);
    }
    return result;
}

enum result
core_resolve_session(struct core *core, const struct event *event,
                     struct names *names)
{
    struct alias alias;
    uint64_t joined = 0;
    bool made = false;
    enum result result;

    if (event->session_kind == SESSION_NONE || event->session.length == 0)
        return resolve_derived(core, event, names);
    result = lookup_find(core->lookup, ALIAS_SESSION, event->session, &alias);
    if (result == E_NOTFOUND) {
        if (event->session_kind == SESSION_TOKEN && names->professional != 0)
            joined = sessions_of_context(core->sessions, names->professional,
                                         names->address, names->device,
                                         false, event->time_us);
        result = lookup_add(core->lookup, ALIAS_SESSION, event->session,
                            event->session, joined, &alias, &made);
    }
    if (result != OK)
        return result;
    names->session = alias.canonical;
    names->token = alias.id;
    names->session_sid = event->session_kind == SESSION_SID;
    names->session_joined = alias.id != alias.canonical;
    return count_name(core, &core->seen_sessions, alias.canonical,
                      made && alias.id == alias.canonical,
                      &core->statistics.sessions);
}

/* The row that says that two persons are one. */
static struct row
join_row(const struct event *event, const struct names *names, uint64_t kept,
         uint64_t joined)
{
    return (struct row){
        .kind = ROW_JOIN,
        .time_source_us = event->time_us,
        .person = kept,
        .request = joined,
        .service = names->service,
        .controller = names->controller,
        .source = names->source,
    };
}

/* One more name of a person already known under `person`. */
static enum result
add_name(struct core *core, const struct event *event,
         const struct names *names, struct text key, struct text shown,
         struct row *rows, size_t *row_count, uint64_t *person)
{
    struct alias alias;
    bool made;
    uint64_t kept;
    enum result result = lookup_add(core->lookup, ALIAS_PERSON, key, shown,
                                    *person, &alias, &made);

    if (result == OK && made && core->facts != NULL)
        result = context_facts_person(core->facts, key, alias.canonical);
    if (result != OK || made || alias.canonical == *person)
        return result;
    result = lookup_join(core->lookup, alias.canonical, *person);
    if (result != OK)
        return result;
    kept = lookup_canonical(core->lookup, *person);
    rows[(*row_count)++] = join_row(
        event, names, kept, kept == *person ? alias.canonical : *person);
    *person = kept;
    return OK;
}

/* Relative references of several servers in one space may be mixed up. */
static void
note_space(struct core *core, const struct event_person *person,
           const struct names *names)
{
    if (person->value.length > 0 || names->person_space != 0 ||
        names->source == 0)
        return;
    if (core->first_space_service == 0)
        core->first_space_service = names->source;
    else if (core->first_space_service != names->source)
        core->statistics.several_servers = true;
}

enum result
core_resolve_person(struct core *core, const struct event *event,
                    const struct names *names,
                    const struct event_person *person, struct row *rows,
                    size_t *row_count, uint64_t *ret_person)
{
    struct event_person other = *person;
    struct alias alias;
    uint64_t id;
    bool made, test;
    enum result result =
        event_person_key(person, names->person_space, &core->key);

    if (result != OK)
        return result;
    note_space(core, person, names);
    result = lookup_add(core->lookup, ALIAS_PERSON,
                        buffer_as_text(&core->key), person->shown, 0, &alias,
                        &made);
    if (result != OK)
        return result;
    id = alias.canonical;
    if (made && core->facts != NULL)
        result = context_facts_person(core->facts, buffer_as_text(&core->key),
                                      id);
    if (result != OK)
        return result;
    /* an INS joins the other name that the same record carries */
    if (person->value.length > 0 && person->reference.length > 0 &&
        event_system_is_ins(person->system, &test)) {
        other.system = other.value = TEXT("");
        result = event_person_key(&other, names->person_space, &core->key);
        if (result == OK)
            result = add_name(core, event, names, buffer_as_text(&core->key),
                              person->reference, rows, row_count, &id);
        if (result != OK)
            return result;
    }
    *ret_person = id;
    return count_name(core, &core->seen_persons, id,
                      made && alias.id == alias.canonical,
                      &core->statistics.persons);
}
