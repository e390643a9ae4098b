/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Elements that the table cannot judge by their name alone: extensions by
 * their url, addresses that carry a NIR.
 */
#include "label/label_state.h"
#include "model/event.h"

/* Extensions whose values come from closed lists or are traits of identity
 * (HL7 R4, US Core, FR Core). Every other one is unknown. */
static const char *const traits[] = {
    "/patient-birthPlace",
    "/patient-birthTime",
    "/patient-mothersMaidenName",
    "/patient-nationality",
    "/patient-citizenship",
    "/patient-interpreterRequired",
    "/us-core-race",
    "/us-core-ethnicity",
    "/us-core-birthsex",
    "/us-core-sex",
    "/fr-core-identity-reliability",
    "/fr-core-patient-ident-reliability",
    "/fr-core-patient-birth-list-given-name",
    "/fr-core-patient-birthdate-update-indicator",
    "/fr-core-patient-birth-place",
};

uint16_t
label_extension_shows(struct text url)
{
    if (text_ends(url, "/data-absent-reason"))
        return 0;
    for (size_t i = 0; i < sizeof(traits) / sizeof(traits[0]); i++)
        if (text_ends(url, traits[i]))
            return CATEGORY_IDENTITY;
    return LABEL_UNKNOWN_ELEMENT;
}

#define MSSANTE "@patient.mssante.fr"

bool
label_telecom_is_nir(struct text address)
{
    if (text_starts(address, "mailto:"))
        address = text_after(address, sizeof("mailto:") - 1);
    return address.length == 15 + sizeof(MSSANTE) - 1 &&
           event_value_is_ins((struct text){address.bytes, 15}) &&
           text_is_nocase(text_after(address, 15), MSSANTE);
}
