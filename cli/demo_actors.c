/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/demo_actors.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "cli/demo_http.h"

#define PATH_BYTES 128
#define PAGE 6

/* How the thieves come, the third from where the first does; an honest one
 * comes as ever. Milliseconds. */
static const struct {
    const char *address, *device;
    int64_t first_ms, step_ms;
} ways[] = {
    [ACTOR_HONEST] = {NULL, NULL, 0, 2100},
    [ACTOR_SCRIPT] = {"198.51.100.23", "python-requests/2.31.0", 3000, 220},
    [ACTOR_PAGES] = {"203.0.113.77", "Mozilla/5.0 (X11; Linux x86_64)", 4300,
                     900},
    [ACTOR_SLOW] = {"198.51.100.23", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2)",
                    5100, 700},
};

enum result
actors_start(struct live_past *past, int64_t now_us, struct actor *ret_actors,
             size_t *ret_count)
{
    static struct live_holder cast[ACTORS_MAX];
    size_t count = live_past_cast(past, cast, ACTORS_MAX);

    if (count <= ACTORS_THIEVES)
        return E_NOTFOUND;
    for (size_t i = 0; i < count; i++) {
        struct actor *actor = &ret_actors[i];
        enum actor_role role = i < ACTORS_THIEVES
                                   ? (enum actor_role)(ACTOR_SCRIPT + i)
                                   : ACTOR_HONEST;
        int64_t first_ms =
            role == ACTOR_HONEST ? 190 * (int64_t)i : ways[role].first_ms;

        *actor = (struct actor){
            .past = past,
            .holder = cast[i],
            .role = role,
            .step_us = ways[role].step_ms * 1000,
            .next_us = now_us + first_ms * 1000,
            .auth_time = now_us / TIME_SECOND_US - 60,
        };
        actor->address = ways[role].address;
        actor->device = ways[role].device;
        (void)snprintf(actor->session, sizeof(actor->session),
                       "demo-%08" PRIx64 "-%02zu",
                       (uint64_t)(now_us / 1000) & 0xffffffff, i);
    }
    *ret_count = count;
    return OK;
}

static const char *
address_of(const struct actor *actor)
{
    return actor->address != NULL ? actor->address : actor->holder.address;
}

static const char *
device_of(const struct actor *actor)
{
    return actor->device != NULL ? actor->device : actor->holder.device;
}

/* A person of the account's own, the latest first. */
static uint64_t
own_person(const struct actor *actor, unsigned nth)
{
    uint32_t last = actor->holder.person_count - 1 - nth % LIVE_PERSONS;

    return live_past_number(actor->past,
                            actor->holder.persons[last % LIVE_PERSONS]);
}

/* A consultation in five requests: identity, measurements, prescriptions,
 * letters, a measurement that is written. */
static void
honest_request(const struct actor *actor, char path[PATH_BYTES],
               char body[PATH_BYTES], struct demo_request *request)
{
    static const char *const lists[] = {"Observation", "MedicationRequest",
                                        "DocumentReference"};
    uint64_t person = own_person(actor, actor->turn / 5);
    unsigned part = actor->turn % 5;

    if (part == 0) {
        (void)snprintf(path, PATH_BYTES, "/fhir/Patient/%012" PRIu64, person);
    } else if (part < 4) {
        (void)snprintf(path, PATH_BYTES, "/fhir/%s?patient=%012" PRIu64,
                       lists[part - 1], person);
    } else {
        (void)snprintf(path, PATH_BYTES, "/fhir/Observation");
        (void)snprintf(body, PATH_BYTES,
                       "{\"resourceType\":\"Observation\",\"subject\":{"
                       "\"reference\":\"Patient/%012" PRIu64 "\"}}",
                       person);
        request->method = "POST";
        request->body = body;
    }
}

static void
thief_path(const struct actor *actor, char path[PATH_BYTES])
{
    uint64_t stranger = live_past_number(
        actor->past,
        live_past_stranger(actor->past, &actor->holder, actor->turn));

    if (actor->role == ACTOR_PAGES)
        (void)snprintf(path, PATH_BYTES,
                       "/fhir/Patient?gender=female&_count=%u&_offset=%u", PAGE,
                       actor->turn * PAGE);
    else if (actor->role == ACTOR_SCRIPT)
        (void)snprintf(path, PATH_BYTES,
                       "/fhir/Patient/%012" PRIu64 "/$everything", stranger);
    else
        (void)snprintf(path, PATH_BYTES, "/fhir/Patient/%012" PRIu64, stranger);
}

static void
see(struct actor *actor, uint64_t person)
{
    for (size_t i = 0; i < actor->seen_count; i++)
        if (actor->seen[i] == person)
            return;
    if (actor->seen_count < ACTOR_SEEN_MAX)
        actor->seen[actor->seen_count++] = person;
}

/* Every person that the bytes name, as an eye would find them: by Patient/…
 * and by the id of a Patient. */
static void
see_all(struct actor *actor, struct text body)
{
    static const char *const marks[] = {"Patient/", "\"Patient\",\"id\":\""};

    for (unsigned i = 0; i < 2; i++) {
        struct text rest = body;
        for (;;) {
            size_t at = text_find(rest, marks[i]);
            struct text digits;
            uint64_t person;

            if (at >= rest.length)
                break;
            rest = text_after(rest, at + strlen(marks[i]));
            digits = rest;
            if (digits.length > 12)
                digits.length = 12;
            if (text_to_u64(digits, UINT64_MAX, &person) == OK)
                see(actor, person);
        }
    }
}

static void
note(struct actor *actor, unsigned status, int64_t now_us)
{
    if (status == 401 || status == 403) {
        if (actor->stepped + actor->cut == 0)
            actor->seen_before = actor->seen_count;
    }
    if (status == 401) {
        actor->stepped++;
        if (actor->stepped_us == 0)
            actor->stepped_us = now_us;
    } else if (status == 403) {
        actor->cut++;
        if (actor->cut_us == 0)
            actor->cut_us = now_us;
    } else if (status == 200 || status == 201) {
        actor->answered++;
    } else {
        actor->other++;
    }
}

enum result
actor_act(struct actor *actor, uint16_t port, struct buffer *body,
          unsigned *ret_status)
{
    char path[PATH_BYTES], sent[PATH_BYTES];
    struct demo_request request = {
        .method = "GET",
        .path = path,
        .professional = actor->holder.name,
        .session = actor->session,
        .address = address_of(actor),
        .device = device_of(actor),
        .auth_time = actor->auth_time,
    };
    unsigned status;
    enum result r;

    if (actor->role == ACTOR_HONEST)
        honest_request(actor, path, sent, &request);
    else
        thief_path(actor, path);
    r = demo_http_ask(port, &request, body, &status);
    actor->turn++;
    actor->next_us += actor->step_us;
    if (r != OK)
        return r;
    if (status == 200 || status == 201)
        see_all(actor, buffer_as_text(body));
    note(actor, status, time_now_us());
    *ret_status = status;
    return OK;
}

void
actor_sign_in(struct actor *actor, int64_t now_us)
{
    actor->auth_time = now_us / TIME_SECOND_US + 1;
}
