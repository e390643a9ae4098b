/* SPDX-License-Identifier: EUPL-1.2 */
/* Names of persons, professionals, sessions, machines and lines as the trail
 * shows them: numbers that mean nothing. */
#include "demo/region_pen.h"

/* An RPPS: 8 (its type), ten digits, Luhn's key. */
void
pen_professional(struct pen *pen, uint32_t professional)
{
    char *digits = pen->at;
    unsigned sum = 0;
    /* The factor is odd and no multiple of 5: no two are the same. */
    uint64_t number = UINT64_C(1000000000) +
                      ((uint64_t)professional * 78125003 + 12345) % 100000000;
    PEN(pen, "8");
    pen_decimal(pen, number, 10);
    for (unsigned i = 0; i < 10; i++) {
        unsigned d = (unsigned)(digits[10 - i] - '0');
        if (i % 2 == 0)
            d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    pen_decimal(pen, (10 - sum % 10) % 10, 1);
}

void
pen_token(struct pen *pen, uint64_t token)
{
    uint64_t more = chance_mix(token, 0x6a7469);
    pen_hex(pen, token >> 32, 8);
    PEN(pen, "-");
    pen_hex(pen, token >> 16, 4);
    PEN(pen, "-4");
    pen_hex(pen, token, 3);
    PEN(pen, "-8");
    pen_hex(pen, more >> 48, 3);
    PEN(pen, "-");
    pen_hex(pen, more, 12);
}

void
pen_address(struct pen *pen, uint32_t address)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        pen_plain(pen, address >> shift & 255);
        if (shift > 0)
            PEN(pen, ".");
    }
}

void
pen_device(struct pen *pen, const struct region_session *session)
{
    switch (session->software) {
    case SOFTWARE_STATION:
        PEN(pen, "poste-");
        pen_hex(pen, session->device >> 32, 8);
        break;
    case SOFTWARE_APP:
        PEN(pen, "app-tournee/");
        pen_plain(pen, session->version);
        PEN(pen, ".0 ");
        pen_hex(pen, session->device, 12);
        break;
    case SOFTWARE_BROWSER:
        PEN(pen, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:");
        pen_plain(pen, session->version);
        PEN(pen, ".0) Gecko/20100101 Firefox/");
        pen_plain(pen, session->version);
        PEN(pen, ".0");
        break;
    default:
        PEN(pen, "portail-regional");
        break;
    }
}

void
pen_person(struct pen *pen, const struct region *region, uint32_t person)
{
    pen_decimal(pen,
                chance_mix(region->options.seed ^ 0x706572736f6eu, person) %
                    UINT64_C(1000000000000),
                12);
}

void
region_professional_name(const struct region *region, uint32_t professional,
                         char ret_name[REGION_NAME_BYTES])
{
    struct pen pen = {ret_name};
    (void)region;
    pen_professional(&pen, professional);
    *pen.at = '\0';
}

void
region_person_name(const struct region *region, uint32_t person,
                   char ret_name[REGION_NAME_BYTES])
{
    struct pen pen = {ret_name};
    PEN(&pen, "Patient/");
    pen_person(&pen, region, person);
    *pen.at = '\0';
}

void
region_session_name(const struct region_session *session,
                    char ret_name[REGION_NAME_BYTES])
{
    struct pen pen = {ret_name};
    pen_token(&pen, session->token);
    *pen.at = '\0';
}

void
region_device_name(const struct region_session *session,
                   char ret_name[REGION_NAME_BYTES])
{
    struct pen pen = {ret_name};
    pen_device(&pen, session);
    *pen.at = '\0';
}

void
region_address_name(const struct region_session *session,
                    char ret_name[REGION_NAME_BYTES])
{
    struct pen pen = {ret_name};
    pen_address(&pen, session->address);
    *pen.at = '\0';
}
